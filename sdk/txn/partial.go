package txn

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Errors that reject a signature.
var (
	// ErrNotSigner is returned by [Partial.Add] when the transaction does not
	// require a signature of the key.
	ErrNotSigner = errors.New("key is not a signer of this transaction")
	// ErrOtherSignature is returned by [Partial.Add] and [Partial.Merge] when
	// the key already has a different signature. Keep the first one: the
	// signature of the fee payer identifies the transaction and must not
	// change, because a caller may already be waiting for it.
	ErrOtherSignature = errors.New(
		"the key has already signed differently (keep the first signature)",
	)
)

// Partial is a transaction while its signatures are collected, for example from
// several wallets. A Partial is immutable: methods that add a signature return
// a new one. All signatures in it have been verified, except those of a
// [KeySigner].
type Partial struct {
	unsigned   *Unsigned
	signatures []*solana.Signature
}

// Partial returns the transaction ready to collect signatures. The keys of new
// accounts have signed already.
func (u *Unsigned) Partial() *Partial {
	if u == nil {
		return &Partial{}
	}
	return &Partial{unsigned: u, signatures: slices.Clone(u.sealed)}
}

// empty reports whether there is no transaction.
func (p *Partial) empty() bool { return p == nil || p.unsigned.empty() }

// Unsigned returns the transaction without the collected signatures.
func (p *Partial) Unsigned() *Unsigned {
	if p == nil {
		return nil
	}

	return p.unsigned
}

// MissingSigners returns the keys that have not signed yet, the fee payer
// first.
func (p *Partial) MissingSigners() []solana.PublicKey {
	if p.empty() {
		return nil
	}

	var keys []solana.PublicKey
	for i, key := range p.unsigned.signers {
		if p.signatures[i] == nil {
			keys = append(keys, key)
		}
	}

	return keys
}

// Signature returns the signature of a key. It reports false if the key has not
// signed yet or is not a signer.
func (p *Partial) Signature(key solana.PublicKey) (solana.Signature, bool) {
	if p.empty() {
		return solana.Signature{}, false
	}

	at := slices.Index(p.unsigned.signers, key)
	if at < 0 || p.signatures[at] == nil {
		return solana.Signature{}, false
	}
	return *p.signatures[at], true
}

// Base64 returns the transaction in base64 with zeros in place of missing
// signatures. Wallets accept and return this form, see [Partial.Merge], and
// [Parse] reads it.
//
// If the transaction contains a signature other than those of new accounts, it
// is [Signed.Exposed] from this call on, because someone else could complete
// and send it.
func (p *Partial) Base64() string {
	if p.empty() {
		return ""
	}

	for i, s := range p.signatures {
		if s != nil && p.unsigned.sealed[i] == nil {
			p.unsigned.exposed.mark()
		}
	}
	return base64.StdEncoding.EncodeToString(p.raw())
}

func (p *Partial) raw() []byte {
	if p.empty() {
		return nil
	}

	return p.unsigned.assemble(p.signatures)
}

// Sign asks the signers of the keys that have not signed yet, and returns a
// Partial with their signatures. It ignores all other signers.
//
// It verifies each signature and returns [ErrBadSignature] if one is invalid.
// Signatures of a [KeySigner] come from this process and are not verified,
// because that takes longer than signing. Sign returns [ErrVersionNotTaken],
// before it asks any signer, if one of them does not take the format.
func (p *Partial) Sign(ctx context.Context, signers ...Signer) (*Partial, error) {
	if p.empty() {
		return nil, errNoTransaction
	}

	next := &Partial{unsigned: p.unsigned, signatures: slices.Clone(p.signatures)}
	for i, key := range p.unsigned.signers {
		if next.signatures[i] != nil {
			continue
		}

		if err := takes(signers, signerOf(signers, key), p.unsigned.Version()); err != nil {
			return nil, err
		}
	}

	for i, key := range p.unsigned.signers {
		if next.signatures[i] != nil {
			continue
		}

		at := signerOf(signers, key)
		if at < 0 {
			continue
		}

		if own, ok := signers[at].(*KeySigner); ok {
			signature, err := own.Sign(ctx, p.unsigned.message)
			if err != nil {
				return nil, fmt.Errorf("sign as %s: %w", key, err)
			}

			next.signatures[i] = &signature
			continue
		}

		signature, err := signers[at].Sign(ctx, p.unsigned.Message())
		if err != nil {
			return nil, fmt.Errorf("sign as %s: %w", key, err)
		}

		if err := next.add(i, signature); err != nil {
			return nil, err
		}
	}

	return next, nil
}

