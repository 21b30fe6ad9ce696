package txn

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Signer signs messages with one key, which may be in a file, on a device or in
// another service.
type Signer interface {
	// PublicKey returns the key that verifies the signatures.
	PublicKey() solana.PublicKey
	// Sign returns the Ed25519 signature of the message. It must return when
	// the context ends. It must not send the transaction: use [Partial.Add] for
	// the signature of a wallet that sends.
	Sign(ctx context.Context, message []byte) (solana.Signature, error)
}

// VersionedSigner is a [Signer] that takes only some formats of transactions,
// for example a wallet that does not know version 1. Signing asks it for no
// others, and the client's Execute builds no others.
type VersionedSigner interface {
	Signer
	// Versions returns the formats that the signer takes, for example
	// [VersionLegacy] and [Version0].
	Versions() []Version
}

// ErrVersionNotTaken is returned by [Unsigned.Sign] and [Partial.Sign] before
// any signer is asked, when a [VersionedSigner] does not take the format of the
// transaction. Build the transaction again with the versions that all signers
// take.
var ErrVersionNotTaken = errors.New(
	"a signer does not take the version of the transaction (build it with one that it takes)",
)

// takes returns [ErrVersionNotTaken] if the signer with an index, which may be
// negative, does not take a version.
func takes(signers []Signer, at int, v Version) error {
	if at < 0 {
		return nil
	}
	s, ok := signers[at].(VersionedSigner)
	if !ok || slices.Contains(s.Versions(), v) {
		return nil
	}
	return fmt.Errorf("%w: version %s, %s", ErrVersionNotTaken, v, s.PublicKey())
}

// ErrInvalidKey is returned by [NewKeySigner] and [OpenKeySigner] for data that
// is not a private key. The error never contains that data.
var ErrInvalidKey = errors.New("not a valid private key")

// KeySigner signs with a private key in memory. It prints and logs as its
// public key only.
type KeySigner struct {
	// sign holds the private key in a closure, because fmt can read fields but
	// not closures.
	sign   func(message []byte) solana.Signature
	public solana.PublicKey
}

// NewKeySigner returns a signer for the 64 bytes of a Solana key pair: a
// 32-byte seed followed by its public key. It returns [ErrInvalidKey] if the
// length is wrong or the public key does not match the seed.
func NewKeySigner(key []byte) (*KeySigner, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrInvalidKey, len(key),
			ed25519.PrivateKeySize)
	}

	private := ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])
	if !bytes.Equal(private, key) {
		return nil, fmt.Errorf("%w: its public key does not match its seed", ErrInvalidKey)
	}

	return &KeySigner{
		sign: func(message []byte) solana.Signature {
			return solana.Signature(ed25519.Sign(private, message))
		},
		public: solana.PublicKeyFromBytes(private[ed25519.SeedSize:]),
	}, nil
}

// GenerateKeySigner returns a signer with a new random key. The key exists only
// in memory.
func GenerateKeySigner() (*KeySigner, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	return NewKeySigner(private)
}

// maxKeyFile is a size in bytes that no key file reaches.
const maxKeyFile = 4096

// OpenKeySigner reads a key file in the format of solana-keygen: a JSON array
// of 64 numbers. It returns [ErrInvalidKey] if the file has another content.
func OpenKeySigner(path string) (*KeySigner, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open key file: %w", err)
	}

	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}

	// Decoding errors are dropped, because they would quote the file.
	var numbers []uint8
	var wide []uint16
	if json.Unmarshal(text, &wide) != nil {
		return nil, fmt.Errorf("%w: the key file is not a JSON array of bytes", ErrInvalidKey)
	}

	for _, n := range wide {
		if n > 255 {
			return nil, fmt.Errorf("%w: the key file is not a JSON array of bytes", ErrInvalidKey)
		}

		numbers = append(numbers, uint8(n))
	}

	return NewKeySigner(numbers)
}

// PublicKey implements [Signer].
func (s *KeySigner) PublicKey() solana.PublicKey {
	if s == nil {
		return solana.PublicKey{}
	}

	return s.public
}

// Sign implements [Signer].
func (s *KeySigner) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	switch {
	case s == nil || s.sign == nil:
		return solana.Signature{}, fmt.Errorf("%w: %w signer", ErrInvalidKey, accounts.ErrNil)
	case ctx == nil:
		return solana.Signature{}, fmt.Errorf("sign: %w context", accounts.ErrNil)
	}
	if err := ctx.Err(); err != nil {
		return solana.Signature{}, err
	}
	return s.sign(message), nil
}

// Format implements fmt.Formatter: it prints the public key for every verb.
func (s KeySigner) Format(state fmt.State, _ rune) {
	if state != nil {
		_, _ = io.WriteString(state, s.public.String())
	}
}

// LogValue implements slog.LogValuer: it logs the public key.
func (s KeySigner) LogValue() slog.Value { return slog.StringValue(s.public.String()) }

// MarshalText returns the public key in base58.
func (s KeySigner) MarshalText() ([]byte, error) { return s.public.MarshalText() }
