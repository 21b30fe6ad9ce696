package yesterday_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	oldquote "github.com/sanctum-go/sanctum/internal/yesterday/quote"
	oldroute "github.com/sanctum-go/sanctum/internal/yesterday/route"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// TestState_PreparesWhatYesterdayLoads compares, field by field, what package
// state prepares with what yesterday's engine loads from the same accounts, and
// what both want to load.
func TestState_PreparesWhatYesterdayLoads(t *testing.T) {
	const worlds = 200
	seen := make(map[string]int)
	for seed := range uint64(worlds) {
		w, err := drawWorld(firstSeed + seed)
		require.NoError(t, err)
		c := &stateComparison{world: w, seen: seen}
		c.run(t)
		if len(c.differences) > 0 {
			t.Fatalf("seed %d: %v\n%v", firstSeed+seed, w.story, c.differences)
		}
	}
	for _, kind := range []string{
		"stake pool", "stake pool, refused", "crank", "Marinade", "Lido", "Reserve",
		"Infinity", "fee account", "stake source", "stake account", "Marinade source", "Marinade taker",
		"stake source, none",
	} {
		require.NotZero(t, seen[kind], "%s: %v", kind, seen)
	}
}

// stateComparison compares a snapshot with yesterday's market.
type stateComparison struct {
	*world
	seen        map[string]int
	differences []string

	ledger *state.Ledger
	now    *state.Snapshot
}

func (c *stateComparison) differ(at string, format string, args ...any) {
	if len(c.differences) < 20 {
		c.differences = append(c.differences, at+": "+fmt.Sprintf(format, args...))
	}
}

// run loads both.
func (c *stateComparison) run(t *testing.T) {
	t.Helper()
	old := oldroute.NewLoader(c.tokens...)
	if c.withStake {
		old = old.WithStakeAccounts(c.stakes...)
	} else {
		old = old.WithoutStake()
	}
	old = old.WithLookupTables(c.tables...)
	c.ledger = state.NewLedger(state.Scope{
		Tokens:        c.tokens,
		StakeAccounts: c.stakes,
		Tables:        append([]solana.PublicKey{accounts.RouterLookupTableAddress}, c.tables...),
		WithoutStake:  !c.withStake,
	})

	set := accounts.NewSet(c.Chain.Clock.Slot)
	oldState := &oldroute.State{
		Accounts:          set,
		MinimumDelegation: c.Chain.MinimumDelegation,
		Builds:            maps.Clone(c.builds),
		SlotTime:          oldquote.SlotTime{Nanos: c.slotTime.Nanos, Source: oldquote.SlotTimeSource(c.slotTime.Source)},
	}
	given := &state.State{
		Accounts:          set,
		MinimumDelegation: c.Chain.MinimumDelegation,
		Builds:            maps.Clone(c.builds),
		SlotTime:          quote.SlotTime{Nanos: c.slotTime.Nanos, Source: c.slotTime.Source},
	}

	oldFirst, first := old.First(), c.ledger.First()
	c.needs("First", oldFirst.Accounts, first.Accounts)
	require.Equal(t, oldFirst.Programs, first.Programs)
	c.fetch(set, first.Accounts)
	oldSecond, oldErr := old.Second(oldState)
	second, err := c.ledger.Second(given)
	c.errors("Second", oldErr, err)
	c.needs("Second", oldSecond.Accounts, second.Accounts)
	c.fetch(set, second.Accounts)

	market, oldErr := old.Market(oldState)
	c.now, err = c.ledger.Load(given)
	if oldErr != nil && err == nil {
		return // a lookup table that yesterday's market cannot be made without
	}
	c.errors("Market", oldErr, err)
	if err == nil {
		c.venues(reveal(reflect.ValueOf(market).Elem()))
	}
}

func (c *stateComparison) fetch(set *accounts.Set, needs []state.Need) {
	for _, n := range needs {
		c.put(set, n.Address, n.Length)
	}
}

