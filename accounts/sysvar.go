package accounts

import (
	"encoding/binary"
	"errors"
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/wire"
)

// Clock is the Clock sysvar: the current slot, epoch and time of the chain.
type Clock struct {
	Slot                uint64 `json:"slot"`
	EpochStartTimestamp int64  `json:"epoch_start_timestamp"`
	Epoch               uint64 `json:"epoch"`
	LeaderScheduleEpoch uint64 `json:"leader_schedule_epoch"`
	UnixTimestamp       int64  `json:"unix_timestamp"`
}

// DecodeClock decodes the Clock sysvar. The account has 40 bytes.
func DecodeClock(account Account) (*Clock, error) {
	return decode[Clock](account, ownedBy(&account, SysvarProgram))
}

// Encode returns the packed form, 40 bytes.
func (c Clock) Encode() []byte { return encode(&c) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (c *Clock) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(c, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (c Clock) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&c, enc) }

func (*Clock) name() string { return "clock sysvar" }

func (c *Clock) read(r *wire.Reader) {
	c.Slot = r.U64("slot")
	c.EpochStartTimestamp = r.I64("epoch_start_timestamp")
	c.Epoch = r.U64("epoch")
	c.LeaderScheduleEpoch = r.U64("leader_schedule_epoch")
	c.UnixTimestamp = r.I64("unix_timestamp")
}

func (c *Clock) write(w *wire.Writer) {
	w.U64(c.Slot)
	w.I64(c.EpochStartTimestamp)
	w.U64(c.Epoch)
	w.U64(c.LeaderScheduleEpoch)
	w.I64(c.UnixTimestamp)
}

// accountStorageOverhead is the number of bytes that the runtime adds to the
// length of an account's data when it computes the rent.
const accountStorageOverhead = 128

// The two exemption thresholds that have been used so far, 1.0 and 2.0, as IEEE
// 754 bits. The network is moving from 2.0 to 1.0.
const (
	thresholdOne = 0x3FF0000000000000
	thresholdTwo = 0x4000000000000000
)

// ErrUnknownRent is returned by [Rent.MinimumBalance] when the Rent sysvar has
// an exemption threshold other than 1.0 and 2.0. Update this module.
var ErrUnknownRent = errors.New("unknown rent exemption threshold (update this module)")

// Rent is the Rent sysvar: the price of account storage. The network lowers it
// in steps.
type Rent struct {
	LamportsPerByte uint64 `json:"lamports_per_byte"`
	// ThresholdBits is the exemption threshold, as the bits of an IEEE 754
	// double.
	ThresholdBits uint64 `json:"exemption_threshold_bits"`
	BurnPercent   uint8  `json:"burn_percent"`
}

// DecodeRent decodes the Rent sysvar. The account has 17 bytes.
func DecodeRent(account Account) (*Rent, error) {
	return decode[Rent](account, ownedBy(&account, SysvarProgram))
}

// NewRent returns a rent of lamportsPerByte for each byte, with an exemption
// threshold of 1.0.
func NewRent(lamportsPerByte uint64) Rent {
	return Rent{LamportsPerByte: lamportsPerByte, ThresholdBits: thresholdOne}
}

// MinimumBalance returns the rent-exempt minimum of an account with space bytes
// of data, in lamports. Example: 1,666,240 for a stake account of 200 bytes at
// 5,080 lamports per byte. It returns [ErrUnknownRent] if the threshold is
// neither 1.0 nor 2.0.
func (r Rent) MinimumBalance(space uint64) (uint64, error) {
	var factor uint64
	switch r.ThresholdBits {
	case thresholdOne:
		factor = 1
	case thresholdTwo:
		factor = 2
	default:
		return 0, fmt.Errorf("%w: bits %#x", ErrUnknownRent, r.ThresholdBits)
	}

	var c fixed.Calc
	bytes := c.Add(space, accountStorageOverhead)
	lamports := c.MulDivFloor(c.MulDivFloor(bytes, r.LamportsPerByte, 1), factor, 1)

	return lamports, c.Err()
}

// Encode returns the packed form, 17 bytes.
func (r Rent) Encode() []byte { return encode(&r) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (r *Rent) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(r, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (r Rent) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&r, enc) }

func (*Rent) name() string { return "rent sysvar" }

func (r *Rent) read(in *wire.Reader) {
	r.LamportsPerByte = in.U64("lamports_per_byte")
	r.ThresholdBits = in.U64("exemption_threshold")
	r.BurnPercent = in.U8("burn_percent")
}

func (r *Rent) write(w *wire.Writer) {
	w.U64(r.LamportsPerByte)
	w.U64(r.ThresholdBits)
	w.U8(r.BurnPercent)
}

// EpochSchedule is the EpochSchedule sysvar: the number of slots in an epoch.
type EpochSchedule struct {
	SlotsPerEpoch            uint64 `json:"slots_per_epoch"`
	LeaderScheduleSlotOffset uint64 `json:"leader_schedule_slot_offset"`
	Warmup                   bool   `json:"warmup"`
	FirstNormalEpoch         uint64 `json:"first_normal_epoch"`
	FirstNormalSlot          uint64 `json:"first_normal_slot"`
}

// DecodeEpochSchedule decodes the EpochSchedule sysvar. The account has 33
// bytes.
func DecodeEpochSchedule(account Account) (*EpochSchedule, error) {
	return decode[EpochSchedule](account, ownedBy(&account, SysvarProgram))
}

