package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// ReservePoolAddress is the address of [ReservePool] on mainnet.
var ReservePoolAddress = solana.MPK("FypPtwbY3FUfzJUtXHSyVRokVKG2jKtH29FmK4ebxRSd")

// Discriminators of the Reserve's accounts.
const (
	reserveTagPool               = "\xf1\x9a\x6d\x04\x11\xb1\x6d\xbc"
	reserveTagFee                = "\x18\x37\x96\xfa\xa8\x1b\x65\xb2"
	reserveTagProtocolFee        = "\x79\x7f\x62\x8b\x48\x6e\x2c\x76"
	reserveTagStakeAccountRecord = "\x90\xcd\xb7\xf1\x03\xfa\xd0\xd7"
)

// ReserveRecordSpace is the size of a [ReserveStakeAccountRecord], in bytes.
const ReserveRecordSpace = 16

// Ratio is a fraction in the Reserve's fees.
type Ratio struct {
	Numerator   uint64 `json:"num"`
	Denominator uint64 `json:"denom"`
}

func (f *Ratio) read(r *wire.Reader, field string) {
	r.Group(field)
	f.Numerator = r.U64("num")
	f.Denominator = r.U64("denom")
	r.Group("")
}

func (f Ratio) write(w *wire.Writer) {
	w.U64(f.Numerator)
	w.U64(f.Denominator)
}

// ReservePool is the pool account of the Sanctum Reserve, which buys stake
// accounts for SOL. The SOL of the pool is in the account [ReserveSOL].
type ReservePool struct {
	FeeAuthority solana.PublicKey `json:"fee_authority"`
	LPMint       solana.PublicKey `json:"lp_mint"`
	// IncomingStake is the sum of the balances of bought stake accounts that
	// have not been converted to SOL yet, in lamports.
	IncomingStake uint64 `json:"incoming_stake"`
	// RecordRent is the sum of the rent that the pool has paid for the records
	// of these accounts, in lamports.
	RecordRent uint64 `json:"stake_account_record_rent_lamports"`
}

// DecodeReservePool decodes the Reserve's pool. The account has 88 bytes.
func DecodeReservePool(account Account) (*ReservePool, error) {
	return decode[ReservePool](account, ownedBy(&account, ReserveProgram))
}

// Encode returns the packed form, 88 bytes.
func (p ReservePool) Encode() []byte { return encode(&p) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (p *ReservePool) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(p, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (p ReservePool) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&p, enc) }

func (*ReservePool) name() string { return "Reserve pool" }

func (p *ReservePool) read(r *wire.Reader) {
	expectTag(r, reserveTagPool)
	p.FeeAuthority = r.Key("fee_authority")
	p.LPMint = r.Key("lp_mint")
	p.IncomingStake = r.U64("incoming_stake")
	p.RecordRent = r.U64("stake_account_record_rent_lamports")
}

func (p *ReservePool) write(w *wire.Writer) {
	w.Raw([]byte(reserveTagPool))
	w.Key(p.FeeAuthority)
	w.Key(p.LPMint)
	w.U64(p.IncomingStake)
	w.U64(p.RecordRent)
}

// ReserveFeeKind is the kind of the Reserve's fee.
type ReserveFeeKind uint8

// The kinds of fees of the Reserve.
const (
	// ReserveFeeFlat is a fee that does not depend on the pool's liquidity.
	ReserveFeeFlat ReserveFeeKind = iota
	// ReserveFeeLiquidityLinear is a fee that rises linearly as the liquidity
	// of the pool falls.
	ReserveFeeLiquidityLinear
)

// ReserveFee is the fee account of the Reserve.
type ReserveFee struct {
	Kind ReserveFeeKind `json:"kind"`
	// Flat is the fee of kind ReserveFeeFlat.
	Flat Ratio `json:"flat"`
	// MaxLiqRemaining is the fee when the pool has all its liquidity,
	// ZeroLiqRemaining the fee when it has no liquidity. Both belong to the
	// kind ReserveFeeLiquidityLinear.
	MaxLiqRemaining  Ratio `json:"max_liq_remaining"`
	ZeroLiqRemaining Ratio `json:"zero_liq_remaining"`
}

// DecodeReserveFee decodes the Reserve's fee account.
func DecodeReserveFee(account Account) (*ReserveFee, error) {
	return decode[ReserveFee](account, ownedBy(&account, ReserveProgram))
}

// Encode returns the packed form: 25 bytes for a flat fee, otherwise 41. The
// account is longer.
func (f ReserveFee) Encode() []byte { return encode(&f) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (f *ReserveFee) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(f, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (f ReserveFee) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&f, enc) }

func (*ReserveFee) name() string { return "Reserve fee" }

