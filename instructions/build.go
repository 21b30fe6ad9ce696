package instructions

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/condition"
	"github.com/sanctum-go/sanctum/internal/idl"
	"github.com/sanctum-go/sanctum/internal/wire"
)

// The reasons of a [*BuildError].
var (
	// ErrMissing is returned by Build when a required key is zero.
	ErrMissing = errors.New("missing")

	// ErrZeroAmount is returned by Build when an amount or a required limit is
	// zero.
	ErrZeroAmount = condition.ErrZeroAmount

	// ErrConflictingInput is returned by Build when fields contradict each
	// other or a value is out of range, for example when the input mint is the
	// output mint.
	ErrConflictingInput = errors.New("contradictory input")

	// ErrOperationDisabled is returned by Build when the pool reserves the
	// operation for an authority that cannot sign. Use another route.
	ErrOperationDisabled = errors.New("operation is switched off (use another route)")
)

// errTable is the reason when a Build method does not match the table of the
// instruction. It is a bug of this package.
var errTable = errors.New("does not match the table of the instruction")

// BuildError is returned by the Build methods and the constructors of this
// package when an input is missing or invalid.
type BuildError struct {
	// Instruction is the name of the instruction in its program, for example
	// "DepositSol", or the name of the struct to fill.
	Instruction string

	// Field is the invalid account or argument, for example "lamports".
	Field string

	// Reason is ErrMissing, ErrZeroAmount, ErrConflictingInput,
	// ErrOperationDisabled, possibly wrapped, or another cause.
	Reason error
}

// Error returns one line with the instruction, the field and the reason.
func (e *BuildError) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("build %s: %s: %v", e.Instruction, e.Field, e.Reason)
}

// Unwrap returns Reason.
func (e *BuildError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Reason
}

// builder appends the accounts and the data fields of an instruction in the
// order of its table.
type builder struct {
	table *idl.Instruction
	data  wire.Instruction

	// account, field and further are the positions of the next account, the
	// next data field, and the next group or pool after the accounts.
	account, field, further int

	// err is the first error.
	err error
}

// newBuilder starts an instruction. further is the number of accounts in
// addition to those that the table always has.
func newBuilder(table *idl.Instruction, program solana.PublicKey, further int) builder {
	b := builder{
		table: table,
		data:  wire.NewInstruction(program, len(table.Accounts)+further),
	}
	b.data.Text(table.Tag)
	b.require("program id", program)
	return b
}

func (b *builder) fail(field string, reason error) {
	if b.err == nil {
		b.err = &BuildError{
			Instruction: b.table.Name,
			Field:       field,
			Reason:      reason,
		}
	}
}

// require fails if key is zero. Zero is also the address of the system program,
// which is never a valid value of these fields.
func (b *builder) require(field string, key solana.PublicKey) {
	if key.IsZero() {
		b.fail(field, ErrMissing)
	}
}

// accounts appends the next accounts of the table, together with the accounts
// of fixed address between them.
func (b *builder) accounts(keys ...solana.PublicKey) {
	for at := range keys {
		if place := b.place(); place != nil {
			b.put(place, &keys[at], place.Access)
		}
	}
}

// derived appends the next account of the table, a derived address. err is the
// error of the derivation.
func (b *builder) derived(key solana.PublicKey, err error) {
	place := b.place()
	switch {
	case place == nil:
	case err != nil:
		b.fail(place.Name, err)
	default:
		b.put(place, &key, place.Access)
	}
}

// lesser appends the next account of the table with the given access, which is
// less than that of the table.
func (b *builder) lesser(key solana.PublicKey, access idl.Access) {
	if place := b.place(); place != nil {
		b.put(place, &key, access)
	}
}

// place returns the next account of the table without a fixed address. If the
// table has no more accounts, it fails and returns nil.
func (b *builder) place() *idl.Account {
	b.fixed()
	if b.account == len(b.table.Accounts) {
		b.fail("accounts", errTable)
		return nil
	}

	b.account++
	return &b.table.Accounts[b.account-1]
}

