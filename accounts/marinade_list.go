package accounts

import (
	"encoding/binary"
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// marinadeList is implemented by both lists. Their layout reads the
// discriminator only: the size and the number of the records are in the state.
type marinadeList interface {
	layout
	readRecords(*wire.Reader, MarinadeList)
}

func decodeMarinadeList[T any, L interface {
	*T
	marinadeList
}](a Account, shape MarinadeList) (L, error) {
	v, err := decode[T, L](a, ownedBy(&a, MarinadeProgram))
	if err != nil {
		return nil, err
	}

	r := wire.NewReader(a.Data)
	r.Skip("discriminator", MarinadeListHeaderSize)
	v.readRecords(r, shape)
	if err := r.Err(); err != nil {
		return nil, decodeError(v.name(), a.Address, err)
	}

	return v, nil
}

// marinadeRecords returns the bytes of the records. It validates their size and
// number before any memory is allocated for them.
func marinadeRecords(r *wire.Reader, shape MarinadeList, least uint32) []byte {
	const field = "records"
	total := uint64(shape.ItemSize) * uint64(shape.Count)
	switch {
	case shape.ItemSize < least:
		r.Fail(field, r.Offset(),
			fmt.Errorf("%w: %d bytes per record, want at least %d", ErrInvalidValue, shape.ItemSize,
				least))
		return nil

	case total > uint64(r.Remaining()):
		r.Fail(field, r.Offset(),
			fmt.Errorf("%w: %d records of %d bytes", wire.ErrShort, shape.Count, shape.ItemSize))
		return nil
	}

	return r.View(field, int(total))
}

// marinadeSpares copies the bytes of each record that follow its known fields.
// All copies share one allocation.
type marinadeSpares struct{ buf []byte }

func newMarinadeSpares(records []byte, shape MarinadeList, known int) marinadeSpares {
	return marinadeSpares{buf: make([]byte, 0, len(records)-known*int(shape.Count))}
}

// next returns a copy of the spare bytes, or nil if there are no bytes.
func (s *marinadeSpares) next(spare []byte) []byte {
	if len(spare) == 0 {
		return nil
	}
	start := len(s.buf)
	s.buf = append(s.buf, spare...)
	return s.buf[start:len(s.buf):len(s.buf)]
}

// MarinadeValidatorRecord is the record of one validator in Marinade's list.
type MarinadeValidatorRecord struct {
	VoteAccount solana.PublicKey `json:"validator_account"`
	// ActiveBalance is the stake delegated to the validator, in lamports.
	ActiveBalance uint64 `json:"active_balance"`
	Score         uint32 `json:"score"`
	// LastStakeDeltaEpoch is the last epoch in which Marinade staked to or
	// unstaked from the validator, or [NeverEpoch].
	LastStakeDeltaEpoch     uint64 `json:"last_stake_delta_epoch"`
	DuplicationFlagBumpSeed uint8  `json:"duplication_flag_bump_seed"`
	// DelinquentUpgraderActiveBalance exists since version 2.1, and is zero
	// before.
	DelinquentUpgraderActiveBalance uint64 `json:"delinquent_upgrader_active_balance"`
	// Spare holds the bytes of the record after the known fields.
	Spare []byte `json:"spare,omitempty"`
}

// readRecord reads the fields. No value of a field is invalid.
func (v *MarinadeValidatorRecord) readRecord(b *[MarinadeValidatorRecordSize]byte) {
	v.VoteAccount = solana.PublicKey(b[0:32])
	v.ActiveBalance = binary.LittleEndian.Uint64(b[32:40])
	v.Score = binary.LittleEndian.Uint32(b[40:44])
	v.LastStakeDeltaEpoch = binary.LittleEndian.Uint64(b[44:52])
	v.DuplicationFlagBumpSeed = b[52]
	v.DelinquentUpgraderActiveBalance = binary.LittleEndian.Uint64(b[53:61])
}

func (v *MarinadeValidatorRecord) write(w *wire.Writer) {
	w.Key(v.VoteAccount)
	w.U64(v.ActiveBalance)
	w.U32(v.Score)
	w.U64(v.LastStakeDeltaEpoch)
	w.U8(v.DuplicationFlagBumpSeed)
	w.U64(v.DelinquentUpgraderActiveBalance)
	w.Raw(v.Spare)
}

// MarinadeValidatorList is the list of Marinade's validators. When a validator
// is removed, the last one takes its position.
//
// The type does not implement bin.BinaryUnmarshaler, because its bytes do not
// contain their length.
type MarinadeValidatorList struct {
	Validators []MarinadeValidatorRecord `json:"validators"`
}

// DecodeMarinadeValidatorList decodes the list of Marinade's validators. state
// must be from the same slot as account: it holds the number and the size of
// the records. The error is [ErrInvalidValue] when the records are too short
// for the fields of version 2.1.
func DecodeMarinadeValidatorList(
	account Account, state *MarinadeState,
) (*MarinadeValidatorList, error) {
	if state == nil {
		return nil, &DecodeError{
			Account: (*MarinadeValidatorList)(nil).name(),
			Address: account.Address,
			Reason:  fmt.Errorf("%w state", ErrNil),
		}
	}

	return decodeMarinadeList[MarinadeValidatorList](account, state.ValidatorSystem.ValidatorList)
}

// Encode returns the packed form: the discriminator and the records, without
// the unused space of the account.
func (l MarinadeValidatorList) Encode() []byte { return encode(&l) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l MarinadeValidatorList) MarshalWithEncoder(enc *bin.Encoder) error {
	return marshal(&l, enc)
}

// Index returns the position of a vote account in the list, or -1. Instructions
// refer to a validator by this position.
func (l *MarinadeValidatorList) Index(vote solana.PublicKey) int {
	if l == nil {
		return -1
	}

	for i := range l.Validators {
		if l.Validators[i].VoteAccount == vote {
			return i
		}
	}
	return -1
}

func (*MarinadeValidatorList) name() string { return "Marinade validator list" }

func (*MarinadeValidatorList) read(r *wire.Reader) { expectTag(r, marinadeTagValidatorList) }

func (l *MarinadeValidatorList) readRecords(r *wire.Reader, shape MarinadeList) {
	records := marinadeRecords(r, shape, MarinadeValidatorRecordSize)
	if r.Err() != nil {
		return
	}

	l.Validators = make([]MarinadeValidatorRecord, shape.Count)
	spares := newMarinadeSpares(records, shape, MarinadeValidatorRecordSize)
	for i := range l.Validators {
		record := records[i*int(shape.ItemSize):][:shape.ItemSize]
		l.Validators[i].readRecord((*[MarinadeValidatorRecordSize]byte)(record))
		l.Validators[i].Spare = spares.next(record[MarinadeValidatorRecordSize:])
	}
}

func (l *MarinadeValidatorList) write(w *wire.Writer) {
	w.Raw([]byte(marinadeTagValidatorList))
	for i := range l.Validators {
		l.Validators[i].write(w)
	}
}

// MarinadeStakeStatus is the status of a stake account at the last update of
// its record by version 2.1.
type MarinadeStakeStatus uint8

// The statuses of a stake record. Records written by version 2.0 have the
// status MarinadeStakeUnknown.
const (
	MarinadeStakeUnknown MarinadeStakeStatus = iota
	MarinadeStakeActive
	MarinadeStakeDeactivating
)

// MarinadeStakeRecord is the record of one stake account in Marinade's list.
type MarinadeStakeRecord struct {
	StakeAccount solana.PublicKey `json:"stake_account"`
	// LastUpdateDelegatedLamports is the delegation at the last update of the
	// record.
	LastUpdateDelegatedLamports uint64 `json:"last_update_delegated_lamports"`
	LastUpdateEpoch             uint64 `json:"last_update_epoch"`
	// IsEmergencyUnstaking is 1 while the account deactivates for other reasons
	// than tickets, otherwise 0.
	IsEmergencyUnstaking uint8 `json:"is_emergency_unstaking"`
	// LastUpdateStatus exists since version 2.1, and is zero before.
	LastUpdateStatus MarinadeStakeStatus `json:"last_update_status"`
	// Spare holds the bytes of the record after the known fields.
	Spare []byte `json:"spare,omitempty"`
}

// marinadeStatusOffset is the position of the status in a record. It is the
// only field that can have an invalid value.
const marinadeStatusOffset = 49

// readRecord reads the fields without validating the status.
func (s *MarinadeStakeRecord) readRecord(b *[MarinadeStakeRecordSize]byte) {
	s.StakeAccount = solana.PublicKey(b[0:32])
	s.LastUpdateDelegatedLamports = binary.LittleEndian.Uint64(b[32:40])
	s.LastUpdateEpoch = binary.LittleEndian.Uint64(b[40:48])
	s.IsEmergencyUnstaking = b[48]
	s.LastUpdateStatus = MarinadeStakeStatus(b[marinadeStatusOffset])
}

func (s *MarinadeStakeRecord) write(w *wire.Writer) {
	w.Key(s.StakeAccount)
	w.U64(s.LastUpdateDelegatedLamports)
	w.U64(s.LastUpdateEpoch)
	w.U8(s.IsEmergencyUnstaking)
	w.U8(uint8(s.LastUpdateStatus))
	w.Raw(s.Spare)
}

// MarinadeStakeList is the list of Marinade's stake accounts. When an account
// is removed, the last one takes its position.
//
// The type does not implement bin.BinaryUnmarshaler, because its bytes do not
// contain their length.
type MarinadeStakeList struct {
	Stakes []MarinadeStakeRecord `json:"stakes"`
}

// DecodeMarinadeStakeList decodes the list of Marinade's stake accounts. state
// must be from the same slot as account: it holds the number and the size of
// the records. The error is [ErrInvalidValue] when the records are too short
// for the fields of version 2.1.
func DecodeMarinadeStakeList(account Account, state *MarinadeState) (*MarinadeStakeList, error) {
	if state == nil {
		return nil, &DecodeError{
			Account: (*MarinadeStakeList)(nil).name(),
			Address: account.Address,
			Reason:  fmt.Errorf("%w state", ErrNil),
		}
	}

	return decodeMarinadeList[MarinadeStakeList](account, state.StakeSystem.StakeList)
}

// Encode returns the packed form: the discriminator and the records, without
// the unused space of the account.
func (l MarinadeStakeList) Encode() []byte { return encode(&l) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l MarinadeStakeList) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&l, enc) }

