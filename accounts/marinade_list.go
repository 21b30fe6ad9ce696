package accounts

import (
	"encoding/binary"
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// marinadeList is what both lists implement: as a layout they read their tag only, for the records take the state to read.
type marinadeList interface {
	layout
	readRecords(*wire.Reader, MarinadeList)
}

func decodeMarinadeList[T any, L interface {
	*T
	marinadeList
}](a Account, shape MarinadeList,
) (L, error) {
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

// marinadeRecords returns the records as they stand in the account, if they can
// be read: nothing is allocated for them before that is known.
func marinadeRecords(r *wire.Reader, shape MarinadeList, least uint32) []byte {
	const field = "records"
	total := uint64(shape.ItemSize) * uint64(shape.Count)
	switch {
	case shape.ItemSize < least:
		r.Fail(field, r.Offset(), fmt.Errorf("%w: %d bytes per record, want at least %d", ErrInvalid, shape.ItemSize, least))
		return nil
	case total > uint64(r.Remaining()):
		r.Fail(field, r.Offset(), fmt.Errorf("%w: %d records of %d bytes", wire.ErrShort, shape.Count, shape.ItemSize))
		return nil
	}
	return r.View(field, int(total))
}

// marinadeSpares keeps what is left of records behind the fields this module
// knows: a copy for each record, all of them in one piece of memory.
type marinadeSpares struct{ room []byte }

func newMarinadeSpares(records []byte, shape MarinadeList, known int) marinadeSpares {
	return marinadeSpares{room: make([]byte, 0, len(records)-known*int(shape.Count))}
}

// next copies a spare; nil if it is empty.
func (s *marinadeSpares) next(spare []byte) []byte {
	if len(spare) == 0 {
		return nil
	}
	start := len(s.room)
	s.room = append(s.room, spare...)
	return s.room[start:len(s.room):len(s.room)]
}

// MarinadeValidatorRecord is one validator of Marinade.
type MarinadeValidatorRecord struct {
	VoteAccount solana.PublicKey `json:"validator_account"`
	// ActiveBalance is the lamports delegated to the validator.
	ActiveBalance uint64 `json:"active_balance"`
	Score         uint32 `json:"score"`
	// LastStakeDeltaEpoch is the last epoch in which Marinade staked with the validator or unstaked; [NeverEpoch] if in none.
	LastStakeDeltaEpoch     uint64 `json:"last_stake_delta_epoch"`
	DuplicationFlagBumpSeed uint8  `json:"duplication_flag_bump_seed"`
	// DelinquentUpgraderActiveBalance is new in version 2.1, and zero before.
	DelinquentUpgraderActiveBalance uint64 `json:"delinquent_upgrader_active_balance"`
	// Spare is what the record has room for beyond these fields.
	Spare []byte `json:"spare,omitempty"`
}

// readRecord reads the fields. Every value of a field fits.
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

// MarinadeValidatorList is the list of Marinade's validators. Removal moves the last one to the gap, so that positions change.
//
// It does not implement bin.BinaryUnmarshaler, for its bytes do not tell where they end.
type MarinadeValidatorList struct {
	Validators []MarinadeValidatorRecord `json:"validators"`
}

// DecodeMarinadeValidatorList decodes the list of Marinade's validators. The state must be of the same slot: it says how many
// there are and how long their records are. Records too short for the fields of version 2.1 are refused with [ErrInvalid].
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

// Encode returns the packed form: the tag and the records, without the room that is left in the account.
func (l MarinadeValidatorList) Encode() []byte { return encode(&l) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l MarinadeValidatorList) MarshalWithEncoder(enc *bin.Encoder) error {
	return marshal(&l, enc)
}

// Index returns the position of a vote account, by which instructions name it, or -1.
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

// MarinadeStakeStatus is what version 2.1 found a stake account to be when it last updated the record.
type MarinadeStakeStatus uint8

// The statuses of a stake record. Records that version 2.0 wrote have the first.
const (
	MarinadeStakeUnknown MarinadeStakeStatus = iota
	MarinadeStakeActive
	MarinadeStakeDeactivating
)

// MarinadeStakeRecord is one stake account of Marinade.
type MarinadeStakeRecord struct {
	StakeAccount solana.PublicKey `json:"stake_account"`
	// LastUpdateDelegatedLamports is its delegation as last recorded.
	LastUpdateDelegatedLamports uint64 `json:"last_update_delegated_lamports"`
	LastUpdateEpoch             uint64 `json:"last_update_epoch"`
	// IsEmergencyUnstaking is 1 while the account deactivates for other reasons than tickets, else 0.
	IsEmergencyUnstaking uint8 `json:"is_emergency_unstaking"`
	// LastUpdateStatus is new in version 2.1, and zero before.
	LastUpdateStatus MarinadeStakeStatus `json:"last_update_status"`
	// Spare is what the record has room for beyond these fields.
	Spare []byte `json:"spare,omitempty"`
}

// marinadeStatusOffset is where a record has its status, the only field of it
// that not every value fits.
const marinadeStatusOffset = 49

// readRecord reads the fields, but does not judge the status.
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

// MarinadeStakeList is the list of Marinade's stake accounts. Removal moves the last one to the gap, so that positions change.
//
// It does not implement bin.BinaryUnmarshaler, for its bytes do not tell where they end.
type MarinadeStakeList struct {
	Stakes []MarinadeStakeRecord `json:"stakes"`
}

// DecodeMarinadeStakeList decodes the list of Marinade's stake accounts. The state must be of the same slot: it says how many
// there are and how long their records are. Records too short for the fields of version 2.1 are refused with [ErrInvalid].
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

// Encode returns the packed form: the tag and the records, without the room that is left in the account.
func (l MarinadeStakeList) Encode() []byte { return encode(&l) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l MarinadeStakeList) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&l, enc) }

// Index returns the position of a stake account, by which instructions name it, or -1.
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
			r.FailTag("last_update_status", first+at+marinadeStatusOffset, uint64(s.LastUpdateStatus))
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
