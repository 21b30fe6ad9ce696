package accounts

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Addresses of Infinity and of Reserve V2. Both run the code of the Infinity
// controller, each under its own program id.
var (
	// ReserveV2Program is the controller of Reserve V2.
	ReserveV2Program = solana.MPK("un27kVAKYscfzvrkNeYkNZ74tW9o4txuArAweftjakw")
	// INFMint is the LP token of Infinity.
	INFMint = solana.MPK("5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm")
	// ReserveV2Mint is the LP token of Reserve V2.
	ReserveV2Mint = solana.MPK("SRV2G6xv3ExJtRJHEPqbWCPg2baNU2Z5JBhb2KqqDee")
	// FlatFeeProgram is the pricing program of Infinity that has one fee
	// account for each LST.
	FlatFeeProgram = solana.MPK("f1tUoNEKrDp1oeGn4zxr7bh41eN6VcfHjfrL3ZqQday")
	// FlatSlabProgram is the pricing program of Infinity that has all fees in
	// one account.
	FlatSlabProgram = solana.MPK("s1b6NRXj6ygNu1QMKXh2H9LUR2aPApAAm1UQ2DjdhNV")
)

// ControllerPrograms returns the known deployments of the controller,
// [InfinityProgram] and [ReserveV2Program].
func ControllerPrograms() []solana.PublicKey {
	return []solana.PublicKey{InfinityProgram, ReserveV2Program}
}

// Sizes of the controller's accounts and list entries, in bytes.
const (
	PoolStateV1Space = 176
	PoolStateV2Space = 240
	LSTStateSize     = 80
)

// Versions of [PoolState].
const (
	PoolStateV1 = 1
	PoolStateV2 = 2
)

// PoolState is the pool state account of a controller, in version 1 or 2. SOL
// values are lamports. The fields from RPSAuthority on exist in version 2 only.
type PoolState struct {
	Version uint8 `json:"version"`
	// TotalSOLValue is the sum of the SOL values of all LSTs, each as of its
	// last synchronization. In version 2 it includes WithheldLamports and
	// ProtocolFeeLamports.
	TotalSOLValue uint64 `json:"total_sol_value"`
	// TradingProtocolFeeBps and LPProtocolFeeBps are the protocol's share of
	// the fees in version 1, in basis points.
	TradingProtocolFeeBps uint16 `json:"trading_protocol_fee_bps,omitempty"`
	LPProtocolFeeBps      uint16 `json:"lp_protocol_fee_bps,omitempty"`
	// ProtocolFeeNanos is the protocol's share of the released yield in version
	// 2, in billionths.
	ProtocolFeeNanos       uint32           `json:"protocol_fee_nanos,omitempty"`
	IsDisabled             bool             `json:"is_disabled"`
	IsRebalancing          bool             `json:"is_rebalancing"`
	Admin                  solana.PublicKey `json:"admin"`
	RebalanceAuthority     solana.PublicKey `json:"rebalance_authority"`
	ProtocolFeeBeneficiary solana.PublicKey `json:"protocol_fee_beneficiary"`
	PricingProgram         solana.PublicKey `json:"pricing_program"`
	LPTokenMint            solana.PublicKey `json:"lp_token_mint"`

	RPSAuthority solana.PublicKey `json:"rps_authority"`
	// RPS is the release rate: the share of the withheld yield that is released
	// in each slot, as a numerator over 2^63.
	RPS uint64 `json:"rps,omitempty"`
	// WithheldLamports is the yield that has not been released to holders yet.
	WithheldLamports uint64 `json:"withheld_lamports,omitempty"`
	// ProtocolFeeLamports is the protocol's share of the released yield that
	// has not been withdrawn yet.
	ProtocolFeeLamports uint64 `json:"protocol_fee_lamports,omitempty"`
	// LastReleaseSlot is the slot of the last release of yield.
	LastReleaseSlot uint64 `json:"last_release_slot,omitempty"`
}

// DecodePoolState decodes the pool state of one of [ControllerPrograms], in
// version 1 or 2. For other deployments use [DecodePoolStateOf].
func DecodePoolState(account Account) (*PoolState, error) {
	return DecodePoolStateOf(account, ControllerPrograms()...)
}

// DecodePoolStateOf decodes the pool state of any of the given controllers, as
// [DecodePoolState] does.
func DecodePoolStateOf(account Account, programs ...solana.PublicKey) (*PoolState, error) {
	return decodeExact[PoolState](account, ownedBy(&account, programs...))
}

