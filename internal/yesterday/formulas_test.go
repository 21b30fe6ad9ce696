package yesterday_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	oldquote "github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// callsInCI is how many calls are compared where nothing else is said.
const callsInCI = 60_000

// subject is a state that prices are asked of, of both engines.
type subject struct {
	name             string
	yesterday, today reflect.Value
	// times is how often each of its functions is asked.
	times int
}

func pair[Old, New any](name string, times int, today New) subject {
	return subject{name, reflect.ValueOf(convert[Old](today)), reflect.ValueOf(today), times}
}

// subjects are all states of a world.
func (w *world) subjects() (all []subject) {
	chain := w.Chain
	for _, p := range w.StakePools {
		for _, rounding := range []quote.FeeRounding{quote.FeesRoundUp, quote.FeesRoundDown, quote.FeesUnknown} {
			all = append(
				all,
				pair[oldquote.StakePool]("stake pool "+p.Symbol, 3, p.Quote(chain, rounding)),
			)
		}
	}
	stale, lido := *w.StakePools[0], *w.Lido
	stale.State.LastUpdateEpoch--
	stalePool := stale.Quote(chain, quote.FeesRoundUp)
	stalePool.Update = stale.Balances()
	lido.State.ExchangeRate.ComputedInEpoch = chain.Clock.Epoch - 1
	staleLido := lido.Quote(chain)
	staleLido.Update = lido.Balances()
	all = append(
		all,
		pair[oldquote.StakePool]("stale stake pool", 6, stalePool),
		pair[oldquote.Lido]("stale Lido", 10, staleLido),
	)
	slot := chain.Clock.Slot + w.rng.Uint64N(1_000)
	infinity := w.Infinity.Quote(chain, slot, figures.States(w.StakePools))
	all = append(all, pair[oldquote.Infinity]("Infinity", 200, infinity))
	for _, mint := range slices.SortedFunc(maps.Keys(infinity.LSTs), compareKeys) {
		if value := infinity.LSTs[mint].Value; value != nil {
			old := convert[oldquote.InfinityLST](infinity.LSTs[mint]).Value
			all = append(
				all,
				subject{
					"value of " + mint.String(),
					reflect.ValueOf(old),
					reflect.ValueOf(value),
					20,
				},
			)
		}
	}
	if infinity.Pricing != nil {
		old := convert[oldquote.Infinity](infinity).Pricing
		all = append(
			all,
			subject{"pricing", reflect.ValueOf(old), reflect.ValueOf(infinity.Pricing), 20},
		)
	}
	reserve := w.Reserve.Quote(chain)
	return append(all,
		pair[oldquote.Reserve]("Reserve", 40, reserve),
		pair[oldquote.Marinade]("Marinade", 30, w.Marinade.Quote(chain)),
		pair[oldquote.Lido]("Lido", 30, w.Lido.Quote(chain)),
		pair[oldquote.Prefund]("prefund", 30, quote.Prefund{
			Reserve:           reserve,
			MinimumDelegation: chain.MinimumDelegation,
			Prefunder:         w.Router.Prefunder,
			Record:            pick(w.rng, []uint64{0, 0, 1, 2_000_000}),
		}),
	)
}

