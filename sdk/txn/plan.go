package txn

import (
	"errors"
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

const (
	// MaxSize is the maximum size of a legacy or version 0 transaction in
	// bytes, signatures included.
	MaxSize = 1232
	// MaxComputeUnits is the maximum number of compute units of a transaction.
	MaxComputeUnits = 1_400_000
	// maxAccounts is the number of accounts that one byte can index.
	maxAccounts = 256
	// microLamports is the number of micro-lamports in a lamport.
	microLamports = 1_000_000
)

// Errors of an invalid plan or transaction.
var (
	// ErrNoPayer is returned by [Plan.Compile] when the plan names no fee
	// payer.
	ErrNoPayer = errors.New("transaction has no fee payer (set Plan.Payer)")
	// ErrNoSteps is returned by [Plan.Compile] when the plan has no steps, and
	// by [Parse] when a transaction has no instructions.
	ErrNoSteps = errors.New("transaction has no instructions (set Plan.Steps)")
	// ErrNoLifetime is returned by [Plan.Compile] and [Parse] when the lifetime
	// has neither a blockhash nor the value of a nonce.
	ErrNoLifetime = errors.New("transaction has no blockhash (set Plan.Lifetime)")
	// ErrIncomplete is returned by [Plan.Compile] when a step has no
	// instruction, an instruction lacks an account, or a key in
	// NewAccountSigners is missing or does not sign. [Unsigned.Renew] returns
	// it when the transaction creates an account.
	ErrIncomplete = errors.New("incomplete instruction")
	// ErrTooManyAccounts is returned by [Plan.Compile] when the plan names more
	// accounts than a transaction can index, which is 256, or 64 in version 1.
	ErrTooManyAccounts = errors.New("transaction has too many accounts (split it)")
	// ErrBudget is returned by [Plan.Compile] when the format cannot hold the
	// compute budget: HeapSize or PriorityLamports without version 1, a heap
	// size that version 1 refuses, a priority fee that overflows a uint64, or
	// in version 1 a step of the compute budget program. Use ComputeUnitPrice
	// for the priority fee.
	ErrBudget = errors.New("compute budget does not fit the version (set ComputeUnitPrice)")
	// ErrTransactionTooLarge is returned by [Plan.Compile] as a [*SizeError]
	// when the transaction exceeds [Version.MaxSize].
	ErrTransactionTooLarge = errors.New("transaction too large")
)

// SizeError describes a transaction that is too large. It wraps
// [ErrTransactionTooLarge].
type SizeError struct {
	// Size and Limit are in bytes.
	Size, Limit int
	// FitsIn are the formats that would hold the transaction but that
	// Plan.Versions lacks, for example [Version1].
	FitsIn []Version
}

// Over returns the number of bytes above the limit.
func (e *SizeError) Over() int {
	if e == nil {
		return 0
	}

	return e.Size - e.Limit
}

// Error returns one line with both sizes.
func (e *SizeError) Error() string {
	if e == nil {
		return "<nil>"
	}

	remedy := "leave out the memo, name lookup tables, or split it"
	for _, version := range e.FitsIn {
		remedy = fmt.Sprintf("allow version %s, which holds it, ", version) + remedy
	}

	return fmt.Sprintf("%v: %d bytes, %d over the limit of %d (%s)", ErrTransactionTooLarge, e.Size,
		e.Over(), e.Limit, remedy)
}

// Unwrap returns [ErrTransactionTooLarge].
func (e *SizeError) Unwrap() error { return ErrTransactionTooLarge }

// Step is an instruction with a description.
type Step struct {
	// Description describes the instruction in one line for users.
	Description string
	// Describe returns the description if Description is empty.
	// [Step.Described] calls it, so a description that is not read costs
	// nothing. The steps that [Unsigned.Steps] returns have Description set.
	Describe    func() string
	Instruction solana.Instruction
	// ComputeUnits is the measured cost of the instruction in compute units,
	// with a margin for the usual variation. It is used for transactions that
	// are not simulated.
	ComputeUnits uint32
}

// Described returns the step with its description in Description.
func (s Step) Described() Step {
	if s.Description == "" && s.Describe != nil {
		s.Description = s.Describe()
	}
	s.Describe = nil
	return s
}

// ComputeBudget limits and prices the compute units of a transaction.
// [Plan.Compile] renders it as instructions of the compute budget program or as
// the configuration of version 1; [Parse] reads it from either.
type ComputeBudget struct {
	// ComputeUnitLimit is the maximum number of compute units that the
	// transaction may use. Zero selects the default of the network, and
	// [MaxComputeUnits] in version 1, which has no default.
	ComputeUnitLimit uint32
	// ComputeUnitPrice is the priority fee in micro-lamports per compute unit
	// of the limit. For example, 10_000 with a limit of 200_000 compute units
	// costs 2_000 lamports. In version 1, [Plan.Compile] adds these lamports
	// to PriorityLamports.
	ComputeUnitPrice uint64
	// LoadedAccountsDataSizeLimit is the maximum size of all accounts and
	// programs of the transaction in bytes. Zero selects the default of the
	// network, and its maximum of 64 MiB in version 1, which has no default.
	LoadedAccountsDataSizeLimit uint32
	// HeapSize is the heap of each program in bytes. Zero selects the default.
	// [Plan.Compile] writes it only in version 1: a multiple of 1,024 from
	// 32,768 to 262,144.
	HeapSize uint32
	// PriorityLamports is the priority fee of a transaction of version 1, which
	// states the fee in lamports instead of a price. [Plan.Compile] writes it
	// only in version 1.
	PriorityLamports uint64
}

// PriorityFee returns the priority fee in lamports, rounded up. It returns an
// error if the fee overflows a uint64.
func (b ComputeBudget) PriorityFee() (uint64, error) {
	fee, err := fixed.MulDivCeil(uint64(b.ComputeUnitLimit), b.ComputeUnitPrice, microLamports)
	if err != nil {
		return 0, err
	}
	return fixed.Add(fee, b.PriorityLamports)
}

// ComputeUnitPriceFor returns the highest compute unit price, in micro-lamports
// per compute unit, that keeps the priority fee within lamports for the given
// compute unit limit. It returns 0 if the limit is 0.
func ComputeUnitPriceFor(lamports uint64, unitLimit uint32) uint64 {
	if unitLimit == 0 {
		return 0
	}
	price, err := fixed.MulDivFloor(lamports, microLamports, uint64(unitLimit))
	if err != nil {
		return math.MaxUint64
	}
	return price
}

// mostBudgetSteps is the maximum number of instructions for a compute budget.
const mostBudgetSteps = 3

// budgetData holds the data of an instruction of the compute budget program.
type budgetData [9]byte

// data writes the data of the instructions that appendSteps appends. It returns
// their sizes in bytes; the size is zero for an instruction that is not needed.
func (b ComputeBudget) data(to *[mostBudgetSteps]budgetData) (sizes [mostBudgetSteps]int) {
	if b.ComputeUnitLimit != 0 {
		to[0], sizes[0] = limitUnits(b.ComputeUnitLimit)
	}
	if b.ComputeUnitPrice != 0 {
		to[1], sizes[1] = priceUnits(b.ComputeUnitPrice)
	}
	if b.LoadedAccountsDataSizeLimit != 0 {
		to[2], sizes[2] = limitData(b.LoadedAccountsDataSizeLimit)
	}
	return sizes
}

// appendSteps appends the instructions of the compute budget.
func (b ComputeBudget) appendSteps(steps []Step) []Step {
	if units := b.ComputeUnitLimit; units != 0 {
		steps = append(steps, Step{
			Describe: func() string {
				return fmt.Sprintf("limit the transaction to %d compute units", units)
			},
			Instruction: newBudgetInstruction(limitUnits(units)),
		})
	}

	if price := b.ComputeUnitPrice; price != 0 {
		steps = append(steps, Step{
			Describe: func() string {
				return fmt.Sprintf("pay a priority fee of %d micro-lamports per compute unit",
					price)
			},
			Instruction: newBudgetInstruction(priceUnits(price)),
		})
	}

	if limit := b.LoadedAccountsDataSizeLimit; limit != 0 {
		steps = append(steps, Step{
			Describe: func() string {
				return fmt.Sprintf("load accounts of at most %d bytes", limit)
			},
			Instruction: newBudgetInstruction(limitData(limit)),
		})
	}

	return steps
}

// Plan describes a transaction before it is compiled: the fee payer, the steps
// in order, and the lifetime.
type Plan struct {
	Payer    solana.PublicKey
	Steps    []Step
	Budget   ComputeBudget
	Lifetime Lifetime
	// BaseFee is the network fee without the priority fee, in lamports, as
	// reported by a node. If it is nil, the fee is estimated, see
	// [Unsigned.BaseFee].
	BaseFee *uint64
	// Versions are the formats that the wallets of the signers take, see
	// [Plan.Compile]. The default is version 0 alone.
	Versions []Version
	// NewAccountSigners are the keys of accounts that the transaction creates,
	// if the program requires their signatures. [Plan.Compile] signs with them
	// immediately, because the keys are not kept.
	NewAccountSigners []*KeySigner
	// Tables are the address lookup tables that [Plan.Compile] may use, see
	// [NewLookupTable]. It uses them only if the transaction does not fit
	// otherwise, because wallets cannot show the accounts in a table.
	Tables []LookupTable
}

// ComputeUnits returns the sum of the ComputeUnits of all steps, plus the cost
// of advancing the nonce if there is one. It excludes the cost of the compute
// budget instructions.
func (p Plan) ComputeUnits() uint64 {
	var units uint64
	if p.Lifetime.Durable() {
		units = advanceNonceUnits
	}
	for i := range p.Steps {
		units += uint64(p.Steps[i].ComputeUnits)
	}
	return units
}
