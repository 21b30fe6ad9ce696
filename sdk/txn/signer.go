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
	"runtime"
	"slices"
	"sync"

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

// Errors of keys.
var (
	// ErrInvalidKey is returned by [NewKeySigner] and [OpenKeySigner] for data
	// that is not a private key. The error never contains that data.
	ErrInvalidKey = errors.New("not a valid private key")
	// ErrKeyFileExposed is returned by [OpenKeySigner] when the mode of the key
	// file lets its group or others use it. Run chmod 600 on the file, or pass
	// [WithExposedKeyFile].
	ErrKeyFileExposed = errors.New("the key file is open to its group or to others " +
		"(run chmod 600 on it, or pass WithExposedKeyFile)")
	// ErrKeyDestroyed is returned by [KeySigner.Sign] after
	// [KeySigner.Destroy]. Open the key again.
	ErrKeyDestroyed = errors.New("the key was destroyed (open it again)")
)

// KeySigner signs with a private key in memory. It prints and logs as its
// public key only. Its copies share the key.
type KeySigner struct {
	// sign and destroy hold the private key in a closure, because fmt can read
	// fields but not closures. After destroy, sign returns zeros.
	sign    func(message []byte) solana.Signature
	destroy func()
	// gone reports whether the key was destroyed.
	gone   func() bool
	public solana.PublicKey
}

// NewKeySigner returns a signer for the 64 bytes of a Solana key pair: a
// 32-byte seed followed by its public key. It returns [ErrInvalidKey] if the
// length is wrong or the public key does not match the seed. The signer keeps a
// copy: the bytes of the caller remain the caller's to overwrite.
func NewKeySigner(key []byte) (*KeySigner, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrInvalidKey, len(key),
			ed25519.PrivateKeySize)
	}

	private := ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])
	if !bytes.Equal(private, key) {
		clear(private)
		return nil, fmt.Errorf("%w: its public key does not match its seed", ErrInvalidKey)
	}
	return keepKey(private), nil
}

// keepKey returns a signer that owns the bytes of a private key.
func keepKey(private ed25519.PrivateKey) *KeySigner {
	var mu sync.RWMutex
	destroyed := false

	return &KeySigner{
		sign: func(message []byte) solana.Signature {
			mu.RLock()
			defer mu.RUnlock()
			if destroyed {
				return solana.Signature{}
			}

			return solana.Signature(ed25519.Sign(private, message))
		},
		destroy: func() {
			mu.Lock()
			defer mu.Unlock()
			clear(private)
			runtime.KeepAlive(private)
			private, destroyed = nil, true
		},
		gone: func() bool {
			mu.RLock()
			defer mu.RUnlock()
			return destroyed
		},
		public: solana.PublicKeyFromBytes(private[ed25519.SeedSize:]),
	}
}

// GenerateKeySigner returns a signer with a new random key. The key exists only
// in memory.
func GenerateKeySigner() (*KeySigner, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}

	defer clear(private)
	return NewKeySigner(private)
}

// KeyFileOption configures [OpenKeySigner].
type KeyFileOption interface{ applyKeyFile(*keyFile) }

// keyFile is the configuration that the options change.
type keyFile struct{ exposed bool }

type keyFileOption func(*keyFile)

func (f keyFileOption) applyKeyFile(k *keyFile) { f(k) }

// WithExposedKeyFile permits a key file that its group or others may use, for
// example one that is mounted into a container with a fixed mode.
func WithExposedKeyFile() KeyFileOption {
	return keyFileOption(func(k *keyFile) { k.exposed = true })
}

const (
	// maxKeyFile is a size in bytes that no key file reaches.
	maxKeyFile = 4096
	// othersMode are the permissions of the group and of others.
	othersMode = 0o077
)

// OpenKeySigner reads a key file in the format of solana-keygen: a JSON array
// of 64 numbers. It returns [ErrInvalidKey] if the file has another content,
// and [ErrKeyFileExposed] if the mode of the file gives its group or others any
// permission. On Windows, where files have no such mode, the mode is not
// checked.
func OpenKeySigner(path string, opts ...KeyFileOption) (*KeySigner, error) {
	var config keyFile
	for _, o := range opts {
		if o != nil {
			o.applyKeyFile(&config)
		}
	}

	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open key file: %w", err)
	}

	defer f.Close()
	if err := checkKeyFile(f, config); err != nil {
		return nil, err
	}

	text := make([]byte, maxKeyFile)
	defer clear(text)
	size, err := io.ReadFull(f, text)
	switch {
	case err == nil:
		return nil, fmt.Errorf("%w: the key file is not a JSON array of bytes", ErrInvalidKey)
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("read key file: %w", err)
	}

	// Decoding errors are dropped, because they would quote the file.
	wide := make([]uint16, 0, ed25519.PrivateKeySize)
	defer func() { clear(wide) }()
	if json.Unmarshal(text[:size], &wide) != nil {
		return nil, fmt.Errorf("%w: the key file is not a JSON array of bytes", ErrInvalidKey)
	}

	numbers := make([]uint8, len(wide))
	defer clear(numbers)
	for i, n := range wide {
		if n > 255 {
			return nil, fmt.Errorf("%w: the key file is not a JSON array of bytes", ErrInvalidKey)
		}

		numbers[i] = uint8(n)
	}

	return NewKeySigner(numbers)
}

// checkKeyFile returns [ErrKeyFileExposed] if the open file is not its owner's
// alone.
func checkKeyFile(f *os.File, config keyFile) error {
	if config.exposed || runtime.GOOS == "windows" {
		return nil
	}

	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read key file: %w", err)
	}

	if mode := info.Mode().Perm(); mode&othersMode != 0 {
		return fmt.Errorf("%w: its mode is %#o", ErrKeyFileExposed, mode)
	}
	return nil
}

// Destroy overwrites the private key in memory. From then on, Sign returns
// [ErrKeyDestroyed]; PublicKey still works. Destroy waits for signatures that
// are being made. It may be called twice.
//
// Go gives no guarantee beyond that. Overwritten are the bytes that the signer
// holds and those that [OpenKeySigner] read. Copies may remain where this
// package cannot reach: in the caller's own slice, on the stack of a goroutine
// that signed, in the cache of crypto/ed25519 until the garbage collector drops
// it, and in a page that the system has swapped or dumped. Keep a key that must
// not be recoverable on a device, behind a [Signer].
func (s *KeySigner) Destroy() {
	if s != nil && s.destroy != nil {
		s.destroy()
	}
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

	signature := s.sign(message)
	if signature.IsZero() {
		return solana.Signature{}, fmt.Errorf("%w: %s", ErrKeyDestroyed, s.public)
	}
	return signature, nil
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
