package sdk

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// StepError names the step of a transaction that failed. It wraps the failure,
// in which errors.As finds a *progerr.TransactionError.
type StepError struct {
	// Step is the position of the failed instruction, from 1, and Steps the
	// number of instructions.
	Step, Steps int
	// Description describes the instruction in words, for example "create the
	// token account of …".
	Description string
	// Err is the failure.
	Err error
}

// Error returns one line, for example "step 3 of 5 failed (stake 1.5 SOL):
// transaction failed: …".
func (e *StepError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("step %d of %d failed (%s): %v", e.Step, e.Steps, e.Description, e.Err)
}

// Unwrap returns the failure.
func (e *StepError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// nameStep adds the step to a failure, or returns it unchanged if the failure
// names no instruction of the transaction.
func (c *Client) nameStep(failure error, unsigned *txn.Unsigned) error {
	var of *progerr.TransactionError
	if !errors.As(failure, &of) || of.Instruction < 0 {
		return failure
	}

	steps := unsigned.Steps()
	if of.Instruction >= len(steps) {
		return failure
	}

	step := steps[of.Instruction]
	description := step.Description

	// The steps of a parsed transaction have no description of their own.
	if description == fmt.Sprintf("an instruction of program %s", step.Instruction.ProgramID()) {
		in := explain.Transaction(unsigned, c.lsts()).Instructions[of.Instruction]
		if in.Known() {
			description = in.Summary
		}
	}

	return &StepError{
		Step:        of.Instruction + 1,
		Steps:       len(steps),
		Description: description,
		Err:         failure,
	}
}
