package accounts

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// ValidatorListView reads the entries of a stake pool's validator list directly
// from the account data, without decoding the whole list. Decoding a list of
// 5,000 validators takes 400 kB of memory. Create a view with
// [ViewValidatorList]. The zero value is an empty list.
//
// A view shares the data of the account. The caller must not modify the data
// while the view is in use.
type ValidatorListView struct {
	maxValidators uint32
	records       []byte
}

// ViewValidatorList returns a view of a stake pool's validator list. programs
// are the accepted owners, by default [StakePoolPrograms]. It returns the same
// errors as [DecodeValidatorListOf].
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

// MaxValidators returns the number of entries that the account has space for.
func (v ValidatorListView) MaxValidators() uint32 { return v.maxValidators }

// Len returns the number of validators.
func (v ValidatorListView) Len() int { return len(v.records) / ValidatorStakeInfoSize }

// At returns the entry at an index, or the zero entry if the index is not below
// Len.
func (v ValidatorListView) At(index int) (info ValidatorStakeInfo) {
	if index < 0 || index >= v.Len() {
		return ValidatorStakeInfo{}
	}
	info.readRecord((*[ValidatorStakeInfoSize]byte)(v.records[index*ValidatorStakeInfoSize:]))
	return info
}

// VoteAt returns the vote account of the entry at an index, or the zero key if
// the index is not below Len.
func (v ValidatorListView) VoteAt(index int) solana.PublicKey {
	if index < 0 || index >= v.Len() {
		return solana.PublicKey{}
	}
	return solana.PublicKey(v.records[index*ValidatorStakeInfoSize+validatorStatusOffset+1:])
}
