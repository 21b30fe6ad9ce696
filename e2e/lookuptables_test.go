package e2e

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// tableState is a state of the account at the address of a lookup table.
type tableState struct {
	name string
	// account is nil if the account does not exist.
	account tableMaker
	// failure is the error of the network for a transaction that uses all
	// addresses, or empty if it lands.
	failure string
	// refused makes the client ignore the table; partly makes it use only some
	// of the addresses.
	refused, partly bool
}

// tableMaker creates the account of a lookup table.
type tableMaker func(
	address solana.PublicKey, addresses []solana.PublicKey, slot uint64,
) *accounts.Account

func tableWith(change func(table *accounts.LookupTable, slot uint64)) tableMaker {
	return func(
		address solana.PublicKey, addresses []solana.PublicKey, slot uint64,
	) *accounts.Account {
		table := accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch,
			Addresses: slices.Clone(addresses)}
		change(&table, slot)
		a := lookupTableAccount(address, table)
		return &a
	}
}

func tableAccount(change func(a *accounts.Account)) tableMaker {
	return func(
		address solana.PublicKey, addresses []solana.PublicKey, slot uint64,
	) *accounts.Account {
		a := tableWith(func(*accounts.LookupTable, uint64) {})(address, addresses, slot)
		change(a)
		return a
	}
}

// Errors of the network, which checks tables before it runs anything.
const (
	tableNotFound = "loads an address table account that doesn't exist"
	tableOwner    = "loads an address table account with an invalid owner"
	tableData     = "loads an address table account with invalid data"
	tableIndex    = "address table lookup uses an invalid index"
)

// soon is later than any slot in which a case reads its table, so that the
// state does not change meanwhile.
const soon = 10_000

var tableStates = []tableState{
	{name: "in order", account: tableWith(func(*accounts.LookupTable, uint64) {})},
	{name: "extended a slot ago",
		account: tableWith(func(t *accounts.LookupTable, slot uint64) {
			t.LastExtendedSlot = slot - 1
		})},
	{
		name:    "missing",
		failure: tableNotFound,
		refused: true,
		account: func(solana.PublicKey, []solana.PublicKey, uint64) *accounts.Account {
			return nil
		},
	},
	{
		name:    "deactivated",
		failure: tableNotFound,
		refused: true,
		account: tableWith(func(t *accounts.LookupTable, slot uint64) {
			t.DeactivationSlot = slot - 100_000
		}),
	},
	// The network accepts the table for about 512 more slots. How many are left
	// when a transaction lands is unknown.
	{
		name:    "deactivating",
		refused: true,
		account: tableWith(func(t *accounts.LookupTable, slot uint64) {
			t.DeactivationSlot = slot
		}),
	},
	{
		name:    "too young",
		failure: tableIndex,
		refused: true,
		account: tableWith(func(t *accounts.LookupTable, slot uint64) {
			t.LastExtendedSlot = slot + soon
		}),
	},
	{
		name:    "too young except three addresses",
		failure: tableIndex,
		partly:  true,
		account: tableWith(func(t *accounts.LookupTable, slot uint64) {
			t.LastExtendedSlot, t.LastExtendedStart = slot+soon, 3
		}),
	},
	{
		name:    "an index out of range",
		failure: tableIndex,
		partly:  true,
		account: tableWith(func(t *accounts.LookupTable, _ uint64) {
			t.Addresses = t.Addresses[:len(t.Addresses)-1]
		}),
	},
	{
		name: "without addresses", failure: tableIndex, refused: true,
		account: tableWith(func(t *accounts.LookupTable, _ uint64) { t.Addresses = nil }),
	},
	{
		name: "of another program", failure: tableOwner, refused: true,
		account: tableAccount(func(a *accounts.Account) { a.Owner = accounts.SystemProgram }),
	},
	{
		name: "cut short", failure: tableData, refused: true,
		account: tableAccount(func(a *accounts.Account) { a.Data = a.Data[:40] }),
	},
	{
		name: "uninitialized", failure: tableData, refused: true,
		account: tableAccount(func(a *accounts.Account) { clear(a.Data[:4]) }),
	},
}

// TestClient_LookupTables puts tables in various states on chain. A transaction
// made without the client shows how the network treats them. Loading a market
// that must use an unusable table fails, and a trade that needs it as the
// Router's table is refused for its size. If the client uses a table, its
// transaction lands.
func TestClient_LookupTables(t *testing.T) {
	l := connect(t)
	program := accounts.SanctumStakePoolProgram
	r := newStakePoolRun(l, l.chain(), program, l.programHash(program), golden.DepositSOL)
	pool, token := clientPool(t, r, rand.New(rand.NewPCG(20261121, 1)), lst.KindSanctumSPL)
	r.publish(pool)
	registry, err := lst.Default().With(token)
	require.NoError(t, err)
	client, err := sdk.New(l.endpoint, sdk.WithClock(hurried{}), sdk.WithRegistry(registry))
	require.NoError(t, err)
	for _, state := range tableStates {
		t.Run(state.name, func(t *testing.T) {
			l.t, r.t = t, t
			r.transferWithTable(client, state)
			r.loadTable(client, token, state)
			r.stakeWithTable(client, token, state)
		})
	}
}

