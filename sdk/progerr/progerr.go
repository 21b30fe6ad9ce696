// Package progerr turns what a Solana node says about a failed transaction into one typed Go error that a person can act on.
//
// [Parse] reads the `err` value of a simulation, a preflight failure or a signature status. The result is a [*TransactionError];
// when a program refused with a custom code it wraps a [*ProgramError] that names the program, the error, what it means and what
// to do about it. Callers branch with [errors.Is] on the sentinels of this package ([ErrSlippage], [ErrStalePool], …) and ask
// [TransactionError.Retryable] whether trying again makes sense.
//
// Custom codes are per program and collide, and the node names only the outer instruction, while the code may come from a
// program that instruction called. The raiser is therefore read from the logs; see [ProgramError.Assumed] for what happens when
// they do not tell.
//
// The package is pure: no network, no clock, and all functions may be called concurrently.
package progerr

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/condition"
)

// Conditions to test for with errors.Is. Several errors of several programs map to each.
var (
	// ErrSlippage: the program would pay less than the caller's minimum or take more than the maximum.
	ErrSlippage = errors.New("slippage limit exceeded")
	// ErrStalePool: the pool was not updated in this epoch yet.
	ErrStalePool = condition.StalePool
	// ErrInsufficientFunds: the fee payer or a source account lacks lamports or tokens.
	ErrInsufficientFunds = errors.New("insufficient funds")
	// ErrDisabled: the operation is switched off or reserved to an authority, or the account is frozen or locked.
	ErrDisabled = errors.New("operation not available")
	// ErrTooSmall: the amount is below what the program can handle.
	ErrTooSmall = errors.New("amount too small")
	// ErrTooLarge: the amount is more than the source or the pool's liquidity can give, or than a cap leaves room for.
	ErrTooLarge = errors.New("amount exceeds the available liquidity")
	// ErrExpired: the transaction's blockhash is unknown or too old.
	ErrExpired = errors.New("blockhash not found or expired")
	// ErrAlreadyProcessed: this very transaction was processed before; look its signature up for the outcome.
	ErrAlreadyProcessed = errors.New("transaction already processed")
	// ErrEpochRewards: staking is paused while the rewards of the last epoch are paid out.
	ErrEpochRewards = condition.EpochRewards
	// ErrComputeExceeded: the transaction ran out of compute units or another per-transaction resource.
	ErrComputeExceeded = errors.New("compute budget exceeded")
	// ErrMissingSigner: a required signature is missing or does not verify.
	ErrMissingSigner = errors.New("missing signature")
	// ErrNotInitialized: an account that must exist does not, or was never initialized. A fee payer that does not exist is an
	// [ErrInsufficientFunds] instead.
	ErrNotInitialized = errors.New("account does not exist or is not initialized")
	// ErrBusy: the node or the block had no room at this moment.
	ErrBusy = errors.New("block or account busy")
)

// Entry is what a table knows about one error.
type Entry struct {
	// Name is the error's name in the program's source.
	Name string
	// Meaning says what happened.
	Meaning string
	// Remedy says what to do about it.
	Remedy string
	// Sentinel is the Err… value of this package that the error matches; nil if none.
	Sentinel error
	// Retryable says that the same intent may succeed later without a change by the user.
	Retryable bool
	// Unraised marks a code that the program defines but never returns. It is never assumed without a log that proves it.
	Unraised bool
}

// Remedies that several entries share.
const (
	remedyAgain    = "try again"
	remedyAmount   = "check the amount against the pool's size"
	remedyBug      = "report it to the program's maintainers, with the logs"
	remedyChoose   = "choose another value"
	remedyCrank    = "update the pool in the same transaction, or try again once someone has"
	remedyDone     = "nothing is left to do"
	remedyLogs     = "read the logs"
	remedyNoGuard  = "switch the guard off, or use another token account"
	remedyOtherWay = "use another way in or out of the pool"
	remedyOtherLST = "trade another token"
	remedyOutbid   = "try again, with a higher priority fee if it persists"
	remedyQuote    = "quote again or allow more slippage"
	remedyRate     = "update the exchange rate in the same transaction, or try again once someone has"
	remedyRebuild  = "build the transaction again"
	remedyReload   = "reload the accounts and build the transaction again"
	remedyRewards  = "try again when the distribution is over, usually minutes after the epoch began"
	remedyResume   = "try again when its authority resumes it"
	remedySign     = "sign with every authority the instruction names"
	remedyTables   = "reload the lookup tables and build the transaction again"
	remedyVersion  = "check that the program's version knows this instruction"
)

