package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeSource is where the stake of a trade comes from: an account of the owner's, or a pool that hands out stake for its token.
type stakeSource interface {
	// cranked is the source as a request finds it that allows an update of the pool in the same transaction.
	cranked(crank bool) stakeSource
	// votes are the vote accounts that the stake may be delegated to, the most promising first, or the reason why there are none.
	votes() ([]solana.PublicKey, error)
	// draw is the stake for an amount of the source's token, or of lamports in the owner's account. A new account for it gets so
	// many lamports of rent.
	draw(amount uint64, vote solana.PublicKey, rent uint64) (drawn, error)
	// drawExactOut is the least amount for so much delegated stake.
	drawExactOut(staked uint64, vote solana.PublicKey, rent uint64) (drawn, error)
	// accounts are those that a draw depends on.
	accounts(vote solana.PublicKey) []solana.PublicKey
}

// handSource is a source whose stake can be put into an account of the owner's without the Router.
type handSource interface {
	stakeSource
	// signs says that a new account for the stake has to sign.
	signs() bool
	// steps make d an account of its own, in the hands of the owner, with at least so much stake.
	steps(p Parties, d drawn, minimum uint64, funder solana.PublicKey) (stake solana.PublicKey, steps []txn.Step, err error)
}

// drawn is stake on its way.
type drawn struct {
	// in is what was paid for it: tokens, or lamports of the owner's account.
	in uint64
	// stake is the account as it is handed on, with its rent.
	stake quote.LiveStake
	// existing is its address, if it is not a new one.
	existing solana.PublicKey
	// rent is what the owner paid into a new account beside the stake; zero if there is none.
	rent  uint64
	fees  []Fee
	exact bool
	// conditions are what the amount assumes, in words.
	conditions []string
}

// unstaked are the lamports beside the delegation.
func (d drawn) unstaked() uint64 {
	return fixed.SaturatingSub(d.stake.Lamports, d.stake.Account.Delegation.Stake)
}

// stakeTaker turns stake accounts into a token, or SOL.
type stakeTaker interface {
	// accepts says whether stake with a validator is welcome.
	accepts(vote solana.PublicKey) bool
	// rent is what a new stake account must hold beside its stake, in lamports.
	rent() (uint64, error)
	take(d drawn) (taken, error)
	// takeExactOut is the least delegation that yields at least so much, in an account that is like another apart from it.
	takeExactOut(out uint64, like drawn) (staked uint64, err error)
	// steps hand over an account of the owner's.
	steps(p Parties, h handover) ([]txn.Step, error)
	accounts(vote solana.PublicKey) []solana.PublicKey
}

