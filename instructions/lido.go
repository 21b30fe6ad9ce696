package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// Lido is what the instructions of Lido have in common. [NewLido] fills it.
type Lido struct {
	Program, State, StSOLMint, ValidatorList, StakeAuthority, Reserve solana.PublicKey
}

// NewLido derives the addresses of Lido and takes the others from its state, which lies at the address.
func NewLido(program, address solana.PublicKey, state *accounts.LidoState) (Lido, error) {
	if state == nil {
		return Lido{}, &BuildError{Instruction: "Lido", Field: "state", Reason: accounts.ErrNil}
	}

	l := Lido{Program: program, State: address, StSOLMint: state.StSOLMint, ValidatorList: state.ValidatorList}
	var err error
	if l.StakeAuthority, err = accounts.LidoStakeAuthority(program, address); err != nil {
		return Lido{}, err
	}
	l.Reserve, err = accounts.LidoReserve(program, address)
	return l, err
}

// LidoWithdraw burns stSOL for stake, which is split off a validator's stake account and becomes the owner's. Of Lido's instructions
// it is WithdrawV2. It has no limit on the outcome, but the exchange rate holds for the whole epoch: in another one the program
// refuses.
type LidoWithdraw struct {
	Lido Lido
	// Owner owns Source and signs; a delegate will not do. It becomes staker and withdrawer of Destination.
	Owner solana.PublicKey
	// Source is the token account the stSOL is burned from.
	Source solana.PublicKey
	// Vote is the validator with the most stake and Index its position in the list.
	Vote  solana.PublicKey
	Index uint32
	// Split is the validator's stake account, see [accounts.LidoValidator.StakeAddress].
	Split solana.PublicKey
	// Destination becomes the stake account and signs. Before, it is a system account without data that holds the rent of one: the
	// program itself allocates it.
	Destination solana.PublicKey
	// StSOL is in base units.
	StSOL uint64
}

// Build returns the instruction. The program accepts no further accounts, and none of the programs and sysvars as writable.
func (i LidoWithdraw) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.LidoWithdraw, i.Lido.Program, 0)
	if !i.Split.IsZero() && i.Split == i.Destination {
		b.fail("destination stake account", fmt.Errorf("%w: it is the account to split", ErrContradiction))
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

// LidoUpdateExchangeRate sets the exchange rate of the epoch from Lido's balances. Anybody may call it, once an epoch: it fails if
// the rate is up to date. Of Lido's instructions it is UpdateExchangeRateV2.
type LidoUpdateExchangeRate struct{ Lido Lido }

// Build returns the instruction.
func (i LidoUpdateExchangeRate) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.LidoUpdateExchangeRate, i.Lido.Program, 0)
	b.accounts(
		i.Lido.State,
		i.Lido.Reserve,
		i.Lido.StSOLMint,
		i.Lido.ValidatorList,
	)
	return b.build()
}