// argument draws what a function is given.
func (w *world) argument(rng *rand.Rand, typ reflect.Type) (reflect.Value, bool) {
	p := pick(rng, w.StakePools)
	v := pick(rng, p.Validators)
	var arg any
	switch typ {
	case reflect.TypeFor[uint64]():
		arg = w.number(rng)
	case reflect.TypeFor[bool]():
		arg = one(rng, 2)
	case reflect.TypeFor[solana.PublicKey]():
		arg = pick(rng, w.mints())
	case reflect.TypeFor[accounts.Rent]():
		arg = w.Chain.Rent
	case reflect.TypeFor[quote.LiveStake]():
		arg = w.anyStake(rng)
	case reflect.TypeFor[*accounts.StakeAccount]():
		stake := w.anyStake(rng)
		arg = &stake.Account
	case reflect.TypeFor[quote.ValidatorStakeSource]():
		if v.Active == nil {
			return reflect.Value{}, false
		}
		arg = v.Source()
	case reflect.TypeFor[*accounts.ValidatorList]():
		arg = p.List()
	case reflect.TypeFor[*accounts.MarinadeValidatorList]():
		arg = w.Marinade.ValidatorList()
	case reflect.TypeFor[*accounts.MarinadeStakeList]():
		arg = w.Marinade.StakeList()
	case reflect.TypeFor[*accounts.MarinadeTicket]():
		arg = &accounts.MarinadeTicket{
			State:        w.Marinade.Address,
			Beneficiary:  owner,
			Lamports:     w.number(rng),
			CreatedEpoch: w.Chain.Clock.Epoch - uint64(rng.IntN(3)),
		}
	case reflect.TypeFor[func(solana.PublicKey) (quote.LiveStake, bool)]():
		arg = w.Marinade.Live
	case reflect.TypeFor[quote.LidoWithdrawal]():
		withdrawal, err := w.Lido.Quote(w.Chain).WithdrawMost(w.anyStake(rng))
		if err != nil {
			return reflect.Value{}, false
		}
		arg = withdrawal
	case reflect.TypeFor[quote.MarinadeRecord](), reflect.TypeFor[quote.MarinadeStakeSource]():
		return w.marinadeSource(rng, typ)
	default:
		return reflect.Value{}, false
	}
	return reflect.ValueOf(arg), true
}

// marinadeSource is a record of Marinade's, or what it is as a source.
func (w *world) marinadeSource(rng *rand.Rand, typ reflect.Type) (reflect.Value, bool) {
	m := w.Marinade.Quote(w.Chain)
	records, err := m.Records(1+rng.Uint64N(1_000*sol), w.Marinade.StakeList())
	if err != nil || len(records) == 0 {
		return reflect.Value{}, false
	}
	record := pick(rng, records)
	if typ == reflect.TypeOf(record) {
		return reflect.ValueOf(record), true
	}
	live, _ := w.Marinade.Live(record.Record.StakeAccount)
	source, err := m.Source(record, live, w.Marinade.ValidatorList())
	return reflect.ValueOf(source), err == nil
}

func (w *world) mints() []solana.PublicKey {
	mints := []solana.PublicKey{accounts.INFMint}
	for _, h := range w.Infinity.Holdings {
		mints = append(mints, h.Entry.Mint)
	}
	return mints
}

// anyStake draws one of the world's stake accounts, or one of the owner's.
func (w *world) anyStake(rng *rand.Rand) quote.LiveStake {
	var all []quote.LiveStake
	for _, p := range w.StakePools {
		for _, v := range p.Validators {
			if v.Active != nil {
				all = append(all, *v.Active)
			}
		}
	}
	for _, v := range w.Lido.Validators {
		if v.Stake != nil {
			all = append(all, *v.Stake)
		}
	}
	if one(rng, 2) {
		return pick(rng, all)
	}
	amount := figures.RandomAmount(rng, 1_000*sol)
	own := figures.Delegated(
		owner,
		figures.StoredRent,
		pick(rng, w.Votes),
		amount,
		w.Chain.Clock.Epoch-2,
	)
	return quote.LiveStake{Lamports: amount + figures.StoredRent, Account: own}
}

// number is an amount at an edge, or any.
func (w *world) number(rng *rand.Rand) uint64 {
	switch rng.IntN(12) {
	case 0, 1:
		return pick(rng, w.facts) + rng.Uint64N(3) - 1
	case 4:
		return 1<<rng.IntN(64) + rng.Uint64N(3) - 1
	case 2:
		return rng.Uint64N(4)
	case 3:
		return math.MaxUint64 - rng.Uint64N(2)
	}
	return figures.RandomAmount(
		rng,
		pick(
			rng,
			[]uint64{sol, 100 * sol, 100 * sol, 10_000 * sol, 1_000_000 * sol, math.MaxUint64},
		),
	)
}

// calls compares functions of package quote.
type calls struct {
	*world
	rng *rand.Rand
	// made and priced count calls, and those without an error, by function.
	made, priced map[string]int
	skipped      map[string]bool
	total        int
	c            *comparison
}

