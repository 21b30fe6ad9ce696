package route_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestRequest_AllowVersion1 asks, without lookup tables, for every pair whose
// best route takes two transactions of version 0. With version 1 the same or a
// better route takes one, which fits. Without it, and with one transaction, the
// route is refused.
func TestRequest_AllowVersion1(t *testing.T) {
	w := newStakeWorld(t)
	w.replaced[accounts.RouterLookupTableAddress] = nil
	m := w.market(t)
	two := 0
	for _, from := range m.Tokens() {
		for _, to := range m.Tokens() {
			if from.Mint == to.Mint {
				continue
			}

			r := route.Request{
				From:    from.Mint,
				To:      to.Mint,
				Amount:  20 * sol,
				Options: route.Options{MaxTransactions: 2},
			}
			apart, err := m.Quote(r)
			if err != nil || !apart.NeedsTwoTransactions {
				continue
			}

			two++
			r.MaxTransactions = 1
			alone, err := m.Quote(r)
			if err == nil {
				require.LessOrEqual(t, alone.NetOut, apart.NetOut)
			}

			r.AllowVersion1 = true
			q, err := m.Quote(r)
			require.NoError(t, err)
			require.False(t, q.NeedsTwoTransactions)
			require.GreaterOrEqual(t, q.NetOut, apart.NetOut)
			p := paramsWith(0)
			p.Payer = p.Owner
			steps, err := q.Steps(p)
			require.NoError(t, err)
			_, err = txn.Plan{
				Payer:    p.Payer,
				Steps:    steps,
				Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}},
				Versions: []txn.Version{txn.Version1},
				Budget:   txn.ComputeBudget{ComputeUnitLimit: 1, ComputeUnitPrice: 1},
			}.Compile()
			require.NoError(t, err, "%s to %s", from.Symbol, to.Symbol)
		}
	}

	require.NotZero(t, two)
}
