package route_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestMarket_RequoteHostile changes fields of portable quotes at random. Each
// result is refused, or it is a trade of the named tokens that pays the owner
// alone and keeps the limits.
func TestMarket_RequoteHostile(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 7))
	market, quotes := portableQuotes(t)
	keys := []solana.PublicKey{accounts.NativeMint, route.NativeStake, {}, {9}, accounts.INFMint}
	for _, token := range market.Tokens() {
		keys = append(keys, token.Mint, token.Pool)
	}

	served, refused := 0, 0
	for range 4_000 {
		p := quotes[rng.IntN(len(quotes))].Portable()
		p.Expected = route.Parties{}
		for range 1 + rng.IntN(3) {
			disturb(rng, reflect.ValueOf(&p).Elem(), keys)
		}

		text := fmt.Sprintf("%+v", p)
		q, err := market.Requote(p)
		if err != nil {
			refused++
			require.NotContains(t, err.Error(), "\n")
			continue
		}

		served++
		require.Equal(t, p.Request.From, q.Request.From, text)
		require.Equal(t, p.Request.To, q.Request.To, text)
		require.Equal(t, p.Request.Amount, q.Request.Amount, text)
		require.True(t, q.Request.Recipient.IsZero(), text)
		require.True(t, q.Request.Referrer.IsZero(), text)
		require.Zero(t, q.Request.IntegratorFee, text)
		require.GreaterOrEqual(t, q.MinOut, p.MinOut, text)
		require.LessOrEqual(t, q.MaxIn, p.MaxIn, text)
		require.GreaterOrEqual(t, q.Out, q.MinOut, text)
		require.LessOrEqual(t, q.In, q.MaxIn, text)
	}

	t.Logf("%d served, %d refused", served, refused)
	require.NotZero(t, served)
	require.NotZero(t, refused)
}

// disturb changes one field of a value, or of a value in it.
func disturb(rng *rand.Rand, v reflect.Value, keys []solana.PublicKey) {
	switch v.Kind() {
	case reflect.Struct:
		at := rng.IntN(v.NumField())
		if v.Type().Field(at).Tag.Get("json") != "-" {
			disturb(rng, v.Field(at), keys)
		}

	case reflect.Slice:
		switch n := v.Len(); {
		case n == 0 || rng.IntN(8) == 0:
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			disturb(rng, v.Index(n), keys)
		case rng.IntN(8) == 0:
			v.SetLen(n - 1)
		default:
			// The quote keeps its own list.
			own := reflect.MakeSlice(v.Type(), n, n)
			reflect.Copy(own, v)
			v.Set(own)
			disturb(rng, v.Index(rng.IntN(n)), keys)
		}

	case reflect.Array:
		v.Set(reflect.ValueOf(keys[rng.IntN(len(keys))]))
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		words := []string{"", "x", "Infinity", "Router", "stake withdrawal", "Reserve", "direct",
			"split", "twoHops", "stake pool deposit", "stake withdrawal and deposit"}
		v.SetString(words[rng.IntN(len(words))])

	default:
		values := []uint64{0, 1, v.Uint() - 1, v.Uint() + 1, v.Uint() / 2, 2 * v.Uint(),
			math.MaxUint64, rng.Uint64() >> rng.IntN(64)}
		v.SetUint(values[rng.IntN(len(values))])
	}
}
