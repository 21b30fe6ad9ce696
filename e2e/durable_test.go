package e2e

import (
	"context"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// later is the waiting time of a transaction with a nonce, in slots: several
// lifetimes of a blockhash.
const later = 1_000

// nonceValue returns the value of the nonce account.
func (m *moneyRun) nonceValue(t *testing.T) solana.Hash {
	nonce, err := accounts.Load(m.get(m.nonce), m.nonce, accounts.DecodeNonce)
	require.NoError(t, err)
	return nonce.Value
}

// restarted returns a client without knowledge of earlier transactions.
func (m *moneyRun) restarted(t *testing.T) *sdk.Client {
	return m.client(t, m.honest, sdk.WithRegistry(m.registry))
}

// TestClient_DurableNonce signs payments with a durable nonce, stores bytes and
// lifetime, and sends them a thousand slots later with a new client that only
// has these, in version 0 and in version 1.
func TestClient_DurableNonce(t *testing.T) {
	m := newMoneyRun(t, connect(t))
	for _, version := range []txn.Version{txn.Version0, txn.Version1} {
		m.versions = []txn.Version{version}
		t.Run("version "+version.String(), func(t *testing.T) {
			t.Run("lands later", m.landsLater)
			t.Run("fails and uses the nonce up", m.failsOnChain)
			t.Run("two with one nonce", m.twoWithOneNonce)
			t.Run("used and unused after a restart", m.resumeNonce)
		})
	}
}

// landsLater sends a stored payment late, and again after it landed.
func (m *moneyRun) landsLater(t *testing.T) {
	t.Helper()
	m.begin(t)
	signed, err := m.build(t, m.restarted(t), m.nonce)
	require.NoError(t, err)
	before := m.nonceValue(t)
	m.slots(later)
	signed = store(t, signed)
	receipt, err := m.restarted(t).Send(m.within(t, patience), signed)
	require.NoError(t, err)
	require.False(t, receipt.Repeated)
	require.NotEqual(t, before, m.nonceValue(t))
	require.Equal(t, 1, m.payments())

	m.slots(later)
	again, err := m.restarted(t).Send(m.within(t, patience), store(t, signed))
	require.NoError(t, err)
	require.True(t, again.Repeated)
	require.Zero(t, again.Sends)
	require.Equal(t, receipt.Slot, again.Slot)
	require.Equal(t, 1, m.payments())
}

// failsOnChain sends a payment that fails on chain and thereby uses the nonce.
func (m *moneyRun) failsOnChain(t *testing.T) {
	t.Helper()
	m.begin(t)
	signed, err := m.build(t, m.restarted(t), m.nonce)
	require.NoError(t, err)
	second, err := m.build(t, m.restarted(t), m.nonce)
	require.NoError(t, err)
	before := m.nonceValue(t)
	m.slots(later)
	// The owner can no longer pay.
	m.batch(setAccount(accounts.Account{Address: m.owner.PublicKey(),
		Owner: accounts.SystemProgram, Lamports: payment - 1}))
	signed, second = store(t, signed), store(t, second)
	receipt, err := m.restarted(t).Send(m.within(t, patience), signed, sdk.WithSkipPreflight())
	require.ErrorIs(t, err, progerr.ErrInsufficientFunds)
	require.Equal(t, receipt.Err, err)
	require.NotZero(t, receipt.Slot)
	require.NotZero(t, receipt.Fee)
	require.NotErrorIs(t, err, sdk.ErrNotSent)
	require.NotErrorIs(t, err, sdk.ErrExpired)
	require.NotEqual(t, before, m.nonceValue(t), "the nonce is used up")

	m.slots(later)
	again, err := m.restarted(t).Send(m.within(t, patience), store(t, signed))
	require.ErrorIs(t, err, progerr.ErrInsufficientFunds, "after a restart")
	require.True(t, again.Repeated)
	require.Equal(t, receipt.Slot, again.Slot)

	m.batch(setAccount(accounts.Account{Address: m.owner.PublicKey(),
		Owner: accounts.SystemProgram, Lamports: 100 * sol}))
	_, err = m.restarted(t).Send(m.within(t, patience), second)
	require.ErrorIs(t, err, sdk.ErrExpired, "another one with that nonce")
	require.Zero(t, m.payments())
}

// twoWithOneNonce sends two payments with one nonce, of which one lands.
func (m *moneyRun) twoWithOneNonce(t *testing.T) {
	t.Helper()
	m.begin(t)
	var both []*txn.Signed
	for range 2 {
		signed, err := m.build(t, m.restarted(t), m.nonce)
		require.NoError(t, err)
		both = append(both, store(t, signed))
	}

	require.NotEqual(t, both[0].Signature(), both[1].Signature(), "each transaction is unique")
	results := make([]error, len(both))
	var wait sync.WaitGroup
	ctx := m.within(t, patience)
	for i, signed := range both {
		client := m.restarted(t)
		wait.Go(func() { _, results[i] = client.Send(ctx, signed) })
	}

	wait.Wait()
	landed := 0
	for _, err := range results {
		if err == nil {
			landed++
			continue
		}

		require.ErrorIs(t, err, sdk.ErrExpired)
	}

	require.Equal(t, 1, landed)
	m.slots(later)
	m.land(both[0].Base64(), both[1].Base64())
	require.Equal(t, 1, m.payments())
}

// resumeNonce sends or resumes a payment after a restart, with an unused and
// with a used nonce.
func (m *moneyRun) resumeNonce(t *testing.T) {
	t.Helper()
	for _, resume := range []bool{false, true} {
		for _, test := range []struct {
			name string
			use  func(signed string)
			want string
		}{
			{"unused", func(string) {}, "landed"},
			{"used by the payment", func(signed string) { m.land(signed) }, "landed"},
			{"used by another", func(string) { m.useNonce(t) }, "expired"},
		} {
			m.begin(t)
			signed, err := m.build(t, m.restarted(t), m.nonce)
			require.NoError(t, err)
			test.use(signed.Base64())
			m.slots(later)
			signed = store(t, signed)
			client := m.restarted(t)
			send := client.Send
			if resume {
				send = client.Resume
			}

			ctx, cancel := context.WithCancel(m.within(t, patience))
			_, err = send(ctx, signed)
			cancel()
			require.Equal(t, test.want, told(err), "%s, resumed %v: %v", test.name, resume, err)
			want := 1
			if test.want == "expired" {
				want = 0
			}

			m.land(signed.Base64())
			require.Equal(t, want, m.payments(), test.name)
		}
	}
}
