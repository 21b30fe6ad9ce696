package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// Compute units measured with the stake programs of 2025 and 2026, with a
// margin.
const (
	authorizeStakeUnits  = 15_000
	splitStakeUnits      = 21_000
	deactivateStakeUnits = 14_000
	withdrawStakeUnits   = 10_000
	mergeStakeUnits      = 22_000
)

// named is an account of an instruction and its name in errors.
type named struct {
	name string
	key  solana.PublicKey
}

// complete returns an error for zero keys and amounts, from which solana-go
// would build an instruction. Instructions without an amount pass noAmount.
func complete(instruction string, lamports uint64, keys ...named) error {
	for _, k := range keys {
		if k.key.IsZero() {
			return &instructions.BuildError{
				Instruction: instruction,
				Field:       k.name,
				Reason:      instructions.ErrMissing,
			}
		}
	}

	if lamports == 0 {
		return &instructions.BuildError{
			Instruction: instruction,
			Field:       "lamports",
			Reason:      instructions.ErrZeroAmount,
		}
	}

	return nil
}

// noAmount stands for the amount of an instruction that has none.
const noAmount = 1

// NewStakeAccount returns the address of a new, uninitialized stake account and
// the step that creates it. Stake pools require such an account to withdraw to.
//
// The address is derived from the owner, who must sign, and the seed, which has
// at most 32 bytes; the address must not be in use. The funder pays the
// lamports, which must be at least the rent of [accounts.StakeAccountSpace]
// bytes. The step mirrors CreateAccountWithSeed of the system program.
func NewStakeAccount(
	funder, owner solana.PublicKey,
	lamports uint64,
	seed string,
) (address solana.PublicKey, step Step, err error) {
	if err := complete("CreateAccountWithSeed", lamports, named{"funder", funder},
		named{"owner", owner}); err != nil {
		return solana.PublicKey{}, Step{}, err
	}

	if address, err = accounts.SeededStakeAccount(owner, seed); err != nil {
		return solana.PublicKey{}, Step{}, err
	}

	return address, Step{
		Description: fmt.Sprintf("create the stake account %s", address),
		Instruction: seeded{
			address: address,
			base:    owner,
			owner:   accounts.StakeProgram,
			seed:    seed,
		}.create(lamports, accounts.StakeAccountSpace, funder),
		ComputeUnits: createWithSeedUnits,
	}, nil
}

// AuthorizeStake returns two steps that make authority first the staker and
// then the withdrawer of a stake account, as required to sell or deposit the
// account. The current withdrawer must sign; it may replace both. The steps
// mirror Authorize of the stake program.
func AuthorizeStake(stake, withdrawer, authority solana.PublicKey) ([]Step, error) {
	err := complete("Authorize", noAmount, named{"stake account", stake},
		named{"withdrawer", withdrawer}, named{"new authority", authority})
	if err != nil {
		return nil, err
	}

	step := func(role stakeRole, name string) Step {
		return Step{
			Description: fmt.Sprintf("make %s the %s of the stake account %s", authority, name,
				stake),
			Instruction:  authorizeStake(authority, role, stake, withdrawer),
			ComputeUnits: authorizeStakeUnits,
		}
	}

	return []Step{step(stakerRole, "staker"), step(withdrawerRole, "withdrawer")}, nil
}

// SplitStake returns the step that moves lamports from a stake account, with
// their delegation, to destination. That must be an uninitialized stake account
// that already holds its own rent, see [NewStakeAccount].
//
// The staker must sign. If the stake is active, both accounts must end with at
// least the minimum delegation. The step mirrors Split of the stake program.
func SplitStake(stake, destination, staker solana.PublicKey, lamports uint64) (Step, error) {
	err := complete("Split", lamports, named{"stake account", stake},
		named{"destination stake account", destination}, named{"staker", staker})
	if err == nil && stake == destination {
		err = &instructions.BuildError{
			Instruction: "Split",
			Field:       "destination stake account",
			Reason: fmt.Errorf("%w: it is the account to split",
				instructions.ErrConflictingInput),
		}
	}

	if err != nil {
		return Step{}, err
	}

	return Step{
		Description:  fmt.Sprintf("split %d lamports off the stake account %s", lamports, stake),
		Instruction:  splitStake(lamports, stake, destination, staker),
		ComputeUnits: splitStakeUnits,
	}, nil
}

// DeactivateStake returns the step that deactivates a stake account, so that
// its stake becomes inactive at the end of the epoch. The staker must sign. The
// step mirrors Deactivate of the stake program.
func DeactivateStake(stake, staker solana.PublicKey) (Step, error) {
	if err := complete("Deactivate", noAmount, named{"stake account", stake},
		named{"staker", staker}); err != nil {
		return Step{}, err
	}
	return Step{
		Description:  fmt.Sprintf("deactivate the stake account %s", stake),
		Instruction:  deactivateStake(stake, staker),
		ComputeUnits: deactivateStakeUnits,
	}, nil
}

// MergeStake returns the step that merges the stake account from into the stake
// account into, which closes from. All its lamports are then in into.
//
// The staker of both must sign. Which accounts the stake program merges, and
// what comes of them, is in MergeStake of package quote. The step mirrors Merge
// of the stake program.
func MergeStake(into, from, staker solana.PublicKey) (Step, error) {
	err := complete("Merge", noAmount, named{"stake account", into},
		named{"merged stake account", from}, named{"staker", staker})
	if err == nil && into == from {
		err = &instructions.BuildError{
			Instruction: "Merge",
			Field:       "merged stake account",
			Reason: fmt.Errorf("%w: it is the account to merge into",
				instructions.ErrConflictingInput),
		}
	}

	if err != nil {
		return Step{}, err
	}

	return Step{
		Description:  fmt.Sprintf("merge the stake account %s into %s", from, into),
		Instruction:  mergeStake(into, from, staker),
		ComputeUnits: mergeStakeUnits,
	}, nil
}

// WithdrawStake returns the step that withdraws lamports from a stake account:
// those that are not staked, or all of them once the stake is inactive, which
// closes the account. The withdrawer must sign. The step mirrors Withdraw of
// the stake program.
func WithdrawStake(stake, destination, withdrawer solana.PublicKey, lamports uint64) (Step, error) {
	err := complete("Withdraw", lamports, named{"stake account", stake},
		named{"destination", destination}, named{"withdrawer", withdrawer})
	if err != nil {
		return Step{}, err
	}

	return Step{
		Description: fmt.Sprintf("withdraw %d lamports from the stake account %s to %s", lamports,
			stake, destination),
		Instruction:  withdrawStake(lamports, stake, destination, withdrawer),
		ComputeUnits: withdrawStakeUnits,
	}, nil
}

// TransferSOL returns the step that transfers lamports between system accounts.
// The source account must sign. The step mirrors Transfer of the system
// program.
func TransferSOL(from, to solana.PublicKey, lamports uint64) (Step, error) {
	err := complete("Transfer", lamports, named{"source", from}, named{"destination", to})
	if err != nil {
		return Step{}, err
	}

	return Step{
		Description:  fmt.Sprintf("transfer %d lamports from %s to %s", lamports, from, to),
		Instruction:  transfer(lamports, from, to),
		ComputeUnits: transferSOLUnits,
	}, nil
}