func (c *stateComparison) needs(at string, yesterday []oldroute.Need, today []state.Need) {
	want := make(map[solana.PublicKey]int)
	for _, n := range yesterday {
		want[n.Address] = n.Length
	}
	got := make(map[solana.PublicKey]int)
	for _, n := range today {
		if _, twice := got[n.Address]; twice {
			c.differ(at, "%s is wanted twice", n.Address)
		}
		got[n.Address] = n.Length
	}
	if !maps.Equal(want, got) {
		c.differ(at, "want %d accounts, not %d", len(want), len(got))
		for address, length := range want {
			if l, ok := got[address]; !ok || l != length {
				c.differ(at, "%s: %d bytes, not %d, %t", address, length, l, ok)
			}
		}
		for address := range got {
			if _, ok := want[address]; !ok {
				c.differ(at, "%s is not wanted", address)
			}
		}
	}
}

// errors compares errors by their text and by what they wrap.
func (c *stateComparison) errors(at string, yesterday, today error) {
	if (yesterday == nil) != (today == nil) || yesterday != nil && yesterday.Error() != today.Error() {
		c.differ(at, "want error %v, not %v", yesterday, today)
		return
	}
	for _, both := range [][2]error{
		{oldroute.ErrMismatch, state.ErrMismatch},
		{oldroute.ErrWrongProgram, state.ErrWrongProgram},
		{oldroute.ErrUnsupportedMint, state.ErrUnsupportedMint},
		{oldroute.ErrUnsupportedTokenProgram, state.ErrUnsupportedTokenProgram},
		{oldroute.ErrTooManyValidators, state.ErrTooManyValidators},
		{oldquote.ErrStale, quote.ErrStale},
		{oldquote.ErrValidator, quote.ErrValidator},
		{accounts.ErrNotFound, accounts.ErrNotFound},
		{accounts.ErrNotLoaded, accounts.ErrNotLoaded},
		{accounts.ErrOwner, accounts.ErrOwner},
		{accounts.ErrLength, accounts.ErrLength},
		{accounts.ErrInvalid, accounts.ErrInvalid},
		{accounts.ErrUnknownRent, accounts.ErrUnknownRent},
	} {
		if errors.Is(yesterday, both[0]) != errors.Is(today, both[1]) {
			c.differ(at, "%v: errors.Is %v", today, both[1])
		}
	}
}

// venues compares what yesterday's venues were loaded with.
func (c *stateComparison) venues(market reflect.Value) {
	chain := c.now.Chain()
	c.equal("chain.clock", field(market, "chain", "clock"), reflect.ValueOf(&chain.Clock).Elem())
	c.equal("chain.rent", field(market, "chain", "rent"), reflect.ValueOf(&chain.Rent).Elem())
	c.equal("chain.schedule", field(market, "chain", "schedule"), reflect.ValueOf(&chain.Schedule).Elem())
	c.equal("chain.slotTime", field(market, "chain", "slotTime"), reflect.ValueOf(&chain.SlotTime).Elem())
	if field(market, "chain", "rewardsActive").Bool() != chain.RewardsActive {
		c.differ("chain", "rewards active %t", chain.RewardsActive)
	}

	list := field(market, "venues")
	for i := range list.Len() {
		v := reveal(list.Index(i))
		venue := field(v, "venue").Interface()
		loaded, err := field(v, "state"), errorOf(field(v, "err"))
		if loaded.Kind() == reflect.Interface {
			loaded = loaded.Elem()
		}
		name := reflect.TypeOf(venue).Name()
		switch name {
		case "stakePoolDeposit":
			c.stakePool(reveal(reflect.ValueOf(venue)), loaded, err)
		case "marinadeDeposit":
			c.marinade(reveal(reflect.ValueOf(venue)), loaded, err)
		case "infinity":
			c.infinity(reveal(reflect.ValueOf(venue)), loaded, err)
		case "routerDeposit":
			c.routerDeposit(loaded, err)
		case "throughStake", "stakeWithdrawal":
			c.throughStake(name, loaded, err)
		case "router":
			c.router(reveal(reflect.ValueOf(venue)), loaded, err)
		}
	}
	c.stakeAccounts(field(market, "accounts"))
}

