package quote_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// routerPico returns the picoSOL pool from its dump in
// igneous-labs/sanctum-router-sdk.
func routerPico() quote.StakePoolState {
	s := pool(accounts.SanctumStakePoolProgram, "8Dv3hNYcEWEaa4qVx9BTN1Wfvtha1z8cWDUXb7KVACVe",
		128_350_525_083_404, 108_350_525_083_404)
	s.ReserveLamports = 1000 * sol
	tenth := accounts.Fee{Numerator: 1, Denominator: 1000}
	s.State.SOLDepositFee, s.State.SOLWithdrawalFee = tenth, tenth
	s.MinimumDelegation = sol
	return s
}

// plenty returns a validator stake account that is large enough for every
// withdrawal in the tables.
func plenty() quote.ValidatorStakeSource {
	return source(key(1), 100_000*sol+stakeRent, 100_000*sol)
}

func TestRouterFee_Amounts(t *testing.T) {
	for _, test := range []struct{ out, rate, fee uint64 }{
		{0, 10, 0},
		{1, 10, 1},
		{999, 10, 1},
		{1_000, 10, 1},
		{1_999, 10, 1},
		{2_000, 10, 2},
		{1, 1, 1},
		{19_999, 1, 1},
		{20_000, 1, 2},
		{1, 0, 0},
		{math.MaxUint64, 0, 0},
		{math.MaxUint64, 10, 18_446_744_073_709_551},
		{math.MaxUint64, 10_000, math.MaxUint64},
	} {
		fee, err := quote.RouterFee(test.out, test.rate)
		require.NoError(t, err)
		require.Equal(t, test.fee, fee, "%d at %d", test.out, test.rate)
	}

	_, err := quote.RouterFee(1, 10_001)
	require.ErrorIs(t, err, quote.ErrInvalidState)
	_, err = quote.NewRouterPayout(1, 10_001)
	require.ErrorIs(t, err, quote.ErrInvalidState)
	require.Equal(t, []int{0, 1, 10, 10, 0, 10, 0}, []int{
		quote.RouterStakeWrappedSOLFee, quote.RouterWithdrawWrappedSOLFee,
		quote.RouterDepositStakeFee, quote.RouterSwapViaStakeFee,
		quote.RouterPrefundWithdrawStakeFee, quote.RouterPrefundSwapViaStakeFee,
		quote.RouterReserveFee,
	})
}

// TestRouterFee_Properties checks that the fee never exceeds the amount, never
// falls when the amount rises, and that no lamport is lost.
func TestRouterFee_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := drawAmount(t, "out", math.MaxUint64-1)
		rate := rapid.Uint64Range(0, 10_000).Draw(t, "rate")
		p, err := quote.NewRouterPayout(out, rate)
		require.NoError(t, err)
		require.Equal(t, out, p.Fee+p.Out)
		more, err := quote.RouterFee(out+1, rate)
		require.NoError(t, err)
		require.GreaterOrEqual(t, more, p.Fee)
	})
}

