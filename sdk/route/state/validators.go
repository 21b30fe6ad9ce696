package state

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// CandidatesPerPair is the number of validators that are loaded for each pair
// of a source and a buyer of stake. All validators of a pool pay the same. The
// second one is used if the first has less stake than the validator list
// records.
const CandidatesPerPair = 2

// best holds the best candidates of a list: the preferred one first, then those
// with the most stake. Among equal ones the first entry comes first. The zero
// value is empty.
type best[T any] struct {
	entries [CandidatesPerPair]candidate[T]
	size    int
}

type candidate[T any] struct {
	entry     T
	preferred bool
	stake     uint64
}

// add adds an entry. Entries must be added in the order of the list.
func (b *best[T]) add(entry T, preferred bool, stake uint64) {
	at := b.size
	for at > 0 && b.entries[at-1].yields(preferred, stake) {
		at--
	}

	if at == CandidatesPerPair {
		return
	}

	b.size = min(b.size+1, CandidatesPerPair)
	copy(b.entries[at+1:b.size], b.entries[at:])
	b.entries[at] = candidate[T]{
		entry:     entry,
		preferred: preferred,
		stake:     stake,
	}
}

// yields reports whether a later entry ranks before this one.
func (c *candidate[T]) yields(preferred bool, stake uint64) bool {
	if c.preferred != preferred {
		return preferred
	}
	return !preferred && stake > c.stake
}

// ValidatorStake is the stake of a pool with one of its validators.
type ValidatorStake struct {
	Vote    Vote
	Address solana.PublicKey
	Source  quote.ValidatorStakeSource

	// Prices are the prepared prices for stake of the validator, see
	// [StakePool].Prices.
	Prices *quote.StakeSourcePrices

	// Entry is the validator's entry in the pool's list, for deposits of its
	// stake.
	Entry *accounts.ValidatorStakeInfo
}

// deactivation is 1 for deactivated stake, and 0 for other stake.
func (v *ValidatorStake) deactivation() int {
	if v.Source.Stake.Account.Delegation.DeactivationEpoch != accounts.NeverEpoch {
		return 1
	}
	return 0
}

// StakePoolStake is a stake pool as a source and a buyer of stake.
type StakePoolStake struct {
	*StakePool

	// List has the entries of the validators whose stake accounts were loaded,
	// in the order of the pool's list, and those of the validators that
	// determine whether others can be used: the one with the most stake, and
	// the preferred ones. Package quote returns the same results for these
	// validators as with the whole list.
	List *accounts.ValidatorList

	// Sources are the validators that can be used for withdrawals, the
	// preferred one first. SourcesErr is the reason if there are none.
	Sources    []*ValidatorStake
	SourcesErr error

	// Row are the validators that withdrawals from several validators use, in
	// order: those of Sources, and after a preferred one the others, which the
	// program serves once the preferred one is exhausted. RowPrices are their
	// prices.
	Row       []*ValidatorStake
	RowPrices []*quote.StakeSourcePrices

	// Updated is the pool after the pool update that [StakePool].Crank has the
	// accounts of. It is nil unless the pool is stale and the result of an
	// update is certain.
	Updated *StakePoolStake

	// AuthorityErr is the reason why the pool takes no stake unless its stake
	// deposit authority signs. It is nil for a pool that takes stake from
	// everyone.
	AuthorityErr error

	// Receipts is the pool as it takes stake through Jito's stake deposit
	// interceptor, which signs. It is nil for a pool that does not. Interceptor
	// is set in Receipts, and nil in other pools.
	Receipts    *StakePoolStake
	Interceptor *Interceptor

	// stakes are the loaded stakes of the validators, in the order of their
	// vote account numbers.
	stakes []ValidatorStake
	// accepted are the vote account numbers of the validators whose stake the
	// pool accepts.
	accepted bitSet
}

// Accepts reports whether the pool accepts stake with a validator.
func (p *StakePoolStake) Accepts(vote Vote) bool {
	return p != nil && vote >= 0 && int(vote) < 64*len(p.accepted) && p.accepted.has(int(vote))
}

