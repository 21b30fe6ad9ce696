package route_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// sale returns the quote or the refusal of the token's own pool for a sale for
// SOL.
func sale(t *testing.T, m *route.Market, r route.Request) (route.Quote, error) {
	t.Helper()
	const venue = "stake pool withdrawal"
	quotes, rejected := m.Quotes(r)
	for _, q := range quotes {
		if q.Venue == venue {
			return q, nil
		}
	}

	for _, no := range rejected {
		if no.Venue == venue {
			return route.Quote{}, no.Err
		}
	}

	require.FailNow(t, "the pool was not asked", "%v", rejected)

	return route.Quote{}, nil
}

// Sales to all pools match package quote applied to the test data, and the
// instruction has the amounts of the quote.
func TestQuote_StakePoolWithdrawalMatchesPackageQuote(t *testing.T) {
	w := newWorld(t)
	const seed = 1793
	rng := rand.New(rand.NewPCG(seed, seed))
	loader, s := w.state(t, w.tokens(t)...)
	m, err := loader.Build(s)
	require.NoError(t, err)
	answered := 0
	for i := range w.StakePools {
		pool := &w.StakePools[i]
		if pool.State.LastUpdateEpoch != w.Chain.Clock.Epoch {
			continue
		}

		reference := w.reference(t, pool.Symbol)
		for _, amount := range []uint64{2, 1_000, sol, 1 + rng.Uint64N(1_000*sol),
			10_000_000 * sol} {
			for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
				r := route.Request{
					From:   pool.State.PoolMint,
					To:     accounts.NativeMint,
					Amount: amount,
					Options: route.Options{SwapMode: mode, SlippageBps: 100,
						OnlyDirectRoutes: true},
				}

				got, err := sale(t, m, r)
				want, wantErr := reference.WithdrawSOL(amount)
				if mode == route.ExactOut {
					want, wantErr = reference.WithdrawSOLExactOut(amount)
				}

				require.Equal(t, wantErr == nil, err == nil, "%s %d: %v, %v", pool.Symbol, amount,
					err, wantErr)
				if err != nil {
					continue
				}

				answered++
				require.Equal(t, []uint64{want.Tokens, want.Tokens, want.Lamports},
					[]uint64{got.In, got.MaxIn, got.Out})
				require.True(t, got.Exact)
				require.LessOrEqual(t, got.MinOut, got.Out)
				if mode == route.ExactOut {
					require.Equal(t, amount, got.MinOut)
				}

				require.Equal(t, want.ManagerFee > 0, len(got.Fees) == 1)

				steps, err := got.Steps(params)
				require.NoError(t, err)
				require.Len(t, steps, 1)
				ix := steps[0].Instruction
				data, err := ix.Data()
				require.NoError(t, err)
				require.Equal(t, byte(26), data[0], "WithdrawSolWithSlippage")
				require.Equal(t, got.In, binary.LittleEndian.Uint64(data[1:]))
				require.Equal(t, got.MinOut, binary.LittleEndian.Uint64(data[9:]))
				source, err := accounts.AssociatedTokenAddress(params.Owner,
					pool.State.TokenProgram, pool.State.PoolMint)
				require.NoError(t, err)
				metas := ix.Accounts()
				require.Equal(t, []solana.PublicKey{params.Owner, source},
					[]solana.PublicKey{metas[2].PublicKey, metas[3].PublicKey})
				require.True(t, metas[2].IsSigner)
				require.Equal(t, params.Owner, metas[5].PublicKey,
					"the owner receives the lamports")
			}
		}
	}

	require.Greater(t, answered, 40)
}

// A stale pool is refused, or updated first.
func TestQuote_StakePoolWithdrawalOfStalePool(t *testing.T) {
	w := newWorld(t)
	w.pool(t, "phaseSOL").State.SOLWithdrawAuthority = nil
	m := w.market(t, "phaseSOL")
	r := route.Request{From: w.token(t, "phaseSOL").Mint, To: accounts.NativeMint,
		Amount: sol / 1000}
	_, err := sale(t, m, r)
	require.ErrorIs(t, err, quote.ErrStalePool)
	r.AllowPoolUpdate = true
	q, err := sale(t, m, r)
	require.NoError(t, err)
	require.NotEmpty(t, q.Assumptions)
	steps, err := q.Steps(params)
	require.NoError(t, err)
	require.Greater(t, len(steps), 3)
	data, err := steps[len(steps)-1].Instruction.Data()
	require.NoError(t, err)
	require.Equal(t, byte(26), data[0])
}

// A stake pool pays into the owner's wSOL account, whose balance is updated.
func TestQuote_StakePoolWithdrawalOfWSOL(t *testing.T) {
	w := newWorld(t)
	r := route.Request{
		From:   w.token(t, "bSOL").Mint,
		To:     accounts.NativeMint,
		Amount: sol,
	}

	m := w.market(t, "bSOL")
	native, err := sale(t, m, r)
	require.NoError(t, err)
	r.UseWSOL = true
	q, err := sale(t, m, r)
	require.NoError(t, err)
	require.Equal(t, []uint64{native.Out, native.MinOut}, []uint64{q.Out, q.MinOut})
	require.Equal(t, route.CheckedByProgram, q.MinOutCheck)

	steps, err := q.Steps(params)
	require.NoError(t, err)
	require.Len(t, steps, 3)
	wsol := ataOf(t, params.Owner, accounts.NativeMint)
	require.Equal(t, wsol, keys(steps[0])[1], "it is created")
	require.Contains(t, keys(steps[1]), wsol)
	require.Equal(t, []solana.PublicKey{wsol}, keys(steps[2]))
	require.Equal(t, []byte{17}, data(t, steps[2]), "SyncNative")
}
