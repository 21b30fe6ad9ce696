package accounts

import (
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

const (
	lookupTableMetaSize   = 56
	maxLookupTableEntries = 256
)

// MaxLookupTableSpace is the size of an address lookup table with 256
// addresses, the most that one can have, in bytes.
const MaxLookupTableSpace = lookupTableMetaSize + 32*maxLookupTableEntries

// LookupTable is an address lookup table account.
type LookupTable struct {
	// DeactivationSlot is the slot in which the table was deactivated, or
	// [NeverEpoch] if it is active.
	DeactivationSlot uint64 `json:"deactivation_slot"`
	// LastExtendedSlot is the slot in which addresses were last added.
	// Transactions cannot use those addresses in the same slot.
	LastExtendedSlot uint64 `json:"last_extended_slot"`
	// LastExtendedStart is the index of the first address that was added in
	// LastExtendedSlot.
	LastExtendedStart uint8 `json:"last_extended_slot_start_index"`
	// Authority may extend the table. It is nil if the table is frozen.
	Authority *solana.PublicKey  `json:"authority"`
	Addresses []solana.PublicKey `json:"addresses"`
}

// DecodeLookupTable decodes an address lookup table.
func DecodeLookupTable(account Account) (*LookupTable, error) {
	return decode[LookupTable](account, ownedBy(&account, LookupTableProgram))
}

// Encode returns the packed form: 56 bytes and 32 bytes for each address.
func (t LookupTable) Encode() []byte { return encode(&t) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (t *LookupTable) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(t, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (t LookupTable) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&t, enc) }

func (*LookupTable) name() string { return "lookup table" }

func (t *LookupTable) read(r *wire.Reader) {
	switch tag := r.Tag32("state", 1); {
	case r.Err() != nil:
		return
	case tag == 0:
		r.Fail("state", 0, ErrUninitialized)
		return
	}

	t.DeactivationSlot = r.U64("deactivation_slot")
	t.LastExtendedSlot = r.U64("last_extended_slot")
	t.LastExtendedStart = r.U8("last_extended_slot_start_index")
	t.Authority = r.OptionKey("authority")
	r.Skip("padding", lookupTableMetaSize-r.Offset())
	n := r.Remaining() / solana.PublicKeyLength
	if r.Remaining()%solana.PublicKeyLength != 0 || n > maxLookupTableEntries {
		r.Fail("addresses", r.Offset(),
			fmt.Errorf("%w: %d bytes of addresses", ErrWrongLength, r.Remaining()))
		return
	}

	records := r.View("addresses", r.Remaining())
	t.Addresses = make([]solana.PublicKey, len(records)/solana.PublicKeyLength)
	for i := range t.Addresses {
		t.Addresses[i] = solana.PublicKey(records[i*solana.PublicKeyLength:])
	}
}

func (t *LookupTable) write(w *wire.Writer) {
	w.U32(1)
	w.U64(t.DeactivationSlot)
	w.U64(t.LastExtendedSlot)
	w.U8(t.LastExtendedStart)
	w.OptionKey(t.Authority)
	w.Zeros(lookupTableMetaSize - w.Len())
	for _, k := range t.Addresses {
		w.Key(k)
	}
}
