package sdk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const (
	// accountsPerRequest is the most addresses a node takes in one getMultipleAccounts. The transport splits what an endpoint takes less of.
	accountsPerRequest = 100
	// optionalGrace is how much longer what is not needed is waited for.
	optionalGrace = time.Second
	// maxTokensWithStake is how many tokens a market may have in which stake is moved, too. The validator lists of all of them would be
	// many megabytes.
	maxTokensWithStake = 8
	// maxSlotSpread is how many slots the accounts of a market may lie apart.
	maxSlotSpread = 64
	// fallbackMinimumDelegation is assumed, in lamports, if the node does not tell: the highest minimum there has been, which can
	// only make a quote more careful.
	fallbackMinimumDelegation = 1_000_000_000
)

// Conditions under which a market is not made of what was loaded.
var (
	// ErrSlotSpread says that the node answered the parts of one market at slots too far apart.
	ErrSlotSpread = errors.New("accounts are of slots too far apart, load again")
	// ErrEpochChanged says that an epoch ended while the market was being loaded.
	ErrEpochChanged = errors.New("the epoch changed while loading, load again")
	// ErrBadAccount says that the node returned an account in a form that was not asked for.
	ErrBadAccount = errors.New("malformed account in the node's answer (try another endpoint)")
)

// Market loads the market of some tokens: everything needed to quote any trade among them, at one slot, in two rounds of requests
// that run in parallel. SOL is part of every market and need not be named. An unknown mint is an error that wraps
// lst.ErrUnknown.
//
// A market of more than eight tokens has no ways that move stake, for these take the whole validator lists of their pools. Ask for them with
// [Client.MarketFrom].
func (c *Client) Market(ctx context.Context, tokens ...solana.PublicKey) (*route.Market, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("load market: %w", err)
	}

	var known []lst.LST
	for _, mint := range tokens {
		if mint == accounts.NativeMint {
			continue
		}
		token, err := c.registry.ByMint(mint)
		if err != nil {
			return nil, fmt.Errorf("load market: %w", err)
		}
		known = append(known, token)
	}
	return c.MarketOf(ctx, known...)
}

// MarketOf is [Client.Market] for tokens that need not be in the client's registry.
func (c *Client) MarketOf(ctx context.Context, tokens ...lst.LST) (*route.Market, error) {
	loader := route.NewLoader(tokens...)
	if len(tokens) > maxTokensWithStake {
		loader = loader.WithoutStake()
	}
	return c.MarketFrom(ctx, loader)
}

// MarketFrom loads the market that a loader describes, with stake accounts for example.
func (c *Client) MarketFrom(ctx context.Context, loader *route.Loader) (*route.Market, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("load market: %w", err)
	}
	if loader == nil {
		return nil, fmt.Errorf("load market: %w loader: make one with route.NewLoader", accounts.ErrNil)
	}

	l := load{client: c, loader: loader, floor: c.seen.slot.Load()}
	market, err := l.market(ctx)
	if floor := c.seen.slot.Load(); errors.Is(err, ErrBehind) && floor < l.floor {
		// What was seen before turned out to be of another cluster, or a lie.
		l = load{client: c, loader: loader, floor: floor}
		market, err = l.market(ctx)
	}
	switch {
	case errors.Is(err, ErrBehind):
		return nil, fmt.Errorf("load market: slot %d was seen before: %w", max(l.floor, l.highest), err)
	case err != nil:
		return nil, fmt.Errorf("load market: %w", err)
	}
	c.seen.saw(l.highest)
	return market, nil
}

// load is one market on its way.
type load struct {
	client *Client
	loader *route.Loader
	state  route.State
	// floor is what the client had seen when the load began: the market is not older.
	floor uint64
	// lowest and highest are the slots the answers were read at.
	lowest, highest uint64
}

