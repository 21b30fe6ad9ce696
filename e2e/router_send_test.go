package e2e

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// send executes the case, after the transfer of the rent if the case has one. A
// transaction that is too large is sent with a lookup table.
func (r *routerRun) send(rng *rand.Rand, c *golden.RouterCase, ix solana.Instruction) error {
	t := r.t
	plan := txn.Plan{
		Payer:    r.payer.PublicKey(),
		Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 1_400_000},
	}
	if c.Held > 0 {
		bridge, err := c.Deposited()
		require.NoError(t, err)
		plan.Steps = append(plan.Steps,
			txn.Step{Description: "rent",
				Instruction: system.NewTransferInstruction(c.Held, c.User, bridge).Build()})
	}

	plan.Steps = append(plan.Steps, txn.Step{Description: c.Op, Instruction: ix})
	unsigned, err := plan.Compile()
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		return r.sendWithTable(figures.RandomKey(rng), plan)
	}

	require.NoError(t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user)
	require.NoError(t, err)

	return r.execute(signed)
}

// sendWithTable puts a lookup table with all accounts of a plan of one
// instruction on chain, and executes the plan with it.
func (r *routerRun) sendWithTable(address solana.PublicKey, plan txn.Plan) error {
	t := r.t
	table := accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch}
	require.Len(t, plan.Steps, 1, "instructions could disagree about the privileges of an account")
	ix := plan.Steps[0].Instruction
	metas := make(solana.AccountMetaSlice, len(ix.Accounts()))
	for i, m := range ix.Accounts() {
		own := *m
		metas[i] = &own
		if !m.IsSigner {
			table.Addresses = append(table.Addresses, m.PublicKey)
		}
	}

	data, err := ix.Data()
	require.NoError(t, err)
	r.must(nil, "localnet_setAccount", setAccount(accounts.Account{
		Address: address, Owner: accounts.LookupTableProgram, Lamports: sol, Data: table.Encode(),
	}).Params)
	limit := solana.NewInstruction(accounts.ComputeBudgetProgram, nil,
		[]byte{2, 0xc0, 0x5c, 0x15, 0})
	tx, err := solana.NewTransaction(
		[]solana.Instruction{limit,
			solana.NewInstruction(ix.ProgramID(), metas, data)},
		plan.Lifetime.Blockhash,
		solana.TransactionPayer(plan.Payer),
		solana.TransactionAddressTables(
			map[solana.PublicKey]solana.PublicKeySlice{address: table.Addresses},
		),
	)

	require.NoError(t, err)
	message, err := tx.Message.MarshalBinary()
	require.NoError(t, err)
	for _, key := range tx.Message.AccountKeys[:tx.Message.Header.NumRequiredSignatures] {
		signer := r.user
		if key == plan.Payer {
			signer = r.payer
		}

		signature, err := signer.Sign(context.Background(), message)
		require.NoError(t, err)
		tx.Signatures = append(tx.Signatures, signature)
	}

	text, err := tx.ToBase64()
	require.NoError(t, err)
	r.withTable++

	return r.executeText(text, []solana.PublicKey{accounts.ComputeBudgetProgram, ix.ProgramID()})
}
