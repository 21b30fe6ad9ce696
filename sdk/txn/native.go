package txn

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/wire"
)

// This file encodes the instructions of the system, stake, memo, compute budget
// and associated token programs. The bytes equal those of solana-go, which
// needs a dozen allocations for each instruction and encodes it again on every
// read.

// Numbers of the instructions in their programs.
const (
	systemTransfer         = 2
	systemCreateWithSeed   = 3
	systemAdvanceNonce     = 4
	systemAllocateWithSeed = 9
	systemTransferWithSeed = 11
	stakeAuthorize         = 1
	stakeSplit             = 3
	stakeWithdraw          = 4
	stakeDeactivate        = 5
	stakeMerge             = 7
	budgetUnitLimit        = 2
	budgetUnitPrice        = 3
	budgetDataLimit        = 4
	tokenCreateIdempotent  = 1
)

// text writes a string in the encoding of the system program: its length as
// uint64, then its bytes.
func text(ix *wire.Instruction, s string) {
	ix.U64(uint64(len(s)))
	ix.Raw([]byte(s))
}

// transfer builds a transfer of lamports between system accounts.
func transfer(lamports uint64, from, to solana.PublicKey) solana.Instruction {
	ix := wire.NewInstruction(accounts.SystemProgram, 2)
	ix.Account(from, true, true)
	ix.Account(to, true, false)
	ix.U32(systemTransfer)
	ix.U64(lamports)
	return ix.Done()
}

// seeded is an account whose address is derived from a base key, which signs, a
// seed, and the program that owns it.
type seeded struct {
	address, base, owner solana.PublicKey
	seed                 string
}

// create builds the instruction that creates the account. The funder pays the
// lamports.
func (s seeded) create(lamports, space uint64, funder solana.PublicKey) solana.Instruction {
	ix := wire.NewInstruction(accounts.SystemProgram, 3)
	ix.Account(funder, true, true)
	ix.Account(s.address, true, false)
	ix.Account(s.base, false, true)
	ix.U32(systemCreateWithSeed)
	ix.Key(s.base)
	text(&ix, s.seed)
	ix.U64(lamports)
	ix.U64(space)
	ix.Key(s.owner)

	return ix.Done()
}

// allocate builds the instruction that allocates space in an account that holds
// only lamports and assigns it to its program.
func (s seeded) allocate(space uint64) solana.Instruction {
	ix := wire.NewInstruction(accounts.SystemProgram, 2)
	ix.Account(s.address, true, false)
	ix.Account(s.base, false, true)
	ix.U32(systemAllocateWithSeed)
	ix.Key(s.base)
	text(&ix, s.seed)
	ix.U64(space)
	ix.Key(s.owner)
	return ix.Done()
}

// transfer builds a transfer of lamports from the account while the system
// program still owns it.
func (s seeded) transfer(lamports uint64, to solana.PublicKey) solana.Instruction {
	ix := wire.NewInstruction(accounts.SystemProgram, 3)
	ix.Account(s.address, true, false)
	ix.Account(s.base, false, true)
	ix.Account(to, true, false)
	ix.U32(systemTransferWithSeed)
	ix.U64(lamports)
	text(&ix, s.seed)
	ix.Key(s.owner)
	return ix.Done()
}

// advance builds the instruction that advances the nonce.
func (n DurableNonce) advance() solana.Instruction {
	ix := wire.NewInstruction(accounts.SystemProgram, 3)
	ix.Account(n.Account, true, false)
	ix.Account(solana.SysVarRecentBlockHashesPubkey, false, false)
	ix.Account(n.Authority, false, true)
	ix.U32(systemAdvanceNonce)
	return ix.Done()
}

// stakeRole is one of the two authorities of a stake account.
type stakeRole uint32

const (
	stakerRole stakeRole = iota
	withdrawerRole
)

// authorizeStake builds the instruction that replaces an authority of a stake
// account.
func authorizeStake(
	by solana.PublicKey,
	role stakeRole,
	stake, authority solana.PublicKey,
) solana.Instruction {
	ix := wire.NewInstruction(accounts.StakeProgram, 3)
	ix.Account(stake, true, false)
	ix.Account(solana.SysVarClockPubkey, false, false)
	ix.Account(authority, false, true)
	ix.U32(stakeAuthorize)
	ix.Key(by)
	ix.U32(uint32(role))
	return ix.Done()
}

