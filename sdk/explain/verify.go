package explain

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Verify checks a transaction against a policy, and refuses it with a
// [*VerifyError] that wraps one of the errors of this package unless it keeps
// the invariant in the package documentation.
//
// It reads the bytes alone. It does not know what accounts hold, other than
// the policy tells it, and takes programs by their word: that an instruction
// does what it says, takes no more, and looks at its accounts as the builds do
// that this module was tested with. Whether a price is good is for the limits
// of the policy. The client's Review fetches what has to come from the chain,
// and its Witness looks at the outcome on a node.
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

// refuse is an error about the instruction at hand.
func (l *ledger) refuse(reason error, format string, args ...any) error {
	return &VerifyError{Instruction: l.at, Detail: fmt.Sprintf(format, args...), Reason: reason}
}

// instruction applies the rule of one instruction. Whatever the rule, the
// owner's key and the owner's accounts are only where the table expects them.
func (l *ledger) instruction(in *Instruction) error {
	switch {
	case !in.Known():
		return l.refuse(ErrUnknown, "%s", in.Words)
	case !slices.Contains(l.AllowedPrograms, in.Program):
		return l.refuse(ErrProgram, "%s", in.Program)
	}
	for _, a := range in.Accounts {
		switch h := l.holdings[a.Address]; {
		case a.Address == l.Owner && !a.wallet:
			return l.refuse(ErrSigner, "as the %s of %s", a.Role, in.Name)
		case h == nil || a.Address == l.Owner || in.spec.reads:
		case h.is == gone:
			return l.refuse(
				ErrLifetime,
				"%s is used as the %s of %s after its end",
				a.Address,
				a.Role,
				in.Name,
			)
		case !a.holding:
			return l.refuse(ErrControl, "%s as the %s of %s", a.Address, a.Role, in.Name)
		}
	}
	if in.spec.rule == nil {
		return nil
	}
	return in.spec.rule(l, in)
}

// form checks what is about the transaction as a whole.
func (l *ledger) form() error {
	e := l.explanation
	switch {
	case e.Payer != l.Owner && e.Payer != l.Payer:
		return l.refuse(ErrPayer, "%s", e.Payer)
	case e.Payer == l.Owner && e.NetworkFee > l.MaxNetworkFee:
		return l.refuse(ErrFee, "%s, at most %d", e.fee(), l.MaxNetworkFee)
	case !slices.Contains(l.Versions, e.Version):
		return l.refuse(ErrForm, "version %s", e.Version)
	case l.MaxSigners > 0 && len(e.Signers) > l.MaxSigners:
		return l.refuse(ErrForm, "%d signatures, at most %d", len(e.Signers), l.MaxSigners)
	case l.MaxSize > 0 && e.Size > l.MaxSize:
		return l.refuse(ErrForm, "%d bytes, at most %d", e.Size, l.MaxSize)
	}
	return nil
}

// NeedVacant returns the addresses for which [Policy.Vacant] has to say that
// there is no account, before a policy of the owner's can hold.
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
