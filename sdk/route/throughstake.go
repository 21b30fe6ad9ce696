package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeSource is where the stake of a trade comes from: an account of the owner's, or a pool that hands out stake for its token.
type stakeSource interface {
	// cranked is the source as a request finds it that allows an update of the pool in the same transaction.
	cranked(crank bool) stakeSource
	// votes are the vote accounts that the stake may be delegated to, the most promising first, or the reason why there are none.
	votes() ([]solana.PublicKey, error)
	// draw is the stake for an amount of the source's token, or of lamports in the owner's account. A new account for it gets so
	// many lamports of rent. It returns false if there is none, and the refusal says why.
	draw(amount uint64, vote *solana.PublicKey, rent uint64, d *drawn, r *quote.Refusal) bool
	// drawExactOut is the least amount for so much delegated stake.
	drawExactOut(staked uint64, vote *solana.PublicKey, rent uint64, d *drawn, r *quote.Refusal) bool
	// describe tells what the amounts are made of, and what they assume.
	describe(d *drawn) (fees []Fee, conditions []string)
	// accounts are those that a draw depends on.
	accounts(vote *solana.PublicKey) []solana.PublicKey
}

// handSource is a source whose stake can be put into an account of the owner's without the Router.
type handSource interface {
	stakeSource
	// signs says that a new account for the stake has to sign.
	signs() bool
	// steps make d an account of its own, in the hands of the owner, with at least so much stake.
	steps(p Parties, d *drawn, minimum uint64, funder solana.PublicKey) (stake solana.PublicKey, steps []txn.Step, err error)
}

// drawn is stake on its way.
type drawn struct {
	// in is what was paid for it: tokens, or lamports of the owner's account; fee is the part of it that the source keeps.
	in, fee uint64
	// stake is the account as it is handed on, with its rent.
	stake quote.LiveStake
	// existing is its address, if it is not a new one.
	existing solana.PublicKey
	// rent is what the owner paid into a new account beside the stake; zero if there is none.
	rent  uint64
	exact bool
}

// unstaked are the lamports beside the delegation.
func (d *drawn) unstaked() uint64 {
	return fixed.SaturatingSub(d.stake.Lamports, d.stake.Account.Delegation.Stake)
}

// vote is the validator of the stake.
func (d *drawn) vote() *solana.PublicKey { return &d.stake.Account.Delegation.Voter }

// stakeTaker turns stake accounts into a token, or SOL.
type stakeTaker interface {
	// accepts says whether stake with a validator is welcome.
	accepts(vote *solana.PublicKey) bool
	// rent is what a new stake account must hold beside its stake, in lamports.
	rent() (uint64, error)
	take(d *drawn, t *taken, r *quote.Refusal) bool
	// takeExactOut is the least delegation that yields at least so much, in an account that is like another apart from it.
	takeExactOut(out uint64, like *drawn, r *quote.Refusal) (staked uint64, ok bool)
	// describe tells what the amounts are made of.
	describe(d *drawn, t *taken) takenWords
	// steps hand over an account of the owner's.
	steps(p Parties, h handover) ([]txn.Step, error)
	accounts(vote *solana.PublicKey) []solana.PublicKey
}

// taken is what a taker gives for a stake account.
type taken struct {
	// out is what the owner receives. Any limit of the taker's program is about this amount.
	out uint64
	// fee is what the taker keeps.
	fee uint64
	// referral is what the referrer receives, in the same token.
	referral uint64
	// lost is what the taker keeps without paying for it, in lamports.
	lost  uint64
	exact bool
	price quote.Price
	guard Guard
	// advance is the rent of an account of the taker's steps, which comes back.
	advance uint64
	// leaves is the taker's pool afterwards, where that is known.
	leaves effect
}

// takenWords are what a taker tells of what it gives.
type takenWords struct {
	fees []Fee
	// referralRate is the fraction that the referral part comes from.
	referralRate string
	// condition says in words what is assumed if the amounts are not exact.
	condition string
	// tokenProgram is that of the token, for takers whose program takes no limit.
	tokenProgram solana.PublicKey
}

