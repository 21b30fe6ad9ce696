package serve_test

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// swapped is a response of /swap/v1/swap.
type swapped struct {
	SwapTransaction           string
	LastValidBlockHeight      uint64
	PrioritizationFeeLamports uint64
	ComputeUnitLimit          uint64
}

// policy returns what the quote of a body permits its transaction.
func (w *world) policy(body object) explain.Policy {
	w.t.Helper()
	quote, _ := body["quoteResponse"].(object)
	figure := func(name string) uint64 {
		value, err := strconv.ParseUint(quote[name].(string), 10, 64)
		require.NoError(w.t, err)
		return value
	}

	in, out := solana.MPK(quote["inputMint"].(string)), solana.MPK(quote["outputMint"].(string))
	most, least := figure("inAmount"), figure("otherAmountThreshold")
	if quote["swapMode"] == "ExactOut" {
		most, least = figure("otherAmountThreshold"), figure("outAmount")
	}

	p := explain.Policy{
		Owner:          w.user.PublicKey(),
		MaxNewAccounts: 3,
		MaxRent:        20_000_000,
	}

	p.MaxLamports, p.MaxTokens = most, map[solana.PublicKey]uint64{in: most}
	p.MinTokens = map[solana.PublicKey]uint64{out: least}
	if in != accounts.NativeMint {
		p.MaxLamports = 0
	}

	if out == accounts.NativeMint {
		p.MinTokens, p.MinLamports = nil, least
	}

	return p
}

var modes = map[route.SwapMode]string{route.ExactIn: "ExactIn", route.ExactOut: "ExactOut"}

// verify requires that a transaction does what the quote of a body promises.
func (w *world) verify(body object, transaction string) {
	w.t.Helper()
	policy := w.policy(body)
	review, err := w.client.Review(w.t.Context(), transaction, policy)
	require.NoError(w.t, err)
	require.Contains(w.t, review.Transaction.MissingSigners(), w.user.PublicKey())
}

func TestJupiterSwap_KeepsTheLimitsOfTheQuote(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range trades {
		if c.from != "SOL" {
			continue // The wallet holds SOL only.
		}

		body := w.body(c.from, c.to, fmt.Sprint(c.amount), "swapMode", modes[c.mode])
		var got swapped
		w.post("/swap/v1/swap", body).into(200, &got)
		require.Positive(t, got.LastValidBlockHeight)
		require.Positive(t, got.ComputeUnitLimit)
		w.verify(body, got.SwapTransaction)
	}
}

// TestJupiterSwap_DistrustsTheQuote posts quotes that a client has changed. The
// transaction must keep limits that are at least as tight as those of the
// honest quote, or there must be none.
func TestJupiterSwap_DistrustsTheQuote(t *testing.T) {
	w := newWorld(t, nil)
	honest := w.body("SOL", "jitoSOL", "1500000000")
	for name, change := range map[string]func(object){
		"no threshold": func(q object) { q["otherAmountThreshold"] = "0" },
		"low amounts": func(q object) {
			q["outAmount"], q["otherAmountThreshold"] = "1", "0"
		},
		"a cheaper plan": func(q object) { q["routePlan"].([]any)[0].(object)["percent"] = 1 },
		"another slot":   func(q object) { q["contextSlot"] = 1 },
		"a plan without name": func(q object) {
			q["routePlan"] = []any{object{"swapInfo": object{}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got swapped
			w.post("/swap/v1/swap", edit(honest, change)).into(200, &got)
			w.verify(honest, got.SwapTransaction)
		})
	}

	for name, c := range map[string]struct {
		change func(object)
		status int
		code   string
	}{
		"more than the market pays": {func(q object) { q["otherAmountThreshold"] = "1500000000" },
			409, "LIMIT_MISSED"},
		"a promise of more": {func(q object) { q["outAmount"] = "1500000000" }, 409,
			"LIMIT_MISSED"},
		"slippage": {func(q object) { q["slippageBps"] = 10_000 }, 400,
			"INVALID_REQUEST"},
		"slippage beyond 16 bits": {func(q object) { q["slippageBps"] = 65_536 }, 400,
			"INVALID_REQUEST"},
		"negative slippage": {func(q object) { q["slippageBps"] = -1 }, 400,
			"INVALID_REQUEST"},
		"fee": {func(q object) { q["platformFee"] = object{"feeBps": 5000} },
			400, "INVALID_REQUEST"},
		"fee without account": {func(q object) { q["platformFee"] = object{"feeBps": 10} },
			400, "INVALID_REQUEST"},
		"no plan": {func(q object) { q["routePlan"] = []any{} }, 400,
			"INVALID_REQUEST"},
		"a label of others": {func(q object) {
			q["routePlan"] = []any{object{"swapInfo": object{"label": "Raydium"}}}
		},
			400, "INVALID_REQUEST"},
		"an amount as number": {func(q object) { q["inAmount"] = 5 }, 400, "INVALID_REQUEST"},
		"a mint of nothing": {func(q object) { q["inputMint"] = "" }, 400,
			"INVALID_REQUEST"},
		"the same mint": {func(q object) { q["inputMint"] = q["outputMint"] }, 400,
			"CIRCULAR_ARBITRAGE_IS_DISABLED"},
		"zero": {func(q object) { q["inAmount"] = "0" }, 400,
			"INVALID_REQUEST"},
		"everything": {func(q object) { q["inAmount"] = "18446744073709551615" },
			400, "COULD_NOT_FIND_ANY_ROUTE"},
		"another mode": {func(q object) { q["swapMode"] = "Any" }, 400,
			"INVALID_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			w.post("/swap/v1/swap", edit(honest, c.change)).fails(c.status, c.code)
		})
	}
}

