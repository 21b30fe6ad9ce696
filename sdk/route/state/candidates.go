package state

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// This file selects the validators whose stake accounts the second round loads:
// for each pair of a source and a buyer of stake, the validators that both can
// use.

// stakeList is a stake pool with its validator list as of the first round.
type stakeList struct {
	token *token
	// draws reports whether the pool can provide stake. preferred is the
	// validator it provides stake of first, or nil.
	draws      bool
	preferred  *solana.PublicKey
	validators accounts.ValidatorListView
	// positions has the index of each vote account in the list. If a validator
	// is listed twice, it is the first entry.
	positions map[solana.PublicKey]int32
	// wanted are the validators whose stake accounts are already part of the
	// second round.
	wanted bitSet
}

// stakeTaker is a buyer of stake: a stake pool, or Marinade if pool is nil.
type stakeTaker struct {
	number Token
	pool   *stakeList
}

// stake adds the stake accounts of the validators that each pair is likely to
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

// takers returns the buyers of stake, and the indices of the buyers that accept
// stake of each vote account. It also sets the stake pools that have a
// validator list.
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

// stakePoolTaker returns a stake pool with its list, or nil if the list is
// unusable, and the validators whose stake it accepts: all active ones, or only
// the preferred one.
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

// drawFrom adds the stake accounts of the validators that each stake pool can
// provide stake of, for each buyer and for the Reserve, and the buyers' stake
// accounts with the same validators.
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

// draw adds the stake accounts of a source's candidates, and the buyer's stake
// accounts with the same validators.
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

// take adds the buyer's stake account with a validator.
func (w *wants) take(taker *stakeList, vote *solana.PublicKey) {
	if at, ok := taker.positions[*vote]; ok {
		w.validator(taker, int(at))
	}
}

// validator adds the stake account of a pool's validator.
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

// takeStakeAccount adds the stake accounts that buyers need for a stake account
// of the owner.
func (w *wants) takeStakeAccount(t Token, takers []stakeTaker) {
	m := w.ledger.makers[w.ledger.tokens[t].accountPart].(stakeAccountMaker)
	stake, err := w.liveStake(m.account, m.address)
	if err != nil || stake.Account.State != accounts.StakeDelegated {
		return
	}
	w.takeBy(takers, &stake.Account.Delegation.Voter)
}

// takeBy adds the stake accounts of all buyers with a validator.
func (w *wants) takeBy(takers []stakeTaker, vote *solana.PublicKey) {
	for i := range takers {
		if takers[i].pool != nil {
			w.take(takers[i].pool, vote)
		}
	}
}

// marinadeRecords adds the stake accounts that Marinade provides stake from.
func (w *wants) marinadeRecords(token *token) {
	records, err := w.largestRecords(token)
	if err != nil {
		return
	}
	for i := range records {
		w.add(records[i].Record.StakeAccount)
	}
}

// lido adds the stake account that Lido provides stake from, and the buyers'
// stake accounts with its validator.
func (w *wants) lido(token *token, takers []stakeTaker) {
	source, address, err := w.lidoSource(token)
	if err != nil {
		return
	}
	w.add(address)
	w.takeBy(takers, &source.Entry.VoteAccount)
}
