package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// Lido has the addresses that the instructions of Lido share. Create it with
// [NewLido].
type Lido struct {
	Program, State, StSOLMint, ValidatorList, StakeAuthority, Reserve solana.PublicKey
}

// NewLido returns the addresses of Lido. address is the address of state. It
// returns a [*BuildError] if state is nil, or the error of a derivation.
func NewLido(program, address solana.PublicKey, state *accounts.LidoState) (Lido, error) {
	if state == nil {
		return Lido{}, &BuildError{
			Instruction: "Lido",
			Field:       "state",
			Reason:      accounts.ErrNil,
		}
	}

	l := Lido{
		Program:       program,
		State:         address,
		StSOLMint:     state.StSOLMint,
		ValidatorList: state.ValidatorList,
	}

	var err error
	if l.StakeAuthority, err = accounts.LidoStakeAuthority(program, address); err != nil {
		return Lido{}, err
	}

	l.Reserve, err = accounts.LidoReserve(program, address)

	return l, err
}

// LidoWithdraw burns stSOL for a stake account, which is split from the stake
// account of a validator. It mirrors WithdrawV2.
//
// The program does not check a minimum output. The exchange rate is constant
// within an epoch, and the program fails if the rate was not updated in the
// current epoch.
type LidoWithdraw struct {
	// Lido has the addresses of Lido.
	Lido Lido

	// Owner is the owner of Source, not a delegate. It signs and becomes the
	// staker and the withdrawer of Destination.
	Owner solana.PublicKey

	// Source is the token account from which the stSOL is burned.
	Source solana.PublicKey

	// Vote is the vote account of the validator with the most stake, and Index
	// its position in the validator list.
	Vote  solana.PublicKey
	Index uint32

	// Split is the validator stake account; see
	// [accounts.LidoValidator.StakeAddress].
	Split solana.PublicKey

	// Destination becomes the new stake account and signs. It must be a system
	// account without data that holds the rent of a stake account. The program
	// allocates it.
	Destination solana.PublicKey

	// StSOL is the amount to burn, in base units.
	StSOL uint64
}

// Build returns the instruction, or a [*BuildError]. The program rejects
// additional accounts, and programs and sysvars that are writable.
func (i LidoWithdraw) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.LidoWithdraw, i.Lido.Program, 0)
	if !i.Split.IsZero() && i.Split == i.Destination {
		b.fail("destination stake account",
			fmt.Errorf("%w: it is also the account to split", ErrConflictingInput))
	}

	b.accounts(
		i.Lido.State,
		i.Owner,
		i.Source,
		i.Lido.StSOLMint,
		i.Vote,
		i.Split,
		i.Destination,
		i.Lido.StakeAuthority,
		i.Lido.ValidatorList,
	)

	b.amount(i.StSOL)
	b.number(uint64(i.Index))

	return b.build()
}

// LidoUpdateExchangeRate updates Lido's exchange rate for the current epoch. It
// needs no authority, and fails if the rate was already updated in the epoch.
// It mirrors UpdateExchangeRateV2.
type LidoUpdateExchangeRate struct{ Lido Lido }

// Build returns the instruction, or a [*BuildError].
func (i LidoUpdateExchangeRate) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.LidoUpdateExchangeRate, i.Lido.Program, 0)
	b.accounts(i.Lido.State, i.Lido.Reserve, i.Lido.StSOLMint, i.Lido.ValidatorList)
	return b.build()
}