// Encode returns the packed form: 176 bytes for version 1, 240 for version 2.
func (p PoolState) Encode() []byte { return encode(&p) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (p *PoolState) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(p, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (p PoolState) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&p, enc) }

func (*PoolState) name() string { return "pool state" }

func (p *PoolState) read(r *wire.Reader) {
	p.TotalSOLValue = r.U64("total_sol_value")
	// The meaning of the four bytes before the version depends on the version.
	fees := r.U32("protocol_fees")
	at := r.Offset()
	switch p.Version = r.U8("version"); p.Version {
	case PoolStateV1:
		p.TradingProtocolFeeBps, p.LPProtocolFeeBps = uint16(fees), uint16(fees>>16)
	case PoolStateV2:
		p.ProtocolFeeNanos = fees
	default:
		r.Fail("version", at, fmt.Errorf("%w: unknown version %d", ErrInvalidValue, p.Version))
	}

	// The program reads any value but zero as true.
	p.IsDisabled = r.U8("is_disabled") != 0
	p.IsRebalancing = r.U8("is_rebalancing") != 0
	r.Skip("padding", 1)
	p.Admin = r.Key("admin")
	p.RebalanceAuthority = r.Key("rebalance_authority")
	p.ProtocolFeeBeneficiary = r.Key("protocol_fee_beneficiary")
	p.PricingProgram = r.Key("pricing_program")
	p.LPTokenMint = r.Key("lp_token_mint")
	if p.Version != PoolStateV2 {
		return
	}

	p.RPSAuthority = r.Key("rps_authority")
	p.RPS = r.U64("rps")
	p.WithheldLamports = r.U64("withheld_lamports")
	p.ProtocolFeeLamports = r.U64("protocol_fee_lamports")
	p.LastReleaseSlot = r.U64("last_release_slot")
}

func (p *PoolState) write(w *wire.Writer) {
	w.U64(p.TotalSOLValue)
	if p.Version == PoolStateV2 {
		w.U32(p.ProtocolFeeNanos)
	} else {
		w.U16(p.TradingProtocolFeeBps)
		w.U16(p.LPProtocolFeeBps)
	}

	w.U8(p.Version)
	w.Bool(p.IsDisabled)
	w.Bool(p.IsRebalancing)
	w.Zeros(1)
	for _, k := range []solana.PublicKey{p.Admin, p.RebalanceAuthority, p.ProtocolFeeBeneficiary,
		p.PricingProgram, p.LPTokenMint} {
		w.Key(k)
	}

	if p.Version != PoolStateV2 {
		return
	}

	w.Key(p.RPSAuthority)
	w.U64(p.RPS)
	w.U64(p.WithheldLamports)
	w.U64(p.ProtocolFeeLamports)
	w.U64(p.LastReleaseSlot)
}

// LSTState is the entry of one LST in the list of a controller.
type LSTState struct {
	// IsInputDisabled reports whether the pool refuses this LST as the input of
	// swaps and for adding liquidity. It may still be the output.
	IsInputDisabled            bool  `json:"is_input_disabled"`
	PoolReservesBump           uint8 `json:"pool_reserves_bump"`
	ProtocolFeeAccumulatorBump uint8 `json:"protocol_fee_accumulator_bump"`
	// SOLValue is the value of the pool's reserves of the LST at the last
	// synchronization, in lamports.
	SOLValue uint64           `json:"sol_value"`
	Mint     solana.PublicKey `json:"mint"`
	// Calculator is the SOL value calculator program of the LST.
	Calculator solana.PublicKey `json:"sol_value_calculator"`
}

const (
	lstSOLValueOffset = 8
	lstMintOffset     = 16
)

// readRecord reads an entry. No value of a field is invalid.
func (s *LSTState) readRecord(b *[LSTStateSize]byte) {
	s.IsInputDisabled = b[0] != 0
	s.PoolReservesBump = b[1]
	s.ProtocolFeeAccumulatorBump = b[2]
	s.SOLValue = binary.LittleEndian.Uint64(b[lstSOLValueOffset:lstMintOffset])
	s.Mint = solana.PublicKey(b[lstMintOffset:48])
	s.Calculator = solana.PublicKey(b[48:80])
}

func (s LSTState) write(w *wire.Writer) {
	w.Bool(s.IsInputDisabled)
	w.U8(s.PoolReservesBump)
	w.U8(s.ProtocolFeeAccumulatorBump)
	w.Zeros(5)
	w.U64(s.SOLValue)
	w.Key(s.Mint)
	w.Key(s.Calculator)
}

