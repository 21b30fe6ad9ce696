package txn_test

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var nonceValue = solana.Hash{9, 31: 1}

// nonce returns a usable nonce account.
func nonce(t testing.TB) *accounts.Nonce {
	return &accounts.Nonce{
		Version:              accounts.NonceCurrent,
		State:                accounts.NonceInitialized,
		Authority:            seeded(t, "authority").PublicKey(),
		Value:                nonceValue,
		LamportsPerSignature: 5000,
	}
}

// noncePlan returns a plan with a memo and a nonce whose authority is neither
// the fee payer nor the owner.
func noncePlan(t testing.TB) txn.Plan {
	t.Helper()
	p, _, _ := stakePlan(t)
	var err error
	p.Lifetime, err = txn.NonceLifetime(key("nonce"), nonce(t), 9)
	require.NoError(t, err)
	memo, err := txn.Memo("Rechnung Nr. 7 – danke")
	require.NoError(t, err)
	p.Steps = append(p.Steps, memo)
	return p
}

func rawOf(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	return raw
}

// requireFile compares the text with a committed file, or writes the file with
// -update.
func requireFile(t testing.TB, name, want string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(name[:strings.LastIndex(name, "/")], 0o755))
		require.NoError(t, os.WriteFile(name, []byte(want), 0o644))
	}
	got, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, want, string(got), name)
}

// TestNonceLifetime_Transaction pins the bytes of a transaction with a nonce
// and a memo, and reads the nonce as the network does.
func TestNonceLifetime_Transaction(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		p := noncePlan(t)
		p.Versions = legacyIf(legacy)
		u := compile(t, p)
		payer, owner, authority := seeded(t, "payer"), seeded(t, "owner"), seeded(t, "authority")
		require.Equal(t,
			[]solana.PublicKey{payer.PublicKey(), owner.PublicKey(), authority.PublicKey()},
			u.Signers())
		require.True(t, u.Lifetime().Durable())
		require.Zero(t, u.Lifetime().LastValidBlockHeight)
		fee, err := u.NetworkFee()
		require.NoError(t, err)
		require.Equal(t, uint64(3*5000+91), fee)

		signed, err := u.Sign(t.Context(), payer, owner, authority)
		require.NoError(t, err)
		requireFile(t,
			map[bool]string{false: "testdata/nonce.txt", true: "testdata/nonce-legacy.txt"}[legacy],
			signed.Base64()+"\n")
		tx := decode(t, signed.Base64())
		require.NoError(t, tx.VerifySignatures())
		m := tx.Message
		require.Equal(t, nonceValue, m.RecentBlockhash)
		named := func(ix solana.CompiledInstruction) (keys []solana.PublicKey) {
			for _, at := range ix.Accounts {
				keys = append(keys, m.AccountKeys[at])
			}

			return keys
		}

		require.Len(t, m.Instructions, 6)
		// AdvanceNonceAccount has the number 4 and no fields.
		first, last := m.Instructions[0], m.Instructions[5]
		require.Equal(t, accounts.SystemProgram, m.AccountKeys[first.ProgramIDIndex])
		require.Equal(t, []byte{4, 0, 0, 0}, []byte(first.Data))
		require.Equal(t,
			[]solana.PublicKey{key("nonce"),
				solana.MPK("SysvarRecentB1ockHashes11111111111111111111"), authority.PublicKey()},
			named(first))

		got := granted(m)
		require.Equal(t, privilege{writable: true}, got[key("nonce")])
		require.Equal(t, privilege{}, got[solana.SysVarRecentBlockHashesPubkey])
		require.Equal(t, privilege{signer: true}, got[authority.PublicKey()])
		for _, ix := range m.Instructions[1:3] {
			require.Equal(t, accounts.ComputeBudgetProgram, m.AccountKeys[ix.ProgramIDIndex],
				"the compute budget comes after it")
		}

		require.Equal(t, solana.MPK("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"),
			m.AccountKeys[last.ProgramIDIndex])
		require.Equal(t, "Rechnung Nr. 7 – danke", string(last.Data))
		require.Empty(t, last.Accounts)
		require.Equal(t, "advance the nonce of account "+key("nonce").String(),
			u.Steps()[0].Description)
		require.Equal(t, `write the memo "Rechnung Nr. 7 – danke"`, u.Steps()[5].Description)
		require.NotZero(t, u.Steps()[0].ComputeUnits)
	}
}

