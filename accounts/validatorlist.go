package accounts

import (
	"encoding/binary"
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// ValidatorStatus is the state of one validator of a stake pool.
type ValidatorStatus uint8

// The states of a validator in a stake pool.
const (
	// ValidatorActive takes deposits and serves withdrawals.
	ValidatorActive ValidatorStatus = iota
	// ValidatorDeactivatingTransient has only transient stake left, which is deactivating.
	ValidatorDeactivatingTransient
	// ValidatorReadyForRemoval has no stake left.
	ValidatorReadyForRemoval
	// ValidatorDeactivating has its stake account deactivating.
	ValidatorDeactivating
	// ValidatorDeactivatingAll has both its stake accounts deactivating.
	ValidatorDeactivatingAll
)

// ValidatorStakeInfo is one entry of a validator list.
type ValidatorStakeInfo struct {
	// ActiveStakeLamports is all lamports of the validator's stake account, rent included, as last recorded.
	ActiveStakeLamports uint64 `json:"active_stake_lamports"`
	// TransientStakeLamports is all lamports of its transient stake account, 0 if there is none.
	TransientStakeLamports uint64 `json:"transient_stake_lamports"`
	LastUpdateEpoch        uint64 `json:"last_update_epoch"`
	// TransientSeedSuffix is part of the transient stake account's address.
	TransientSeedSuffix uint64 `json:"transient_seed_suffix"`
	Unused              uint32 `json:"unused"`
	// ValidatorSeedSuffix is part of the stake account's address if it is not zero.
	ValidatorSeedSuffix uint32           `json:"validator_seed_suffix"`
	Status              ValidatorStatus  `json:"status"`
	VoteAccount         solana.PublicKey `json:"vote_account_address"`
}

// validatorStatusOffset is where an entry has its status, the only field of it
// that not every value fits.
const validatorStatusOffset = 40

// readRecord reads an entry, but does not judge its status.
func (v *ValidatorStakeInfo) readRecord(b *[ValidatorStakeInfoSize]byte) {
	v.ActiveStakeLamports = binary.LittleEndian.Uint64(b[0:8])
	v.TransientStakeLamports = binary.LittleEndian.Uint64(b[8:16])
	v.LastUpdateEpoch = binary.LittleEndian.Uint64(b[16:24])
	v.TransientSeedSuffix = binary.LittleEndian.Uint64(b[24:32])
	v.Unused = binary.LittleEndian.Uint32(b[32:36])
	v.ValidatorSeedSuffix = binary.LittleEndian.Uint32(b[36:40])
	v.Status = ValidatorStatus(b[validatorStatusOffset])
	v.VoteAccount = solana.PublicKey(b[41:73])
}

func (v ValidatorStakeInfo) write(w *wire.Writer) {
	w.U64(v.ActiveStakeLamports)
	w.U64(v.TransientStakeLamports)
	w.U64(v.LastUpdateEpoch)
	w.U64(v.TransientSeedSuffix)
	w.U32(v.Unused)
	w.U32(v.ValidatorSeedSuffix)
	w.U8(uint8(v.Status))
	w.Key(v.VoteAccount)
}

// ValidatorList is the list of a stake pool's validators.
type ValidatorList struct {
	// MaxValidators is how many entries the account has room for.
	MaxValidators uint32               `json:"max_validators"`
	Validators    []ValidatorStakeInfo `json:"validators"`
}

// DecodeValidatorList decodes the validator list of an SPL stake pool owned by one of [StakePoolPrograms]. For other
// deployments use [DecodeValidatorListOf].
func DecodeValidatorList(account Account) (*ValidatorList, error) {
	return decode[ValidatorList](account, ownedBy(&account, StakePoolPrograms()...))
}

// DecodeValidatorListOf is [DecodeValidatorList] for a deployment under any of the given program ids.
func DecodeValidatorListOf(account Account, programs ...solana.PublicKey) (*ValidatorList, error) {
	return decode[ValidatorList](account, ownedBy(&account, programs...))
}

// DecodeValidatorListInto is [DecodeValidatorListOf] into a list that is used
// again and again: it allocates only when there are more validators than the
// list has had room for. Without programs the owner must be one of
// [StakePoolPrograms]. Slices of the list's earlier entries are overwritten.
// After an error the list is empty.
func DecodeValidatorListInto(
	account Account, list *ValidatorList, programs ...solana.PublicKey,
) error {
	if list == nil {
		reason := fmt.Errorf("%w destination", ErrNil)
		return &DecodeError{Account: list.name(), Address: account.Address, Reason: reason}
	}

	var err error
	if ownedByStakePool(&account, programs) {
		r := wire.NewReader(account.Data)
		if list.read(r); r.Err() == nil {
			return nil
		}
		err = decodeError(list.name(), account.Address, r.Err())
	} else {
		err = wrongOwner(list.name(), &account)
	}
	list.MaxValidators, list.Validators = 0, list.Validators[:0]
	return err
}

// Encode returns the packed form: the header and the entries, without the room that is left in the account.
func (l ValidatorList) Encode() []byte { return encode(&l) }

// Space is the size of the account that holds the list, in bytes.
func (l ValidatorList) Space() int {
	return ValidatorListHeaderSize + ValidatorStakeInfoSize*int(l.MaxValidators)
}

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (l *ValidatorList) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(l, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l ValidatorList) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&l, enc) }

// Find returns the entry of a vote account, or nil.
func (l *ValidatorList) Find(vote solana.PublicKey) *ValidatorStakeInfo {
	if l == nil {
		return nil
	}

	for i := range l.Validators {
		if l.Validators[i].VoteAccount == vote {
			return &l.Validators[i]
		}
	}
	return nil
}

func (*ValidatorList) name() string { return "validator list" }

func (l *ValidatorList) read(r *wire.Reader) {
	records := l.readHeader(r)
	first := r.Offset() - len(records)
	if r.Err() != nil {
		return
	}

	n := len(records) / ValidatorStakeInfoSize
	if l.Validators == nil || cap(l.Validators) < n {
		l.Validators = make([]ValidatorStakeInfo, n)
	}
	l.Validators = l.Validators[:n]
	for i := range l.Validators {
		at := i * ValidatorStakeInfoSize
		v := &l.Validators[i]
		v.readRecord((*[ValidatorStakeInfoSize]byte)(records[at:]))
		if v.Status > ValidatorDeactivatingAll {
			r.FailTag("status", first+at+validatorStatusOffset, uint64(v.Status))
			return
		}
	}
}

// readHeader reads what precedes the entries, and returns them as they stand in
// the account.
func (l *ValidatorList) readHeader(r *wire.Reader) (records []byte) {
	expectType(r, "account_type", accountTypeValidatorList)
	l.MaxValidators = r.U32("max_validators")
	at := r.Offset()
	n := r.U32("validators.len")
	return r.Records("validators.len", at, n, ValidatorStakeInfoSize)
}

func (l *ValidatorList) write(w *wire.Writer) {
	w.U8(accountTypeValidatorList)
	w.U32(l.MaxValidators)
	w.U32(uint32(len(l.Validators)))
	for _, v := range l.Validators {
		v.write(w)
	}
}
