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
	// accountsPerRequest is the highest number of addresses in
	// getMultipleAccounts. The transport splits requests for endpoints with a
	// lower limit.
	accountsPerRequest = 100
	// optionalGrace limits the wait for an answer that is not essential after
	// the others have arrived.
	optionalGrace = time.Second
	// maxTokensWithStake is the highest number of tokens for which a market
	// includes the routes that move stake. Their validator lists would take
	// many megabytes.
	maxTokensWithStake = 8
	// maxSlotSpread is the largest difference between the slots of a market's
	// accounts.
	maxSlotSpread = 64
	// fallbackMinimumDelegation is assumed if no node reports the minimum
	// delegation of the stake program, in lamports. It is the highest value
	// that the network has used, so quotes err on the safe side.
	fallbackMinimumDelegation = 1_000_000_000
)

// Errors of loading a market.
var (
	// ErrSlotSpread is returned when a node answered the requests for one
	// market at slots that are more than 64 apart. Load the market again.
	ErrSlotSpread = errors.New(
		"the accounts of the market are from slots too far apart (load again)",
	)
	// ErrEpochChanged is returned when an epoch ended while the market was
	// loading. Load the market again.
	ErrEpochChanged = errors.New("the epoch changed while the market was loading (load again)")
	// ErrBadAccount is returned when a node's answer contains an account in an
	// encoding that was not requested, or the wrong number of accounts. Try
	// another endpoint.
	ErrBadAccount = errors.New("malformed account in the node's answer (try another endpoint)")
)

// LoadMarket loads the market of tokens in the client's registry: all accounts
// that are necessary to quote trades among them, in two rounds of parallel
// requests. SOL is part of every market and need not be listed. An unknown mint
// is an error that wraps [lst.ErrUnknownLST], unless the client discovers
// tokens, see [WithDiscovery].
//
// A market of more than eight tokens does not include the routes that move
// stake, because those require the complete validator lists of the pools. Use
// [Client.LoadMarketWith] to load them.
func (c *Client) LoadMarket(
	ctx context.Context,
	tokens ...solana.PublicKey,
) (*route.Market, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("load market: %w", err)
	}

	var known []lst.LST
	for _, mint := range tokens {
		if mint == accounts.NativeMint {
			continue
		}

		token, err := c.token(ctx, mint)
		if err != nil {
			return nil, fmt.Errorf("load market: %w", err)
		}

		known = append(known, token)
	}

	return c.LoadMarketTokens(ctx, known...)
}

// LoadMarketTokens is [Client.LoadMarket] for tokens that need not be in the
// client's registry.
func (c *Client) LoadMarketTokens(ctx context.Context, tokens ...lst.LST) (*route.Market, error) {
	loader := route.NewLoader(tokens...)
	if len(tokens) > maxTokensWithStake {
		loader = loader.WithoutStake()
	}
	return c.LoadMarketWith(ctx, loader)
}

// LoadMarketWith loads the market that a loader describes, for example one with
// stake accounts, see [route.NewLoader].
func (c *Client) LoadMarketWith(ctx context.Context, loader *route.Loader) (*route.Market, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("load market: %w", err)
	}

	if loader == nil {
		return nil, fmt.Errorf("load market: %w loader (create one with route.NewLoader)",
			accounts.ErrNil)
	}

	market, _, err := c.loadMarket(ctx, loader, false)

	return market, err
}

// loadMarket loads a market and returns what it was loaded from. The slot of
// each account is recorded if withSlots is set.
func (c *Client) loadMarket(
	ctx context.Context,
	loader *route.Loader,
	withSlots bool,
) (*route.Market, *load, error) {
	l := c.newLoad(loader, c.seen.slot.Load(), withSlots)
	market, err := l.market(ctx)
	if floor := c.seen.slot.Load(); errors.Is(err, ErrNodeBehind) && floor < l.floor {
		// The slot seen before was wrong or of another cluster, and the client
		// has dropped it.
		l = c.newLoad(loader, floor, withSlots)
		market, err = l.market(ctx)
	}

	switch {
	case errors.Is(err, ErrNodeBehind):
		return nil, nil, fmt.Errorf("load market: slot %d was seen before: %w",
			max(l.floor, l.highest), err)
	case err != nil:
		return nil, nil, fmt.Errorf("load market: %w", err)
	}

	c.seen.saw(l.highest)

	return market, l, nil
}

