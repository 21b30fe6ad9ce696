package sanctum_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// hole is a copy of a value with one zero part: a field, or the target of a
// pointer, the value of an interface, the first element of a slice or an entry
// of a map.
type hole struct {
	where string
	value reflect.Value
}

// sol is one SOL in lamports.
const sol = 1_000_000_000

// maxDepth is the maximum depth of a hole below a value.
const maxDepth = 4

// holes returns all copies of a value with one hole.
func holes(v reflect.Value, depth int) (all []hole) {
	if !v.IsZero() {
		all = append(all, hole{"", reflect.Zero(v.Type())})
	}

	if depth == 0 {
		return all
	}

	inside := func(where string, part reflect.Value, with func(reflect.Value) reflect.Value) {
		for _, h := range holes(part, depth-1) {
			all = append(all, hole{where + h.where, with(h.value)})
		}
	}

	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				continue
			}

			inside("."+v.Type().Field(i).Name, v.Field(i), func(part reflect.Value) reflect.Value {
				changed := reflect.New(v.Type()).Elem()
				changed.Set(v)
				changed.Field(i).Set(part)
				return changed
			})
		}

	case reflect.Pointer:
		if v.IsNil() || v.Elem().Kind() != reflect.Struct {
			break
		}

		inside("", v.Elem(), func(part reflect.Value) reflect.Value {
			changed := reflect.New(v.Type().Elem())
			changed.Elem().Set(part)
			return changed
		})

	case reflect.Interface:
		if v.IsNil() {
			break
		}

		inside("", v.Elem(), func(part reflect.Value) reflect.Value {
			changed := reflect.New(v.Type()).Elem()
			changed.Set(part)
			return changed
		})

	case reflect.Slice:
		if v.Len() == 0 || v.Type().Elem().Kind() == reflect.Uint8 {
			break
		}

		inside("[0]", v.Index(0), func(part reflect.Value) reflect.Value {
			changed := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(changed, v)
			changed.Index(0).Set(part)
			return changed
		})

	case reflect.Map:
		for _, key := range v.MapKeys() {
			inside(fmt.Sprintf("[%v]", key), v.MapIndex(key),
				func(part reflect.Value) reflect.Value {
					changed := reflect.MakeMap(v.Type())
					for _, k := range v.MapKeys() {
						changed.SetMapIndex(k, v.MapIndex(k))
					}

					changed.SetMapIndex(key, part)
					return changed
				})
		}
	}

	return all
}

// withHoles calls a function with a value and with all its copies with one
// hole, and returns the number of calls.
func withHoles[T any](t *testing.T, name string, value T, use func(T)) (tried int) {
	t.Helper()
	seen := make(map[string]bool)
	whole := reflect.New(reflect.TypeFor[T]()).Elem()
	whole.Set(reflect.ValueOf(value))
	for _, h := range append(holes(whole, maxDepth), hole{" itself", whole}) {
		func() {
			defer func() {
				r := recover()
				if at := frames(); r != nil && !seen[at] {
					seen[at] = true
					t.Errorf("%s without %s: %v%s", name, h.where, r, at)
				}
			}()

			use(h.value.Interface().(T))
		}()

		tried++
	}

	return tried
}

// TestSurface_TradesWithHoles trades in pools that are complete except one
// field. The zero values of [TestSurface_DoesNotPanic] do not get that far.
func TestSurface_TradesWithHoles(t *testing.T) {
	market, err := demo.Load()
	require.NoError(t, err)
	chain := market.Chain
	me := solana.PublicKey{1}
	tried := 0

	pools := make(map[solana.PublicKey]*accounts.StakePool)
	for i := range market.StakePools {
		pools[market.StakePools[i].Address] = &market.StakePools[i].State
	}

	for _, f := range []*figures.Infinity{market.Infinity.V1, market.Infinity.V2} {
		tried += withHoles(t, "Infinity", f.Quote(chain, chain.Clock.Slot, pools),
			func(q quote.InfinityState) {
				mints := append([]solana.PublicKey{f.Pool.LPTokenMint}, sortedMints(f)...)
				for _, from := range mints[:3] {
					for _, to := range mints[:3] {
						_, _ = q.Swap(from, to, sol)
						_, _ = q.SwapExactOut(from, to, sol)
					}
				}
			})
	}

	tried += tradeStakePool(t, chain, market.StakePools[0])
	tried += tradeMarinade(t, chain, market.Marinade)

	tried += withHoles(t, "Lido", market.Lido.Quote(chain), func(q quote.LidoState) {
		from, _ := q.Source()
		live := quote.StakeAccountState{Lamports: 100 * sol,
			Account: accounts.StakeAccount{State: accounts.StakeDelegated}}
		_, _ = q.Withdraw(sol, live)
		_, _ = q.WithdrawExactOut(sol, live)
		_, _ = q.WithdrawMost(live)
		_, _ = q.Limit(live)
		_, _ = q.Updated()
		_, _ = q.After(quote.LidoWithdrawal{})
		_, _ = q.Price(), from
	})

	tried += withHoles(t, "Reserve", market.Reserve.Quote(chain), func(q quote.ReserveState) {
		_, _ = q.Unstake(sol, sol, true)
		_, _ = q.UnstakeExactOut(sol, sol, true)
		_, _ = q.UnstakeFor(sol)
		_, _ = q.AddLiquidity(sol)
		_, _ = q.RemoveLiquidity(sol)
		_, _ = q.LPPrice()
		_ = q.Sellable(new(accounts.StakeAccount), me)
	})

	require.Greater(t, tried, 500)
	t.Logf("%d values", tried)
}