func (c *stateComparison) token(mint solana.PublicKey) state.Token {
	t, ok := c.ledger.Token(mint)
	if !ok {
		c.differ("token", "%s has no number", mint)
	}
	return t
}

func (c *stateComparison) stakePool(venue, loaded reflect.Value, oldErr error) {
	token := field(venue, "stakePool", "lst").Interface().(lst.LST)
	at := "stake pool " + token.Symbol
	p, err := c.now.StakePool(c.token(token.Mint))
	c.errors(at, oldErr, err)
	if oldErr != nil || err != nil {
		c.seen["stake pool, refused"]++
		return
	}
	c.seen["stake pool"]++
	c.loadedPool(at, field(reveal(loaded.Elem()), "loadedStakePool").Elem(), p)
}

func (c *stateComparison) loadedPool(at string, l reflect.Value, p *state.StakePool) {
	l = reveal(l)
	c.equal(at, field(l, "lst"), of(p.LST))
	c.equal(at+" keys", field(l, "keys"), of(p.Keys))
	c.equal(at+" pool", field(l, "pool"), of(p.Pool))
	c.equal(at+" read", field(l, "read"), of(p.Read))
	crankErr := errorOf(field(l, "crankErr"))
	c.errors(at+" crank", crankErr, p.CrankErr)
	crank := field(l, "crank")
	switch {
	case crank.IsNil() != (p.Crank == nil):
		c.differ(at+" crank", "want %t", !crank.IsNil())
	case p.Crank != nil:
		c.seen["crank"]++
		old := reveal(crank.Elem())
		c.equal(at+" crank list", field(old, "list"), of(p.Crank.List))
		c.equal(at+" crank balances", field(old, "balances"), of(p.Crank.Balances))
		c.equal(at+" crank read", field(old, "read"), of(p.Crank.Read))
	case crankErr != nil:
		c.seen["crank, refused"]++
	}
}

func (c *stateComparison) marinade(venue, loaded reflect.Value, oldErr error) {
	token := field(venue, "marinade", "lst").Interface().(lst.LST)
	p, err := c.now.Marinade(c.token(token.Mint))
	c.errors("Marinade", oldErr, err)
	if oldErr != nil || err != nil {
		return
	}
	c.seen["Marinade"]++
	c.loadedMarinade("Marinade", field(reveal(loaded.Elem()), "loadedMarinade").Elem(), p)
}

func (c *stateComparison) loadedMarinade(at string, l reflect.Value, p *state.Marinade) {
	l = reveal(l)
	c.equal(at, field(l, "lst"), of(p.LST))
	c.equal(at+" keys", field(l, "keys"), of(p.Keys))
	c.equal(at+" pool", field(l, "pool"), of(p.Pool))
	c.equal(at+" read", field(l, "read"), of(p.Read))
	c.equal(at+" rent", field(l, "tokenRent"), of(p.TokenRent))
}