// TestRouter_Worked checks amounts paid by the deployed program, with the dumps
// of June 2025 and the current builds of the pools.
func TestRouter_Worked(t *testing.T) {
	pico, bsol := routerPico(), bsol()
	d, err := pico.DepositSOL(sol)
	require.NoError(t, err)
	requirePayout(t, 843_332_541, 0, 843_332_541)(d.RouterStakeWrappedSOL())
	old := pico
	old.Rounding = quote.FeesRoundDown
	d, err = old.DepositSOL(sol)
	require.NoError(t, err)
	requirePayout(t, 843_332_542, 0, 843_332_542)(d.RouterStakeWrappedSOL())

	// The whole fee is the referral share. The Router is the referrer and pays
	// it to the user.
	d, err = bsol.DepositSOL(sol)
	require.NoError(t, err)
	require.Equal(t, uint64(816_075_981), d.Tokens)
	requirePayout(t, 816_729_365, 0, 816_729_365)(d.RouterStakeWrappedSOL())

	w, err := bsol.WithdrawSOL(sol)
	require.NoError(t, err)
	require.Equal(t, uint64(1_000_000), w.ManagerFee)
	requirePayout(t, 1_223_171_398, 122_317, 1_223_049_081)(w.RouterWithdrawWrappedSOL())
	w, err = pico.WithdrawSOL(sol)
	require.NoError(t, err)
	p, err := w.RouterWithdrawWrappedSOL()
	require.NoError(t, err)
	require.Equal(t, uint64(1_183_283_165), p.Out)

	s, err := pico.DepositStake(sol, stakeRent)
	require.NoError(t, err)
	requirePayout(t, 846_101_944, 846_101, 845_255_843)(s.RouterDepositStake())
	// Marinade pays 776,062,653 for the same stake account.
	requirePayout(t, 776_062_653, 776_062, 775_286_591)(quote.NewRouterPayout(776_062_653,
		quote.RouterDepositStakeFee))
	u, err := mainReserve().Unstake(sol+stakeRent, 0, false)
	require.NoError(t, err)
	requirePayout(t, 1_001_269_932, 0, 1_001_269_932)(u.RouterDepositStake())
}

func requirePayout(t *testing.T, received, fee, out uint64) func(quote.RouterPayout, error) {
	return func(p quote.RouterPayout, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Equal(t, quote.RouterPayout{Received: received, Fee: fee, Out: out}, p)
	}
}

// routerSwapCase is a case of [TestRouter_SwapsWorked].
type routerSwapCase struct{ tokens, minimum, withdrawn, bridge, out uint64 }

var routerSwapCases = []routerSwapCase{
	{sol, 1, 1_212_405_641, 1_212_401_022, 1_211_175_670},
	{10 * sol, sol, 12_124_056_414, 11_126_339_294, 11_115_070_700},
}

// picoWithdrawal withdraws stake from picoSOL and checks the amount.
func picoWithdrawal(t *testing.T, tokens, lamports uint64) quote.StakeWithdrawal {
	t.Helper()
	w, err := routerPico().WithdrawStake(tokens, plenty())
	require.NoError(t, err)
	require.Equal(t, lamports, w.Lamports)
	return w
}

// bridgeParts returns the lamports of the bridge stake account after a
// withdrawal.
func bridgeParts(t *testing.T, w quote.StakeWithdrawal) (staked, unstaked uint64) {
	t.Helper()
	bridge, err := w.Bridge(key(7), plenty(), stakeRent, accounts.NewRent(6960))
	require.NoError(t, err)
	require.Equal(t, key(7), bridge.Account.Withdrawer)
	require.Equal(t, key(7), bridge.Account.Staker)
	validator := plenty().Stake
	staked, unstaked, err = bsol().StakeParts(listOf(plenty().Entry), bridge, validator)
	require.NoError(t, err)
	require.Equal(t, bridge.Lamports, staked+unstaked)

	return staked, unstaked
}

// bridgeToBSOL deposits a bridge stake account into bSOL.
func bridgeToBSOL(t *testing.T, staked, unstaked uint64) quote.RouterPayout {
	t.Helper()
	d, err := bsol().DepositStake(staked, unstaked)
	require.NoError(t, err)
	p, err := d.RouterDepositStake()
	require.NoError(t, err)
	return p
}

// bridgeToSOL sells a bridge stake account to the Reserve.
func bridgeToSOL(t *testing.T, r quote.ReserveState, staked, unstaked uint64) uint64 {
	t.Helper()
	u, err := r.Unstake(staked+unstaked, 0, false)
	require.NoError(t, err)
	p, err := u.RouterDepositStake()
	require.NoError(t, err)
	require.Zero(t, p.Fee)

	return p.Out
}

// prefundedStake withdraws stake with prefund.
func prefundedStake(t *testing.T, minimumDelegation, withdrawn uint64) quote.PrefundedStake {
	t.Helper()
	q, err := prefund(minimumDelegation, 6960).Quote(withdrawn)
	require.NoError(t, err)
	return q
}

