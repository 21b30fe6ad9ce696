package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// payment is the stake of each transaction of this test, in lamports.
const payment = 2 * sol

// patience is the time limit of a call on the world's clock, longer than any
// proof of expiry takes.
const patience = 3 * time.Minute

// moneyFaults are the faults of one of the nodes.
var moneyFaults = []struct {
	name   string
	manner manner
}{
	{"honest node", manner{}},
	{behind, manner{behind: 8}},
	{lyingHeight, manner{change: lie("getEpochInfo", func(info map[string]any) {
		info["blockHeight"] = add(info["blockHeight"], 10_000)
	})}},
	{lyingLast, manner{change: lie("getLatestBlockhash", func(latest map[string]any) {
		latest["value"].(map[string]any)["lastValidBlockHeight"] = 1
	})}},
	{lyingStatus, manner{change: lie("getSignatureStatuses", func(statuses map[string]any) {
		slot := statuses["context"].(map[string]any)["slot"]
		statuses["value"] = []any{map[string]any{
			"slot": slot, "confirmations": nil, "err": nil, "status": map[string]any{"Ok": nil},
			"confirmationStatus": "finalized",
		}}
	})}},
	{denying, manner{change: lie("getSignatureStatuses",
		func(statuses map[string]any) { statuses["value"] = []any{nil} })}},
	{droppedAnswer, manner{silent: true}},
	{dropped, manner{forget: true}},
}

// lie changes the result of a method.
func lie(method string, change func(map[string]any)) func(string, json.RawMessage) json.RawMessage {
	return func(asked string, result json.RawMessage) json.RawMessage {
		if asked != method {
			return result
		}

		var fields map[string]any
		if err := json.Unmarshal(result, &fields); err != nil {
			return result
		}

		change(fields)
		changed, err := json.Marshal(fields)
		if err != nil {
			return result
		}

		return changed
	}
}

func add(number any, more float64) any {
	n, _ := number.(float64)
	return n + more
}

// moneyRun pays through nodes with different faults, and counts the payments.
type moneyRun struct {
	*world
	run          *stakePoolRun
	pool         *figures.StakePool
	token        lst.LST
	registry     *lst.Registry
	honest       []string
	owner, payer *txn.KeySigner
	nonce        solana.PublicKey
	// copies are all transactions that left the payer.
	copies []string
	// versions are those that the wallets take.
	versions []txn.Version
}

func newMoneyRun(t *testing.T, l *localnet) *moneyRun {
	program := accounts.SanctumMultiStakePoolProgram
	hash := l.programHash(program)
	if hash == "" {
		t.Skip("no stake pools on this server")
	}

	w := newWorld(t, l)
	m := &moneyRun{world: w}
	m.run = newStakePoolRun(l, l.chain(), program, hash, golden.DepositSOL)
	m.pool, m.token = clientPool(t, m.run, rand.New(rand.NewPCG(1, 1)), lst.KindSanctumSPLMulti)
	registry, err := lst.Default().With(m.token)
	require.NoError(t, err)
	m.registry = registry
	m.honest = []string{w.node(t, manner{}), w.node(t, manner{})}

	return m
}

// begin creates a new owner with enough for several payments, and a nonce
// account.
func (m *moneyRun) begin(t *testing.T) {
	m.t = t
	var at struct{ Epoch, SlotIndex, SlotsInEpoch uint64 }
	m.must(&at, "getEpochInfo", []any{})
	if at.SlotsInEpoch-at.SlotIndex < 5_000 {
		// A transaction built in one epoch does not land in the next.
		m.must(nil, "localnet_warpToEpoch", map[string]uint64{"epoch": at.Epoch + 1})
	}

	m.copies, m.held, m.congested = nil, nil, false
	for _, s := range []**txn.KeySigner{&m.owner, &m.payer} {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		*s = key
		m.batch(setAccount(accounts.Account{Address: key.PublicKey(), Owner: accounts.SystemProgram,
			Lamports: 100 * sol}))
	}

	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	m.nonce = figures.RandomKey(rng)
	nonce := accounts.Nonce{
		Version:              accounts.NonceCurrent,
		State:                accounts.NonceInitialized,
		Authority:            m.owner.PublicKey(),
		Value:                solana.Hash(figures.RandomKey(rng)),
		LamportsPerSignature: 5_000,
	}

	m.batch(setAccount(accounts.Account{
		Address:  m.nonce,
		Owner:    accounts.SystemProgram,
		Lamports: sol,
		Data:     nonce.Encode(),
	}))

	m.run.chain = m.chain()
	m.pool.State.LastUpdateEpoch = m.run.chain.Clock.Epoch
	m.run.publish(m.pool)
	m.slots(40) // Nodes that are behind know of it, too.
}

