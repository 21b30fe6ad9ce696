package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// SOL value calculators are the programs that Infinity calls to convert an
// amount of an LST to lamports and back.
var (
	// SPLCalculator values the LSTs of pools of [StakePoolProgram].
	SPLCalculator = solana.MPK("sp1V4h2gWorkGhVcazBc22Hfo2f5sd7jcjT4EDPrWFF")
	// SanctumSPLCalculator values the LSTs of pools of
	// [SanctumStakePoolProgram].
	SanctumSPLCalculator = solana.MPK("sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy")
	// SanctumSPLMultiCalculator values the LSTs of pools of
	// [SanctumMultiStakePoolProgram].
	SanctumSPLMultiCalculator = solana.MPK("ssmbu3KZxgonUtjEMCKspZzxvUQCxAFnyh1rcHUeEDo")
	// MarinadeCalculator values mSOL.
	MarinadeCalculator = solana.MPK("mare3SCyfZkAndpBRBeonETmkCCB3TJTTrz8ZN2dnhP")
	// LidoCalculator values stSOL.
	LidoCalculator = solana.MPK("1idUSy4MGGKyKhvjSnGZ6Zc7Q4eKQcibym4BkEEw9KR")
	// WrappedSOLCalculator values wrapped SOL.
	WrappedSOLCalculator = solana.MPK("wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE")
)

// CalculatorPoolProgram returns the program whose pools a calculator reads.
// known is false for other programs, for example [INFCalculator].
// [WrappedSOLCalculator] reads no pool: its pool program is the zero key.
func CalculatorPoolProgram(calculator solana.PublicKey) (program solana.PublicKey, known bool) {
	switch calculator {
	case SPLCalculator:
		return StakePoolProgram, true
	case SanctumSPLCalculator:
		return SanctumStakePoolProgram, true
	case SanctumSPLMultiCalculator:
		return SanctumMultiStakePoolProgram, true
	case MarinadeCalculator:
		return MarinadeProgram, true
	case LidoCalculator:
		return LidoProgram, true
	case WrappedSOLCalculator:
		return solana.PublicKey{}, true
	}

	return solana.PublicKey{}, false
}

// CalculatorState is the state account of a SOL value calculator.
// [WrappedSOLCalculator] has none.
type CalculatorState struct {
	Manager solana.PublicKey `json:"manager"`
	// LastUpgradeSlot is the slot of the pool program's deployment that the
	// manager has approved. The calculator refuses to work when the pool
	// program was deployed in a later slot.
	LastUpgradeSlot uint64 `json:"last_upgrade_slot"`
}

// DecodeCalculatorState decodes the state of one of the calculators of this
// package. For other deployments use [DecodeCalculatorStateOf].
func DecodeCalculatorState(account Account) (*CalculatorState, error) {
	return DecodeCalculatorStateOf(
		account,
		SPLCalculator,
		SanctumSPLCalculator,
		SanctumSPLMultiCalculator,
		MarinadeCalculator,
		LidoCalculator,
	)
}

// DecodeCalculatorStateOf decodes the state of any of the given calculators, as
// [DecodeCalculatorState] does.
func DecodeCalculatorStateOf(
	account Account, calculators ...solana.PublicKey,
) (*CalculatorState, error) {
	return decodeExact[CalculatorState](account, ownedBy(&account, calculators...))
}

// CalculatorStateAddress derives the address of a calculator's state.
func CalculatorStateAddress(calculator solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("calculator state", calculator, []byte("state"))
}

// Encode returns the packed form, 40 bytes.
func (s CalculatorState) Encode() []byte { return encode(&s) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (s *CalculatorState) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(s, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (s CalculatorState) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&s, enc) }

func (*CalculatorState) name() string { return "calculator state" }

func (s *CalculatorState) read(r *wire.Reader) {
	s.Manager = r.Key("manager")
	s.LastUpgradeSlot = r.U64("last_upgrade_slot")
}

func (s *CalculatorState) write(w *wire.Writer) {
	w.Key(s.Manager)
	w.U64(s.LastUpgradeSlot)
}