// swapToBSOL deposits the bridge stake account of a withdrawal into bSOL.
func swapToBSOL(t *testing.T, w quote.StakeWithdrawal) quote.RouterPayout {
	t.Helper()
	staked, unstaked := bridgeParts(t, w)
	return bridgeToBSOL(t, staked, unstaked)
}

// TestRouter_SwapsWorked checks executed swaps of picoSOL through stake, with
// the rent paid up front and with prefund.
func TestRouter_SwapsWorked(t *testing.T) {
	// The rent is paid up front, for 1 and 10 picoSOL.
	one, ten := picoWithdrawal(t, sol, 1_184_586_092), picoWithdrawal(t, 10*sol, 11_845_860_920)
	require.Equal(t, quote.RouterPayout{Received: 968_381_763, Fee: 968_381, Out: 967_413_382},
		swapToBSOL(t, one))
	require.Equal(t,
		quote.RouterPayout{Received: 9_667_050_613, Fee: 9_667_050, Out: 9_657_383_563},
		swapToBSOL(t, ten))
	staked, unstaked := bridgeParts(t, one)
	require.Equal(t, uint64(1_185_669_431), bridgeToSOL(t, mainReserve(), staked, unstaked))
	require.Equal(t, uint64(1_183_386_551),
		bridgeToSOL(t, mainReserve(), staked, unstaked)-stakeRent)
	staked, unstaked = bridgeParts(t, ten)
	require.Equal(t, uint64(11_836_144_816), bridgeToSOL(t, mainReserve(), staked, unstaked))
	require.Equal(t, uint64(11_833_861_936),
		bridgeToSOL(t, mainReserve(), staked, unstaked)-stakeRent)

	// With prefund, the Reserve buys the slumdog stake account before the
	// bridge stake account.
	q := prefundedStake(t, 1, one.Lamports)
	require.Equal(t, uint64(1_184_581_473), q.Staked+q.Unstaked)
	require.Equal(t, uint64(1_183_384_244), bridgeToSOL(t, q.Reserve, q.Staked, q.Unstaked))
	three := picoWithdrawal(t, 3*sol, 3_553_758_276)
	q = prefundedStake(t, sol, three.Lamports)
	require.Equal(t, uint64(2_556_041_156), q.Staked+q.Unstaked)
	require.Equal(t, uint64(2_553_456_657), bridgeToSOL(t, q.Reserve, q.Staked, q.Unstaked))
	staked, unstaked = bridgeParts(t, three)
	require.Equal(t, uint64(3_550_162_646),
		bridgeToSOL(t, mainReserve(), staked, unstaked)-stakeRent)
	require.Equal(t, uint64(996_705_989),
		3_550_162_646-bridgeToSOL(t, q.Reserve, q.Staked, q.Unstaked))
	q = prefundedStake(t, sol, ten.Lamports)
	require.Equal(t, uint64(10_837_157_540), bridgeToSOL(t, q.Reserve, q.Staked, q.Unstaked))
	require.Equal(t, uint64(8_842_286_839), bridgeToBSOL(t, q.Staked, q.Unstaked).Out)
	require.Equal(t, uint64(996_704_396),
		11_833_861_936-bridgeToSOL(t, q.Reserve, q.Staked, q.Unstaked))

	// stSOL, as quoted by Sanctum's own adapter before and after its change of
	// June 2026.
	const solBalance, supply = 56_547_940_613_430, 46_641_106_474_799
	for _, test := range routerSwapCases {
		withdrawn, err := fixed.MulDivFloor(test.tokens, solBalance, supply)
		require.NoError(t, err)
		require.Equal(t, test.withdrawn, withdrawn)
		q := prefundedStake(t, test.minimum, test.withdrawn)
		require.Equal(t, test.bridge, q.Staked+q.Unstaked)
		require.Equal(t, test.out, bridgeToSOL(t, q.Reserve, q.Staked, q.Unstaked))
	}
}

