package serve_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ordered is a response of /swap/v2/order.
type ordered struct {
	RequestID, InAmount, OutAmount, OtherAmountThreshold string
	Transaction, Taker                                   *string
	FeeBps                                               int
	FeeMint                                              string
	LastValidBlockHeight                                 uint64
	SignatureFeeLamports                                 uint64
}

func (w *world) order(query ...string) answer {
	w.t.Helper()
	return w.get("/swap/v2/order", append([]string{
		"inputMint", accounts.NativeMint.String(), "outputMint", w.mint("jitoSOL").String(),
		"amount", "1000000000",
	}, query...)...)
}

// sign signs the transaction of an order.
func (w *world) sign(o *ordered) string {
	w.t.Helper()
	envelope, err := txn.ReadEnvelope(*o.Transaction)
	require.NoError(w.t, err)
	partial, err := txn.Parse(*o.Transaction, txn.Lifetime{Blockhash: envelope.Blockhash})
	require.NoError(w.t, err)
	partial, err = partial.Sign(w.t.Context(), w.user)
	require.NoError(w.t, err)
	return partial.Base64()
}

func TestJupiterOrder_IsExecuted(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.AllowExecute = true })
	req := route.Request{From: accounts.NativeMint, To: w.mint("jitoSOL"), Amount: 1_000_000_000}
	req.User, req.SlippageBps = w.user.PublicKey(), 50
	want, err := w.market.Quote(req)
	require.NoError(t, err)

	var o ordered
	w.order("taker", w.user.PublicKey().String()).into(200, &o)
	require.Equal(t, fmt.Sprint(want.Out), o.OutAmount)
	require.Equal(t, fmt.Sprint(want.MinOut), o.OtherAmountThreshold)
	require.Equal(t, uint64(5_000), o.SignatureFeeLamports)

	var done struct {
		Status, Signature, Slot string
		Code                    int
	}

	execution := object{"signedTransaction": w.sign(&o), "requestId": o.RequestID}
	w.post("/swap/v2/execute", execution).into(200, &done)
	require.Equal(t, "Success", done.Status)
	require.Equal(t, fmt.Sprint(w.market.Slot()+1), done.Slot)

	// The same request again, for example after a restart, sends nothing new.
	first := done.Signature
	w.post("/swap/v2/execute", execution).into(200, &done)
	require.Equal(t, first, done.Signature)
	require.Equal(t, "Success", done.Status)
}

func TestJupiterOrder_WithoutATaker(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.Client = nil })
	var o ordered
	w.order().into(200, &o)
	require.Nil(t, o.Transaction)
	require.Nil(t, o.Taker)
	w.order("taker", w.user.PublicKey().String()).fails(501, "NOT_CONFIGURED")
}

func TestJupiterExecute_TellsFailures(t *testing.T) {
	synctest.Test(t, testFailures)
}

func testFailures(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.AllowExecute = true })
	var o ordered
	w.order("taker", w.user.PublicKey().String()).into(200, &o)
	signed := w.sign(&o)

	for name, body := range map[string]object{
		"unsigned":     {"signedTransaction": *o.Transaction, "requestId": o.RequestID},
		"no id":        {"signedTransaction": signed, "requestId": ""},
		"foreign id":   {"signedTransaction": signed, "requestId": "order-1-2-3"},
		"no order":     {"signedTransaction": "", "requestId": o.RequestID},
		"long":         {"signedTransaction": longText(9000), "requestId": o.RequestID},
		"a number too": {"signedTransaction": 1, "requestId": o.RequestID},
	} {
		require.Equal(t, 400, w.post("/swap/v2/execute", body).Code, name)
	}

	w.node.OnSend(func([]byte) *sdktest.Error {
		return sdktest.Preflight(`{"InstructionError":[2,{"Custom":1}]}`)
	})
	var done struct {
		Status, Error string
		Code          int
	}

	w.post("/swap/v2/execute", object{"signedTransaction": signed, "requestId": o.RequestID}).
		into(200, &done)
	require.Equal(t, "Failed", done.Status)
	require.NotEmpty(t, done.Error)

	w = newWorld(t, nil)
	w.post("/swap/v2/execute", object{"signedTransaction": signed, "requestId": o.RequestID}).
		fails(501, "NOT_CONFIGURED")
}

