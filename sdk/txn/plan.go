package txn

import (
	"errors"
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

const (
	// MaxSize is the most bytes a legacy or version 0 transaction may have, signatures included.
	MaxSize = 1232
	// MaxComputeUnits is the most compute units that a transaction may have.
	MaxComputeUnits = 1_400_000
	// maxAccounts is what one byte can index.
	maxAccounts = 256
	// microLamports is how many parts a lamport has in the price of a compute unit.
	microLamports = 1_000_000
)

// Conditions under which a plan is not compiled.
var (
	// ErrNoPayer says that the plan names no fee payer.
	ErrNoPayer = errors.New("transaction has no payer (set Plan.Payer)")
	// ErrNoSteps says that the plan does nothing.
	ErrNoSteps = errors.New("transaction has no instructions (set Plan.Steps)")
	// ErrNoLifetime says that the plan has neither a blockhash nor the value of a nonce in its place.
	ErrNoLifetime = errors.New("transaction has no blockhash (set Plan.Lifetime)")
	// ErrIncomplete says that a step has no instruction, or an instruction a missing account.
	ErrIncomplete = errors.New("incomplete instruction")
	// ErrTooManyAccounts says that the plan names more accounts than a transaction can index.
	ErrTooManyAccounts = errors.New("transaction has too many accounts (split it)")
	// ErrBudget is returned by [Plan.Compile] when the compute budget has what
	// the transaction has no place for. Use UnitPrice for the priority fee.
	ErrBudget = errors.New("compute budget does not fit the version (set UnitPrice)")
	// ErrTooLarge says that the transaction does not fit; it comes as a [*SizeError].
	ErrTooLarge = errors.New("transaction too large")
)

// SizeError says by how much a transaction does not fit. It wraps [ErrTooLarge].
type SizeError struct{ Size, Limit int }

// Over is by how many bytes the transaction does not fit.
func (e *SizeError) Over() int {
	if e == nil {
		return 0
	}

	return e.Size - e.Limit
}

// Error is one line with both sizes.
func (e *SizeError) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("%v: %d bytes, %d over the limit of %d (%s)", ErrTooLarge, e.Size, e.Over(), e.Limit,
		"leave out the memo, name lookup tables, or split it")
}

// Unwrap returns ErrTooLarge.
func (e *SizeError) Unwrap() error { return ErrTooLarge }

// Step is one instruction and what it is for.
type Step struct {
	// Words say what the instruction does, for people.
	Words string
	// Tell, if Words is empty, makes them when they are asked for, see
	// [Step.Told]. What [Unsigned.Steps] returns has Words.
	Tell        func() string
	Instruction solana.Instruction
	// Units is how many compute units the instruction was measured to need, with room for the usual variation. It counts where
	// a transaction is not simulated.
	Units uint32
}

// Told is the step with its words in Words.
func (s Step) Told() Step {
	if s.Words == "" && s.Tell != nil {
		s.Words = s.Tell()
	}
	s.Tell = nil
	return s
}

// ComputeBudget limits and prices the computation of a transaction. It is a value of the plan, rendered as instructions, or read from the
// configuration of version 1.
type ComputeBudget struct {
	// UnitLimit is the most compute units the transaction may use. Zero leaves it to the network's default.
	UnitLimit uint32
	// UnitPrice is the priority fee in millionths of a lamport for each unit of the limit.
	UnitPrice uint64
	// LoadedAccountsDataSizeLimit is the most bytes that the accounts and
	// programs of the transaction may have. Zero leaves it to the network's
	// default.
	LoadedAccountsDataSizeLimit uint32
	// HeapSize is the memory of each program in bytes, zero for the default.
	// It is read from transactions; [Plan.Compile] refuses it.
	HeapSize uint32
	// PriorityLamports is the priority fee of a transaction of version 1, which
	// names lamports and no price. It is read from such transactions;
	// [Plan.Compile] refuses it.
	PriorityLamports uint64
}

// PriorityFee is what the budget costs in lamports, rounded up.
func (b ComputeBudget) PriorityFee() (uint64, error) {
	fee, err := fixed.MulDivCeil(uint64(b.UnitLimit), b.UnitPrice, microLamports)
	if err != nil {
		return 0, err
	}
	return fixed.Add(fee, b.PriorityLamports)
}

// UnitPriceFor is the highest unit price that keeps the priority fee of a limit within so many lamports.
func UnitPriceFor(lamports uint64, unitLimit uint32) uint64 {
	if unitLimit == 0 {
		return 0
	}
	price, err := fixed.MulDivFloor(lamports, microLamports, uint64(unitLimit))
	if err != nil {
		return math.MaxUint64
	}
	return price
}

// mostBudgetSteps is how many instructions a compute budget has at most.
const mostBudgetSteps = 3

// budgetData is the data of an instruction of the compute budget.
type budgetData [9]byte

// data writes the data of the instructions that appendSteps appends, and returns
// their sizes; zero for one that is not needed.
func (b ComputeBudget) data(to *[mostBudgetSteps]budgetData) (sizes [mostBudgetSteps]int) {
	if b.UnitLimit != 0 {
		to[0], sizes[0] = limitUnits(b.UnitLimit)
	}
	if b.UnitPrice != 0 {
		to[1], sizes[1] = priceUnits(b.UnitPrice)
	}
	if b.LoadedAccountsDataSizeLimit != 0 {
		to[2], sizes[2] = limitData(b.LoadedAccountsDataSizeLimit)
	}
	return sizes
}

// appendSteps appends the instructions of the budget.
func (b ComputeBudget) appendSteps(steps []Step) []Step {
	if units := b.UnitLimit; units != 0 {
		steps = append(steps, Step{
			Tell:        func() string { return fmt.Sprintf("limit the transaction to %d compute units", units) },
			Instruction: newBudgetInstruction(limitUnits(units)),
		})
	}
	if price := b.UnitPrice; price != 0 {
		steps = append(steps, Step{
			Tell:        func() string { return fmt.Sprintf("pay %d micro-lamports a compute unit for priority", price) },
			Instruction: newBudgetInstruction(priceUnits(price)),
		})
	}
	if limit := b.LoadedAccountsDataSizeLimit; limit != 0 {
		steps = append(steps, Step{
			Tell:        func() string { return fmt.Sprintf("load accounts of %d bytes at most", limit) },
			Instruction: newBudgetInstruction(limitData(limit)),
		})
	}
	return steps
}

// Plan is a transaction before it has a form: who pays, what it does in which order, and how long it may take.
type Plan struct {
	Payer    solana.PublicKey
	Steps    []Step
	Budget   ComputeBudget
	Lifetime Lifetime
	// BaseFee is what landing costs beside the priority fee, in lamports, if a
	// node has told it. Nil leaves it to an estimate, see [Unsigned.BaseFee].
	BaseFee *uint64
	// Legacy asks for the format without a version, for wallets that know no other. The default is version 0.
	Legacy bool
	// NewAccounts are the keys of accounts that the transaction creates where the program wants them to sign. They sign as soon as the
	// form is fixed: nobody else has them.
	NewAccounts []*KeySigner
	// Tables are address lookup tables that may be used, see [NewLookupTable]. They are only if the transaction does not fit without,
	// since a wallet that shows a transaction cannot show what is in them.
	Tables []LookupTable
}

// Units is the sum of what the steps were measured to need, in compute units,
// that of a nonce included. What the compute budget needs is not in it.
func (p Plan) Units() uint64 {
	var units uint64
	if p.Lifetime.Durable() {
		units = advanceNonceUnits
	}
	for i := range p.Steps {
		units += uint64(p.Steps[i].Units)
	}
	return units
}