// Encode returns the packed form, 33 bytes.
func (s EpochSchedule) Encode() []byte { return encode(&s) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (s *EpochSchedule) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(s, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (s EpochSchedule) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&s, enc) }

func (*EpochSchedule) name() string { return "epoch schedule sysvar" }

func (s *EpochSchedule) read(r *wire.Reader) {
	s.SlotsPerEpoch = r.U64("slots_per_epoch")
	s.LeaderScheduleSlotOffset = r.U64("leader_schedule_slot_offset")
	s.Warmup = r.Bool("warmup")
	s.FirstNormalEpoch = r.U64("first_normal_epoch")
	s.FirstNormalSlot = r.U64("first_normal_slot")
}

func (s *EpochSchedule) write(w *wire.Writer) {
	w.U64(s.SlotsPerEpoch)
	w.U64(s.LeaderScheduleSlotOffset)
	w.Bool(s.Warmup)
	w.U64(s.FirstNormalEpoch)
	w.U64(s.FirstNormalSlot)
}

// EpochRewards is the EpochRewards sysvar. While Active is true, at the start
// of an epoch, the stake program refuses most instructions.
type EpochRewards struct {
	DistributionStartingBlockHeight uint64      `json:"distribution_starting_block_height"`
	NumPartitions                   uint64      `json:"num_partitions"`
	ParentBlockhash                 solana.Hash `json:"parent_blockhash"`
	// TotalPoints is a little-endian integer of 128 bits.
	TotalPoints        [16]byte `json:"total_points"`
	TotalRewards       uint64   `json:"total_rewards"`
	DistributedRewards uint64   `json:"distributed_rewards"`
	Active             bool     `json:"active"`
}

// DecodeEpochRewards decodes the EpochRewards sysvar. The account has 81 bytes.
func DecodeEpochRewards(account Account) (*EpochRewards, error) {
	return decode[EpochRewards](account, ownedBy(&account, SysvarProgram))
}

// Encode returns the packed form, 81 bytes.
func (e EpochRewards) Encode() []byte { return encode(&e) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (e *EpochRewards) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(e, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (e EpochRewards) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&e, enc) }

func (*EpochRewards) name() string { return "epoch rewards sysvar" }

func (e *EpochRewards) read(r *wire.Reader) {
	e.DistributionStartingBlockHeight = r.U64("distribution_starting_block_height")
	e.NumPartitions = r.U64("num_partitions")
	r.Fill("parent_blockhash", e.ParentBlockhash[:])
	r.Fill("total_points", e.TotalPoints[:])
	e.TotalRewards = r.U64("total_rewards")
	e.DistributedRewards = r.U64("distributed_rewards")
	e.Active = r.Bool("active")
}

func (e *EpochRewards) write(w *wire.Writer) {
	w.U64(e.DistributionStartingBlockHeight)
	w.U64(e.NumPartitions)
	w.Raw(e.ParentBlockhash[:])
	w.Raw(e.TotalPoints[:])
	w.U64(e.TotalRewards)
	w.U64(e.DistributedRewards)
	w.Bool(e.Active)
}

// StakeHistoryEntry is the stake of the cluster in one epoch, in lamports.
type StakeHistoryEntry struct {
	Epoch        uint64 `json:"epoch"`
	Effective    uint64 `json:"effective"`
	Activating   uint64 `json:"activating"`
	Deactivating uint64 `json:"deactivating"`
}

const (
	stakeHistoryEntrySize  = 32
	maxStakeHistoryEntries = 512
)

// StakeHistory is the StakeHistory sysvar. The newest epoch comes first.
type StakeHistory []StakeHistoryEntry

// DecodeStakeHistory decodes the StakeHistory sysvar.
func DecodeStakeHistory(account Account) (*StakeHistory, error) {
	return decode[StakeHistory](account, ownedBy(&account, SysvarProgram))
}

// Encode returns the packed form: 8 bytes and 32 bytes for each entry.
func (h StakeHistory) Encode() []byte { return encode(&h) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (h *StakeHistory) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(h, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (h StakeHistory) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&h, enc) }

func (*StakeHistory) name() string { return "stake history sysvar" }

func (h *StakeHistory) read(r *wire.Reader) {
	at := r.Offset()
	n := r.U64("len")
	switch {
	case n > maxStakeHistoryEntries:
		r.Fail("len", at, fmt.Errorf("%w: %d entries", ErrInvalidValue, n))
		return
	case n*stakeHistoryEntrySize > uint64(r.Remaining()):
		r.Fail("len", at, wire.ErrShort)
		return
	}

	*h = make(StakeHistory, n)
	records := r.View("entries", int(n)*stakeHistoryEntrySize)
	for i := range *h {
		(*h)[i].readRecord((*[stakeHistoryEntrySize]byte)(records[i*stakeHistoryEntrySize:]))
	}
}

func (e *StakeHistoryEntry) readRecord(b *[stakeHistoryEntrySize]byte) {
	e.Epoch = binary.LittleEndian.Uint64(b[0:8])
	e.Effective = binary.LittleEndian.Uint64(b[8:16])
	e.Activating = binary.LittleEndian.Uint64(b[16:24])
	e.Deactivating = binary.LittleEndian.Uint64(b[24:32])
}

func (h *StakeHistory) write(w *wire.Writer) {
	w.U64(uint64(len(*h)))
	for _, e := range *h {
		w.U64(e.Epoch)
		w.U64(e.Effective)
		w.U64(e.Activating)
		w.U64(e.Deactivating)
	}
}
