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

// sale is what a token's own pool answers to its sale for SOL.
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

// TestWithdrawalIsTheArithmetic compares sales to all pools with package quote on the figures themselves, and checks that the
// instruction says what the quote does.
func TestWithdrawalIsTheArithmetic(t *testing.T) {
	w := newWorld(t)
	const seed = 1793
	rng := rand.New(rand.NewPCG(seed, seed))
	loader, s := w.state(t, w.tokens(t)...)
	m, err := loader.Market(s)
	require.NoError(t, err)
	answered := 0
	for i := range w.StakePools {
		pool := &w.StakePools[i]
		if pool.State.LastUpdateEpoch != w.Chain.Clock.Epoch {
			continue
		}
		reference := w.reference(t, pool.Symbol)
		for _, amount := range []uint64{2, 1_000, sol, 1 + rng.Uint64N(1_000*sol), 10_000_000 * sol} {
			for _, side := range []route.Side{route.ExactIn, route.ExactOut} {
				r := route.Request{
					From:    pool.State.PoolMint,
					To:      accounts.NativeMint,
					Amount:  amount,
					Options: route.Options{Side: side, SlippageBps: 100, Direct: true},
				}
				got, err := sale(t, m, r)
				want, wantErr := reference.WithdrawSol(amount)
				if side == route.ExactOut {
					want, wantErr = reference.WithdrawSolExactOut(amount)
				}
				require.Equal(t, wantErr == nil, err == nil, "%s %d: %v, %v", pool.Symbol, amount, err, wantErr)
				if err != nil {
					continue
				}
				answered++
				require.Equal(t, []uint64{want.Tokens, want.Tokens, want.Lamports}, []uint64{got.In, got.MaxIn, got.Out})
				require.True(t, got.Exact)
				require.LessOrEqual(t, got.MinOut, got.Out)
				if side == route.ExactOut {
					require.Equal(t, amount, got.MinOut)
				}
				require.Equal(t, want.ManagerFee > 0, len(got.Fees) == 1)

				steps, err := got.Steps(parties)
				require.NoError(t, err)
				require.Len(t, steps, 1)
				ix := steps[0].Instruction
				data, err := ix.Data()
				require.NoError(t, err)
				require.Equal(t, byte(26), data[0], "WithdrawSolWithSlippage")
				require.Equal(t, got.In, binary.LittleEndian.Uint64(data[1:]))
				require.Equal(t, got.MinOut, binary.LittleEndian.Uint64(data[9:]))
				source, err := accounts.AssociatedTokenAddress(parties.Owner, pool.State.TokenProgram, pool.State.PoolMint)
				require.NoError(t, err)
				metas := ix.Accounts()
				require.Equal(t, []solana.PublicKey{parties.Owner, source}, []solana.PublicKey{metas[2].PublicKey, metas[3].PublicKey})
				require.True(t, metas[2].IsSigner)
				require.Equal(t, parties.Owner, metas[5].PublicKey, "the owner receives the lamports")
			}
		}
	}
	require.Greater(t, answered, 40)
}

// TestWithdrawalOfStalePool: a pool of the last epoch is refused, or updated first.
func TestWithdrawalOfStalePool(t *testing.T) {
	w := newWorld(t)
	w.pool(t, "phaseSOL").State.SolWithdrawAuthority = nil
	m := w.market(t, "phaseSOL")
	r := route.Request{From: w.token(t, "phaseSOL").Mint, To: accounts.NativeMint, Amount: sol / 1000}
	_, err := sale(t, m, r)
	require.ErrorIs(t, err, quote.ErrStale)
	r.Crank = true
	q, err := sale(t, m, r)
	require.NoError(t, err)
	require.NotEmpty(t, q.Conditions)
	steps, err := q.Steps(parties)
	require.NoError(t, err)
	require.Greater(t, len(steps), 3)
	data, err := steps[len(steps)-1].Instruction.Data()
	require.NoError(t, err)
	require.Equal(t, byte(26), data[0])
}

// TestWithdrawalOfWrapped: a stake pool pays SOL itself.
func TestWithdrawalOfWrapped(t *testing.T) {
	w := newWorld(t)
	r := route.Request{
		From:    w.token(t, "bSOL").Mint,
		To:      accounts.NativeMint,
		Amount:  sol,
		Options: route.Options{Wrapped: true},
	}
	_, err := sale(t, w.market(t, "bSOL"), r)
	require.ErrorIs(t, err, route.ErrWrapped)
}
