package instructions

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/condition"
	"github.com/sanctum-go/sanctum/internal/idl"
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

// errTable is the reason if a Build method does not fill in what its table has.
// It is a fault of this package.
var errTable = errors.New("it does not go with the table of the instruction")

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

// builder fills in an instruction by its table: the accounts and the fields of
// the data, each in order. It remembers the first thing that is wrong.
type builder struct {
	table *idl.Instruction
	data  wire.Instruction
	// account, field and further are the positions of the next account, the next
	// field, and the next group or pool behind the accounts.
	account, field, further int
	err                     error
}

// newBuilder begins an instruction. The program may take further accounts than
// those that the table always has; there is room for that many.
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
		b.err = &BuildError{Instruction: b.table.Name, Field: field, Reason: reason}
	}
}

// require refuses the zero key. It is the address of the system program, which
// no field of ours ever stands for.
func (b *builder) require(field string, key solana.PublicKey) {
	if key.IsZero() {
		b.fail(field, ErrMissing)
	}
}

// accounts appends the next accounts of the table, and all before each of them
// that have one address only.
func (b *builder) accounts(keys ...solana.PublicKey) {
	for at := range keys {
		if place := b.place(); place != nil {
			b.put(place, &keys[at], place.Access)
		}
	}
}

// derived appends the next account of the table, which the program derives as
// well.
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

// lesser appends the next account of the table, with less access than the table
// gives it.
func (b *builder) lesser(key solana.PublicKey, access idl.Access) {
	if place := b.place(); place != nil {
		b.put(place, &key, access)
	}
}

// place is the next place of the table for an account that has no address of
// its own; nil if there is none.
func (b *builder) place() *idl.Account {
	b.fixed()
	if b.account == len(b.table.Accounts) {
		b.fail("accounts", errTable)
		return nil
	}

	b.account++
	return &b.table.Accounts[b.account-1]
}

// fixed appends the accounts of the table that are next and have one address.
func (b *builder) fixed() {
	all := b.table.Accounts
	for b.account < len(all) && all[b.account].Fixed != nil {
		b.data.Account(*all[b.account].Fixed, all[b.account].Access.Writable(), false)
		b.account++
	}
}

// put appends an account in a place of the table.
func (b *builder) put(place *idl.Account, key *solana.PublicKey, access idl.Access) {
	if *key == (solana.PublicKey{}) {
		b.fail(place.Name, ErrMissing)
	}
	b.data.Account(*key, access.Writable(), access.Signer())
}

// optional appends the account that may be behind the others.
func (b *builder) optional(key solana.PublicKey) {
	b.fixed()
	b.put(b.table.Rest.Optional, &key, b.table.Rest.Optional.Access)
}

// repeated appends one of the accounts that are repeated behind the others.
func (b *builder) repeated(at int, key solana.PublicKey, err error) {
	b.fixed()
	place := &b.table.Rest.Repeated[at]
	if err != nil {
		b.fail(place.Name, err)
	}
	b.put(place, &key, place.Access)
}

// next is the next field of the data; the zero value if there is none, which
// no builder asks for.
func (b *builder) next() idl.Field {
	if b.field == len(b.table.Fields) {
		b.fail("data", errTable)
		return idl.Field{}
	}

	b.field++
	return b.table.Fields[b.field-1]
}

// number appends the next field, which is a number. A negative one is given as
// its two's complement.
func (b *builder) number(v uint64) {
	switch field := b.next(); field.Kind {
	case idl.KindU8:
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

// amount appends the next field, which is a number other than zero.
func (b *builder) amount(v uint64) {
	if v == 0 && b.field < len(b.table.Fields) {
		b.fail(b.table.Fields[b.field].Name, ErrZeroAmount)
	}
	b.number(v)
}

// key appends the next field, which is a key.
func (b *builder) key(key solana.PublicKey) {
	field := b.next()
	if field.Kind != idl.KindKey {
		b.fail(field.Name, errTable)
	}
	b.require(field.Name, key)
	b.data.Key(key)
}

// flag appends the next field, which is true or false.
func (b *builder) flag(v bool) {
	if field := b.next(); field.Kind != idl.KindBool {
		b.fail(field.Name, errTable)
	}
	b.data.Bool(v)
}

// raw takes the next field, of which the caller appends the bytes.
func (b *builder) raw() {
	if field := b.next(); field.Kind != idl.KindRest {
		b.fail(field.Name, errTable)
	}
}

// build returns the instruction, if all that the table has was filled in.
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
