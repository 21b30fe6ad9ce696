package txn

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Errors of a missing or wrong signature.
var (
	// ErrMissingSignature is returned by [Unsigned.Sign] and [Partial.Signed]
	// as a [*MissingError] when a key has not signed.
	ErrMissingSignature = errors.New("signature missing")
	// ErrBadSignature is returned by [Unsigned.Sign], [Partial.Sign],
	// [Partial.Add], [Partial.Merge] and [Parse] when a signature does not
	// verify.
	ErrBadSignature = errors.New("signature does not verify " +
		"(sign Unsigned.Message with the named key)")
)

// MissingError names the keys that have not signed. It wraps
// [ErrMissingSignature].
type MissingError struct{ Keys []solana.PublicKey }

// Error returns one line with all keys.
func (e *MissingError) Error() string {
	if e == nil {
		return "<nil>"
	}

	names := make([]string, len(e.Keys))
	for i, k := range e.Keys {
		names[i] = k.String()
	}
	return fmt.Sprintf("%v: %s (pass their signers, or collect them with Unsigned.Partial)",
		ErrMissingSignature, strings.Join(names, ", "))
}

// Unwrap returns [ErrMissingSignature].
func (e *MissingError) Unwrap() error { return ErrMissingSignature }

// Unsigned is a compiled transaction that has no signatures except those of new
// accounts. It is immutable and safe for concurrent use.
type Unsigned struct {
	message []byte
	signers []solana.PublicKey
	// sealed are the signatures of new accounts, at the indexes of their keys,
	// nil for all other signers.
	sealed []*solana.Signature
	// steps are all steps of a parsed transaction. If planned is set, they are
	// those of the plan and follow the steps of the lifetime and the budget.
	steps   []Step
	planned bool
	// writable are the accounts that are locked for writing. It is nil if a
	// compiled message of the legacy format or version 0 itself names all
	// accounts.
	writable []solana.PublicKey
	tables   []solana.PublicKey
	budget   ComputeBudget
	baseFee  *uint64
	lifetime Lifetime
	// exposed is shared by all values made from this transaction.
	exposed *exposure
	// buffer holds the transaction that contains the message, or is nil.
	buffer *buffer
}

// Message returns a copy of the bytes to sign.
func (u *Unsigned) Message() []byte {
	if u == nil {
		return nil
	}

	return slices.Clone(u.message)
}

// Signers returns the keys that must sign, the fee payer first. It excludes new
// accounts, whose keys have signed already.
func (u *Unsigned) Signers() []solana.PublicKey {
	if u == nil {
		return nil
	}

	var keys []solana.PublicKey
	for i, key := range u.signers {
		if u.sealed[i] == nil {
			keys = append(keys, key)
		}
	}

	return keys
}

// RequiredSigners returns all keys that the message requires to sign, the fee
// payer first: those of [Unsigned.Signers] and those of new accounts. The
// network charges a fee for each.
func (u *Unsigned) RequiredSigners() []solana.PublicKey {
	if u == nil {
		return nil
	}

	return slices.Clone(u.signers)
}

// Steps returns the steps in the order of the instructions: the step that
// advances the nonce, if any, those of the compute budget, and those of the
// plan. In version 1 no step belongs to the compute budget.
func (u *Unsigned) Steps() []Step {
	if u == nil {
		return nil
	}

	steps := u.allSteps()
	for i := range steps {
		steps[i] = steps[i].Described()
	}
	return steps
}

// allSteps returns all steps in order without making their descriptions.
func (u *Unsigned) allSteps() []Step {
	steps := make([]Step, 0, 1+mostBudgetSteps+len(u.steps))
	if u.planned {
		steps = u.lifetime.appendSteps(steps)
		if u.Version() != Version1 {
			steps = u.budget.appendSteps(steps)
		}
	}
	return append(steps, u.steps...)
}

// Programs returns the program of each instruction. Use it to resolve the
// instruction index of an error.
func (u *Unsigned) Programs() []solana.PublicKey {
	if u == nil {
		return nil
	}

	steps := u.allSteps()
	programs := make([]solana.PublicKey, len(steps))
	for i := range steps {
		programs[i] = steps[i].Instruction.ProgramID()
	}
	return programs
}

// WritableAccounts returns the accounts that the transaction locks for writing.
// Its priority fee competes with those of other transactions that lock them.
func (u *Unsigned) WritableAccounts() []solana.PublicKey {
	if u.empty() {
		return nil
	}

	if u.writable != nil {
		return slices.Clone(u.writable)
	}
	return writableIn(u.message)
}

// LookupTables returns the addresses of the address lookup tables that the
// transaction uses.
func (u *Unsigned) LookupTables() []solana.PublicKey {
	if u == nil {
		return nil
	}

	return slices.Clone(u.tables)
}

// Budget returns the compute budget.
func (u *Unsigned) Budget() ComputeBudget {
	if u == nil {
		return ComputeBudget{}
	}

	return u.budget
}

// Lifetime returns the lifetime of the transaction.
func (u *Unsigned) Lifetime() Lifetime {
	if u == nil {
		return Lifetime{}
	}

	return u.lifetime
}

// Size returns the size of the transaction in bytes, with all its signatures.
func (u *Unsigned) Size() int {
	if u == nil {
		return 0
	}

	signatures := len(u.signers) * solana.SignatureLength
	if u.Version() == Version1 {
		return len(u.message) + signatures
	}
	// The number of signatures takes one byte up to 127, and fewer than 20 fit.
	return 1 + signatures + len(u.message)
}

