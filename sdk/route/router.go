package route

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Compute units as measured on the build of 2025, with room for lists of a thousand validators.
const (
	routerSwapUnits    = 330_000
	routerPrefundUnits = 520_000
)

// routerSource is a source of stake that the Router knows.
type routerSource interface {
	stakeSource
	token() lst.LST
	// crankSteps come first.
	crankSteps() ([]txn.Step, error)
	routerSuffix(vote solana.PublicKey) (instructions.WithdrawStakeSuffix, error)
}

// routerTaker is a taker of stake that the Router knows.
type routerTaker interface {
	stakeTaker
	token() lst.LST
	routerDeposit(vote, bridge solana.PublicKey) instructions.DepositStakeSuffix
}

// router trades through stake by the Router's SwapViaStake: LST -> SOL by the Reserve, and LST -> LST. The owner pays the rent of the
// stake account in between. With prefund the Router lends it, at a price that nobody should want to pay.
type router struct {
	throughStake
	program solana.PublicKey
	reserve reserve
	prefund bool
}

func (v router) name() string {
	if v.prefund {
		return "Router, prefunded"
	}
	return "Router"
}

func (v router) needs() Needs {
	n := v.throughStake.needs()
	for _, mint := range sortedKeys(v.to) {
		if account, err := accounts.RouterFeeTokenAccount(v.program, mint); err == nil {
			n.Accounts = append(n.Accounts, Need{Address: account})
		}
	}
	if v.prefund {
		n.Accounts = append(n.Accounts, v.reserve.needs().Accounts...)
		if prefunder, err := accounts.RouterPrefunder(v.program); err == nil {
			n.Accounts = append(n.Accounts, Need{Address: prefunder})
		}
	}
	return n
}

