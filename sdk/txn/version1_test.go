package txn_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// in returns the plan with the given versions.
func in(p txn.Plan, versions ...txn.Version) txn.Plan {
	p.Versions = versions
	return p
}

// metasOf returns n accounts that only read.
func metasOf(n int) []*solana.AccountMeta {
	var metas []*solana.AccountMeta
	for i := range n {
		metas = append(metas, solana.Meta(key(fmt.Sprint(i))))
	}
	return metas
}

// signersOf returns n accounts that sign.
func signersOf(n int) []*solana.AccountMeta {
	var metas []*solana.AccountMeta
	for i := range n {
		metas = append(metas, solana.Meta(key(fmt.Sprint("signer ", i))).SIGNER())
	}
	return metas
}

// TestPlan_CompileVersion1 compares the message with one that is encoded by
// SIMD-0385. The configuration is that of the example of @solana/kit 8.4.0.
func TestPlan_CompileVersion1(t *testing.T) {
	payer, owner := seeded(t, "payer"), seeded(t, "owner")
	p := in(plan(payer.PublicKey(),
		step([]byte{1, 2, 3}, solana.Meta(owner.PublicKey()).SIGNER(),
			solana.Meta(key("to")).WRITE()),
		step(nil, solana.Meta(key("to")))), txn.Version1)

	p.Budget = txn.ComputeBudget{
		ComputeUnitLimit:            3_000,
		LoadedAccountsDataSizeLimit: 65_536,
		PriorityLamports:            5_000,
	}

	config, err := hex.DecodeString("8813000000000000b80b000000000100")
	require.NoError(t, err)
	want := version1{
		prefix: 0x81, signers: 2, readSigners: 1, readOthers: 1,
		mask: 0x0f, blockhash: blockhash,
		addresses: []solana.PublicKey{payer.PublicKey(), owner.PublicKey(), key("to"), program},
		config:    config,
		instructions: []version1Instruction{
			{program: 3, accounts: []byte{1, 2}, data: []byte{1, 2, 3}},
			{program: 3, accounts: []byte{2}},
		},
		heads: -1, count: -1,
	}

	u := compile(t, p)
	require.Equal(t, want.message(), u.Message())
	require.Equal(t, want.unsigned(), u.Base64())
	require.Equal(t, []solana.PublicKey{program, program}, u.Programs())
	require.Equal(t, p.Budget, u.Budget())
	fee, err := u.NetworkFee()
	require.NoError(t, err)
	require.Equal(t, uint64(15_000), fee)
	parsed, err := txn.Parse(u.Base64(), p.Lifetime)
	require.NoError(t, err)
	requireSameForm(t, u, parsed.Unsigned())
	for range 2 { // The second signature cannot use the compiled bytes.
		signed, err := u.Sign(t.Context(), payer, owner)
		require.NoError(t, err)
		require.Len(t, signed.Raw(), u.Size())
		tx := decode(t, signed.Base64())
		require.NoError(t, tx.VerifySignatures())
		require.Equal(t, tx.Signatures[0], signed.Signature())
		require.Equal(t, want.message(), u.Message())
	}
}

