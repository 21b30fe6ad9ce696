package accounts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// ProgramDataHeaderSize is the size of the header before the code of an
// upgradeable program, in bytes.
const ProgramDataHeaderSize = 45

const loaderStateProgramData = 3

// ProgramData is the header of the account in which the upgradeable loader
// stores a program's code.
type ProgramData struct {
	// DeploySlot is the slot of the last deployment. The code changes only when
	// DeploySlot changes.
	DeploySlot uint64 `json:"slot"`
	// UpgradeAuthority may replace the code. It is nil if the program is
	// immutable.
	UpgradeAuthority *solana.PublicKey `json:"upgrade_authority"`
}

// DecodeProgramData decodes the header of a program data account. The data may
// end after the header.
func DecodeProgramData(account Account) (*ProgramData, error) {
	return decode[ProgramData](account, ownedBy(&account, UpgradeableLoader))
}

// Encode returns the packed form of the header: 45 bytes, or 13 if there is no
// upgrade authority.
func (p ProgramData) Encode() []byte { return encode(&p) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (p *ProgramData) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(p, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (p ProgramData) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&p, enc) }

func (*ProgramData) name() string { return "program data" }

func (p *ProgramData) read(r *wire.Reader) {
	at := r.Offset()
	switch state := r.U32("state"); {
	case r.Err() != nil || state == loaderStateProgramData:
	case state == 0:
		r.Fail("state", at, ErrUninitialized)
	default:
		r.Fail("state", at,
			fmt.Errorf("%w: state %d, want %d", ErrWrongType, state, loaderStateProgramData))
	}

	p.DeploySlot = r.U64("slot")
	p.UpgradeAuthority = r.OptionKey("upgrade_authority")
}

func (p *ProgramData) write(w *wire.Writer) {
	w.U32(loaderStateProgramData)
	w.U64(p.DeploySlot)
	w.OptionKey(p.UpgradeAuthority)
}

// ProgramHash returns the SHA-256 of the code in a program data account, in
// hexadecimal. It skips the header and the zeros after the code. The result is
// empty if the data contains no code.
func ProgramHash(data []byte) string {
	if len(data) <= ProgramDataHeaderSize {
		return ""
	}
	sum := sha256.Sum256(bytes.TrimRight(data[ProgramDataHeaderSize:], "\x00"))
	return hex.EncodeToString(sum[:])
}