// putTable puts a table in a state on chain, in the current slot.
func (r *stakePoolRun) putTable(
	state tableState,
	address solana.PublicKey,
	addresses []solana.PublicKey,
) {
	c := dropAccount(address)
	if a := state.account(address, addresses, r.localnet.chain().Clock.Slot); a != nil {
		c = setAccount(*a)
	}
	require.Nil(r.t, r.batch(c)[0].Error)
}

// transferWithTable pays so that the transaction needs the table. The client
// does not resend a transaction that the network refuses as malformed.
func (r *stakePoolRun) transferWithTable(client *sdk.Client, state tableState) {
	t := r.t
	table := txn.LookupTable{Address: solana.NewWallet().PublicKey()}
	plan := txn.Plan{Payer: r.payer.PublicKey(), Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Tables: []txn.LookupTable{table}}
	for range 30 {
		to := solana.NewWallet().PublicKey()
		table.Addresses = append(table.Addresses, to)
		step, err := txn.TransferSOL(plan.Payer, to, sol)
		require.NoError(t, err)
		plan.Steps = append(plan.Steps, step)
	}

	_, err := plan.Compile()
	require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
	plan.Tables[0] = table
	unsigned, err := plan.Compile()
	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{table.Address}, unsigned.LookupTables())
	signed, err := unsigned.Sign(t.Context(), r.payer)
	require.NoError(t, err)
	r.putTable(state, table.Address, table.Addresses)
	reply := r.batch(call{Method: "sendTransaction",
		Params: []any{signed.Base64(), map[string]string{"encoding": "base64"}}})[0]
	if state.failure == "" {
		require.Nil(t, reply.Error)
		for _, to := range table.Addresses {
			require.EqualValues(t, sol, lamportsIn(r.get(to), to))
		}

		return
	}

	require.NotNil(t, reply.Error)
	require.Contains(t, reply.Error.Message, state.failure)
	// The server has just refused it.
	receipt, err := client.Send(t.Context(), signed, sdk.WithNeverSent())
	require.ErrorIs(t, err, sdk.ErrNotSent)
	require.ErrorIs(t, err, sdk.ErrTransactionRejected)
	require.ErrorContains(t, err, state.failure)
	require.Equal(t, 1, receipt.Sends)
}

// loadTable loads a market with the table.
func (r *stakePoolRun) loadTable(client *sdk.Client, token lst.LST, state tableState) {
	t := r.t
	address := solana.NewWallet().PublicKey()
	r.putTable(state, address, []solana.PublicKey{{1}, {2}, {3}, {4}, {5}})
	market, err := client.LoadMarketWith(t.Context(),
		route.NewLoader(token).WithoutStake().WithLookupTables(address))
	if state.refused {
		require.ErrorIs(t, err, txn.ErrLookupTable)
		return
	}

	require.NoError(t, err)
	q, err := market.Quote(route.Request{From: accounts.NativeMint, To: token.Mint, Amount: sol})
	require.NoError(t, err)
	at := slices.IndexFunc(q.Tables,
		func(table txn.LookupTable) bool { return table.Address == address })
	require.GreaterOrEqual(t, at, 0)
	require.Equal(t, state.partly, len(q.Tables[at].Addresses) < 5)
}

// stakeWithTable stakes with a memo so long that the transaction needs the
// table.
func (r *stakePoolRun) stakeWithTable(client *sdk.Client, token lst.LST, state tableState) {
	t := r.t
	owner := r.user.PublicKey()
	require.Nil(t,
		r.batch(setAccount(accounts.Account{Address: owner, Owner: accounts.SystemProgram,
			Lamports: 1_000 * sol}))[0].Error)
	market, err := client.LoadMarket(t.Context(), token.Mint)
	require.NoError(t, err)
	q, found := venueQuote(market,
		route.Request{From: accounts.NativeMint, To: token.Mint, Amount: sol}, "stake pool deposit")
	require.True(t, found)
	held := uint64(0)
	steps, err := q.Steps(route.BuildParams{
		Owner:      owner,
		Payer:      owner,
		Seed:       "seed",
		PreBalance: &held,
	})

	require.NoError(t, err)
	addresses := tableOf(steps).Addresses
	// The accounts of the deposit come first, so that three of them suffice.
	slices.Reverse(addresses)
	r.putTable(state, accounts.RouterLookupTableAddress, addresses)
	o := sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner,
		Memo: strings.Repeat("x", 700)}}
	destination, err := accounts.AssociatedTokenAddress(owner, token.TokenProgram, token.Mint)
	require.NoError(t, err)
	unsigned, q, err := client.Stake(t.Context(), token.Mint, sol, o)
	if state.refused {
		var over *txn.SizeError
		require.ErrorAs(t, err, &over)
		require.Positive(t, over.Over())
		o.Memo = ""
		unsigned, _, err = client.Stake(t.Context(), token.Mint, sol, o)
		require.NoError(t, err, "a transaction that fits needs no table")
		require.Empty(t, unsigned.LookupTables())

		return
	}

	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{accounts.RouterLookupTableAddress}, unsigned.LookupTables())
	signed, err := unsigned.Sign(t.Context(), r.user)
	require.NoError(t, err)
	b := balances{t: t, before: r.get(owner, destination)}
	receipt, err := client.Send(t.Context(), signed)
	require.NoError(t, err)
	b.after = r.get(owner, destination)
	require.Equal(t, q.Out, b.tokensGained(destination))
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	if exists(b.before, destination) {
		rent = 0
	}

	require.Equal(t, -(q.In + receipt.Fee + rent), b.gained(owner))
}