// TestRouter_MinimumDelegation checks that exactly the minimum delegation is
// accepted when the rent is paid up front.
func TestRouter_MinimumDelegation(t *testing.T) {
	w, err := routerPico().WithdrawStake(844_176_719, plenty())
	require.NoError(t, err)
	require.Equal(t, uint64(sol), w.Lamports)
	_, err = routerPico().WithdrawStake(844_176_718, plenty())
	requireRefusal(t, err, quote.ErrBelowMinimumDelegation, routerPico().Address)
}

// TestRouter_PrefundMinimumDelegation checks that the bridge stake account must
// also keep the minimum delegation.
func TestRouter_PrefundMinimumDelegation(t *testing.T) {
	w, err := routerPico().WithdrawStake(1_688_353_438, plenty())
	require.NoError(t, err)
	require.Equal(t, uint64(2*sol+1), w.Lamports)
	q, err := prefund(sol, 6960).Quote(w.Lamports)
	require.NoError(t, err)
	require.Equal(t, uint64(sol+1), q.Staked)
	w, err = routerPico().WithdrawStake(1_688_353_437, plenty())
	require.NoError(t, err)
	_, err = prefund(sol, 6960).Quote(w.Lamports)
	requireRefusal(t, err, quote.ErrBelowMinimumDelegation, mainReserve().Address)
}

// TestRouter_SOLBridge checks that the rent of a token account is sufficient,
// as found by execution.
func TestRouter_SOLBridge(t *testing.T) {
	require.NoError(t, quote.RouterSOLBridge(key(5), 2_039_280, accounts.NewRent(6960)))
	requireRefusal(t, quote.RouterSOLBridge(key(5), 2_039_279, accounts.NewRent(6960)),
		quote.ErrRouterFunds, key(5))
	requireRefusal(t, quote.RouterSOLBridge(key(5), sol, accounts.Rent{}), accounts.ErrUnknownRent,
		key(5))
}

func TestRouter_BridgeRefusals(t *testing.T) {
	from, rent := plenty(), accounts.NewRent(5080)
	w := quote.StakeWithdrawal{Lamports: sol}
	bridge, err := w.Bridge(key(7), from, cheapRent, rent)
	require.NoError(t, err)
	require.Equal(t, uint64(sol+cheapRent), bridge.Lamports)
	_, err = w.Bridge(key(7), from, cheapRent-1, rent)
	requireRefusal(t, err, quote.ErrStakeAccount, from.Entry.VoteAccount)
	_, err = w.Bridge(key(7), from, math.MaxUint64, rent)
	requireRefusal(t, err, quote.ErrAmountTooLarge, from.Entry.VoteAccount)
	_, err = w.Bridge(key(7), from, sol, accounts.Rent{})
	requireRefusal(t, err, accounts.ErrUnknownRent, from.Entry.VoteAccount)
	_, err = quote.SOLDeposit{Tokens: math.MaxUint64, ReferralFee: 1}.RouterStakeWrappedSOL()
	require.ErrorIs(t, err, quote.ErrAmountTooLarge)
	_, err = quote.StakeDeposit{Tokens: math.MaxUint64, ReferralFee: 1}.RouterDepositStake()
	require.ErrorIs(t, err, quote.ErrAmountTooLarge)
}

// TestRouterPayoutOf_IsNewRouterPayout compares both functions, and checks that
// RouterPayoutOf does not allocate.
func TestRouterPayoutOf_IsNewRouterPayout(t *testing.T) {
	for _, rate := range []uint64{0, 1, 10, 10_000, 10_001, math.MaxUint64} {
		for _, received := range []uint64{0, 1, 999, sol, math.MaxUint64} {
			want, wantErr := quote.NewRouterPayout(received, rate)
			var r quote.Refusal
			got, ok := quote.RouterPayoutOf(received, rate, &r)
			require.Equal(t, want, got)
			require.Equal(t, wantErr == nil, ok)
			require.Equal(t, wantErr == nil, r.IsZero())
			if !ok {
				require.ErrorIs(t, wantErr, quote.ErrInvalidState)
				require.EqualError(t, &r, wantErr.Error())
			}

			if !raceDetector {
				require.Zero(t,
					testing.AllocsPerRun(10, func() { quote.RouterPayoutOf(received, rate, &r) }))
			}
		}
	}
}
