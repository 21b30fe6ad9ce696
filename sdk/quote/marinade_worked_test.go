package quote_test

import (
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// marinadeBuild is the hash of the build of version 2.0.
const marinadeBuild = "d69d4cd7ff7c00df3dfe2191dbb973858de9c36a3114bdbdb65d6cc81c98ed94"

// marinade returns Marinade in epoch 772 from its dump in
// igneous-labs/sanctum-marinade-liquid-staking-sdk. The dump does not have the
// SOL of the liquidity pool; it is 12,000 SOL as in the worked examples.
func marinade() quote.MarinadeState {
	m := quote.MarinadeState{
		Program:           accounts.MarinadeProgram,
		Address:           accounts.MarinadeStateAddress,
		Clock:             accounts.Clock{Epoch: 772},
		Rent:              accounts.NewRent(6960),
		SOLLegLamports:    12_000*sol + 2_039_280,
		ReserveLamports:   260_659_593_335_447 + 2_039_280,
		MintSupply:        3_553_519_924_015_154,
		TreasuryUsable:    true,
		MinimumDelegation: sol,
		Version:           quote.MarinadeVersionOf(marinadeBuild),
	}

	s := &m.State
	s.MSOLMint = accounts.MSOLMint
	s.RentExemptForTokenAcc = 2_039_280
	s.AvailableReserveBalance = 260_659_593_335_447
	s.MSOLSupply = 3_564_176_058_141_121
	s.CirculatingTicketBalance = 34_088_096_648_831
	s.CirculatingTicketCount = 164
	s.ValidatorSystem.TotalActiveBalance = 4_352_357_264_868_349
	s.StakeSystem.MinStake, s.StakeSystem.LastStakeDeltaEpoch = sol, 771
	s.StakeSystem.StakeList = accounts.MarinadeList{ItemSize: 56, Count: 165}
	s.MinDeposit, s.MinWithdraw, s.StakingSOLCap = 1, 1, math.MaxUint64
	s.WithdrawStakeAccountFee, s.WithdrawStakeAccountEnabled = 1500, true
	s.LiqPool.LPLiquidityTarget = 21_000 * sol
	s.LiqPool.LPMaxFee = 900
	s.LiqPool.LPMinFee = 1
	s.LiqPool.TreasuryCut = 5000

	return m
}

// marinadeOfJune returns Marinade in epoch 797 from the dump of its state in
// igneous-labs/inf-1.5.
func marinadeOfJune() quote.MarinadeState {
	m := marinade()
	m.Clock.Epoch = 797
	s := &m.State
	s.ValidatorSystem.TotalActiveBalance = 4_220_827_648_758_128
	s.EmergencyCoolingDown = 272_852_434_502_954
	s.AvailableReserveBalance = 1_079_913_216_896_623
	s.CirculatingTicketBalance = 757_853_719_175_662
	s.MSOLSupply = 3_708_024_471_418_784
	s.DelayedUnstakeFee = 1000
	s.WithdrawStakeAccountFee = 1000
	s.StakeSystem.LastStakeDeltaEpoch = 796
	m.MintSupply = s.MSOLSupply

	return m
}

// marinadeSource returns the stake account
// E5Bo53WkmoYXsb72gDsYS8hbs38fFr16J24TX9RxbQsv at position 10 of the list, with
// validator 589.
func marinadeSource() quote.MarinadeStakeSource {
	const delegated = 48_910_013_414_019
	vote := solana.MPK("FPjq7vB2V3TiseJJSPsp47UWSfT4AwvKjiU7GEro7bX9")
	account := figures.Delegated(marinadeWithdrawer, stakeRent, vote, delegated, 661)
	account.Staker = marinadeStaker
	return quote.MarinadeStakeSource{
		MarinadeRecord: quote.MarinadeRecord{
			Index: 10,
			Record: accounts.MarinadeStakeRecord{
				StakeAccount: solana.MPK(
					"E5Bo53WkmoYXsb72gDsYS8hbs38fFr16J24TX9RxbQsv",
				),
				LastUpdateDelegatedLamports: delegated,
				LastUpdateEpoch:             772,
			},
		},
		Stake:          quote.StakeAccountState{Lamports: 48_910_291_346_142, Account: account},
		ValidatorIndex: 589,
		Validator: accounts.MarinadeValidatorRecord{VoteAccount: vote,
			ActiveBalance: delegated},
	}
}

// Owners of stake accounts at Marinade.
var (
	marinadeStaker     = solana.MPK("4bZ6o3eUUNXhKuqjdCnCoPAoLgWiuLYixKaxoa8PpiKk")
	marinadeWithdrawer = solana.MPK("9eG63CdHjsfhHmobHgLtESGC8GabbmRcaSpHAZrtmhco")
)

// The owner and the vote account of marinadeStake.
var (
	marinadeOwner = solana.MPK("73mx3pb9AccyrfoY6Agx3baocyqPUNmLFuTM2nbfv1T8")
	marinadeVote  = solana.MPK("BLADE1qNA1uNjRgER6DtUFf7FU3c1TWLLdpPeEcKatZ2")
)

// marinadeStake returns the stake account
// 8DiGgFDxCpJuJP84oMhnZgMEWhAx7v5j1HALLZU43jpr of the same dump.
func marinadeStake() quote.StakeAccountState {
	return quote.StakeAccountState{Lamports: 6_666_965_431_060,
		Account: figures.Delegated(marinadeOwner, stakeRent, marinadeVote, 6_666_963_148_180, 743)}
}

func marinadeValidators() *accounts.MarinadeValidatorList {
	return &accounts.MarinadeValidatorList{
		Validators: []accounts.MarinadeValidatorRecord{{VoteAccount: key(7)},
			{VoteAccount: marinadeVote}},
	}
}

// The worked examples of the protocol's reference. The program executed all of
// them except TestMarinadeState_OrderUnstakeWorked.

func TestMarinadeState_DepositWorked(t *testing.T) {
	m := marinade()
	price, err := m.Price()
	require.NoError(t, err)
	require.Equal(t, quote.Price{Lamports: 4_578_928_761_554_965, Tokens: 3_564_176_058_141_121},
		price)

	deposit, err := m.Deposit(sol)
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeDeposit{
		Lamports:  sol,
		MSOL:      778_386_440,
		Minted:    778_386_440,
		ToReserve: sol,
	}, deposit)

	withLeg := m
	withLeg.MSOLLegAmount = 500_000_000
	deposit, err = withLeg.Deposit(sol)
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeDeposit{
		Lamports:  sol,
		MSOL:      778_386_440,
		FromLeg:   500_000_000,
		Minted:    278_386_440,
		ToLeg:     642_354_458,
		ToReserve: 357_645_542,
	}, deposit)

	withLeg.MSOLLegAmount = 778_386_440
	deposit, err = withLeg.Deposit(sol)
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeDeposit{
		Lamports: sol,
		MSOL:     778_386_440,
		FromLeg:  778_386_440,
		ToLeg:    sol,
	}, deposit, "the leg is exactly sufficient")
}

