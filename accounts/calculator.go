package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// SOL value calculators: the programs that tell a controller what an LST is worth.
var (
	// SPLCalculator values LSTs of pools under [StakePoolProgram].
	SPLCalculator = solana.MPK("sp1V4h2gWorkGhVcazBc22Hfo2f5sd7jcjT4EDPrWFF")
	// SanctumSPLCalculator values LSTs of pools under [SanctumStakePoolProgram].
	SanctumSPLCalculator = solana.MPK("sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy")
	// SanctumSPLMultiCalculator values LSTs of pools under [SanctumMultiStakePoolProgram].
	SanctumSPLMultiCalculator = solana.MPK("ssmbu3KZxgonUtjEMCKspZzxvUQCxAFnyh1rcHUeEDo")
	// MarinadeCalculator values mSOL.
	MarinadeCalculator = solana.MPK("mare3SCyfZkAndpBRBeonETmkCCB3TJTTrz8ZN2dnhP")
	// LidoCalculator values stSOL.
	LidoCalculator = solana.MPK("1idUSy4MGGKyKhvjSnGZ6Zc7Q4eKQcibym4BkEEw9KR")
	// WrappedSOLCalculator values wrapped SOL.
	WrappedSOLCalculator = solana.MPK("wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE")
)

// CalculatorPoolProgram returns the program of the pools that a calculator reads. It is false for a calculator this module does
// not know. The calculator of wrapped SOL reads no pool; its program is zero.
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

// CalculatorState is the state of a SOL value calculator. All but the one of wrapped SOL have it.
type CalculatorState struct {
	Manager solana.PublicKey `json:"manager"`
	// LastUpgradeSlot is the deployment of the pool program that the manager has looked at. If the program was deployed since, the
	// calculator refuses to work.
	LastUpgradeSlot uint64 `json:"last_upgrade_slot"`
}

// DecodeCalculatorState decodes the state of a calculator this module knows. For another one use [DecodeCalculatorStateOf].
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

// DecodeCalculatorStateOf is [DecodeCalculatorState] for any of the given calculators.
func DecodeCalculatorStateOf(
	account Account, calculators ...solana.PublicKey,
) (*CalculatorState, error) {
	return decodeExact[CalculatorState](account, ownedBy(&account, calculators...))
}

// CalculatorStateAddress derives the state of a calculator.
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
