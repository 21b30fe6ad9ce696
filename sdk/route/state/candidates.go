package state

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// This file tells which validators' stake accounts the second round brings: for
// each pair of a source and a taker those that both can serve with.

// stakeList is a stake pool with its validators, as the first round has it.
type stakeList struct {
	token *token
	// draws reports whether stake can be drawn, from the preferred validator
	// first.
	draws      bool
	preferred  *solana.PublicKey
	validators accounts.ValidatorListView
	// positions are those of the vote accounts. Of a validator that is listed
	// twice the first entry counts.
	positions map[solana.PublicKey]int32
	// wanted are the validators whose stake account is wanted already.
	wanted bitSet
}

// stakeTaker is a pool that takes stake: a stake pool, or Marinade if pool is
// nil.
type stakeTaker struct {
	number Token
	pool   *stakeList
}

// stake wants the stake accounts of the validators that each pair is likely to
// use.
func (w *wants) stake() {
	pools := make(map[Token]*stakeList)
	takers, acceptors := w.takers(pools)
	w.drawFrom(pools, takers, acceptors)
	for t := range w.ledger.tokens {
		token := &w.ledger.tokens[t]
		switch {
		case Token(t) >= w.ledger.stakes:
			w.takeStakeAccount(Token(t), takers)
		case token.lst.Kind == lst.KindMarinade:
			w.marinadeRecords(token)
		case token.lst.Kind == lst.KindLido:
			w.lido(token, takers)
		}
	}
}

// takers are the pools that take stake, and which of them take that of a vote
// account. They also fill in the pools that have a list.
func (w *wants) takers(
	pools map[Token]*stakeList,
) (takers []stakeTaker, acceptors map[solana.PublicKey][]int32) {
	acceptors = make(map[solana.PublicKey][]int32)
	for t := range w.ledger.tokens {
		token := &w.ledger.tokens[t]
		number := int32(len(takers))
		switch {
		case token.lst.Kind.IsStakePool():
			list, accepted := w.stakePoolTaker(token)
			if list == nil {
				continue
			}

			pools[Token(t)] = list
			takers = append(takers, stakeTaker{Token(t), list})
			for _, vote := range accepted {
				acceptors[vote] = append(acceptors[vote], number)
			}

		case token.lst.Kind == lst.KindMarinade:
			list, err := w.marinadeValidators(token)
			if err != nil {
				continue
			}

			takers = append(takers, stakeTaker{Token(t), nil})
			seen := make(map[solana.PublicKey]bool, len(list.Validators))
			for i := range list.Validators {
				if vote := list.Validators[i].VoteAccount; !seen[vote] {
					seen[vote] = true
					acceptors[vote] = append(acceptors[vote], number)
				}
			}
		}
	}

	return takers, acceptors
}

// stakePoolTaker is a pool with a list, nil if it has none, and the validators
// whose stake it takes: the active ones, or only the preferred one.
func (w *wants) stakePoolTaker(token *token) (*stakeList, []solana.PublicKey) {
	view, err := w.validatorList(token)
	if err != nil {
		return nil, nil
	}

	list := &stakeList{
		token:      token,
		validators: view,
		positions:  make(map[solana.PublicKey]int32, view.Len()),
		wanted:     newBits(view.Len()),
	}

	// Here the last entry of a validator counts.
	active := make([]bool, view.Len())
	for i := range view.Len() {
		entry := view.At(i)
		first, twice := list.positions[entry.VoteAccount]
		if !twice {
			first = int32(i)
			list.positions[entry.VoteAccount] = first
		}

		active[first] = entry.Status == accounts.ValidatorActive
	}

	pool, err := w.stakePoolState(token)
	if err != nil {
		return list, nil
	}

	list.draws, list.preferred = true, pool.PreferredWithdrawValidator
	deposit := pool.PreferredDepositValidator
	accepted := make([]solana.PublicKey, 0, len(list.positions))
	for vote, first := range list.positions {
		if active[first] && (deposit == nil || *deposit == vote) {
			accepted = append(accepted, vote)
		}
	}

	return list, accepted
}

// drawFrom wants the stake accounts of validators that stake pools draw stake
// from, for each taker and for the Reserve, and those of the takers with the
// same validators.
func (w *wants) drawFrom(
	pools map[Token]*stakeList, takers []stakeTaker, acceptors map[solana.PublicKey][]int32,
) {
	tops := make([]best[int], len(takers))
	for t := range w.ledger.tokens {
		source, ok := pools[Token(t)]
		if !ok || !source.draws {
			continue
		}

		clear(tops)
		var all best[int]
		for i := range source.validators.Len() {
			entry := source.validators.At(i)
			if entry.Status != accounts.ValidatorActive {
				continue
			}

			preferred, stake := isKey(
				source.preferred,
				&entry.VoteAccount,
			), entry.ActiveStakeLamports

			all.add(i, preferred, stake)
			for _, taker := range acceptors[entry.VoteAccount] {
				tops[taker].add(i, preferred, stake)
			}
		}

		w.draw(source, &all, nil)
		for n := range takers {
			if takers[n].number != Token(t) {
				w.draw(source, &tops[n], takers[n].pool)
			}
		}
	}
}

// draw wants the stake accounts of a source's candidates, and the taker's with
// the same validators.
func (w *wants) draw(source *stakeList, top *best[int], taker *stakeList) {
	for n := range top.size {
		at := top.entries[n].entry
		w.validator(source, at)
		if taker != nil {
			vote := source.validators.VoteAt(at)
			w.take(taker, &vote)
		}
	}
}

// take wants the stake account of a taker's validator.
func (w *wants) take(taker *stakeList, vote *solana.PublicKey) {
	if at, ok := taker.positions[*vote]; ok {
		w.validator(taker, int(at))
	}
}

// validator wants the stake account of a pool's validator.
func (w *wants) validator(list *stakeList, at int) {
	if list.wanted.has(at) {
		return
	}
	list.wanted.set(at)
	entry := list.validators.At(at)
	program, pool := list.token.lst.Program, list.token.lst.Pool
	if active, err := w.ledger.validatorStake(program, pool, &entry); err == nil {
		w.add(active)
	}
}

// takeStakeAccount wants what takers need for a stake account of an owner.
func (w *wants) takeStakeAccount(t Token, takers []stakeTaker) {
	m := w.ledger.makers[w.ledger.tokens[t].accountPart].(stakeAccountMaker)
	stake, err := w.liveStake(m.account, m.address)
	if err != nil || stake.Account.State != accounts.StakeDelegated {
		return
	}
	w.takeBy(takers, &stake.Account.Delegation.Voter)
}

// takeBy wants the stake accounts that all takers have with a validator.
func (w *wants) takeBy(takers []stakeTaker, vote *solana.PublicKey) {
	for i := range takers {
		if takers[i].pool != nil {
			w.take(takers[i].pool, vote)
		}
	}
}

// marinadeRecords wants the stake accounts that Marinade draws stake from.
func (w *wants) marinadeRecords(token *token) {
	records, err := w.largestRecords(token)
	if err != nil {
		return
	}
	for i := range records {
		w.add(records[i].Record.StakeAccount)
	}
}

// lido wants the stake account that Lido draws stake from, and those that the
// takers have with its validator.
func (w *wants) lido(token *token, takers []stakeTaker) {
	source, address, err := w.lidoSource(token)
	if err != nil {
		return
	}
	w.add(address)
	w.takeBy(takers, &source.Entry.VoteAccount)
}