func (c *stateComparison) infinity(venue, loaded reflect.Value, oldErr error) {
	program := field(venue, "program").Interface().(solana.PublicKey)
	at := "controller " + program.String()
	number := slices.Index(c.ledger.Controllers(), program)
	i, err := c.now.Infinity(number)
	c.errors(at, oldErr, err)
	if oldErr != nil || err != nil {
		return
	}
	c.seen["Infinity"]++
	l := reveal(loaded.Elem())
	c.equal(at+" keys", field(l, "keys"), of(i.Keys))
	c.equal(at+" read", field(l, "read"), of(i.Read))
	q := i.Quote()
	c.equal(at+" pool", field(l, "pool"), of(q))
	c.equal(at+" list", field(l, "list"), of(i.List()))
	tokens, depends := field(l, "tokens"), field(l, "depends")
	got, read := make(map[solana.PublicKey]any), make(map[solana.PublicKey][]solana.PublicKey)
	if i.LP != nil {
		got[i.LP.Mint] = i.LPToken
	}
	for _, t := range i.Tokens() {
		if token := i.Token(t); token != nil {
			got[c.ledger.Address(t)] = token.Keys
			read[c.ledger.Address(t)] = token.Read
		}
	}
	c.equal(at+" tokens", tokens, of(got))
	c.equal(at+" depends", depends, of(read))
}

func (c *stateComparison) routerDeposit(loaded reflect.Value, oldErr error) {
	bridge, err := c.now.RouterBridge()
	c.errors("Router deposit", oldErr, err)
	if oldErr != nil || err != nil {
		return
	}
	l := reveal(loaded.Elem())
	c.equal("Router deposit rent", field(l, "tokenRent"), of(bridge.TokenRent))
	c.outcomes(field(l, "pools"), func(mint solana.PublicKey, pool reflect.Value, oldErr error) {
		c.seen["fee account"]++
		at, t := "Router deposit of "+mint.String(), c.token(mint)
		fee, err := c.now.RouterFee(t)
		if err == nil {
			if c.ledger.LST(t).Kind == lst.KindMarinade {
				_, err = c.now.Marinade(t)
			} else {
				_, err = c.now.StakePool(t)
			}
		}
		c.errors(at, oldErr, err)
		if err == nil {
			c.equal(at, field(pool, "feeAccount"), of(fee.Address))
		}
	})
}

// outcomes walks through the outcomes of a map by key.
func (c *stateComparison) outcomes(m reflect.Value, do func(solana.PublicKey, reflect.Value, error)) {
	for it := m.MapRange(); it.Next(); {
		v := reveal(it.Value())
		do(it.Key().Interface().(solana.PublicKey), field(v, "value"), errorOf(field(v, "err")))
	}
}

func (c *stateComparison) throughStake(name string, loaded reflect.Value, oldErr error) {
	if oldErr != nil {
		_, err := c.now.Chain().StakeRent()
		c.errors(name, oldErr, err)
		return
	}
	l := reveal(loaded.Elem())
	c.outcomes(field(l, "sources"), c.source)
	if name == "throughStake" {
		c.outcomes(field(l, "takers"), c.taker)
	}
}

// source compares a source of stake.
func (c *stateComparison) source(key solana.PublicKey, source reflect.Value, oldErr error) {
	t := c.token(key)
	at := "source " + c.ledger.LST(t).Symbol
	if first, _ := c.ledger.StakeAccounts(); t >= first {
		_, err := c.now.StakeAccount(t)
		c.errors(at, oldErr, err)
		return
	}
	var err error
	switch kind := c.ledger.LST(t).Kind; {
	case kind.IsStakePool():
		var p *state.StakePoolStake
		p, err = c.now.StakePoolStake(t)
		if err == nil && oldErr == nil {
			c.poolSource(at, reveal(source.Elem()), p)
		}
	case kind == lst.KindMarinade:
		var m *state.MarinadeRecords
		m, err = c.now.MarinadeRecords(t)
		if err == nil && oldErr == nil {
			c.marinadeSource(at, reveal(source.Elem().Elem()), m)
		}
	case kind == lst.KindLido:
		var l *state.Lido
		l, err = c.now.Lido(t)
		if err == nil && oldErr == nil {
			c.lidoSource(at, reveal(source.Elem().Elem()), l)
		}
	}
	c.errors(at, oldErr, err)
}

// stakeOf is yesterday's pool as source and taker of stake.
func stakeOf(v reflect.Value) reflect.Value {
	return reveal(field(v, "loadedStakePoolStake").Elem())
}