// Validator returns the pool's stake with a validator, or nil if it was not
// loaded.
func (p *StakePoolStake) Validator(vote Vote) *ValidatorStake {
	if p == nil {
		return nil
	}

	at, found := slices.BinarySearchFunc(p.stakes, vote, func(v ValidatorStake, vote Vote) int {
		return cmp.Compare(v.Vote, vote)
	})
	if !found {
		return nil
	}

	return &p.stakes[at]
}

// Vote returns the number of a vote account, or NoVote if no loaded stake
// account is delegated to it.
func (s *Snapshot) Vote(vote solana.PublicKey) Vote {
	if s.isZero() || s.votes == nil {
		return NoVote
	}

	return s.votes.find(&vote)
}

// StakePoolStake returns the stake pool of a token as a source and a buyer of
// stake. The error is the reason why it cannot be used.
func (s *Snapshot) StakePoolStake(position Token) (*StakePoolStake, error) {
	token := s.tokenOf(position)
	if token == nil || token.statePart == noPart {
		return nil, errNoPart
	}

	return partOf[*StakePoolStake](s, token.sourcePart)
}

// addStakePoolStake adds a pool's whole validator list.
func (l *Ledger) addStakePoolStake(t Token) {
	token := &l.tokens[t]
	token.list = l.need(token.lst.ValidatorList, 0)
	token.sourcePart = l.part(stakePoolStakeMaker{token})
	token.buyerPart = token.sourcePart
}

// validatorList reads a pool's validator list.
func (r *reader) validatorList(token *token) (accounts.ValidatorListView, error) {
	a, err := r.get("validator list", token.list, token.lst.ValidatorList)
	if err != nil {
		return accounts.ValidatorListView{}, err
	}
	return accounts.ViewValidatorList(*a, token.lst.Program)
}

// stakePoolStakeMaker prepares a [StakePoolStake].
type stakePoolStakeMaker struct{ token *token }

func (m stakePoolStakeMaker) prepare(r *reader) (any, error) {
	pool, err := read[*StakePool](r, m.token.poolPart)
	if err != nil {
		return nil, err
	}

	list, err := r.validatorList(m.token)
	if err != nil {
		return nil, err
	}

	p := &StakePoolStake{StakePool: pool, accepted: newBits(len(r.votes.numbers))}
	p.List = p.pick(r.votes, list)
	if err := m.loadStakes(r, p); err != nil {
		return nil, err
	}

	p.choose()
	if pool.Update != nil && pool.Update.AfterErr == nil {
		p.Updated = m.updated(r, pool)
	}

	r.depositAuthority(m.token, p)
	if len(p.stakes) == 0 && r.updating() {
		m.missValidators(r, p, list)
	}

	return p, nil
}

// depositAuthority sets how a pool takes stake that has another stake deposit
// authority than the default one.
func (r *reader) depositAuthority(token *token, p *StakePoolStake) {
	key, ok := token.otherDepositAuthority(&p.Pool.State)
	if !ok {
		return
	}

	p.AuthorityErr = fmt.Errorf("%w: the authority is %s, %s", quote.ErrPermissioned, key,
		r.described(key))
	a := r.account(r.at(key))
	if a == nil || a.Owner != accounts.InterceptorProgram {
		return
	}

	err := p.intercept(token, a)
	if err == nil && p.Updated != nil {
		p.Updated.AuthorityErr = p.AuthorityErr
		err = p.Updated.intercept(token, a)
	}

	if err != nil {
		p.AuthorityErr = fmt.Errorf("%w: %w", p.AuthorityErr, err)
		p.Receipts = nil
	}
}

// intercept sets the pool as it takes stake through the interceptor, whose
// account is a.
func (p *StakePoolStake) intercept(token *token, a *accounts.Account) error {
	state, err := accounts.DecodeInterceptorAuthority(*a)
	if err != nil {
		return err
	}

	i := &Interceptor{Pool: quote.InterceptedPool{Pool: p.Pool, Authority: *state}}
	if i.Keys, err = token.interceptorKeys(p.Keys, state); err != nil {
		return err
	}

	known, err := token.defaultDepositAuthority()
	if err != nil {
		return err
	}

	signed, pool := *p, *p.StakePool
	pool.Pool.Signers = []solana.PublicKey{pool.Pool.State.StakeDepositAuthority}
	if pool.Prices, err = i.Pool.Prepare(known); err != nil {
		return err
	}

	signed.StakePool, signed.Interceptor = &pool, i
	signed.AuthorityErr, signed.Updated = nil, nil
	p.Receipts = &signed

	return nil
}

