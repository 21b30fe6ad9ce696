package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// NonceSpace is the size of a nonce account, in bytes.
const NonceSpace = 80

// NonceVersion is the version of a nonce account.
type NonceVersion uint32

// The versions of a nonce account.
const (
	// NonceLegacy accounts hold a plain blockhash. The network does not accept
	// it as a nonce until the account is upgraded.
	NonceLegacy NonceVersion = iota
	NonceCurrent
)

// NonceState is the state of a nonce account.
type NonceState uint32

// The states of a nonce account.
const (
	NonceUninitialized NonceState = iota
	NonceInitialized
)

// Nonce is a durable nonce account of the system program. A transaction can use
// its value instead of a recent blockhash, and then does not expire. The value
// changes with each transaction that uses it, so that only one transaction can
// land with the same value.
//
// The fields after State are zero unless State is NonceInitialized.
type Nonce struct {
	Version NonceVersion `json:"version"`
	State   NonceState   `json:"state"`
	// Authority must sign each transaction that uses the nonce.
	Authority solana.PublicKey `json:"authority"`
	// Value replaces the recent blockhash in a transaction.
	Value solana.Hash `json:"durable_nonce"`
	// LamportsPerSignature is the base fee at the time at which Value was
	// written.
	LamportsPerSignature uint64 `json:"lamports_per_signature"`
}

// DecodeNonce decodes a nonce account, in any version and state.
func DecodeNonce(account Account) (*Nonce, error) {
	return decode[Nonce](account, ownedBy(&account, SystemProgram))
}

// Encode returns the packed form: 80 bytes if the nonce is initialized, else 8.
// The account has [NonceSpace] bytes.
func (n Nonce) Encode() []byte { return encode(&n) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (n *Nonce) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(n, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (n Nonce) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&n, enc) }

func (*Nonce) name() string { return "nonce account" }

func (n *Nonce) read(r *wire.Reader) {
	n.Version = NonceVersion(r.Tag32("version", uint32(NonceCurrent)))
	n.State = NonceState(r.Tag32("state", uint32(NonceInitialized)))
	if n.State != NonceInitialized {
		return
	}
	n.Authority = r.Key("authority")
	r.Fill("durable_nonce", n.Value[:])
	n.LamportsPerSignature = r.U64("lamports_per_signature")
}

func (n *Nonce) write(w *wire.Writer) {
	w.U32(uint32(n.Version))
	w.U32(uint32(n.State))
	if n.State != NonceInitialized {
		return
	}
	w.Key(n.Authority)
	w.Raw(n.Value[:])
	w.U64(n.LamportsPerSignature)
}