func (c *stateComparison) poolSource(at string, source reflect.Value, p *state.StakePoolStake) {
	l := stakeOf(source)
	c.loadedPool(at, field(l, "loadedStakePool").Elem(), p.StakePool)
	pool := field(l, "pool").Interface().(oldquote.StakePool)
	list := field(l, "list").Interface().(*accounts.ValidatorList)
	stakes := field(l, "stakes")

	// What yesterday's votes says.
	entries, oldErr := pool.Sources(list)
	var votes []solana.PublicKey
	for _, e := range entries {
		if stakes.MapIndex(reflect.ValueOf(e.VoteAccount)).IsValid() {
			votes = append(votes, e.VoteAccount)
		}
	}
	if oldErr == nil && len(votes) == 0 {
		oldErr = &oldquote.Error{Op: "withdraw stake", Pool: pool.Address, Reason: fmt.Errorf("%w: none was loaded", oldquote.ErrValidator)}
	}
	c.errors(at+" votes", oldErr, p.SourcesErr)
	var got []solana.PublicKey
	for _, s := range p.Sources {
		got = append(got, s.Source.Entry.VoteAccount)
	}
	if !slices.Equal(votes, got) {
		c.differ(at+" votes", "want %v, not %v", votes, got)
	}
	c.seen["stake source"]++
	if oldErr != nil {
		c.seen["stake source, none"]++
	}

	for it := stakes.MapRange(); it.Next(); {
		vote := it.Key().Interface().(solana.PublicKey)
		v := p.Validator(c.now.Vote(vote))
		if v == nil {
			c.differ(at, "the stake of %s is not there", vote)
			continue
		}
		old := reveal(it.Value())
		c.equal(at+" stake", field(old, "address"), of(v.Address))
		c.equal(at+" stake", field(old, "source"), of(v.Source))
	}
	// Acceptance matters for validators whose stake was loaded.
	for _, e := range list.Validators {
		number := c.now.Vote(e.VoteAccount)
		if number == state.NoVote {
			continue
		}
		if v := p.Validator(number); v != nil && !stakes.MapIndex(reflect.ValueOf(e.VoteAccount)).IsValid() {
			c.differ(at, "the stake of %s is there", e.VoteAccount)
		}
		preferred := pool.State.PreferredDepositValidator
		accepts := false
		for _, last := range list.Validators {
			if last.VoteAccount == e.VoteAccount {
				accepts = last.Status == accounts.ValidatorActive && (preferred == nil || *preferred == e.VoteAccount)
			}
		}
		if accepts != p.Accepts(number) {
			c.differ(at, "accepts %s: %t", e.VoteAccount, accepts)
		}
		// The short list says the same of these.
		if short := p.List.Find(e.VoteAccount); short == nil || *short != *list.Find(e.VoteAccount) {
			c.differ(at, "the short list has %v", short)
		}
	}
}

func (c *stateComparison) marinadeSource(at string, l reflect.Value, m *state.MarinadeRecords) {
	c.seen["Marinade source"]++
	c.loadedMarinade(at, field(l, "loadedMarinade").Elem(), m.Marinade)
	order, sources := field(l, "order"), field(l, "sources")
	if order.Len() != len(m.Sources) {
		c.differ(at, "want %d sources, not %d", order.Len(), len(m.Sources))
		return
	}
	for i := range m.Sources {
		c.equal(at+" order", order.Index(i), of(m.Sources[i].Validator.VoteAccount))
		c.equal(at+" source", sources.MapIndex(order.Index(i)), of(m.Sources[i]))
	}
}