// updated returns a stale pool as it is after its update.
func (m stakePoolStakeMaker) updated(r *reader, stale *StakePool) *StakePoolStake {
	after := &stale.Update.After
	p := &StakePoolStake{
		StakePool: &StakePool{
			LST:      stale.LST,
			Keys:     stale.Keys,
			FeeOwner: stale.FeeOwner,
			Pool:     after.Pool,
			Prices:   m.token.prices(after.Pool),
			Read:     slices.Concat(stale.Read, stale.Update.Read),
		},
		List:     &accounts.ValidatorList{MaxValidators: stale.Update.List.MaxValidators},
		accepted: newBits(len(r.votes.numbers)),
	}

	for i := range after.Validators {
		p.List.Validators = append(p.List.Validators, after.Validators[i].Entry)
	}

	deposit := after.Pool.State.PreferredDepositValidator
	for i := range after.Validators {
		v, entry := &after.Validators[i], &p.List.Validators[i]
		number := r.votes.find(&entry.VoteAccount)
		if number == NoVote {
			continue
		}

		active := entry.Status == accounts.ValidatorActive
		p.accepted.put(int(number), active && (deposit == nil || *deposit == entry.VoteAccount))
		address, err := r.ledger.validatorStake(m.token.lst.Program, m.token.lst.Pool, entry)
		if err != nil || !active || v.Active == nil || p.List.Find(entry.VoteAccount) != entry {
			continue
		}

		p.addStake(number, address, entry, v.Active)
	}

	p.sortStakes()
	p.choose()

	return p
}

// addStake adds the stake account of a validator if it is delegated to it.
func (p *StakePoolStake) addStake(
	number Vote,
	address solana.PublicKey,
	entry *accounts.ValidatorStakeInfo,
	stake *quote.StakeAccountState,
) {
	if stake.Account.State != accounts.StakeDelegated ||
		stake.Account.Delegation.Voter != entry.VoteAccount {
		return
	}

	source := quote.ValidatorStakeSource{Entry: *entry, Stake: *stake}
	p.stakes = append(p.stakes, ValidatorStake{
		Vote:    number,
		Address: address,
		Source:  source,
		Prices:  p.Pool.PrepareSource(source),
		Entry:   entry,
	})
}

// sortStakes sorts the stakes for [StakePoolStake.Validator].
func (p *StakePoolStake) sortStakes() {
	slices.SortFunc(p.stakes, func(a, b ValidatorStake) int { return cmp.Compare(a.Vote, b.Vote) })
}

// pick selects the entries for List in one pass over the whole list.
func (p *StakePoolStake) pick(
	known *votes, list accounts.ValidatorListView,
) *accounts.ValidatorList {
	state := &p.Pool.State
	short := &accounts.ValidatorList{MaxValidators: list.MaxValidators()}
	var largest accounts.ValidatorStakeInfo
	found := false
	for i := range list.Len() {
		entry := list.At(i)
		active := entry.Status == accounts.ValidatorActive
		if active && (!found || entry.ActiveStakeLamports > largest.ActiveStakeLamports) {
			largest, found = entry, true
		}

		number := known.find(&entry.VoteAccount)
		if number != NoVote || isKey(state.PreferredDepositValidator, &entry.VoteAccount) ||
			isKey(state.PreferredWithdrawValidator, &entry.VoteAccount) {
			short.Validators = append(short.Validators, entry)
		}

		if number != NoVote {
			// If a validator is listed twice, the last entry counts here.
			deposit := state.PreferredDepositValidator
			p.accepted.put(int(number), active && (deposit == nil || *deposit == entry.VoteAccount))
		}
	}

	if found && short.Find(largest.VoteAccount) == nil {
		// Its position does not matter, because its stake account is not
		// loaded.
		short.Validators = append(short.Validators, largest)
	}

	return short
}

