package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// worlds are the worlds in which updates are tested.
var worlds = []worldOptions{
	{pools: 4, stakes: 3},
	{pools: 3, validators: 30, stakes: 1, pricing: accounts.FlatFeeProgram},
	{pools: 5, withoutStake: true, version: accounts.PoolStateV1},
	{pools: 4, pricing: accounts.FlatFeeProgram, version: accounts.PoolStateV1, stakes: 2},
}

// TestSnapshotUpdated_EqualsALoad makes random sequences of changes and
// compares each snapshot with one that is loaded from the same accounts.
// Earlier versions must not change.
func TestSnapshotUpdated_EqualsALoad(t *testing.T) {
	seed := rand.Uint64()
	var made, reloads int
	for kind, o := range worlds {
		for n := range uint64(4) {
			w := newWorld(t, seed+n, o)
			t.Logf("seed %d, kind %d", seed+n, kind)
			u := &updates{world: w, ledger: NewLedger(w.scope)}
			u.ledger.scope.LookAhead = 100
			u.run(t, 25)
			made, reloads = made+u.made, reloads+u.reloads
		}
	}

	t.Logf("%d updates, %d of them need a reload", made, reloads)
	require.Greater(t, made, 10*reloads)
	require.NotZero(t, reloads)
}

// updates is a sequence of updates.
type updates struct {
	*world
	ledger        *Ledger
	now           *Snapshot
	made, reloads int
}

func (u *updates) run(t *testing.T, steps int) {
	t.Helper()
	u.now, _ = u.load(t, u.ledger)
	versions := []*Snapshot{u.now}
	hashes := []uint64{hashOf(u.now)}
	for range steps {
		changed := u.change()
		next, err := u.now.Updated(u.now.slot+1, changed...)
		u.made++
		for _, a := range changed {
			u.accounts[a.Address] = a
		}

		if err != nil {
			require.ErrorIs(t, err, ErrReload)
			u.reloads++
			u.requireReload(t, changed)
			u.now, _ = u.load(t, u.ledger)
			versions, hashes = append(versions, u.now), append(hashes, hashOf(u.now))
			continue
		}

		require.Equal(t, u.now.slot+1, next.Slot())
		u.requireLoaded(t, next)
		u.now = next
		versions, hashes = append(versions, next), append(hashes, hashOf(next))
	}

	for i, s := range versions {
		require.Equal(t, hashes[i], hashOf(s), "version %d was written to", i)
	}
}

// change returns one or more changed accounts.
func (u *updates) change() []accounts.Account {
	var changed []accounts.Account
	for range 1 + u.rng.IntN(3)/2 {
		a := u.changeOne()
		at := slices.IndexFunc(changed,
			func(b accounts.Account) bool { return a.Address == b.Address })
		if at >= 0 {
			continue
		}

		changed = append(changed, a)
	}

	return changed
}

func (u *updates) changeOne() accounts.Account {
	switch u.rng.IntN(12) {
	case 0:
		return u.changeClock(0)
	case 1:
		if u.rng.IntN(4) == 0 {
			return u.changeClock(1)
		}

	case 2:
		return u.accounts[figures.RandomKey(u.rng)] // an account that was not loaded
	case 3, 4, 5:
		return u.changePool()
	}

	all := u.now.Addresses()
	address := all[u.rng.IntN(len(all))]
	a, ok := u.accounts[address]
	if !ok {
		return u.create(address)
	}

	a.Data = bytes.Clone(a.Data)
	switch address {
	case accounts.ClockSysvar, accounts.EpochScheduleSysvar:
		return u.changeClock(0)
	case accounts.EpochRewardsSysvar:
		a.Data[80] ^= 1 // active
		return a
	case accounts.RentSysvar:
		a.Data[u.rng.IntN(len(a.Data))] ^= 1 << u.rng.IntN(8)
		return a
	}

	switch u.rng.IntN(8) {
	case 0:
		return accounts.Account{Address: address}
	case 1:
		a.Owner = figures.RandomKey(u.rng)
	case 2:
		a.Data = a.Data[:u.rng.IntN(len(a.Data)+1)]
	case 3, 4:
		a.Lamports += u.rng.Uint64N(1_000_000_000)
	default:
		for range 1 + u.rng.IntN(3) {
			if len(a.Data) > 0 {
				a.Data[u.rng.IntN(len(a.Data))] ^= 1 << u.rng.IntN(8)
			}
		}
	}

	return a
}

