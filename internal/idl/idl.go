// Package idl describes the instructions of the programs of this module: the
// name, the bytes that the data begins with, the accounts in their order, and
// the fields of the data. Package instructions builds by these tables, and
// package explain reads by them, so that each fact stands once.
//
// A table is a variable with the name of the program and of the instruction,
// for example [MarinadeDeposit]. No code may change one.
package idl

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Instruction describes an instruction of a program.
type Instruction struct {
	Name string
	// Tag are the bytes that the data begins with.
	Tag string
	// Accounts are those that the instruction takes at least, in their order.
	Accounts []Account
	// Rest are the accounts that may follow.
	Rest Rest
	// Fields are the data behind the tag, in their order.
	Fields []Field
}

// Account is the place of an account in an instruction.
type Account struct {
	Name string
	// Access is the most that the instruction asks for.
	Access Access
	// Fixed is the only address there can be in this place. It is nil where the
	// address differs from transaction to transaction.
	Fixed *solana.PublicKey
}

// Access tells what an instruction may do with an account.
type Access uint8

// The kinds of access. A payer is writable and signs.
const (
	AccessReadonly Access = 0
	AccessWritable Access = 1
	AccessSigner   Access = 2
	AccessPayer           = AccessWritable | AccessSigner
)

// Writable reports whether the instruction may change the account.
func (a Access) Writable() bool { return a&AccessWritable != 0 }

// Signer reports whether the account signs.
func (a Access) Signer() bool { return a&AccessSigner != 0 }

// Rest describes the accounts behind those that an instruction always takes.
// At most one of the fields is set. If none is, the program looks at no further
// account.
type Rest struct {
	// Optional is one account that may follow.
	Optional *Account
	// Repeated are accounts that follow together, any number of times.
	Repeated []Account
	// Groups are the names of programs that are called. The accounts of a group
	// are its program and what that program takes; a field of the data, with
	// the name of the group and "accounts" behind it, tells their number. The
	// last group takes what is left.
	Groups []string
	// Pools are the pools that the instruction works with, one after the other.
	Pools []*Pools
}

// Pools are the accounts of a pool in one role, for each program that has such
// pools. They begin with the program. A program without such pools has none.
type Pools struct {
	StakePool []Account
	Marinade  []Account
	Lido      []Account
	Reserve   []Account
}

// Kind is the form of a field in the data.
type Kind uint8

// The kinds of fields.
const (
	KindU8 Kind = iota
	KindU16
	KindU32
	KindU64
	KindI16
	KindI32
	KindBool
	KindKey
	KindOptionalKey
	// KindLogLevel is one of the levels at which Lighthouse logs without a call
	// of another program.
	KindLogLevel
	// KindExactly are the bytes of the name of the field and no others.
	KindExactly
	// KindText is a text behind its length.
	KindText
	// KindRest are all bytes that are left.
	KindRest
)

// Unit tells what a number counts.
type Unit uint8

// The units. A field that is no amount has none.
const (
	UnitNone Unit = iota
	UnitLamports
	// UnitTokens are base units of the mint that [Field.Mint] names.
	UnitTokens
	UnitCompute
	UnitMicroLamports
	UnitBytes
	// UnitNumber is a position in a list, a number of accounts and the like.
	UnitNumber
)

// Field is a piece of the data.
type Field struct {
	Name string
	Kind Kind
	Unit Unit
	// Mint is the name of the account whose tokens are counted. It is empty
	// where the instruction has no such account.
	Mint string
}

// Lamports is a field that counts lamports.
func Lamports(name string) Field {
	return Field{
		Name: name,
		Kind: KindU64,
		Unit: UnitLamports,
	}
}

// Tokens is a field that counts base units of the mint in an account.
func Tokens(name, mint string) Field {
	return Field{
		Name: name,
		Kind: KindU64,
		Unit: UnitTokens,
		Mint: mint,
	}
}

// Number is a field that counts nothing that can be paid.
func Number(name string, kind Kind) Field {
	return Field{
		Name: name,
		Kind: kind,
		Unit: UnitNumber,
	}
}

// Value is a field that is no amount.
func Value(name string, kind Kind) Field { return Field{Name: name, Kind: kind} }

func readonly(name string) Account { return Account{Name: name} }
func writable(name string) Account { return Account{Name: name, Access: AccessWritable} }
func signer(name string) Account   { return Account{Name: name, Access: AccessSigner} }
func payer(name string) Account    { return Account{Name: name, Access: AccessPayer} }

// Accounts with one address.
var (
	systemProgram      = Account{Name: "system program", Fixed: &accounts.SystemProgram}
	tokenProgram       = Account{Name: "token program", Fixed: &accounts.TokenProgram}
	stakeProgram       = Account{Name: "stake program", Fixed: &accounts.StakeProgram}
	clock              = Account{Name: "clock", Fixed: &accounts.ClockSysvar}
	rent               = Account{Name: "rent", Fixed: &accounts.RentSysvar}
	stakeHistory       = Account{Name: "stake history", Fixed: &accounts.StakeHistorySysvar}
	instructionsSysvar = Account{Name: "instructions sysvar", Fixed: &solana.SysVarInstructionsPubkey}
	recentBlockhashes  = Account{Name: "recent blockhashes", Fixed: &solana.SysVarRecentBlockHashesPubkey}
	wrappedSOLMint     = Account{Name: "wrapped SOL mint", Fixed: &accounts.NativeMint}
)

// Fixed returns the account of a name that has one address; false if there is
// none of the name.
func Fixed(name string) (Account, bool) {
	all := []Account{
		systemProgram,
		tokenProgram,
		stakeProgram,
		clock,
		rent,
		stakeHistory,
		instructionsSysvar,
		recentBlockhashes,
		wrappedSOLMint,
	}

	at := slices.IndexFunc(all, func(a Account) bool { return a.Name == name })
	if at < 0 {
		return Account{}, false
	}
	return all[at], true
}
