package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeWithdrawal is LST -> stake account, out of the LST's pool. It is the cheapest way out for who can wait: the stake account is
// deactivated and turns into SOL when it has cooled down, usually with the end of the epoch.
type stakeWithdrawal struct {
	from map[solana.PublicKey]sourceVenue
}

func (v stakeWithdrawal) name() string { return "stake withdrawal" }

func (v stakeWithdrawal) pairs() (from, to []solana.PublicKey) {
	return sortedKeys(v.from), []solana.PublicKey{NativeStake}
}

func (v stakeWithdrawal) needs() Needs { return throughStake{from: v.from}.needs() }

func (v stakeWithdrawal) more(w *world) []Need {
	var needs []Need
	for _, from := range sortedKeys(v.from) {
		_, more := v.from[from].moreToDraw(w, func(solana.PublicKey) bool { return true })
		needs = append(needs, more...)
	}
	return needs
}

func (v stakeWithdrawal) load(w *world) (loaded, error) {
	rent, err := w.rent.MinimumBalance(accounts.StakeAccountSpace)
	if err != nil {
		return nil, err
	}
	l := &loadedStakeWithdrawal{chain: w.chain, rent: rent, sources: make(map[solana.PublicKey]outcome[stakeSource])}
	for key, source := range v.from {
		value, err := source.loadSource(w)
		l.sources[key] = outcome[stakeSource]{value, err}
	}
	return l, nil
}

// loadedStakeWithdrawal is a stakeWithdrawal with its state.
type loadedStakeWithdrawal struct {
	chain   *chain
	rent    uint64
	sources map[solana.PublicKey]outcome[stakeSource]
}

// noneGives is the refusal of a pool without validators that give stake.
var noneGives = quote.NewReason(quote.ErrValidator, "%[1]v: none can give stake")

func (l *loadedStakeWithdrawal) offer(a *ask, amount uint64, _ *effect, o *offer) bool {
	source := l.sources[a.From]
	if source.err != nil {
		return o.refusal.BecauseErr(nil, source.err)
	}
	from := source.value.cranked(a.Crank).(handSource)
	votes, err := from.votes()
	if err != nil {
		return o.refusal.BecauseErr(nil, err)
	}

	d, refusal := &a.desk.drawn, &a.desk.refusal
	o.refusal.Because(noneGives)
	for i := range votes {
		*refusal = quote.Refusal{}
		if l.draw(from, a, amount, &votes[i], d, refusal) && o.limit(a, d.stake.Account.Delegation.Stake, refusal) {
			o.pick = uint16(i)
			o.gives(d.in, d.stake.Account.Delegation.Stake)
			o.exact, o.newAccount, o.pays = d.exact, from.signs(), true
			o.price = quote.Price{Lamports: 1, Tokens: 1}
			if !a.Recipient.IsZero() {
				o.lost = d.rent
			}
			return true
		}
		if i == 0 {
			o.refusal = *refusal
		}
	}
	return false
}

func (l *loadedStakeWithdrawal) draw(from stakeSource, a *ask, amount uint64, vote *solana.PublicKey, d *drawn, r *quote.Refusal) bool {
	if a.Side == ExactOut {
		return from.drawExactOut(amount, vote, l.rent, d, r)
	}
	return from.draw(amount, vote, l.rent, d, r)
}

func (l *loadedStakeWithdrawal) describe(a *ask, o *offer, q *Quote) error {
	source := l.sources[a.From].value.cranked(a.Crank).(handSource)
	votes, err := source.votes()
	if err != nil {
		return err
	}
	vote, d := &votes[o.pick], new(drawn)
	if !l.draw(source, a, o.amount, vote, d, &o.refusal) {
		return &o.refusal
	}

	r := q.Request
	q.Fees, q.Conditions = source.describe(d)
	q.Accounts = source.accounts(vote)
	q.Costs = []Cost{r.stakeRentCost(d.rent)}
	q.Next = l.next(&r)
	minimum := q.MinOut
	q.steps = func(p Parties) ([]txn.Step, error) {
		p.authority = r.authorityOf(source)
		stake, steps, err := source.steps(p, d, minimum, p.Owner)
		if err != nil {
			return nil, err
		}
		if r.Deactivate {
			deactivate, err := txn.DeactivateStake(stake, p.Owner)
			if err != nil {
				return nil, err
			}
			steps = append(steps, deactivate)
		}
		handing, err := r.handStake(p, stake)
		return append(steps, handing...), err
	}
	return nil
}

// next says how the stake becomes SOL.
func (l *loadedStakeWithdrawal) next(r *Request) []string {
	var words []string
	if !r.Deactivate {
		words = append(words, "deactivate the stake account when you want SOL; until then it earns rewards of its own")
	}
	if !r.Recipient.IsZero() {
		words = append(words, "the stake account is the recipient's, who alone can do this")
	}
	return append(words, fmt.Sprintf(
		"from the epoch after the deactivation on, usually, withdraw its whole balance, %s SOL of rent included; deactivated now, that is epoch %d",
		lst.FormatAmount(l.rent, 9), l.chain.clock.Epoch+1))
}