// build makes and signs a payment.
func (m *moneyRun) build(
	t *testing.T,
	client *sdk.Client,
	nonce solana.PublicKey,
) (*txn.Signed, error) {
	unsigned, _, err := client.Stake(context.Background(), m.token.Mint, payment, sdk.TradeOptions{
		BuildOptions: sdk.BuildOptions{
			Owner:    m.owner.PublicKey(),
			Payer:    m.payer.PublicKey(),
			Nonce:    nonce,
			Versions: m.versions,
		},
	})
	if err != nil {
		return nil, err
	}

	if len(m.versions) > 0 {
		require.Equal(t, m.versions[0], unsigned.Version())
	}

	return m.sign(t, unsigned), nil
}

func (m *moneyRun) sign(t *testing.T, unsigned *txn.Unsigned) *txn.Signed {
	signed, err := unsigned.Sign(context.Background(), m.owner, m.payer)
	require.NoError(t, err)
	return signed
}

// payments returns the number of payments that landed.
func (m *moneyRun) payments() int {
	owner, err := m.get(m.owner.PublicKey()).Get(m.owner.PublicKey())
	require.NoError(m.t, err)
	paid := 100*sol - owner.Lamports
	require.Zero(m.t, paid%payment)
	return int(paid / payment)
}

// useNonce advances the nonce with another transaction than the payment.
func (m *moneyRun) useNonce(t *testing.T) {
	set := m.get(m.nonce)
	nonce, err := accounts.Load(set, m.nonce, accounts.DecodeNonce)
	require.NoError(t, err)
	lifetime, err := txn.NonceLifetime(m.nonce, nonce, set.Slot())
	require.NoError(t, err)
	memo, err := txn.Memo("another one")
	require.NoError(t, err)
	unsigned, err := txn.Plan{
		Payer:    m.payer.PublicKey(),
		Lifetime: lifetime,
		Steps:    []txn.Step{memo},
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 50_000},
	}.Compile()

	require.NoError(t, err)
	m.land(m.sign(t, unsigned).Base64())
	after, err := accounts.Load(m.get(m.nonce), m.nonce, accounts.DecodeNonce)
	require.NoError(t, err)
	require.NotEqual(t, nonce.Value, after.Value, "the nonce was not used")
}

// history describes a transaction before the call under test.
type history struct {
	name string
	// nonce means that the transaction has a durable nonce.
	nonce bool
	// past, if set, happened after the transaction was signed and stored.
	past func(m *moneyRun, t *testing.T, signed *txn.Signed)
	// there means that the transaction had landed before the call.
	there bool
	// want is the expected result; instead has other results for some faults.
	want    becomes
	instead map[string]becomes
}

// becomes has the results that the caller may receive and the final number of
// payments: through the faulty node alone, alone in a congested network, with
// two honest nodes, and with two honest nodes in a congested network.
type becomes [4]string

const (
	paid    = "landed, 1 paid"
	another = "expired, 1 paid"   // by another transaction, which the caller was free to make
	open    = "uncertain, 1 paid" // and the caller knew that it must not make another one
	never   = "uncertain, 0 paid" // and none can land any more, which too many nodes deny
	lied    = "landed, 0 paid"    // which no other node was there to deny
	unmade  = "not built, 0 paid"
)

// The faults that the table names.
const (
	behind        = "replica behind"
	lyingHeight   = "lying height"
	lyingLast     = "lying lastValid"
	lyingStatus   = "lying status"
	denying       = "status denied"
	droppedAnswer = "dropped answer"
	dropped       = "dropped transaction"
)