// signerOf returns the index of the first signer with the key, or -1.
func signerOf(signers []Signer, key solana.PublicKey) int {
	return slices.IndexFunc(signers,
		func(s Signer) bool { return s != nil && s.PublicKey() == key })
}

// Add adds a signature of [Unsigned.Message] that was made elsewhere. It
// returns [ErrNotSigner] if the transaction does not need the key,
// [ErrBadSignature] if the signature does not verify, and [ErrOtherSignature]
// if the key has already signed differently.
func (p *Partial) Add(key solana.PublicKey, signature solana.Signature) (*Partial, error) {
	if p.empty() {
		return nil, errNoTransaction
	}

	at := slices.Index(p.unsigned.signers, key)
	if at < 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotSigner, key)
	}

	next := &Partial{unsigned: p.unsigned, signatures: slices.Clone(p.signatures)}
	if err := next.add(at, signature); err != nil {
		return nil, err
	}

	// The source of the signature may have a copy of the transaction.
	p.unsigned.exposed.mark()

	return next, nil
}

// add adds a signature in place. The caller must hold the only reference to p.
func (p *Partial) add(at int, signature solana.Signature) error {
	key := p.unsigned.signers[at]
	switch there := p.signatures[at]; {
	case !key.Verify(p.unsigned.message, signature):
		return fmt.Errorf("%w: %s", ErrBadSignature, key)
	case there != nil && *there != signature:
		return fmt.Errorf("%w: %s", ErrOtherSignature, key)
	}
	p.signatures[at] = &signature
	return nil
}

// Merge adds the signatures of a transaction in base64 that a wallet returned.
// It keeps signatures that the returned transaction lacks.
//
// The message must equal the original, byte for byte. Merge returns a
// [*ChangedError] with the differences if the wallet added a priority fee or an
// instruction, or replaced the blockhash. It returns [ErrBadSignature] if a
// signature does not verify, and [ErrInvalidTransaction] if the text is not a
// transaction.
//
// Some wallets add instructions on purpose, for example Lighthouse assertions.
// Do not merge their transactions. Pass them to the client's Review together
// with the policy of the quote: it reads and verifies the transaction as one
// from an unknown source, and keeps the wallet's signatures.
func (p *Partial) Merge(text string) (*Partial, error) {
	if p.empty() {
		return nil, errNoTransaction
	}

	signatures, message, err := split(text)
	if err != nil {
		return nil, err
	}

	if !bytes.Equal(message, p.unsigned.message) {
		return nil, p.unsigned.changed(message)
	}

	if len(signatures) != len(p.signatures) {
		return nil, fmt.Errorf("%w: it has %d signatures for %d signers", ErrInvalidTransaction,
			len(signatures), len(p.signatures))
	}

	next := &Partial{unsigned: p.unsigned, signatures: slices.Clone(p.signatures)}
	for i, s := range signatures {
		if s.IsZero() {
			continue
		}

		if err := next.add(i, s); err != nil {
			return nil, err
		}

		p.unsigned.exposed.mark()
	}

	return next, nil
}

// Signed returns the transaction ready to be sent. It returns a [*MissingError]
// if a signature is missing.
func (p *Partial) Signed() (*Signed, error) {
	if p.empty() {
		return nil, errNoTransaction
	}

	if missing := p.MissingSigners(); len(missing) > 0 {
		return nil, &MissingError{Keys: missing}
	}

	return &Signed{
		unsigned:  p.unsigned,
		raw:       p.raw(),
		signature: *p.signatures[0],
	}, nil
}
