package golden_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// minimumMarinade is how many executed cases the recording of Marinade must hold, so that none gets lost unnoticed.
const minimumMarinade = 80

// marinades loads the recorded executions of Marinade.
func marinades(t *testing.T) *golden.Marinades {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "marinade.json"))
	require.NoError(t, err)
	f := new(golden.Marinades)
	require.NoError(t, json.Unmarshal(text, f))
	return f
}

// decodedMarinade is Marinade as the decoders read it from the accounts that the figures make, so that a replay covers both. Which build
// executes, no account of these tells.
func decodedMarinade(t *testing.T, f *figures.Marinade, rent accounts.Rent) *figures.Marinade {
	t.Helper()
	all, err := f.Accounts(rent)
	require.NoError(t, err)
	set := accounts.NewSet(0)
	for _, a := range all {
		set.Put(a)
	}
	d := &figures.Marinade{Program: f.Program, Address: f.Address, Build: f.Build}
	d.State = *load(t, set, f.Address, accounts.DecodeMarinadeState)
	s := &d.State
	d.Mint = *load(t, set, s.MSOLMint, accounts.DecodeMint)
	d.MSOLLeg = load(t, set, s.LiqPool.MSOLLeg, accounts.DecodeTokenAccount).Amount
	if set.Has(s.TreasuryMSOLAccount) {
		d.Treasury = load(t, set, s.TreasuryMSOLAccount, accounts.DecodeTokenAccount)
	}
	leg, err := accounts.MarinadeSOLLeg(f.Program, f.Address)
	require.NoError(t, err)
	reserve, err := accounts.MarinadeReserve(f.Program, f.Address)
	require.NoError(t, err)
	legAccount, err := set.Get(leg)
	require.NoError(t, err)
	reserveAccount, err := set.Get(reserve)
	require.NoError(t, err)
	d.SOLLeg, d.Reserve = legAccount.Lamports, reserveAccount.Lamports
	list, err := set.Get(s.ValidatorSystem.ValidatorList.Account)
	require.NoError(t, err)
	validators, err := accounts.DecodeMarinadeValidatorList(list, s)
	require.NoError(t, err)
	d.Validators, d.ValidatorListSpace = validators.Validators, len(list.Data)
	list, err = set.Get(s.StakeSystem.StakeList.Account)
	require.NoError(t, err)
	stakes, err := accounts.DecodeMarinadeStakeList(list, s)
	require.NoError(t, err)
	d.StakeListSpace = len(list.Data)
	for _, r := range stakes.Stakes {
		d.Stakes = append(d.Stakes, figures.MarinadeStake{Record: r, Stake: live(t, set, r.StakeAccount)})
	}
	require.Equal(t, f, d)
	return d
}

// TestReplayMarinade quotes and builds what the real program executed, from account bytes, and expects what it did.
func TestReplayMarinade(t *testing.T) {
	f := marinades(t)
	chain := throughBytes(t, f.Chain)
	total := 0
	executed, refused := map[string]int{}, map[string]int{}
	for i := range f.Cases {
		c := &f.Cases[i]
		m := decodedMarinade(t, &f.Marinades[c.Marinade], chain.Rent)
		require.NotEqual(t, quote.MarinadeVersionUnknown, quote.MarinadeVersionOf(m.Build))
		ix, err := c.BuildInstruction(m)
		require.NoError(t, err, "case %d", i)
		built, err := golden.NewInstruction(ix)
		require.NoError(t, err, "case %d", i)
		require.Equal(t, c.Instruction, built, "case %d", i)

		got, err := throughMarinadeBytes(t, *c).Quote(m, chain)
		if c.Outcome == nil {
			require.Error(t, err, "case %d: quoted %+v, refused: %s", i, got, c.Refusal)
			require.NotEmpty(t, c.Refusal, "case %d has no result", i)
			refused[c.Op]++
			continue
		}
		require.NoError(t, err, "case %d: executed %+v", i, *c.Outcome)
		require.Equal(t, *c.Outcome, got, "case %d", i)
		executed[c.Op]++
		total++
	}
	require.GreaterOrEqual(t, total, minimumMarinade)
	for _, op := range golden.MarinadeOperations() {
		require.Positive(t, executed[op], "executed %s", op)
		require.Positive(t, refused[op], "refused %s", op)
	}
}

// throughMarinadeBytes is the case with its accounts as the decoders read them.
func throughMarinadeBytes(t *testing.T, c golden.MarinadeCase) *golden.MarinadeCase {
	t.Helper()
	if c.Stake != nil {
		staked := *c.Stake
		staked.Account = *stakeThroughBytes(t, staked.Account)
		c.Stake = &staked
	}
	if c.Ticket != nil {
		ticket, err := accounts.DecodeMarinadeTicket(accounts.Account{Owner: accounts.MarinadeProgram, Data: c.Ticket.Encode()})
		require.NoError(t, err)
		c.Ticket = ticket
	}
	return &c
}

func TestMarinadesText(t *testing.T) {
	f := marinades(t)
	text, err := f.MarshalText()
	require.NoError(t, err)
	var again golden.Marinades
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, f, &again)
	same, err := again.MarshalText()
	require.NoError(t, err)
	require.True(t, bytes.Equal(text, same))
}

// TestUnknownMarinadeOperation: a recording of another format is refused rather than skipped.
func TestUnknownMarinadeOperation(t *testing.T) {
	f := marinades(t)
	c := golden.MarinadeCase{Op: "AddLiquidity"}
	_, err := c.Quote(&f.Marinades[0], f.Chain)
	require.ErrorContains(t, err, `"AddLiquidity"`)
	_, err = c.BuildInstruction(&f.Marinades[0])
	require.ErrorContains(t, err, `"AddLiquidity"`)
}