var moneyHistories = []history{
	{
		name: "first call",
		want: becomes{paid, another, paid, another},
		instead: map[string]becomes{
			lyingHeight: {unmade, unmade, paid, another},
			lyingLast:   {unmade, unmade, paid, another},
			lyingStatus: {paid, paid, paid, never},
			dropped:     {another, another, paid, another},
		},
	},
	{
		name:  "first call with a nonce",
		nonce: true,
		want:  becomes{paid, open, paid, open},
		instead: map[string]becomes{
			lyingStatus: {paid, paid, paid, open},
			dropped:     {open, open, paid, open},
		},
	},
	{
		name: "repeated after landing",
		past: func(m *moneyRun, _ *testing.T, signed *txn.Signed) {
			m.land(signed.Base64())
			m.slots(400)
		},
		there: true,
		want:  becomes{paid, paid, paid, paid},
	},
	{
		name: "repeated after expiry",
		past: func(m *moneyRun, _ *testing.T, _ *txn.Signed) { m.slots(400) },
		want: becomes{another, another, another, another},
		instead: map[string]becomes{
			lyingStatus: {lied, lied, never, never},
		},
	},
	{
		name: "repeated after a crash",
		past: func(m *moneyRun, _ *testing.T, _ *txn.Signed) { m.slots(20) },
		want: becomes{paid, another, paid, another},
		instead: map[string]becomes{
			lyingStatus: {paid, paid, paid, never},
			dropped:     {another, another, paid, another},
		},
	},
	{
		name:  "nonce used by the payment",
		nonce: true,
		past: func(m *moneyRun, _ *testing.T, signed *txn.Signed) {
			m.land(signed.Base64())
			m.slots(1_000)
		},
		there: true,
		want:  becomes{paid, paid, paid, paid},
	},
	{
		name:  "nonce used by another",
		nonce: true,
		past: func(m *moneyRun, t *testing.T, _ *txn.Signed) {
			m.useNonce(t)
			m.slots(1_000)
		},
		want: becomes{another, another, another, another},
		instead: map[string]becomes{
			lyingStatus: {lied, lied, never, never},
		},
	},
	{
		name:  "nonce unused",
		nonce: true,
		past:  func(m *moneyRun, _ *testing.T, _ *txn.Signed) { m.slots(1_000) },
		want:  becomes{paid, open, paid, open},
		instead: map[string]becomes{
			lyingStatus: {paid, paid, paid, open},
			dropped:     {open, open, paid, open},
		},
	},
}

// told returns the name of the result.
func told(err error) string {
	switch {
	case err == nil:
		return "landed"
	case errors.Is(err, sdk.ErrNotSent):
		return "not sent"
	case errors.Is(err, sdk.ErrExpired):
		return "expired"
	case errors.Is(err, sdk.ErrUncertain):
		return "uncertain"
	}

	return "error"
}

// call takes a payment through its life: its history, the call under test
// through some nodes, another payment if the result allows it, and attempts to
// land every copy. It returns the result of the call.
func (m *moneyRun) call(t *testing.T, h history, nodes []string, congested bool) string {
	m.begin(t)
	var nonce solana.PublicKey
	if h.nonce {
		nonce = m.nonce
	}

	client := m.client(t, nodes, sdk.WithRegistry(m.registry))
	var signed *txn.Signed
	var err error
	if h.past == nil {
		if signed, err = m.build(t, client, nonce); err != nil {
			t.Logf("not built: %v", err)
			return fmt.Sprintf("not built, %d paid", m.payments())
		}
	} else {
		before := m.client(t, m.honest[:1], sdk.WithRegistry(m.registry))
		signed, err = m.build(t, before, nonce)
		require.NoError(t, err)
		m.copies = append(m.copies, signed.Base64())
		h.past(m, t, signed)
		signed = store(t, signed)
	}

	m.congested = congested
	receipt, err := client.Send(m.within(t, patience), signed)
	outcome := told(err)
	m.congested = false
	m.copies = append(m.copies, signed.Base64())
	if err != nil {
		t.Logf("told: %v", err)
	}

	if h.there || h.past == nil && err == nil {
		require.Equal(t, h.there, receipt.Repeated, "whether it existed before")
	}

	if outcome == "not sent" || outcome == "expired" {
		// Another payment is allowed now. All copies of the first one are sent
		// again.
		m.land(m.copies...)
		require.Zero(t, m.payments(), "told %s, and it landed", outcome)
		another := m.client(t, m.honest, sdk.WithRegistry(m.registry))
		second, err := m.build(t, another, solana.PublicKey{})
		require.NoError(t, err)
		m.copies = append(m.copies, second.Base64())
		_, err = another.Send(m.within(t, patience), second)
		require.NoError(t, err, "the second payment")
	}

	m.land(m.copies...)
	m.release()
	m.slots(400)
	m.land(m.copies...)
	m.release()
	n := m.payments()
	require.LessOrEqual(t, n, 1, "paid twice; told %s", outcome)

	return fmt.Sprintf("%s, %d paid", outcome, n)
}

// TestClient_PaysOnce checks for any history of a payment and any fault of a
// node that it is never paid twice, and that one faulty node out of three never
// causes a wrong result. The network either accepts transactions immediately,
// or is so congested that it accepts none until the caller has given up.
func TestClient_PaysOnce(t *testing.T) {
	m := newMoneyRun(t, connect(t))
	for _, h := range moneyHistories {
		t.Run(h.name, func(t *testing.T) {
			for _, f := range moneyFaults {
				t.Run(f.name, func(t *testing.T) {
					node := m.node(t, f.manner)
					want, ok := h.instead[f.name]
					if !ok {
						want = h.want
					}

					var got becomes
					for i, nodes := range [][]string{{node}, {node, m.honest[0], m.honest[1]}} {
						for j, congested := range []bool{false, true} {
							got[2*i+j] = m.call(t, h, nodes, congested)
						}
					}

					require.Equal(t, want, got)
				})
			}
		})
	}
}