// fixed appends the next accounts of the table while they have a fixed address.
func (b *builder) fixed() {
	all := b.table.Accounts
	for b.account < len(all) && all[b.account].Fixed != nil {
		b.data.Account(*all[b.account].Fixed, all[b.account].Access.Writable(), false)
		b.account++
	}
}

// put appends key as the given account of the table.
func (b *builder) put(place *idl.Account, key *solana.PublicKey, access idl.Access) {
	if *key == (solana.PublicKey{}) {
		b.fail(place.Name, ErrMissing)
	}
	b.data.Account(*key, access.Writable(), access.Signer())
}

// optional appends the optional account after the others.
func (b *builder) optional(key solana.PublicKey) {
	b.fixed()
	b.put(b.table.Rest.Optional, &key, b.table.Rest.Optional.Access)
}

// repeated appends one of the accounts that are repeated after the others.
func (b *builder) repeated(at int, key solana.PublicKey, err error) {
	b.fixed()
	place := &b.table.Rest.Repeated[at]
	if err != nil {
		b.fail(place.Name, err)
	}
	b.put(place, &key, place.Access)
}

// next returns the next field of the data. If the table has no more fields, it
// fails and returns the zero value.
func (b *builder) next() idl.Field {
	if b.field == len(b.table.Fields) {
		b.fail("data", errTable)
		return idl.Field{}
	}

	b.field++
	return b.table.Fields[b.field-1]
}

// number appends the next field, a number. v is the two's complement of a
// negative number.
func (b *builder) number(v uint64) {
	switch field := b.next(); field.Kind {
	case idl.KindU8, idl.KindChoice:
		b.data.U8(uint8(v))
	case idl.KindU16, idl.KindI16:
		b.data.U16(uint16(v))
	case idl.KindU32, idl.KindI32:
		b.data.U32(uint32(v))
	case idl.KindU64:
		b.data.U64(v)
	default:
		b.fail(field.Name, errTable)
	}
}

// amount appends the next field, a number that must not be zero.
func (b *builder) amount(v uint64) {
	if v == 0 && b.field < len(b.table.Fields) {
		b.fail(b.table.Fields[b.field].Name, ErrZeroAmount)
	}
	b.number(v)
}

// key appends the next field, a key.
func (b *builder) key(key solana.PublicKey) {
	field := b.next()
	if field.Kind != idl.KindKey {
		b.fail(field.Name, errTable)
	}
	b.require(field.Name, key)
	b.data.Key(key)
}

// flag appends the next field, a bool.
func (b *builder) flag(v bool) {
	if field := b.next(); field.Kind != idl.KindBool {
		b.fail(field.Name, errTable)
	}
	b.data.Bool(v)
}

// optionalKey appends the next field, a key or its absence.
func (b *builder) optionalKey(key *solana.PublicKey) {
	field := b.next()
	if field.Kind != idl.KindOptionalKey {
		b.fail(field.Name, errTable)
	}
	if key != nil {
		b.require(field.Name, *key)
	}
	b.data.OptionKey(key)
}

// text appends the next field, a text of at most the given number of bytes.
func (b *builder) text(text string, most int) {
	field := b.next()
	if field.Kind != idl.KindShortText {
		b.fail(field.Name, errTable)
	}
	if len(text) > most {
		b.fail(field.Name, fmt.Errorf("%w: %d bytes, at most %d", ErrConflictingInput, len(text),
			most))
	}
	b.data.U32(uint32(len(text)))
	b.data.Text(text)
}

// raw skips the next field. The caller appends its bytes.
func (b *builder) raw() {
	if field := b.next(); field.Kind != idl.KindRest {
		b.fail(field.Name, errTable)
	}
}

// build returns the instruction. It fails unless every account and field of the
// table was appended.
func (b *builder) build() (solana.Instruction, error) {
	b.fixed()
	rest := b.table.Rest
	if b.account != len(b.table.Accounts) || b.field != len(b.table.Fields) ||
		b.further != len(rest.Groups)+len(rest.Pools) {
		b.fail("table", errTable)
	}

	if b.err != nil {
		return nil, b.err
	}

	return b.data.Done(), nil
}
