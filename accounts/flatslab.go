package accounts

import (
	"encoding/binary"
	"fmt"
	"slices"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

const flatSlabEntrySize = 40

// FlatSlabEntry holds the fees of one token in the flatslab pricing program, in
// billionths (1,000,000 is 0.1 %). A negative fee is a rebate.
type FlatSlabEntry struct {
	Mint        solana.PublicKey `json:"mint"`
	InpFeeNanos int32            `json:"inp_fee_nanos"`
	OutFeeNanos int32            `json:"out_fee_nanos"`
}

// FlatSlab is the state account of the flatslab pricing program. It holds the
// fees of all tokens, sorted by the bytes of their mints.
type FlatSlab struct {
	Admin   solana.PublicKey `json:"admin"`
	Entries []FlatSlabEntry  `json:"entries"`
}

// DecodeFlatSlab decodes the slab. It returns [ErrInvalidValue] when entries
// are not sorted or have the same mint, because the program could not find
// them.
func DecodeFlatSlab(account Account) (*FlatSlab, error) {
	return decode[FlatSlab](account, ownedBy(&account, FlatSlabProgram))
}

// FlatSlabAddress derives the address of a flatslab pricing program's slab.
func FlatSlabAddress(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("flatslab slab", program, []byte("slab"))
}

// Find returns the entry of a mint, or nil if it has none.
func (s *FlatSlab) Find(mint solana.PublicKey) *FlatSlabEntry {
	if s == nil {
		return nil
	}

	i, found := slices.BinarySearchFunc(s.Entries, mint,
		func(e FlatSlabEntry, m solana.PublicKey) int {
			return CompareKeys(e.Mint, m)
		})
	if !found {
		return nil
	}

	return &s.Entries[i]
}

// Encode returns the packed form: 32 bytes for the admin and 40 bytes for each
// entry.
func (s FlatSlab) Encode() []byte { return encode(&s) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler. It reads all remaining
// bytes.
func (s *FlatSlab) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(s, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (s FlatSlab) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&s, enc) }

func (*FlatSlab) name() string { return "flatslab slab" }

func (s *FlatSlab) read(r *wire.Reader) {
	s.Admin = r.Key("admin")
	if r.Remaining()%flatSlabEntrySize != 0 {
		r.Fail("entries", r.Offset(),
			fmt.Errorf("%w: %d bytes are not whole entries of %d", ErrWrongLength, r.Remaining(),
				flatSlabEntrySize))
		return
	}

	first := r.Offset()
	records := r.View("entries", r.Remaining())
	s.Entries = make([]FlatSlabEntry, len(records)/flatSlabEntrySize)
	for i := range s.Entries {
		at := i * flatSlabEntrySize
		s.Entries[i].readRecord((*[flatSlabEntrySize]byte)(records[at:]))
		if i > 0 && CompareKeys(s.Entries[i-1].Mint, s.Entries[i].Mint) >= 0 {
			r.Fail("mint", first+at, fmt.Errorf("%w: entries out of order", ErrInvalidValue))
			return
		}
	}
}

func (e *FlatSlabEntry) readRecord(b *[flatSlabEntrySize]byte) {
	e.Mint = solana.PublicKey(b[0:32])
	e.InpFeeNanos = int32(binary.LittleEndian.Uint32(b[32:36]))
	e.OutFeeNanos = int32(binary.LittleEndian.Uint32(b[36:40]))
}

func (s *FlatSlab) write(w *wire.Writer) {
	w.Key(s.Admin)
	for _, e := range s.Entries {
		w.Key(e.Mint)
		w.U32(uint32(e.InpFeeNanos))
		w.U32(uint32(e.OutFeeNanos))
	}
}
