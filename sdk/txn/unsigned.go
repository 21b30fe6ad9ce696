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

// Conditions under which a transaction is not signed.
var (
	// ErrMissingSignature says that a signer of the transaction was not there; it comes as a [*MissingError].
	ErrMissingSignature = errors.New("signature missing")
	// ErrBadSignature says that a signer returned a signature that does not verify.
	ErrBadSignature = errors.New("signature does not verify " +
		"(sign Unsigned.Message with the key that is named)")
)

// MissingError names the keys whose signatures a transaction lacks. It wraps [ErrMissingSignature].
type MissingError struct{ Keys []solana.PublicKey }

// Error is one line with all keys.
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

// Unwrap returns ErrMissingSignature.
func (e *MissingError) Unwrap() error { return ErrMissingSignature }

// Unsigned is a compiled transaction that nobody has signed yet. It does not change.
type Unsigned struct {
	message []byte
	signers []solana.PublicKey
	// sealed are the signatures that are there already, those of new accounts.
	sealed []*solana.Signature
	// steps are all, or those of the plan if planned is set: before them come
	// those of the lifetime and the budget.
	steps   []Step
	planned bool
	// writable are the accounts that are locked for writing, nil if all are named
	// in the message, of version legacy or 0.
	writable []solana.PublicKey
	tables   []solana.PublicKey
	budget   ComputeBudget
	baseFee  *uint64
	lifetime Lifetime
	// exposed is shared by all that is made of this transaction.
	exposed *exposure
	// buffer is the transaction that the message lies in, nil if it lies in none.
	buffer *buffer
}

// Message returns a copy of the bytes to sign.
func (u *Unsigned) Message() []byte {
	if u == nil {
		return nil
	}

	return slices.Clone(u.message)
}

// Signers returns the keys that must sign, the fee payer first. New accounts have signed already.
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

// RequiredSigners returns all keys that sign by the header of the message, the
// fee payer first: those of [Unsigned.Signers], and new accounts. Each costs a
// fee.
func (u *Unsigned) RequiredSigners() []solana.PublicKey {
	if u == nil {
		return nil
	}

	return slices.Clone(u.signers)
}

// Steps returns the instructions in order: that of the nonce if there is one, those of the compute budget, and those of the plan.
func (u *Unsigned) Steps() []Step {
	if u == nil {
		return nil
	}

	steps := u.allSteps()
	for i := range steps {
		steps[i] = steps[i].Told()
	}
	return steps
}

// allSteps are all steps in order, as they are without being asked for words.
func (u *Unsigned) allSteps() []Step {
	steps := make([]Step, 0, 1+mostBudgetSteps+len(u.steps))
	if u.planned {
		steps = u.lifetime.appendSteps(steps)
		steps = u.budget.appendSteps(steps)
	}
	return append(steps, u.steps...)
}

// Programs returns the program of each instruction, which tells what an error's instruction index means.
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

// WritableAccounts returns the accounts the transaction locks for writing, which its priority competes for.
func (u *Unsigned) WritableAccounts() []solana.PublicKey {
	if u.empty() {
		return nil
	}

	if u.writable != nil {
		return slices.Clone(u.writable)
	}
	return writableIn(u.message)
}

// LookupTables returns the address lookup tables the transaction needs, none if it fits without.
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

// Lifetime returns how long the transaction can land.
func (u *Unsigned) Lifetime() Lifetime {
	if u == nil {
		return Lifetime{}
	}

	return u.lifetime
}

// Size is the exact size of the transaction in bytes, with its signatures.
func (u *Unsigned) Size() int {
	if u == nil {
		return 0
	}

	signatures := len(u.signers) * solana.SignatureLength
	if u.Version() == Version1 {
		return len(u.message) + signatures
	}
	// One byte counts up to 127 signatures, and not even 20 fit.
	return 1 + signatures + len(u.message)
}

// Version returns the format of the transaction.
func (u *Unsigned) Version() Version {
	if u == nil {
		return VersionLegacy
	}

	return versionOf(u.message)
}

// Base64 is the transaction with the signatures of all [Unsigned.Signers] zero, for wallets that sign a whole transaction and for
// simulation.
func (u *Unsigned) Base64() string { return u.Partial().Base64() }

// errNoTransaction is the error of a transaction that no plan was compiled to.
var errNoTransaction = fmt.Errorf("%w transaction: it comes from Plan.Compile or Parse", accounts.ErrNil)

// empty reports whether there is no transaction: the pointer is nil, or the
// value zero.
func (u *Unsigned) empty() bool { return u == nil || len(u.message) == 0 }

// assemble puts message and signatures together, with zeros for those that are
// missing: in version 1 the signatures are behind the message, in others before
// it, with their number.
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

// Sign asks those of the signers that the transaction needs, and checks the
// signatures of all but a [KeySigner], see [Partial.Sign]. The error is a
// [*MissingError] if the signer of a key is not there, or what a signer
// returned. See [Unsigned.Partial] for signers that come one after the other.
func (u *Unsigned) Sign(ctx context.Context, signers ...Signer) (*Signed, error) {
	if u.empty() {
		return nil, errNoTransaction
	}

	var missing []solana.PublicKey
	for i, key := range u.signers {
		if u.sealed[i] == nil && signerOf(signers, key) < 0 {
			missing = append(missing, key)
		}
	}
	// Nobody is asked, and no device lights up, unless all are there.
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

// onlyOwn reports whether all signatures are there or of keys in memory.
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

// signOwn signs with keys in memory, of which none is missing: the signatures go
// straight into the bytes.
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

// Signed is a transaction ready to be sent. Its signature is its identity: however often its bytes are sent, it executes at most
// once.
type Signed struct {
	unsigned  *Unsigned
	raw       []byte
	signature solana.Signature
}

// Exposed reports whether a copy of the signed bytes may exist elsewhere: the
// transaction was parsed, a signature came from outside, or signed bytes were
// taken out by [Signed.Raw], [Signed.Base64] or [Partial.Base64], as sending
// does. As long as it is false, a transaction that was refused can be changed
// and signed again without a risk of paying twice.
func (s *Signed) Exposed() bool {
	return s != nil && s.unsigned != nil && s.unsigned.exposed.marked()
}

// Signature identifies the transaction.
func (s *Signed) Signature() solana.Signature {
	if s == nil {
		return solana.Signature{}
	}

	return s.signature
}

// Raw returns a copy of the bytes to send. From then on the transaction is
// [Signed.Exposed].
func (s *Signed) Raw() []byte {
	if s == nil || s.unsigned == nil {
		return nil
	}

	s.unsigned.exposed.mark()
	return slices.Clone(s.raw)
}

// Base64 is the transaction as nodes and wallets take it. From then on it is
// [Signed.Exposed].
func (s *Signed) Base64() string { return base64.StdEncoding.EncodeToString(s.Raw()) }

// Unsigned returns what was signed.
func (s *Signed) Unsigned() *Unsigned {
	if s == nil {
		return nil
	}

	return s.unsigned
}
