package accounts

import (
	"encoding/binary"
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// ValidatorStatus is the status of a validator in a stake pool.
type ValidatorStatus uint8

// The statuses of a validator in a stake pool.
const (
	// ValidatorActive accepts deposits and withdrawals.
	ValidatorActive ValidatorStatus = iota
	// ValidatorDeactivatingTransient has only transient stake, which is
	// deactivating.
	ValidatorDeactivatingTransient
	// ValidatorReadyForRemoval has no stake left.
	ValidatorReadyForRemoval
	// ValidatorDeactivating has a deactivating stake account.
	ValidatorDeactivating
	// ValidatorDeactivatingAll has a deactivating stake account and a
	// deactivating transient stake account.
	ValidatorDeactivatingAll
)

// ValidatorStakeInfo is the entry of one validator in a validator list.
type ValidatorStakeInfo struct {
	// ActiveStakeLamports is the last recorded balance of the validator's stake
	// account, including rent.
	ActiveStakeLamports uint64 `json:"active_stake_lamports"`
	// TransientStakeLamports is the last recorded balance of the validator's
	// transient stake account, or 0 if there is no such account.
	TransientStakeLamports uint64 `json:"transient_stake_lamports"`
	LastUpdateEpoch        uint64 `json:"last_update_epoch"`
	// TransientSeedSuffix is a seed of the transient stake account, see
	// [TransientStakeAddress].
	TransientSeedSuffix uint64 `json:"transient_seed_suffix"`
	Unused              uint32 `json:"unused"`
	// ValidatorSeedSuffix is a seed of the stake account if it is not zero, see
	// [ValidatorStakeAddress].
	ValidatorSeedSuffix uint32           `json:"validator_seed_suffix"`
	Status              ValidatorStatus  `json:"status"`
	VoteAccount         solana.PublicKey `json:"vote_account_address"`
}

// validatorStatusOffset is the position of the status in an entry. It is the
// only field that can have an invalid value.
const validatorStatusOffset = 40

// readRecord reads an entry without validating its status.
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

// ValidatorList is the validator list account of a stake pool.
type ValidatorList struct {
	// MaxValidators is the number of entries that the account has space for.
	MaxValidators uint32               `json:"max_validators"`
	Validators    []ValidatorStakeInfo `json:"validators"`
}

// DecodeValidatorList decodes a validator list of one of [StakePoolPrograms].
// For other deployments use [DecodeValidatorListOf].
func DecodeValidatorList(account Account) (*ValidatorList, error) {
	return decode[ValidatorList](account, ownedBy(&account, StakePoolPrograms()...))
}

// DecodeValidatorListOf decodes a validator list of any of the given programs,
// as [DecodeValidatorList] does.
func DecodeValidatorListOf(account Account, programs ...solana.PublicKey) (*ValidatorList, error) {
	return decode[ValidatorList](account, ownedBy(&account, programs...))
}

// DecodeValidatorListInto decodes a validator list into an existing value, and
// overwrites its entries. It allocates memory only if the list has not had as
// many entries before. programs are the accepted owners, by default
// [StakePoolPrograms]. After an error the list is empty.
func DecodeValidatorListInto(
	account Account, list *ValidatorList, programs ...solana.PublicKey,
) error {
	if list == nil {
		reason := fmt.Errorf("%w destination", ErrNil)
		return &DecodeError{
			Account: list.name(),
			Address: account.Address,
			Reason:  reason,
		}
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

// Encode returns the packed form: the header and the entries, without the
// unused space of the account.
func (l ValidatorList) Encode() []byte { return encode(&l) }

// Space returns the size of the account, in bytes.
func (l ValidatorList) Space() int {
	return ValidatorListHeaderSize + ValidatorStakeInfoSize*int(l.MaxValidators)
}

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (l *ValidatorList) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(l, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l ValidatorList) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&l, enc) }

// Find returns the entry of a vote account, or nil if the list does not have
// it.
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

// readHeader reads the fields before the entries, and returns the bytes of the
// entries.
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
