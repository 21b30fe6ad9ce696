package sanctum_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const (
	// routesFile has the table of routes between its two marks.
	routesFile  = "README.md"
	routesBegin = "<!-- routes: written by make record -->\n"
	routesEnd   = "<!-- end of routes -->"
	// routesSOL is a lamport amount of one SOL.
	routesSOL = 1_000_000_000
)

// The classes of what a wallet pays and receives.
const (
	classSOL   = "SOL"
	classLST   = "LST"
	classINF   = "INF"
	classStake = "stake account"
)

// routesOfClass has the venues that serve a class of pairs.
type routesOfClass struct {
	// venues are the venues with one leg that answer, and hubs what the routes
	// of two legs go through.
	venues, hubs map[route.Venue]bool
	// splits reports whether an amount is split over two venues, and two
	// whether a route needs two transactions.
	splits, two bool
}

// TestDocs_RoutesAreListed compares the table of routes in the README with the
// routes of the embedded market. With -update it writes the table anew.
func TestDocs_RoutesAreListed(t *testing.T) {
	m := newRoutesMarket(t)
	var table strings.Builder
	table.WriteString("\n| from | to | venues | two legs | transactions |\n|---|---|---|---|---|\n")
	classes := []string{classSOL, classLST, "mSOL", "stSOL", classINF, classStake}
	rows := 0
	for _, from := range classes {
		for _, to := range classes {
			found := m.routes(t, from, to)
			if len(found.venues)+len(found.hubs) == 0 {
				continue
			}

			rows++
			fmt.Fprintf(&table, "| %s | %s | %s |\n", from, to, found)
		}
	}

	table.WriteString("\n")
	require.Greater(t, rows, 20)
	page, err := os.ReadFile(routesFile)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(strings.ReplaceAll(string(page), "\r\n", "\n"), routesBegin)
	require.True(t, ok, "%s lost its table of routes", routesFile)
	recorded, after, ok := strings.Cut(rest, routesEnd)
	require.True(t, ok, "%s lost the end of its table of routes", routesFile)
	if *updateSurface {
		text := before + routesBegin + table.String() + routesEnd + after
		require.NoError(t, os.WriteFile(routesFile, []byte(text), 0o600))
		return
	}

	require.Equal(t, table.String(), recorded, "write it anew: make record")
}

// String returns the columns of a row.
func (r routesOfClass) String() string {
	list := func(names map[route.Venue]bool, quote string) string {
		var all []string
		for _, name := range slices.Sorted(maps.Keys(names)) {
			all = append(all, quote+string(name)+quote)
		}

		return strings.Join(all, ", ")
	}

	var legs []string
	if len(r.hubs) > 0 {
		legs = append(legs, "through "+list(r.hubs, ""))
	}

	if r.splits {
		legs = append(legs, "split")
	}

	transactions := "1"
	if r.two {
		transactions = "1 or 2"
	}

	venues := list(r.venues, "`")
	if venues == "" {
		venues = "–"
	}

	joined := strings.Join(legs, "; ")
	if joined == "" {
		joined = "–"
	}

	return venues + " | " + joined + " | " + transactions
}

// routesMarket is the embedded market with stake accounts of a wallet.
type routesMarket struct {
	*route.Market
	// of has the tokens or stake accounts of each class.
	of map[string][]solana.PublicKey
}

// newRoutesMarket loads a market in which a validator is in all pools, and
// Infinity accepts and holds all tokens.
func newRoutesMarket(t *testing.T) *routesMarket {
	t.Helper()
	m, err := demo.Load()
	require.NoError(t, err)
	m.Infinity.V2 = nil
	vote := m.StakePools[0].Validators[0].Entry.VoteAccount
	of := map[string][]solana.PublicKey{
		classSOL:   {accounts.NativeMint},
		"mSOL":     {accounts.MSOLMint},
		"stSOL":    {accounts.StSOLMint},
		classINF:   {accounts.INFMint},
		classStake: {{0xac, 1}, {0xac, 2}},
	}

	for i := range m.StakePools {
		v := &m.StakePools[i].Validators[0]
		v.Entry.VoteAccount, v.Active.Account.Delegation.Voter = vote, vote
		of[classLST] = append(of[classLST], m.StakePools[i].State.PoolMint)
	}

	lido := &m.Lido.Validators[0]
	lido.Entry.VoteAccount, lido.Stake.Account.Delegation.Voter = vote, vote
	m.Marinade.Validators[0].VoteAccount = vote
	for i := range m.Infinity.V1.Holdings {
		h := &m.Infinity.V1.Holdings[i]
		h.Entry.IsInputDisabled = false
		h.Reserves += 10_000 * routesSOL
	}

	all, err := m.Accounts()
	require.NoError(t, err)
	for i, address := range of[classStake] {
		stake := figures.Delegated(solana.PublicKey{1}, figures.StoredRent, vote, 100*routesSOL,
			m.Chain.Clock.Epoch-3)
		if i > 0 {
			stake.Delegation.DeactivationEpoch = m.Chain.Clock.Epoch - 1
		}

		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, stake.Encode())
		all = append(all, accounts.Account{
			Address:  address,
			Owner:    accounts.StakeProgram,
			Lamports: 100*routesSOL + figures.StoredRent,
			Data:     data,
		})
	}

	return &routesMarket{Market: loadRoutes(t, m, all, of), of: of}
}

