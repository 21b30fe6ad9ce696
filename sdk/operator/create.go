package operator

import (
	"encoding/binary"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Tags of the instructions that create accounts.
const (
	systemCreateAccount  = 0
	systemAssign         = 1
	systemAllocate       = 8
	stakeInitialize      = 0
	tokenInitializeMint2 = 20
	associatedCreate     = 0
)

// poolDecimals are the decimals that the program requires of a pool mint.
const poolDecimals = 9

// creation is an account to create at the address of a key that signs.
type creation struct {
	name    string
	address solana.PublicKey
	owner   solana.PublicKey
	space   uint64
	// lamports is the balance that the account gets. It is at least its rent.
	lamports uint64
}

// steps returns the steps that create an account, and what the payer pays. An
// account that only holds lamports, which anyone can send to the address in
// advance, is completed: the system program would not create it.
func (c creation) steps(
	s *State,
	payer solana.PublicKey,
) (steps []txn.Step, paid uint64, err error) {
	text := fmt.Sprintf("create the %s %s", c.name, c.address)
	held, exists := s.Accounts[c.address]
	if !exists {
		data := binary.LittleEndian.AppendUint32(nil, systemCreateAccount)
		data = binary.LittleEndian.AppendUint64(data, c.lamports)
		data = binary.LittleEndian.AppendUint64(data, c.space)
		data = append(data, c.owner[:]...)
		ix := solana.NewInstruction(accounts.SystemProgram, solana.AccountMetaSlice{
			solana.Meta(payer).WRITE().SIGNER(), solana.Meta(c.address).WRITE().SIGNER()}, data)

		return []txn.Step{{Description: text, Instruction: ix}}, c.lamports, nil
	}

	if held.Owner != accounts.SystemProgram || held.Space > 0 {
		return nil, 0, fmt.Errorf("%w: %s %s of program %s", ErrAccountTaken, c.name, c.address,
			held.Owner)
	}

	if paid = fixed.SaturatingSub(c.lamports, held.Lamports); paid > 0 {
		transfer, err := txn.TransferSOL(payer, c.address, paid)
		if err != nil {
			return nil, 0, err
		}

		steps = append(steps, transfer)
	}

	own := solana.AccountMetaSlice{solana.Meta(c.address).WRITE().SIGNER()}
	allocate := binary.LittleEndian.AppendUint32(nil, systemAllocate)
	allocate = binary.LittleEndian.AppendUint64(allocate, c.space)
	assign := append(binary.LittleEndian.AppendUint32(nil, systemAssign), c.owner[:]...)
	for _, data := range [][]byte{allocate, assign} {
		steps = append(steps, txn.Step{Description: text,
			Instruction: solana.NewInstruction(accounts.SystemProgram, own, data)})
	}

	return steps, paid, nil
}

// initializeStake returns the step that gives a new stake account one
// authority, without a lockup.
func initializeStake(account, authority solana.PublicKey) txn.Step {
	const lockup = 8 + 8 + 32
	data := binary.LittleEndian.AppendUint32(nil, stakeInitialize)
	data = append(append(data, authority[:]...), authority[:]...)
	data = append(data, make([]byte, lockup)...)
	return txn.Step{
		Description: "give the reserve to the pool",
		Instruction: solana.NewInstruction(accounts.StakeProgram, solana.AccountMetaSlice{
			solana.Meta(account).WRITE(), solana.Meta(accounts.RentSysvar)}, data),
	}
}

// initializeMint returns the step that gives a new mint its authority, without
// a freeze authority.
func initializeMint(mint, authority solana.PublicKey) txn.Step {
	data := append([]byte{tokenInitializeMint2, poolDecimals}, authority[:]...)
	return txn.Step{
		Description: "give the mint to the pool",
		Instruction: solana.NewInstruction(accounts.TokenProgram,
			solana.AccountMetaSlice{solana.Meta(mint).WRITE()}, append(data, 0)),
	}
}

// createTokenAccount returns the step that creates the associated token account
// of an owner. Unlike [txn.CreateTokenAccount], it fails if the account exists.
func createTokenAccount(payer, account, owner, mint, program solana.PublicKey) txn.Step {
	ix := txn.CreateTokenAccountAt(payer, account, owner, mint, program).Instruction
	return txn.Step{
		Description: fmt.Sprintf("create the token account of %s", owner),
		Instruction: solana.NewInstruction(ix.ProgramID(), ix.Accounts(), []byte{associatedCreate}),
	}
}