func (l *load) market(ctx context.Context) (*route.Market, error) {
	finishSurvey, stopSurvey := l.client.survey(ctx)
	defer stopSurvey()

	first := l.loader.First()
	l.state.Builds = make(map[solana.PublicKey]string)
	headers := make(map[solana.PublicKey]solana.PublicKey, len(first.Programs))
	for _, program := range first.Programs {
		if hash, ok := l.client.pinned[program]; ok {
			l.state.Builds[program] = hash
			continue
		}
		address, err := accounts.ProgramDataAddress(program)
		if err != nil {
			return nil, err
		}
		headers[program] = address
		first.Accounts = append(first.Accounts, route.Need{Address: address, Length: accounts.ProgramDataHeaderSize})
	}
	l.state.Accounts = accounts.NewSet(0)
	if err := l.round(ctx, first.Accounts, true); err != nil {
		return nil, err
	}
	before, err := l.epoch()
	if err != nil {
		return nil, err
	}
	second, err := l.loader.Second(&l.state)
	if err != nil {
		return nil, err
	}
	unknown := l.cachedBuilds(headers)
	for _, d := range unknown {
		second.Accounts = append(second.Accounts, route.Need{Address: headers[d.program]})
	}
	if err := l.round(ctx, second.Accounts, false); err != nil {
		return nil, err
	}
	l.hashBuilds(unknown, headers)
	after, err := l.epoch()
	if err != nil {
		return nil, err
	}
	switch {
	case before != after:
		return nil, ErrEpochChanged
	case l.highest-l.lowest > maxSlotSpread:
		return nil, fmt.Errorf("%w: %d to %d", ErrSlotSpread, l.lowest, l.highest)
	}

	finishSurvey()
	if err := l.measureSlots(); err != nil {
		return nil, err
	}
	return l.loader.Market(&l.state)
}

// measureSlots tells the client how far the chain's clock is, and the market how
// long the client takes a slot to be.
func (l *load) measureSlots() error {
	clock, err := accounts.Load(l.state.Accounts, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return err
	}
	schedule, err := accounts.Load(l.state.Accounts, accounts.EpochScheduleSysvar, accounts.DecodeEpochSchedule)
	if err != nil {
		return err
	}

	l.client.slots.saw(*clock, *schedule, l.client.now())
	l.state.SlotTime = l.client.slots.estimate().data()
	return nil
}

func (l *load) epoch() (uint64, error) {
	clock, err := accounts.Load(l.state.Accounts, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return 0, err
	}
	return clock.Epoch, nil
}

// cachedBuilds takes the builds that are known from the cache and returns the others. A program without a readable header stays
// unknown, which quotes know how to live with.
func (l *load) cachedBuilds(headers map[solana.PublicKey]solana.PublicKey) []deployment {
	var unknown []deployment
	for _, program := range slices.SortedFunc(maps.Keys(headers), accounts.CompareKeys) {
		header, err := accounts.Load(l.state.Accounts, headers[program], accounts.DecodeProgramData)
		if err != nil {
			continue
		}
		d := deployment{program: program, slot: header.DeploySlot}
		if hash, ok := l.client.builds.get(d); ok {
			l.state.Builds[program] = hash
			continue
		}
		unknown = append(unknown, d)
	}
	return unknown
}

// hashBuilds identifies the builds whose code was fetched.
func (l *load) hashBuilds(fetched []deployment, headers map[solana.PublicKey]solana.PublicKey) {
	for _, d := range fetched {
		a, err := l.state.Accounts.Get(headers[d.program])
		if err != nil {
			continue
		}
		header, err := accounts.DecodeProgramData(a)
		if err != nil || header.DeploySlot != d.slot {
			continue
		}
		hash := accounts.ProgramHash(a.Data)
		l.client.builds.put(d, hash)
		l.state.Builds[d.program] = hash
	}
}

