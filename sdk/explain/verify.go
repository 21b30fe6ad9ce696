package explain

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Verify checks a transaction against the policy of its owner. It returns nil
// if the transaction keeps the invariant of the package documentation, and
// otherwise a [*VerifyError] that wraps one of the errors of this package.
//
// Verify reads only the bytes of the transaction. It knows the content of
// accounts only from the policy. It assumes that programs behave like the
// builds that this module was tested with: an instruction does what it states,
// takes no more, and checks its accounts in the same way. The limits of the
// policy decide whether a price is acceptable.
//
// The client's Review loads the required data from the chain, and its Witness
// checks the outcome on a node.
func Verify(explanation Explanation, policy Policy) error {
	policy, err := policy.complete()
	if err != nil {
		return err
	}

	l := newLedger(explanation, policy)
	for at := range explanation.Instructions {
		l.at = at
		if err := l.instruction(&explanation.Instructions[at]); err != nil {
			return err
		}
	}

	l.at = -1
	for _, check := range []func() error{l.form, l.leftovers, l.newAccounts, l.limits} {
		if err := check(); err != nil {
			return err
		}
	}

	return nil
}

// refuse returns an error for the current instruction.
func (l *ledger) refuse(reason error, format string, args ...any) error {
	return &VerifyError{
		Instruction: l.at,
		Detail:      fmt.Sprintf(format, args...),
		Reason:      reason,
	}
}

// instruction applies the rule of one instruction. Under any rule, the owner's
// key and the owner's accounts may occur only where the table expects them.
func (l *ledger) instruction(in *Instruction) error {
	switch {
	case !in.Known():
		return l.refuse(ErrUnknownInstruction, "%s", in.Summary)
	case !slices.Contains(l.AllowedPrograms, in.Program):
		return l.refuse(ErrProgramNotAllowed, "%s", in.Program)
	}

	if err := l.protectSigners(in); err != nil {
		return err
	}

	for _, a := range in.Accounts {
		switch h := l.holdings[a.Address]; {
		case a.Address == l.Owner && !a.wallet:
			return l.refuse(ErrOwnerExposed, "as the %s of %s", a.Role, in.Name)
		case h == nil || a.Address == l.Owner || in.spec.reads:
		case h.is == gone:
			return l.refuse(ErrLifetime, "%s is used as the %s of %s after its end", a.Address,
				a.Role, in.Name)
		case !a.holding:
			return l.refuse(ErrAuthorityChange, "%s as the %s of %s", a.Address, a.Role, in.Name)
		}
	}

	if in.spec.rule == nil {
		return nil
	}

	return in.spec.rule(l, in)
}

// protectSigners checks that the additional signers occur only as an authority
// of a stake pool. An account of an instruction has the privileges that its key
// has anywhere in the transaction. So no other place is safe, apart from those
// where a recipient receives something.
func (l *ledger) protectSigners(in *Instruction) error {
	for _, a := range in.Accounts {
		switch {
		case !l.isProtected(a.Address):
		case in.ProgramName == nameStakePool && slices.Contains(authorityRoles, a.Role):
		case a.Address == l.Nonce.Authority && in.is(nameSystem, "AdvanceNonceAccount"):
		case a.Address == l.Recipient && slices.Contains(receiverRoles, a.Role):
		default:
			return l.refuse(ErrOwnerExposed, "the signer %s as the %s of %s", a.Address, a.Role,
				in.Name)
		}
	}

	return nil
}

// authorityRoles are the accounts of a stake pool's instructions whose
// signature permits an operation and nothing else.
var authorityRoles = []string{
	"stake deposit authority",
	"SOL deposit authority",
	"SOL withdraw authority",
}

// receiverRoles are the accounts that receive something and do not sign.
var receiverRoles = []string{
	"destination",
	"lamports destination",
	"new stake authority",
	"wallet",
}

// isProtected reports whether a key is an additional signer that is neither the
// owner nor the payer, for which other rules hold.
func (l *ledger) isProtected(key solana.PublicKey) bool {
	return key != l.Owner && key != l.Payer && slices.Contains(l.Signers, key)
}

// form checks the properties of the whole transaction.
func (l *ledger) form() error {
	e := l.explanation
	switch {
	case e.Payer != l.Owner && e.Payer != l.Payer:
		return l.refuse(ErrWrongFeePayer, "%s", e.Payer)
	case e.Payer == l.Owner && e.NetworkFee > l.MaxNetworkFee:
		return l.refuse(ErrNetworkFee, "%s, at most %d", e.fee(), l.MaxNetworkFee)
	case !slices.Contains(l.Versions, e.Version):
		return l.refuse(ErrFormNotAllowed, "version %s", e.Version)
	case l.MaxSigners > 0 && len(e.Signers) > l.MaxSigners:
		return l.refuse(ErrFormNotAllowed, "%d signatures, at most %d", len(e.Signers),
			l.MaxSigners)
	case l.MaxSize > 0 && e.Size > l.MaxSize:
		return l.refuse(ErrFormNotAllowed, "%d bytes, at most %d", e.Size, l.MaxSize)
	}

	return nil
}

// NeedVacant returns the addresses that [Policy.Vacant] must contain for a
// policy of the owner to hold. Check on chain that they have no account.
func (e Explanation) NeedVacant(owner solana.PublicKey) []solana.PublicKey {
	var addresses []solana.PublicKey
	for _, in := range e.Instructions {
		account := in.key("account")
		if in.is(nameSystem, "AllocateWithSeed") && in.key("base account") == owner &&
			!slices.Contains(addresses, account) {
			addresses = append(addresses, account)
		}
	}
	return addresses
}
