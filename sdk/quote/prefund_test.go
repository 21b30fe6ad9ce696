package quote_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// prefund returns the Router's prefunder and the Reserve from a dump of June
// 2025.
func prefund(minimumDelegation, lamportsPerByte uint64) quote.Prefund {
	r := mainReserve()
	r.Rent = accounts.NewRent(lamportsPerByte)
	return quote.Prefund{Reserve: r, MinimumDelegation: minimumDelegation, Prefunder: 10_000_002}
}

// TestPrefund_Worked checks two prefunds that the deployed program executed,
// with both minimum delegations.
func TestPrefund_Worked(t *testing.T) {
	target, err := mainReserve().UnstakeFor(2 * stakeRent)
	require.NoError(t, err)
	require.Equal(t, uint64(4_570_379), target)

	q, err := prefund(1, 6960).Quote(1_184_586_092)
	require.NoError(t, err)
	require.Equal(t, uint64(2_287_499), q.Split)
	require.Equal(t, target, q.Slumdog)
	require.Equal(t, uint64(4_565_760), q.Lent)
	require.Equal(t, uint64(4_619), q.Sale.Fee)
	require.Equal(t, uint64(2_309), q.Sale.ProtocolFee)
	require.Equal(t, uint64(0), q.Gain)
	require.Equal(t, uint64(4_619), q.Cost)
	require.Equal(t, uint64(409_374_008_837_409), q.Reserve.Lamports)
	require.Equal(t, uint64(54_144_272_894+4_570_379), q.Reserve.Pool.IncomingStake)
	require.Equal(t, uint64(200*1_002_240), q.Reserve.Pool.RecordRent)
	require.NoError(t, q.Within(quote.PrefundSlack))

	q, err = prefund(sol, 6960).Quote(3_553_758_276)
	require.NoError(t, err)
	require.Equal(t, uint64(sol), q.Split)
	require.Equal(t, uint64(sol+stakeRent), q.Slumdog)
	require.Equal(t, uint64(1_001_269_932), q.Sale.Out)
	require.Equal(t, uint64(2_553_758_276), q.Staked)
	require.Equal(t, uint64(stakeRent), q.Unstaked)
	require.Equal(t, uint64(997_717_120), q.Cost)
	requireRefusal(t, q.Within(quote.PrefundSlack), quote.ErrPrefundCost, q.Reserve.Address)
	require.NoError(t, q.Within(997_717_120))
	requireRefusal(t, q.Within(997_717_119), quote.ErrPrefundCost, q.Reserve.Address)

	bridge, err := q.Bridge(key(7), plenty())
	require.NoError(t, err)
	require.Equal(t, uint64(2_553_758_276+stakeRent), bridge.Lamports)
	require.Equal(t, uint64(2_553_758_276), bridge.Account.Delegation.Stake)
	require.Equal(t, key(7), bridge.Account.Withdrawer)
}

// TestPrefund_Gain checks the lamports that the prefunder kept at three prices
// of storage.
func TestPrefund_Gain(t *testing.T) {
	for _, test := range []struct{ perByte, lent, gain uint64 }{
		{6960, 4_565_760, 996_704_172},
		{5080, 3_332_480, 997_321_435},
		{696, 456_576, 998_760_841},
	} {
		q, err := prefund(sol, test.perByte).Quote(10 * sol)
		require.NoError(t, err)
		require.Equal(t, test.lent, q.Lent)
		require.Equal(t, test.gain, q.Gain)
	}
}