func TestMarinadeState_LiquidUnstakeWorked(t *testing.T) {
	m := marinade()
	sale, err := m.LiquidUnstake(10 * sol)
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeLiquidUnstake{
		MSOL:     10 * sol,
		Lamports: 12_349_906_813,
		FeeBps:   387,
		Fee:      387_000_000,
		Treasury: 193_500_000,
		ToLeg:    9_806_500_000,
	}, sale)

	noTreasury := m
	noTreasury.TreasuryUsable = false
	sale, err = noTreasury.LiquidUnstake(10 * sol)
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeLiquidUnstake{
		MSOL:     10 * sol,
		Lamports: 12_349_906_813,
		FeeBps:   387,
		Fee:      387_000_000,
		ToLeg:    10 * sol,
	}, sale)

	rich := m
	rich.SOLLegLamports = 50_000*sol + 2_039_280
	sale, err = rich.LiquidUnstake(10 * sol)
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeLiquidUnstake{
		MSOL:     10 * sol,
		Lamports: 12_845_804_455,
		FeeBps:   1,
		Fee:      1_000_000,
		Treasury: 500_000,
		ToLeg:    9_999_500_000,
	}, sale)
}

func TestMarinadeState_StakeWorked(t *testing.T) {
	m := marinade()
	noTreasury := m
	noTreasury.TreasuryUsable = false
	source := marinadeSource()
	want := quote.MarinadeStakeWithdrawal{
		MSOL:           10 * sol,
		Lamports:       12_827_818_531,
		Rent:           stakeRent,
		Fee:            19_270_633,
		Treasury:       15_000_000,
		Burned:         9_985_000_000,
		StakeAccount:   source.Record.StakeAccount,
		StakeIndex:     10,
		Vote:           source.Validator.VoteAccount,
		ValidatorIndex: 589,
	}

	w, err := m.WithdrawStakeAccount(10*sol, source)
	require.NoError(t, err)
	require.Equal(t, want, w)
	w, err = noTreasury.WithdrawStakeAccount(10*sol, source)
	require.NoError(t, err)
	want.Treasury, want.Burned = 0, 10*sol
	require.Equal(t, want, w)

	staked, err := m.DepositStakeAccount(marinadeStake(), marinadeValidators(), marinadeOwner)
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeStakeDeposit{
		Staked:         6_666_963_148_180,
		Kept:           stakeRent,
		MSOL:           5_189_473_711_135,
		Vote:           marinadeVote,
		ValidatorIndex: 1,
	}, staked)
}

