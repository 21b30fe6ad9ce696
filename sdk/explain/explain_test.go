package explain_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var lifetime = txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1}

// compiledV1 returns a transaction of version 1 that solana-go compiled.
func compiledV1(
	t *testing.T, config solana.TransactionConfig, ixs ...solana.Instruction,
) *solana.Transaction {
	t.Helper()
	tx, err := solana.NewTransaction(ixs, lifetime.Blockhash, solana.TransactionPayer(owner),
		solana.TransactionV1Config(config))
	require.NoError(t, err)
	return tx
}

// parsed returns a transaction that was read from base64.
func parsed(t *testing.T, tx *solana.Transaction) *txn.Unsigned {
	t.Helper()
	tx.Signatures = make([]solana.Signature, tx.Message.Header.NumRequiredSignatures)
	text, err := tx.ToBase64()
	require.NoError(t, err)
	p, err := txn.Parse(text, lifetime)
	require.NoError(t, err)
	return p.Unsigned()
}

// TestTransaction_Version1 checks that the fee comes from the configuration and
// that compute budget instructions have no effect.
func TestTransaction_Version1(t *testing.T) {
	transfer := system.NewTransferInstruction(5, owner, payer).Build()
	config := solana.TransactionConfig{}.WithComputeUnitLimit(1_000).WithPriorityFee(7)
	tx := compiledV1(t, config, transfer)
	e := explain.Transaction(parsed(t, tx), lst.Default())
	require.Equal(t, txn.Version1, e.Version)
	require.Equal(t, uint64(5_007), e.NetworkFee)
	require.NotZero(t, e.Size)
	raw, err := json.Marshal(e)
	require.NoError(t, err)
	require.Contains(t, string(raw), `"version":"1"`)

	budget := computebudget.NewSetComputeUnitPriceInstruction(1_000_000_000).Build()
	data, err := budget.Data()
	require.NoError(t, err)
	tx.Message.AccountKeys = append(tx.Message.AccountKeys, budget.ProgramID())
	tx.Message.Header.NumReadonlyUnsignedAccounts++
	tx.Message.Instructions = append(tx.Message.Instructions, solana.CompiledInstruction{
		ProgramIDIndex: uint16(len(tx.Message.AccountKeys) - 1),
		Data:           data,
	})

	require.Equal(t, uint64(5_007), explain.Transaction(parsed(t, tx), nil).NetworkFee)
}

// TestTransaction_HeaderSigners checks that signers that no instruction names
// are counted.
func TestTransaction_HeaderSigners(t *testing.T) {
	tx := compiledV1(
		t,
		solana.TransactionConfig{},
		system.NewTransferInstruction(5, owner, payer).Build(),
	)

	m := &tx.Message
	to := m.AccountKeys[1]
	m.AccountKeys[1] = key(70)
	m.AccountKeys = append(m.AccountKeys[:2:2], key(71), to, m.AccountKeys[2])
	m.Header.NumRequiredSignatures = 3
	m.Instructions[0].Accounts[1], m.Instructions[0].ProgramIDIndex = 3, 4
	e := explain.Transaction(parsed(t, tx), nil)
	require.Equal(t, []solana.PublicKey{owner, key(70), key(71)}, e.Signers)
	require.Equal(t, uint64(15_000), e.NetworkFee)
	policy := explain.Policy{Owner: owner, Payer: payer, MaxLamports: 5, MaxNetworkFee: 5_000}
	require.ErrorIs(t, explain.Verify(e, policy), explain.ErrNetworkFee)
}

// TestExplanation_WithNetworkFee checks that only a possible fee is accepted.
func TestExplanation_WithNetworkFee(t *testing.T) {
	price := computebudget.NewSetComputeUnitPriceInstruction(1_000_000).Build()
	limit := computebudget.NewSetComputeUnitLimitInstruction(2_000).Build()
	transfer := system.NewTransferInstruction(5, owner, payer).Build()
	for _, f := range formsOf(t, owner, nil, price, limit, transfer) {
		if f.name == "version 1" {
			continue // It has no budget then.
		}

		e := f.explanation()
		require.Equal(t, uint64(7_000), e.NetworkFee)
		require.False(t, e.FeeKnown)
		require.Contains(t, e.String(), "at most an estimated 0.000007 SOL")
		for told, want := range map[uint64]uint64{0: 7_000, 1_999: 7_000, 2_000: 2_000,
			9_000: 9_000} {
			charged := e.WithNetworkFee(told)
			require.Equal(t, want, charged.NetworkFee)
			require.Equal(t, told == want, charged.FeeKnown)
			require.NotEqual(t, charged.FeeKnown, strings.Contains(charged.String(), "estimated"))
		}
	}
}