func TestJupiterSwap_RefusesWhatItCannotDo(t *testing.T) {
	w := newWorld(t, nil)
	for name, fields := range map[string]object{
		"tracking":    {"trackingAccount": anyKey.String()},
		"expiry":      {"blockhashSlotsToExpiry": 10},
		"ledger":      {"useTokenLedger": true},
		"tip":         {"prioritizationFeeLamports": object{"jitoTipLamports": 1000}},
		"unknown fee": {"prioritizationFeeLamports": object{"other": 1}},
		"fee as list": {"prioritizationFeeLamports": []any{1}},
		"a fortune":   {"prioritizationFeeLamports": uint64(1_000 * 1_000_000_000)},
		"level":       {"prioritizationFeeLamports": object{"priorityLevelWithMaxLamports": 1}},
		"no user":     {"userPublicKey": ""},
		"zero user":   {"userPublicKey": solana.PublicKey{}.String()},
		"two ends": {"destinationTokenAccount": anyKey.String(),
			"nativeDestinationAccount": anyKey.String()},
		"native LST":      {"nativeDestinationAccount": anyKey.String()},
		"payer":           {"payer": "x"},
		"a list for user": {"userPublicKey": []any{1}},
	} {
		t.Run(name, func(t *testing.T) {
			body := w.body("SOL", "jitoSOL", "1000000000")
			for key, value := range fields {
				body[key] = value
			}

			w.post("/swap/v1/swap", body).fails(400, "INVALID_REQUEST")
		})
	}
}

func TestJupiterSwap_PaysThePriorityFeeThatIsAskedFor(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.TipAccounts = []solana.PublicKey{anyKey} })
	w.node.SetFees(1_000, 5_000, 10_000, 20_000)
	level := func(name string) object {
		return object{"priorityLevelWithMaxLamports": object{"priorityLevel": name,
			"maxLamports": 90_000}}
	}

	fee := func(fields object) uint64 {
		body := w.body("SOL", "jitoSOL", "1000000000")
		for key, value := range fields {
			body[key] = value
		}

		var got swapped
		w.post("/swap/v1/swap", body).into(200, &got)
		return got.PrioritizationFeeLamports
	}

	// A fixed fee is divided by the compute unit limit, about 200,000, and
	// rounded down.
	fixed := fee(object{"prioritizationFeeLamports": 12_345})
	require.LessOrEqual(t, fixed, uint64(12_345))
	require.Greater(t, fixed, uint64(12_300))
	require.Zero(t, fee(object{"prioritizationFeeLamports": 0}))
	require.Zero(t, fee(object{"computeUnitPriceMicroLamports": 0}))
	require.Positive(t, fee(object{"prioritizationFeeLamports": "auto"}))
	require.Less(t, fee(object{"prioritizationFeeLamports": level("medium")}),
		fee(object{"prioritizationFeeLamports": level("veryHigh")}))
	require.Zero(t, fee(object{"prioritizationFeeLamports": object{"jitoTipLamports": 1000}}))
}

func TestJupiterSwap_BuildsTheFormatThatIsAskedFor(t *testing.T) {
	w := newWorld(t, nil)
	for _, legacy := range []bool{false, true} {
		body := w.body("SOL", "jitoSOL", "1000000000")
		body["asLegacyTransaction"] = legacy
		var got swapped
		w.post("/swap/v1/swap", body).into(200, &got)
		review, err := w.client.Review(t.Context(), got.SwapTransaction, w.policy(body))
		require.NoError(t, err)
		want := txn.Version0
		if legacy {
			want = txn.VersionLegacy
		}

		require.Equal(t, want, review.Explanation.Version)
	}
}

func TestJupiterInstructions_AreThoseOfTheTransaction(t *testing.T) {
	w := newWorld(t, nil)
	for _, to := range []string{"jitoSOL", "INF", "mSOL", "hubSOL"} {
		body := w.body("SOL", to, "1000000000")
		var whole swapped
		w.post("/swap/v1/swap", body).into(200, &whole)
		review, err := w.client.Review(t.Context(), whole.SwapTransaction, w.policy(body))
		require.NoError(t, err)

		type instruction struct {
			ProgramID, Data string
			Accounts        []struct{ Pubkey string }
		}

		var got struct {
			ComputeBudgetInstructions, SetupInstructions, OtherInstructions []instruction
			SwapInstruction                                                 instruction
			CleanupInstruction                                              *instruction
		}

		w.post("/swap/v1/swap-instructions", body).into(200, &got)
		all := append(got.ComputeBudgetInstructions, got.SetupInstructions...)
		all = append(all, got.SwapInstruction)
		if got.CleanupInstruction != nil {
			all = append(all, *got.CleanupInstruction)
		}

		steps := review.Transaction.Unsigned().Steps()
		require.Len(t, all, len(steps), to)
		for i, step := range steps {
			require.Equal(t, step.Instruction.ProgramID().String(), all[i].ProgramID)
			require.Len(t, all[i].Accounts, len(step.Instruction.Accounts()))
			data, err := step.Instruction.Data()
			require.NoError(t, err)
			got, err := base64.StdEncoding.DecodeString(all[i].Data)
			require.NoError(t, err)
			require.Len(t, got, len(data), "seeds and low bits of limits are random")
		}
	}
}