func TestMarinadeState_OrderUnstakeWorked(t *testing.T) {
	june := marinadeOfJune()
	order, err := june.OrderUnstake(10 * sol)
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeOrder{
		MSOL:         10 * sol,
		Lamports:     12_974_358_391,
		Fee:          12_987_345,
		CreatedEpoch: 797,
		Rent:         1_503_360,
	}, order)

	june.State.StakeSystem.LastStakeDeltaEpoch = 797
	order, err = june.OrderUnstake(10 * sol)
	require.NoError(t, err)
	require.Equal(t, uint64(798), order.CreatedEpoch,
		"Marinade has begun to unstake for this epoch")
}

// TestMarinadeState_DepositFees checks the deposit fees of version 2.1, in
// hundredths of a basis point and rounded down. Version 2.0 has no deposit
// fees.
func TestMarinadeState_DepositFees(t *testing.T) {
	m := marinade()
	m.State.DepositSOLFee, m.State.DepositStakeAccountFee = 1999, 2000
	deposit, err := m.Deposit(sol)
	require.NoError(t, err)
	require.Equal(t, uint64(778_386_440), deposit.MSOL)
	require.Zero(t, deposit.Fee)

	m.Version = quote.MarinadeVersionUnknown
	require.Equal(t, quote.MarinadeVersionUnknown, quote.MarinadeVersionOf("some other build"))
	deposit, err = m.Deposit(sol)
	require.NoError(t, err)
	// floor(998,001,000 * 3,564,176,058,141,121 / 4,578,928,761,554,965)
	require.Equal(t, quote.MarinadeDeposit{
		Lamports:  sol,
		Fee:       1_999_000,
		MSOL:      776_830_445,
		Minted:    776_830_445,
		ToReserve: sol,
	}, deposit)

	deposit, err = m.Deposit(sol + 499)
	require.NoError(t, err)
	require.Equal(t, uint64(1_999_000), deposit.Fee, "0.997501 of a lamport more, rounded down")

	staked, err := m.DepositStakeAccount(marinadeStake(), marinadeValidators(), marinadeOwner)
	require.NoError(t, err)
	require.Equal(t, uint64(13_333_926_296), staked.Fee)
	require.Equal(t, uint64(6_666_963_148_180), staked.Staked)
	require.Less(t, staked.MSOL, uint64(5_189_473_711_135))
}

