package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeWithdrawal is LST -> stake account, out of the LST's pool. It is the cheapest way out for who can wait: the stake account is
// deactivated and turns into SOL when it has cooled down, usually with the end of the epoch.
type stakeWithdrawal struct {
	from map[solana.PublicKey]sourceVenue
}

func (v stakeWithdrawal) name() string { return "stake withdrawal" }

func (v stakeWithdrawal) serves(from, to solana.PublicKey) bool {
	_, ok := v.from[from]
	return ok && to == NativeStake
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

func (l *loadedStakeWithdrawal) quote(r Request) (Quote, error) {
	source := l.sources[r.From]
	if source.err != nil {
		return Quote{}, source.err
	}
	from := source.value.cranked(r.Crank).(handSource)
	votes, err := from.votes()
	if err != nil {
		return Quote{}, err
	}
	refusal := fmt.Errorf("%w: none can give stake", quote.ErrValidator)
	for i, vote := range votes {
		q, err := l.withdraw(from, r, vote)
		if err == nil {
			return q, nil
		}
		if i == 0 {
			refusal = err
		}
	}
	return Quote{}, refusal
}

func (l *loadedStakeWithdrawal) withdraw(source handSource, r Request, vote solana.PublicKey) (Quote, error) {
	var d drawn
	var err error
	if r.Side == ExactOut {
		d, err = source.drawExactOut(r.Amount, vote, l.rent)
	} else {
		d, err = source.draw(r.Amount, vote, l.rent)
	}
	if err != nil {
		return Quote{}, err
	}
	staked := d.stake.Account.Delegation.Stake
	q := Quote{
		In: d.in, MaxIn: d.in, Out: staked, MinOut: r.Amount, Exact: d.exact, NewAccount: source.signs(), Fees: d.fees,
		Conditions: slices.Clone(d.conditions),
		Price:      quote.Price{Lamports: 1, Tokens: 1}, Accounts: source.accounts(vote),
		Costs: []Cost{r.stakeRentCost(d.rent)}, pays: r.Recipient,
	}
	if r.Side == ExactIn {
		if q.MinOut, err = r.minimum(staked); err != nil {
			return Quote{}, err
		}
	}
	q.Next = l.next(r)
	q.steps = func(p Parties) ([]txn.Step, error) {
		p.authority = r.authorityOf(source)
		stake, steps, err := source.steps(p, d, q.MinOut, p.Owner)
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
	return q, nil
}

// next says how the stake becomes SOL.
func (l *loadedStakeWithdrawal) next(r Request) []string {
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