func (c *Client) newLoad(loader *route.Loader, floor uint64, withSlots bool) *load {
	l := &load{
		client: c,
		loader: loader,
		floor:  floor,
	}
	if withSlots {
		l.slots = make(map[solana.PublicKey]uint64)
	}
	return l
}

// load is the state of loading one market.
type load struct {
	client *Client
	loader *route.Loader
	state  route.AccountSnapshot
	// floor is the latest slot that the client had seen before. The market must
	// not be older.
	floor uint64
	// lowest and highest are the slots of the oldest and the latest answer.
	lowest, highest uint64
	// slots has the slot of each account, unless it is nil.
	slots map[solana.PublicKey]uint64
	// headers has the program data accounts of the programs whose build is not
	// pinned.
	headers map[solana.PublicKey]solana.PublicKey
}

func (l *load) market(ctx context.Context) (*route.Market, error) {
	finishSurvey, stopSurvey := l.client.survey(ctx)
	defer stopSurvey()

	first := l.loader.AccountsToLoad()
	l.state.Builds = make(map[solana.PublicKey]string)
	headers := make(map[solana.PublicKey]solana.PublicKey, len(first.Programs))
	l.headers = headers
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
		first.Accounts = append(first.Accounts,
			route.AccountRequest{Address: address, Length: accounts.ProgramDataHeaderSize})
	}

	l.state.Accounts = accounts.NewSet(0)
	if err := l.fetchRound(ctx, first.Accounts, true); err != nil {
		return nil, err
	}

	before, err := l.epoch()
	if err != nil {
		return nil, err
	}

	second, err := l.loader.AccountsToLoadNext(&l.state)
	if err != nil {
		return nil, err
	}

	unknown := l.cachedBuilds(headers)
	for _, d := range unknown {
		second.Accounts = append(second.Accounts, route.AccountRequest{Address: headers[d.program]})
	}

	if err := l.fetchRound(ctx, second.Accounts, false); err != nil {
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

	return l.loader.Build(&l.state)
}

