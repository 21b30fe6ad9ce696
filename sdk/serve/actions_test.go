package serve_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// shown is an action that a wallet shows.
type shown struct {
	Type, Icon, Title, Description, Label string
	Links                                 struct {
		Actions []struct {
			Type, Href, Label string
			Parameters        []struct {
				Name    string
				Options []struct{ Value string }
			}
		}
	}
}

// path returns the path and the query of a link of the handler.
func path(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	require.NoError(t, err)
	return u.RequestURI()
}

func (w *world) account() object { return object{"account": w.user.PublicKey().String()} }

// TestActions_LeadFromTheButtonToTheEnd follows every button of every action.
func TestActions_LeadFromTheButtonToTheEnd(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) {
		c.BaseURL, c.BlockchainID = "https://example.org/api/", "solana:test"
	})
	followed := 0
	for _, start := range []string{
		"/actions/stake?to=jitoSOL", "/actions/stake", "/actions/swap", "/actions/unstake",
		"/actions/swap?from=SOL&to=hubSOL", "/actions/unstake?from=jitoSOL",
	} {
		var got shown
		response := w.get(start)
		response.into(200, &got)
		require.Equal(t, "solana:test", response.Header().Get("X-Blockchain-Ids"))
		require.NotEmpty(t, response.Header().Get("X-Action-Version"))
		require.Equal(t, "*", response.Header().Get("Access-Control-Allow-Origin"))
		require.Equal(t, "https://example.org/api/actions/icon.svg", got.Icon)
		require.NotEmpty(t, got.Links.Actions)

		for _, link := range got.Links.Actions {
			require.True(t, strings.HasPrefix(link.Href, "https://example.org/api/actions/"))
			href := path(t, strings.TrimPrefix(link.Href, "https://example.org/api"))
			for _, p := range link.Parameters {
				value := "0.5"
				if len(p.Options) > 0 {
					value = p.Options[len(p.Options)-1].Value
					if p.Name == "from" {
						value = p.Options[0].Value
					}
				}

				href = strings.ReplaceAll(href, "%7B"+p.Name+"%7D", value)
				href = strings.ReplaceAll(href, "{"+p.Name+"}", value)
			}

			require.NotContains(t, href, "{")
			w.follow(href)
			followed++
		}
	}

	require.Greater(t, followed, 10)
}

// follow posts to an action, and to the one after it.
func (w *world) follow(href string) {
	w.t.Helper()
	response := w.post(href, w.account())
	if response.Code == 400 {
		return // The market has no such route.
	}

	var tx struct {
		Type, Transaction, Message string
		Links                      struct{ Next struct{ Type, Href string } }
	}

	response.into(200, &tx)
	require.Contains(w.t, tx.Message, "at least")
	require.Equal(w.t, "post", tx.Links.Next.Type)
	_, err := w.client.Review(w.t.Context(), tx.Transaction, explain.Policy{})
	require.ErrorIs(w.t, err, explain.ErrPolicy, "it can be read")

	body := w.account()
	body["signature"] = solana.Signature{1}.String()
	var next shown
	// The base URL of the test has a path.
	require.True(w.t, strings.HasPrefix(tx.Links.Next.Href, "/api/actions/"), tx.Links.Next.Href)
	w.post(strings.TrimPrefix(tx.Links.Next.Href, "/api"), body).into(200, &next)
	if next.Type == "action" {
		require.Contains(w.t, next.Links.Actions[0].Href, "/actions/unstake?")
		return
	}

	require.Equal(w.t, "completed", next.Type)
}

// TestActions_BuildTheQuotedTrade checks the transaction against the quote.
func TestActions_BuildTheQuotedTrade(t *testing.T) {
	w := newWorld(t, nil)
	req := route.Request{From: w.mint("SOL"), To: w.mint("jitoSOL"), Amount: 1_500_000_000}
	req.User, req.SlippageBps = w.user.PublicKey(), 10
	want, err := w.market.Quote(req)
	require.NoError(t, err)

	var tx struct{ Transaction, Message string }
	w.post("/actions/stake?to=jitoSOL&amount=1.5", w.account()).into(200, &tx)
	require.Equal(t, fmt.Sprintf("Stake 1.5 SOL for %s JitoSOL, at least %s",
		lstFormat(want.Out), lstFormat(want.MinOut)), tx.Message)

	review, err := w.client.Review(t.Context(), tx.Transaction, explain.Policy{
		Owner:          w.user.PublicKey(),
		MaxLamports:    want.In,
		MinTokens:      map[solana.PublicKey]uint64{req.To: want.MinOut},
		MaxNewAccounts: 1,
		MaxRent:        10_000_000,
	})

	require.NoError(t, err)
	require.Equal(t, txn.VersionLegacy, review.Explanation.Version)
}

func lstFormat(amount uint64) string {
	text := fmt.Sprintf("%d.%09d", amount/1_000_000_000, amount%1_000_000_000)
	return strings.TrimRight(text, "0")
}

func TestActions_RefuseWithAMessage(t *testing.T) {
	w := newWorld(t, nil)
	for name, c := range map[string]struct {
		path string
		body any
		code int
	}{
		"no account":      {"/actions/stake?to=jitoSOL&amount=1", object{}, 400},
		"no amount":       {"/actions/stake?to=jitoSOL", w.account(), 400},
		"amount":          {"/actions/stake?to=jitoSOL&amount=x", w.account(), 400},
		"zero":            {"/actions/stake?to=jitoSOL&amount=0", w.account(), 400},
		"precision":       {"/actions/stake?to=jitoSOL&amount=0.1234567891", w.account(), 400},
		"token":           {"/actions/stake?to=doge&amount=1", w.account(), 400},
		"no token":        {"/actions/unstake?amount=1", w.account(), 400},
		"same":            {"/actions/swap?from=SOL&to=SOL&amount=1", w.account(), 400},
		"body":            {"/actions/stake?amount=1", "{", 400},
		"next of no user": {"/actions/stake/next", object{}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			var failure struct{ Message string }
			w.post(c.path, c.body).into(c.code, &failure)
			require.NotEmpty(t, failure.Message)
		})
	}
}

func TestActions_RulesAndIcon(t *testing.T) {
	w := newWorld(t, nil)
	var rules struct {
		Rules []struct{ PathPattern, APIPath string }
	}
	response := w.get("/actions.json")
	response.into(200, &rules)
	require.Equal(t, "*", response.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(t, "http://example.com/actions/**", rules.Rules[0].APIPath)

	icon := w.get("/actions/icon.svg")
	require.Equal(t, "image/svg+xml", icon.Header().Get("Content-Type"))
	require.Contains(t, icon.Body.String(), "<svg")

	options := w.do(httptest.NewRequest(http.MethodOptions, "/actions.json", nil))
	require.Equal(t, 204, options.Code)
	require.Contains(t, options.Header().Get("Access-Control-Allow-Methods"), "GET")
	require.Contains(t, options.Header().Get("Access-Control-Allow-Headers"), "Content-Encoding")
	require.Contains(t, options.Header().Get("Access-Control-Expose-Headers"), "X-Action-Version")
}
