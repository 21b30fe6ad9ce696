package serve_test

import (
	"maps"
	"strconv"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/serve"
)

// built is a response of /v1/transactions.
type built struct {
	Transaction, Version, Blockhash string
	Size                            int
	LastValidBlockHeight            uint64
	Signers                         []string
	Quote                           struct{ In, Out, MinOut, MaxIn, Venue string }
	Explanation                     struct {
		Payer, NetworkFee string
		Instructions      []struct {
			Program, Summary string
			Known            bool
		}
	}
}

// trade returns a request of /v1/transactions for 1.5 SOL.
func (w *world) trade(fields object) object {
	trade := object{
		"owner":  w.user.PublicKey().String(),
		"from":   "SOL",
		"to":     "jitoSOL",
		"amount": "1500000000",
	}
	maps.Copy(trade, fields)
	return trade
}

func TestTransaction_DoesWhatItsQuotePromises(t *testing.T) {
	w := newWorld(t, nil)
	req := route.Request{From: w.mint("SOL"), To: w.mint("jitoSOL"), Amount: 1_500_000_000}
	req.User, req.SlippageBps = w.user.PublicKey(), 10
	want, err := w.market.Quote(req)
	require.NoError(t, err)

	var got built
	w.post("/v1/transactions", w.trade(nil)).into(200, &got)
	require.Equal(t, strconv.FormatUint(want.Out, 10), got.Quote.Out)
	require.Equal(t, strconv.FormatUint(want.MinOut, 10), got.Quote.MinOut)
	require.Equal(t, []string{w.user.PublicKey().String()}, got.Signers)
	require.Equal(t, w.user.PublicKey().String(), got.Explanation.Payer)
	for _, instruction := range got.Explanation.Instructions {
		require.True(t, instruction.Known, instruction.Summary)
	}

	policy := explain.Policy{
		Owner:          w.user.PublicKey(),
		MaxLamports:    want.In,
		MinTokens:      map[solana.PublicKey]uint64{want.Request.To: want.MinOut},
		MaxNewAccounts: 1,
		MaxRent:        10_000_000,
	}

	_, err = w.client.Review(t.Context(), got.Transaction, policy)
	require.NoError(t, err)

	policy.MinTokens[want.Request.To]++
	_, err = w.client.Review(t.Context(), got.Transaction, policy)
	require.ErrorIs(t, err, explain.ErrMinimumNotEnforced)
}

// TestTransaction_TightensItsLimits asks for the highest minimum that the
// market can keep, which is the quoted output, and for one unit more.
func TestTransaction_TightensItsLimits(t *testing.T) {
	w := newWorld(t, nil)
	var loose, tight built
	w.post("/v1/transactions", w.trade(object{"slippageBps": 100})).into(200, &loose)
	require.NotEqual(t, loose.Quote.Out, loose.Quote.MinOut)

	w.post("/v1/transactions", w.trade(object{"slippageBps": 100, "minOut": loose.Quote.Out})).
		into(200, &tight)
	require.Equal(t, loose.Quote.Out, tight.Quote.MinOut)

	out, err := strconv.ParseUint(loose.Quote.Out, 10, 64)
	require.NoError(t, err)
	text := w.post("/v1/transactions",
		w.trade(object{"minOut": strconv.FormatUint(out+1, 10)})).fails(409, "LIMIT_MISSED")
	require.Contains(t, text, loose.Quote.Out)

	exact := object{"swapMode": "exactOut", "amount": "1000000000", "slippageBps": 100}
	w.post("/v1/transactions", w.trade(exact)).into(200, &loose)
	exact["maxIn"] = loose.Quote.In
	w.post("/v1/transactions", w.trade(exact)).into(200, &tight)
	require.Equal(t, loose.Quote.In, tight.Quote.MaxIn)

	exact["maxIn"] = "1000000000"
	w.post("/v1/transactions", w.trade(exact)).fails(409, "LIMIT_MISSED")
}

