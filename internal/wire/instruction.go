package wire

import "github.com/gagliardetto/solana-go"

// dataInside is how much of an instruction's data lies within its one value.
// More is allocated.
const dataInside = 48

// Instruction collects the accounts and the data of an instruction, in one
// allocation if it is as small as most are.
type Instruction struct {
	// Writer appends to the data.
	Writer
	made     solana.GenericInstruction
	accounts []solana.AccountMeta
	// pointers has room for one pointer to each account.
	pointers []*solana.AccountMeta
	data     [dataInside]byte
}

// Instructions with room for some accounts.
type (
	instruction3 struct {
		Instruction
		accounts [3]solana.AccountMeta
		pointers [3]*solana.AccountMeta
	}
	instruction6 struct {
		Instruction
		accounts [6]solana.AccountMeta
		pointers [6]*solana.AccountMeta
	}
	instruction12 struct {
		Instruction
		accounts [12]solana.AccountMeta
		pointers [12]*solana.AccountMeta
	}
	instruction16 struct {
		Instruction
		accounts [16]solana.AccountMeta
		pointers [16]*solana.AccountMeta
	}
	instruction26 struct {
		Instruction
		accounts [26]solana.AccountMeta
		pointers [26]*solana.AccountMeta
	}
)

// NewInstruction begins an instruction of a program, with room for some
// accounts.
func NewInstruction(program solana.PublicKey, accounts int) *Instruction {
	var i *Instruction
	switch {
	case accounts <= 0:
		i = new(Instruction)
	case accounts <= 3:
		made := new(instruction3)
		i, made.Instruction.accounts, made.Instruction.pointers = &made.Instruction, made.accounts[:0], made.pointers[:0]
	case accounts <= 6:
		made := new(instruction6)
		i, made.Instruction.accounts, made.Instruction.pointers = &made.Instruction, made.accounts[:0], made.pointers[:0]
	case accounts <= 12:
		made := new(instruction12)
		i, made.Instruction.accounts, made.Instruction.pointers = &made.Instruction, made.accounts[:0], made.pointers[:0]
	case accounts <= 16:
		made := new(instruction16)
		i, made.Instruction.accounts, made.Instruction.pointers = &made.Instruction, made.accounts[:0], made.pointers[:0]
	case accounts <= 26:
		made := new(instruction26)
		i, made.Instruction.accounts, made.Instruction.pointers = &made.Instruction, made.accounts[:0], made.pointers[:0]
	default:
		i = &Instruction{accounts: make([]solana.AccountMeta, 0, accounts)}
	}
	i.made.ProgID = program
	i.Writer.data = i.data[:0]
	return i
}

// Account appends an account.
func (i *Instruction) Account(key solana.PublicKey, writable, signer bool) {
	i.accounts = append(i.accounts, solana.AccountMeta{
		PublicKey:  key,
		IsWritable: writable,
		IsSigner:   signer,
	})
}

// Done returns the instruction. Nothing may be appended afterwards.
func (i *Instruction) Done() *solana.GenericInstruction {
	if count := len(i.accounts); count > 0 {
		if cap(i.pointers) < count {
			i.pointers = make([]*solana.AccountMeta, 0, count)
		}
		for at := range i.accounts {
			i.pointers = append(i.pointers, &i.accounts[at])
		}
		i.made.AccountValues = i.pointers[:count:count]
	}
	data := i.Writer.data
	i.made.DataBytes = data[:len(data):len(data)]
	return &i.made
}
