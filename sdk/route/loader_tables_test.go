package route_test

import (
	"errors"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ownTable is a lookup table of the user.
var ownTable = solana.PublicKey{88}

func (w *stakeWorld) putTable(address solana.PublicKey, table accounts.LookupTable) {
	w.replaced[address] = &accounts.Account{
		Address:  address,
		Owner:    accounts.LookupTableProgram,
		Lamports: 1,
		Data:     table.Encode(),
	}
}

func withOwnTable(l *route.Loader) *route.Loader { return l.WithLookupTables(ownTable) }

// The Router's table is optional. A table that the user names must be usable.
func TestLoader_LookupTables(t *testing.T) {
	good := accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch, LastExtendedSlot: 5,
		Addresses: []solana.PublicKey{{1}, {2}, {3}}}
	for _, c := range []struct {
		name   string
		change func(w *stakeWorld, at solana.PublicKey)
		want   error
		usable int
	}{
		{"good", func(w *stakeWorld, at solana.PublicKey) { w.putTable(at, good) }, nil, 3},
		{"missing", func(w *stakeWorld, at solana.PublicKey) { w.replaced[at] = nil },
			accounts.ErrNotFound, 0},
		{"of another program", func(w *stakeWorld, at solana.PublicKey) {
			w.putTable(at, good)
			w.replaced[at].Owner = accounts.SystemProgram
		}, accounts.ErrWrongOwner, 0},
		{"cut short", func(w *stakeWorld, at solana.PublicKey) {
			w.putTable(at, good)
			w.replaced[at].Data = w.replaced[at].Data[:60]
		}, accounts.ErrWrongLength, 0},
		{"uninitialized", func(w *stakeWorld, at solana.PublicKey) {
			w.putTable(at, good)
			w.replaced[at].Data = make([]byte, 56)
		}, accounts.ErrUninitialized, 0},
		{"deactivated", func(w *stakeWorld, at solana.PublicKey) {
			old := good
			old.DeactivationSlot = w.Chain.Clock.Slot - 1_000
			w.putTable(at, old)
		}, txn.ErrLookupTable, 0},
		{"empty", func(w *stakeWorld, at solana.PublicKey) {
			w.putTable(at, accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch})
		}, txn.ErrLookupTable, 0},
		{"too young", func(w *stakeWorld, at solana.PublicKey) {
			young := good
			young.LastExtendedSlot = w.Chain.Clock.Slot
			w.putTable(at, young)
		}, txn.ErrLookupTable, 0},
		{"partly too young", func(w *stakeWorld, at solana.PublicKey) {
			young := good
			young.LastExtendedSlot, young.LastExtendedStart = w.Chain.Clock.Slot, 2
			w.putTable(at, young)
		}, nil, 2},
		{"a slot old", func(w *stakeWorld, at solana.PublicKey) {
			old := good
			old.LastExtendedSlot, old.LastExtendedStart = w.Chain.Clock.Slot-1, 2
			w.putTable(at, old)
		}, nil, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := venueTrade{reserveVenue, "own", "SOL"}
			w := newStakeWorld(t)
			c.change(w, ownTable)
			m, err := w.tryMarket(t, withOwnTable)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
				require.ErrorIs(t, err, txn.ErrLookupTable)
				require.NotContains(t, err.Error(), "\n")
				require.Nil(t, m)
			} else {
				require.NoError(t, err)
				q, err := of(t, m, v.venue, v.request(t, w, 20*sol, route.ExactIn))
				require.NoError(t, err)
				require.Len(t, q.Tables, 2)
				require.Equal(t,
					txn.LookupTable{Address: ownTable, Addresses: good.Addresses[:c.usable]},
					q.Tables[1])
			}

			// The user did not name the Router's table.
			w = newStakeWorld(t)
			c.change(w, accounts.RouterLookupTableAddress)
			q, err := of(t, w.market(t), v.venue, v.request(t, w, 20*sol, route.ExactIn))
			require.NoError(t, err)
			require.Len(t, q.Tables, min(c.usable, 1))
		})
	}
}

// Each derived loader keeps the tables, and the loader it is derived from does
// not change.
func TestLoader_KeepsLookupTables(t *testing.T) {
	w := newStakeWorld(t)
	w.putTable(ownTable,
		accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch,
			Addresses: []solana.PublicKey{{1}}})
	plain := route.NewLoader(w.token(t, source))
	with := plain.WithLookupTables(ownTable)
	for _, l := range []*route.Loader{with, with.WithoutStake(), with.WithStakeAccounts(ownStake),
		plain.WithStakeAccounts(ownStake).WithLookupTables(ownTable)} {
		require.Subset(t, addresses(l.AccountsToLoad().Accounts),
			[]solana.PublicKey{ownTable, accounts.RouterLookupTableAddress})
	}

	require.NotContains(t, addresses(plain.AccountsToLoad().Accounts), ownTable)
	require.NotContains(t, addresses(plain.WithoutStake().AccountsToLoad().Accounts), ownStake)
	require.NotContains(t, addresses(with.AccountsToLoad().Accounts), ownStake)
}

// All trades fit into a transaction. Those that do not fit without a table use
// the Router's.
func TestQuote_LookupTablesMakeItFit(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	needy := 0
	for _, v := range venueTrades {
		q, err := of(t, m, v.venue, v.request(t, w, 20*sol, route.ExactIn))
		require.NoError(t, err)
		p := paramsWith(0)
		p.Payer = p.Owner
		steps, err := q.Steps(p)
		require.NoError(t, err)
		plan := txn.Plan{
			Payer:    p.Payer,
			Steps:    steps,
			Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}},
			Tables:   q.Tables,
			Budget:   txn.ComputeBudget{ComputeUnitLimit: 1, ComputeUnitPrice: 1},
		}

		u, err := plan.Compile()
		require.NoError(t, err, v)
		require.LessOrEqual(t, u.Size(), txn.MaxSize)
		without := plan
		without.Tables = nil
		_, err = without.Compile()
		needs := errors.Is(err, txn.ErrTransactionTooLarge)
		require.Equal(t, needs, len(u.LookupTables()) == 1, "%s: %d bytes", v, u.Size())
		plan.Versions = []txn.Version{txn.VersionLegacy}
		_, err = plan.Compile()
		if needs {
			require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
			needy++
			continue
		}

		require.NoError(t, err)
	}

	require.NotZero(t, needy)
	require.Less(t, needy, len(venueTrades))
}