func TestTransaction_TakesItsOptions(t *testing.T) {
	w := newWorld(t, nil)
	sponsor := anyKey
	w.node.Fund(10_000_000_000, sponsor)
	var got built
	w.post("/v1/transactions", w.trade(object{
		"payer":            sponsor.String(),
		"version":          "legacy",
		"memo":             "order 7",
		"computeUnitPrice": "0",
		"venues":           []string{string(route.VenueStakePoolDeposit)},
		"onlyDirectRoutes": true,
	})).into(200, &got)

	require.Equal(t, "legacy", got.Version)
	require.Equal(t, string(route.VenueStakePoolDeposit), got.Quote.Venue)
	require.ElementsMatch(t, []string{sponsor.String(), w.user.PublicKey().String()}, got.Signers)
	require.Equal(t, sponsor.String(), got.Explanation.Payer)
	require.Equal(t, "10000", got.Explanation.NetworkFee, "two signatures, no priority fee")
}

func TestTransaction_RefusesWhatItCannotBuild(t *testing.T) {
	w := newWorld(t, nil)
	for name, c := range map[string]struct {
		fields object
		status int
		code   string
	}{
		"no owner":   {object{"owner": ""}, 400, "INVALID_REQUEST"},
		"zero owner": {object{"owner": solana.PublicKey{}.String()}, 400, "INVALID_REQUEST"},
		"misspelled": {object{"minout": "1", "minOutput": "1"}, 400, "INVALID_REQUEST"},
		"number":     {object{"amount": 5}, 400, "INVALID_REQUEST"},
		"token":      {object{"to": "dogecoin"}, 400, "TOKEN_NOT_TRADABLE"},
		"slippage":   {object{"slippageBps": 9_999}, 400, "INVALID_REQUEST"},
		"mode":       {object{"swapMode": "x"}, 400, "INVALID_REQUEST"},
		"version":    {object{"version": "2"}, 400, "INVALID_REQUEST"},
		"venue":      {object{"venues": []string{"Raydium"}}, 400, "INVALID_REQUEST"},
		"fee": {object{"fee": object{"bps": 9_000, "account": anyKey.String()}}, 400,
			"INVALID_REQUEST"},
		"fee account": {object{"fee": object{"bps": 10, "account": "x"}}, 400,
			"INVALID_REQUEST"},
		"priority": {object{"maxPriorityFee": "1000000000000"}, 400, "INVALID_REQUEST"},
		"no route": {object{"venues": []string{string(route.VenueReserve)}}, 400,
			"COULD_NOT_FIND_ANY_ROUTE"},
		"long memo": {object{"memo": longText(1500)}, 409, "TRANSACTION_TOO_LARGE"},
		"owner is target": {object{"recipient": w.mint("jitoSOL").String()}, 400,
			"INVALID_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			w.post("/v1/transactions", w.trade(c.fields)).fails(c.status, c.code)
		})
	}
}

func longText(length int) string {
	text := make([]byte, length)
	for i := range text {
		text[i] = 'm'
	}
	return string(text)
}

func TestTransaction_NeedsANode(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.Client = nil })
	for _, path := range []string{
		"/v1/transactions", "/v1/explain", "/v1/verify", "/swap/v1/swap",
		"/swap/v1/swap-instructions",
	} {
		w.post(path, `{"transaction":"x","policy":{"owner":"`+anyKey.String()+`"}}`).
			fails(501, "NOT_CONFIGURED")
	}
}

func TestExplain_ExplainsAndVerifies(t *testing.T) {
	w := newWorld(t, nil)
	var tx built
	w.post("/v1/transactions", w.trade(nil)).into(200, &tx)

	var explained struct {
		Version, Payer string
		Instructions   []struct{ Summary string }
	}

	w.post("/v1/explain", object{"transaction": tx.Transaction}).into(200, &explained)
	require.Equal(t, w.user.PublicKey().String(), explained.Payer)
	require.Len(t, explained.Instructions, len(tx.Explanation.Instructions))

	var verdict struct {
		Allowed     bool
		Reason      string
		Instruction *int
	}

	policy := object{
		"owner":          w.user.PublicKey().String(),
		"maxLamports":    tx.Quote.In,
		"minTokens":      object{w.mint("jitoSOL").String(): tx.Quote.MinOut},
		"maxNewAccounts": 1,
		"maxRent":        "10000000",
	}

	w.post("/v1/verify", object{"transaction": tx.Transaction, "policy": policy}).
		into(200, &verdict)
	require.True(t, verdict.Allowed, verdict.Reason)

	policy["maxLamports"] = "1499999999"
	w.post("/v1/verify", object{"transaction": tx.Transaction, "policy": policy}).
		into(200, &verdict)
	require.False(t, verdict.Allowed)
	require.NotEmpty(t, verdict.Reason)
}