// create returns an account that does not exist yet, or one that was deleted.
func (u *updates) create(address solana.PublicKey) accounts.Account {
	a := u.stakeAccount(address)
	all, _ := u.Accounts()
	for _, b := range all {
		if b.Address == address {
			return b
		}
	}
	return a
}

// changeClock advances the Clock by some slots and by epochs.
func (u *updates) changeClock(epochs uint64) accounts.Account {
	a := u.accounts[accounts.ClockSysvar]
	clock, err := accounts.DecodeClock(a)
	if err != nil {
		clock = &u.Chain.Clock
	}

	clock.Slot += u.rng.Uint64N(100)
	clock.UnixTimestamp += u.rng.Int64N(40)
	clock.Epoch += epochs
	a.Address, a.Owner = accounts.ClockSysvar, accounts.SysvarProgram
	a.Lamports, a.Data = 1, clock.Encode()

	return a
}

// changePool changes figures of a stake pool, of Infinity or of a list.
func (u *updates) changePool() accounts.Account {
	add := func(address solana.PublicKey, at int) accounts.Account {
		a := u.accounts[address]
		a.Data = bytes.Clone(a.Data)
		if len(a.Data) >= at+8 {
			binary.LittleEndian.PutUint64(a.Data[at:],
				binary.LittleEndian.Uint64(a.Data[at:])+u.rng.Uint64N(1_000_000))
		}

		return a
	}

	p := u.StakePools[u.rng.IntN(len(u.StakePools))]
	c := u.ledger.controllers[0]
	switch u.rng.IntN(5) {
	case 0:
		return add(p.Address, 258) // total_lamports
	case 1:
		return add(p.State.ValidatorList, 9+73*u.rng.IntN(len(p.Validators)))
	case 2:
		return add(c.controller.LSTStateList, 80*u.rng.IntN(len(c.tokens))+8)
	case 3:
		return add(c.controller.PoolState, 0)
	}

	return add(u.ledger.addresses[c.reserves[u.rng.IntN(len(c.reserves))].index], 64)
}

// set returns the current accounts that the snapshot knows, as a node would
// return them.
func (u *updates) set() *accounts.Set {
	set := accounts.NewSet(u.now.slot + 1)
	for i, address := range u.now.Addresses() {
		if *u.now.accounts.at(i) == nil {
			continue
		}

		a, ok := u.accounts[address]
		if !ok || a.Lamports == 0 {
			set.PutMissing(address)
			continue
		}

		if length := u.ledger.lengthOf(Index(i)); length > 0 {
			a.Data = a.Data[:min(length, len(a.Data))]
		}

		set.Put(a)
	}

	return set
}

// requireReload checks that the same accounts are not enough for a load.
func (u *updates) requireReload(t *testing.T, changed []accounts.Account) {
	t.Helper()
	s := u.state()
	s.Accounts = u.set()
	loaded, err := u.ledger.Load(s)
	require.NoError(t, err)
	for _, address := range loaded.extra.addresses {
		if !s.Accounts.Has(address) {
			return
		}
	}

	// A pool is also loaded again if none of its validators was loaded.
	second, err := u.ledger.Second(s)
	require.NoError(t, err)
	require.True(t,
		slices.ContainsFunc(second.Accounts,
			func(n AccountRequest) bool { return !s.Accounts.Has(n.Address) }),
		"%v", changed)
}

