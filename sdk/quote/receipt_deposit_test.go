package quote_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

const depositedAt = 1_788_000_000

// intercepted returns a pool behind the interceptor with the terms of JitoSOL:
// 36,000 seconds and 1,000 basis points.
func intercepted(lamports, tokens uint64, fee accounts.Fee) quote.InterceptedPool {
	p := pool(accounts.StakePoolProgram, "Jito4APyf642JPZPx3hGc6WWJ8zPKtRbRs4P815Awbb",
		lamports, tokens)
	p.State.StakeDepositAuthority = key(61)
	p.State.StakeDepositFee, p.State.SOLDepositFee = fee, fee
	p.State.StakeReferralFee, p.State.SOLReferralFee = 50, 50
	p.State.PoolMint, p.State.TokenProgram = key(62), accounts.TokenProgram
	p.Clock.UnixTimestamp = depositedAt

	return quote.InterceptedPool{
		Pool: p,
		Authority: accounts.InterceptorAuthority{
			StakePool:        p.Address,
			StakePoolProgram: p.Program,
			PoolMint:         p.State.PoolMint,
			CoolDownSeconds:  36_000,
			InitialFeeBPS:    1_000,
		},
	}
}

// TestInterceptedPool_DepositStake has deposits that the programs executed.
func TestInterceptedPool_DepositStake(t *testing.T) {
	three := accounts.Fee{Numerator: 3, Denominator: 10_000}
	for _, test := range []struct {
		name             string
		lamports, tokens uint64
		fee              accounts.Fee
		staked, unstaked uint64
		receipt, kept    uint64
		referral, atOnce uint64
	}{
		{"100 SOL", 129_843_123_507, 100_000_000_000, three, 100 * sol, stakeRent,
			76_994_668_253, 11_552_667, 11_552_666, 69_295_201_427},
		{"7 SOL and more", 229_845_406_387, 177_017_773_586, three, 7 * sol,
			stakeRent + 123_456, 5_391_356_449, 808_947, 808_946, 4_852_220_804},
		// The rate of JitoSOL in August 2026.
		{"1 SOL of JitoSOL", 10_055_451_327_284_113, 7_744_307_943_019_095, accounts.Fee{}, sol,
			stakeRent, 771_918_337, 0, 0, 694_726_503},
		{"1,000 SOL of JitoSOL", 10_055_451_327_284_113, 7_744_307_943_019_095, accounts.Fee{},
			1_000 * sol, stakeRent, 770_161_912_208, 0, 0, 693_145_720_987},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := intercepted(test.lamports, test.tokens, test.fee)
			got, err := s.DepositStake(test.staked, test.unstaked)
			require.NoError(t, err)
			require.Equal(t, quote.ReceiptDeposit{
				StakeDeposit: quote.StakeDeposit{
					Staked:      test.staked,
					Unstaked:    test.unstaked,
					Tokens:      test.receipt,
					ReferralFee: test.referral,
					ManagerFee:  test.kept,
					Exact:       true,
				},
				Receipt: accounts.InterceptorReceipt{
					StakePool:        s.Pool.Address,
					DepositAuthority: key(61),
					DepositTime:      depositedAt,
					PoolTokens:       test.receipt,
					CoolDownSeconds:  36_000,
					InitialFeeBPS:    1_000,
				},
				Rent: 3_821_040,
			}, got)

			claim, err := quote.ClaimReceipt(&got.Receipt, depositedAt)
			require.NoError(t, err)
			require.Equal(t, test.atOnce, claim.Tokens)
			require.Empty(t, s.Pool.Signers)

			prices, err := s.Prepare(key(63))
			require.NoError(t, err)
			prepared, ok := prices.DepositStake(test.staked, test.unstaked, nil)
			require.True(t, ok)
			require.Equal(t, got.StakeDeposit, prepared)
			require.Equal(t, uint64(0), s.Receipt(test.receipt, -1).DepositTime)
		})
	}
}

// TestInterceptedPool_Refusals refuses the authority of another pool, terms
// that make the program panic, and what the pool itself refuses.
func TestInterceptedPool_Refusals(t *testing.T) {
	for name, test := range map[string]struct {
		change func(s *quote.InterceptedPool)
		want   error
	}{
		"another pool": {func(s *quote.InterceptedPool) { s.Authority.StakePool = key(1) },
			quote.ErrInvalidState},
		"another program": {func(s *quote.InterceptedPool) {
			s.Authority.StakePoolProgram = key(1)
		},
			quote.ErrInvalidState},
		"another mint": {func(s *quote.InterceptedPool) { s.Authority.PoolMint = key(1) },
			quote.ErrInvalidState},
		"Token-2022": {func(s *quote.InterceptedPool) {
			s.Pool.State.TokenProgram = accounts.Token2022Program
		}, quote.ErrDisabled},
		"a clock before 1970": {func(s *quote.InterceptedPool) { s.Pool.Clock.UnixTimestamp = -1 },
			quote.ErrInvalidState},
		"a cool-down without an end": {func(s *quote.InterceptedPool) {
			s.Authority.CoolDownSeconds = math.MaxUint64
		}, quote.ErrInvalidState},
		"a fee above the receipt": {func(s *quote.InterceptedPool) { s.Authority.InitialFeeBPS++ },
			quote.ErrInvalidState},
		"a stale pool": {func(s *quote.InterceptedPool) { s.Pool.State.LastUpdateEpoch-- },
			quote.ErrStalePool},
	} {
		s := intercepted(129_843_123_507, 100_000_000_000, accounts.Fee{})
		s.Authority.InitialFeeBPS = 10_000
		test.change(&s)
		_, err := s.DepositStake(sol, stakeRent)
		require.ErrorIs(t, err, test.want, name)

		var named *quote.Error
		require.ErrorAs(t, err, &named, name)
		require.Equal(t, s.Pool.Address, named.Pool, name)

		prices, err := s.Prepare(key(63))
		if test.want == quote.ErrStalePool {
			require.NoError(t, err, "the prices refuse")
			continue
		}

		require.ErrorIs(t, err, test.want, name)
		require.Nil(t, prices, name)
	}
}
