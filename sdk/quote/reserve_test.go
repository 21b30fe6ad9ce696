package quote_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// mainReserve returns the Reserve from a dump of June 2025.
func mainReserve() quote.ReserveState {
	half := accounts.Ratio{Numerator: 1, Denominator: 2}
	return quote.ReserveState{
		Address: accounts.ReservePoolAddress,
		Pool:    accounts.ReservePool{IncomingStake: 54_144_272_894, RecordRent: 199_445_760},
		Fee: accounts.ReserveFee{
			Kind:             accounts.ReserveFeeLiquidityLinear,
			MaxLiqRemaining:  accounts.Ratio{Numerator: 1, Denominator: 1000},
			ZeroLiqRemaining: accounts.Ratio{Numerator: 8, Denominator: 100},
		},
		ProtocolFee: accounts.ReserveProtocolFee{FeeRatio: half, ReferrerFeeRatio: half},
		Lamports:    409_374_014_407_718,
		LPSupply:    300_000_000_000_000,
		Rent:        accounts.NewRent(6960),
		Clock:       accounts.Clock{Epoch: 802},
	}
}

// TestReserveState_Worked checks sales that the deployed program executed with
// the dump, from 1 SOL to the maximum that the pool can pay.
func TestReserveState_Worked(t *testing.T) {
	for _, test := range []struct{ in, fee, out, protocol uint64 }{
		{1_002_282_880, 1_012_948, 1_001_269_932, 506_474},
		{10_002_282_880, 10_126_064, 9_992_156_816, 5_063_032},
		{100_002_282_880, 102_974_654, 99_899_308_226, 51_487_327},
		{1_000_002_282_880, 1_203_170_325, 998_799_112_555, 601_585_162},
		{10_000_002_282_880, 29_343_069_949, 9_970_659_212_931, 14_671_534_974},
		{100_000_002_282_880, 1_992_126_763_678, 98_007_875_519_202, 996_063_381_839},
		{300_000_000_000_000, 16_702_011_952_500, 283_297_988_047_500, 8_351_005_976_250},
		{400_000_000_000_000, 29_035_520_746_400, 370_964_479_253_600, 14_517_760_373_200},
		{425_731_424_495_121, 32_714_822_179_286, 393_016_602_315_835, 16_357_411_089_643},
	} {
		r := mainReserve()
		got, err := r.Unstake(test.in, 0, false)
		require.NoError(t, err)
		left := r.Lamports - 1_002_240 - test.out - test.protocol
		r.Pool.IncomingStake += test.in
		r.Pool.RecordRent += 1_002_240
		require.Equal(t, quote.Unstake{
			In:          test.in,
			Out:         test.out,
			Fee:         test.fee,
			ProtocolFee: test.protocol,
			RecordRent:  1_002_240,
			Pool:        r.Pool,
			Lamports:    left,
		}, got)
	}

	r := mainReserve()
	got, err := r.Unstake(1_000_002_282_880, 0, true)
	require.NoError(t, err)
	require.Equal(t, uint64(998_799_112_555), got.Out)
	require.Equal(t, uint64(300_792_581), got.ReferrerFee)
	require.Equal(t, uint64(300_792_581), got.ProtocolFee-got.ReferrerFee)

	r.Fee = accounts.ReserveFee{Kind: accounts.ReserveFeeFlat,
		Flat: accounts.Ratio{Numerator: 7, Denominator: 10_000}}
	got, err = r.Unstake(1_000_002_282_880, 0, false)
	require.NoError(t, err)
	require.Equal(t, uint64(700_001_599), got.Fee)
	require.Equal(t, uint64(999_302_281_281), got.Out)
	require.Equal(t, uint64(350_000_799), got.ProtocolFee)
}

// TestReserveState_RatioRounding checks that the program's rounding of ratios
// does not round two thirds up at twelve decimals.
func TestReserveState_RatioRounding(t *testing.T) {
	for _, test := range []struct{ numerator, fee uint64 }{{1, 999_999_999_999},
		{2, 1_999_999_999_998}} {
		r := mainReserve()
		r.Fee = accounts.ReserveFee{Kind: accounts.ReserveFeeFlat,
			Flat: accounts.Ratio{Numerator: test.numerator, Denominator: 3}}
		got, err := r.Unstake(3_000_000_000_000, 0, false)
		require.NoError(t, err)
		require.Equal(t, test.fee, got.Fee)
	}
}

