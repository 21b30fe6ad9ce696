package yesterday_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	oldquote "github.com/sanctum-go/sanctum/internal/yesterday/quote"
	oldroute "github.com/sanctum-go/sanctum/internal/yesterday/route"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// engines are both markets of a world. If one cannot be made, they are nil and
// the errors are compared.
type engines struct {
	yesterday *oldroute.Market
	today     *route.Market
	// sets are the accounts that the two were made of, a copy each.
	sets [2]*accounts.Set
}

// put brings accounts into a set as a node would, cut to the wanted length, in
// memory of its own.
func (w *world) put(set *accounts.Set, address solana.PublicKey, length int) {
	a, ok := w.accounts[address]
	if !ok {
		set.PutMissing(address)
		return
	}
	if length > 0 {
		a.Data = a.Data[:min(length, len(a.Data))]
	}
	a.Data = bytes.Clone(a.Data)
	set.Put(a)
}

// load makes both markets of a world, and compares what they want to know.
func (w *world) load(c *comparison) (*engines, error) {
	oldLoader, loader := oldroute.NewLoader(w.tokens...), route.NewLoader(w.tokens...)
	if w.withStake {
		oldLoader, loader = oldLoader.WithStakeAccounts(
			w.stakes...), loader.WithStakeAccounts(
			w.stakes...)
	} else {
		oldLoader, loader = oldLoader.WithoutStake(), loader.WithoutStake()
	}
	oldLoader, loader = oldLoader.WithLookupTables(
		w.tables...), loader.WithLookupTables(
		w.tables...)

	e := &engines{
		sets: [2]*accounts.Set{
			accounts.NewSet(w.Chain.Clock.Slot),
			accounts.NewSet(w.Chain.Clock.Slot),
		},
	}
	oldState := &oldroute.State{
		Accounts:          e.sets[0],
		MinimumDelegation: w.Chain.MinimumDelegation,
		Builds:            maps.Clone(w.builds),
		SlotTime: oldquote.SlotTime{
			Nanos:  w.slotTime.Nanos,
			Source: oldquote.SlotTimeSource(w.slotTime.Source),
		},
	}
	state := &route.State{
		Accounts:          e.sets[1],
		MinimumDelegation: w.Chain.MinimumDelegation,
		Builds:            maps.Clone(w.builds),
		SlotTime:          quote.SlotTime{Nanos: w.slotTime.Nanos, Source: w.slotTime.Source},
	}

	oldFirst, first := oldLoader.First(), loader.First()
	compareNeeds(c, "First", oldNeeds(oldFirst.Accounts), newNeeds(first.Accounts))
	plain(c, "First, programs", fmt.Sprint(oldFirst.Programs), fmt.Sprint(first.Programs))
	for _, n := range oldFirst.Accounts {
		w.put(e.sets[0], n.Address, n.Length)
	}
	for _, n := range first.Accounts {
		w.put(e.sets[1], n.Address, n.Length)
	}

	oldSecond, oldErr := oldLoader.Second(oldState)
	second, err := loader.Second(state)
	c.errors("Second", oldErr, err)
	compareNeeds(c, "Second", oldNeeds(oldSecond.Accounts), newNeeds(second.Accounts))
	for _, n := range oldSecond.Accounts {
		w.put(e.sets[0], n.Address, n.Length)
	}
	for _, n := range second.Accounts {
		w.put(e.sets[1], n.Address, n.Length)
	}

	e.yesterday, oldErr = oldLoader.Market(oldState)
	e.today, err = loader.Market(state)
	c.errors("Market", oldErr, err)
	if oldErr != nil || err != nil {
		return nil, oldErr
	}
	return e, nil
}

// need is an account that a loader asks for.
type need struct {
	address solana.PublicKey
	length  int
}

func oldNeeds(list []oldroute.Need) (all []need) {
	for _, n := range list {
		all = append(all, need{n.Address, n.Length})
	}
	return all
}

func newNeeds(list []route.Need) (all []need) {
	for _, n := range list {
		all = append(all, need{n.Address, n.Length})
	}
	return all
}