// round reads accounts in parallel, those that are wanted to different lengths in requests of their own, and in the first round
// the minimum delegation along with them.
func (l *load) round(ctx context.Context, needs []route.Need, first bool) error {
	byLength := make(map[int][]solana.PublicKey)
	for _, n := range needs {
		byLength[n.Length] = append(byLength[n.Length], n.Address)
	}
	var parts []*part
	for _, length := range slices.Sorted(maps.Keys(byLength)) {
		for keys := range slices.Chunk(byLength[length], accountsPerRequest) {
			parts = append(parts, &part{keys: keys, length: length})
		}
	}
	minimum := func(time.Duration) uint64 { return l.state.MinimumDelegation }
	if first {
		minimum = l.askMinimumDelegation(ctx)
	}

	if err := l.askAll(ctx, parts, max(l.floor, l.highest)); err != nil {
		minimum(0)
		return err
	}
	l.state.MinimumDelegation = minimum(optionalGrace)

	if err := l.level(ctx, parts); err != nil {
		return err
	}
	for _, p := range parts {
		slot := p.answer.Context.Slot
		if l.lowest == 0 || slot < l.lowest {
			l.lowest = slot
		}
		if err := p.answer.into(l.state.Accounts, p.keys); err != nil {
			return err
		}
	}
	l.state.Accounts.SetSlot(l.highest)
	return nil
}

// askMinimumDelegation starts to ask for the minimum delegation. What it returns
// waits for the answer so much longer.
func (l *load) askMinimumDelegation(ctx context.Context) (wait func(time.Duration) uint64) {
	ctx, cancel := context.WithCancel(ctx)
	answer := make(chan uint64, 1)
	go func() { answer <- l.client.minimumDelegation(ctx) }()
	return func(grace time.Duration) uint64 {
		defer time.AfterFunc(grace, cancel).Stop()
		return <-answer
	}
}

// part is one request of a round.
type part struct {
	keys   []solana.PublicKey
	length int
	answer multipleAccounts
}

// ask requests parts in parallel, at a slot or later.
func (l *load) ask(ctx context.Context, group *errgroup.Group, parts []*part, minSlot uint64) {
	for _, p := range parts {
		group.Go(func() error { return l.client.multipleAccounts(ctx, p.keys, p.length, minSlot, &p.answer) })
	}
}

// level asks once more for the parts that a node far behind the others answered, for the slot of the others, after those whose slot the
// others have shown to be impossible.
func (l *load) level(ctx context.Context, parts []*part) error {
	var impossible []*part
	for _, p := range parts {
		if !l.client.seen.plausible(p.answer.highestSlot()) {
			impossible = append(impossible, p)
		}
	}
	if err := l.askAll(ctx, impossible, max(l.floor, l.highest)); err != nil {
		return err
	}
	for _, p := range parts {
		l.highest = max(l.highest, p.answer.highestSlot())
	}
	var behind []*part
	for _, p := range parts {
		if l.highest-p.answer.Context.Slot > maxSlotSpread {
			behind = append(behind, p)
		}
	}
	if err := l.askAll(ctx, behind, l.highest); err != nil {
		return err
	}
	for _, p := range behind {
		l.highest = max(l.highest, p.answer.highestSlot())
	}
	return nil
}

func (l *load) askAll(ctx context.Context, parts []*part, minSlot uint64) error {
	group, ctx := errgroup.WithContext(ctx)
	l.ask(ctx, group, parts, minSlot)
	return group.Wait()
}

// multipleAccounts reads accounts at a slot or later. Zero for length means all
// of each.
func (c *Client) multipleAccounts(ctx context.Context, keys []solana.PublicKey, length int, minSlot uint64, out *multipleAccounts) error {
	opts := rpc.M{"encoding": "base64", "commitment": c.commitment}
	if length > 0 {
		opts["dataSlice"] = rpc.M{"offset": 0, "length": length}
	}
	if minSlot > 0 {
		opts["minContextSlot"] = minSlot
	}
	*out = multipleAccounts{keys: keys}
	return c.transport.CallForInto(ctx, accountsAt(minSlot, out), "getMultipleAccounts", []any{keys, opts})
}

// minimumDelegation asks for the stake program's minimum. Some proxies do not
// know the method, and no trade fails for the want of it.
func (c *Client) minimumDelegation(ctx context.Context) uint64 {
	var answer minimumDelegation
	err := c.transport.CallForInto(ctx, &atLeast[minimumDelegation]{answer: &answer}, "getStakeMinimumDelegation",
		[]any{rpc.M{"commitment": c.commitment}})
	if err != nil {
		c.logger.WarnContext(ctx, "the node does not tell the minimum delegation",
			"assumed", fallbackMinimumDelegation, "error", err)
		return fallbackMinimumDelegation
	}
	return *answer.Value
}