// LSTStateList is the list of a controller's LSTs. Instructions refer to an LST
// by its index, which may change when another LST is removed. The list keeps
// the bytes of the account, and decodes an entry on access.
type LSTStateList struct{ raw []byte }

// NewLSTStateList returns a list of the given entries.
func NewLSTStateList(entries ...LSTState) LSTStateList {
	w := wire.NewWriter(len(entries) * LSTStateSize)
	for _, e := range entries {
		e.write(w)
	}
	return LSTStateList{raw: w.Bytes()}
}

// DecodeLSTStateList decodes the LST list of one of [ControllerPrograms]. For
// other deployments use [DecodeLSTStateListOf].
func DecodeLSTStateList(account Account) (*LSTStateList, error) {
	return decode[LSTStateList](account, ownedBy(&account, ControllerPrograms()...))
}

// DecodeLSTStateListOf decodes the LST list of any of the given controllers, as
// [DecodeLSTStateList] does.
func DecodeLSTStateListOf(account Account, programs ...solana.PublicKey) (*LSTStateList, error) {
	return decode[LSTStateList](account, ownedBy(&account, programs...))
}

// Len returns the number of LSTs.
func (l LSTStateList) Len() int { return len(l.raw) / LSTStateSize }

// At returns the entry at an index, or the zero entry if the index is not below
// Len.
func (l LSTStateList) At(index int) (s LSTState) {
	s, _ = LSTStateAt(l.raw, index)
	return s
}

// LSTStateAt decodes a single entry from the data of a list account. ok is
// false if the list has no such index.
func LSTStateAt(data []byte, index int) (s LSTState, ok bool) {
	if index < 0 || index >= len(data)/LSTStateSize {
		return LSTState{}, false
	}
	s.readRecord((*[LSTStateSize]byte)(data[index*LSTStateSize:]))
	return s, true
}

// All iterates over the entries and their indexes.
func (l LSTStateList) All() iter.Seq2[int, LSTState] {
	return func(yield func(int, LSTState) bool) {
		if yield == nil {
			return
		}
		for i := range l.Len() {
			if !yield(i, l.At(i)) {
				return
			}
		}
	}
}

// Find returns the index and the entry of a mint, and whether the list has it.
// It searches linearly: for many mints use [LSTStateList.Positions].
func (l LSTStateList) Find(mint solana.PublicKey) (int, LSTState, bool) {
	for i := range l.Len() {
		if l.mintAt(i) == mint {
			return i, l.At(i), true
		}
	}
	return 0, LSTState{}, false
}

// Positions returns the index of each mint. If a mint occurs more than once, it
// is the index of the first entry.
func (l LSTStateList) Positions() map[solana.PublicKey]int {
	positions := make(map[solana.PublicKey]int, l.Len())
	for i := l.Len() - 1; i >= 0; i-- {
		positions[l.mintAt(i)] = i
	}
	return positions
}

func (l LSTStateList) mintAt(index int) solana.PublicKey {
	return solana.PublicKey(l.raw[index*LSTStateSize+lstMintOffset:])
}

// Encode returns the packed form, 80 bytes for each entry.
func (l LSTStateList) Encode() []byte { return encode(&l) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler. It reads all remaining
// bytes.
func (l *LSTStateList) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(l, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l LSTStateList) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&l, enc) }

// MarshalJSON returns the entries as an array.
func (l LSTStateList) MarshalJSON() ([]byte, error) {
	entries := make([]LSTState, 0, l.Len())
	for _, s := range l.All() {
		entries = append(entries, s)
	}
	return json.Marshal(entries)
}

// UnmarshalJSON sets the entries from an array.
func (l *LSTStateList) UnmarshalJSON(text []byte) error {
	var entries []LSTState
	if err := json.Unmarshal(text, &entries); err != nil {
		return err
	}
	*l = NewLSTStateList(entries...)
	return nil
}

func (*LSTStateList) name() string { return "LST state list" }

func (l *LSTStateList) read(r *wire.Reader) { l.raw = readRecords(r, LSTStateSize) }

func (l *LSTStateList) write(w *wire.Writer) { w.Raw(l.raw) }

// readRecords reads all remaining bytes, which must be whole records.
func readRecords(r *wire.Reader, size int) []byte {
	if r.Remaining()%size != 0 {
		r.Fail("entries", r.Offset(),
			fmt.Errorf("%w: %d bytes are not whole entries of %d", ErrWrongLength, r.Remaining(),
				size))
		return nil
	}
	return r.Bytes("entries", r.Remaining())
}

// DisablePoolAuthorityList is the list of keys that may disable a controller's
// pool, in addition to its admin.
type DisablePoolAuthorityList []solana.PublicKey