// TestMarinadeState_LiquidUnstakeFee checks the ends of the fee curve. The fee
// depends on the SOL that would remain in the pool without a fee.
func TestMarinadeState_LiquidUnstakeFee(t *testing.T) {
	m := marinade()
	m.State.MSOLSupply = 0 // an mSOL unit is worth a lamport
	m.State.LiqPool.LPMaxFee, m.State.LiqPool.LPMinFee = 900, 300
	for _, test := range []struct {
		name             string
		available, value uint64
		bps              uint32
	}{
		{"at the target", 21_001 * sol, sol, 300},
		// The fee is rounded up to basis points.
		{"a lamport below it", 21_001*sol - 1, sol, 301},
		{"half of it", 10_501 * sol, sol, 600},
		{"a lamport more than half", 10_501*sol + 1, sol, 600},
		{"a lamport less than half", 10_501*sol - 1, sol, 601},
		{"all but a basis point's worth", 36 * sol, sol, 899},
		{"all but a bit less", 36*sol - 1, sol, 900},
		{"everything", sol, sol, 900},
	} {
		t.Run(test.name, func(t *testing.T) {
			m.SOLLegLamports = test.available + m.State.RentExemptForTokenAcc
			u, err := m.LiquidUnstake(test.value)
			require.NoError(t, err)
			require.Equal(t, test.bps, u.FeeBps)
			require.Equal(t, test.value*uint64(test.bps)/10_000, u.Fee)
			require.Equal(t, test.value-u.Fee, u.Lamports)
		})
	}

	// A target of zero is reached if any SOL remains, but not if none remains.
	flat := m
	flat.State.LiqPool.LPLiquidityTarget = 0
	flat.SOLLegLamports = sol + m.State.RentExemptForTokenAcc
	for value, bps := range map[uint64]uint32{sol: 900, sol - 1: 300} {
		u, err := flat.LiquidUnstake(value)
		require.NoError(t, err)
		require.Equal(t, bps, u.FeeBps)
	}

	// The sale may be worth more than the pool holds if the fee covers the
	// difference.
	m.SOLLegLamports = 91*sol + m.State.RentExemptForTokenAcc
	u, err := m.LiquidUnstake(100 * sol)
	require.NoError(t, err)
	require.Equal(t, uint64(91*sol), u.Lamports)
	_, err = m.LiquidUnstake(100*sol + 2)
	requireRefusal(t, err, quote.ErrInsufficientReserve, m.Address)
}

// TestMarinadeState_LiquidUnstakeFeeSteps checks that exact-out finds the
// smallest input where the fee has a step and more mSOL pays less.
func TestMarinadeState_LiquidUnstakeFeeSteps(t *testing.T) {
	m := marinade()
	m.State.MSOLSupply = 0
	m.State.LiqPool.LPMaxFee = 900
	m.State.LiqPool.LPMinFee = 0
	m.State.LiqPool.LPLiquidityTarget = 9_000 * sol
	m.SOLLegLamports = 9_000*sol + m.State.RentExemptForTokenAcc
	// The fee is one basis point for each ten SOL, rounded up: 100 for a sale
	// of 1000 SOL, and 101 for one more lamport.
	low, err := m.LiquidUnstake(1000 * sol)
	require.NoError(t, err)
	require.Equal(t, uint64(990*sol), low.Lamports)
	high, err := m.LiquidUnstake(1000*sol + 1)
	require.NoError(t, err)
	require.Equal(t, uint64(989_900_000_001), high.Lamports)

	got, err := m.LiquidUnstakeExactOut(990 * sol)
	require.NoError(t, err)
	require.Equal(t, low.Lamports, got.Lamports, "although 1000.05 SOL pay less")
	require.Equal(t, low.MSOL-1, got.MSOL, "the fee is rounded down")
	got, err = m.LiquidUnstakeExactOut(990*sol + 1)
	require.NoError(t, err)
	require.Equal(t, uint32(101), got.FeeBps)
	require.Equal(t, uint64(990*sol+1), got.Lamports)
	require.Equal(t, uint64(1_000_101_020_306), got.MSOL, "just above 990 SOL / 0.9899")
}

