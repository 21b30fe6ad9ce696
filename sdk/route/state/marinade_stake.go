package state

import (
	"cmp"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// MarinadeStake is Marinade as a buyer of stake accounts.
type MarinadeStake struct {
	*Marinade

	// List is Marinade's validator list.
	List *accounts.MarinadeValidatorList

	known map[solana.PublicKey]bool
}

// Accepts reports whether a vote account belongs to one of Marinade's
// validators.
func (m *MarinadeStake) Accepts(vote solana.PublicKey) bool { return m != nil && m.known[vote] }

// MarinadeStake returns Marinade as a buyer of stake. The error is the reason
// why it cannot be used.
func (s *Snapshot) MarinadeStake(position Token) (*MarinadeStake, error) {
	token := s.tokenOf(position)
	if token == nil || token.lst.Kind != lst.KindMarinade {
		return nil, errNoPart
	}

	return partOf[*MarinadeStake](s, token.buyerPart)
}

// MarinadeRecords is Marinade as a source of stake.
type MarinadeRecords struct {
	*Marinade

	// Sources are the stake accounts that can be used, one per validator, the
	// largest first. There are none until Marinade has updated a stake account
	// in this epoch. Votes has the number of each source's vote account.
	Sources []quote.MarinadeStakeSource
	Votes   []Vote

	// SourcePrices are the prepared prices for each source, see
	// [Marinade].Prices.
	SourcePrices []*quote.MarinadeSourcePrices
}

// MarinadeRecords returns Marinade as a source of stake. The error is the
// reason why it cannot be used.
func (s *Snapshot) MarinadeRecords(position Token) (*MarinadeRecords, error) {
	token := s.tokenOf(position)
	if token == nil || token.lst.Kind != lst.KindMarinade {
		return nil, errNoPart
	}

	return partOf[*MarinadeRecords](s, token.sourcePart)
}

// addMarinadeStake adds Marinade's lists.
func (l *Ledger) addMarinadeStake(t Token) {
	token := &l.tokens[t]
	list, err := accounts.MarinadeValidatorListAddress(token.lst.Program, token.lst.Pool)
	if err == nil {
		l.need(list, 0)
	}

	list, err = accounts.MarinadeStakeListAddress(token.lst.Program, token.lst.Pool)
	if err == nil {
		l.need(list, 0)
	}

	token.buyerPart = l.part(marinadeStakeMaker{token})
	token.sourcePart = l.part(marinadeRecordsMaker{token})
}

// marinadeValidators returns Marinade's validator list.
func (r *reader) marinadeValidators(token *token) (*accounts.MarinadeValidatorList, error) {
	state, err := r.marinadeState(token)
	if err != nil {
		return nil, err
	}
	address := state.ValidatorSystem.ValidatorList.Account
	a, err := r.get("Marinade validator list", r.at(address), address)
	if err != nil {
		return nil, err
	}
	return accounts.DecodeMarinadeValidatorList(*a, state)
}

// marinadeStakeMaker prepares a [MarinadeStake].
type marinadeStakeMaker struct{ token *token }

func (m marinadeStakeMaker) prepare(r *reader) (any, error) {
	pool, err := read[*Marinade](r, m.token.poolPart)
	if err != nil {
		return nil, err
	}

	list, err := r.marinadeValidators(m.token)
	if err != nil {
		return nil, err
	}

	if pool, err = r.withListSpace(pool); err != nil {
		return nil, err
	}

	s := &MarinadeStake{
		Marinade: pool,
		List:     list,
		known:    make(map[solana.PublicKey]bool, len(list.Validators)),
	}

	for i := range list.Validators {
		s.known[list.Validators[i].VoteAccount] = true
	}

	return s, nil
}

// withListSpace is Marinade with the size of its list of stake accounts. A
// deposit of stake adds a record, for which a full list has no room.
func (r *reader) withListSpace(pool *Marinade) (*Marinade, error) {
	address := pool.Pool.State.StakeSystem.StakeList.Account
	a, err := r.get("Marinade stake list", r.at(address), address)
	if err != nil {
		return nil, err
	}

	known := *pool
	known.Pool.StakeListSpace = uint64(len(a.Data))
	known.Prices = known.Pool.Prepare()
	return &known, nil
}

// usableRecords returns the records of Marinade's stake accounts that were
// updated in this epoch.
func (r *reader) usableRecords(token *token) ([]quote.MarinadeRecord, error) {
	state, err := r.marinadeState(token)
	if err != nil {
		return nil, err
	}

	address := state.StakeSystem.StakeList.Account
	a, err := r.get("Marinade stake list", r.at(address), address)
	if err != nil {
		return nil, err
	}

	list, err := accounts.DecodeMarinadeStakeList(*a, state)
	if err != nil {
		return nil, err
	}

	chain, err := r.chain()
	if err != nil {
		return nil, err
	}

	var records []quote.MarinadeRecord
	for i, record := range list.Stakes {
		if record.LastUpdateEpoch == chain.Clock.Epoch && record.IsEmergencyUnstaking == 0 {
			records = append(records, quote.MarinadeRecord{Index: uint32(i), Record: record})
		}
	}

	return records, nil
}

// largestRecords returns the largest of some records, the largest first. Among
// records of the same size the first one comes first.
func largestRecords(records []quote.MarinadeRecord) []quote.MarinadeRecord {
	var top best[int]
	for i := range records {
		top.add(i, false, records[i].Record.LastUpdateDelegatedLamports)
	}

	largest := make([]quote.MarinadeRecord, top.size)
	for n := range largest {
		largest[n] = records[top.entries[n].entry]
	}

	return largest
}

// otherLoadedRecords returns the records of loaded stake accounts that are not
// among the largest, the largest first. They were loaded for a buyer of stake.
func (r *reader) otherLoadedRecords(
	records, largest []quote.MarinadeRecord,
) []quote.MarinadeRecord {
	var others []quote.MarinadeRecord
	for i := range records {
		address := records[i].Record.StakeAccount
		known := slices.ContainsFunc(largest, func(other quote.MarinadeRecord) bool {
			return other.Index == records[i].Index
		})
		if known || find(r.ledger, r.extra, address) == NoIndex &&
			(r.updating() || !r.set.Has(address)) {
			continue
		}

		others = append(others, records[i])
	}

	slices.SortStableFunc(others, func(a, b quote.MarinadeRecord) int {
		return cmp.Compare(b.Record.LastUpdateDelegatedLamports,
			a.Record.LastUpdateDelegatedLamports)
	})

	return others
}

// marinadeRecordsMaker prepares [MarinadeRecords].
type marinadeRecordsMaker struct{ token *token }

func (m marinadeRecordsMaker) prepare(r *reader) (any, error) {
	pool, err := read[*Marinade](r, m.token.poolPart)
	if err != nil {
		return nil, err
	}

	validators, err := r.marinadeValidators(m.token)
	if err != nil {
		return nil, err
	}

	records, err := r.usableRecords(m.token)
	if err != nil {
		return nil, err
	}

	largest := largestRecords(records)
	others := r.otherLoadedRecords(records, largest)
	s := &MarinadeRecords{Marinade: pool}
	seen := make(map[solana.PublicKey]bool, len(records))
	for n, record := range slices.Concat(largest, others) {
		address := record.Record.StakeAccount
		stake, err := r.liveStake(r.at(address), address)
		var source quote.MarinadeStakeSource
		if err == nil {
			source, err = pool.Pool.Source(record, *stake, validators)
		}

		switch {
		case err != nil && n < len(largest):
			return nil, err
		case err != nil:
			continue
		}

		if vote := source.Validator.VoteAccount; !seen[vote] {
			seen[vote] = true
			s.Sources = append(s.Sources, source)
			s.Votes = append(s.Votes, r.votes.find(&vote))
			s.SourcePrices = append(s.SourcePrices, pool.Prices.PrepareSource(source))
		}
	}

	return s, nil
}