func TestExplain_RefusesWhatIsNoTransaction(t *testing.T) {
	w := newWorld(t, nil)
	for name, text := range map[string]string{
		"nothing": "", "not base64": "!", "short": "AAAA", "long": longText(9000),
	} {
		t.Run(name, func(t *testing.T) {
			w.post("/v1/explain", object{"transaction": text}).fails(400, "INVALID_REQUEST")
		})
	}

	for name, policy := range map[string]object{
		"no owner":   {},
		"amount":     {"owner": anyKey.String(), "maxLamports": "-1"},
		"mint":       {"owner": anyKey.String(), "maxTokens": object{"x": "1"}},
		"misspelled": {"owner": anyKey.String(), "maxLamport": "1"},
	} {
		t.Run(name, func(t *testing.T) {
			w.post("/v1/verify", object{"transaction": "AAAA", "policy": policy}).
				fails(400, "INVALID_REQUEST")
		})
	}
}

func TestTransaction_OfAReturnedQuoteWithAFee(t *testing.T) {
	w := newWorld(t, nil)
	var quotes struct{ Quotes []struct{ Portable object } }
	w.get("/v1/quotes", "from", "SOL", "to", "hubSOL", "amount", "1500000000", "feeBps", "20",
		"feeOnInput", "true").into(200, &quotes)
	trade := object{"owner": w.user.PublicKey().String(), "quote": quotes.Quotes[0].Portable}
	w.post("/v1/transactions", trade).fails(400, "INVALID_REQUEST")

	trade["fee"] = object{"bps": 20, "onInput": true, "account": anyKey.String()}
	var got built
	w.post("/v1/transactions", trade).into(200, &got)
	require.Contains(t, got.Explanation.Instructions[1].Summary, anyKey.String())

	trade["fee"] = object{"bps": 30, "onInput": true, "account": anyKey.String()}
	w.post("/v1/transactions", trade).fails(400, "INVALID_REQUEST")
}

// TestTransaction_OfAReturnedQuote builds each of all quotes, not only the
// best, and refuses quotes that were changed.
func TestTransaction_OfAReturnedQuote(t *testing.T) {
	w := newWorld(t, nil)
	var quotes struct {
		Quotes []struct {
			Venue, In, Out, MinOut string
			Portable               object
		}
	}

	w.get("/v1/quotes", "from", "SOL", "to", "hubSOL", "amount", "1500000000").into(200, &quotes)
	require.Greater(t, len(quotes.Quotes), 1)
	owner := w.user.PublicKey().String()
	for _, q := range quotes.Quotes {
		var got built
		w.post("/v1/transactions", object{"owner": owner, "quote": q.Portable}).into(200, &got)
		require.Equal(t, q.Venue, got.Quote.Venue)
		require.Equal(t, q.Out, got.Quote.Out)
		require.Equal(t, q.MinOut, got.Quote.MinOut)
	}

	for name, c := range map[string]struct {
		change func(request, quote object)
		status int
		code   string
	}{
		"another amount": {func(r, _ object) { r["amount"] = "1" }, 400, "INVALID_REQUEST"},
		"wrapped SOL":    {func(r, _ object) { r["useWsol"] = true }, 400, "INVALID_REQUEST"},
		"other venues": {func(r, _ object) { r["excludeVenues"] = []string{"infinity"} }, 400,
			"INVALID_REQUEST"},
		"more output": {func(_, q object) { q["minOut"] = "1500000000" }, 400,
			"INVALID_REQUEST"},
		"a field of others": {func(_, q object) { q["more"] = 1 }, 400, "INVALID_REQUEST"},
		"another epoch":     {func(_, q object) { q["epoch"] = 1 }, 409, "LIMIT_MISSED"},
		"a recipient": {func(_, q object) {
			q["request"].(object)["recipient"] = anyKey.String()
		}, 400, "INVALID_REQUEST"},
		"nothing": {func(r, _ object) { r["quote"] = object{} }, 400, "INVALID_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			var fresh struct{ Quotes []struct{ Portable object } }
			w.get("/v1/quotes", "from", "SOL", "to", "hubSOL", "amount", "1500000000").
				into(200, &fresh)
			quote := fresh.Quotes[0].Portable
			request := object{"owner": owner, "quote": quote}
			c.change(request, quote)
			w.post("/v1/transactions", request).fails(c.status, c.code)
		})
	}
}