// TestPrefund_Branches checks the minimum delegations at which the rule
// changes. They were found by executing the program with modified stake
// programs.
func TestPrefund_Branches(t *testing.T) {
	atCheapRent, err := prefund(1, 5080).Reserve.UnstakeFor(2 * cheapRent)
	require.NoError(t, err)
	last := atCheapRent - cheapRent
	for _, test := range []struct {
		perByte, minimum uint64
		// split is zero in the gap.
		split uint64
	}{
		{6960, 1, 2_287_499},
		{6960, 2_287_499, 2_287_499},
		{6960, 2_287_500, 0},
		{6960, 9_131_520, 0},
		{6960, 9_131_521, 9_131_521},
		{6960, sol, sol},
		{5080, 1, last},
		{5080, last, last},
		{5080, last + 1, 0},
		{5080, 6_664_960, 0},
		{5080, 6_664_961, 6_664_961},
	} {
		p := prefund(test.minimum, test.perByte)
		q, err := p.Quote(10 * sol)
		if test.split == 0 {
			requireRefusal(t, err, quote.ErrPrefundGap, p.Reserve.Address)
			require.Zero(t, q)
			continue
		}

		require.NoError(t, err)
		require.Equal(t, test.split, q.Split)
	}

	_, err = prefund(5_000_000, 6960).Quote(10 * sol)
	require.ErrorContains(t, err, "above 2287499 and up to 9131520 lamports")
}

// TestPrefund_Refusals checks every condition, once just met and once just
// missed.
func TestPrefund_Refusals(t *testing.T) {
	flat := func(n, d uint64) accounts.ReserveFee {
		return accounts.ReserveFee{Flat: accounts.Ratio{Numerator: n, Denominator: d}}
	}
	for _, test := range []struct {
		name      string
		change    func(*quote.Prefund)
		withdrawn uint64
		want      error
	}{
		{"exactly enough stake", func(*quote.Prefund) {}, 2 * sol, nil},
		{"one lamport too little stays", func(*quote.Prefund) {}, 2*sol - 1,
			quote.ErrBelowMinimumDelegation},
		{"less than the minimum is withdrawn", func(*quote.Prefund) {}, sol - 1,
			quote.ErrBelowMinimumDelegation},
		{"nothing", func(*quote.Prefund) {}, 0, quote.ErrBelowMinimumDelegation},
		{"small minimum, one lamport stays", func(p *quote.Prefund) { p.MinimumDelegation = 1 },
			2_287_500, nil},
		{"small minimum, nothing stays", func(p *quote.Prefund) { p.MinimumDelegation = 1 },
			2_287_499, quote.ErrBelowMinimumDelegation},
		{"exactly enough to lend", func(p *quote.Prefund) { p.Prefunder = 4_565_760 }, 2 * sol,
			nil},
		{"a lamport too little to lend", func(p *quote.Prefund) { p.Prefunder = 4_565_759 },
			2 * sol, quote.ErrRouterFunds},
		{"gap", func(p *quote.Prefund) { p.MinimumDelegation = 5_000_000 }, 2 * sol,
			quote.ErrPrefundGap},
		{"Reserve has too little", func(p *quote.Prefund) { p.Reserve.Lamports = sol / 2 }, 2 * sol,
			quote.ErrInsufficientReserve},
		{"Reserve is empty",
			func(p *quote.Prefund) { p.Reserve.Lamports, p.Reserve.Pool.IncomingStake = 0, 0 },
			2 * sol, quote.ErrInsufficientReserve},
		{"sale does not repay", func(p *quote.Prefund) { p.Reserve.Fee = flat(999, 1000) }, 2 * sol,
			quote.ErrPrefundUnpaid},
		{"fee takes all", func(p *quote.Prefund) { p.Reserve.Fee = flat(1, 1) }, 2 * sol,
			quote.ErrInsufficientReserve},
		{"fee out of bounds", func(p *quote.Prefund) { p.Reserve.Fee = flat(2, 1) }, 2 * sol,
			quote.ErrInvalidState},
		{"rewards are being distributed",
			func(p *quote.Prefund) { p.Reserve.EpochRewardsActive = true }, 2 * sol,
			quote.ErrEpochRewards},
		{"unknown rent", func(p *quote.Prefund) { p.Reserve.Rent = accounts.Rent{} }, 2 * sol,
			accounts.ErrUnknownRent},
		{"rent beyond all numbers",
			func(p *quote.Prefund) { p.Reserve.Rent = accounts.NewRent(1 << 55) }, 2 * sol,
			quote.ErrAmountTooLarge},
		// Two stake accounts of 2^63 lamports and four of 2^62 overflow 64
		// bits.
		{"rent of two beyond all numbers",
			func(p *quote.Prefund) { p.Reserve.Rent = accounts.NewRent(1<<63/328 + 1) }, 2 * sol,
			quote.ErrAmountTooLarge},
		{"rent of four beyond all numbers", func(p *quote.Prefund) {
			p.Reserve.Rent, p.Prefunder = accounts.NewRent(1<<62/328+1), math.MaxUint64
		}, 2 * sol, quote.ErrAmountTooLarge},
		{"more than there can be", func(p *quote.Prefund) { p.MinimumDelegation = math.MaxUint64 },
			math.MaxUint64, quote.ErrAmountTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := prefund(sol, 6960)
			test.change(&p)
			q, err := p.Quote(test.withdrawn)
			if test.want == nil {
				require.NoError(t, err)
				return
			}

			requireRefusal(t, err, test.want, p.Reserve.Address)
			require.Zero(t, q)
		})
	}
}

