package explain_test

import (
	"maps"
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestVerify_Form checks the properties of the whole transaction.
func TestVerify_Form(t *testing.T) {
	s := newScene(t)
	forms := formsOf(t, owner, nil, pay(owner, owner, 1), pay(payer, payer, 1))
	e := forms[1].explanation()
	for _, c := range []struct {
		name   string
		change func(p *explain.Policy)
		want   error
	}{
		{"as it is", func(p *explain.Policy) {}, nil},
		{"exactly",
			func(p *explain.Policy) {
				p.MaxSigners, p.MaxSize, p.MaxNetworkFee = 2, e.Size, 10_000
			},
			nil},
		{"fewer signers", func(p *explain.Policy) { p.MaxSigners = 1 }, explain.ErrFormNotAllowed},
		{"one byte", func(p *explain.Policy) { p.MaxSize = 1 }, explain.ErrFormNotAllowed},
		{"fewer bytes", func(p *explain.Policy) { p.MaxSize = e.Size - 1 },
			explain.ErrFormNotAllowed},
		{"a lower fee", func(p *explain.Policy) { p.MaxNetworkFee = 9_999 }, explain.ErrNetworkFee},
		{"another version",
			func(p *explain.Policy) { p.Versions = []txn.Version{txn.VersionLegacy, txn.Version1} },
			explain.ErrFormNotAllowed},
		{"this version", func(p *explain.Policy) { p.Versions = []txn.Version{txn.Version0} }, nil},
		{"another payer", func(p *explain.Policy) { p.Owner, p.Payer = stranger, payer },
			explain.ErrWrongFeePayer},
		{"paid by the payer",
			func(p *explain.Policy) { p.Owner, p.Payer, p.MaxNetworkFee = stranger, owner, 1 },
			nil},
		{"no owner", func(p *explain.Policy) { p.Owner = solana.PublicKey{} }, explain.ErrPolicy},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := s.policy()
			c.change(&p)
			err := explain.Verify(e, p)
			if c.want == nil {
				require.NoError(t, err)
				return
			}

			require.ErrorIs(t, err, c.want)
			var refused *explain.VerifyError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, -1, refused.Instruction)
		})
	}

	// The default is 0.00015 SOL, a fee of ordinary transactions.
	costly := explain.Explanation{Payer: owner, NetworkFee: 150_001}
	require.ErrorIs(t, explain.Verify(costly, explain.Policy{Owner: owner}), explain.ErrNetworkFee)
	costly.NetworkFee--
	require.NoError(t, explain.Verify(costly, explain.Policy{Owner: owner}))
	costly.Version = 9
	require.ErrorIs(t, explain.Verify(costly, explain.Policy{Owner: owner}),
		explain.ErrFormNotAllowed)
	for i, version := range []txn.Version{txn.VersionLegacy, txn.Version0, txn.Version0,
		txn.Version1} {
		require.Equal(t, version, forms[i].explanation().Version)
	}
}

// TestVerify_KeepsPolicy checks that verifying does not change the policy.
func TestVerify_KeepsPolicy(t *testing.T) {
	for _, r := range corpus(t) {
		p := r.Policy
		minimums, most := maps.Clone(p.MinTokens), maps.Clone(p.MaxTokens)
		require.NoError(t, explain.Verify(explain.Transaction(r.unsigned(t), nil), p))
		require.Equal(t, minimums, p.MinTokens)
		require.Equal(t, most, p.MaxTokens)
	}
}

// TestExplanation_NeedVacant checks the addresses that the bytes do not prove
// to be vacant.
func TestExplanation_NeedVacant(t *testing.T) {
	s := newScene(t)
	other := system.NewAllocateWithSeedInstruction(stranger, "x", 165, accounts.TokenProgram,
		key(94), stranger).
		Build()
	e := explain.Instructions(
		payer,
		list(s.create(payer, 5), s.allocate(), other, s.allocate()),
		nil,
	)

	require.Equal(t, []solana.PublicKey{s.wrap()}, e.NeedVacant(owner))
	require.Equal(t, []solana.PublicKey{key(94)}, e.NeedVacant(stranger))
	require.Empty(t, e.NeedVacant(payer))
}

// TestVerifyError_WholeStake checks the error about a whole stake account,
// whose balance is unknown.
func TestVerifyError_WholeStake(t *testing.T) {
	s := newScene(t)
	p := s.policy()
	p.MaxStake = map[solana.PublicKey]uint64{mine: 5}
	ixs := s.depositStake(mine, s.ata(owner, s.pool.Mint))
	err := explain.Verify(explain.Instructions(payer, ixs, nil), p)
	require.ErrorContains(t, err, "the whole stake account "+mine.String()+", at most 5 lamports")
	p.MaxStake[mine] = 0
	withdraw := stakeprogram.NewWithdrawInstruction(6, mine, owner, owner).Build()
	err = explain.Verify(explain.Instructions(payer, list(withdraw), nil), p)
	require.ErrorContains(t, err, "6 lamports of the stake account "+mine.String()+", at most 0")
}