// TestMarinadeState_FirstDeposit checks that mSOL is worth a lamport per unit
// before the first deposit, and that deposits are one to one while mSOL is
// worthless.
func TestMarinadeState_FirstDeposit(t *testing.T) {
	m := marinade()
	m.State.MSOLSupply, m.MintSupply = 0, 0
	deposit, err := m.Deposit(sol)
	require.NoError(t, err)
	require.Equal(t, uint64(sol), deposit.MSOL)
	out, err := m.DepositExactOut(sol)
	require.NoError(t, err)
	require.Equal(t, deposit, out)

	m = marinade()
	m.State.CirculatingTicketBalance = math.MaxUint64
	m.MSOLLegAmount = 5
	deposit, err = m.Deposit(sol)
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeDeposit{
		Lamports:  sol,
		MSOL:      sol,
		FromLeg:   5,
		Minted:    sol - 5,
		ToReserve: sol,
	}, deposit)

	_, err = m.LiquidUnstake(sol)
	requireRefusal(t, err, quote.ErrAmountTooSmall, m.Address)
	_, err = m.LiquidUnstakeExactOut(sol)
	requireRefusal(t, err, quote.ErrAmountTooLarge, m.Address)
	_, err = m.OrderUnstakeExactOut(sol)
	requireRefusal(t, err, quote.ErrAmountTooLarge, m.Address)
}

// TestMarinadeState_Claim checks when the program pays a ticket: not in its
// epoch, from half an hour into the next epoch, and at any time later.
func TestMarinadeState_Claim(t *testing.T) {
	m := marinade()
	m.Clock = accounts.Clock{EpochStartTimestamp: 1_000}
	ticket := &accounts.MarinadeTicket{State: m.Address, Lamports: 5 * sol, CreatedEpoch: 772}
	due, seconds, err := m.ClaimableAt(ticket)
	require.NoError(t, err)
	require.Equal(t, uint64(773), due)
	require.Equal(t, int64(1800), seconds)
	for _, test := range []struct {
		epoch uint64
		after int64
		ok    bool
	}{
		{771, 1800, false}, {772, 100_000, false}, {773, 0, false}, {773, 1799, false},
		{773, 1800, true}, {774, 0, true}, {900, 0, true},
	} {
		m.Clock.Epoch, m.Clock.UnixTimestamp = test.epoch, 1_000+test.after
		got, err := m.Claim(ticket, 1_503_360)
		if test.ok {
			require.NoError(t, err)
			require.Equal(t, quote.MarinadeClaim{Lamports: 5 * sol, Rent: 1_503_360}, got)
			continue
		}

		requireRefusal(t, err, quote.ErrTicketNotDue, m.Address)
	}
}

// TestMarinadeTreasuryUsable_Accounts checks that any token account of mSOL is
// usable.
func TestMarinadeTreasuryUsable_Accounts(t *testing.T) {
	state := marinade().State
	for _, test := range []struct {
		name        string
		mint, owner solana.PublicKey
		cut         int
		want        bool
	}{
		{"usable", accounts.MSOLMint, accounts.TokenProgram, 0, true},
		{"another token", accounts.NativeMint, accounts.TokenProgram, 0, false},
		{"another program", accounts.MSOLMint, accounts.Token2022Program, 0, false},
		{"no account", solana.PublicKey{}, accounts.SystemProgram, 165, false},
		{"cut", accounts.MSOLMint, accounts.TokenProgram, 1, false},
	} {
		a := figures.TokenAccount(key(1), test.mint, key(2), 3, 4)
		a.Owner, a.Data = test.owner, a.Data[:len(a.Data)-test.cut]
		require.Equal(t, test.want, quote.MarinadeTreasuryUsable(&state, a), test.name)
	}
}
