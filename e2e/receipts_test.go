package e2e

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/dump"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestReserve_UnstakeReceipts sells 10 picoSOL through the Reserve in the state
// of the public dumps, on its three routes. With a minimum delegation of 1 SOL,
// the prefunded route must cost nearly 1 SOL, as the Router's specification
// states.
func TestReserve_UnstakeReceipts(t *testing.T) {
	l := connect(t)
	dir, ok := dump.Fixtures()
	if !ok || l.programHash(accounts.RouterProgram) == "" {
		t.Skipf("no account dumps (set %s), or no Router on this server", dump.FixturesVariable)
	}

	chain := l.chain()
	if chain.MinimumDelegation != sol {
		t.Skip("the minimum delegation is not 1 SOL on this server")
	}

	d := loadRouterDumps(t, l, filepath.Join(dir, "router"))
	token, err := lst.Default().ByMint(d.pico.Mint)
	require.NoError(t, err)
	received := make(map[string]uint64)
	for _, c := range []receiptCase{
		{"stake withdrawal and Reserve", true}, {"stake withdrawal and Reserve", false},
		{"Router", true}, {"Router", false}, {"Router, prefunded", true},
	} {
		received[c.venue] = d.unstakeReceipt(t, c, token)
	}

	// The figures of the specification at 6960 lamports per byte. At other
	// rents, the results for the same stake.
	held, err := chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)
	want := map[string]uint64{
		"stake withdrawal and Reserve": d.sold(tenPico+held) - held,
		"Router":                       d.sold(tenPico+held) - held,
		"Router, prefunded":            d.prefunded(tenPico),
	}
	if chain.Rent == accounts.NewRent(measuredRent) {
		want = map[string]uint64{
			"stake withdrawal and Reserve": 11_833_861_936, "Router": 11_833_861_936,
			"Router, prefunded": 10_837_157_540,
		}
	}

	require.Equal(t, want, received)
}

// receiptCase is a route of an unstake, with or without lookup tables.
type receiptCase struct {
	venue  string
	tables bool
}

// unstakeReceipt sells 10 tokens by a route and returns the received lamports.
func (d *routerDumps) unstakeReceipt(t *testing.T, c receiptCase, token lst.LST) uint64 {
	t.Helper()
	const amount = 10 * sol
	l, chain := d.localnet, d.chain
	user, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	owner := user.PublicKey()
	rent, err := chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	source, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, token.Mint)
	require.NoError(t, err)
	calls := []call{
		setAccount(figures.TokenAccount(source, token.Mint, owner, amount, rent)),
		setAccount(accounts.Account{Address: owner, Owner: accounts.SystemProgram,
			Lamports: sol}),
	}

	for _, a := range d.all {
		calls = append(calls, setAccount(a))
	}

	for _, reply := range l.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	ctx := t.Context()
	client, err := sdk.New(l.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketTokens(ctx, token)
	require.NoError(t, err)
	quotes, rejected := market.Quotes(route.Request{
		From:    token.Mint,
		To:      accounts.NativeMint,
		Amount:  amount,
		Options: route.Options{MaxPrefund: sol},
	})

	at := -1
	for i, q := range quotes {
		if string(q.Venue) == c.venue {
			at = i
		}
	}

	require.GreaterOrEqual(t, at, 0, "%s: %v", c.venue, rejected)
	q := quotes[at]
	if !c.tables {
		q.Tables = nil
	}

	unsigned, err := client.Build(ctx, q, sdk.BuildOptions{Owner: owner})
	require.NoError(t, err, c.venue)
	require.LessOrEqual(t, unsigned.Size(), txn.MaxSize)
	signed, err := unsigned.Sign(ctx, user)
	require.NoError(t, err)
	receipt, err := client.Send(ctx, signed)
	require.NoError(t, err, c.venue)
	wallet, err := l.get(owner).Get(owner)
	require.NoError(t, err)
	got := wallet.Lamports + receipt.Fee - sol
	require.Equal(t, q.Out, got, c.venue)
	t.Logf("%-28s tables offered %-5v used %d: %d lamports, %d bytes, %d units, fee %d",
		c.venue, c.tables, len(unsigned.LookupTables()), got, unsigned.Size(),
		receipt.UnitsConsumed, receipt.Fee)

	return got
}