// DecodeDisablePoolAuthorityList decodes the list of one of
// [ControllerPrograms].
func DecodeDisablePoolAuthorityList(account Account) (*DisablePoolAuthorityList, error) {
	return decode[DisablePoolAuthorityList](account, ownedBy(&account, ControllerPrograms()...))
}

// Encode returns the packed form, 32 bytes for each key.
func (l DisablePoolAuthorityList) Encode() []byte { return encode(&l) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler. It reads all remaining
// bytes.
func (l *DisablePoolAuthorityList) UnmarshalWithDecoder(dec *bin.Decoder) error {
	return unmarshal(l, dec)
}

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l DisablePoolAuthorityList) MarshalWithEncoder(enc *bin.Encoder) error {
	return marshal(&l, enc)
}

func (*DisablePoolAuthorityList) name() string { return "disable pool authority list" }

func (l *DisablePoolAuthorityList) read(r *wire.Reader) {
	raw := readRecords(r, solana.PublicKeyLength)
	*l = make(DisablePoolAuthorityList, len(raw)/solana.PublicKeyLength)
	for i := range *l {
		(*l)[i] = solana.PublicKey(raw[i*solana.PublicKeyLength:])
	}
}

func (l *DisablePoolAuthorityList) write(w *wire.Writer) {
	for _, k := range *l {
		w.Key(k)
	}
}

// RebalanceRecord is an account that exists only within a transaction, from
// StartRebalance to EndRebalance. This is its layout in version 2 of the
// controller; version 1 has the padding before the index.
type RebalanceRecord struct {
	// OldTotalSOLValue is the total SOL value of the pool at the start, in
	// lamports.
	OldTotalSOLValue uint64 `json:"old_total_sol_value"`
	// InpLSTIndex is the index of the LST that must be returned.
	InpLSTIndex uint32 `json:"inp_lst_index"`
}

// DecodeRebalanceRecord decodes the record of one of [ControllerPrograms], in
// the layout of version 2.
func DecodeRebalanceRecord(account Account) (*RebalanceRecord, error) {
	return decodeExact[RebalanceRecord](account, ownedBy(&account, ControllerPrograms()...))
}

// Encode returns the packed form, 16 bytes.
func (r RebalanceRecord) Encode() []byte { return encode(&r) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (r *RebalanceRecord) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(r, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (r RebalanceRecord) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&r, enc) }

func (*RebalanceRecord) name() string { return "rebalance record" }

func (r *RebalanceRecord) read(in *wire.Reader) {
	r.OldTotalSOLValue = in.U64("old_total_sol_value")
	r.InpLSTIndex = in.U32("inp_lst_index")
	in.Skip("padding", 4)
}

func (r *RebalanceRecord) write(w *wire.Writer) {
	w.U64(r.OldTotalSOLValue)
	w.U32(r.InpLSTIndex)
	w.Zeros(4)
}

// Controller holds the addresses of one controller deployment. They are all
// derived from its program id.
type Controller struct {
	Program                  solana.PublicKey
	PoolState                solana.PublicKey
	LSTStateList             solana.PublicKey
	ProtocolFee              solana.PublicKey
	RebalanceRecord          solana.PublicKey
	DisablePoolAuthorityList solana.PublicKey
}

// NewController derives the addresses of the controller with the given program
// id.
func NewController(program solana.PublicKey) (Controller, error) {
	c := Controller{Program: program}
	for _, pda := range []struct {
		seed string
		into *solana.PublicKey
	}{
		{"state", &c.PoolState},
		{"lst-state-list", &c.LSTStateList},
		{"protocol-fee", &c.ProtocolFee},
		{"rebalance-record", &c.RebalanceRecord},
		{"disable-pool-authority-list", &c.DisablePoolAuthorityList},
	} {
		address, err := findPDA(pda.seed, program, []byte(pda.seed))
		if err != nil {
			return Controller{}, err
		}

		*pda.into = address
	}

	return c, nil
}

// Reserves derives the address of the token account that holds the pool's
// reserves of an LST.
func (c Controller) Reserves(tokenProgram, mint solana.PublicKey) (solana.PublicKey, error) {
	return AssociatedTokenAddress(c.PoolState, tokenProgram, mint)
}

// FeeAccumulator derives the address of the token account that collects the
// protocol fees of version 1.
func (c Controller) FeeAccumulator(tokenProgram, mint solana.PublicKey) (solana.PublicKey, error) {
	return AssociatedTokenAddress(c.ProtocolFee, tokenProgram, mint)
}
