package instructions

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/condition"
	"github.com/sanctum-go/sanctum/internal/wire"
)

// Conditions under which an instruction is not built; a [*BuildError] wraps one of them.
var (
	// ErrMissing says that a key was left zero.
	ErrMissing = errors.New("missing")
	// ErrZeroAmount says that an amount is zero.
	ErrZeroAmount = condition.ZeroAmount
	// ErrContradiction says that fields do not go together.
	ErrContradiction = errors.New("contradictory input")
	// ErrDisabled says that the pool has handed the operation to an authority that can never sign.
	ErrDisabled = errors.New("operation is switched off (use another way)")
)

// BuildError says which field keeps which instruction from being built.
type BuildError struct {
	Instruction string
	Field       string
	Reason      error
}

// Error is one line that names instruction and field.
func (e *BuildError) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("build %s: %s: %v", e.Instruction, e.Field, e.Reason)
}

// Unwrap returns the reason.
func (e *BuildError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Reason
}

// builder collects accounts and data of one instruction and remembers the first thing that is wrong with them.
type builder struct {
	name string
	data *wire.Instruction
	err  error
}

// usualAccounts is how many accounts there is room for at first.
const usualAccounts = 16

func newBuilder(name string, program solana.PublicKey) builder {
	return newBuilderFor(name, program, usualAccounts)
}

// newBuilderFor is newBuilder with room for some accounts.
func newBuilderFor(name string, program solana.PublicKey, accounts int) builder {
	b := builder{name: name, data: wire.NewInstruction(program, accounts)}
	b.require("program id", program)
	return b
}

func (b *builder) fail(field string, reason error) {
	if b.err == nil {
		b.err = &BuildError{Instruction: b.name, Field: field, Reason: reason}
	}
}

// require refuses the zero key. It is the address of the system program, which no field of ours ever stands for.
func (b *builder) require(field string, key solana.PublicKey) {
	if key.IsZero() {
		b.fail(field, ErrMissing)
	}
}

func (b *builder) account(field string, key solana.PublicKey, writable, signer bool) {
	b.require(field, key)
	b.data.Account(key, writable, signer)
}

func (b *builder) readonly(field string, key solana.PublicKey) { b.account(field, key, false, false) }
func (b *builder) writable(field string, key solana.PublicKey) { b.account(field, key, true, false) }
func (b *builder) signer(field string, key solana.PublicKey)   { b.account(field, key, false, true) }
func (b *builder) payer(field string, key solana.PublicKey)    { b.account(field, key, true, true) }

// derived appends a writable account that the program derives as well.
func (b *builder) derived(field string, key solana.PublicKey, err error) {
	if err != nil {
		b.fail(field, err)
		return
	}
	b.writable(field, key)
}

// program id accounts and sysvars are constants: the system program's is all zeros and must not count as missing.
func (b *builder) fixed(key solana.PublicKey) {
	b.data.Account(key, false, false)
}

func (b *builder) amount(field string, v uint64) {
	if v == 0 {
		b.fail(field, ErrZeroAmount)
	}
	b.data.U64(v)
}

func (b *builder) build() (solana.Instruction, error) {
	if b.err != nil {
		return nil, b.err
	}
	return b.data.Done(), nil
}
