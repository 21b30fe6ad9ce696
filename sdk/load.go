package sdk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const (
	// accountsPerRequest is the most addresses a node takes in one getMultipleAccounts.
	accountsPerRequest = 100
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
	ErrBadAccount = errors.New("malformed account in the node's answer")
)

// Market loads the market of some tokens: everything needed to quote any trade among them, at one slot, in two rounds of requests
// that run in parallel. SOL is part of every market and need not be named. An unknown mint is an error that wraps
// lst.ErrUnknown.
//
// A market of more than eight tokens has no ways that move stake, for these take the whole validator lists of their pools. Ask for them with
// [Client.MarketFrom].
func (c *Client) Market(ctx context.Context, tokens ...solana.PublicKey) (*route.Market, error) {
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
	l := load{client: c, loader: loader, floor: c.seen.slot.Load()}
	market, err := l.market(ctx)
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
	for _, program := range slices.SortedFunc(maps.Keys(headers), func(a, b solana.PublicKey) int { return slices.Compare(a[:], b[:]) }) {
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
	group, groupCtx := errgroup.WithContext(ctx)
	l.ask(groupCtx, group, parts, max(l.floor, l.highest))
	if first {
		group.Go(func() (err error) {
			l.state.MinimumDelegation, err = l.client.minimumDelegation(groupCtx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
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

// level asks once more for the parts that a node far behind the others answered, for the slot of the others.
func (l *load) level(ctx context.Context, parts []*part) error {
	for _, p := range parts {
		if p.answer.Context.Slot == 0 {
			return fmt.Errorf("%w: no slot", ErrBadAccount)
		}
		l.highest = max(l.highest, p.answer.Context.Slot)
	}
	var behind []*part
	for _, p := range parts {
		if l.highest-p.answer.Context.Slot > maxSlotSpread {
			behind = append(behind, p)
		}
	}
	if len(behind) == 0 {
		return nil
	}
	group, groupCtx := errgroup.WithContext(ctx)
	l.ask(groupCtx, group, behind, l.highest)
	if err := group.Wait(); err != nil {
		return err
	}
	for _, p := range behind {
		l.highest = max(l.highest, p.answer.Context.Slot)
	}
	return nil
}

// multipleAccounts is the answer to getMultipleAccounts. It is decoded here, in the one encoding that is asked for: solana-go's own
// type would also take compressed data of any size.
type multipleAccounts struct {
	inContext
	Value []*struct {
		Lamports   uint64           `json:"lamports"`
		Owner      solana.PublicKey `json:"owner"`
		Data       []string         `json:"data"`
		Executable bool             `json:"executable"`
	} `json:"value"`
}

// inContext is the slot of an answer.
type inContext struct {
	Context struct {
		Slot uint64 `json:"slot"`
	} `json:"context"`
}

func (c inContext) slot() uint64 { return c.Context.Slot }

// atLeast decodes an answer and refuses one that is older than a slot: some nodes do not heed minContextSlot. An answer without a slot
// is left to who reads it.
type atLeast[T interface{ slot() uint64 }] struct {
	minSlot uint64
	answer  *T
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *atLeast[T]) UnmarshalJSON(data []byte) error {
	var answer T
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	if slot := answer.slot(); slot != 0 && slot < a.minSlot {
		return fmt.Errorf("%w: it answers at %d instead of %d", ErrBehind, slot, a.minSlot)
	}
	*a.answer = answer
	return nil
}

func (c *Client) multipleAccounts(ctx context.Context, keys []solana.PublicKey, length int, minSlot uint64, out *multipleAccounts) error {
	opts := rpc.M{"encoding": "base64", "commitment": c.commitment}
	if length > 0 {
		opts["dataSlice"] = rpc.M{"offset": 0, "length": length}
	}
	if minSlot > 0 {
		opts["minContextSlot"] = minSlot
	}
	return c.transport.CallForInto(ctx, &atLeast[multipleAccounts]{minSlot, out}, "getMultipleAccounts", []any{keys, opts})
}

func (m *multipleAccounts) into(set *accounts.Set, keys []solana.PublicKey) error {
	if len(m.Value) != len(keys) {
		return fmt.Errorf("%w: %d accounts for %d addresses", ErrBadAccount, len(m.Value), len(keys))
	}
	for i, v := range m.Value {
		if v == nil {
			set.PutMissing(keys[i])
			continue
		}
		if len(v.Data) != 2 || v.Data[1] != "base64" {
			return fmt.Errorf("%w: %s is not in base64", ErrBadAccount, keys[i])
		}
		data, err := base64.StdEncoding.DecodeString(v.Data[0])
		if err != nil {
			return fmt.Errorf("%w: %s is not in base64", ErrBadAccount, keys[i])
		}
		set.Put(accounts.Account{Address: keys[i], Owner: v.Owner, Lamports: v.Lamports, Data: data, Executable: v.Executable})
	}
	return nil
}

// minimumDelegation asks for the stake program's minimum. Some proxies do not know the method.
func (c *Client) minimumDelegation(ctx context.Context) (uint64, error) {
	answer, err := c.rpc.GetStakeMinimumDelegation(ctx, c.commitment)
	switch {
	case err == nil && answer != nil:
		return answer.Value, nil
	case err == nil, refusedForGood(err):
		c.logger.WarnContext(ctx, "the node does not tell the minimum delegation", "assumed", fallbackMinimumDelegation)
		return fallbackMinimumDelegation, nil
	}
	return 0, err
}

// refusedForGood says that a node, one of several perhaps, has answered, and that it will give no other answer.
func refusedForGood(err error) bool {
	failures := make([]*RPCError, 1)
	var several *EndpointsError
	if errors.As(err, &several) {
		failures = several.Failures
	} else if !errors.As(err, &failures[0]) {
		return false
	}
	return slices.ContainsFunc(failures, func(e *RPCError) bool { return !e.Temporary() && e.HTTPStatus != 0 })
}