// TestNonceLifetime_Authority checks that the fee payer or the owner can be the
// authority and signs once.
func TestNonceLifetime_Authority(t *testing.T) {
	payer := seeded(t, "payer")
	n := nonce(t)
	n.Authority = payer.PublicKey()
	lifetime, err := txn.NonceLifetime(key("nonce"), n, 3)
	require.NoError(t, err)
	p := plan(payer.PublicKey(), step([]byte{1}))
	p.Lifetime = lifetime
	u := compile(t, p)
	require.Equal(t, []solana.PublicKey{payer.PublicKey()}, u.Signers())
	require.Equal(t, []solana.PublicKey{payer.PublicKey(), key("nonce")}, u.WritableAccounts())
	require.Equal(t, []solana.PublicKey{accounts.SystemProgram, program}, u.Programs(),
		"the index of an error is that of the transaction")
}

// TestNonceLifetime_LookupTables checks that the message itself names the nonce
// account, as the network requires.
func TestNonceLifetime_LookupTables(t *testing.T) {
	p := lookedUp(t)
	var err error
	p.Lifetime, err = txn.NonceLifetime(key("nonce"), nonce(t), 9)
	require.NoError(t, err)
	table := p.Tables[0]
	table.Addresses = append([]solana.PublicKey{key("nonce"), solana.SysVarRecentBlockHashesPubkey},
		table.Addresses...)
	p.Tables = []txn.LookupTable{table}
	u := compile(t, p)
	require.Equal(t, []solana.PublicKey{table.Address}, u.LookupTables())
	require.Equal(t, key("nonce"), p.Tables[0].Addresses[0], "the table is not touched")
	m := decode(t, u.Base64()).Message
	require.Contains(t, m.AccountKeys, key("nonce"))
	require.NotContains(t, m.AccountKeys, solana.SysVarRecentBlockHashesPubkey,
		"anything else may be looked up")
	keys, _ := resolved(t, m, p.Tables)
	for i, s := range u.Steps() {
		for at, meta := range s.Instruction.Accounts() {
			require.Equal(t, meta.PublicKey, keys[m.Instructions[i].Accounts[at]],
				"the other places of the table keep their indexes")
		}
	}

	again, err := txn.ParseVouched(u.Base64(), u.Lifetime(), table)
	require.NoError(t, err)
	requireSameForm(t, u, again.Unsigned())
}

func TestNonceLifetime_Refusals(t *testing.T) {
	legacy, empty := nonce(t), nonce(t)
	legacy.Version = accounts.NonceLegacy
	empty.State = accounts.NonceUninitialized
	for _, n := range []*accounts.Nonce{legacy, empty, {}} {
		l, err := txn.NonceLifetime(key("nonce"), n, 9)
		require.ErrorIs(t, err, txn.ErrNonceAccount)
		require.Contains(t, err.Error(), key("nonce").String())
		require.Zero(t, l)
	}

	for name, c := range map[string]struct {
		change func(l *txn.Lifetime)
		want   error
	}{
		"no value": {func(l *txn.Lifetime) { l.Blockhash = solana.Hash{} },
			txn.ErrNoLifetime},
		"no account": {func(l *txn.Lifetime) { l.Nonce.Account = solana.PublicKey{} },
			txn.ErrNonceAccount},
		"no authority": {func(l *txn.Lifetime) { l.Nonce.Authority = solana.PublicKey{} },
			txn.ErrNonceAccount},
		"a block height": {func(l *txn.Lifetime) { l.LastValidBlockHeight = 150 },
			txn.ErrNonceAccount},
		"nothing to do": {func(*txn.Lifetime) {}, txn.ErrNoSteps},
		"nothing, no name": {func(l *txn.Lifetime) { l.Nonce = txn.DurableNonce{} },
			txn.ErrNoSteps},
	} {
		t.Run(name, func(t *testing.T) {
			p := noncePlan(t)
			c.change(&p.Lifetime)
			if c.want == txn.ErrNoSteps {
				p.Steps = nil
			}

			u, err := p.Compile()
			require.Nil(t, u)
			require.ErrorIs(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}

	require.False(t, plan(key("payer")).Lifetime.Durable())
}