// requireLoaded compares a snapshot with one that is loaded from its accounts.
func (u *updates) requireLoaded(t *testing.T, got *Snapshot) {
	t.Helper()
	s := u.state()
	s.Accounts = u.set()
	fresh, err := u.ledger.Load(s)
	require.NoError(t, err)
	// The numbers of vote accounts are those of the first load.
	want, err := u.ledger.load(s, got.votes)
	require.NoError(t, err)
	known := lockups(got.lockups)
	for id := range u.ledger.makers {
		require.Equal(t, known.canonical(fresh.parts.at(id).value),
			known.canonical(want.parts.at(id).value))
		a, b := want.parts.at(id), got.parts.at(id)
		require.Equal(t, textOf(a.err), textOf(b.err), "%T", u.ledger.makers[id])
		if PartID(id) == u.ledger.sysvars.epoch {
			a, b := *a.value.(*Chain), *b.value.(*Chain)
			a.Clock, b.Clock = accounts.Clock{
				Epoch: a.Clock.Epoch,
			}, accounts.Clock{
				Epoch: b.Clock.Epoch,
			}

			a.SlotTime, b.SlotTime = quote.SlotTime{}, quote.SlotTime{}
			require.Equal(t, a, b)
			continue
		}

		require.Equal(t, known.canonical(a.value), known.canonical(b.value), "%T",
			u.ledger.makers[id])
		require.Equal(t, want.notesOf(id), got.notesOf(id), "%T", u.ledger.makers[id])
		require.Equal(t, unique(want.links.at(id).readers), unique(got.links.at(id).readers),
			"readers of %T", u.ledger.makers[id])
	}

	for i, address := range want.Addresses() {
		j, ok := got.Index(address)
		require.True(t, ok, "%s", address)
		a, b := want.readers.at(i), got.readers.at(int(j))
		require.Equal(t, unique(a.whole), unique(b.whole), "%s", address)
		require.ElementsMatch(t, a.pieces, b.pieces, "%s", address)
	}
}