// TestReserveState_UnstakeForRefusals checks amounts for which no stake account
// can be sold.
func TestReserveState_UnstakeForRefusals(t *testing.T) {
	r := mainReserve()
	_, err := r.UnstakeFor(0)
	requireRefusal(t, err, quote.ErrZeroAmount, r.Address)
	_, err = r.UnstakeFor(math.MaxUint64)
	requireRefusal(t, err, quote.ErrInsufficientReserve, r.Address)
	r.Fee = accounts.ReserveFee{Flat: accounts.Ratio{Numerator: 1, Denominator: 2}}
	_, err = r.UnstakeFor(math.MaxUint64)
	requireRefusal(t, err, quote.ErrAmountTooLarge, r.Address)
	in, err := r.UnstakeFor(5)
	require.NoError(t, err)
	require.Equal(t, uint64(11), in,
		"what the program adds before it divides is enough to round 10 up")
	r.Fee = mainReserve().Fee
	r.Fee.ZeroLiqRemaining = r.Fee.MaxLiqRemaining
	_, err = r.UnstakeFor(5)
	requireRefusal(t, err, quote.ErrInvalidState, r.Address)
}

// TestPrefund_Properties checks that no lamport is lost, that the prefunder is
// always repaid, and that the Reserve afterwards is that after the sale.
func TestPrefund_Properties(t *testing.T) {
	checkEnough(t, func(t *rapid.T, count func()) {
		perByte := rapid.SampledFrom([]uint64{6960, 5080, 696}).Draw(t, "rent per byte")
		minimum := rapid.SampledFrom([]uint64{1, 1_000_000, sol, 2 * sol}).Draw(t,
			"minimum delegation")
		p := prefund(minimum, perByte)
		p.Reserve.Pool.IncomingStake = drawAmount(t, "incoming", 100_000*sol)
		p.Reserve.Lamports = 10*sol + drawAmount(t, "lamports", 400_000*sol)
		p.Record = rapid.Uint64Range(0, 2_000_000).Draw(t, "record")
		withdrawn := 4*sol + drawAmount(t, "withdrawn", 1_000_000*sol)
		q, err := p.Quote(withdrawn)
		if err != nil {
			return
		}

		rent, err := p.Reserve.Rent.MinimumBalance(accounts.StakeAccountSpace)
		require.NoError(t, err)
		require.Equal(t, withdrawn, q.Split+q.Staked)
		require.Equal(t, 2*rent, q.Lent)
		require.Equal(t, q.Slumdog+q.Unstaked, q.Split+q.Lent)
		require.Equal(t, q.Sale.Out, q.Lent+q.Gain)
		require.Equal(t, q.Cost, q.Gain+q.Sale.Fee)
		require.GreaterOrEqual(t, q.Split, minimum)
		sale, err := p.Reserve.Unstake(q.Slumdog, p.Record, false)
		require.NoError(t, err)
		require.Equal(t, sale, q.Sale)
		require.Equal(t, sale.Lamports, q.Reserve.Lamports)
		require.Equal(t, sale.Pool, q.Reserve.Pool)
		count()
	})
}
