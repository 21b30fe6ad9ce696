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

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Signer signs messages with one key, wherever that key is: a file, a device, another service.
type Signer interface {
	// PublicKey is the key that signatures verify against.
	PublicKey() solana.PublicKey
	// Sign returns the Ed25519 signature of the message. It must give up when the context ends. It must not send the transaction: the
	// signature of a wallet that does belongs into [Partial.Add].
	Sign(ctx context.Context, message []byte) (solana.Signature, error)
}

// ErrInvalidKey says that something is not a private key. The error never contains what it was.
var ErrInvalidKey = errors.New("not a valid private key")

// KeySigner signs with a private key in memory. However it is printed or logged, only its public key shows.
type KeySigner struct {
	// sign holds the private key. fmt reads any field but cannot look into a function.
	sign   func(message []byte) solana.Signature
	public solana.PublicKey
}

// NewKeySigner takes the 64 bytes of a Solana key pair: the seed and the public key that belongs to it.
func NewKeySigner(key []byte) (*KeySigner, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrInvalidKey, len(key), ed25519.PrivateKeySize)
	}
	private := ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])
	if !bytes.Equal(private, key) {
		return nil, fmt.Errorf("%w: its public key does not belong to it", ErrInvalidKey)
	}
	return &KeySigner{
		sign:   func(message []byte) solana.Signature { return solana.Signature(ed25519.Sign(private, message)) },
		public: solana.PublicKeyFromBytes(private[ed25519.SeedSize:]),
	}, nil
}

// GenerateKeySigner makes a new key. It is lost with the process.
func GenerateKeySigner() (*KeySigner, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	return NewKeySigner(private)
}

// maxKeyFile is more than any key file has, in bytes.
const maxKeyFile = 4096

// OpenKeySigner reads a key file as solana-keygen writes it: a JSON array of 64 numbers.
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
	// A decoding error would quote the file, so it is dropped.
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

// PublicKey implements Signer.
func (s *KeySigner) PublicKey() solana.PublicKey {
	if s == nil {
		return solana.PublicKey{}
	}

	return s.public
}

// Sign implements Signer.
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

// Format implements fmt.Formatter for all verbs, so that no verb prints the private key.
func (s KeySigner) Format(state fmt.State, _ rune) {
	if state != nil {
		_, _ = io.WriteString(state, s.public.String())
	}
}

// LogValue implements slog.LogValuer.
func (s KeySigner) LogValue() slog.Value { return slog.StringValue(s.public.String()) }

// MarshalText writes the public key.
func (s KeySigner) MarshalText() ([]byte, error) { return s.public.MarshalText() }