func (c *stateComparison) lidoSource(at string, l reflect.Value, p *state.Lido) {
	c.seen["Lido"]++
	c.equal(at, field(l, "lst"), of(p.LST))
	c.equal(at+" keys", field(l, "keys"), of(p.Keys))
	c.equal(at+" pool", field(l, "pool"), of(p.Pool))
	c.equal(at+" balances", field(l, "balances"), of(p.Balances))
	c.equal(at+" read", field(l, "read"), of(p.Read))
	c.equal(at+" vote", field(l, "vote"), of(p.Vote))
	c.equal(at+" split", field(l, "split"), of(p.Split))
	c.equal(at+" index", field(l, "index"), of(p.Index))
	c.equal(at+" stake", field(l, "stake"), of(p.Stake))
}

// taker compares a taker of stake.
func (c *stateComparison) taker(key solana.PublicKey, taker reflect.Value, oldErr error) {
	t := c.token(key)
	at := "taker " + c.ledger.LST(t).Symbol
	var err error
	switch {
	case t == state.SOL:
		var r *state.Reserve
		r, err = c.now.Reserve()
		if err == nil && oldErr == nil {
			c.reserve(at, reveal(taker.Elem().Elem()), r)
		}
	case c.ledger.LST(t).Kind.IsStakePool():
		_, err = c.now.StakePoolStake(t)
	default:
		var m *state.MarinadeStake
		m, err = c.now.MarinadeStake(t)
		if err == nil && oldErr == nil {
			c.seen["Marinade taker"]++
			l := reveal(taker.Elem().Elem())
			c.loadedMarinade(at, field(l, "loadedMarinade").Elem(), m.Marinade)
			c.equal(at+" list", field(l, "list"), of(m.List))
			for _, v := range m.List.Validators {
				if !m.Accepts(v.VoteAccount) {
					c.differ(at, "does not accept %s", v.VoteAccount)
				}
			}
			if m.Accepts(solana.PublicKey{0xee}) {
				c.differ(at, "accepts any")
			}
		}
	}
	c.errors(at, oldErr, err)
}

func (c *stateComparison) reserve(at string, l reflect.Value, r *state.Reserve) {
	c.seen["Reserve"]++
	c.equal(at+" keys", field(l, "keys"), of(r.Keys))
	c.equal(at+" pool", field(l, "pool"), of(r.Pool))
	c.equal(at+" read", field(l, "read"), of(r.Read))
	c.equal(at+" rent", field(l, "tokenRent"), of(r.TokenRent))
	c.outcomes(field(l, "records"), func(key solana.PublicKey, lamports reflect.Value, oldErr error) {
		s, err := c.now.StakeAccount(c.token(key))
		if err != nil {
			return
		}
		c.errors(at+" record", oldErr, s.RecordErr)
		c.equal(at+" record", lamports, of(s.RecordLamports))
	})
}

func (c *stateComparison) router(venue, loaded reflect.Value, oldErr error) {
	prefunded := field(venue, "prefund").Bool()
	prefund, err := c.now.Prefund()
	if oldErr != nil {
		if _, rentErr := c.now.Chain().StakeRent(); rentErr != nil {
			err = rentErr
		}
		c.errors("Router", oldErr, err)
		return
	}
	l := reveal(loaded.Elem())
	if prefunded {
		c.errors("Router", oldErr, err)
		c.equal("Router prefund", field(l, "prefund"), of(*prefund))
	}
	c.outcomes(field(l, "feeAccounts"), func(mint solana.PublicKey, address reflect.Value, oldErr error) {
		fee, err := c.now.RouterFee(c.token(mint))
		c.errors("Router fee of "+mint.String(), oldErr, err)
		if err == nil {
			c.equal("Router fee", address, of(fee.Address))
		}
	})
}

func (c *stateComparison) stakeAccounts(list reflect.Value) {
	c.outcomes(list, func(key solana.PublicKey, stake reflect.Value, oldErr error) {
		s, err := c.now.StakeAccount(c.token(key))
		c.errors("stake account", oldErr, err)
		if err == nil {
			c.seen["stake account"]++
			c.equal("stake account", stake, of(s.Stake))
		}
	})
}

// of makes a value that can be looked into.
func of[T any](v T) reflect.Value { return reflect.ValueOf(&v).Elem() }