// Version returns the format of the transaction.
func (u *Unsigned) Version() Version {
	if u == nil {
		return VersionLegacy
	}

	return versionOf(u.message)
}

// Base64 returns the transaction in base64 with zeros in place of the
// signatures of [Unsigned.Signers]. Wallets that sign a whole transaction and
// nodes that simulate one accept this form.
func (u *Unsigned) Base64() string { return u.Partial().Base64() }

// errNoTransaction is returned by methods of an Unsigned or Partial that holds
// no transaction.
var errNoTransaction = fmt.Errorf("%w transaction (get one from Plan.Compile or Parse)",
	accounts.ErrNil)

// empty reports whether there is no transaction: u is nil or points to a zero
// value.
func (u *Unsigned) empty() bool { return u == nil || len(u.message) == 0 }

// assemble joins the message and the signatures, with zeros for missing ones.
// In version 1 the signatures follow the message; in the other formats their
// number and the signatures precede it.
func (u *Unsigned) assemble(signatures []*solana.Signature) []byte {
	raw := make([]byte, 0, u.Size())
	first := u.Version() == Version1
	if first {
		raw = append(raw, u.message...)
	} else {
		raw = append(raw, byte(len(signatures)))
	}

	var missing solana.Signature
	for _, s := range signatures {
		if s == nil {
			s = &missing
		}

		raw = append(raw, s[:]...)
	}

	if first {
		return raw
	}

	return append(raw, u.message...)
}

// Sign asks the signers of the keys that must sign, and returns the signed
// transaction. It verifies all signatures except those of a [KeySigner], see
// [Partial.Sign].
//
// It returns a [*MissingError] if a key has no signer, and [ErrVersionNotTaken]
// if a signer does not take the format, before it asks any signer. Otherwise it
// returns the error of the first signer that fails. To collect signatures one
// after the other, see [Unsigned.Partial].
func (u *Unsigned) Sign(ctx context.Context, signers ...Signer) (*Signed, error) {
	if u.empty() {
		return nil, errNoTransaction
	}

	var missing []solana.PublicKey
	for i, key := range u.signers {
		if u.sealed[i] != nil {
			continue
		}

		at := signerOf(signers, key)
		if at < 0 {
			missing = append(missing, key)
		}

		if err := takes(signers, at, u.Version()); err != nil {
			return nil, err
		}
	}

	// Ask no signer, which may be a device, unless all are present.
	if len(missing) > 0 {
		return nil, &MissingError{Keys: missing}
	}

	if u.onlyOwn(signers) {
		return u.signOwn(ctx, signers)
	}

	p, err := u.Partial().Sign(ctx, signers...)
	if err != nil {
		return nil, err
	}

	return p.Signed()
}

// onlyOwn reports whether every missing signature is one of a key in memory.
func (u *Unsigned) onlyOwn(signers []Signer) bool {
	for i, key := range u.signers {
		if u.sealed[i] != nil {
			continue
		}
		if _, own := signers[signerOf(signers, key)].(*KeySigner); !own {
			return false
		}
	}
	return true
}

// signOwn signs with keys in memory, all of which are present. It writes the
// signatures straight to the bytes of the transaction.
func (u *Unsigned) signOwn(ctx context.Context, signers []Signer) (*Signed, error) {
	s := &Signed{unsigned: u, raw: u.buffer.take(u.sealed)}
	if s.raw == nil {
		s.raw = u.assemble(u.sealed)
	}

	signatures := s.raw[1:]
	if u.Version() == Version1 {
		signatures = s.raw[len(u.message):]
	}

	for i, key := range u.signers {
		if u.sealed[i] != nil {
			continue
		}

		signature, err := signers[signerOf(signers, key)].Sign(ctx, u.message)
		if err != nil {
			return nil, fmt.Errorf("sign as %s: %w", key, err)
		}

		copy(signatures[i*solana.SignatureLength:], signature[:])
	}

	copy(s.signature[:], signatures)

	return s, nil
}

// Signed is a transaction that is ready to be sent. Its signature identifies
// it: the network executes it at most once, however often it is broadcast.
type Signed struct {
	unsigned  *Unsigned
	raw       []byte
	signature solana.Signature
}

// Exposed reports whether a copy of the signed bytes may exist outside this
// process. That is the case if the transaction was parsed, if a signature came
// from outside, or after [Signed.Raw], [Signed.Base64] or [Partial.Base64],
// which broadcasting calls. While it is false, a rejected transaction can be
// changed and signed again without the risk of paying twice.
func (s *Signed) Exposed() bool {
	return s != nil && s.unsigned != nil && s.unsigned.exposed.marked()
}

// Signature returns the signature that identifies the transaction.
func (s *Signed) Signature() solana.Signature {
	if s == nil {
		return solana.Signature{}
	}

	return s.signature
}

// Raw returns a copy of the bytes to broadcast. The transaction is
// [Signed.Exposed] from this call on.
func (s *Signed) Raw() []byte {
	if s == nil || s.unsigned == nil {
		return nil
	}

	s.unsigned.exposed.mark()
	return slices.Clone(s.raw)
}

// Base64 returns the transaction in base64, as nodes and wallets accept it. The
// transaction is [Signed.Exposed] from this call on.
func (s *Signed) Base64() string { return base64.StdEncoding.EncodeToString(s.Raw()) }

// Unsigned returns the transaction without its signatures.
func (s *Signed) Unsigned() *Unsigned {
	if s == nil {
		return nil
	}

	return s.unsigned
}
