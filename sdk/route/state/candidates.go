package state

import (
	"cmp"
	"slices"

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
	// canWithdraw reports whether the pool can provide stake. preferred is the
	// validator it provides stake of first, or nil.
	canWithdraw bool
	preferred   *solana.PublicKey
	validators  accounts.ValidatorListView
	// positions has the index of each vote account in the list. If a validator
	// is listed twice, it is the first entry.
	positions map[solana.PublicKey]int32
	// wanted are the validators whose stake accounts are already part of the
	// second round.
	wanted bitSet
}

// stakeBuyer is a buyer of stake: a stake pool, or Marinade if pool is nil.
type stakeBuyer struct {
	number Token
	pool   *stakeList
}

// stake adds the stake accounts of the validators that each pair is likely to
// use.
func (w *wants) stake() {
	pools := make(map[Token]*stakeList)
	buyers, acceptors := w.buyers(pools)
	w.addPairs(pools, buyers, acceptors)
	for i := range w.ledger.scope.Validators {
		vote := &w.ledger.scope.Validators[i]
		for t := range w.ledger.tokens {
			if pool, ok := pools[Token(t)]; ok {
				w.addStakeOf(pool, vote)
			}
		}
	}

	for t := range w.ledger.tokens {
		token := &w.ledger.tokens[t]
		switch {
		case Token(t) >= w.ledger.stakes:
			w.addStakeAccountBuyers(Token(t), buyers)
		case token.lst.Kind == lst.KindMarinade:
			w.marinadeRecords(token, buyers, acceptors)
		case token.lst.Kind == lst.KindLido:
			w.lido(token, buyers)
		}
	}
}

// buyers returns the buyers of stake, and the indices of the buyers that accept
// stake of each vote account. It also sets the stake pools that have a
// validator list.
func (w *wants) buyers(
	pools map[Token]*stakeList,
) (buyers []stakeBuyer, acceptors map[solana.PublicKey][]int32) {
	acceptors = make(map[solana.PublicKey][]int32)
	for t := range w.ledger.tokens {
		token := &w.ledger.tokens[t]
		number := int32(len(buyers))
		switch {
		case token.lst.Kind.IsStakePool():
			list, accepted := w.stakePoolBuyer(token)
			if list == nil {
				continue
			}

			pools[Token(t)] = list
			buyers = append(buyers, stakeBuyer{Token(t), list})
			for _, vote := range accepted {
				acceptors[vote] = append(acceptors[vote], number)
			}

		case token.lst.Kind == lst.KindMarinade:
			list, err := w.marinadeValidators(token)
			if err != nil {
				continue
			}

			buyers = append(buyers, stakeBuyer{Token(t), nil})
			seen := make(map[solana.PublicKey]bool, len(list.Validators))
			for i := range list.Validators {
				if vote := list.Validators[i].VoteAccount; !seen[vote] {
					seen[vote] = true
					acceptors[vote] = append(acceptors[vote], number)
				}
			}
		}
	}

	return buyers, acceptors
}

// stakePoolBuyer returns a stake pool with its list, or nil if the list is
// unusable, and the validators whose stake it accepts: all active ones, or only
// the preferred one.
func (w *wants) stakePoolBuyer(token *token) (*stakeList, []solana.PublicKey) {
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

	list.canWithdraw, list.preferred = true, pool.PreferredWithdrawValidator
	deposit := pool.PreferredDepositValidator
	accepted := make([]solana.PublicKey, 0, len(list.positions))
	for vote, first := range list.positions {
		if active[first] && (deposit == nil || *deposit == vote) {
			accepted = append(accepted, vote)
		}
	}

	return list, accepted
}

// addPairs adds the stake accounts of the validators that each stake pool can
// provide stake of, for each buyer and for the Reserve, and the buyers' stake
// accounts with the same validators.
func (w *wants) addPairs(
	pools map[Token]*stakeList, buyers []stakeBuyer, acceptors map[solana.PublicKey][]int32,
) {
	tops := make([]best[int], len(buyers))
	for t := range w.ledger.tokens {
		source, ok := pools[Token(t)]
		if !ok || !source.canWithdraw {
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
			for _, buyer := range acceptors[entry.VoteAccount] {
				tops[buyer].add(i, preferred, stake)
			}
		}

		w.addPair(source, &all, nil)
		w.addLargest(source)
		for n := range buyers {
			if buyers[n].number != Token(t) {
				w.addPair(source, &tops[n], buyers[n].pool)
			}
		}
	}
}