// handover is a stake account that changes hands.
type handover struct {
	stake   solana.PublicKey
	vote    solana.PublicKey
	minimum uint64
	// back is the part of the outcome that goes to the payer, if somebody else than the owner receives the rest.
	back    uint64
	request Request
}

// throughStake trades by moving stake, in one transaction: out of a pool or an account of the owner's, into another pool or the
// Reserve.
type throughStake struct {
	title string
	from  map[solana.PublicKey]sourceVenue
	to    map[solana.PublicKey]takerVenue
}

// sourceVenue and takerVenue are protocols before they are loaded.
type sourceVenue interface {
	needs() Needs
	moreToDraw(w *world, accepts func(vote solana.PublicKey) bool) (drawing, []Need)
	loadSource(w *world) (stakeSource, error)
}

type takerVenue interface {
	needs() Needs
	// accepting tells from the first round which validators are welcome.
	accepting(w *world) func(vote solana.PublicKey) bool
	moreToTake(w *world, d drawing) []Need
	loadTaker(w *world) (stakeTaker, error)
}

// drawing is what stake may come: from which validators, and in which account if it exists already.
type drawing struct {
	votes    []solana.PublicKey
	existing solana.PublicKey
}

func (v throughStake) name() string { return v.title }

func (v throughStake) pairs() (from, to []solana.PublicKey) {
	return sortedKeys(v.from), sortedKeys(v.to)
}

func (v throughStake) needs() Needs {
	var all Needs
	add := func(n Needs) {
		all.Accounts = append(all.Accounts, n.Accounts...)
		all.Programs = append(all.Programs, n.Programs...)
	}
	for _, key := range sortedKeys(v.from) {
		add(v.from[key].needs())
	}
	for _, key := range sortedKeys(v.to) {
		add(v.to[key].needs())
	}
	return all
}