// TestReserveState_Refusals checks every reason for which the Reserve refuses a
// stake account.
func TestReserveState_Refusals(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*quote.ReserveState)
		in     uint64
		want   error
	}{
		{"nothing", func(*quote.ReserveState) {}, 0, quote.ErrZeroAmount},
		{"one lamport more than the pool can pay", func(*quote.ReserveState) {},
			425_731_424_495_122, quote.ErrInsufficientReserve},
		{"rewards are being distributed",
			func(r *quote.ReserveState) { r.EpochRewardsActive = true }, sol,
			quote.ErrEpochRewards},
		{"less than the rent of a record", func(r *quote.ReserveState) { r.Lamports = 1_002_239 },
			sol, quote.ErrInsufficientReserve},
		{
			"less than its rent would stay",
			func(r *quote.ReserveState) {
				r.Fee = accounts.ReserveFee{Flat: accounts.Ratio{Denominator: 1}}
				r.Lamports = 1_002_240 + sol + 890_879
			}, sol, quote.ErrInsufficientReserve,
		},
		{"a fee over all", func(r *quote.ReserveState) { r.Fee.ZeroLiqRemaining.Numerator = 101 },
			sol, quote.ErrInvalidState},
		{"a fee of nothing by nothing",
			func(r *quote.ReserveState) { r.Fee.MaxLiqRemaining = accounts.Ratio{} }, sol,
			quote.ErrInvalidState},
		{"a line without slope",
			func(r *quote.ReserveState) { r.Fee.ZeroLiqRemaining = r.Fee.MaxLiqRemaining }, sol,
			quote.ErrInvalidState},
		{"a falling line", func(r *quote.ReserveState) { r.Fee.ZeroLiqRemaining.Numerator = 0 },
			sol, quote.ErrInvalidState},
		{"a flat fee of nothing by nothing",
			func(r *quote.ReserveState) { r.Fee = accounts.ReserveFee{} }, sol,
			quote.ErrInvalidState},
		{
			"a referrer's part of more than all",
			func(r *quote.ReserveState) {
				r.ProtocolFee.ReferrerFeeRatio = accounts.Ratio{Numerator: 2, Denominator: 1}
			},
			sol, quote.ErrInvalidState,
		},
		{"a protocol's part by nothing",
			func(r *quote.ReserveState) { r.ProtocolFee.FeeRatio.Denominator = 0 }, sol,
			quote.ErrInvalidState},
		{"a referrer's part by nothing",
			func(r *quote.ReserveState) { r.ProtocolFee.ReferrerFeeRatio.Denominator = 0 }, sol,
			quote.ErrInvalidState},
		{"more than there can be", func(r *quote.ReserveState) { r.Pool.IncomingStake = 1<<64 - 1 },
			sol, quote.ErrAmountTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := mainReserve()
			test.change(&r)
			got, err := r.Unstake(test.in, 0, true)
			require.ErrorIs(t, err, test.want)
			require.Zero(t, got)
			require.ErrorContains(t, err, r.Address.String())
		})
	}
}

// TestReserveState_Sellable checks the stake accounts that the Reserve accepts,
// as found by execution.
func TestReserveState_Sellable(t *testing.T) {
	r, owner := mainReserve(), solana.PublicKey{1}
	r.Clock.UnixTimestamp = 1_000
	for _, test := range []struct {
		name   string
		change func(*accounts.StakeAccount)
		want   error
	}{
		{"delegated", func(*accounts.StakeAccount) {}, nil},
		{"never delegated", func(s *accounts.StakeAccount) { s.State = accounts.StakeInitialized },
			nil},
		{"another staker",
			func(s *accounts.StakeAccount) { s.Staker = solana.PublicKey{2} }, nil},
		{"lockup just over",
			func(s *accounts.StakeAccount) {
				s.Lockup = accounts.Lockup{Epoch: 802, UnixTimestamp: 1_000}
			},
			nil},
		{"locked up to the next epoch", func(s *accounts.StakeAccount) { s.Lockup.Epoch = 803 },
			quote.ErrStakeLocked},
		{"locked up for a second, custodian sells", func(s *accounts.StakeAccount) {
			s.Lockup = accounts.Lockup{UnixTimestamp: 1_001, Custodian: owner}
		}, quote.ErrStakeLocked},
		{"uninitialized", func(s *accounts.StakeAccount) { s.State = accounts.StakeUninitialized },
			quote.ErrStakeUninitialized},
		{"rewards pool", func(s *accounts.StakeAccount) { s.State = accounts.StakeRewardsPool },
			quote.ErrStakeUninitialized},
		{"another withdrawer",
			func(s *accounts.StakeAccount) { s.Withdrawer = solana.PublicKey{2} },
			quote.ErrStakeOwner},
	} {
		t.Run(test.name, func(t *testing.T) {
			stake := accounts.StakeAccount{State: accounts.StakeDelegated, Staker: owner,
				Withdrawer: owner}
			test.change(&stake)
			err := r.Sellable(&stake, owner)
			if test.want == nil {
				require.NoError(t, err)
				return
			}

			require.ErrorIs(t, err, test.want)
			require.ErrorIs(t, err, quote.ErrStakeAccount)
			require.ErrorContains(t, err, r.Address.String())
		})
	}
}