// tradeStakePool trades in a stake pool and in its copies with one hole.
func tradeStakePool(t *testing.T, chain figures.Chain, pool figures.StakePool) (tried int) {
	t.Helper()
	whole := pool.Quote(chain, quote.StakePoolFeeRounding(demo.Builds()[pool.Program]))
	sources := pool.Validators[0].Source()
	usePool := func(
		q quote.StakePoolState, from quote.ValidatorStakeSource, list *accounts.ValidatorList,
	) {
		_, _ = q.DepositSOL(sol)
		_, _ = q.DepositSOLExactOut(sol)
		_, _ = q.WithdrawSOL(sol)
		_, _ = q.WithdrawSOLExactOut(sol)
		_, _ = q.DepositStake(sol, 1)
		_, _ = q.DepositStakeExactOut(sol, 1)
		_, _ = q.WithdrawStake(sol, from)
		_, _ = q.WithdrawStakeExactOut(sol, from)
		_, _ = q.EpochGrowth()
		_, _ = q.FloorPrice(sol)
		_, _ = q.Sources(list)
		_, _, _ = q.StakeParts(list, from.Stake, from.Stake)
		_, _ = q.Updated()
		_ = q.Price()
	}

	tried += withHoles(t, "stake pool", whole,
		func(q quote.StakePoolState) { usePool(q, sources, pool.List()) })
	tried += withHoles(t, "validator", sources,
		func(s quote.ValidatorStakeSource) { usePool(whole, s, pool.List()) })
	tried += withHoles(t, "validator list", pool.List(),
		func(l *accounts.ValidatorList) { usePool(whole, sources, l) })

	return tried
}

// tradeMarinade trades in Marinade and in its copies with one hole.
func tradeMarinade(t *testing.T, chain figures.Chain, m *figures.Marinade) (tried int) {
	t.Helper()
	useMarinade := func(
		q quote.MarinadeState,
		list *accounts.MarinadeStakeList,
		validators *accounts.MarinadeValidatorList,
	) {
		_, _ = q.Deposit(sol)
		_, _ = q.DepositExactOut(sol)
		_, _ = q.LiquidUnstake(sol)
		_, _ = q.LiquidUnstakeExactOut(sol)
		_, _ = q.OrderUnstake(sol)
		_, _ = q.Price()
		_, _ = q.PickSource(sol, list, validators, nil)
		if from, err := q.PickSource(sol, list, validators, m.Live); err == nil {
			_, _ = q.WithdrawStakeAccount(sol, from)
			_, _ = q.WithdrawStakeAccountExactOut(sol, from)
		}
	}

	marinade := m.Quote(chain)
	tried += withHoles(t, "Marinade", marinade,
		func(q quote.MarinadeState) { useMarinade(q, m.StakeList(), m.ValidatorList()) })
	tried += withHoles(t, "stakes", m.StakeList(),
		func(l *accounts.MarinadeStakeList) { useMarinade(marinade, l, m.ValidatorList()) })
	tried += withHoles(t, "validators", m.ValidatorList(),
		func(l *accounts.MarinadeValidatorList) { useMarinade(marinade, m.StakeList(), l) })

	return tried
}

func sortedMints(f *figures.Infinity) (mints []solana.PublicKey) {
	for _, h := range f.Holdings {
		mints = append(mints, h.Entry.Mint)
	}
	return mints
}

