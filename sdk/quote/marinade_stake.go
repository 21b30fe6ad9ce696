package quote

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// MarinadeStakeDeposit is the outcome of DepositStakeAccount. A stake account
// goes in, mSOL comes out.
type MarinadeStakeDeposit struct {
	// Staked is what counts, in lamports. Kept is the rest of the balance, the
	// rent that the account stores: it stays there and becomes Marinade's, but
	// no mSOL is given for it.
	Staked uint64
	Kept   uint64
	// Fee is the part of Staked that no mSOL is given for, in lamports.
	Fee uint64
	// MSOL is what the depositor receives. All of it is new.
	MSOL uint64
	// Vote is the vote account of the stake, ValidatorIndex its position in
	// Marinade's list.
	Vote           solana.PublicKey
	ValidatorIndex uint32
}

// DepositStakeAccount checks that Marinade takes a stake account from its
// owner, and quotes what it gives. It needs Marinade's list of validators. The
// error wraps one of the ErrStake… sentinels, or [ErrValidator] for a validator
// that Marinade does not have.
func (m MarinadeState) DepositStakeAccount(
	stake StakeAccountState, validators *accounts.MarinadeValidatorList, owner solana.PublicKey,
) (MarinadeStakeDeposit, error) {
	p := m.Prepare()
	var r Refusal
	d, ok := p.DepositStakeAccount(stake.Account.Delegation.Stake, stake.Lamports,
		p.PrepareStake(stake, validators, owner), &r)
	return answer(d, ok, &r)
}

// DepositStakeAccountExactOut quotes the smallest delegation that yields at
// least so much mSOL, in a stake account that is like another one apart from
// that.
func (m MarinadeState) DepositStakeAccountExactOut(
	msol uint64,
	like StakeAccountState,
	validators *accounts.MarinadeValidatorList,
	owner solana.PublicKey,
) (MarinadeStakeDeposit, error) {
	p := m.Prepare()
	var r Refusal
	d, ok := p.DepositStakeAccountExactOut(msol, p.PrepareStake(like, validators, owner), &r)
	return answer(d, ok, &r)
}

// MarinadeRecord is a stake account of Marinade with its position in the list.
type MarinadeRecord struct {
	Index  uint32
	Record accounts.MarinadeStakeRecord
}

// MarinadeStakeSource is a stake account of Marinade that stake can be
// withdrawn from, with its validator.
type MarinadeStakeSource struct {
	MarinadeRecord
	// Stake is the account itself.
	Stake StakeAccountState
	// ValidatorIndex is the position of the validator in the list.
	ValidatorIndex uint32
	Validator      accounts.MarinadeValidatorRecord
}

// MarinadeStakeWithdrawal is the outcome of WithdrawStakeAccount. Base units of
// mSOL go in, delegated stake comes out.
type MarinadeStakeWithdrawal struct {
	MSOL uint64
	// Lamports arrive as delegated stake, on top of Rent, which the payer puts
	// into the new account.
	Lamports uint64
	Rent     uint64
	// Fee is the part of the mSOL's value that does not arrive, in lamports.
	// Treasury is what the treasury receives for it in mSOL.
	Fee      uint64
	Treasury uint64
	// Burned is the rest of the mSOL.
	Burned uint64
	// StakeAccount is the one that is split, StakeIndex its position, Vote its
	// vote account and ValidatorIndex that one's position.
	StakeAccount   solana.PublicKey
	StakeIndex     uint32
	Vote           solana.PublicKey
	ValidatorIndex uint32
}

// Records returns the stake accounts that a withdrawal of mSOL can be taken
// from as far as the list tells, the largest first: updated in this epoch, not
// on their way out, and large enough that Marinade's least stake stays. Unless
// the build is known to be of version 2.0 they are such that version 2.1 found
// active. Which validator they are with, and whether they are still as
// recorded, only the accounts themselves tell: see [MarinadeState.Source].
//
// The error wraps [ErrStalePool] if there are only such that wait for an
// update, and [ErrValidator] if there are none at all.
func (m MarinadeState) Records(
	msol uint64,
	list *accounts.MarinadeStakeList,
) ([]MarinadeRecord, error) {
	records, err := m.records(msol, list)
	if err != nil {
		return nil, m.fail(opWithdrawStake, err)
	}
	return records, nil
}

