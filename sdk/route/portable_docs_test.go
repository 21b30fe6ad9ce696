package route_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// portableDocs is the documentation of the JSON.
const portableDocs = "../../docs/quotes.md"

// TestPortableQuote_Documented compares the example of the documentation with
// the quote that it shows, and its tables with the fields. Set the environment
// variable SANCTUM_QUOTES_RECORD to write the example.
func TestPortableQuote_Documented(t *testing.T) {
	page, err := os.ReadFile(portableDocs)
	require.NoError(t, err)
	text, err := json.Marshal(exampleQuote(exampleMarket("jitoSOL")))
	require.NoError(t, err)
	var pretty bytes.Buffer
	require.NoError(t, json.Indent(&pretty, text, "", "  "))
	block := regexp.MustCompile("(?s)```json\n.*?```")
	want := "```json\n" + pretty.String() + "\n```"
	if os.Getenv("SANCTUM_QUOTES_RECORD") != "" {
		page = block.ReplaceAllLiteral(page, []byte(want))
		require.NoError(t, os.WriteFile(portableDocs, page, 0o644))
	}

	require.Equal(t, want, string(block.Find(page)))

	var read route.PortableQuote
	require.NoError(t, json.Unmarshal(text, &read))
	for heading, of := range map[string]any{
		"The quote":     route.PortableQuote{},
		"request":       route.PortableRequest{},
		"integratorFee": route.IntegratorFee{},
		"legs":          route.PortableLeg{},
		"fees":          route.PortableFee{},
		"costs":         route.PortableCost{},
		"stakeAccounts": route.PortableStake{},
	} {
		requireDocumented(t, string(page), heading, reflect.TypeOf(of))
	}
}

// requireDocumented checks that the table below a heading has the fields of a
// type and no others, and which of them may be left out.
func requireDocumented(t *testing.T, page, heading string, of reflect.Type) {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n### "+heading+"\n")
	require.True(t, ok, heading)
	rest, _, _ = strings.Cut(rest, "\n#")
	documented := make(map[string]string)
	name := regexp.MustCompile("`([a-zA-Z0-9]+)`")
	for line := range strings.Lines(rest) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(cells[1], " `") {
			continue
		}

		for _, match := range name.FindAllStringSubmatch(cells[1], -1) {
			documented[match[1]] = strings.TrimSpace(cells[2])
		}
	}

	for i := range of.NumField() {
		tag := of.Field(i).Tag.Get("json")
		field, options, _ := strings.Cut(tag, ",")
		if tag == "-" {
			continue
		}

		always := "yes"
		if strings.Contains(options, "omit") {
			always = "no"
		}

		require.Equal(t, always, documented[field], "%s.%s", heading, field)
		delete(documented, field)
	}

	require.Empty(t, documented, heading)
}

// TestEvidence_Arithmetic computes the output of a quote from the accounts of
// its evidence with package quote alone, as the documentation shows.
func TestEvidence_Arithmetic(t *testing.T) {
	w, q, e, snapshot := evidence(t)
	require.NoError(t, e.Check(snapshot))
	named := accounts.NewSet(e.Slot)
	for _, a := range e.Accounts {
		account, err := snapshot.Accounts.Get(a.Address)
		require.NoError(t, err)
		named.Put(account)
	}

	token := w.token(t, "JitoSOL")
	state, err := accounts.Load(named, token.Pool, accounts.DecodeStakePool)
	require.NoError(t, err)
	clock, err := accounts.Load(named, accounts.ClockSysvar, accounts.DecodeClock)
	require.NoError(t, err)
	fees, err := named.Get(state.ManagerFeeAccount)
	require.NoError(t, err)
	build := ""
	for _, b := range e.Builds {
		if b.Program == token.Program {
			build = b.SHA256
		}
	}

	deposit, err := quote.StakePoolState{
		Address:            token.Pool,
		State:              *state,
		Clock:              *clock,
		FeeAccountMintable: quote.FeeAccountMintable(state, fees),
		Rounding:           quote.StakePoolFeeRounding(build),
	}.DepositSOL(q.In)
	require.NoError(t, err)
	require.Equal(t, q.Out, deposit.Tokens+deposit.ReferralFee)
}