// TestSurface_PlansWithHoles goes from a request to a signed transaction with
// values that are complete except one field.
func TestSurface_PlansWithHoles(t *testing.T) {
	s := newSamples(t)
	ctx := t.Context()
	loaded := s.useful[reflect.TypeFor[*route.Market]()]().(*route.Market)
	opts := s.useful[reflect.TypeFor[sdk.BuildOptions]()]().(sdk.BuildOptions)
	me := opts.Owner
	tried := 0

	tokens := loaded.Tokens()
	for _, pair := range [][2]solana.PublicKey{
		{accounts.NativeMint, tokens[0].Mint},
		{tokens[0].Mint, accounts.NativeMint},
		{tokens[0].Mint, tokens[1].Mint},
		{tokens[0].Mint, route.NativeStake},
	} {
		request := route.Request{
			From:   pair[0],
			To:     pair[1],
			Amount: 1_000_000_000,
		}

		tried += withHoles(t, "request", request, func(r route.Request) {
			_, _ = loaded.Quotes(r)
			_, _ = s.client.LoadMarketForRequest(ctx, r)
		})

		quotes, _ := loaded.Quotes(request)
		require.NotEmpty(t, quotes)
		for _, q := range quotes {
			tried += withHoles(t, "quote "+string(q.Venue), q, func(q route.Quote) {
				_, _ = s.client.Build(ctx, q, opts)
				_, _, _ = q.BalanceCheckAccount(me)
			})
		}

		held := uint64(1)
		parties := route.BuildParams{
			Owner:      me,
			Payer:      me,
			Seed:       "seed",
			NewAccount: me,
			PreBalance: &held,
		}

		tried += withHoles(t, "parties", parties, func(p route.BuildParams) {
			for _, q := range quotes {
				_, _ = q.Steps(p)
			}
		})
	}

	tried += buildWithHoles(t, s, opts)
	require.Greater(t, tried, 300)
	t.Logf("%d values", tried)
}

// buildWithHoles builds, compiles and explains transactions of values and of
// their copies with one hole.
func buildWithHoles(t *testing.T, s *samples, opts sdk.BuildOptions) (tried int) {
	t.Helper()
	ctx, me := t.Context(), opts.Owner
	lifetime := s.signed.Unsigned().Lifetime()
	quoted := s.useful[reflect.TypeFor[route.Quote]()]().(route.Quote)
	full := opts
	full.Lifetime, full.Memo, full.Nonce = &lifetime, "memo", solana.PublicKey{9}
	for _, o := range []sdk.BuildOptions{opts, full} {
		tried += withHoles(t, "options", o,
			func(o sdk.BuildOptions) { _, _ = s.client.Build(ctx, quoted, o) })
	}

	full.StakeKeypair = new(txn.KeySigner)
	_, err := s.client.Build(ctx, quoted, full)
	require.Error(t, err)

	plan := txn.Plan{
		Payer:             me,
		Steps:             s.signed.Unsigned().Steps(),
		Lifetime:          lifetime,
		NewAccountSigners: []*txn.KeySigner{new(txn.KeySigner)},
		Tables:            []txn.LookupTable{{Address: me, Addresses: []solana.PublicKey{me}}},
	}

	tried += withHoles(t, "plan", plan, func(p txn.Plan) {
		if u, err := p.Compile(); err == nil {
			_, _ = u.Sign(context.Background())
		}
	})

	var all []solana.Instruction
	for _, step := range plan.Steps {
		all = append(all, step.Instruction)
	}

	tried += withHoles(t, "instructions", all,
		func(ixs []solana.Instruction) { _ = explain.Instructions(me, ixs, nil) })
	explained := explain.Transaction(s.signed.Unsigned(), lst.Default())
	policy := explain.Policy{
		Owner: me,
		Payer: me,
	}

	tried += withHoles(t, "explanation", explained, func(e explain.Explanation) {
		_ = explain.Verify(e, policy)
		_ = e.String()
	})

	tried += withHoles(t, "policy", policy,
		func(p explain.Policy) { _ = explain.Verify(explained, p) })

	return tried
}

// TestHoles_Everywhere checks that every field gets a hole, and that the
// original value stays unchanged.
func TestHoles_Everywhere(t *testing.T) {
	type inner struct{ A, B int }
	type outer struct {
		In  inner
		To  *inner
		All []inner
		By  map[string]inner
		Any any
	}

	whole := outer{
		In:  inner{1, 2},
		To:  &inner{3, 4},
		All: []inner{{5, 6}, {7, 8}},
		By:  map[string]inner{"x": {9, 10}},
		Any: inner{11, 12},
	}

	var where []string
	for _, h := range holes(reflect.ValueOf(whole), maxDepth) {
		where = append(where, h.where)
		require.NotEqual(t, whole, h.value.Interface())
	}

	require.Equal(t, []string{
		"",
		".In", ".In.A", ".In.B",
		".To", ".To", ".To.A", ".To.B",
		".All", ".All[0]", ".All[0].A", ".All[0].B",
		".By", ".By[x]", ".By[x].A", ".By[x].B",
		".Any", ".Any", ".Any.A", ".Any.B",
	}, where)

	require.Equal(t, inner{3, 4}, *whole.To)
	require.Equal(t, inner{5, 6}, whole.All[0])
	require.Equal(t, inner{9, 10}, maps.Clone(whole.By)["x"])
}
