package accounts

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// ValidatorListView reads the entries of a stake pool's validator list where
// they stand in the account, which costs no memory: a list of 5,000 validators
// takes 400 kB when it is decoded. Make one with [ViewValidatorList]. The zero
// value is an empty list.
//
// A view shares the account's data. The data must not be written to as long as
// the view is used.
type ValidatorListView struct {
	maxValidators uint32
	records       []byte
}

// ViewValidatorList makes a view of the validator list of a stake pool. An
// account that [DecodeValidatorListOf] refuses is refused, with the same error.
// Without programs it is [DecodeValidatorList] that decides.
func ViewValidatorList(account Account, programs ...solana.PublicKey) (ValidatorListView, error) {
	if !ownedByStakePool(&account, programs) {
		return ValidatorListView{}, wrongOwner((*ValidatorList)(nil).name(), &account)
	}

	var l ValidatorList
	r := wire.NewReader(account.Data)
	view := ValidatorListView{records: l.readHeader(r), maxValidators: l.MaxValidators}
	for at := validatorStatusOffset; at < len(view.records); at += ValidatorStakeInfoSize {
		if status := view.records[at]; status > uint8(ValidatorDeactivatingAll) {
			r.FailTag("status", r.Offset()-len(view.records)+at, uint64(status))
		}
	}
	if err := r.Err(); err != nil {
		return ValidatorListView{}, decodeError(l.name(), account.Address, err)
	}
	return view, nil
}

// MaxValidators returns the number of entries that the account has room for.
func (v ValidatorListView) MaxValidators() uint32 { return v.maxValidators }

// Len returns the number of validators.
func (v ValidatorListView) Len() int { return len(v.records) / ValidatorStakeInfoSize }

// At returns the entry with an index below Len, and the zero entry for any
// other.
func (v ValidatorListView) At(index int) (info ValidatorStakeInfo) {
	if index < 0 || index >= v.Len() {
		return ValidatorStakeInfo{}
	}
	info.readRecord((*[ValidatorStakeInfoSize]byte)(v.records[index*ValidatorStakeInfoSize:]))
	return info
}

// VoteAt returns the vote account of the entry with an index below Len, and the
// zero key for any other.
func (v ValidatorListView) VoteAt(index int) solana.PublicKey {
	if index < 0 || index >= v.Len() {
		return solana.PublicKey{}
	}
	return solana.PublicKey(v.records[index*ValidatorStakeInfoSize+validatorStatusOffset+1:])
}