// TestReserveState_Properties checks that the fee rate rises with the amount,
// that no lamport is lost, and that adding and removing liquidity never gains.
func TestReserveState_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := mainReserve()
		r.Pool.IncomingStake = drawAmount(t, "incoming", 100_000*sol)
		r.Lamports = sol + drawAmount(t, "lamports", 400_000*sol)
		in := drawAmount(t, "in", r.Lamports)
		u, err := r.Unstake(in, 0, true)
		if err != nil {
			return
		}

		require.Equal(t, in, u.Out+u.Fee)
		require.Equal(t, r.Lamports, u.Lamports+u.RecordRent+u.Out+u.ProtocolFee)
		require.LessOrEqual(t, u.ReferrerFee, u.ProtocolFee)
		require.LessOrEqual(t, u.ProtocolFee, u.Fee)
		// The value of the pool never falls.
		after := r
		after.Pool, after.Lamports = u.Pool, u.Lamports
		before, err := r.LPPrice()
		require.NoError(t, err)
		price, err := after.LPPrice()
		require.NoError(t, err)
		require.GreaterOrEqual(t, price.Lamports, before.Lamports)
		if more, err := r.Unstake(in+1, 0, true); err == nil {
			require.GreaterOrEqual(t, more.Fee, u.Fee)
		}

		minted, err := r.AddLiquidity(in)
		if err != nil {
			return
		}

		full := r
		full.Lamports += in
		full.LPSupply += minted
		back, err := full.RemoveLiquidity(minted)
		if err == nil {
			require.LessOrEqual(t, back, in)
		}
	})
}

// TestReserveState_Liquidity checks that the first provider receives a token
// per lamport owned by the pool, that later ones receive tokens at the price,
// and that impossible requests fail.
func TestReserveState_Liquidity(t *testing.T) {
	r := mainReserve()
	owned := r.Lamports + r.Pool.IncomingStake + r.Pool.RecordRent
	minted, err := r.AddLiquidity(owned)
	require.NoError(t, err)
	require.Equal(t, r.LPSupply, minted)
	lamports, err := r.RemoveLiquidity(r.LPSupply / 2)
	require.NoError(t, err)
	require.Equal(t, owned/2, lamports)
	lamports, err = r.RemoveLiquidity(1)
	require.NoError(t, err)
	require.Equal(t, uint64(1), lamports, "1.37 lamports, rounded down")

	for _, test := range []struct {
		do   func(quote.ReserveState) (uint64, error)
		want error
	}{
		{func(r quote.ReserveState) (uint64, error) { return r.AddLiquidity(0) },
			quote.ErrZeroAmount},
		{func(r quote.ReserveState) (uint64, error) { return r.AddLiquidity(1) },
			quote.ErrAmountTooSmall},
		{func(r quote.ReserveState) (uint64, error) { return r.AddLiquidity(1<<64 - 1) },
			quote.ErrAmountTooLarge},
		{func(r quote.ReserveState) (uint64, error) { return r.RemoveLiquidity(0) },
			quote.ErrZeroAmount},
		{func(r quote.ReserveState) (uint64, error) { return r.RemoveLiquidity(r.LPSupply + 1) },
			quote.ErrAmountTooLarge},
		{func(r quote.ReserveState) (uint64, error) { return r.RemoveLiquidity(r.LPSupply) },
			quote.ErrInsufficientReserve},
	} {
		got, err := test.do(r)
		require.ErrorIs(t, err, test.want)
		require.Zero(t, got)
	}

	empty := r
	empty.LPSupply = 0
	minted, err = empty.AddLiquidity(sol)
	require.NoError(t, err)
	require.Equal(t, owned+sol, minted)

	// The first provider pays the rent of the account that receives the SOL, as
	// executed with an empty pool.
	none := quote.ReserveState{Rent: accounts.NewRent(6960)}
	_, err = none.AddLiquidity(890_879)
	require.ErrorIs(t, err, quote.ErrAmountTooSmall)
	minted, err = none.AddLiquidity(890_880)
	require.NoError(t, err)
	require.Equal(t, uint64(890_880), minted)
	none.Rent = accounts.Rent{ThresholdBits: 5}
	_, err = none.AddLiquidity(890_880)
	require.ErrorIs(t, err, accounts.ErrUnknownRent)

	// LP tokens of a pool without value are burned for zero lamports.
	lost := quote.ReserveState{Rent: accounts.NewRent(6960), LPSupply: 5}
	lamports, err = lost.RemoveLiquidity(5)
	require.NoError(t, err)
	require.Zero(t, lamports)
	_, err = lost.RemoveLiquidity(6)
	require.ErrorIs(t, err, quote.ErrAmountTooLarge)
}
