package explain

import (
	"errors"
	"fmt"
)

// Reasons to refuse a transaction. [Verify], [VerifyOutcome] and
// [VerifySponsor] return a [*VerifyError] that wraps one of them.
var (
	// ErrPolicy is returned when the policy names no owner, contradicts itself,
	// or lacks data from the chain that this transaction requires: a rent, or
	// that an address is vacant. Complete the policy.
	ErrPolicy = errors.New("incomplete policy")
	// ErrUnknownInstruction is returned when a program or an instruction is in
	// no table. Do not sign the transaction.
	ErrUnknownInstruction = errors.New("unknown instruction (do not sign it)")
	// ErrProgramNotAllowed is returned when the policy does not allow a program
	// that the transaction calls.
	ErrProgramNotAllowed = errors.New("program is not allowed (see Policy.AllowedPrograms)")
	// ErrWrongFeePayer is returned when the fee payer is neither the owner nor
	// the payer of the policy. [VerifySponsor] returns it when the sponsor is
	// not the fee payer.
	ErrWrongFeePayer = errors.New("fee payer is not allowed (see Policy.Payer)")
	// ErrNetworkFee is returned when the network fee can exceed MaxNetworkFee.
	ErrNetworkFee = errors.New("network fee too high (see Policy.MaxNetworkFee)")
	// ErrNonceNotAllowed is returned when the transaction uses a nonce account
	// or a nonce authority that the policy does not name.
	ErrNonceNotAllowed = errors.New("durable nonce is not allowed (see Policy.Nonce)")
	// ErrFormNotAllowed is returned when the version, the size, the number of
	// signers or the number of new accounts exceeds the policy.
	ErrFormNotAllowed = errors.New("form is not allowed " +
		"(see Policy.Versions, MaxSigners, MaxSize and MaxNewAccounts)")
	// ErrAuthorityChange is returned when the owner's signature would give away
	// control of an account, or when an instruction uses an account of the
	// owner for which its table has no place, or changes a stake pool for its
	// manager or its staker.
	ErrAuthorityChange = errors.New("gives away control of an account")
	// ErrLifetime is returned when a temporary account is used before the
	// transaction creates it or after it is closed, or is left open at the end.
	ErrLifetime = errors.New("uses a temporary account outside its lifetime")
	// ErrClosesAccount is returned when an account of the owner would be closed
	// to another account than the policy permits.
	ErrClosesAccount = errors.New("closes an account to another address")
	// ErrUnrelatedTransfer is returned when SOL or tokens would be transferred
	// outside a trade.
	ErrUnrelatedTransfer = errors.New("transfers SOL or tokens outside a trade")
	// ErrWrongRecipient is returned when a trade pays an account of neither the
	// owner nor the recipient.
	ErrWrongRecipient = errors.New("pays an account of neither the owner nor the recipient")
	// ErrOwnerExposed is returned when an instruction names the owner, or the
	// sponsor, in a place where it does not need that key.
	ErrOwnerExposed = errors.New("names a protected key where it is not needed")
	// ErrSpendLimit is returned when more can leave the owner, or the sponsor,
	// than the policy allows.
	ErrSpendLimit = errors.New("may spend more than allowed " +
		"(see Policy.MaxLamports, MaxTokens and MaxStake)")
	// ErrMinimumNotEnforced is returned when the transaction enforces less than
	// the minimum of the policy.
	ErrMinimumNotEnforced = errors.New("does not enforce the minimum " +
		"(see Policy.MinLamports, MinTokens and MinStake)")
	// ErrNoMinimum is returned instead of [ErrMinimumNotEnforced] when an
	// instruction has no minimum output and no balance check replaces it.
	ErrNoMinimum = errors.New("enforces no minimum output " +
		"(build it with a limit or a check of the balance)")
)

// VerifyError describes the reason to refuse a transaction and the instruction
// that causes it.
type VerifyError struct {
	// Instruction is the position of the instruction, counted from 0, or -1 if
	// the reason concerns the whole transaction.
	Instruction int
	// Detail names the account, the amount or the program.
	Detail string
	// Reason is one of the errors of this package.
	Reason error
}

// Error returns one line with the number of the instruction, counted from 1.
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
