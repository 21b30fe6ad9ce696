package quote_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestClaimReceipt_Source has the figures of the unit test in the program's
// source, jito-foundation/stake-deposit-interceptor
// stake_deposit_interceptor/src/state.rs.
func TestClaimReceipt_Source(t *testing.T) {
	for _, test := range []struct {
		amount uint64
		now    int64
		fee    uint64
	}{
		{1_000_000, 1_000, 10_000},
		{1_000_000, 1_500, 5_000},
		{1_000_000, 1_750, 2_500},
		{1_000_000, 2_000, 0},
		{1_000_000, 2_001, 0},
		{1, 1_000, 1},
	} {
		got, err := quote.ClaimReceipt(&accounts.InterceptorReceipt{
			DepositTime:     1_000,
			PoolTokens:      test.amount,
			CoolDownSeconds: 1_000,
			InitialFeeBPS:   100,
		}, test.now)

		require.NoError(t, err)
		require.Equal(t, quote.ReceiptClaim{
			Tokens:     test.amount - test.fee,
			Fee:        test.fee,
			OwnerSigns: test.now < 2_000,
			Due:        2_000,
		}, got)
	}
}

// TestClaimReceipt_Executed has the fees that the program took from receipts of
// JitoSOL's terms: 36,000 seconds and 1,000 basis points.
func TestClaimReceipt_Executed(t *testing.T) {
	for _, test := range []struct {
		amount, after, fee uint64
	}{
		{76_994_668_253, 0, 7_699_466_826},
		{76_994_668_253, 1, 7_699_252_952},
		{76_994_668_253, 18_000, 3_849_733_413},
		{76_994_668_253, 35_999, 213_875},
		{76_994_668_253, 36_000, 0},
		{5_391_356_449, 12_345, 354_257_047},
		{771_686_760, 0, 77_168_676},
	} {
		got, err := quote.ClaimReceipt(&accounts.InterceptorReceipt{
			DepositTime:     1_788_000_000,
			PoolTokens:      test.amount,
			CoolDownSeconds: 36_000,
			InitialFeeBPS:   1_000,
		}, int64(1_788_000_000+test.after))

		require.NoError(t, err)
		require.Equal(t, test.fee, got.Fee)
		require.Equal(t, test.amount-test.fee, got.Tokens)
	}
}

// TestClaimReceipt_Property compares the fee with a computation in big
// integers: it never rises, is never above the receipt, and ends at zero.
func TestClaimReceipt_Property(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	any64 := func() uint64 { return rng.Uint64() >> rng.UintN(64) }
	for range 20_000 {
		r := accounts.InterceptorReceipt{
			DepositTime:     any64() >> 2,
			PoolTokens:      any64(),
			CoolDownSeconds: any64() / 10_000,
			InitialFeeBPS:   uint32(rng.UintN(10_001)),
		}

		now := r.DepositTime + rng.Uint64N(r.CoolDownSeconds+2)
		got, err := quote.ClaimReceipt(&r, int64(now))
		require.NoError(t, err, "%+v at %d", r, now)
		want := new(big.Int)
		if end := r.DepositTime + r.CoolDownSeconds; now < end {
			want.SetUint64(uint64(r.InitialFeeBPS))
			want.Mul(want, new(big.Int).SetUint64(end-now))
			want.Mul(want, new(big.Int).SetUint64(r.PoolTokens))
			by := new(big.Int).SetUint64(r.CoolDownSeconds)
			by.Mul(by, big.NewInt(10_000))
			want.Add(want, by).Sub(want, big.NewInt(1)).Div(want, by)
		}

		require.Equal(t, want.String(), new(big.Int).SetUint64(got.Fee).String(), "%+v at %d", r,
			now)
		require.Equal(t, r.PoolTokens, got.Tokens+got.Fee)
		require.Equal(t, now < r.DepositTime+r.CoolDownSeconds, got.OwnerSigns)
		later, err := quote.ClaimReceipt(&r, int64(now)+1)
		require.NoError(t, err)
		require.LessOrEqual(t, later.Fee, got.Fee)
	}
}

// TestClaimReceipt_Refusals refuses what makes the program panic.
func TestClaimReceipt_Refusals(t *testing.T) {
	for name, change := range map[string]func(*accounts.InterceptorReceipt) int64{
		"before the deposit": func(*accounts.InterceptorReceipt) int64 { return 999 },
		"before 1970":        func(*accounts.InterceptorReceipt) int64 { return -1 },
		"a fee above the receipt": func(r *accounts.InterceptorReceipt) int64 {
			r.InitialFeeBPS = 10_001
			return 1_000
		},
		"a deposit without a time": func(r *accounts.InterceptorReceipt) int64 {
			r.DepositTime = math.MaxInt64 + 1
			return math.MaxInt64
		},
		"an end without a time": func(r *accounts.InterceptorReceipt) int64 {
			r.DepositTime, r.CoolDownSeconds = math.MaxInt64-9, 10
			return math.MaxInt64
		},
		"a product that overflows": func(r *accounts.InterceptorReceipt) int64 {
			r.CoolDownSeconds = math.MaxUint64/10_000 + 1
			return 1_000
		},
	} {
		r := &accounts.InterceptorReceipt{DepositTime: 1_000, PoolTokens: 5, CoolDownSeconds: 9}
		_, err := quote.ClaimReceipt(r, change(r))
		require.ErrorIs(t, err, quote.ErrInvalidState, name)
	}

	_, err := quote.ClaimReceipt(nil, 0)
	require.ErrorIs(t, err, accounts.ErrNil)
}