func isKey(key *solana.PublicKey, other *solana.PublicKey) bool {
	return key != nil && *key == *other
}

// loadStakes sets the stakes of the pool's validators that were loaded.
func (m stakePoolStakeMaker) loadStakes(r *reader, p *StakePoolStake) error {
	for i := range p.List.Validators {
		entry := &p.List.Validators[i]
		number := r.votes.find(&entry.VoteAccount)
		if number == NoVote || p.List.Find(entry.VoteAccount) != entry ||
			entry.Status != accounts.ValidatorActive {
			continue
		}

		address, err := r.ledger.validatorStake(m.token.lst.Program, m.token.lst.Pool, entry)
		if err != nil {
			return err
		}

		at := find(r.ledger, r.extra, address)
		if at == NoIndex {
			if r.updating() || !r.set.Has(address) {
				continue
			}

			at = r.at(address)
		}

		if r.account(at) == nil {
			continue
		}

		stake, err := r.liveStake(at, address)
		if err == nil {
			p.addStake(number, address, entry, stake)
		}
	}

	p.sortStakes()
	return nil
}

// choose sets the validators that can be used for withdrawals.
func (p *StakePoolStake) choose() {
	entries, err := p.Pool.Sources(p.List)
	if err != nil {
		p.SourcesErr = err
		return
	}

	p.Sources = p.stakesOf(entries)
	loaded := len(p.Sources)
	p.Sources = slices.DeleteFunc(p.Sources,
		func(v *ValidatorStake) bool { return v.Prices.IsTooSmall() })
	// Deactivated stake earns no rewards and serves fewer trades.
	slices.SortStableFunc(p.Sources, func(a, b *ValidatorStake) int {
		return cmp.Compare(a.deactivation(), b.deactivation())
	})

	if len(p.Sources) == 0 {
		why := "no validator's stake account was loaded"
		if loaded > 0 {
			why = "no validator can give stake and keep the minimum delegation"
		}

		p.SourcesErr = &quote.Error{
			Op:     "withdraw stake",
			Pool:   p.Pool.Address,
			Reason: fmt.Errorf("%w: %s", quote.ErrValidator, why),
		}

		return
	}

	p.Row = slices.Clone(p.Sources)
	if preferred := p.Pool.State.PreferredWithdrawValidator; preferred != nil {
		others := p.Pool
		others.State.PreferredWithdrawValidator = nil
		if entries, err = others.Sources(p.List); err == nil {
			p.Row = append(p.Row,
				slices.DeleteFunc(p.stakesOf(entries), func(v *ValidatorStake) bool {
					return slices.Contains(p.Sources, v)
				})...)
		}
	}

	for _, v := range p.Row {
		p.RowPrices = append(p.RowPrices, v.Prices)
	}
}

// stakesOf returns the loaded stakes of the validators of some entries.
func (p *StakePoolStake) stakesOf(entries []accounts.ValidatorStakeInfo) []*ValidatorStake {
	var found []*ValidatorStake
	for i := range entries {
		for n := range p.stakes {
			if p.stakes[n].Source.Entry.VoteAccount == entries[i].VoteAccount {
				found = append(found, &p.stakes[n])
			}
		}
	}
	return found
}

// missValidators requests a reload if the pool has validators and none of them
// was loaded.
func (m stakePoolStakeMaker) missValidators(
	r *reader, p *StakePoolStake, list accounts.ValidatorListView,
) {
	var top best[int]
	for i := range list.Len() {
		entry := list.At(i)
		if entry.Status == accounts.ValidatorActive {
			preferred := isKey(p.Pool.State.PreferredWithdrawValidator, &entry.VoteAccount)
			top.add(i, preferred, entry.ActiveStakeLamports)
		}
	}

	if top.size == 0 {
		return
	}

	entry := list.At(top.entries[0].entry)
	address, err := r.ledger.validatorStake(m.token.lst.Program, m.token.lst.Pool, &entry)
	if err == nil && find(r.ledger, r.extra, address) == NoIndex {
		r.miss(address)
	}
}