// methods are the names of a subject's functions that both engines have.
func (k *calls) methods(s subject) (names []string) {
	for i := range s.yesterday.NumMethod() {
		name := s.yesterday.Type().Method(i).Name
		if !s.today.MethodByName(name).IsValid() {
			k.c.differs(s.name+"."+name, "a function", "gone")
			continue
		}
		names = append(names, name)
	}
	return names
}

// ask calls a function of both engines with drawn arguments.
func (k *calls) ask(s subject, method string) {
	was, is := s.yesterday.MethodByName(method), s.today.MethodByName(method)
	name := s.today.Type().Name() + "." + method
	args := make([]reflect.Value, is.Type().NumIn())
	for i := range args {
		var ok bool
		if args[i], ok = k.argument(k.rng, is.Type().In(i)); !ok {
			k.skipped[name] = true
			return
		}
	}
	isKey := func(a reflect.Value) bool { return a.Type() == reflect.TypeFor[solana.PublicKey]() }
	if i := slices.IndexFunc(args, isKey); i >= 0 && !slices.ContainsFunc(args[i+1:], isKey) &&
		one(k.rng, 2) {
		// A single key is often a wallet's, not a token's.
		args[i] = reflect.ValueOf(owner)
	}
	served := k.call(s, name, was, is, args)
	at := slices.IndexFunc(
		args,
		func(a reflect.Value) bool { return a.Type() == reflect.TypeFor[uint64]() },
	)
	if at >= 0 && one(k.rng, 20) {
		k.edge(s, name, was, is, args, at, served)
	}
}

// call compares one call, and reports whether it was answered without an error.
func (k *calls) call(
	s subject,
	name string,
	was, is reflect.Value,
	args []reflect.Value,
) (served bool) {
	oldArgs := make([]reflect.Value, len(args))
	for i := range args {
		oldArgs[i] = reflect.New(was.Type().In(i)).Elem()
		assign(oldArgs[i], args[i])
	}
	old, results := was.Call(oldArgs), is.Call(args)
	k.total++
	k.made[name]++
	at := s.name + ": " + name
	before := len(k.c.found)
	served = true
	for i := range old {
		k.c.values(fmt.Sprintf("%s, result %d", at, i), old[i], results[i])
		if old[i].Type() == errorType && !old[i].IsNil() {
			served = false
		}
	}
	if served {
		k.priced[name]++
	}
	if len(k.c.found) > before {
		var said []string
		for _, a := range args {
			said = append(said, fmt.Sprintf("%+v", a.Interface()))
		}
		k.c.found = append(
			k.c.found,
			difference{at + " was asked with", strings.Join(said, ", "), "the same"},
		)
		return served
	}
	// What came of it can be asked more.
	if served && len(old) > 0 && old[0].Kind() == reflect.Struct && one(k.rng, 8) {
		result := subject{name + "'s result", old[0], results[0], 1}
		for i := range old[0].NumMethod() {
			if method := old[0].Type().Method(i).Name; old[0].Type() != s.yesterday.Type() {
				k.ask(result, method)
			}
		}
	}
	return served
}

// edge looks for the number where an answer becomes a refusal, or the other way
// round, and compares there.
func (k *calls) edge(
	s subject,
	name string,
	was, is reflect.Value,
	args []reflect.Value,
	at int,
	served bool,
) {
	answered := func(n uint64) bool {
		oldArgs := make([]reflect.Value, len(args))
		for i := range args {
			oldArgs[i] = reflect.New(was.Type().In(i)).Elem()
			assign(oldArgs[i], args[i])
		}
		oldArgs[at] = reflect.ValueOf(n)
		results := was.Call(oldArgs)
		last := results[len(results)-1]
		return last.Type() != errorType || last.IsNil()
	}
	low, high := args[at].Uint(), uint64(math.MaxUint64)
	if one(k.rng, 2) {
		low, high = 0, args[at].Uint()
	}
	from := answered(low)
	if answered(high) == from {
		return
	}
	for high-low > 1 {
		if middle := low + (high-low)/2; answered(middle) == from {
			low = middle
		} else {
			high = middle
		}
	}
	for _, n := range []uint64{low - 1, low, high, high + 1} {
		near := slices.Clone(args)
		near[at] = reflect.ValueOf(n)
		k.call(s, name, was, is, near)
	}
}