// Index returns the position of a stake account in the list, or -1.
// Instructions refer to a stake account by this position.
func (l *MarinadeStakeList) Index(stake solana.PublicKey) int {
	if l == nil {
		return -1
	}

	for i := range l.Stakes {
		if l.Stakes[i].StakeAccount == stake {
			return i
		}
	}
	return -1
}

func (*MarinadeStakeList) name() string { return "Marinade stake list" }

func (*MarinadeStakeList) read(r *wire.Reader) { expectTag(r, marinadeTagStakeList) }

func (l *MarinadeStakeList) readRecords(r *wire.Reader, shape MarinadeList) {
	records := marinadeRecords(r, shape, MarinadeStakeRecordSize)
	if r.Err() != nil {
		return
	}

	first := r.Offset() - len(records)
	l.Stakes = make([]MarinadeStakeRecord, shape.Count)
	spares := newMarinadeSpares(records, shape, MarinadeStakeRecordSize)
	for i := range l.Stakes {
		at := i * int(shape.ItemSize)
		record := records[at:][:shape.ItemSize]
		s := &l.Stakes[i]
		s.readRecord((*[MarinadeStakeRecordSize]byte)(record))
		s.Spare = spares.next(record[MarinadeStakeRecordSize:])
		if s.LastUpdateStatus > MarinadeStakeDeactivating {
			r.FailTag("last_update_status", first+at+marinadeStatusOffset,
				uint64(s.LastUpdateStatus))
			return
		}
	}
}

func (l *MarinadeStakeList) write(w *wire.Writer) {
	w.Raw([]byte(marinadeTagStakeList))
	for i := range l.Stakes {
		l.Stakes[i].write(w)
	}
}
