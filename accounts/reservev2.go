package accounts

import (
	"encoding/binary"
	"fmt"
	"slices"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/wire"
)

// Addresses of Reserve V2. Its controller and its LP mint are
// [ReserveV2Program] and [ReserveV2Mint]. The controller's accounts decode like
// those of Infinity, and [NewController] derives their addresses.
var (
	// ReserveV2PricingProgram is the pricing program of Reserve V2. Its state
	// is [ReserveV2Pricing].
	ReserveV2PricingProgram = solana.MPK("uppoVuoFZuXisHkrxCU96VvNibU6vzxkEpeH3WbmnEn")
	// INFCalculator is the SOL value calculator of INF. Reserve V2 uses it,
	// because INF is one of its LSTs. Decode its state with
	// [DecodeCalculatorStateOf].
	INFCalculator = solana.MPK("1nf7dspGYz1CTALJbtNgjvcSYWiFz5N3c2EuUZLSWCL")
)

const reserveV2PricingEntrySize = 52

// ReserveV2PricingEntry holds the fees of one token in the pricing program of
// Reserve V2, in billionths.
//
// The fee for selling the token for wrapped SOL rises with the utilization of
// the wrapped SOL: linearly from BaseFeeNanos to ThresholdFeeNanos at
// ThresholdNanos, and linearly from there to MaxFeeNanos at full utilization.
type ReserveV2PricingEntry struct {
	Mint solana.PublicKey `json:"mint"`
	// ThresholdNanos is the utilization at which the slope changes, between 0
	// and 1,000,000,000 (both exclusive).
	ThresholdNanos    uint32 `json:"threshold_nanos"`
	BaseFeeNanos      uint32 `json:"base_fee_nanos"`
	ThresholdFeeNanos uint32 `json:"threshold_fee_nanos"`
	MaxFeeNanos       uint32 `json:"max_fee_nanos"`
	// OutputFeeNanos is the fee for buying the token.
	OutputFeeNanos uint32 `json:"output_fee_nanos"`
}

// invalid returns the first field whose value the program does not let its
// admin set, and its position in the entry. reason is nil if all fields are
// valid.
func (e *ReserveV2PricingEntry) invalid() (field string, offset int, reason error) {
	switch {
	case e.ThresholdNanos == 0 || e.ThresholdNanos >= fixed.Nanos:
		return "threshold_nanos", 32, fmt.Errorf("%w: threshold of %d billionths", ErrInvalidValue,
			e.ThresholdNanos)
	case e.BaseFeeNanos > e.ThresholdFeeNanos:
		return "base_fee_nanos", 36, fmt.Errorf("%w: fee falls from %d to %d billionths",
			ErrInvalidValue, e.BaseFeeNanos, e.ThresholdFeeNanos)
	case e.ThresholdFeeNanos > e.MaxFeeNanos:
		return "threshold_fee_nanos", 40, fmt.Errorf("%w: fee falls from %d to %d billionths",
			ErrInvalidValue, e.ThresholdFeeNanos, e.MaxFeeNanos)
	case e.MaxFeeNanos > fixed.Nanos:
		return "max_fee_nanos", 44, fmt.Errorf("%w: fee of %d billionths", ErrInvalidValue,
			e.MaxFeeNanos)
	case e.OutputFeeNanos > fixed.Nanos:
		return "output_fee_nanos", 48, fmt.Errorf("%w: fee of %d billionths", ErrInvalidValue,
			e.OutputFeeNanos)
	}

	return "", 0, nil
}

// ReserveV2Pricing is the state account of the pricing program of Reserve V2.
// It holds the fees of all tokens, sorted by the bytes of their mints.
type ReserveV2Pricing struct {
	Admin   solana.PublicKey        `json:"admin"`
	Entries []ReserveV2PricingEntry `json:"entries"`
}

