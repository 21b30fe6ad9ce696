package txn

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/wire"
)

// The instructions of the system program, the stake program and the like are
// those of solana-go, byte by byte, which needs a dozen allocations for each and
// encodes it anew whenever it is read.

// Numbers of the instructions.
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
	budgetUnitLimit        = 2
	budgetUnitPrice        = 3
	budgetDataLimit        = 4
	tokenCreateIdempotent  = 1
)

// text writes a string as the system program reads it.
func text(ix *wire.Instruction, s string) {
	ix.U64(uint64(len(s)))
	ix.Raw([]byte(s))
}

// transfer moves lamports between system accounts.
func transfer(lamports uint64, from, to solana.PublicKey) solana.Instruction {
	ix := wire.NewInstruction(accounts.SystemProgram, 2)
	ix.Account(from, true, true)
	ix.Account(to, true, false)
	ix.U32(systemTransfer)
	ix.U64(lamports)
	return ix.Done()
}

// seeded is an account whose address follows from a base that signs, a seed,
// and the program that owns it.
type seeded struct {
	address, base, owner solana.PublicKey
	seed                 string
}

// create makes the account. The funder pays its lamports.
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

// allocate makes an account of the program of one that holds lamports only.
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

// transfer moves lamports out of the account, before it is the program's.
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

// advance uses a nonce up.
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

// authorizeStake makes another key an authority of a stake account.
func authorizeStake(by solana.PublicKey, role stakeRole, stake, authority solana.PublicKey) solana.Instruction {
	ix := wire.NewInstruction(accounts.StakeProgram, 3)
	ix.Account(stake, true, false)
	ix.Account(solana.SysVarClockPubkey, false, false)
	ix.Account(authority, false, true)
	ix.U32(stakeAuthorize)
	ix.Key(by)
	ix.U32(uint32(role))
	return ix.Done()
}

// splitStake moves lamports of a stake account into another one.
func splitStake(lamports uint64, stake, destination, authority solana.PublicKey) solana.Instruction {
	ix := wire.NewInstruction(accounts.StakeProgram, 3)
	ix.Account(stake, true, false)
	ix.Account(destination, true, false)
	ix.Account(authority, false, true)
	ix.U32(stakeSplit)
	ix.U64(lamports)
	return ix.Done()
}

// withdrawStake takes lamports out of a stake account.
func withdrawStake(lamports uint64, stake, destination, authority solana.PublicKey) solana.Instruction {
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

// deactivateStake lets the stake of an account end with the epoch.
func deactivateStake(stake, authority solana.PublicKey) solana.Instruction {
	ix := wire.NewInstruction(accounts.StakeProgram, 3)
	ix.Account(stake, true, false)
	ix.Account(solana.SysVarClockPubkey, false, false)
	ix.Account(authority, false, true)
	ix.U32(stakeDeactivate)
	return ix.Done()
}

// createTokenAccount creates an associated token account unless it exists.
func createTokenAccount(payer, account, owner, mint, tokenProgram solana.PublicKey) solana.Instruction {
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

// writeMemo writes a text to the log.
func writeMemo(message string) solana.Instruction {
	ix := wire.NewInstruction(accounts.MemoProgram, 0)
	ix.Raw([]byte(message))
	return ix.Done()
}

// budgetInstruction is an instruction of the compute budget, in one allocation.
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

// limitUnits limits the compute units of a transaction.
func limitUnits(units uint32) (data budgetData, size int) {
	data[0] = budgetUnitLimit
	binary.LittleEndian.PutUint32(data[1:], units)
	return data, 5
}

// priceUnits sets the price of a compute unit.
func priceUnits(microLamports uint64) (data budgetData, size int) {
	data[0] = budgetUnitPrice
	binary.LittleEndian.PutUint64(data[1:], microLamports)
	return data, 9
}

// limitData limits how many bytes of accounts a transaction loads.
func limitData(bytes uint32) (data budgetData, size int) {
	data[0] = budgetDataLimit
	binary.LittleEndian.PutUint32(data[1:], bytes)
	return data, 5
}