// loadRoutes loads the market of all tokens and stake accounts.
func loadRoutes(
	t *testing.T, m *demo.Market, all []accounts.Account, of map[string][]solana.PublicKey,
) *route.Market {
	t.Helper()
	known := make(map[solana.PublicKey]accounts.Account)
	for _, a := range all {
		known[a.Address] = a
	}

	var tokens []lst.LST
	for _, class := range []string{classLST, "mSOL", "stSOL", classINF} {
		for _, mint := range of[class] {
			token, err := lst.Default().ByMint(mint)
			require.NoError(t, err)
			tokens = append(tokens, token)
		}
	}

	loader := route.NewLoader(tokens...).WithStakeAccounts(of[classStake]...)
	s := &route.AccountSnapshot{
		Accounts:          accounts.NewSet(m.Chain.Clock.Slot),
		MinimumDelegation: m.Chain.MinimumDelegation,
		Builds:            demo.Builds(),
	}

	fetch := func(needs []route.AccountRequest) {
		for _, n := range needs {
			a, ok := known[n.Address]
			if !ok {
				s.Accounts.PutMissing(n.Address)
				continue
			}

			if n.Length > 0 {
				a.Data = a.Data[:min(n.Length, len(a.Data))]
			}

			s.Accounts.Put(a)
		}
	}

	fetch(loader.AccountsToLoad().Accounts)
	second, err := loader.AccountsToLoadNext(s)
	require.NoError(t, err)
	fetch(second.Accounts)
	market, err := loader.Build(s)
	require.NoError(t, err)

	return market
}

// routes returns what serves the pairs of two classes. A venue that refuses an
// amount serves the pair as well.
func (m *routesMarket) routes(t *testing.T, from, to string) routesOfClass {
	t.Helper()
	r := routesOfClass{venues: make(map[route.Venue]bool), hubs: make(map[route.Venue]bool)}
	targets := m.of[to]
	if to == classStake {
		targets = []solana.PublicKey{route.NativeStake}
	}

	for _, a := range m.of[from] {
		for _, b := range targets {
			if a == b || from == classStake && to == classStake {
				continue
			}

			for _, amount := range []uint64{2 * routesSOL, 100*routesSOL + figures.StoredRent,
				20_000 * routesSOL} {
				m.add(&r, route.Request{From: a, To: b, Amount: amount, Options: route.Options{
					AllowPoolUpdate: true,
					MaxPrefund:      2 * routesSOL,
					MaxTransactions: 2,
				}})
			}
		}
	}

	return r
}

// add adds the answers to a request.
func (m *routesMarket) add(r *routesOfClass, request route.Request) {
	quotes, rejected := m.Quotes(request)
	for _, q := range quotes {
		r.two = r.two || q.NeedsTwoTransactions
		switch {
		case len(q.Legs) == 0:
			r.venues[q.Venue] = true
		case q.Legs[0].Request.To == request.To:
			r.splits = true
		default:
			r.hubs[m.classOf(q.Legs[0].Request.To)] = true
		}
	}

	for _, no := range rejected {
		if name := string(no.Venue); !strings.Contains(name, ", then ") &&
			!strings.Contains(strings.TrimPrefix(name, "stake withdrawal and "), " and ") {
			r.venues[no.Venue] = true
		}
	}
}

// classOf returns the class of the token between two legs.
func (m *routesMarket) classOf(key solana.PublicKey) route.Venue {
	for class, keys := range m.of {
		if slices.Contains(keys, key) {
			return route.Venue(class)
		}
	}
	return classStake
}
