package route_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// The second hop, through Infinity, is quoted with the price after the first
// hop's deposit into a pool: as by a market that is loaded after that deposit.
func TestMarket_QuoteSecondHopFollowsDeposit(t *testing.T) {
	shows := 0
	for _, amount := range []uint64{3*sol + 333_333_333, 77*sol + 7, 5*sol + 1,
		19*sol + 999_999_999, 2*sol + 87_654_321, 133*sol + 13} {
		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			w := newStakeWorld(t)
			// Without SOL, the Reserve cannot serve the request.
			w.Reserve.Lamports = 0
			// In a pool this small, the rounding of the deposit shows in the
			// price.
			small := &w.pool(t, source).State
			small.TotalLamports, small.PoolTokenSupply = 5_000_003, 3_000_001
			w.openStakeDeposits(t, source)
			r := route.Request{
				From:    ownStake,
				To:      w.token(t, "JupSOL").Mint,
				Amount:  amount,
				Options: route.Options{SwapMode: mode},
			}

			quotes, rejected := w.marketOf(t, source, "JupSOL").Quotes(r)
			require.NotEmpty(t, quotes, rejected)
			q := quotes[0]
			require.Equal(t, "stake deposit, then Infinity", string(q.Venue))
			first, second := q.Legs[0], q.Legs[1]
			// For ExactOut, the first hop buys the amount that the second one
			// would take at the price before it.
			require.LessOrEqual(t, q.IntermediateDust, uint64(mode),
				"without slippage the second hop takes all of it")
			require.Equal(t, first.Out, second.In+q.IntermediateDust)
			require.True(t, q.Exact)

			state := &w.pool(t, w.symbolOf(t, first.Request.To)).State
			before, after := *state, w.marketOf(t, source, "JupSOL")
			state.TotalLamports += first.In + stakeRent
			minted := first.Out
			for _, f := range first.Fees {
				minted += f.Amount
			}

			state.PoolTokenSupply += minted
			require.NotEqual(t, before.TotalLamports, state.TotalLamports)
			stale, err := of(t, after, "Infinity", second.Request)
			require.NoError(t, err)
			fresh, err := of(t, w.marketOf(t, source, "JupSOL"), "Infinity", second.Request)
			require.NoError(t, err)
			require.Equal(t, fresh.In, second.In)
			require.Equal(t, fresh.Out, second.Out)
			if stale.Out != fresh.Out || stale.In != fresh.In {
				shows++
			}
		}
	}

	require.Positive(t, shows, "the deposits have changed the price by what they rounded")
}

// marketOf returns the market of some tokens and the owner's stake account.
func (w *stakeWorld) marketOf(t testing.TB, symbols ...string) *route.Market {
	t.Helper()
	w.put(t)
	var tokens []lst.LST
	for _, symbol := range symbols {
		tokens = append(tokens, newStakeWorld(t).token(t, symbol))
	}

	loader := route.NewLoader(tokens...).WithStakeAccounts(ownStake)
	s := w.firstRound(t, loader)
	second, err := loader.AccountsToLoadNext(s)
	require.NoError(t, err)
	w.fetch(t, s, second.Accounts)
	m, err := loader.Build(s)
	require.NoError(t, err)

	return m
}

func (w *stakeWorld) symbolOf(t tester, mint [32]byte) string {
	t.Helper()
	for i := range w.StakePools {
		if w.StakePools[i].State.PoolMint == mint {
			return w.StakePools[i].Symbol
		}
	}
	require.FailNow(t, "no pool", "%v", mint)
	return ""
}

// Infinity refuses the token of a stale pool, and accepts it after a deposit
// that updates the pool.
func TestMarket_QuoteSecondHopFollowsPoolUpdate(t *testing.T) {
	w := newStakeWorld(t)
	stale := w.age(t, source)
	// JupSOL is available from Infinity only, and not for SOL.
	w.pool(t, "JupSOL").State.SOLDepositAuthority = &stale.Address
	controller, err := accounts.NewController(accounts.InfinityProgram)
	require.NoError(t, err)
	wrapped, err := controller.Reserves(accounts.TokenProgram, accounts.NativeMint)
	require.NoError(t, err)
	w.replaced[wrapped] = nil
	m := w.marketOf(t, source, "JupSOL")
	r := route.Request{From: accounts.NativeMint, To: w.token(t, "JupSOL").Mint, Amount: 3*sol + 7}
	_, err = m.Quote(r)
	require.ErrorIs(t, err, route.ErrNoRoute)
	r.AllowPoolUpdate = true
	q, err := m.Quote(r)
	require.NoError(t, err)
	require.Equal(t, "stake pool deposit, then Infinity", string(q.Venue))
	require.Contains(t, q.Accounts, stale.Address)
	reference := w.reference(t, source)
	reference.Update = stale.Balances()
	d, err := reference.DepositSOL(q.In)
	require.NoError(t, err)
	require.Equal(t, d.Tokens+d.ReferralFee, q.Legs[1].In+q.IntermediateDust)
}