// DecodeReserveV2Pricing decodes the pricing state of Reserve V2. It returns
// [ErrInvalidValue] when entries are not sorted, have the same mint, or have
// fees that the program does not accept.
func DecodeReserveV2Pricing(account Account) (*ReserveV2Pricing, error) {
	return DecodeReserveV2PricingOf(account, ReserveV2PricingProgram)
}

// DecodeReserveV2PricingOf decodes the pricing state of any of the given
// programs, as [DecodeReserveV2Pricing] does.
func DecodeReserveV2PricingOf(
	account Account, programs ...solana.PublicKey,
) (*ReserveV2Pricing, error) {
	return decode[ReserveV2Pricing](account, ownedBy(&account, programs...))
}

// ReserveV2PricingAddress derives the address of the pricing state. program is
// [ReserveV2PricingProgram] or another deployment of it.
func ReserveV2PricingAddress(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Reserve V2 pricing state", program, []byte("p"))
}

// Find returns the entry of a mint, or nil if it has none.
func (p *ReserveV2Pricing) Find(mint solana.PublicKey) *ReserveV2PricingEntry {
	if p == nil {
		return nil
	}

	i, found := slices.BinarySearchFunc(p.Entries, mint,
		func(e ReserveV2PricingEntry, m solana.PublicKey) int {
			return CompareKeys(e.Mint, m)
		})
	if !found {
		return nil
	}

	return &p.Entries[i]
}

// Encode returns the packed form: 32 bytes for the admin and 52 bytes for each
// entry.
func (p ReserveV2Pricing) Encode() []byte { return encode(&p) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler. It reads all remaining
// bytes.
func (p *ReserveV2Pricing) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(p, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (p ReserveV2Pricing) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&p, enc) }

func (*ReserveV2Pricing) name() string { return "Reserve V2 pricing state" }

func (p *ReserveV2Pricing) read(r *wire.Reader) {
	p.Admin = r.Key("admin")
	if r.Remaining()%reserveV2PricingEntrySize != 0 {
		r.Fail("entries", r.Offset(),
			fmt.Errorf("%w: %d bytes are not whole entries of %d", ErrWrongLength, r.Remaining(),
				reserveV2PricingEntrySize))
		return
	}

	first := r.Offset()
	records := r.View("entries", r.Remaining())
	p.Entries = make([]ReserveV2PricingEntry, len(records)/reserveV2PricingEntrySize)
	for i := range p.Entries {
		e, at := &p.Entries[i], i*reserveV2PricingEntrySize
		e.readRecord((*[reserveV2PricingEntrySize]byte)(records[at:]))
		if i > 0 && CompareKeys(p.Entries[i-1].Mint, e.Mint) >= 0 {
			r.Fail("mint", first+at, fmt.Errorf("%w: entries out of order", ErrInvalidValue))
			return
		}

		if field, offset, err := e.invalid(); err != nil {
			r.Fail(field, first+at+offset, err)
			return
		}
	}
}

func (e *ReserveV2PricingEntry) readRecord(b *[reserveV2PricingEntrySize]byte) {
	e.Mint = solana.PublicKey(b[0:32])
	e.ThresholdNanos = binary.LittleEndian.Uint32(b[32:36])
	e.BaseFeeNanos = binary.LittleEndian.Uint32(b[36:40])
	e.ThresholdFeeNanos = binary.LittleEndian.Uint32(b[40:44])
	e.MaxFeeNanos = binary.LittleEndian.Uint32(b[44:48])
	e.OutputFeeNanos = binary.LittleEndian.Uint32(b[48:52])
}

func (p *ReserveV2Pricing) write(w *wire.Writer) {
	w.Key(p.Admin)
	for _, e := range p.Entries {
		w.Key(e.Mint)
		w.U32(e.ThresholdNanos)
		w.U32(e.BaseFeeNanos)
		w.U32(e.ThresholdFeeNanos)
		w.U32(e.MaxFeeNanos)
		w.U32(e.OutputFeeNanos)
	}
}