func TestJupiterBuild_HasQuoteAndInstructions(t *testing.T) {
	w := newWorld(t, nil)
	var got struct {
		OutAmount       string
		SwapInstruction struct{ ProgramID string }
	}

	w.get("/swap/v2/build", "inputMint", accounts.NativeMint.String(), "outputMint",
		w.mint("jitoSOL").String(), "amount", "1000000000", "taker",
		w.user.PublicKey().String()).into(200, &got)
	require.NotEmpty(t, got.OutAmount)
	require.Equal(t, accounts.StakePoolProgram.String(), got.SwapInstruction.ProgramID)

	w.get("/swap/v2/build", "inputMint", accounts.NativeMint.String(), "outputMint",
		w.mint("jitoSOL").String(), "amount", "1000000000").fails(400, "INVALID_REQUEST")
}

// TestJupiterFee_GoesToTheSideOfItsAccount puts token accounts of both mints
// and a wallet on the node.
func TestJupiterFee_GoesToTheSideOfItsAccount(t *testing.T) {
	w := newWorld(t, nil)
	holder := func(number byte, mint solana.PublicKey) solana.PublicKey {
		key := solana.PublicKey{number, 1}
		data := make([]byte, accounts.TokenAccountSpace)
		copy(data, mint[:])
		copy(data[32:], anyKey[:])
		data[108] = 1
		w.node.Put(accounts.Account{
			Address:  key,
			Owner:    accounts.TokenProgram,
			Lamports: 2_039_280,
			Data:     data,
		})

		return key
	}

	w.node.Fund(1_000_000_000, anyKey)

	for name, c := range map[string]struct {
		account solana.PublicKey
		mint    string
	}{
		"output":      {holder(1, w.mint("jitoSOL")), "jitoSOL"},
		"wrapped SOL": {holder(2, accounts.NativeMint), "SOL"},
		"wallet":      {anyKey, "SOL"},
	} {
		t.Run(name, func(t *testing.T) {
			var o ordered
			w.order("taker", w.user.PublicKey().String(), "platformFeeBps", "20", "feeAccount",
				c.account.String()).into(200, &o)
			require.Equal(t, w.mint(c.mint).String(), o.FeeMint)
			require.Equal(t, 20, o.FeeBps)
			require.NotNil(t, o.Transaction)
		})
	}

	taker := []string{"taker", w.user.PublicKey().String(), "platformFeeBps", "20"}
	w.order(taker...).fails(400, "INVALID_REQUEST")
	for name, account := range map[string]solana.PublicKey{
		"absent":        {9, 9},
		"another token": holder(3, w.mint("hubSOL")),
		"no account":    w.mint("jitoSOL"),
	} {
		t.Run(name, func(t *testing.T) {
			w.order(append(taker, "feeAccount", account.String())...).
				fails(400, "INVALID_REQUEST")
		})
	}
}

// TestJupiterOrder_RefusesWhatItWouldIgnore checks the parameters that decide
// who is paid and what is paid: ignored, the money would go to the taker.
func TestJupiterOrder_RefusesWhatItWouldIgnore(t *testing.T) {
	w := newWorld(t, nil)
	taker := w.user.PublicKey().String()
	for name, value := range map[string]string{
		"receiver":                 anyKey.String(),
		"destinationTokenAccount":  anyKey.String(),
		"nativeDestinationAccount": anyKey.String(),
		"payer":                    anyKey.String(),
		"referralAccount":          anyKey.String(),
		"referralFee":              "50",
		"priorityFeeLamports":      "1000",
		"jitoTipLamports":          "1000",
		"wrapAndUnwrapSol":         "false",
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, w.order("taker", taker, name, value).fails(400, "INVALID_REQUEST"),
				name)
			w.order(name, value).fails(400, "INVALID_REQUEST")
			w.get("/swap/v2/build", "inputMint", accounts.NativeMint.String(), "outputMint",
				w.mint("jitoSOL").String(), "amount", "1000000000", "taker", taker, name, value).
				fails(400, "INVALID_REQUEST")
		})
	}

	require.Equal(t, 200, w.order("taker", taker, "receiver", taker, "payer", taker,
		"wrapAndUnwrapSol", "true", "jitoTipLamports", "0").Code)
}
