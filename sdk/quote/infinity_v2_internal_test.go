package quote

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestYieldV2_UpdateAgainstBig compares with the program's rules in exact
// arithmetic: gains are withheld; losses reduce the withheld yield, then the
// protocol's share; the two never exceed the total.
func TestYieldV2_UpdateAgainstBig(t *testing.T) {
	take := func(withheld, protocol, lamports *big.Int) {
		short := new(big.Int).Sub(lamports, withheld)
		withheld.Sub(withheld, lamports)
		if withheld.Sign() < 0 {
			withheld.SetInt64(0)
		}

		if short.Sign() > 0 {
			protocol.Sub(protocol, short)
		}

		if protocol.Sign() < 0 {
			protocol.SetInt64(0)
		}
	}

	rapid.Check(t, func(t *rapid.T) {
		before := accounts.PoolState{
			Version:             accounts.PoolStateV2,
			TotalSOLValue:       number().Draw(t, "total"),
			WithheldLamports:    number().Draw(t, "withheld"),
			ProtocolFeeLamports: number().Draw(t, "protocol"),
		}

		total := number().Draw(t, "new total")
		withheld, protocol := toBig(before.WithheldLamports), toBig(before.ProtocolFeeLamports)
		change := new(big.Int).Sub(toBig(total), toBig(before.TotalSOLValue))
		if change.Sign() >= 0 {
			withheld.Add(withheld, change)
		} else {
			take(withheld, protocol, change.Neg(change))
		}

		books := totalsOf(before)
		var why Refusal
		books.update(total, &why)
		err := why.Err()
		if !withheld.IsUint64() {
			require.ErrorIs(t, err, ErrAmountTooLarge)
			return
		}

		require.NoError(t, err)
		excess := new(big.Int).Add(withheld, protocol)
		excess.Sub(excess, toBig(total))
		if largest := toBig(math.MaxUint64); excess.Cmp(largest) > 0 {
			excess = largest
		}

		if excess.Sign() > 0 {
			take(withheld, protocol, excess)
		}

		require.Equal(t,
			totals{all: total, withheld: withheld.Uint64(), protocol: protocol.Uint64()}, books)
	})
}

// TestInfinityState_LPRatioV2 checks the states in which an LP token is worth
// one lamport, and those in which it is worth nothing.
func TestInfinityState_LPRatioV2(t *testing.T) {
	for _, test := range []struct {
		name                              string
		total, withheld, protocol, supply uint64
		want                              ratio
		amount, value                     uint64
	}{
		{"usual", 300, 60, 40, 100, ratio{200, 100}, 7, 14},
		{"no supply", 300, 60, 40, 0, ratio{1, 1}, 7, 7},
		{"no supply and nothing due", 100, 60, 40, 0, ratio{1, 1}, 7, 7},
		{"nothing due, nothing withheld", 40, 0, 40, 100, ratio{1, 1}, 7, 7},
		{"nothing due, all withheld", 100, 60, 40, 100, ratio{0, 100}, 7, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			books := totals{all: test.total, withheld: test.withheld, protocol: test.protocol}
			got, ok := books.lpRatio(test.supply, nil)
			require.True(t, ok)
			require.Equal(t, test.want, got)
			worth, err := toSOL(tokenValue{kind: valueLP, price: got}, test.amount)
			require.NoError(t, err)
			require.Equal(t, exactly(test.value), worth)
		})
	}

	var why Refusal
	books := totals{all: 1, withheld: 2}
	_, ok := books.lpRatio(1, &why)
	require.False(t, ok)
	require.ErrorIs(t, why.Err(), ErrInvalidState)
}

// TestLPValueV2_Inverse checks values that no amount of LP tokens has. The ends
// of the inverse are then swapped, and the program mints the amount below.
func TestLPValueV2_Inverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := tokenValue{kind: valueLP,
			price: ratio{max(1, number().Draw(t, "due")), max(1, number().Draw(t, "supply"))}}
		y := number().Draw(t, "value")
		r, err := toLST(v, y)
		if err != nil {
			require.ErrorIs(t, err, ErrAmountTooLarge)
			return
		}

		require.LessOrEqual(t, r.Min, r.Max)
		low, err := toSOL(v, r.Min)
		require.NoError(t, err)
		require.LessOrEqual(t, low.Min, y, "the minted tokens are worth at most the value")
		if high, err := toSOL(v, r.Max); err == nil {
			require.GreaterOrEqual(t, high.Min, y, "the burned tokens are worth at least the value")
		}

		if low.Min < y {
			require.Equal(t, r.Min+1, r.Max, "unreachable")
		}
	})

	// A worked example of WithdrawProtocolFeesV2 with the official test pool
	// after 10 slots: 4,333 lamports are 1,944 to 1,945 INF units.
	r, err := toLST(tokenValue{kind: valueLP,
		price: ratio{111_439_393_328_527, 50_000_000_000_000}},
		4333)
	require.NoError(t, err)
	require.Equal(t, MinMax{1944, 1945}, r)
}
