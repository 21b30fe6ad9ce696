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

// Conditions under which a signature is not taken.
var (
	// ErrNotSigner says that the transaction asks for no signature of a key.
	ErrNotSigner = errors.New("key does not sign this transaction")
	// ErrOtherSignature says that another signature of the key is there
	// already. The first one is the identity of the transaction, which must not
	// change while somebody may be waiting for it.
	ErrOtherSignature = errors.New("another signature of the key is there already (keep that one)")
)

// Partial is a transaction of which some signatures may be there, while others
// are collected, from wallets for example. It does not change: what adds a
// signature returns another one. All signatures in it verify.
type Partial struct {
	unsigned   *Unsigned
	signatures []*solana.Signature
}

// Partial begins to collect signatures. Those of new accounts are there
// already.
func (u *Unsigned) Partial() *Partial {
	if u == nil {
		return &Partial{}
	}
	return &Partial{unsigned: u, signatures: slices.Clone(u.sealed)}
}

// empty reports whether there is no transaction to sign.
func (p *Partial) empty() bool { return p == nil || p.unsigned.empty() }

// Unsigned returns what is being signed.
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

// Signature returns the signature of a key; false if it is not there, or the
// key does not sign.
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

// Base64 is the transaction with zeros for the signatures that are missing:
// what wallets take and return, see [Partial.Merge], and what can be stored,
// see [Parse]. If a signature is in it, others may complete and send it: it is
// [Signed.Exposed] from then on.
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

// Sign asks those of the signers whose signatures are missing, and checks what
// they return. Others are not asked. A [KeySigner] signs within this process,
// and what it returns is not checked: that would take longer than to sign.
func (p *Partial) Sign(ctx context.Context, signers ...Signer) (*Partial, error) {
	if p.empty() {
		return nil, errNoTransaction
	}

	next := &Partial{unsigned: p.unsigned, signatures: slices.Clone(p.signatures)}
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

// signerOf is the place of the first signer for a key, -1 if there is none.
func signerOf(signers []Signer, key solana.PublicKey) int {
	return slices.IndexFunc(signers,
		func(s Signer) bool { return s != nil && s.PublicKey() == key })
}

// Add takes the signature that a key made of [Unsigned.Message] elsewhere. The
// error wraps [ErrNotSigner], [ErrBadSignature] or [ErrOtherSignature].
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

	// Whoever made it may have the transaction as well.
	p.unsigned.exposed.mark()

	return next, nil
}

// add is for those who have the only copy.
func (p *Partial) add(at int, signature solana.Signature) error {
	key := p.unsigned.signers[at]
	switch there := p.signatures[at]; {
	case !key.Verify(p.unsigned.message, signature):
		return fmt.Errorf("%w: of %s", ErrBadSignature, key)
	case there != nil && *there != signature:
		return fmt.Errorf("%w: %s", ErrOtherSignature, key)
	}
	p.signatures[at] = &signature
	return nil
}

// Merge takes the signatures out of a transaction in base64 that a wallet
// returned. Signatures that it lacks are kept.
//
// The message must be the one that the wallet was given, byte for byte. Wallets
// that add a priority fee or an instruction of their own, or take another
// blockhash, made another transaction: the error is a [*ChangedError] that says
// what differs. A signature that does not verify is an [ErrBadSignature], text
// that is no transaction an [ErrInvalidTransaction].
//
// Where wallets are expected to add instructions, such as assertions of
// Lighthouse, do not merge: take what they return for a transaction of foreign
// make, and let the client's Review read and verify it, against the policy of
// the quote. What it returns has the wallet's signatures.
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
		return nil, fmt.Errorf("%w: %d signatures, %d keys that sign", ErrInvalidTransaction,
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

// Signed returns the transaction ready to be sent. The error is a
// [*MissingError] if a signature is missing.
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