// compareNeeds compares what is loaded, in whatever order.
func compareNeeds(c *comparison, at string, yesterday, today []need) {
	byAddress := func(a, b need) int {
		return cmp.Or(compareKeys(a.address, b.address), cmp.Compare(a.length, b.length))
	}
	slices.SortFunc(yesterday, byAddress)
	slices.SortFunc(today, byAddress)
	if !slices.Equal(yesterday, today) {
		c.differs(at, yesterday, today)
	}
}

// unchanged compares the accounts that the engines hold with those of the chain:
// whoever quotes must not write to what it quotes from.
func (w *world) unchanged(c *comparison, e *engines) {
	for i, set := range e.sets {
		for _, address := range set.Addresses() {
			a, err := set.Get(address)
			if err != nil {
				continue
			}
			was := w.accounts[address]
			if a.Lamports != was.Lamports || a.Owner != was.Owner ||
				!bytes.Equal(a.Data, was.Data[:len(a.Data)]) {
				c.differs(fmt.Sprintf("account %s of engine %d", address, i), was, a)
			}
		}
	}
}

// facts compares what both markets tell apart from quotes.
func (e *engines) facts(c *comparison) {
	y, n := e.yesterday, e.today
	plain(c, "Slot", y.Slot(), n.Slot())
	plain(c, "Clock", y.Clock(), n.Clock())
	plain(c, "Rent", y.Rent(), n.Rent())
	plain(c, "EpochSchedule", y.EpochSchedule(), n.EpochSchedule())
	plain(c, "SlotTime", y.SlotTime().String(), n.SlotTime().String())
	plain(c, "Tokens", fmt.Sprint(y.Tokens()), fmt.Sprint(n.Tokens()))
	plain(c, "StakeAccounts", fmt.Sprint(y.StakeAccounts()), fmt.Sprint(n.StakeAccounts()))
	for _, address := range append(y.StakeAccounts(), solana.PublicKey{3}) {
		was, oldErr := y.StakeAccount(address)
		is, err := n.StakeAccount(address)
		c.both("StakeAccount", was, is)
		c.errors("StakeAccount", oldErr, err)
	}
	for _, token := range append(y.Tokens(), lst.LST{Mint: accounts.NativeMint}, lst.LST{Mint: solana.PublicKey{3}}) {
		was, oldErr := y.Info(token.Mint)
		is, err := n.Info(token.Mint)
		c.both("Info "+token.Symbol, was, is)
		c.errors("Info "+token.Symbol, oldErr, err)
		if err == nil {
			c.seen.infos++
		}
	}
	for _, program := range []solana.PublicKey{accounts.InfinityProgram, {3}} {
		e.overview(c, program)
	}
}

// overview compares the overview of Infinity, and what can be asked of it.
func (e *engines) overview(c *comparison, program solana.PublicKey) {
	was, oldErr := e.yesterday.Pool(program)
	is, err := e.today.Pool(program)
	c.errors("Pool", oldErr, err)
	if oldErr != nil || err != nil {
		return
	}
	c.seen.pools++
	c.both("Pool", was, is)
	for _, from := range is.Tokens {
		to := is.Tokens[(from.Index+1)%len(is.Tokens)].Token.Mint
		for _, amount := range []uint64{1, sol, 1_000_000 * sol} {
			at := fmt.Sprintf("Pool, %d of %s to %s", amount, from.Token.Symbol, to)
			oldTrade, oldErr := was.Trade(from.Token.Mint, to, amount)
			trade, err := is.Trade(from.Token.Mint, to, amount)
			c.both(at, oldTrade, trade)
			c.errors(at, oldErr, err)
			plain(
				c,
				at+", share",
				was.ShareAfter(oldTrade, to).String(),
				is.ShareAfter(trade, to).String(),
			)
			oldFair, oldErr := was.Fair(from.Token.Mint, to, amount)
			fair, err := is.Fair(from.Token.Mint, to, amount)
			plain(c, at+", Fair", oldFair, fair)
			c.errors(at+", Fair", oldErr, err)
		}
		oldFee, oldErr := was.FeeNanos(from.Token.Mint, accounts.INFMint)
		fee, err := is.FeeNanos(from.Token.Mint, accounts.INFMint)
		plain(c, "Pool, FeeNanos", oldFee, fee)
		c.errors("Pool, FeeNanos", oldErr, err)
	}
}
