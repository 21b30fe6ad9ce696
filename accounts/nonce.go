package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// NonceSpace is the size of a nonce account, in bytes.
const NonceSpace = 80

// NonceVersion tells the nonces of old from those that the network takes.
type NonceVersion uint32

// The versions of a nonce account.
const (
	// NonceLegacy accounts hold a plain blockhash, which the network no longer takes for a nonce until the account is upgraded.
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

// Nonce is a nonce account of the system program. Its value stands in for a recent blockhash in transactions that are to live longer,
// and changes with each of them that lands, so that only one can. All fields behind State are set in state Initialized only.
type Nonce struct {
	Version NonceVersion `json:"version"`
	State   NonceState   `json:"state"`
	// Authority signs each transaction that uses the nonce.
	Authority solana.PublicKey `json:"authority"`
	// Value is what a transaction has for a blockhash.
	Value solana.Hash `json:"durable_nonce"`
	// LamportsPerSignature is the base fee at the time the value was written.
	LamportsPerSignature uint64 `json:"lamports_per_signature"`
}

// DecodeNonce decodes a nonce account of either version, in any of its states.
func DecodeNonce(account Account) (*Nonce, error) {
	return decode[Nonce](account, ownedBy(&account, SystemProgram))
}

// Encode returns the packed form: 8 or 80 bytes, depending on the state. The account is [NonceSpace] long.
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