// addLargest adds the stake accounts of the preferred validator and of those
// with the most stake, for withdrawals from several validators.
func (w *wants) addLargest(source *stakeList) {
	most := w.ledger.scope.StakeSources
	if most <= CandidatesPerPair {
		return
	}

	var found []candidate[int]
	for i := range source.validators.Len() {
		entry := source.validators.At(i)
		if entry.Status == accounts.ValidatorActive {
			found = append(found, candidate[int]{
				entry:     i,
				preferred: isKey(source.preferred, &entry.VoteAccount),
				stake:     entry.ActiveStakeLamports,
			})
		}
	}

	slices.SortStableFunc(found, func(a, b candidate[int]) int {
		switch {
		case a.preferred != b.preferred && a.preferred:
			return -1
		case a.preferred != b.preferred:
			return 1
		}

		return cmp.Compare(b.stake, a.stake)
	})

	for _, c := range found[:min(len(found), most)] {
		w.validator(source, c.entry)
	}
}

// addPair adds the stake accounts of a source's candidates, and the buyer's
// stake accounts with the same validators.
func (w *wants) addPair(source *stakeList, top *best[int], buyer *stakeList) {
	for n := range top.size {
		at := top.entries[n].entry
		w.validator(source, at)
		if buyer != nil {
			vote := source.validators.VoteAt(at)
			w.addStakeOf(buyer, &vote)
		}
	}
}

// addStakeOf adds the buyer's stake account with a validator.
func (w *wants) addStakeOf(buyer *stakeList, vote *solana.PublicKey) {
	if at, ok := buyer.positions[*vote]; ok {
		w.validator(buyer, int(at))
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

// addStakeAccountBuyers adds the stake accounts that buyers need for a stake
// account of the owner.
func (w *wants) addStakeAccountBuyers(t Token, buyers []stakeBuyer) {
	m := w.ledger.makers[w.ledger.tokens[t].accountPart].(stakeAccountMaker)
	stake, err := w.liveStake(m.account, m.address)
	if err != nil || stake.Account.State != accounts.StakeDelegated {
		return
	}
	w.addStakesOf(buyers, &stake.Account.Delegation.Voter)
}

// addStakesOf adds the stake accounts of all buyers with a validator.
func (w *wants) addStakesOf(buyers []stakeBuyer, vote *solana.PublicKey) {
	for i := range buyers {
		if buyers[i].pool != nil {
			w.addStakeOf(buyers[i].pool, vote)
		}
	}
}

// marinadeRecords adds the stake accounts that Marinade provides stake from:
// the largest ones, and for each buyer those of the largest validators that the
// buyer accepts, with the buyer's stake accounts of these validators.
//
// The records do not contain the validators. Records are taken for those of a
// validator if they have the validator's whole balance, alone or as a pair.
// That finds all validators with one or two stake accounts. If a record belongs
// to another validator, its stake account tells when it is loaded.
func (w *wants) marinadeRecords(
	token *token, buyers []stakeBuyer, acceptors map[solana.PublicKey][]int32,
) {
	records, err := w.usableRecords(token)
	if err != nil {
		return
	}

	for _, record := range largestRecords(records) {
		w.add(record.Record.StakeAccount)
	}

	list, err := w.marinadeValidators(token)
	if err != nil {
		return
	}

	holding := newRecordsByBalance(records)
	held := make([]solana.PublicKey, len(list.Validators))
	tops := make([]best[int], len(buyers))
	for i := range list.Validators {
		v := &list.Validators[i]
		record, found := holding.of(v.ActiveBalance)
		if !found {
			continue
		}

		held[i] = record

		for _, buyer := range acceptors[v.VoteAccount] {
			tops[buyer].add(i, false, v.ActiveBalance)
		}
	}

	for n := range buyers {
		if buyers[n].pool == nil {
			continue
		}

		for _, candidate := range tops[n].entries[:tops[n].size] {
			w.add(held[candidate.entry])
			w.addStakeOf(buyers[n].pool, &list.Validators[candidate.entry].VoteAccount)
		}
	}
}

// lido adds the stake account that Lido provides stake from, and the buyers'
// stake accounts with its validator.
func (w *wants) lido(token *token, buyers []stakeBuyer) {
	source, address, err := w.lidoSource(token)
	if err != nil {
		return
	}
	w.add(address)
	w.addStakesOf(buyers, &source.Entry.VoteAccount)
}
