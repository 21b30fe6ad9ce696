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

// ProgramDataHeaderSize is the size of what precedes the code of an upgradeable program, in bytes.
const ProgramDataHeaderSize = 45

const loaderStateProgramData = 3

// ProgramData is the header of the account in which the upgradeable loader keeps a program's code.
type ProgramData struct {
	// DeploySlot is the slot of the last deployment: as long as it stays, the code is the same.
	DeploySlot uint64 `json:"slot"`
	// UpgradeAuthority may replace the code; nil if nobody may.
	UpgradeAuthority *solana.PublicKey `json:"upgrade_authority"`
}

// DecodeProgramData decodes the header of an upgradeable program's data account. The code behind it is not needed.
func DecodeProgramData(account Account) (*ProgramData, error) {
	return decode[ProgramData](account, ownedBy(&account, UpgradeableLoader))
}

// Encode returns the packed form of the header.
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
		r.Fail("state", at, fmt.Errorf("%w: state %d, want %d", ErrType, state, loaderStateProgramData))
	}
	p.DeploySlot = r.U64("slot")
	p.UpgradeAuthority = r.OptionKey("upgrade_authority")
}

func (p *ProgramData) write(w *wire.Writer) {
	w.U32(loaderStateProgramData)
	w.U64(p.DeploySlot)
	w.OptionKey(p.UpgradeAuthority)
}

// ProgramHash identifies the code in the data of a program data account: the SHA-256 of what follows the header, without the
// zeros it is padded with, in hexadecimal. It is empty if there is no code.
func ProgramHash(data []byte) string {
	if len(data) <= ProgramDataHeaderSize {
		return ""
	}
	sum := sha256.Sum256(bytes.TrimRight(data[ProgramDataHeaderSize:], "\x00"))
	return hex.EncodeToString(sum[:])
}