// splitStake builds the instruction that splits lamports off a stake account.
func splitStake(
	lamports uint64,
	stake, destination, authority solana.PublicKey,
) solana.Instruction {
	ix := wire.NewInstruction(accounts.StakeProgram, 3)
	ix.Account(stake, true, false)
	ix.Account(destination, true, false)
	ix.Account(authority, false, true)
	ix.U32(stakeSplit)
	ix.U64(lamports)
	return ix.Done()
}

// withdrawStake builds a withdrawal of lamports from a stake account.
func withdrawStake(
	lamports uint64,
	stake, destination, authority solana.PublicKey,
) solana.Instruction {
	ix := wire.NewInstruction(accounts.StakeProgram, 5)
	ix.Account(stake, true, false)
	ix.Account(destination, true, false)
	ix.Account(solana.SysVarClockPubkey, false, false)
	ix.Account(solana.SysVarStakeHistoryPubkey, false, false)
	ix.Account(authority, false, true)
	ix.U32(stakeWithdraw)
	ix.U64(lamports)
	return ix.Done()
}

// deactivateStake builds the instruction that deactivates a stake account.
func deactivateStake(stake, authority solana.PublicKey) solana.Instruction {
	ix := wire.NewInstruction(accounts.StakeProgram, 3)
	ix.Account(stake, true, false)
	ix.Account(solana.SysVarClockPubkey, false, false)
	ix.Account(authority, false, true)
	ix.U32(stakeDeactivate)
	return ix.Done()
}

// mergeStake builds the instruction that merges a stake account into another.
func mergeStake(into, from, authority solana.PublicKey) solana.Instruction {
	ix := wire.NewInstruction(accounts.StakeProgram, 5)
	ix.Account(into, true, false)
	ix.Account(from, true, false)
	ix.Account(solana.SysVarClockPubkey, false, false)
	ix.Account(solana.SysVarStakeHistoryPubkey, false, false)
	ix.Account(authority, false, true)
	ix.U32(stakeMerge)
	return ix.Done()
}

// createTokenAccount builds the instruction that creates an associated token
// account unless it exists.
func createTokenAccount(
	payer, account, owner, mint, tokenProgram solana.PublicKey,
) solana.Instruction {
	ix := wire.NewInstruction(accounts.AssociatedTokenProgram, 6)
	ix.Account(payer, true, true)
	ix.Account(account, true, false)
	ix.Account(owner, false, false)
	ix.Account(mint, false, false)
	ix.Account(accounts.SystemProgram, false, false)
	ix.Account(tokenProgram, false, false)
	ix.U8(tokenCreateIdempotent)
	return ix.Done()
}

// writeMemo builds the instruction that writes a memo to the log.
func writeMemo(message string) solana.Instruction {
	ix := wire.NewInstruction(accounts.MemoProgram, 0)
	ix.Raw([]byte(message))
	return ix.Done()
}

// budgetInstruction is an instruction of the compute budget program in a single
// allocation.
type budgetInstruction struct {
	made solana.GenericInstruction
	data budgetData
}

func newBudgetInstruction(data budgetData, size int) solana.Instruction {
	ix := &budgetInstruction{
		made: solana.GenericInstruction{ProgID: accounts.ComputeBudgetProgram},
		data: data,
	}
	ix.made.DataBytes = ix.data[:size:size]
	return &ix.made
}

// limitUnits returns the data of SetComputeUnitLimit.
func limitUnits(units uint32) (data budgetData, size int) {
	data[0] = budgetUnitLimit
	binary.LittleEndian.PutUint32(data[1:], units)
	return data, 5
}

// priceUnits returns the data of SetComputeUnitPrice.
func priceUnits(microLamports uint64) (data budgetData, size int) {
	data[0] = budgetUnitPrice
	binary.LittleEndian.PutUint64(data[1:], microLamports)
	return data, 9
}

// limitData returns the data of SetLoadedAccountsDataSizeLimit.
func limitData(bytes uint32) (data budgetData, size int) {
	data[0] = budgetDataLimit
	binary.LittleEndian.PutUint32(data[1:], bytes)
	return data, 5
}
