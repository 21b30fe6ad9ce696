package wire

import "github.com/gagliardetto/solana-go"

// Instruction collects the accounts and the data of an instruction. Small
// instructions take a single allocation. Call [Instruction.Done] once, after
// everything is appended.
type Instruction struct {
	// Writer appends to the data of the instruction.
	Writer
	made     *solana.GenericInstruction
	accounts []solana.AccountMeta
	// pointers has space for one pointer to each account.
	pointers []*solana.AccountMeta
}

// Instructions with space for a number of accounts and bytes. The sizes fit the
// size classes of the allocator.
type (
	instruction0 struct {
		made solana.GenericInstruction
		data [16]byte
	}
	instruction3 struct {
		made     solana.GenericInstruction
		accounts [3]solana.AccountMeta
		pointers [3]*solana.AccountMeta
		data     [32]byte
	}
	instruction6 struct {
		made     solana.GenericInstruction
		accounts [6]solana.AccountMeta
		pointers [6]*solana.AccountMeta
		data     [16]byte
	}
	instruction11 struct {
		made     solana.GenericInstruction
		accounts [11]solana.AccountMeta
		pointers [11]*solana.AccountMeta
		data     [24]byte
	}
	instruction12 struct {
		made     solana.GenericInstruction
		accounts [12]solana.AccountMeta
		pointers [12]*solana.AccountMeta
		data     [48]byte
	}
	instruction16 struct {
		made     solana.GenericInstruction
		accounts [16]solana.AccountMeta
		pointers [16]*solana.AccountMeta
		data     [48]byte
	}
	instruction26 struct {
		made     solana.GenericInstruction
		accounts [26]solana.AccountMeta
		pointers [26]*solana.AccountMeta
		data     [56]byte
	}
)

// NewInstruction returns an instruction of a program, with space for a number
// of accounts.
func NewInstruction(program solana.PublicKey, accounts int) Instruction {
	var i Instruction
	switch {
	case accounts <= 0:
		made := new(instruction0)
		i.made, i.data = &made.made, made.data[:0]
	case accounts <= 3:
		made := new(instruction3)
		i.made, i.data = &made.made, made.data[:0]
		i.accounts, i.pointers = made.accounts[:0], made.pointers[:0]

	case accounts <= 6:
		made := new(instruction6)
		i.made, i.data = &made.made, made.data[:0]
		i.accounts, i.pointers = made.accounts[:0], made.pointers[:0]

	case accounts <= 11:
		made := new(instruction11)
		i.made, i.data = &made.made, made.data[:0]
		i.accounts, i.pointers = made.accounts[:0], made.pointers[:0]

	case accounts <= 12:
		made := new(instruction12)
		i.made, i.data = &made.made, made.data[:0]
		i.accounts, i.pointers = made.accounts[:0], made.pointers[:0]

	case accounts <= 16:
		made := new(instruction16)
		i.made, i.data = &made.made, made.data[:0]
		i.accounts, i.pointers = made.accounts[:0], made.pointers[:0]

	case accounts <= 26:
		made := new(instruction26)
		i.made, i.data = &made.made, made.data[:0]
		i.accounts, i.pointers = made.accounts[:0], made.pointers[:0]

	default:
		i.made, i.accounts = new(solana.GenericInstruction), make([]solana.AccountMeta, 0, accounts)
	}

	i.made.ProgID = program
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

		pointers := i.pointers[:count:count]
		for at := range pointers {
			pointers[at] = &i.accounts[at]
		}

		i.made.AccountValues = pointers
	}

	data := i.data
	i.made.DataBytes = data[:len(data):len(data)]
	return i.made
}