func (m MarinadeState) records(
	msol uint64,
	list *accounts.MarinadeStakeList,
) ([]MarinadeRecord, error) {
	if list == nil {
		return nil, fmt.Errorf("%w stake list", accounts.ErrNil)
	}

	p := m.prepare()
	var why Refusal
	w, ok := p.split(msol, &why)
	if !ok {
		return nil, why.Err()
	}

	waiting := 0
	var records []MarinadeRecord
	for i, r := range list.Stakes {
		if p.isOnItsWayOut(&r) || !p.gives(r.LastUpdateDelegatedLamports, w.lamports) {
			continue
		}

		if r.LastUpdateEpoch != m.Clock.Epoch {
			waiting++
			continue
		}

		records = append(records, MarinadeRecord{Index: uint32(i), Record: r})
	}

	switch {
	case len(records) > 0:
	case waiting > 0:
		return nil, fmt.Errorf("%w: %d stake accounts that could serve wait for an update",
			ErrStalePool, waiting)
	default:
		return nil, fmt.Errorf("%w: no stake account can give %d lamports", ErrValidator,
			w.lamports)
	}

	slices.SortStableFunc(records, func(a, b MarinadeRecord) int {
		return cmp.Compare(b.Record.LastUpdateDelegatedLamports,
			a.Record.LastUpdateDelegatedLamports)
	})

	return records, nil
}

// Source is a record with its account and its validator, which must be one of
// Marinade's.
func (m MarinadeState) Source(
	record MarinadeRecord,
	stake StakeAccountState,
	validators *accounts.MarinadeValidatorList,
) (MarinadeStakeSource, error) {
	vote := stake.Account.Delegation.Voter
	index := validators.Index(vote)
	if stake.Account.State != accounts.StakeDelegated || index < 0 {
		return MarinadeStakeSource{}, m.fail(opWithdrawStake,
			fmt.Errorf("%w: the stake account %s is with none of Marinade's", ErrValidator,
				record.Record.StakeAccount))
	}

	return MarinadeStakeSource{
		MarinadeRecord: record,
		Stake:          stake,
		ValidatorIndex: uint32(index),
		Validator:      validators.Validators[index],
	}, nil
}

// PickSource returns the first of [MarinadeState.Records] that serves by its
// account, too. Of an account that is not at hand, live says so by false. The
// error is that of the first account at hand, or wraps [ErrValidator] if there
// is none.
func (m MarinadeState) PickSource(
	msol uint64,
	list *accounts.MarinadeStakeList,
	validators *accounts.MarinadeValidatorList,
	live func(solana.PublicKey) (StakeAccountState, bool),
) (MarinadeStakeSource, error) {
	if live == nil {
		live = func(solana.PublicKey) (StakeAccountState, bool) {
			return StakeAccountState{}, false
		}
	}

	records, err := m.Records(msol, list)
	if err != nil {
		return MarinadeStakeSource{}, err
	}

	none := m.fail(opWithdrawStake,
		fmt.Errorf("%w: none of %d stake accounts is at hand", ErrValidator, len(records)))
	var first error
	for _, r := range records {
		stake, ok := live(r.Record.StakeAccount)
		if !ok {
			continue
		}

		source, err := m.Source(r, stake, validators)
		if err == nil {
			_, err = m.WithdrawStakeAccount(msol, source)
		}

		if err == nil {
			return source, nil
		}

		first = cmp.Or(first, err)
	}

	return MarinadeStakeSource{}, cmp.Or(first, none)
}

// WithdrawStakeAccount quotes a withdrawal of mSOL for stake split off a stake
// account of Marinade's, rounded down. [MarinadeState.PickSource] finds one.
func (m MarinadeState) WithdrawStakeAccount(
	msol uint64,
	from MarinadeStakeSource,
) (MarinadeStakeWithdrawal, error) {
	p := m.prepare()
	var r Refusal
	w, ok := p.WithdrawStakeAccount(msol, p.prepareSource(&from), &r)
	return answer(w, ok, &r)
}

// WithdrawStakeAccountExactOut quotes the least mSOL for at least so many
// lamports of stake, or for the least that Marinade splits off.
func (m MarinadeState) WithdrawStakeAccountExactOut(
	lamports uint64,
	from MarinadeStakeSource,
) (MarinadeStakeWithdrawal, error) {
	p := m.prepare()
	var r Refusal
	w, ok := p.WithdrawStakeAccountExactOut(lamports, p.prepareSource(&from), &r)
	return answer(w, ok, &r)
}
