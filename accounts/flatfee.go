package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// FlatFeeState is the state account of the flat-fee pricing program.
type FlatFeeState struct {
	Manager solana.PublicKey `json:"manager"`
	// LPWithdrawalFeeBps is the fee for removing liquidity, in basis points.
	LPWithdrawalFeeBps uint16 `json:"lp_withdrawal_fee_bps"`
}

// DecodeFlatFeeState decodes the state of the flat-fee pricing program. The
// account has 34 bytes.
func DecodeFlatFeeState(account Account) (*FlatFeeState, error) {
	return decodeExact[FlatFeeState](account, ownedBy(&account, FlatFeeProgram))
}

// FlatFeeStateAddress derives the address of a flat-fee pricing program's
// state.
func FlatFeeStateAddress(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("flat-fee state", program, []byte("state"))
}

// Encode returns the packed form, 34 bytes.
func (s FlatFeeState) Encode() []byte { return encode(&s) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (s *FlatFeeState) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(s, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (s FlatFeeState) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&s, enc) }

func (*FlatFeeState) name() string { return "flat-fee state" }

func (s *FlatFeeState) read(r *wire.Reader) {
	s.Manager = r.Key("manager")
	s.LPWithdrawalFeeBps = r.U16("lp_withdrawal_fee_bps")
}

func (s *FlatFeeState) write(w *wire.Writer) {
	w.Key(s.Manager)
	w.U16(s.LPWithdrawalFeeBps)
}

// FlatFeeAccount holds the fees of one LST in the flat-fee pricing program, in
// basis points. A negative fee is a rebate.
type FlatFeeAccount struct {
	Bump         uint8 `json:"bump"`
	InputFeeBps  int16 `json:"input_fee_bps"`
	OutputFeeBps int16 `json:"output_fee_bps"`
}

// DecodeFlatFeeAccount decodes the fee account of an LST. The account has 6
// bytes.
func DecodeFlatFeeAccount(account Account) (*FlatFeeAccount, error) {
	return decodeExact[FlatFeeAccount](account, ownedBy(&account, FlatFeeProgram))
}

// FlatFeeAccountAddress derives the address of an LST's fee account in a
// flat-fee pricing program.
func FlatFeeAccountAddress(program, mint solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("flat-fee fee account", program, []byte("fee"), mint[:])
}

// Encode returns the packed form, 6 bytes.
func (f FlatFeeAccount) Encode() []byte { return encode(&f) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (f *FlatFeeAccount) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(f, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (f FlatFeeAccount) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&f, enc) }

func (*FlatFeeAccount) name() string { return "flat-fee fee account" }

func (f *FlatFeeAccount) read(r *wire.Reader) {
	f.Bump = r.U8("bump")
	r.Skip("padding", 1)
	f.InputFeeBps = int16(r.U16("input_fee_bps"))
	f.OutputFeeBps = int16(r.U16("output_fee_bps"))
}

func (f *FlatFeeAccount) write(w *wire.Writer) {
	w.U8(f.Bump)
	w.Zeros(1)
	w.U16(uint16(f.InputFeeBps))
	w.U16(uint16(f.OutputFeeBps))
}
