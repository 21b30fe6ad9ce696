package serve_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// outcome is a response of /v1/send and of /v1/transactions/{signature}.
type outcome struct {
	Signature, Status, Reason string
	Slot                      uint64
	Wallet                    *struct{ NetworkFee string }
}

// built has the server build a trade, and signs it.
func (w *world) built() (signed *txn.Signed, height uint64) {
	w.t.Helper()
	var response struct {
		Transaction          string
		LastValidBlockHeight uint64
	}

	w.post("/v1/transactions", map[string]any{
		"owner": w.user.PublicKey(), "from": "SOL", "to": "jitoSOL", "amount": "1500000000",
	}).into(200, &response)

	lifetime := txn.Lifetime{LastValidBlockHeight: response.LastValidBlockHeight}
	envelope, err := txn.ReadEnvelope(response.Transaction)
	require.NoError(w.t, err)
	lifetime.Blockhash = envelope.Blockhash
	partial, err := txn.Parse(response.Transaction, lifetime)
	require.NoError(w.t, err)
	signed, err = partial.Unsigned().Sign(w.t.Context(), w.user)
	require.NoError(w.t, err)

	return signed, response.LastValidBlockHeight
}

func TestOutcome_OfSentTransaction(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.AllowExecute = true })
	signed, height := w.built()

	var sent, found outcome
	w.post("/v1/send", map[string]any{
		"transaction": signed.Base64(), "lastValidBlockHeight": height,
	}).into(200, &sent)
	require.Equal(t, "landed", sent.Status)
	require.Equal(t, signed.Signature().String(), sent.Signature)
	require.Greater(t, sent.Slot, w.market.Slot())

	w.get("/v1/transactions/"+sent.Signature, "wallet", w.user.PublicKey().String()).
		into(200, &found)
	require.Equal(t, "landed", found.Status)
	require.Equal(t, sent.Slot, found.Slot)
}

// TestSend_UsesLookupTables sends a transaction that does not fit without a
// lookup table: the server reads it from the chain.
func TestSend_UsesLookupTables(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.AllowExecute = true })
	signed, height := w.built()
	payer := w.user.PublicKey()
	table := txn.LookupTable{Address: solana.PublicKey{0x7a}}
	plan := txn.Plan{Payer: payer, Lifetime: signed.Unsigned().Lifetime()}
	for i := range 30 {
		recipient := solana.PublicKey{0x7b, byte(i)}
		transfer, err := txn.TransferSOL(payer, recipient, 1_000_000)
		require.NoError(t, err)
		plan.Steps = append(plan.Steps, transfer)
		table.Addresses = append(table.Addresses, recipient)
	}

	plan.Budget.ComputeUnitLimit = 100_000
	plan.Tables = []txn.LookupTable{table}
	unsigned, err := plan.Compile()
	require.NoError(t, err)
	require.Len(t, unsigned.LookupTables(), 1)
	signed, err = unsigned.Sign(t.Context(), w.user)
	require.NoError(t, err)

	body := map[string]any{"transaction": signed.Base64(), "lastValidBlockHeight": height}
	w.post("/v1/send", body).fails(400, "INVALID_REQUEST")

	w.node.Put(accounts.Account{
		Address:  table.Address,
		Owner:    accounts.LookupTableProgram,
		Lamports: 1_000_000_000,
		Data: accounts.LookupTable{
			DeactivationSlot: accounts.NeverEpoch,
			Addresses:        table.Addresses,
		}.Encode(),
	})

	var sent outcome
	w.post("/v1/send", body).into(200, &sent)
	require.Equal(t, "landed", sent.Status)
	require.Equal(t, signed.Signature().String(), sent.Signature)
}

func TestOutcome_OfFailedTransaction(t *testing.T) {
	w := newWorld(t, nil)
	signature := solana.Signature{1, 2, 3}
	w.node.SetStatus(signature, sdktest.Status{
		Slot:         w.market.Slot(),
		Confirmation: "confirmed",
		Err:          `{"InstructionError":[0,{"Custom":1}]}`,
	})

	var got outcome
	w.get("/v1/transactions/"+signature.String()).into(200, &got)
	require.Equal(t, "failed", got.Status)
	require.NotEmpty(t, got.Reason)
}

// TestOutcome_IsPending checks that the outcome of a transaction that the
// network does not know is not an error: it may land yet.
func TestOutcome_IsPending(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.Timeout = 100 * time.Millisecond })
	var got outcome
	w.get("/v1/transactions/"+solana.Signature{9}.String()).into(200, &got)
	require.Equal(t, outcome{Signature: solana.Signature{9}.String(), Status: "pending"}, got)
}

func TestOutcome_RefusesBadRequests(t *testing.T) {
	w := newWorld(t, nil)
	mint := accounts.NativeMint.String()
	signature := solana.Signature{9}.String()
	w.get("/v1/transactions/"+mint).fails(400, "INVALID_REQUEST")
	w.get("/v1/transactions/"+strings.Repeat("0", 88)).fails(400, "INVALID_REQUEST")
	w.get("/v1/transactions/"+signature, "wallet", "me").fails(400, "INVALID_REQUEST")
	w.get("/v1/transactions/"+signature, "owner", mint).fails(400, "INVALID_REQUEST")
	w.get("/v1/transactions/"+solana.Signature{}.String()).fails(400, "INVALID_REQUEST")
}

func TestSend_IsOffByDefault(t *testing.T) {
	w := newWorld(t, nil)
	signed, height := w.built()
	w.post("/v1/send", map[string]any{
		"transaction": signed.Base64(), "lastValidBlockHeight": height,
	}).fails(501, "NOT_CONFIGURED")
	require.Zero(t, w.node.Calls("sendTransaction"))
}

// TestSend_RefusesTransactionsWithoutSignature checks that the server sends
// only what its owner signed.
func TestSend_RefusesTransactionsWithoutSignature(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.AllowExecute = true })
	signed, height := w.built()
	for _, transaction := range []string{signed.Unsigned().Base64(), "", "AAAA", "no base64"} {
		w.post("/v1/send", map[string]any{
			"transaction": transaction, "lastValidBlockHeight": height,
		}).fails(400, "INVALID_REQUEST")
	}
	require.Zero(t, w.node.Calls("sendTransaction"))
}