// measureSlots updates the client's slot time with the Clock sysvar, and stores
// the slot time in the market.
func (l *load) measureSlots() error {
	clock, err := accounts.Load(l.state.Accounts, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return err
	}

	schedule, err := accounts.Load(l.state.Accounts, accounts.EpochScheduleSysvar,
		accounts.DecodeEpochSchedule)
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

// cachedBuilds takes known builds from the cache and returns the other
// deployments. A program whose header cannot be read has no build; quotes then
// assume nothing about it.
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

// hashBuilds computes the hashes of the downloaded builds.
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

// fetchRound reads accounts in parallel, with separate requests for each
// length. The first round also requests the minimum delegation.
func (l *load) fetchRound(ctx context.Context, needs []route.AccountRequest, first bool) error {
	byLength := make(map[int][]solana.PublicKey)
	for _, n := range needs {
		byLength[n.Length] = append(byLength[n.Length], n.Address)
	}

	var parts []*accountBatch
	for _, length := range slices.Sorted(maps.Keys(byLength)) {
		for keys := range slices.Chunk(byLength[length], accountsPerRequest) {
			parts = append(parts, &accountBatch{keys: keys, length: length})
		}
	}

	minimum := func(time.Duration) uint64 { return l.state.MinimumDelegation }
	if first {
		minimum = l.askMinimumDelegation(ctx)
	}

	if err := l.fetchAll(ctx, parts, max(l.floor, l.highest)); err != nil {
		minimum(0)
		return err
	}

	l.state.MinimumDelegation = minimum(optionalGrace)

	if err := l.retryLagging(ctx, parts); err != nil {
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

		if l.slots == nil {
			continue
		}

		for _, key := range p.keys {
			l.slots[key] = slot
		}
	}

	l.state.Accounts.SetSlot(l.highest)

	return nil
}

// askMinimumDelegation requests the minimum delegation. The returned function
// waits for the answer for up to the given time.
func (l *load) askMinimumDelegation(ctx context.Context) (wait func(time.Duration) uint64) {
	ctx, cancel := context.WithCancel(ctx)
	answer := make(chan uint64, 1)
	go func() { answer <- l.client.minimumDelegation(ctx) }()
	return func(grace time.Duration) uint64 {
		defer time.AfterFunc(grace, cancel).Stop()
		return <-answer
	}
}

// accountBatch is one request of a round.
type accountBatch struct {
	keys   []solana.PublicKey
	length int
	answer multipleAccounts
}

// fetch sends requests in parallel, with a minimum slot.
func (l *load) fetch(
	ctx context.Context,
	group *errgroup.Group,
	parts []*accountBatch,
	minSlot uint64,
) {
	for _, p := range parts {
		group.Go(func() error {
			return l.client.multipleAccounts(ctx, p.keys, p.length, minSlot, &p.answer)
		})
	}
}

// retryLagging repeats requests that a lagging node answered, at the slot of
// the other answers. Before that, it repeats requests that were answered at a
// slot that the other answers show to be impossible.
func (l *load) retryLagging(ctx context.Context, parts []*accountBatch) error {
	var impossible []*accountBatch
	for _, p := range parts {
		if !l.client.seen.plausible(p.answer.highestSlot()) {
			impossible = append(impossible, p)
		}
	}

	if err := l.fetchAll(ctx, impossible, max(l.floor, l.highest)); err != nil {
		return err
	}

	for _, p := range parts {
		l.highest = max(l.highest, p.answer.highestSlot())
	}

	var behind []*accountBatch
	for _, p := range parts {
		if l.highest-p.answer.Context.Slot > maxSlotSpread {
			behind = append(behind, p)
		}
	}

	if err := l.fetchAll(ctx, behind, l.highest); err != nil {
		return err
	}

	for _, p := range behind {
		l.highest = max(l.highest, p.answer.highestSlot())
	}

	return nil
}

func (l *load) fetchAll(ctx context.Context, parts []*accountBatch, minSlot uint64) error {
	group, ctx := errgroup.WithContext(ctx)
	l.fetch(ctx, group, parts, minSlot)
	return group.Wait()
}

// multipleAccounts reads accounts with a minimum slot. With length zero it
// reads all data of each account.
func (c *Client) multipleAccounts(
	ctx context.Context,
	keys []solana.PublicKey,
	length int,
	minSlot uint64,
	out *multipleAccounts,
) error {
	opts := rpc.M{"encoding": "base64", "commitment": c.commitment}
	if length > 0 {
		opts["dataSlice"] = rpc.M{"offset": 0, "length": length}
	}
	if minSlot > 0 {
		opts["minContextSlot"] = minSlot
	}
	*out = multipleAccounts{keys: keys}
	return c.transport.CallForInto(ctx, accountsAt(minSlot, out), "getMultipleAccounts",
		[]any{keys, opts})
}

// minimumDelegation requests the minimum delegation of the stake program. Some
// proxies do not support the method, and no trade fails without it.
func (c *Client) minimumDelegation(ctx context.Context) uint64 {
	var answer minimumDelegation
	err := c.transport.CallForInto(ctx, &minSlotAnswer[minimumDelegation]{answer: &answer},
		"getStakeMinimumDelegation",
		[]any{rpc.M{"commitment": c.commitment}})
	if err != nil {
		c.logger.WarnContext(ctx, "the node does not tell the minimum delegation",
			"assumed", fallbackMinimumDelegation, "error", err)
		return fallbackMinimumDelegation
	}
	return *answer.Value
}
