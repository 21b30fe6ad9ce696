package e2e

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/serve/page"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// chromiumVariable names the environment variable with the path of a
	// Chromium browser. By default it is looked for.
	chromiumVariable = "SANCTUM_E2E_CHROMIUM"
	// shotsVariable names the environment variable with a folder for pictures
	// of the page.
	shotsVariable = "SANCTUM_E2E_SHOTS"
	// pictureVariable names a file for the picture that docs/ shows.
	pictureVariable = "SANCTUM_E2E_RECORD_PAGE"
	// pageFolder has the tests that run in the browser.
	pageFolder = "page"
)

// pageBrowser has the paths of Node and of Chromium.
type pageBrowser struct{ node, chromium string }

// needBrowser skips the test, and tells why, if Node, its packages or Chromium
// are missing.
func needBrowser(t *testing.T) pageBrowser {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("install Node 20 or later to test the page in a browser")
	}

	major, err := exec.CommandContext(t.Context(), node, "-p",
		"process.versions.node.split('.')[0]").Output()
	require.NoError(t, err)
	if n, err := strconv.Atoi(strings.TrimSpace(string(major))); err != nil || n < 20 {
		t.Skipf("install Node 20 or later to test the page in a browser: it is %s", major)
	}

	if _, err := os.Stat(filepath.Join(pageFolder, "node_modules", "playwright-core")); err != nil {
		t.Skip("run npm ci in e2e/page to test the page in a browser")
	}

	names := []string{"chromium", "chromium-browser", "google-chrome"}
	if name := os.Getenv(chromiumVariable); name != "" {
		names = []string{name}
	}

	for _, name := range names {
		if chromium, err := exec.LookPath(name); err == nil {
			return pageBrowser{node: node, chromium: chromium}
		}
	}

	t.Skipf("install Chromium, or set %s to its path, to test the page in a browser",
		chromiumVariable)

	return pageBrowser{}
}

// pageKey is the key of the test's wallet, which lives in Node.
type pageKey struct {
	*txn.KeySigner
	seed string
}

func newPageKey(t *testing.T) pageKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	signer, err := txn.NewKeySigner(private)
	require.NoError(t, err)
	return pageKey{KeySigner: signer, seed: hex.EncodeToString(private.Seed())}
}

// run runs tests of the page against a server.
func (b pageBrowser) run(t *testing.T, server string, key pageKey, environment []string,
	tests ...string,
) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, b.node, append([]string{"--test"}, tests...)...)
	command.Dir = pageFolder
	command.Env = append(os.Environ(), "PAGE_URL="+server+"/", "PAGE_CHROMIUM="+b.chromium,
		"PAGE_KEY="+key.seed, "PAGE_SHOTS="+os.Getenv(shotsVariable))
	command.Env = append(command.Env, environment...)
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "# fail 0")
	require.NotContains(t, string(output), "# pass 0\n")
}

// TestPage_EmbeddedMarket runs all tests of the page against a server on the
// embedded market, whose node accepts every transaction.
func TestPage_EmbeddedMarket(t *testing.T) {
	browser := needBrowser(t)
	key := newPageKey(t)
	node, err := sdktest.Demo()
	require.NoError(t, err)
	node.AcceptAll()
	node.Fund(10_000*sol, key.PublicKey())
	client, err := node.Client()
	require.NoError(t, err)
	market, err := client.LoadMarketTokens(t.Context(), client.Registry().All()...)
	require.NoError(t, err)

	handler, err := serve.New(serve.Config{
		Markets:      serve.Fixed(market),
		Client:       client,
		AllowExecute: true,
		Other:        page.Handler(),
	})

	require.NoError(t, err)
	server := httptest.NewServer(handler)
	defer server.Close()

	browser.run(t, server.URL, key, nil, "page.test.mjs", "swap.test.mjs")
	if picture := os.Getenv(pictureVariable); picture != "" {
		browser.run(t, server.URL, key, []string{"PAGE_PICTURE=" + picture}, "picture.test.mjs")
	}
}

// pageSwap is a swap that the page made.
type pageSwap struct {
	Signature solana.Signature
	Outcome   string
	Build     struct {
		Request  struct{ From, To solana.PublicKey }
		Response struct {
			Quote struct {
				Venue, In, Out, MinOut string
				Exact                  bool
			}
		}
	}
}

