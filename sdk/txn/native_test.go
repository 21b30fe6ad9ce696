package txn

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	associatedtoken "github.com/gagliardetto/solana-go/programs/associated-token-account"
	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	"github.com/gagliardetto/solana-go/programs/memo"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
)

// drawn holds generated keys and numbers for instructions.
type drawn struct {
	payer, owner, mint, program, stake, other, account solana.PublicKey
	lamports, space                                    uint64
	units                                              uint32
	text                                               string
	seeded                                             seeded
}

func draw(t *rapid.T) drawn {
	key := func(name string) solana.PublicKey {
		return solana.PublicKeyFromBytes(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name))
	}
	d := drawn{
		payer:    key("payer"),
		owner:    key("owner"),
		mint:     key("mint"),
		program:  key("program"),
		stake:    key("stake"),
		other:    key("other"),
		lamports: rapid.Uint64().Draw(t, "lamports"),
		space:    rapid.Uint64().Draw(t, "space"),
		units:    rapid.Uint32().Draw(t, "units"),
		text:     rapid.StringN(1, 40, 80).Draw(t, "text"),
	}

	d.seeded = seeded{
		address: d.stake,
		base:    d.owner,
		owner:   d.program,
		seed:    rapid.StringN(0, 32, 32).Draw(t, "seed"),
	}

	var err error
	d.account, _, err = solana.FindAssociatedTokenAddressWithProgram(d.owner, d.mint, d.program)
	require.NoError(t, err)

	return d
}

// pairs holds instructions of this package together with those of solana-go.
type pairs map[string]struct{ got, want solana.Instruction }

// system returns instructions of the system program.
func (d drawn) system() pairs {
	nonce := DurableNonce{Account: d.stake, Authority: d.owner}
	return pairs{
		"transfer": {
			transfer(d.lamports, d.payer, d.owner),
			system.NewTransferInstruction(d.lamports, d.payer, d.owner).Build(),
		},
		"create with seed": {
			d.seeded.create(d.lamports, d.space, d.payer),
			system.NewCreateAccountWithSeedInstruction(d.owner, d.seeded.seed, d.lamports,
				d.space, d.program, d.payer, d.stake, d.owner).Build(),
		},
		"allocate with seed": {
			d.seeded.allocate(d.space),
			system.NewAllocateWithSeedInstruction(d.owner, d.seeded.seed, d.space, d.program,
				d.stake, d.owner).Build(),
		},
		"transfer with seed": {
			d.seeded.transfer(d.lamports, d.other),
			system.NewTransferWithSeedInstruction(d.lamports, d.seeded.seed, d.program, d.stake,
				d.owner, d.other).Build(),
		},
		"advance nonce": {
			nonce.advance(),
			system.NewAdvanceNonceAccountInstruction(d.stake,
				solana.SysVarRecentBlockHashesPubkey, d.owner).Build(),
		},
	}
}

// stakes returns instructions of the stake program.
func (d drawn) stakes() pairs {
	return pairs{
		"authorize staker": {
			authorizeStake(d.other, stakerRole, d.stake, d.owner),
			stakeprogram.NewAuthorizeInstruction(d.other, stakeprogram.StakeAuthorizeStaker,
				d.stake, d.owner).Build(),
		},
		"authorize withdrawer": {
			authorizeStake(d.other, withdrawerRole, d.stake, d.owner),
			stakeprogram.NewAuthorizeInstruction(d.other, stakeprogram.StakeAuthorizeWithdrawer,
				d.stake, d.owner).Build(),
		},
		"split": {
			splitStake(d.lamports, d.stake, d.other, d.owner),
			stakeprogram.NewSplitInstruction(d.lamports, d.stake, d.other, d.owner).Build(),
		},
		"withdraw": {
			withdrawStake(d.lamports, d.stake, d.other, d.owner),
			stakeprogram.NewWithdrawInstruction(d.lamports, d.stake, d.other, d.owner).Build(),
		},
		"deactivate": {
			deactivateStake(d.stake, d.owner),
			stakeprogram.NewDeactivateInstruction(d.stake, d.owner).Build(),
		},
	}
}

// others returns instructions of the other programs.
func (d drawn) others() pairs {
	return pairs{
		"create token account": {
			createTokenAccount(d.payer, d.account, d.owner, d.mint, d.program),
			associatedtoken.NewCreateIdempotentInstructionWithTokenProgram(d.payer, d.owner,
				d.mint, d.program).Build(),
		},
		"create token account step": {
			CreateTokenAccount(d.payer, d.owner, d.mint, accounts.Token2022Program).Instruction,
			associatedtoken.NewCreateIdempotentInstructionWithTokenProgram(d.payer, d.owner,
				d.mint, accounts.Token2022Program).Build(),
		},
		"memo": {writeMemo(d.text), memo.NewMemoInstruction([]byte(d.text)).Build()},
		"limit units": {
			newBudgetInstruction(limitUnits(d.units)),
			computebudget.NewSetComputeUnitLimitInstruction(d.units).Build(),
		},
		"price units": {
			newBudgetInstruction(priceUnits(d.lamports)),
			computebudget.NewSetComputeUnitPriceInstruction(d.lamports).Build(),
		},
		"limit data": {
			newBudgetInstruction(limitData(d.units)),
			computebudget.NewSetLoadedAccountsDataSizeLimitInstruction(d.units).Build(),
		},
	}
}

// TestInstructions_MatchSolanaGo compares the instructions of native programs
// with those of solana-go: program, accounts, privileges and bytes.
func TestInstructions_MatchSolanaGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		for _, list := range []pairs{d.system(), d.stakes(), d.others()} {
			for name, c := range list {
				require.Equal(t, c.want.ProgramID(), c.got.ProgramID(), name)
				require.Len(t, c.got.Accounts(), len(c.want.Accounts()), name)
				for i, want := range c.want.Accounts() {
					require.Equal(t, want, c.got.Accounts()[i], name)
				}

				want, err := c.want.Data()
				require.NoError(t, err)
				got, err := c.got.Data()
				require.NoError(t, err)
				require.Equal(t, want, got, name)
			}
		}
	})
}
