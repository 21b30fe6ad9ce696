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

// TestInstructions_MatchSolanaGo holds the instructions of native programs
// against those of solana-go: program, accounts, privileges and bytes.
func TestInstructions_MatchSolanaGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := func(name string) solana.PublicKey {
			return solana.PublicKeyFromBytes(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name))
		}
		payer, owner, mint, program := key("payer"), key("owner"), key("mint"), key("program")
		stake, other := key("stake"), key("other")
		lamports, space := rapid.Uint64().Draw(t, "lamports"), rapid.Uint64().Draw(t, "space")
		units, text := rapid.Uint32().Draw(t, "units"), rapid.StringN(1, 40, 80).Draw(t, "text")
		seed := rapid.StringN(0, 32, 32).Draw(t, "seed")
		account, _, err := solana.FindAssociatedTokenAddressWithProgram(owner, mint, program)
		require.NoError(t, err)
		derived := seeded{
			address: stake,
			base:    owner,
			owner:   program,
			seed:    seed,
		}

		nonce := DurableNonce{
			Account:   stake,
			Authority: owner,
		}

		for name, c := range map[string]struct{ got, want solana.Instruction }{
			"transfer": {
				transfer(lamports, payer, owner),
				system.NewTransferInstruction(lamports, payer, owner).Build(),
			},
			"create with seed": {
				derived.create(lamports, space, payer),
				system.NewCreateAccountWithSeedInstruction(
					owner, seed, lamports, space, program, payer, stake, owner).Build(),
			},
			"allocate with seed": {
				derived.allocate(space),
				system.NewAllocateWithSeedInstruction(owner, seed, space, program, stake, owner).Build(),
			},
			"transfer with seed": {
				derived.transfer(lamports, other),
				system.NewTransferWithSeedInstruction(
					lamports, seed, program, stake, owner, other).Build(),
			},
			"advance nonce": {
				nonce.advance(),
				system.NewAdvanceNonceAccountInstruction(
					stake, solana.SysVarRecentBlockHashesPubkey, owner).Build(),
			},
			"authorize staker": {
				authorizeStake(other, stakerRole, stake, owner),
				stakeprogram.NewAuthorizeInstruction(
					other, stakeprogram.StakeAuthorizeStaker, stake, owner).Build(),
			},
			"authorize withdrawer": {
				authorizeStake(other, withdrawerRole, stake, owner),
				stakeprogram.NewAuthorizeInstruction(
					other, stakeprogram.StakeAuthorizeWithdrawer, stake, owner).Build(),
			},
			"split": {
				splitStake(lamports, stake, other, owner),
				stakeprogram.NewSplitInstruction(lamports, stake, other, owner).Build(),
			},
			"withdraw": {
				withdrawStake(lamports, stake, other, owner),
				stakeprogram.NewWithdrawInstruction(lamports, stake, other, owner).Build(),
			},
			"deactivate": {
				deactivateStake(stake, owner),
				stakeprogram.NewDeactivateInstruction(stake, owner).Build(),
			},
			"create token account": {
				createTokenAccount(payer, account, owner, mint, program),
				associatedtoken.NewCreateIdempotentInstructionWithTokenProgram(
					payer, owner, mint, program).Build(),
			},
			"create token account step": {
				CreateTokenAccount(payer, owner, mint, accounts.Token2022Program).Instruction,
				associatedtoken.NewCreateIdempotentInstructionWithTokenProgram(
					payer, owner, mint, accounts.Token2022Program).Build(),
			},
			"memo": {writeMemo(text), memo.NewMemoInstruction([]byte(text)).Build()},
			"limit units": {newBudgetInstruction(limitUnits(units)),
				computebudget.NewSetComputeUnitLimitInstruction(units).Build()},
			"price units": {
				newBudgetInstruction(priceUnits(lamports)),
				computebudget.NewSetComputeUnitPriceInstruction(lamports).Build(),
			},
			"limit data": {
				newBudgetInstruction(limitData(units)),
				computebudget.NewSetLoadedAccountsDataSizeLimitInstruction(units).Build(),
			},
		} {
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
	})
}
