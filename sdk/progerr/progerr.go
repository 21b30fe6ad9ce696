package progerr

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/condition"
)

// Sentinels that a [*TransactionError] or a [*ProgramError] matches with
// errors.Is. Each stands for several errors of several programs.
var (
	// ErrSlippage is matched when a program would pay less than the caller's
	// minimum or charge more than the maximum. Quote again, or allow more
	// slippage.
	ErrSlippage = errors.New("slippage limit exceeded")

	// ErrStalePool is matched when the pool was not updated in the current
	// epoch. Update the pool in the same transaction, or try again after the
	// next pool update.
	ErrStalePool = condition.ErrStalePool

	// ErrInsufficientFunds is matched when the fee payer or a source account
	// has too few lamports or tokens. Fund the account, or use a smaller
	// amount.
	ErrInsufficientFunds = errors.New("insufficient funds")

	// ErrOperationUnavailable is matched when the operation is switched off or
	// reserved for an authority, or when the account is frozen or locked. Use
	// another route or another account.
	ErrOperationUnavailable = errors.New("operation not available")

	// ErrProgramAmountTooSmall is matched when the amount is below the
	// program's minimum. Use a larger amount.
	ErrProgramAmountTooSmall = errors.New("amount too small")

	// ErrInsufficientLiquidity is matched when the amount exceeds the source
	// account, the pool's liquidity or a cap. Use a smaller amount or another
	// route.
	ErrInsufficientLiquidity = errors.New("amount exceeds the available liquidity")

	// ErrBlockhashNotFound is matched when the blockhash of the transaction is
	// unknown to the node or too old. Build and sign again with a recent
	// blockhash.
	ErrBlockhashNotFound = errors.New("blockhash not found or expired")

	// ErrAlreadyProcessed is matched when the same transaction was processed
	// before. Look up its signature for the result; do not sign again.
	ErrAlreadyProcessed = errors.New("transaction already processed")

	// ErrEpochRewards is matched when staking is paused because the rewards of
	// the previous epoch are being distributed. Try again minutes later.
	ErrEpochRewards = condition.ErrEpochRewards

	// ErrComputeExceeded is matched when the transaction exceeds its compute
	// units or another limit per transaction. Raise the compute unit limit, or
	// split the transaction.
	ErrComputeExceeded = errors.New("compute budget exceeded")

	// ErrMissingSigner is matched when a required signature is missing or does
	// not verify. Sign with every required key.
	ErrMissingSigner = errors.New("missing signature")

	// ErrNotInitialized is matched when a required account does not exist or
	// is not initialized. Create it first. A fee payer that does not exist
	// matches [ErrInsufficientFunds] instead.
	ErrNotInitialized = errors.New("account does not exist or is not initialized")

	// ErrBusy is matched when the block is full or an account is in use. Try
	// again, with a higher priority fee if the failure persists.
	ErrBusy = errors.New("block or account busy")
)

// Entry explains one error.
type Entry struct {
	// Name is the name of the error in the program's source, for example
	// "ExceededSlippage".
	Name string

	// Meaning describes the failure, for example "the pool pays less than the
	// minimum".
	Meaning string

	// Remedy is the recommended action, for example "quote again or allow more
	// slippage".
	Remedy string

	// Sentinel is the sentinel of this package that the error matches, or nil.
	Sentinel error

	// Retryable reports whether the same request may succeed later without a
	// change by the user.
	Retryable bool

	// Unraised marks a code that the program defines but never returns. Parse
	// attributes it to the program only if the logs prove it.
	Unraised bool
}

