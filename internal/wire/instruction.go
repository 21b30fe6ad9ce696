package wire

import "github.com/gagliardetto/solana-go"

const (
	// accountsInside and dataInside are how much of an instruction lies within
	// its one value. More is allocated.
	accountsInside = 20
	dataInside     = 48
)

// Instruction collects the accounts and the data of an instruction, in two
// allocations if it is as small as most are: the value itself, and the accounts.
type Instruction struct {
	// Writer appends to the data.
	Writer
	made     solana.GenericInstruction
	accounts []solana.AccountMeta
	pointers [accountsInside]*solana.AccountMeta
	data     [dataInside]byte
}

// Init begins an instruction of a program, with room for some accounts. It must
// not be called twice.
func (i *Instruction) Init(program solana.PublicKey, accounts int) {
	i.made.ProgID = program
	i.Writer.data = i.data[:0]
	if accounts > 0 {
		i.accounts = make([]solana.AccountMeta, 0, accounts)
	}
}

// NewInstruction begins an instruction of a program, with room for some
// accounts.
func NewInstruction(program solana.PublicKey, accounts int) *Instruction {
	i := new(Instruction)
	i.Init(program, accounts)
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
	if len(i.accounts) > 0 {
		pointers := i.pointers[:0]
		for at := range i.accounts {
			pointers = append(pointers, &i.accounts[at])
		}
		i.made.AccountValues = pointers[:len(pointers):len(pointers)]
	}
	data := i.Writer.data
	i.made.DataBytes = data[:len(data):len(data)]
	return &i.made
}