// program is one program's error table. Adding a program means adding a file with such a value and listing it in programs.
type program struct {
	name   string
	ids    []solana.PublicKey
	errors map[uint32]Entry
}

// programs lists every program with a table. Read-only.
var programs = []*program{
	&stakePool,
	&stake,
	&system,
	&token,
	&token2022,
	&associatedToken,
	&computeBudget,
	&lookupTable,
	&memo,
	&infinity,
	&reserveV2,
	&flatFee,
	&flatSlab,
	&reserveV2Pricing,
	&splCalculator,
	&marinadeCalculator,
	&lidoCalculator,
	&wrappedSOLCalculator,
	&infCalculator,
	&marinade,
	&lido,
	&reserve,
	&router,
}

func findProgram(id solana.PublicKey) *program {
	for _, p := range programs {
		if slices.Contains(p.ids, id) {
			return p
		}
	}
	return nil
}

// displayName is the short name of a program, or its address if there is no table for it.
func displayName(id solana.PublicKey) string {
	if p := findProgram(id); p != nil {
		return p.name
	}
	return id.String()
}

// Lookup returns the table entry for a custom error code of a program; false if the program or the code is not known.
func Lookup(program solana.PublicKey, code uint32) (Entry, bool) {
	p := findProgram(program)
	if p == nil {
		return Entry{}, false
	}
	entry, ok := p.errors[code]
	return entry, ok
}

// unknownProgram is the ProgramName of programs without a table.
const unknownProgram = "unknown"

// ProgramError is a custom error code, attributed to the program that raised it.
type ProgramError struct {
	// Program is the program that raised the code. With ProgramName "unknown" and Assumed set it is the outer instruction's
	// program, which may or may not be the raiser, or zero if the caller did not say which that is.
	Program solana.PublicKey
	// ProgramName is a short name like "stake pool", or "unknown".
	ProgramName string
	// Code is the custom error code.
	Code uint32
	// Name, Meaning and Remedy come from the program's table; all are empty for an unknown code.
	Name, Meaning, Remedy string
	// Instruction is the index of the outer instruction.
	Instruction int
	// InnerOf is the outer instruction's program if the code was raised by a program it called, and zero otherwise.
	InnerOf solana.PublicKey
	// Assumed says that the logs do not show the raiser, so the outer instruction's program was taken for it. It was only if
	// its table has the code; otherwise ProgramName is "unknown". What Is and Retryable say rests on the same assumption.
	Assumed bool
}

// Error describes the failure in one line.
func (e *ProgramError) Error() string {
	if e == nil {
		return "<nil>"
	}

	s := e.ProgramName
	if e.ProgramName == unknownProgram {
		s += " program"
		if !e.Assumed {
			s += " " + e.Program.String()
		}
	}
	if e.Name == "" {
		s += fmt.Sprintf(": custom error %d", e.Code)
	} else {
		s += fmt.Sprintf(": %s (%d)", e.Name, e.Code)
	}
	s += fmt.Sprintf(" in instruction %d", e.Instruction)
	if !e.InnerOf.IsZero() {
		s += ", called by " + displayName(e.InnerOf)
	}
	if e.Assumed {
		s += " (the logs do not show who raised it)"
	}
	return s + explain(e.Meaning, e.Remedy)
}

// Is reports whether target is the sentinel of this error.
func (e *ProgramError) Is(target error) bool {
	sentinel := e.entry().Sentinel
	return sentinel != nil && sentinel == target
}

// Retryable reports whether the same intent may succeed later without a change by the user.
func (e *ProgramError) Retryable() bool {
	return e.entry().Retryable
}

// entry returns what the program's table knows about the code.
func (e *ProgramError) entry() Entry {
	if e == nil {
		return Entry{}
	}

	// Without a name the program is not established, and the zero Program is a real address: the system program's.
	if e.Name == "" {
		return Entry{}
	}
	entry, _ := Lookup(e.Program, e.Code)
	return entry
}

// explain renders ": meaning; remedy", leaving out what is empty.
func explain(meaning, remedy string) string {
	if meaning == "" {
		return ""
	}
	if remedy == "" {
		return ": " + meaning
	}
	return ": " + meaning + "; " + remedy
}