// TestPage_RealPrograms trades through the page with the real programs. Each
// swap lands with what the page quoted, which is compared with the record of
// the transaction, and the page shows it.
func TestPage_RealPrograms(t *testing.T) {
	l := connect(t)
	browser := needBrowser(t)
	r := newSizesRun(l)
	key := newPageKey(t)
	r.user = key.KeySigner
	m := sizesMarket(t)
	r.publishSizes(m)
	client, err := sdk.New(l.endpoint)
	require.NoError(t, err)
	markets := &pageMarkets{client: client, loader: sizesLoader(t, m)}
	handler, err := serve.New(serve.Config{
		Markets:      markets,
		Client:       client,
		AllowExecute: true,
		Other:        page.Handler(),
		Logger:       slog.New(slog.NewTextHandler(t.Output(), nil)),
	})

	require.NoError(t, err)
	server := httptest.NewServer(handler)
	defer server.Close()

	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for i, pair := range [][2]string{
		{"SOL", "JitoSOL"}, {"bSOL", "SOL"}, {"JupSOL", "mSOL"}, {"mSOL", "SOL"},
		{"INF", "JitoSOL"}, {"JitoSOL", "bSOL"}, {"SOL", "INF"},
	} {
		r.fundPage(client, pair[0])
		amount := fmt.Sprintf("%d.%09d", 1+rng.Uint64N(5), rng.Uint64N(sol))
		result := filepath.Join(t.TempDir(), "result.json")
		browser.run(t, server.URL, key, []string{
			"PAGE_RPC=" + l.endpoint,
			"PAGE_RESULT=" + result,
			"PAGE_TRADE=" + strings.Join([]string{pair[0], pair[1], amount}, ","),
		}, "swap.test.mjs")

		text, err := os.ReadFile(result)
		require.NoError(t, err)
		var swaps []pageSwap
		require.NoError(t, json.NewDecoder(bytes.NewReader(text)).Decode(&swaps))
		require.Len(t, swaps, 4)
		for n, swap := range swaps {
			r.checkPageSwap(client, swap, fmt.Sprintf("seed %d, pair %d, swap %d", seed, i, n))
		}
	}
}

// fundPage gives the wallet enough of a token to trade.
func (r *waysRun) fundPage(client *sdk.Client, symbol string) {
	t := r.t
	owner := r.user.PublicKey()
	calls := []call{setAccount(accounts.Account{
		Address:  owner,
		Owner:    accounts.SystemProgram,
		Lamports: 10_000 * sol,
	})}
	if symbol != "SOL" {
		token, err := client.Registry().Lookup(symbol)
		require.NoError(t, err)
		rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
		require.NoError(t, err)
		calls = append(calls,
			setAccount(figures.TokenAccount(r.ata(token.Mint), token.Mint, owner, 1_000*sol, rent)))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}
}

// checkPageSwap compares what a transaction changed with what the page quoted
// and with what it shows.
func (r *waysRun) checkPageSwap(client *sdk.Client, swap pageSwap, name string) {
	t := r.t
	receipt, err := client.Await(t.Context(), swap.Signature)
	require.NoError(t, err, name)
	require.NotNil(t, receipt.Outcome, name)
	wallet := receipt.Outcome.Wallet(r.user.PublicKey())
	received := wallet.Token(swap.Build.Request.To).Gain()
	if swap.Build.Request.To == accounts.NativeMint {
		received = wallet.ReceivedLamports
	}

	quoted := swap.Build.Response.Quote
	least, err := strconv.ParseUint(quoted.MinOut, 10, 64)
	require.NoError(t, err, name)
	require.GreaterOrEqual(t, received, least, name)
	if quoted.Exact {
		require.Equal(t, quoted.Out, strconv.FormatUint(received, 10), "%s: %s", name, quoted.Venue)
	}

	shown := strings.ReplaceAll(swap.Outcome, ",", "")
	require.Contains(t, shown, trimmed(received), "%s: the page shows what was received", name)
	t.Logf("%s: %s paid %d as quoted", name, quoted.Venue, received)
}

// trimmed writes base units of a token with nine decimal places.
func trimmed(amount uint64) string {
	text := fmt.Sprintf("%d.%09d", amount/sol, amount%sol)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// pageMarkets loads the market anew if it is older than a second.
type pageMarkets struct {
	client *sdk.Client
	loader *route.Loader

	mu     sync.Mutex
	market *route.Market
	loaded time.Time
}

// Market implements serve.Markets.
func (p *pageMarkets) Market() (*route.Market, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.loaded) < time.Second {
		return p.market, nil
	}

	market, err := p.client.LoadMarketWith(context.Background(), p.loader)
	if err == nil {
		p.market, p.loaded = market, time.Now()
	}

	return market, err
}