// requireSameParts compares the parts of two loads of the same accounts.
func requireSameParts(t *testing.T, want, got *Snapshot) {
	t.Helper()
	require.NotNil(t, got)
	for id := range want.ledger.makers {
		a, b := want.parts.at(id), got.parts.at(id)
		require.Equal(t, textOf(a.err), textOf(b.err))
		require.Equal(t, lockups(nil).canonical(a.value), lockups(nil).canonical(b.value))
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func unique(ids []PartID) []PartID {
	sorted := slices.Sorted(slices.Values(ids))
	return slices.Compact(sorted)
}

// notesOf returns the notes of a part by address.
func (s *Snapshot) notesOf(id int) map[string]bool {
	notes := make(map[string]bool)
	for _, n := range s.links.at(id).notes {
		switch n.kind {
		case ofPart:
			notes[fmt.Sprintf("part %d", n.id)] = true
		default:
			key := address(s.ledger, s.extra, Index(n.id))
			notes[fmt.Sprintf("%s %d %d", key, n.at, n.size)] = true
		}
	}

	return notes
}

// lockups are end times of lockups.
type lockups []int64

// canonical returns a part without the values that an update can leave
// unchanged: the slot and the time in the Clocks of pools, except for the
// number of ended lockups.
func (l lockups) canonical(value any) any {
	clock := func(c *accounts.Clock) {
		ended := int64(0)
		for _, end := range l {
			if end <= c.UnixTimestamp {
				ended++
			}
		}

		*c = accounts.Clock{Epoch: c.Epoch, UnixTimestamp: ended}
	}

	switch p := value.(type) {
	case *Chain:
		return *p
	case *StakePool:
		c := *p
		clock(&c.Pool.Clock)
		return []any{c.LST, c.Keys, c.Pool, c.Read, pricesOfPool(c.Prices), crank(c.Update),
			textOf(c.UpdateErr)}

	case *Marinade:
		c := *p
		clock(&c.Pool.Clock)
		deposit, deposits := c.Prices.Deposit(1_000_000_000, nil)
		unstake, unstakes := c.Prices.LiquidUnstake(1_000_000_000, nil)
		c.Prices = nil

		return []any{c, deposit, deposits, unstake, unstakes}

	case *Lido:
		c := *p
		clock(&c.Pool.Clock)
		before, one := c.Prices.Withdraw(1_000_000_000, c.SourcePrices, nil)
		after, two := c.Updated.Withdraw(1_000_000_000, c.UpdatedSource, nil)
		updated := c.Updated != nil
		c.Prices, c.SourcePrices, c.Updated, c.UpdatedSource = nil, nil, nil, nil

		return []any{c, before, one, after, two, updated}

	case *Reserve:
		c := *p
		clock(&c.Pool.Clock)
		price, ok := c.Prices.Unstake(1_000_000_000, 0, false, nil)
		return []any{c.Keys, c.Pool, c.Read, c.TokenRent, price, ok}

	case *MarinadeStake:
		return []any{l.canonical(p.Marinade), p.List, p.known}
	case *MarinadeRecords:
		return []any{l.canonical(p.Marinade), p.Sources}
	case *listPositions:
		return p.positions
	case *StakePoolStake:
		return l.canonicalStake(p)
	case *InfinityToken:
		c := *p
		return []any{c.LST, c.Token.Index, c.Token.State, c.Token.Reserves, c.Token.Value,
			textOf(c.Token.Unavailable), c.Keys, c.Read, c.listed}

	case *InfinityPool:
		c := *p
		c.controller, c.tokens, c.prices = nil, pages[*InfinityToken]{}, nil
		c.PricingErr = nil
		tokens := make([]any, len(p.controller.tokens))
		for i := range tokens {
			tokens[i] = l.canonical(*p.tokens.at(i))
		}

		return []any{c, tokens, textOf(p.PricingErr)}

	case *Infinity:
		return []any{l.canonical(p.InfinityPool), pricesOf(p), p.AheadSlot}
	}

	if p := reflect.ValueOf(value); p.Kind() == reflect.Pointer && !p.IsNil() {
		if field := p.Elem().FieldByName("Reserve"); field.IsValid() {
			return fmt.Sprintf("%T", value) // a prefund: its Reserve is compared elsewhere
		}
	}

	return value
}

func (l lockups) canonicalStake(p *StakePoolStake) any {
	c := []any{l.canonical(p.StakePool), textOf(p.SourcesErr)}
	for _, s := range p.Sources {
		c = append(c, s.Source, s.Address)
	}
	stakes := make(map[solana.PublicKey]any)
	for _, s := range p.stakes {
		vote := s.Source.Entry.VoteAccount
		stakes[vote] = []any{s.Source, s.Address, p.Accepts(s.Vote), p.List.Find(vote)}
	}
	return append(c, stakes)
}

func crank(c *StakePoolUpdate) any {
	if c == nil {
		return nil
	}
	return []any{c.List, c.Balances, c.Read, pricesOfPool(c.Prices)}
}

// pricesOfPool returns some prices of a stake pool.
func pricesOfPool(p *quote.StakePoolPrices) any {
	deposit, deposits := p.DepositSOL(1_000_000_000, nil)
	withdrawal, withdraws := p.WithdrawSOL(1_000_000_000, nil)
	return []any{deposit, deposits, withdrawal, withdraws}
}

// pricesOf returns trades between all tokens.
func pricesOf(i *Infinity) any {
	var all []any
	for _, p := range []interface {
		Len() int
	}{i.Prices} {
		all = append(all, p.Len())
	}

	for inp := -1; inp < i.Prices.Len(); inp++ {
		for out := -1; out < i.Prices.Len(); out++ {
			price, ok := i.Prices.Swap(inp, out, 1_000_000_000, nil)
			all = append(all, price, ok)
			if i.Ahead != nil {
				price, ok = i.Ahead.Swap(inp, out, 1_000_000_000, nil)
				all = append(all, price, ok)
			}
		}
	}

	return all
}

// TestSnapshotUpdated_Concurrently checks that goroutines can read versions
// while others are derived from them. Run it with -race.
func TestSnapshotUpdated_Concurrently(t *testing.T) {
	w := newWorld(t, 7, worlds[0])
	u := &updates{world: w, ledger: NewLedger(w.scope)}
	u.now, _ = u.load(t, u.ledger)
	first := u.now
	want := hashOf(first)
	var group sync.WaitGroup
	for range 3 {
		changed := make([][]accounts.Account, 20)
		for i := range changed {
			changed[i] = u.change()
		}

		group.Go(func() {
			s := first
			for i := range changed {
				next, err := s.Updated(s.slot, changed[i]...)
				if err == nil {
					s = next
				}

				_ = hashOf(s)
			}
		})
	}

	group.Wait()
	require.Equal(t, want, hashOf(first))
}

// TestLedger_PartsReadOnlyWhatComesBefore checks that parts only read parts
// before them, so that an update needs one pass.
func TestLedger_PartsReadOnlyWhatComesBefore(t *testing.T) {
	for _, o := range worlds {
		w := newWorld(t, 3, o)
		s, _ := w.load(t, NewLedger(w.scope))
		for id := range s.ledger.makers {
			for _, n := range s.links.at(id).notes {
				require.False(t, n.kind == ofPart && int(n.id) >= id, "%T", s.ledger.makers[id])
			}

			if to := s.ledger.feeds[id]; to != noPart {
				require.Greater(t, int(to), id)
			}
		}
	}
}

// TestSnapshotUpdated_MakesOnlyWhatChanged lists the parts that an update
// prepares again.
func TestSnapshotUpdated_MakesOnlyWhatChanged(t *testing.T) {
	w := newWorld(t, 5, worldOptions{pools: 6, stakes: 2})
	l := NewLedger(w.scope)
	s, _ := w.load(t, l)
	c := l.controllers[0]
	different := func(a accounts.Account) []string {
		next, err := s.Updated(s.slot, a)
		require.NoError(t, err)
		kinds := make(map[string]bool)
		for id := range l.makers {
			if s.parts.at(id).value != next.parts.at(id).value {
				kinds[fmt.Sprintf("%T", l.makers[id])] = true
			}
		}

		return slices.Sorted(maps.Keys(kinds))
	}

	clock := w.Chain.Clock
	clock.Slot++
	a := w.accounts[accounts.ClockSysvar]
	a.Data = clock.Encode()
	require.Equal(t, []string{"state.chainMaker", "state.infinityMaker"}, different(a))

	entry := w.accounts[c.controller.LSTStateList]
	entry.Data = bytes.Clone(entry.Data)
	entry.Data[3*accounts.LSTStateSize+8]++
	require.Equal(t,
		[]string{"state.infinityMaker", "state.infinityPoolMaker", "state.infinityTokenMaker"},
		different(entry))

	a = w.accounts[accounts.ClockSysvar]
	require.Empty(t, different(a), "nothing has changed")
	require.Empty(t, different(accounts.Account{Address: solana.PublicKey{0xcc}, Lamports: 1}),
		"the account was not requested")
}

// TestSnapshotUpdated_Reload checks the address of the missing account.
func TestSnapshotUpdated_Reload(t *testing.T) {
	w := newWorld(t, 5, worldOptions{pools: 2})
	l := NewLedger(w.scope)
	s, _ := w.load(t, l)
	p := w.StakePools[0]
	p.State.ReserveStake = solana.PublicKey{0xab}
	a := w.accounts[p.Address]
	a.Data = append(p.State.Encode(), make([]byte, 100)...)
	_, err := s.Updated(s.slot, a)
	var reload *ReloadError
	require.ErrorAs(t, err, &reload)
	require.ErrorIs(t, err, ErrReload)
	require.Equal(t, p.State.ReserveStake, reload.Address)
	require.Contains(t, err.Error(), "load the market anew")
	require.NotContains(t, err.Error(), "\n")

	clock := w.Chain.Clock
	clock.Epoch++
	a = w.accounts[accounts.ClockSysvar]
	a.Data = clock.Encode()
	_, err = s.Updated(s.slot, a)
	require.True(t, err == nil || errors.Is(err, ErrReload))

	a.Data = a.Data[:7]
	_, err = s.Updated(s.slot, a)
	require.ErrorIs(t, err, accounts.ErrWrongLength)
	require.NotErrorIs(t, err, ErrReload)

	_, err = (*Snapshot)(nil).Updated(1)
	require.ErrorIs(t, err, accounts.ErrNil)
}