// TestPlan_CompileVersion1Budgets checks the configuration of budgets: what is
// left out is the highest limit, and the price becomes lamports, rounded up.
func TestPlan_CompileVersion1Budgets(t *testing.T) {
	for name, c := range map[string]struct{ budget, want txn.ComputeBudget }{
		"nothing": {want: txn.ComputeBudget{
			ComputeUnitLimit:            1_400_000,
			LoadedAccountsDataSizeLimit: 67_108_864,
		}},
		"a price without a limit": {
			txn.ComputeBudget{ComputeUnitPrice: 1},
			txn.ComputeBudget{
				ComputeUnitLimit:            1_400_000,
				LoadedAccountsDataSizeLimit: 67_108_864,
				PriorityLamports:            2, // 1.4
			},
		},
		"everything": {
			txn.ComputeBudget{
				ComputeUnitLimit:            100_000,
				ComputeUnitPrice:            50_001,
				LoadedAccountsDataSizeLimit: 1,
				HeapSize:                    262_144,
				PriorityLamports:            7,
			},
			txn.ComputeBudget{
				ComputeUnitLimit:            100_000,
				LoadedAccountsDataSizeLimit: 1,
				HeapSize:                    262_144,
				PriorityLamports:            5_008, // 5000.1 + 7
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := in(plan(key("payer"), step([]byte{1})), txn.Version1)
			p.Budget = c.budget
			u := compile(t, p)
			require.Equal(t, c.want, u.Budget())
			config := decode(t, u.Base64()).Message.TransactionConfig
			require.Equal(t, c.want.ComputeUnitLimit, *config.ComputeUnitLimit)
			require.Equal(t, c.want.LoadedAccountsDataSizeLimit,
				*config.LoadedAccountsDataSizeLimit)
			if c.want.PriorityLamports == 0 {
				require.Nil(t, config.PriorityFee)
			} else {
				require.Equal(t, c.want.PriorityLamports, *config.PriorityFee)
			}
		})
	}
}

// TestPlan_CompileVersion1Limits builds transactions at each limit of SIMD-0385
// and one beyond it.
func TestPlan_CompileVersion1Limits(t *testing.T) {
	repeated := func(n int) txn.Step { return step(nil, slices.Repeat(metasOf(1), n)...) }
	for _, c := range []struct {
		name string
		make func(n int) []txn.Step
		most int
		want error
	}{
		// The payer and the program are addresses as well.
		{"addresses", func(n int) []txn.Step { return []txn.Step{step(nil, metasOf(n-2)...)} }, 64,
			txn.ErrTooManyAccounts},
		{"signatures", func(n int) []txn.Step { return []txn.Step{step(nil, signersOf(n-1)...)} },
			12, txn.ErrVersionLimit},
		{"instructions", func(n int) []txn.Step { return slices.Repeat([]txn.Step{step(nil)}, n) },
			64, txn.ErrVersionLimit},
		{"accounts of an instruction", func(n int) []txn.Step { return []txn.Step{repeated(n)} },
			255, txn.ErrVersionLimit},
		// 42 for the head, 16 for the configuration, 64 for two addresses, 64
		// for the signature, 4 for the instruction.
		{"bytes", func(n int) []txn.Step { return []txn.Step{step(make([]byte, n-190))} }, 4_096,
			txn.ErrTransactionTooLarge},
		{"addresses far beyond",
			func(n int) []txn.Step { return []txn.Step{step(nil, metasOf(n/64*62+n%64*300)...)} },
			64,
			txn.ErrTooManyAccounts},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := in(plan(key("payer"), c.make(c.most)...), txn.Version1)
			p.Budget.PriorityLamports = 1
			require.NoError(t, decode(t, compile(t, p).Base64()).Sanitize())
			p.Steps = c.make(c.most + 1)
			u, err := p.Compile()
			require.ErrorIs(t, err, c.want)
			require.Nil(t, u)
			require.NotContains(t, err.Error(), "\n")
			_, _, err = p.CompileWith(nil)
			require.ErrorIs(t, err, c.want)
		})
	}
}

// TestPlan_CompileVersion1Refusals refuses budgets that version 1 cannot hold.
func TestPlan_CompileVersion1Refusals(t *testing.T) {
	budget := solana.NewInstruction(accounts.ComputeBudgetProgram, nil, []byte{2, 1, 0, 0, 0})
	for name, change := range map[string]func(*txn.Plan){
		"heap that is too small": func(p *txn.Plan) { p.Budget.HeapSize = 31_744 },
		"heap that is too large": func(p *txn.Plan) { p.Budget.HeapSize = 263_168 },
		"heap of uneven size":    func(p *txn.Plan) { p.Budget.HeapSize = 32_769 },
		"price beyond a uint64":  func(p *txn.Plan) { p.Budget.ComputeUnitPrice = math.MaxUint64 },
		"instruction without effect": func(p *txn.Plan) {
			p.Steps = append(p.Steps, txn.Step{Instruction: budget})
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := in(plan(key("payer"), step([]byte{1})), txn.Version1)
			change(&p)
			_, err := p.Compile()
			require.ErrorIs(t, err, txn.ErrBudget)
		})
	}

	p := in(plan(key("payer"), step(nil)), txn.Version0, txn.Version(3))
	_, err := p.Compile()
	require.ErrorIs(t, err, txn.ErrVersion)
}

