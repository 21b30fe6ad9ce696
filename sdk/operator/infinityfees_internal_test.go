package operator

import (
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestInfinityFees_Transactions packs the fees of 30 tokens for both pricing
// programs. Each transaction fits the smallest format, with another payer, and
// is explained as what it is.
func TestInfinityFees_Transactions(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	key := func() (k solana.PublicKey) {
		for i := range k {
			k[i] = byte(rng.Uint32())
		}

		return k
	}

	for _, program := range []solana.PublicKey{accounts.FlatFeeProgram, accounts.FlatSlabProgram} {
		f := &InfinityFees{
			Authority: key(),
			program:   program,
			flat:      program == accounts.FlatFeeProgram,
		}

		for range 30 {
			f.Plan.Tokens = append(f.Plan.Tokens, quote.TokenFees{
				Mint:   key(),
				Before: quote.SideFees{InputNanos: 1},
				After:  quote.SideFees{InputNanos: 1_000_000, OutputNanos: 200_000},
			})
		}

		f.Plan.Tokens[3].After = f.Plan.Tokens[3].Before
		require.Len(t, f.Changes(), 29)
		payer := key()
		transactions, err := f.Transactions(payer)
		require.NoError(t, err)
		require.Len(t, transactions, 3)
		require.Len(t, transactions[2], 5)
		for _, steps := range transactions {
			plan := txn.Plan{
				Payer:    payer,
				Steps:    steps,
				Versions: []txn.Version{txn.VersionLegacy},
				Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}},
				Budget: txn.ComputeBudget{
					ComputeUnitLimit:            200_000,
					ComputeUnitPrice:            1_000,
					LoadedAccountsDataSizeLimit: 1_000_000,
				},
			}

			unsigned, err := plan.Compile()
			require.NoError(t, err)
			require.LessOrEqual(t, unsigned.Size(), txn.MaxSize)
			err = explain.Verify(explain.Transaction(unsigned, nil), explain.Policy{
				Owner:           f.Authority,
				Payer:           payer,
				AllowedPrograms: []solana.PublicKey{program, accounts.ComputeBudgetProgram},
			})

			require.ErrorIs(t, err, explain.ErrAuthorityChange)
		}
	}

	var none *InfinityFees
	_, err := none.Transactions(solana.PublicKey{})
	require.ErrorIs(t, err, accounts.ErrNil)
	require.Empty(t, none.Changes())
	_, err = PlanInfinityFees(nil, quote.InfinityFeePolicy{})
	require.ErrorIs(t, err, accounts.ErrNil)
}