// functions compares what is not asked of a state.
func (k *calls) functions() {
	chain, rng := k.Chain, k.rng
	for _, name := range []string{"", "00", poolsRoundUp, poolsRoundDown, marinadeTwo} {
		plain(
			k.c,
			"StakePoolFeeRounding",
			uint64(oldquote.StakePoolFeeRounding(name)),
			uint64(quote.StakePoolFeeRounding(name)),
		)
		plain(
			k.c,
			"MarinadeVersionOf",
			uint64(oldquote.MarinadeVersionOf(name)),
			uint64(quote.MarinadeVersionOf(name)),
		)
	}
	slot := chain.Clock.Slot + rng.Uint64N(10_000) - 100
	wasPool, oldErr := oldquote.ReleaseYield(k.Infinity.Pool, slot)
	isPool, err := quote.ReleaseYield(k.Infinity.Pool, slot)
	k.c.both("ReleaseYield", wasPool, isPool)
	k.c.errors("ReleaseYield", oldErr, err)
	wasDue, oldErr := oldquote.LPDue(k.Infinity.Pool)
	isDue, err := quote.LPDue(k.Infinity.Pool)
	k.c.both("LPDue", wasDue, isDue)
	k.c.errors("LPDue", oldErr, err)
	received, rate := k.number(rng), rng.Uint64N(20_001)
	wasPayout, oldErr := oldquote.NewRouterPayout(received, rate)
	isPayout, err := quote.NewRouterPayout(received, rate)
	k.c.both("NewRouterPayout", wasPayout, isPayout)
	k.c.errors("NewRouterPayout", oldErr, err)
	stake := k.anyStake(rng)
	k.c.errors(
		"OwnedBy",
		oldquote.OwnedBy(&stake.Account, owner),
		quote.OwnedBy(&stake.Account, owner),
	)
	lamports := k.number(rng)
	k.c.errors(
		"RouterSOLBridge",
		oldquote.RouterSOLBridge(owner, lamports, chain.Rent),
		quote.RouterSOLBridge(owner, lamports, chain.Rent),
	)
}

// TestYesterday_SameFormulas asks every function of package quote and of the one
// it was yesterday the same, in random states.
func TestYesterday_SameFormulas(t *testing.T) {
	most := int(number(t, "SANCTUM_YESTERDAY_CASES", callsInCI))
	seed := number(t, "SANCTUM_YESTERDAY_SEED", firstSeed)
	if raceDetector && os.Getenv("SANCTUM_YESTERDAY_CASES") == "" {
		t.Skip(
			"the same comparison takes long under the race detector, and starts no goroutine; set SANCTUM_YESTERDAY_CASES to run it",
		)
	}
	seen := newStatistics()
	k := &calls{
		made:    make(map[string]int),
		priced:  make(map[string]int),
		skipped: make(map[string]bool),
	}
	worlds := 0
	for ; k.total < most && !t.Failed(); seed++ {
		w, err := drawWorld(seed)
		require.NoError(t, err)
		worlds++
		k.world, k.rng, k.c = w, rand.New(rand.NewPCG(seed, 2)), &comparison{seen: seen}
		for _, s := range w.subjects() {
			for _, method := range k.methods(s) {
				for range s.times {
					k.ask(s, method)
				}
			}
		}
		k.functions()
		report(t, w, seed, k.c, "functions of package quote")
	}

	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(k.made)) {
		fmt.Fprintf(&b, "\n%s: %d, %d without an error", name, k.made[name], k.priced[name])
	}
	t.Logf("%d worlds, %d calls%s", worlds, k.total, b.String())
	if most < callsInCI {
		return
	}
	for name := range k.skipped {
		require.Positive(t, k.made[name], "nobody knows what to ask %s with", name)
	}
	for name := range k.made {
		require.Positive(t, k.priced[name], "%s was never answered", name)
	}
	require.Greater(t, len(k.made), 60)
}