func (v router) load(w *world) (loaded, error) {
	through, err := v.throughStake.load(w)
	if err != nil {
		return nil, err
	}
	l := &loadedRouter{
		loadedThroughStake: through.(*loadedThroughStake), venue: v, chain: w.chain,
		feeAccounts: make(map[solana.PublicKey]outcome[solana.PublicKey]),
	}
	for mint := range v.to {
		account, err := v.feeAccount(w.state, mint)
		l.feeAccounts[mint] = outcome[solana.PublicKey]{account, err}
	}
	if l.stakeRent, err = w.rent.MinimumBalance(accounts.StakeAccountSpace); err != nil {
		return nil, err
	}
	if l.tokenRent, err = w.rent.MinimumBalance(accounts.TokenAccountSpace); err != nil {
		return nil, err
	}
	if v.prefund {
		if err := l.loadPrefund(w); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// feeAccount is the Router's token account through which all tokens of a mint pass. It must exist.
func (v router) feeAccount(s *State, mint solana.PublicKey) (solana.PublicKey, error) {
	address, err := accounts.RouterFeeTokenAccount(v.program, mint)
	if err != nil {
		return address, err
	}
	account, err := accounts.Load(s.Accounts, address, accounts.DecodeTokenAccount)
	switch {
	case err != nil:
		return address, fmt.Errorf("fee token account of the Router: %w", err)
	case account.Mint != mint || account.State != accounts.TokenInitialized:
		return address, fmt.Errorf("%w: fee token account %s of the Router", ErrMismatch, address)
	}
	return address, nil
}

// loadedRouter is a router with its state.
type loadedRouter struct {
	*loadedThroughStake
	venue       router
	chain       *chain
	feeAccounts map[solana.PublicKey]outcome[solana.PublicKey]
	// stakeRent and tokenRent are the rent of a stake account and a token account, in lamports.
	stakeRent, tokenRent uint64
	// reserve and prefund are set for prefunded ways.
	reserve *loadedReserve
	prefund quote.Prefund
	// prefunder lends the rent of prefunded ways.
	prefunder solana.PublicKey
}

func (l *loadedRouter) loadPrefund(w *world) error {
	var err error
	if l.reserve, err = l.venue.reserve.load(w); err != nil {
		return err
	}
	prefunder, err := accounts.RouterPrefunder(l.venue.program)
	if err != nil {
		return err
	}
	l.prefunder = prefunder
	l.prefund = quote.Prefund{Reserve: l.reserve.pool, MinimumDelegation: w.minimumDelegation}
	l.prefund.Prefunder, err = systemLamports(w.state, "prefunder of the Router", prefunder)
	return err
}

// noPrefund is the refusal of a prefund that the request does not allow, and
// dearPrefund of one that costs too much.
var (
	noPrefund   = quote.NewReason(quote.ErrPrefundCost, "%[1]v: the request does not allow a prefund")
	dearPrefund = quote.NewReason(quote.ErrPrefundCost, "%[1]v: %[2]d lamports, the request allows %[3]d")
)

// passage is the way that a request takes through the Router; ok is false if there is none, and o.refusal says why.
func (l *loadedRouter) passage(a *ask, o *offer) (p routerPassage, ok bool) {
	source, taker, feeAccount := l.sources[a.From], l.takers[a.To], l.feeAccounts[a.To]
	switch {
	case l.venue.prefund && a.MaxPrefund == 0:
		return p, o.refusal.Because(noPrefund)
	case source.err != nil:
		return p, o.refusal.BecauseErr(nil, source.err)
	case taker.err != nil:
		return p, o.refusal.BecauseErr(nil, taker.err)
	case feeAccount.err != nil:
		return p, o.refusal.BecauseErr(nil, feeAccount.err)
	case a.Wrapped:
		return p, o.refusal.Because(notWrapped)
	case !a.Referrer.IsZero():
		return p, o.refusal.Because(noReferrer)
	}
	p = routerPassage{
		loadedRouter: l,
		source:       source.value.cranked(a.Crank).(routerSource),
		taker:        taker.value.(routerTaker),
		toSOL:        a.To == accounts.NativeMint,
		feeAccount:   feeAccount.value,
		rate:         quote.RouterSwapViaStakeFee,
	}
	if p.toSOL {
		p.rate = quote.RouterReserveFee
	}
	return p, true
}

func (l *loadedRouter) offer(a *ask, amount uint64, _ *effect, o *offer) bool {
	p, ok := l.passage(a, o)
	if !ok {
		return false
	}
	c := &a.desk.crossing
	return firstServing(a, p.source, p.taker, o, func(vote *solana.PublicKey, r *quote.Refusal) bool {
		return p.price(a, amount, vote, c, r) && p.amounts(a, c, o, r)
	})
}

// routerPassage is a way of stake through the Router.
type routerPassage struct {
	*loadedRouter
	source     routerSource
	taker      routerTaker
	toSOL      bool
	feeAccount solana.PublicKey
	// rate is the Router's fee in basis points.
	rate uint64
}

// maxLamports bounds searches: far more SOL than there is.
const maxLamports = 1 << 62

// crossing is an amount of tokens on its way through the Router.
type crossing struct {
	drawn   drawn
	taken   taken
	payout  quote.RouterPayout
	prefund quote.PrefundedStake
	rent    uint64
}

// rentOf is what the owner pays for the bridge stake account.
func (p *routerPassage) rentOf() (uint64, error) {
	if p.venue.prefund {
		return 0, nil
	}
	return p.taker.rent()
}

// cross quotes an amount of tokens.
func (p *routerPassage) cross(tokens uint64, vote *solana.PublicKey, c *crossing, r *quote.Refusal) bool {
	rent, err := p.rentOf()
	if err != nil {
		return r.BecauseErr(nil, err)
	}
	c.rent = rent
	if !p.source.draw(tokens, vote, c.rent, &c.drawn, r) {
		return false
	}
	taker := stakeTaker(p.taker)
	if p.venue.prefund {
		if c.prefund, err = p.prefund.Quote(c.drawn.stake.Lamports); err != nil {
			return r.BecauseErr(nil, err)
		}
		stake := &c.drawn.stake
		stake.Account.Delegation.Stake = c.prefund.Staked
		if stake.Lamports, err = fixed.Add(c.prefund.Staked, c.prefund.Unstaked); err != nil {
			return r.BecauseErr(nil, err)
		}
		if p.toSOL {
			// The Reserve has bought a part by then.
			after := *p.reserve
			after.pool = c.prefund.Reserve
			after.prices = after.pool.Prepare()
			taker = &after
		}
	}
	if !taker.take(&c.drawn, &c.taken, r) {
		return false
	}
	received, err := fixed.Add(c.taken.out, c.taken.referral)
	if err != nil {
		return r.BecauseErr(nil, err)
	}
	var ok bool
	c.payout, ok = quote.RouterPayoutOf(received, p.rate, r)
	return ok
}

// net is what a crossing leaves of its payout.
func (p *routerPassage) net(c *crossing) uint64 {
	if p.toSOL {
		return fixed.SaturatingSub(c.payout.Out, c.rent)
	}
	return c.payout.Out
}

// smallest finds the fewest tokens that yield at least so much, in the range that the source and the taker serve.
func (p *routerPassage) smallest(out uint64, vote *solana.PublicKey, c *crossing, r *quote.Refusal) bool {
	if out == 0 {
		return r.Because(zeroAmount)
	}
	rent, err := p.rentOf()
	if err != nil {
		return r.BecauseErr(nil, err)
	}

	quoted := false
	refusal := uint64(noRefusal) // the stake of the last one by the taker
	// Whatever stake is needed, the source gives it for the fewest tokens; so look for the stake.
	staked, err := fixed.SmallestInput(maxLamports, func(staked uint64) (bool, error) {
		if !p.source.drawExactOut(staked, vote, rent, &c.drawn, nil) {
			return false, refusedAt(staked)
		}
		if !p.cross(c.drawn.in, vote, c, nil) {
			refusal = staked
			return false, refusedAt(staked)
		}
		quoted = true
		return p.net(c) >= out, nil
	})
	var at refusedAt
	switch refused := errors.As(err, &at); {
	case err == nil:
	case !quoted && refusal != noRefusal:
		// A taker that takes nothing is the reason, not that the source has no end of stake.
		staked = refusal
	case refused:
		staked = uint64(at)
	default:
		return r.BecauseErr(nil, err)
	}
	return p.source.drawExactOut(staked, vote, rent, &c.drawn, r) && p.cross(c.drawn.in, vote, c, r)
}

// noRefusal is no amount that a search asks for.
const noRefusal = math.MaxUint64

// price sends an amount through the Router.
func (p *routerPassage) price(a *ask, amount uint64, vote *solana.PublicKey, c *crossing, r *quote.Refusal) bool {
	ok := false
	if a.Side == ExactOut {
		ok = p.smallest(amount, vote, c, r)
	} else {
		ok = p.cross(amount, vote, c, r)
	}
	if ok && p.venue.prefund && c.prefund.Cost > a.MaxPrefund {
		return r.Because(dearPrefund, c.prefund.Cost, a.MaxPrefund)
	}
	return ok
}

// amounts works out what the owner has to spare in the end, and the limits.
func (p *routerPassage) amounts(a *ask, c *crossing, o *offer, r *quote.Refusal) bool {
	o.gives(c.drawn.in, c.payout.Out)
	o.lost, o.advance, o.guard = 0, 0, GuardBalance
	if p.toSOL {
		var err error
		if o.out, err = fixed.Sub(c.payout.Out, c.rent); err != nil || o.out == 0 {
			return r.Because(rentTooSmall)
		}
		o.guard, o.advance = GuardTemporary, c.rent+a.outletRent(p.tokenRent)
	} else {
		o.lost = c.rent
	}
	if !o.limit(a, o.out, r) || p.toSOL && !o.separable(a, p.tokenRent, r) {
		return false
	}
	o.exact, o.price, o.pays = c.drawn.exact && c.taken.exact, c.taken.price, true
	o.whole = !c.drawn.existing.IsZero()
	return true
}

func (l *loadedRouter) describe(a *ask, o *offer, q *Quote) error {
	p, ok := l.passage(a, o)
	if !ok {
		return &o.refusal
	}
	votes, err := p.source.votes()
	if err != nil {
		return err
	}
	vote, c := &votes[o.pick], new(crossing)
	if !p.price(a, o.amount, vote, c, &o.refusal) {
		return &o.refusal
	}

	fees, conditions := p.source.describe(&c.drawn)
	words := p.taker.describe(&c.drawn, &c.taken)
	q.Fees, q.Conditions = slices.Concat(fees, words.fees), conditions
	q.Accounts = slices.Concat(p.source.accounts(vote), p.taker.accounts(vote), []solana.PublicKey{p.feeAccount})
	if !c.taken.exact && !slices.Contains(q.Conditions, words.condition) {
		q.Conditions = append(q.Conditions, words.condition)
	}
	p.describeFees(q, c)
	if !p.toSOL {
		q.balanceGuarded(p.taker.token().TokenProgram)
		if c.rent > 0 {
			q.Costs = []Cost{rentCost(c.rent, &c.taken)}
		}
	}
	quoted := *q
	q.steps = func(parties Parties) ([]txn.Step, error) { return p.steps(quoted.Request, quoted, c, vote, parties) }
	return nil
}

// describeFees adds what the Router takes.
func (p *routerPassage) describeFees(q *Quote, c *crossing) {
	if c.payout.Fee > 0 {
		q.Fees = append(q.Fees, Fee{
			Name: "Router fee", Amount: c.payout.Fee, Mint: q.Request.To, Rate: fmt.Sprintf("%d/10000", p.rate), Recipient: p.feeAccount,
		})
	}
	if p.venue.prefund {
		q.Fees = append(q.Fees, Fee{
			Name: "prefund, to the Router", Amount: c.prefund.Cost, Mint: accounts.NativeMint,
			Rate: fmt.Sprintf("%d/%d", c.prefund.Cost, c.prefund.Withdrawn), Recipient: p.prefunder,
		})
	}
}

// bridgeSeed is the seed of the Router's stake account, made of that of the parties. No owner uses the same twice.
func bridgeSeed(seed string) uint32 {
	sum := sha256.Sum256([]byte(seed))
	return binary.LittleEndian.Uint32(sum[:4])
}

func (p *routerPassage) steps(r Request, q Quote, c *crossing, vote *solana.PublicKey, parties Parties) ([]txn.Step, error) {
	seed := bridgeSeed(parties.Seed)
	bridge, err := accounts.RouterBridgeStake(p.venue.program, parties.Owner, seed)
	if err != nil {
		return nil, err
	}
	from, to := p.source.token(), p.taker.token()
	source, err := accounts.AssociatedTokenAddress(parties.Owner, from.TokenProgram, from.Mint)
	if err != nil {
		return nil, err
	}
	open, destination, closing, err := p.destination(r, q, c, parties)
	if err != nil {
		return nil, err
	}
	crank, err := p.source.crankSteps()
	if err != nil {
		return nil, err
	}
	suffix, err := p.source.routerSuffix(*vote)
	if err != nil {
		return nil, err
	}
	words := fmt.Sprintf("swap %s %s for %s through stake by the Router", from.Format(c.drawn.in), from.Symbol, to.Symbol) + r.forWhom(parties)
	swap := instructions.RouterSwapViaStake{
		Program: p.venue.program, User: parties.Owner, Source: source, Destination: destination, PoolTokens: c.drawn.in, BridgeSeed: seed,
		From: suffix, To: p.taker.routerDeposit(*vote, bridge),
	}
	if p.venue.prefund {
		ix, err := instructions.RouterPrefundSwapViaStake{
			Program: swap.Program, User: swap.User, Source: swap.Source, Destination: swap.Destination, PoolTokens: swap.PoolTokens, BridgeSeed: seed,
			From: swap.From, To: swap.To, Reserve: p.reserve.keys,
		}.Build()
		if err != nil {
			return nil, err
		}
		return slices.Concat(crank, open, []txn.Step{{Words: words + ", prefunded", Instruction: ix, Units: routerPrefundUnits}}, closing), nil
	}
	ix, err := swap.Build()
	if err != nil {
		return nil, err
	}
	fund, err := txn.TransferSOL(p.funder(parties), bridge, c.rent)
	if err != nil {
		return nil, err
	}
	fund.Words = "pay the rent of the stake account in between"
	return slices.Concat(crank, open, []txn.Step{fund, {Words: words, Instruction: ix, Units: routerSwapUnits}}, closing), nil
}

// funder pays the rent of the bridge: the payer if it comes back, the owner if it becomes part of the outcome.
func (p *routerPassage) funder(parties Parties) solana.PublicKey {
	if p.toSOL {
		return parties.Payer
	}
	return parties.Owner
}

// destination is where the outcome goes: the owner's token account, or one that is turned into SOL.
func (p *routerPassage) destination(
	r Request, q Quote, c *crossing, parties Parties,
) (open []txn.Step, account solana.PublicKey, closing []txn.Step, err error) {
	if !p.toSOL {
		token := p.taker.token()
		account, err = accounts.AssociatedTokenAddress(parties.Owner, token.TokenProgram, token.Mint)
		return []txn.Step{txn.CreateTokenAccount(parties.Payer, parties.Owner, token.Mint, token.TokenProgram)}, account, nil, err
	}
	w, err := r.outlet(parties, p.tokenRent, false)
	if err != nil {
		return nil, account, nil, err
	}
	if r.toOther(parties) {
		closing, err = w.closing(q.MinOut, c.rent)
		return w.open, w.address, closing, err
	}
	if closing, err = w.closing(q.MinOut+c.rent, 0); err != nil {
		return nil, account, nil, err
	}
	if c.rent > 0 && parties.Payer != parties.Owner {
		back, err := txn.TransferSOL(parties.Owner, parties.Payer, c.rent)
		if err != nil {
			return nil, account, nil, err
		}
		closing = append(closing, back)
	}
	return w.open, w.address, closing, nil
}
