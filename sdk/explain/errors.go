package explain

import (
	"errors"
	"fmt"
)

// Reasons for which [Verify] and [VerifySponsor] refuse a transaction; a
// [*VerifyError] wraps one of them.
var (
	// ErrPolicy is returned when the policy names no owner, contradicts itself,
	// or lacks what has to be read from the chain for this transaction: a rent,
	// or that an address is vacant. Complete it.
	ErrPolicy = errors.New("incomplete policy")
	// ErrUnknownInstruction is returned when no table has a program or
	// instruction.
	ErrUnknownInstruction = errors.New("unknown instruction (do not sign what is not understood)")
	// ErrProgramNotAllowed is returned when the policy does not allow a
	// program.
	ErrProgramNotAllowed = errors.New("program is not allowed (see Policy.AllowedPrograms)")
	// ErrWrongFeePayer is returned when the fee payer is neither the owner nor
	// the payer of the policy.
	ErrWrongFeePayer = errors.New("fee payer is not allowed (see Policy.Payer)")
	// ErrNetworkFee is returned when landing the transaction can cost more than
	// MaxNetworkFee.
	ErrNetworkFee = errors.New("network fee too high (see Policy.MaxNetworkFee)")
	// ErrNonceNotAllowed is returned when the transaction uses a nonce account,
	// or a nonce authority, that the policy does not name.
	ErrNonceNotAllowed = errors.New("durable nonce is not allowed (see Policy.Nonce)")
	// ErrFormNotAllowed is returned when version, size, signers or the number
	// of new accounts exceed the policy.
	ErrFormNotAllowed = errors.New("form is not allowed " +
		"(see Policy.Versions, MaxSigners, MaxSize and MaxNewAccounts)")
	// ErrAuthorityChange is returned when the owner's signature would give
	// control of an account away, or an account is used by an instruction that
	// has no business with it.
	ErrAuthorityChange = errors.New("hands over control")
	// ErrLifetime is returned when an account is used before the transaction
	// creates it or after it was closed, or is left open at the end.
	ErrLifetime = errors.New("account is used outside its lifetime")
	// ErrClosesAccount is returned when an account of the owner's would be
	// closed to another one.
	ErrClosesAccount = errors.New("closes an account to another one")
	// ErrUnrelatedTransfer is returned when SOL or tokens would go somewhere
	// without being part of a trade.
	ErrUnrelatedTransfer = errors.New("transfers outside the trade")
	// ErrWrongRecipient is returned when an outcome is paid to an account that
	// is neither the owner's nor the recipient's.
	ErrWrongRecipient = errors.New("outcome goes elsewhere")
	// ErrOwnerExposed is returned when an instruction has the owner's key in a
	// place where it needs no signature of it.
	ErrOwnerExposed = errors.New("owner is named where there is no need")
	// ErrSpendLimit is returned when more may leave than the policy allows.
	ErrSpendLimit = errors.New("more may leave than allowed " +
		"(see Policy.MaxLamports, MaxTokens and MaxStake)")
	// ErrMinimumNotEnforced is returned when the transaction makes sure of less
	// than the policy wants.
	ErrMinimumNotEnforced = errors.New("less is made sure of than wanted " +
		"(see Policy.MinLamports, MinTokens and MinStake)")
	// ErrNoMinimum is returned in place of [ErrMinimumNotEnforced] when an
	// instruction takes no limit, and no check of a balance makes up for it.
	ErrNoMinimum = errors.New("nothing makes sure of the outcome " +
		"(build it with a limit or a check of the balance)")
)

// VerifyError names the instruction that keeps a transaction from being
// verified.
type VerifyError struct {
	// Instruction is its position, or -1 if it is about the whole.
	Instruction int
	// Detail names the account, amount or program.
	Detail string
	// Reason is one of the errors of this package.
	Reason error
}

// Error is one line.
func (e *VerifyError) Error() string {
	if e == nil {
		return "<nil>"
	}

	text := "transaction refused"
	if e.Instruction >= 0 {
		text = fmt.Sprintf("instruction %d refused", e.Instruction+1)
	}

	if e.Reason != nil {
		text += ": " + e.Reason.Error()
	}

	if e.Detail != "" {
		text += ": " + e.Detail
	}

	return text
}

// Unwrap returns the reason.
func (e *VerifyError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Reason
}