// TestUnsigned_RenewVersion1 checks that only the blockhash changes.
func TestUnsigned_RenewVersion1(t *testing.T) {
	payer := seeded(t, "payer")
	u := compile(t, in(plan(payer.PublicKey(), step([]byte{1})), txn.Version1))
	next := txn.Lifetime{Blockhash: solana.Hash{8, 31: 9}, LastValidBlockHeight: 200, Slot: 2}
	renewed, err := u.Renew(next)
	require.NoError(t, err)
	want := u.Message()
	copy(want[8:40], next.Blockhash[:])
	require.Equal(t, want, renewed.Message())
	require.Equal(t, u.Budget(), renewed.Budget())
	require.Equal(t, u.WritableAccounts(), renewed.WritableAccounts())
	for _, of := range []*txn.Unsigned{renewed, u} {
		signed, err := of.Sign(t.Context(), payer)
		require.NoError(t, err)
		require.NoError(t, decode(t, signed.Base64()).VerifySignatures())
	}
}

// TestUnsigned_SignVersion1NewAccount signs for a new account while compiling.
func TestUnsigned_SignVersion1NewAccount(t *testing.T) {
	payer, created := seeded(t, "payer"), seeded(t, "new account")
	p := plan(payer.PublicKey(), step([]byte{1}, solana.Meta(created.PublicKey()).WRITE().SIGNER()))
	p.NewAccountSigners = []*txn.KeySigner{created}
	u := compile(t, in(p, txn.Version1))
	require.Equal(t, []solana.PublicKey{payer.PublicKey()}, u.Signers())
	for range 2 {
		signed, err := u.Sign(t.Context(), payer)
		require.NoError(t, err)
		require.NoError(t, decode(t, signed.Base64()).VerifySignatures())
	}
}

// versioned is a device that declares the versions that it takes.
type versioned struct {
	*device
	versions []txn.Version
}

// Versions implements txn.VersionedSigner.
func (v versioned) Versions() []txn.Version { return v.versions }

// TestVersionedSigner_AskedForNoOthers checks that no signer is asked if one of
// them does not take the version.
func TestVersionedSigner_AskedForNoOthers(t *testing.T) {
	payer, owner := deviceOf(seeded(t, "payer")), deviceOf(seeded(t, "owner"))
	limited := versioned{owner, []txn.Version{txn.VersionLegacy, txn.Version0}}
	p := plan(payer.key, step([]byte{1}, solana.Meta(owner.key).SIGNER()))
	sign := map[string]func(u *txn.Unsigned) error{
		"at once": func(u *txn.Unsigned) error {
			_, err := u.Sign(context.Background(), payer, limited)
			return err
		},
		"in parts": func(u *txn.Unsigned) error {
			_, err := u.Partial().Sign(context.Background(), payer, limited)
			return err
		},
	}

	for name, sign := range sign {
		payer.asked, owner.asked = 0, 0
		err := sign(compile(t, in(p, txn.Version1)))
		require.ErrorIs(t, err, txn.ErrVersionNotTaken, name)
		require.ErrorContains(t, err, "version 1, "+owner.key.String())
		require.Zero(t, payer.asked+owner.asked, name)
		for _, version := range limited.versions {
			require.NoError(t, sign(compile(t, in(p, version))), name)
		}

		require.Equal(t, 2, owner.asked, name)
	}
}
