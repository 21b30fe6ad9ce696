// Package idl describes the instructions of the programs that this module uses:
// the name, the tag, the accounts and the fields of the data. Package
// instructions builds instructions from these tables, and package explain reads
// instructions with them.
//
// A table is a variable with the name of the program and the instruction, for
// example [MarinadeDeposit]. Tables must not be modified.
package idl

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Instruction describes an instruction of a program.
type Instruction struct {
	Name string
	// Tag is the discriminator, the first bytes of the data.
	Tag string
	// Accounts are the required accounts, in order.
	Accounts []Account
	// Rest describes the accounts after the required ones.
	Rest Rest
	// Fields are the fields of the data after the tag, in order.
	Fields []Field
}

// Account is one account of an instruction.
type Account struct {
	Name string
	// Access is the maximum access that the instruction requires.
	Access Access
	// Fixed is the address of the account, if it is the same in all
	// transactions, or nil.
	Fixed *solana.PublicKey
}

// Access is the access of an instruction to an account.
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

// Rest describes the accounts after the required ones. At most one of its
// fields is set. If no field is set, the program ignores further accounts.
type Rest struct {
	// Optional is a single optional account.
	Optional *Account
	// Repeated are accounts that occur together, any number of times.
	Repeated []Account
	// Groups are the names of programs that the instruction calls. The accounts
	// of a group are the program and the accounts of its instruction. A field
	// of the data, named after the group with "accounts" appended, holds their
	// number; the last group takes all remaining accounts.
	Groups []string
	// Pools are the pools that the instruction uses, in order.
	Pools []*Pools
}

// Pools holds the accounts of a pool in one role, for each program that can
// have this role. The first account is the program.
type Pools struct {
	StakePool []Account
	Marinade  []Account
	Lido      []Account
	Reserve   []Account
}

// Kind is the encoding of a field.
type Kind uint8

// The encodings of fields.
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
	// KindLogLevel is a log level of Lighthouse. Only levels that call no other
	// program are valid.
	KindLogLevel
	// KindExactly is a constant: the bytes of the field's name.
	KindExactly
	// KindText is a text after its length in eight bytes.
	KindText
	// KindShortText is a text after its length in four bytes.
	KindShortText
	// KindChoice is one byte, the position of a name in [Field.Choices].
	KindChoice
	// KindRest is all remaining bytes.
	KindRest
)

// Unit is the unit of a number.
type Unit uint8

// The units. A field that is not an amount has no unit.
const (
	UnitNone Unit = iota
	UnitLamports
	// UnitTokens is base units of the mint in [Field.Mint].
	UnitTokens
	UnitCompute
	UnitMicroLamports
	UnitBytes
	// UnitNumber is a plain number, for example an index or the number of
	// accounts.
	UnitNumber
)

// Field is one field of the data.
type Field struct {
	Name string
	Kind Kind
	Unit Unit
	// Mint is the name of the account that is the mint of the amount. It is
	// empty if the instruction does not have the mint.
	Mint string
	// Choices are the names of the values of a KindChoice. A value without a
	// name is not valid.
	Choices []string
}

// Lamports returns a field with an amount of lamports.
func Lamports(name string) Field {
	return Field{
		Name: name,
		Kind: KindU64,
		Unit: UnitLamports,
	}
}

// Tokens returns a field with an amount of tokens. mint is the name of the mint
// account.
func Tokens(name, mint string) Field {
	return Field{
		Name: name,
		Kind: KindU64,
		Unit: UnitTokens,
		Mint: mint,
	}
}

// Number returns a field with a plain number.
func Number(name string, kind Kind) Field {
	return Field{
		Name: name,
		Kind: kind,
		Unit: UnitNumber,
	}
}

// Choice returns a field with one of several values, in order.
func Choice(name string, choices ...string) Field {
	return Field{
		Name:    name,
		Kind:    KindChoice,
		Choices: choices,
	}
}

// Value returns a field that is not an amount.
func Value(name string, kind Kind) Field { return Field{Name: name, Kind: kind} }

func readonly(name string) Account { return Account{Name: name} }
func writable(name string) Account { return Account{Name: name, Access: AccessWritable} }
func signer(name string) Account   { return Account{Name: name, Access: AccessSigner} }
func payer(name string) Account    { return Account{Name: name, Access: AccessPayer} }

// Accounts with a fixed address.
var (
	systemProgram   = Account{Name: "system program", Fixed: &accounts.SystemProgram}
	tokenProgram    = Account{Name: "token program", Fixed: &accounts.TokenProgram}
	stakeProgram    = Account{Name: "stake program", Fixed: &accounts.StakeProgram}
	clock           = Account{Name: "clock", Fixed: &accounts.ClockSysvar}
	rent            = Account{Name: "rent", Fixed: &accounts.RentSysvar}
	stakeHistory    = Account{Name: "stake history", Fixed: &accounts.StakeHistorySysvar}
	stakeConfig     = Account{Name: "stake config", Fixed: &solana.SysVarStakeConfigPubkey}
	metadataProgram = Account{
		Name:  "token metadata program",
		Fixed: &accounts.TokenMetadataProgram,
	}
	instructionsSysvar = Account{
		Name:  "instructions sysvar",
		Fixed: &solana.SysVarInstructionsPubkey,
	}
	recentBlockhashes = Account{
		Name:  "recent blockhashes",
		Fixed: &solana.SysVarRecentBlockHashesPubkey,
	}
	wrappedSOLMint = Account{Name: "wrapped SOL mint", Fixed: &accounts.NativeMint}
)

// Fixed returns the account with a fixed address and the given name. The result
// is false if there is no such account.
func Fixed(name string) (Account, bool) {
	all := []Account{
		systemProgram,
		tokenProgram,
		stakeProgram,
		clock,
		rent,
		stakeHistory,
		stakeConfig,
		metadataProgram,
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