func sortedKeys[V any](m map[solana.PublicKey]V) []solana.PublicKey {
	keys := make([]solana.PublicKey, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}

// more is the stake accounts of the validators that each pair is likely to use.
func (v throughStake) more(w *world) []Need {
	var needs []Need
	for _, to := range sortedKeys(v.to) {
		taker := v.to[to]
		accepts := taker.accepting(w)
		for _, from := range sortedKeys(v.from) {
			if from == to {
				continue
			}
			d, more := v.from[from].moreToDraw(w, accepts)
			needs = append(needs, more...)
			needs = append(needs, taker.moreToTake(w, d)...)
		}
	}
	return needs
}

// loadedThroughStake is a throughStake with its state.
type loadedThroughStake struct {
	sources map[solana.PublicKey]outcome[stakeSource]
	takers  map[solana.PublicKey]outcome[stakeTaker]
}

func (v throughStake) load(w *world) (loaded, error) {
	l := &loadedThroughStake{
		sources: make(map[solana.PublicKey]outcome[stakeSource]), takers: make(map[solana.PublicKey]outcome[stakeTaker]),
	}
	for key, source := range v.from {
		value, err := source.loadSource(w)
		l.sources[key] = outcome[stakeSource]{value, err}
	}
	for key, taker := range v.to {
		value, err := taker.loadTaker(w)
		l.takers[key] = outcome[stakeTaker]{value, err}
	}
	return l, nil
}

// passage is a way of stake from a source to a taker.
type passage struct {
	source handSource
	taker  stakeTaker
	// toSOL says that the taker pays SOL, so that rent which the owner paid comes back with the outcome.
	toSOL bool
}

// passage is the way that a request takes; nil if there is none, and o.refusal says why.
func (l *loadedThroughStake) passage(a *ask, o *offer) (p passage, ok bool) {
	source, taker := l.sources[a.From], l.takers[a.To]
	switch {
	case source.err != nil:
		return p, o.refusal.BecauseErr(nil, source.err)
	case taker.err != nil:
		return p, o.refusal.BecauseErr(nil, taker.err)
	case a.Wrapped:
		return p, o.refusal.Because(notWrapped)
	}
	return passage{source: source.value.cranked(a.Crank).(handSource), taker: taker.value, toSOL: a.To == accounts.NativeMint}, true
}

func (l *loadedThroughStake) offer(a *ask, amount uint64, _ *effect, o *offer) bool {
	p, ok := l.passage(a, o)
	if !ok {
		return false
	}
	d, t := &a.desk.drawn, &a.desk.taken
	return firstServing(a, p.source, p.taker, o, func(vote *solana.PublicKey, r *quote.Refusal) bool {
		return p.price(a, amount, vote, d, t, r) && p.amounts(a, d, t, o, r)
	})
}

// Reasons why stake does not get from a source to a taker.
var (
	noCommonValidator = quote.NewReason(quote.ErrValidator, "%[1]v: the pools have no suitable validator in common")
	rentTooSmall      = quote.NewReason(quote.ErrTooSmall, "%[1]v: it does not even pay for the rent")
	tooLittleYield    = quote.NewReason(quote.ErrTooLarge, "%[1]v: %[2]d lamports of stake yield %[3]d")
	zeroAmount        = quote.NewReason(quote.ErrZeroAmount, "")
	tooLarge          = quote.NewReason(quote.ErrTooLarge, "")
)

// firstServing tries one validator of a source after the other. All that can serve are as good as each other, so the first does. The
// offer picks it, by its position.
func firstServing(
	a *ask, source stakeSource, taker stakeTaker, o *offer, serve func(vote *solana.PublicKey, r *quote.Refusal) bool,
) bool {
	votes, err := source.votes()
	if err != nil {
		return o.refusal.BecauseErr(nil, err)
	}
	first, refusal := &o.refusal, &a.desk.refusal
	*first = quote.Refusal{}
	for i := range votes {
		vote := &votes[i]
		// Of a single one it is worth hearing what is wrong.
		if len(votes) > 1 && !taker.accepts(vote) {
			continue
		}
		*refusal = quote.Refusal{}
		if serve(vote, refusal) {
			o.pick = uint16(i)
			return true
		}
		if first.IsZero() {
			*first = *refusal
		}
	}
	if first.IsZero() {
		first.Because(noCommonValidator)
	}
	return false
}

// price draws the stake for an amount, and takes it.
func (p *passage) price(a *ask, amount uint64, vote *solana.PublicKey, d *drawn, t *taken, r *quote.Refusal) bool {
	rent, err := p.taker.rent()
	if err != nil {
		return r.BecauseErr(nil, err)
	}
	*d, *t = drawn{}, taken{}
	if a.Side == ExactOut {
		return p.drawExactOut(amount, vote, rent, d, r) && p.taker.take(d, t, r)
	}
	return p.source.draw(amount, vote, rent, d, r) && p.taker.take(d, t, r)
}

// amounts works out what the owner has to spare in the end, and the limits.
func (p *passage) amounts(a *ask, d *drawn, t *taken, o *offer, r *quote.Refusal) bool {
	limited := t.out
	o.gives(d.in, t.out)
	o.lost, o.advance = 0, 0
	switch {
	case p.toSOL:
		var err error
		if limited, err = fixed.Sub(t.out, d.rent); err != nil || limited == 0 {
			return r.Because(rentTooSmall)
		}
		o.out, o.advance = limited, d.rent+t.advance
	case d.rent > 0:
		o.lost = d.rent
	}
	if a.Referrer.IsZero() {
		o.out += t.referral
	}
	if a.Side == ExactOut && limited < o.amount {
		return r.Because(tooLittleYield, d.stake.Account.Delegation.Stake, limited)
	}
	if !o.limit(a, limited, r) || !o.separable(a, t.advance, r) {
		return false
	}
	if _, err := a.minimum(d.stake.Account.Delegation.Stake); err != nil {
		return r.BecauseErr(nil, err)
	}

	o.exact, o.price, o.guard, o.newAccount = d.exact && t.exact, t.price, t.guard, p.source.signs()
	o.leaves, o.pays, o.whole = t.leaves, true, !d.existing.IsZero()
	return true
}

// drawExactOut is the least that is to be drawn for so much of the taker's token.
func (p *passage) drawExactOut(out uint64, vote *solana.PublicKey, rent uint64, d *drawn, r *quote.Refusal) bool {
	if out == 0 {
		return r.Because(zeroAmount)
	}
	if !p.source.drawExactOut(1, vote, rent, d, r) {
		return false
	}
	if p.toSOL {
		var err error
		if out, err = fixed.Add(out, d.rent); err != nil {
			return r.Because(tooLarge)
		}
	}
	staked, ok := p.taker.takeExactOut(out, d, r)
	return ok && p.source.drawExactOut(max(staked, 1), vote, rent, d, r)
}

func (l *loadedThroughStake) describe(a *ask, o *offer, q *Quote) error {
	p, ok := l.passage(a, o)
	if !ok {
		return &o.refusal
	}
	votes, err := p.source.votes()
	if err != nil {
		return err
	}
	vote := &votes[o.pick]
	d, t := new(drawn), new(taken)
	if !p.price(a, o.amount, vote, d, t, &o.refusal) {
		return &o.refusal
	}
	minimumStake, err := a.minimum(d.stake.Account.Delegation.Stake)
	if err != nil {
		return err
	}

	fees, conditions := p.source.describe(d)
	words := p.taker.describe(d, t)
	q.Fees, q.Conditions = slices.Concat(fees, words.fees), conditions
	switch {
	case p.toSOL:
	case d.rent > 0:
		q.Costs = append(q.Costs, rentCost(d.rent, t))
	case t.lost > 0:
		q.Fees = append(q.Fees, Fee{
			Name: "rent of the stake account, which the pool keeps", Amount: t.lost, Mint: accounts.NativeMint,
			Rate: fmt.Sprintf("%d/%d", t.lost, d.in), Recipient: d.existing,
		})
	}
	if t.referral > 0 && !a.Referrer.IsZero() {
		q.Fees = append(q.Fees, Fee{
			Name: "referral part of the stake deposit fee", Amount: t.referral, Mint: a.To, Rate: words.referralRate, Recipient: a.Referrer,
		})
	}
	if !t.exact && !slices.Contains(q.Conditions, words.condition) {
		q.Conditions = append(q.Conditions, words.condition)
	}
	if t.guard == GuardBalance {
		q.balanceGuarded(words.tokenProgram)
	}
	q.Accounts = slices.Concat(p.source.accounts(vote), p.taker.accounts(vote))
	quoted := *q
	q.steps = func(parties Parties) ([]txn.Step, error) {
		return p.steps(quoted.Request, quoted, d, vote, minimumStake, parties)
	}
	return nil
}

// rentCost is the rent of a new stake account that is deposited.
func rentCost(rent uint64, t *taken) Cost {
	if t.lost > 0 {
		return Cost{Name: "rent of the stake account, which the pool keeps", Lamports: rent}
	}
	return Cost{Name: "rent of the stake account, which is deposited with it", Lamports: rent}
}

func (p *passage) steps(r Request, q Quote, d *drawn, vote *solana.PublicKey, minimumStake uint64, parties Parties) ([]txn.Step, error) {
	// Rent that comes back may be advanced by the payer; what becomes part of the outcome is the owner's.
	funder := parties.Owner
	if p.toSOL {
		funder = parties.Payer
	}
	stake, steps, err := p.source.steps(parties, d, minimumStake, funder)
	if err != nil {
		return nil, err
	}
	h := handover{stake: stake, vote: *vote, minimum: q.MinOut, request: r}
	switch {
	case p.toSOL && r.toOther(parties):
		h.back = d.rent
	case p.toSOL:
		h.minimum += d.rent
	}
	taking, err := p.taker.steps(parties, h)
	if err != nil {
		return nil, err
	}
	steps = append(steps, taking...)
	if p.toSOL && d.rent > 0 && funder != parties.Owner && !r.toOther(parties) {
		back, err := txn.TransferSOL(parties.Owner, funder, d.rent)
		if err != nil {
			return nil, err
		}
		steps = append(steps, back)
	}
	return steps, nil
}