func (f *ReserveFee) read(r *wire.Reader) {
	expectTag(r, reserveTagFee)
	f.Kind = ReserveFeeKind(r.Tag("fee", uint8(ReserveFeeLiquidityLinear)))
	if f.Kind == ReserveFeeFlat {
		f.Flat.read(r, "ratio")
		return
	}
	f.MaxLiqRemaining.read(r, "max_liq_remaining")
	f.ZeroLiqRemaining.read(r, "zero_liq_remaining")
}

func (f *ReserveFee) write(w *wire.Writer) {
	w.Raw([]byte(reserveTagFee))
	w.U8(uint8(f.Kind))
	if f.Kind == ReserveFeeFlat {
		f.Flat.write(w)
		return
	}
	f.MaxLiqRemaining.write(w)
	f.ZeroLiqRemaining.write(w)
}

// ReserveProtocolFee is the protocol fee account of the Reserve. The protocol
// receives a share of the fee, and passes a share of that to the referrer.
type ReserveProtocolFee struct {
	Destination solana.PublicKey `json:"destination"`
	Authority   solana.PublicKey `json:"authority"`
	// FeeRatio is the protocol's share of the fee, ReferrerFeeRatio the
	// referrer's share of the protocol's share.
	FeeRatio         Ratio `json:"fee_ratio"`
	ReferrerFeeRatio Ratio `json:"referrer_fee_ratio"`
}

// DecodeReserveProtocolFee decodes the Reserve's protocol fee account. The
// account has 104 bytes.
func DecodeReserveProtocolFee(account Account) (*ReserveProtocolFee, error) {
	return decode[ReserveProtocolFee](account, ownedBy(&account, ReserveProgram))
}

// Encode returns the packed form, 104 bytes.
func (f ReserveProtocolFee) Encode() []byte { return encode(&f) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (f *ReserveProtocolFee) UnmarshalWithDecoder(dec *bin.Decoder) error {
	return unmarshal(f, dec)
}

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (f ReserveProtocolFee) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&f, enc) }

func (*ReserveProtocolFee) name() string { return "Reserve protocol fee" }

func (f *ReserveProtocolFee) read(r *wire.Reader) {
	expectTag(r, reserveTagProtocolFee)
	f.Destination = r.Key("destination")
	f.Authority = r.Key("authority")
	f.FeeRatio.read(r, "fee_ratio")
	f.ReferrerFeeRatio.read(r, "referrer_fee_ratio")
}

func (f *ReserveProtocolFee) write(w *wire.Writer) {
	w.Raw([]byte(reserveTagProtocolFee))
	w.Key(f.Destination)
	w.Key(f.Authority)
	f.FeeRatio.write(w)
	f.ReferrerFeeRatio.write(w)
}

// ReserveStakeAccountRecord is the account in which the Reserve records a
// bought stake account.
type ReserveStakeAccountRecord struct {
	LamportsAtCreation uint64 `json:"lamports_at_creation"`
}

// DecodeReserveStakeAccountRecord decodes the record of a stake account. The
// account has 16 bytes.
func DecodeReserveStakeAccountRecord(account Account) (*ReserveStakeAccountRecord, error) {
	return decode[ReserveStakeAccountRecord](account, ownedBy(&account, ReserveProgram))
}

// Encode returns the packed form, 16 bytes.
func (s ReserveStakeAccountRecord) Encode() []byte { return encode(&s) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (s *ReserveStakeAccountRecord) UnmarshalWithDecoder(dec *bin.Decoder) error {
	return unmarshal(s, dec)
}

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (s ReserveStakeAccountRecord) MarshalWithEncoder(enc *bin.Encoder) error {
	return marshal(&s, enc)
}

func (*ReserveStakeAccountRecord) name() string { return "Reserve stake account record" }

func (s *ReserveStakeAccountRecord) read(r *wire.Reader) {
	expectTag(r, reserveTagStakeAccountRecord)
	s.LamportsAtCreation = r.U64("lamports_at_creation")
}

func (s *ReserveStakeAccountRecord) write(w *wire.Writer) {
	w.Raw([]byte(reserveTagStakeAccountRecord))
	w.U64(s.LamportsAtCreation)
}

// ReserveSOL derives the address of the system account that holds the SOL of a
// Reserve pool.
func ReserveSOL(program, pool solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Reserve SOL", program, pool[:])
}

// ReserveFeeAddress derives the address of a Reserve pool's fee account.
func ReserveFeeAddress(program, pool solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Reserve fee", program, pool[:], []byte("fee"))
}

// ReserveProtocolFeeAddress derives the address of the Reserve's protocol fee
// account.
func ReserveProtocolFeeAddress(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Reserve protocol fee", program, []byte("protocol-fee"))
}

// ReserveFlashAccount derives the address of the account that exists during a
// flash loan of a Reserve pool.
func ReserveFlashAccount(program, pool solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Reserve flash account", program, pool[:], []byte("flashaccount"))
}

// ReserveRecordAddress derives the address of the record for a stake account
// that a Reserve pool buys.
func ReserveRecordAddress(program, pool, stake solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Reserve stake account record", program, pool[:], stake[:])
}