// Remedies of several entries.
const (
	remedyAgain      = "try again"
	remedyAmount     = "check the amount against the pool's size"
	remedyBug        = "report it to the program's maintainers, with the logs"
	remedyChoose     = "choose another value"
	remedyUpdate     = "update the pool in the same transaction, or try again after the next pool update"
	remedyDone       = "nothing is left to do"
	remedyLogs       = "read the logs"
	remedyCPIGuard   = "switch the CPI guard off, or use another token account"
	remedyOtherRoute = "use another route"
	remedyOtherLST   = "trade another token"
	remedyOutbid     = "try again, with a higher priority fee if it persists"
	remedyQuote      = "quote again or allow more slippage"
	remedyRate       = "update the exchange rate in the same transaction, or try again after its next update"
	remedyRebuild    = "build the transaction again"
	remedyReload     = "reload the accounts and build the transaction again"
	remedyRewards    = "try again when the distribution is over, usually minutes after the epoch began"
	remedyResume     = "try again when its authority resumes it"
	remedySign       = "sign with every authority the instruction names"
	remedyTables     = "reload the lookup tables and build the transaction again"
	remedyVersion    = "check that the program's version knows this instruction"
)

// program is the error table of a program. To add a program, add a file with
// such a value and list the value in programs.
type program struct {
	name   string
	ids    []solana.PublicKey
	errors map[uint32]Entry
}

// programs lists the programs with a table. It is read-only.
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
	&interceptor,
}

func findProgram(id solana.PublicKey) *program {
	for _, p := range programs {
		if slices.Contains(p.ids, id) {
			return p
		}
	}
	return nil
}

// displayName returns the short name of a program, or its address if it has no
// table.
func displayName(id solana.PublicKey) string {
	if p := findProgram(id); p != nil {
		return p.name
	}
	return id.String()
}

// Lookup returns the explanation of a custom error code of a program. It
// returns false if the program or the code is unknown.
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

// ProgramError is a custom error code, attributed to the program that raised
// it. It matches one of the sentinels of this package, or none.
type ProgramError struct {
	// Program is the program that raised the code. If ProgramName is "unknown"
	// and Assumed is true, it is the program of the outer instruction, which
	// may have called the program that raised the code. It is zero if the
	// caller of Parse did not pass the programs.
	Program solana.PublicKey

	// ProgramName is a short name, for example "stake pool", or "unknown".
	ProgramName string

	// Code is the custom error code.
	Code uint32

	// Name, Meaning and Remedy explain the code; see [Entry]. They are empty if
	// the code is unknown.
	Name, Meaning, Remedy string

	// Instruction is the index of the outer instruction, from 0.
	Instruction int

	// InnerOf is the program of the outer instruction if a program that it
	// called raised the code, and zero otherwise.
	InnerOf solana.PublicKey

	// Assumed reports whether the logs do not show which program raised the
	// code. Parse then assumes the program of the outer instruction if its
	// table has the code; otherwise ProgramName is "unknown". The results of Is
	// and Retryable depend on the same assumption.
	Assumed bool
}

// Error returns one line with the program, the error, its meaning and a remedy.
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
		s += " (the logs do not show which program raised it)"
	}

	return s + explain(e.Meaning, e.Remedy)
}

// Is reports whether target is the sentinel of e.
func (e *ProgramError) Is(target error) bool {
	sentinel := e.entry().Sentinel
	return sentinel != nil && sentinel == target
}

// Retryable reports whether the same request may succeed later without a change
// by the user; see [TransactionError.Retryable].
func (e *ProgramError) Retryable() bool {
	return e.entry().Retryable
}

// entry returns the explanation of the code, or the zero Entry.
func (e *ProgramError) entry() Entry {
	if e == nil {
		return Entry{}
	}

	// Without a name the program is not known. Its zero address must not be
	// looked up, because that is the address of the system program.
	if e.Name == "" {
		return Entry{}
	}

	entry, _ := Lookup(e.Program, e.Code)
	return entry
}

// explain returns ": meaning; remedy". It omits an empty remedy, and returns ""
// for an empty meaning.
func explain(meaning, remedy string) string {
	if meaning == "" {
		return ""
	}
	if remedy == "" {
		return ": " + meaning
	}
	return ": " + meaning + "; " + remedy
}