// reveal makes the fields of a value readable, unexported ones too.
func reveal(v reflect.Value) reflect.Value {
	if !v.CanAddr() {
		settable := reflect.New(v.Type()).Elem()
		settable.Set(v)
		return settable
	}
	if v.CanInterface() {
		return v
	}
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// field follows a path of fields, through embedded pointers.
func field(v reflect.Value, path ...string) reflect.Value {
	for _, name := range path {
		v = reveal(v)
		f, ok := v.Type().FieldByName(name)
		if !ok {
			panic(fmt.Sprintf("%s has no field %s", v.Type(), name))
		}
		for i, at := range f.Index {
			if i > 0 && v.Kind() == reflect.Pointer {
				v = v.Elem()
			}
			v = reveal(v.Field(at))
		}
	}
	return v
}

func errorOf(v reflect.Value) error {
	err, _ := v.Interface().(error)
	return err
}

// equal compares a value of yesterday's with one of today's: all fields that
// yesterday's has, whatever the types are called.
func (c *stateComparison) equal(at string, want, got reflect.Value) {
	for want.Kind() == reflect.Interface {
		if err, ok := want.Interface().(error); ok {
			today, _ := got.Interface().(error)
			c.errors(at, err, today)
			return
		}
		if want.IsNil() {
			break
		}
		want = reveal(want.Elem())
	}
	for got.Kind() == reflect.Interface && !got.IsNil() {
		got = reveal(got.Elem())
	}
	if want.Kind() != got.Kind() {
		c.differ(at, "want %v, not %v", want.Kind(), got.Kind())
		return
	}
	switch want.Kind() {
	case reflect.Pointer, reflect.Interface:
		if want.IsNil() || got.IsNil() {
			if want.IsNil() != got.IsNil() {
				c.differ(at, "want nil %t", want.IsNil())
			}
			return
		}
		c.equal(at, want.Elem(), got.Elem())
	case reflect.Struct:
		for i := range want.NumField() {
			name := want.Type().Field(i).Name
			if _, ok := got.Type().FieldByName(name); !ok {
				if want.Type().Field(i).IsExported() {
					c.differ(at, "no field %s in %s", name, got.Type())
				}
				continue
			}
			c.equal(at+"."+name, reveal(want.Field(i)), reveal(got.FieldByName(name)))
		}
	case reflect.Slice, reflect.Array:
		c.equalLists(at, want, got)
	case reflect.Map:
		c.equalMaps(at, want, got)
	default:
		if want.Interface() != reflect.ValueOf(got.Interface()).Convert(want.Type()).Interface() {
			c.differ(at, "want %v, not %v", want, got)
		}
	}
}

func (c *stateComparison) equalLists(at string, want, got reflect.Value) {
	if want.Len() != got.Len() {
		c.differ(at, "want %d, not %d: %v, not %v", want.Len(), got.Len(), want, got)
		return
	}
	if want.Type().Elem().Kind() == reflect.Uint8 && want.CanAddr() && got.CanAddr() {
		if !bytes.Equal(want.Bytes(), got.Bytes()) {
			c.differ(at, "want %v, not %v", want, got)
		}
		return
	}
	for i := range want.Len() {
		c.equal(fmt.Sprintf("%s[%d]", at, i), reveal(want.Index(i)), reveal(got.Index(i)))
	}
}

func (c *stateComparison) equalMaps(at string, want, got reflect.Value) {
	if want.Len() != got.Len() {
		c.differ(at, "want %d keys, not %d", want.Len(), got.Len())
	}
	for it := want.MapRange(); it.Next(); {
		value := got.MapIndex(it.Key())
		if !value.IsValid() {
			c.differ(at, "no key %v", it.Key())
			continue
		}
		c.equal(fmt.Sprintf("%s[%v]", at, it.Key()), reveal(it.Value()), reveal(value))
	}
}
