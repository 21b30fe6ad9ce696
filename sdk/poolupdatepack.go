package sdk

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// validatorsPerInstruction is the highest number of validators in an
	// UpdateValidatorListBalance instruction.
	validatorsPerInstruction = 4
	// validatorsPerTransaction is more than the number of validators that fit
	// into a transaction of [txn.MaxSize] bytes.
	validatorsPerTransaction = 12
)

// Compute units as measured with the builds of 2025, plus a margin.
const (
	updateListUnits        = 15_000
	updateValidatorUnits   = 60_000
	updateBalanceUnits     = 60_000
	cleanupUnits           = 20_000
	updateBalanceUnitsEach = 60
	cleanupUnitsEach       = 60
)

// poolUpdatePart is one transaction of a pool update.
type poolUpdatePart struct {
	steps []txn.Step
	// entries are the positions of the validators that it updates.
	entries []int
}

// poolUpdatePacker divides a pool update into transactions.
type poolUpdatePacker struct {
	pool  *stalePool
	payer solana.PublicKey
}

// pack returns the transactions of a pool update. All but the last can be
// executed in any order. The last one updates the pool's balance and removes
// validators without stake. It also updates the last validators that are out of
// date, as many as fit.
func (p poolUpdatePacker) pack() ([]poolUpdatePart, error) {
	closing, err := p.closing()
	if err != nil {
		return nil, err
	}

	behind := p.pool.behind
	var last poolUpdatePart
	for n := min(len(behind), validatorsPerTransaction); ; n-- {
		last, err = p.part(behind[len(behind)-n:], closing)
		if err == nil {
			behind = behind[:len(behind)-n]
			break
		}

		if n == 0 || !isTooMuch(err) {
			return nil, err
		}
	}

	var parts []poolUpdatePart
	for len(behind) > 0 {
		var next poolUpdatePart
		for n := min(len(behind), validatorsPerTransaction); ; n-- {
			next, err = p.part(behind[:n], nil)
			if err == nil {
				behind = behind[n:]
				break
			}

			if n == 1 || !isTooMuch(err) {
				return nil, err
			}
		}

		parts = append(parts, next)
	}

	return append(parts, last), nil
}

// closing returns the steps that end a pool update.
func (p poolUpdatePacker) closing() ([]txn.Step, error) {
	balance, err := instructions.StakePoolUpdateBalance{Pool: p.pool.keys}.Build()
	if err != nil {
		return nil, err
	}

	cleanup, err := instructions.StakePoolCleanupRemovedValidatorEntries{Pool: p.pool.keys}.Build()
	if err != nil {
		return nil, err
	}

	count := uint32(len(p.pool.list.Validators))

	return []txn.Step{
		{
			Description:  "update the pool's balance for this epoch",
			Instruction:  balance,
			ComputeUnits: updateBalanceUnits + count*updateBalanceUnitsEach,
		},
		{
			Description:  "remove validators without stake from the pool's list",
			Instruction:  cleanup,
			ComputeUnits: cleanupUnits + count*cleanupUnitsEach,
		},
	}, nil
}

// part returns the transaction that updates the given validators, followed by
// other steps. The error is [errTooMuch] or a size error if it does not fit.
func (p poolUpdatePacker) part(entries []int, rest []txn.Step) (poolUpdatePart, error) {
	part := poolUpdatePart{entries: entries}
	for start := 0; start < len(entries); {
		end := start + 1
		for end < len(entries) && end-start < validatorsPerInstruction &&
			entries[end] == entries[end-1]+1 {
			end++
		}

		first := entries[start]
		ix, err := instructions.StakePoolUpdateValidatorListBalance{
			Pool:       p.pool.keys,
			StartIndex: uint32(first),
			Validators: p.pool.list.Validators[first : first+end-start],
		}.Build()
		if err != nil {
			return part, err
		}

		part.steps = append(part.steps, txn.Step{
			Description: fmt.Sprintf("record the balances of %d of the pool's validators",
				end-start),
			Instruction:  ix,
			ComputeUnits: updateListUnits + uint32(end-start)*updateValidatorUnits,
		})

		start = end
	}

	part.steps = slices.Concat(part.steps, rest)

	return part, p.fits(part.steps)
}

// errTooMuch is the error of a transaction that needs more compute units than a
// transaction can have.
var errTooMuch = fmt.Errorf("more than %d compute units", txn.MaxComputeUnits)

// isTooMuch reports whether a transaction has too many validators.
func isTooMuch(err error) bool { return isSizeError(err) || errors.Is(err, errTooMuch) }

// fits returns an error if steps do not fit into a transaction with all
// instructions for its budget.
func (p poolUpdatePacker) fits(steps []txn.Step) error {
	plan := txn.Plan{
		Payer:    p.payer,
		Steps:    steps,
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
		Budget:   txn.ComputeBudget{ComputeUnitLimit: maxUnitLimit, ComputeUnitPrice: 1},
	}

	if _, err := plan.Compile(); err != nil {
		return err
	}

	if plan.ComputeUnits()+budgetUnits > maxUnitLimit {
		return errTooMuch
	}

	return nil
}