// taken is what a taker gives for a stake account.
type taken struct {
	// out is what the owner receives. Any limit of the taker's program is about this amount.
	out uint64
	// referral is what the referrer receives, in the same token, and referralRate the fraction it comes from.
	referral     uint64
	referralRate string
	fees         []Fee
	// lost is what the taker keeps without paying for it, in lamports.
	lost uint64
	// condition says in words what is assumed if the amounts are not exact.
	exact     bool
	condition string
	price     quote.Price
	guard     Guard
	// advance is the rent of an account of the taker's steps, which comes back.
	advance uint64
	// leaves is the taker's pool afterwards, where that is known.
	leaves *changed
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

func (v throughStake) serves(from, to solana.PublicKey) bool {
	_, source := v.from[from]
	_, taker := v.to[to]
	return source && taker && from != to
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

func (l *loadedThroughStake) quote(r Request) (Quote, error) {
	source, taker := l.sources[r.From], l.takers[r.To]
	switch {
	case source.err != nil:
		return Quote{}, source.err
	case taker.err != nil:
		return Quote{}, taker.err
	case r.Wrapped:
		return Quote{}, ErrWrapped
	}
	p := passage{source: source.value.cranked(r.Crank).(handSource), taker: taker.value, toSOL: r.To == accounts.NativeMint}
	return p.quote(r)
}

// passage is a way of stake from a source to a taker.
type passage struct {
	source handSource
	taker  stakeTaker
	// toSOL says that the taker pays SOL, so that rent which the owner paid comes back with the outcome.
	toSOL bool
}

func (p passage) quote(r Request) (Quote, error) {
	return firstServing(p.source, p.taker, func(vote solana.PublicKey) (Quote, error) { return p.through(r, vote) })
}

// firstServing tries one validator of a source after the other. All that can serve are as good as each other, so the first does.
func firstServing(source stakeSource, taker stakeTaker, quoteWith func(vote solana.PublicKey) (Quote, error)) (Quote, error) {
	votes, err := source.votes()
	if err != nil {
		return Quote{}, err
	}
	var refusal error
	for _, vote := range votes {
		// Of a single one it is worth hearing what is wrong.
		if len(votes) > 1 && !taker.accepts(vote) {
			continue
		}
		q, err := quoteWith(vote)
		if err == nil {
			return q, nil
		}
		if refusal == nil {
			refusal = err
		}
	}
	if refusal == nil {
		refusal = fmt.Errorf("%w: the pools have no suitable validator in common", quote.ErrValidator)
	}
	return Quote{}, refusal
}

func (p passage) through(r Request, vote solana.PublicKey) (Quote, error) {
	rent, err := p.taker.rent()
	if err != nil {
		return Quote{}, err
	}
	var d drawn
	if r.Side == ExactOut {
		d, err = p.drawExactOut(r.Amount, vote, rent)
	} else {
		d, err = p.source.draw(r.Amount, vote, rent)
	}
	if err != nil {
		return Quote{}, err
	}
	t, err := p.taker.take(d)
	if err != nil {
		return Quote{}, err
	}
	q := Quote{
		In: d.in, MaxIn: d.in, Out: t.out, Exact: d.exact && t.exact, Price: t.price, Guard: t.guard, NewAccount: p.source.signs(),
		Conditions: slices.Clone(d.conditions), Fees: slices.Concat(d.fees, t.fees),
		Accounts: slices.Concat(p.source.accounts(vote), p.taker.accounts(vote)), leaves: t.leaves,
	}
	if err := p.settle(&q, r, d, t); err != nil {
		return Quote{}, err
	}
	if err := r.separable(q.MinOut, t.advance); err != nil {
		return Quote{}, err
	}
	q.pays = r.Recipient
	if t.guard == GuardBalance {
		q.balanceGuarded(t.tokenProgram)
	}
	minimumStake, err := r.minimum(d.stake.Account.Delegation.Stake)
	if err != nil {
		return Quote{}, err
	}
	q.steps = func(parties Parties) ([]txn.Step, error) { return p.steps(r, q, d, vote, minimumStake, parties) }
	return q, nil
}

// settle works out what the owner has to spare in the end, and the limit.
func (p passage) settle(q *Quote, r Request, d drawn, t taken) error {
	var err error
	limited := t.out
	switch {
	case p.toSOL:
		if limited, err = fixed.Sub(t.out, d.rent); err != nil || limited == 0 {
			return fmt.Errorf("%w: it does not even pay for the rent", quote.ErrTooSmall)
		}
		q.Out, q.Advance = limited, d.rent+t.advance
	case d.rent > 0:
		q.Costs = append(q.Costs, rentCost(d.rent, t))
	case t.lost > 0:
		q.Fees = append(q.Fees, Fee{
			Name: "rent of the stake account, which the pool keeps", Amount: t.lost, Mint: accounts.NativeMint,
			Rate: fmt.Sprintf("%d/%d", t.lost, d.in), Recipient: d.existing,
		})
	}
	if r.Referrer.IsZero() {
		q.Out += t.referral
	} else if t.referral > 0 {
		q.Fees = append(q.Fees, Fee{
			Name: "referral part of the stake deposit fee", Amount: t.referral, Mint: r.To, Rate: t.referralRate, Recipient: r.Referrer,
		})
	}
	if !t.exact && !slices.Contains(q.Conditions, t.condition) {
		q.Conditions = append(q.Conditions, t.condition)
	}
	if r.Side == ExactIn {
		q.MinOut, err = r.minimum(limited)
		return err
	}
	if limited < r.Amount {
		return fmt.Errorf("%w: %d lamports of stake yield %d", quote.ErrTooLarge, d.stake.Account.Delegation.Stake, limited)
	}
	q.MinOut = r.Amount
	return nil
}

// rentCost is the rent of a new stake account that is deposited.
func rentCost(rent uint64, t taken) Cost {
	if t.lost > 0 {
		return Cost{Name: "rent of the stake account, which the pool keeps", Lamports: rent}
	}
	return Cost{Name: "rent of the stake account, which is deposited with it", Lamports: rent}
}

// drawExactOut is the least that is to be drawn for so much of the taker's token.
func (p passage) drawExactOut(out uint64, vote solana.PublicKey, rent uint64) (drawn, error) {
	if out == 0 {
		return drawn{}, quote.ErrZeroAmount
	}
	like, err := p.source.drawExactOut(1, vote, rent)
	if err != nil {
		return drawn{}, err
	}
	if p.toSOL {
		if out, err = fixed.Add(out, like.rent); err != nil {
			return drawn{}, quote.ErrTooLarge
		}
	}
	staked, err := p.taker.takeExactOut(out, like)
	if err != nil {
		return drawn{}, err
	}
	return p.source.drawExactOut(max(staked, 1), vote, rent)
}

func (p passage) steps(r Request, q Quote, d drawn, vote solana.PublicKey, minimumStake uint64, parties Parties) ([]txn.Step, error) {
	// Rent that comes back may be advanced by the payer; what becomes part of the outcome is the owner's.
	funder := parties.Owner
	if p.toSOL {
		funder = parties.Payer
	}
	stake, steps, err := p.source.steps(parties, d, minimumStake, funder)
	if err != nil {
		return nil, err
	}
	h := handover{stake: stake, vote: vote, minimum: q.MinOut, request: r}
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
