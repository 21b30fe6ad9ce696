package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ledger is a chain on which transactions land some slots after they were sent,
// if their blockhash or nonce is still valid.
type ledger struct {
	node *sdktest.Node
	born time.Time

	mu      sync.Mutex
	passed  atomic.Uint64
	delay   uint64 // slots between arrival and landing
	drops   int    // broadcasts that are accepted and dropped
	pending map[solana.Signature]uint64
	landed  map[solana.Signature]uint64
	died    map[solana.Signature]bool // transactions that can never land
	life    map[solana.Signature]txn.Lifetime
	refuse  *sdktest.Error // the refusal of every preflight
}

const ledgerSlot = 200 * time.Millisecond

func newLedger(t *testing.T) *ledger {
	t.Helper()
	l := &ledger{
		node:    demoNode(t),
		born:    time.Now(),
		delay:   2,
		pending: make(map[solana.Signature]uint64),
		landed:  make(map[solana.Signature]uint64),
		died:    make(map[solana.Signature]bool),
		life:    make(map[solana.Signature]txn.Lifetime),
	}

	l.node.Put(nonceAccount(nonceAuthority, firstValue))
	l.node.OnSimulate(succeeds(50_000))
	l.node.OnSend(l.take)

	return l
}

// know records the limit of a transaction's life, which is only partly in its
// bytes.
func (l *ledger) know(s *txn.Signed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.life[s.Signature()] = s.Unsigned().Lifetime()
}

func (l *ledger) slot() uint64 { return 342792000 + l.passed.Load() }

// take receives a broadcast.
func (l *ledger) take(raw []byte) *sdktest.Error {
	l.mu.Lock()
	defer l.mu.Unlock()
	signature := solana.SignatureFromBytes(raw[1 : 1+solana.SignatureLength])
	switch {
	case l.landed[signature] != 0:
		return sdktest.Preflight(`"AlreadyProcessed"`)
	case l.died[signature] || !l.alive(signature):
		return sdktest.Preflight(`"BlockhashNotFound"`)
	case l.refuse != nil:
		return l.refuse
	case l.drops > 0:
		l.drops--
	case l.pending[signature] == 0:
		l.pending[signature] = l.slot() + l.delay
	}

	return nil
}

func (l *ledger) alive(signature solana.Signature) bool {
	life := l.life[signature]
	if !life.Durable() {
		return l.slot() <= life.LastValidBlockHeight
	}
	account, ok := l.node.Account(nonceAddress)
	return ok && bytes.Equal(account.Data[40:72], life.Blockhash[:])
}

// useNonce advances the nonce by another transaction.
func (l *ledger) useNonce() {
	account := nonceAccount(nonceAuthority, secondValue)
	account.Data[40] ^= byte(len(l.landed))
	l.node.Put(account)
}

// advance moves the chain to the current time.
func (l *ledger) advance() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for slots := uint64(time.Since(l.born) / ledgerSlot); l.passed.Load() < slots; {
		l.passed.Add(1)
		l.node.Advance(1)
		for signature, at := range l.pending {
			if at > l.slot() {
				continue
			}

			delete(l.pending, signature)
			if !l.alive(signature) {
				l.died[signature] = true
				continue
			}

			l.landed[signature] = l.slot()
			l.node.SetStatus(signature, sdktest.Status{
				Slot:         l.slot(),
				Confirmation: "confirmed",
				Units:        50_000,
				Fee:          5_000,
			})
			if l.life[signature].Durable() {
				l.useNonce()
			}
		}
	}
}

// Do implements [sdk.Doer]. It is an honest endpoint.
func (l *ledger) Do(r *http.Request) (*http.Response, error) {
	l.advance()
	return l.node.Do(r)
}

// trades returns the number of landed transactions.
func (l *ledger) trades() int {
	time.Sleep(400 * ledgerSlot)
	l.advance()
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.landed)
}

// world is a dishonest or failing endpoint.
type world struct {
	*ledger
	change func(method string, result map[string]any, w *world) error
	drop   map[string]int // number of answers to lose, by method
	spread uint64         // number of slots that it lags
}

// Do implements [sdk.Doer].
func (w *world) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}

	var c call
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, err
	}

	if o := c.options(); w.spread > 0 && o.MinContextSlot != nil &&
		*o.MinContextSlot > w.slot()-w.spread {
		return rpcError(-32016, "Minimum context slot has not been reached")(nil, c,
			withBody(r, body))
	}

	resp, err := w.ledger.Do(withBody(r, body))
	if err != nil {
		return nil, err
	}

	w.mu.Lock()
	lost := w.drop[c.Method] > 0
	if lost {
		w.drop[c.Method]--
	}

	w.mu.Unlock()
	if lost {
		return nil, io.ErrUnexpectedEOF
	}

	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}

	var envelope map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&envelope); err != nil {
		return nil, err
	}

	if result, ok := envelope["result"].(map[string]any); ok && w.change != nil {
		if err := w.change(c.Method, result, w); err != nil {
			return nil, err
		}

		if text, err = json.Marshal(envelope); err != nil {
			return nil, err
		}
	}

	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))

	return resp, nil
}

func withBody(r *http.Request, body []byte) *http.Request {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return again
}

// worlds are the kinds of first endpoints.
var worlds = map[string]func(l *ledger) *world{
	"honest node": func(l *ledger) *world { return &world{ledger: l} },
	"replica behind": func(l *ledger) *world {
		return &world{
			ledger: l,
			spread: 8,
			change: func(method string, result map[string]any, w *world) error {
				at := w.slot() - 8
				if context, ok := result["context"].(map[string]any); ok {
					context["slot"] = at
				}

				switch method {
				case "getEpochInfo":
					result["absoluteSlot"], result["blockHeight"] = at, at
				case "getLatestBlockhash":
					result["value"].(map[string]any)["lastValidBlockHeight"] = at + 150
				case "getSignatureStatuses":
					status, _ := result["value"].([]any)[0].(map[string]any)
					if status != nil {
						if slot, _ := status["slot"].(json.Number).Int64(); uint64(slot) > at {
							result["value"] = []any{nil}
						}
					}
				}

				return nil
			},
		}
	},
	"lying height": func(l *ledger) *world {
		return &world{
			ledger: l,
			change: func(method string, result map[string]any, _ *world) error {
				if method == "getEpochInfo" {
					result["blockHeight"] = 999_999_999
				}

				return nil
			},
		}
	},
	"lying last valid height": func(l *ledger) *world {
		return &world{
			ledger: l,
			change: func(method string, result map[string]any, _ *world) error {
				if method == "getLatestBlockhash" {
					result["value"].(map[string]any)["lastValidBlockHeight"] = 1
				}

				return nil
			},
		}
	},
	"lying status": func(l *ledger) *world {
		return &world{
			ledger: l,
			change: func(method string, result map[string]any, w *world) error {
				if method == "getSignatureStatuses" {
					at := w.slot() - 1
					result["value"] = []any{map[string]any{"slot": at,
						"confirmationStatus": "finalized", "confirmations": nil, "err": nil}}
				}

				return nil
			},
		}
	},
	"dropped answers": func(l *ledger) *world {
		return &world{ledger: l,
			drop: map[string]int{"sendTransaction": 2, "getSignatureStatuses": 3}}
	},
	"dropped transactions": func(l *ledger) *world {
		l.drops = 5
		return &world{ledger: l}
	},
}

// past is the history of the transaction before the tested call of Send.
type past struct {
	name  string
	nonce bool
	// live creates the history.
	live func(l *ledger, s *txn.Signed)
	// restart reports whether the process was restarted with the stored
	// transaction.
	restart bool
	// want is the expected error if no node lies.
	want error
	// repeated reports whether the transaction was sent before.
	repeated bool
}

func deliver(l *ledger, s *txn.Signed) { l.take(s.Raw()) }

func slots(n int) { time.Sleep(time.Duration(n) * ledgerSlot) }

var pasts = []past{
	{name: "first call"},
	{name: "after landing", restart: true, repeated: true, live: func(l *ledger, s *txn.Signed) {
		deliver(l, s)
		slots(1000)
		l.advance()
	}},
	{
		name:    "after expiry",
		restart: true,
		want:    sdk.ErrExpired,
		live:    func(*ledger, *txn.Signed) { slots(1000) },
	},
	{
		name:     "after a crash, under way",
		restart:  true,
		repeated: true,
		live: func(l *ledger, s *txn.Signed) {
			l.delay = 60
			deliver(l, s)
			slots(3)
			// The next copy fails.
			l.refuse = sdktest.Preflight(`{"InstructionError":[2,{"Custom":39}]}`)
		},
	},
	{
		name:    "after a crash, refused",
		restart: true,
		want:    sdk.ErrExpired,
		live: func(l *ledger, _ *txn.Signed) {
			slots(3)
			l.refuse = sdktest.Preflight(`{"InstructionError":[2,{"Custom":39}]}`)
		},
	},
	{
		name:    "nonce unused",
		nonce:   true,
		restart: true,
		live:    func(*ledger, *txn.Signed) { slots(1000) },
	},
	{
		name:     "nonce used by itself",
		nonce:    true,
		restart:  true,
		repeated: true,
		live: func(l *ledger, s *txn.Signed) {
			deliver(l, s)
			slots(1000)
			l.advance()
		},
	},
	{
		name:    "nonce used by another",
		nonce:   true,
		restart: true,
		want:    sdk.ErrExpired,
		live: func(l *ledger, _ *txn.Signed) {
			l.useNonce()
			slots(1000)
		},
	},
}

// TestClient_Send_LyingNodes sends a transaction with each history to each kind
// of endpoint, and signs another one whenever the error allows it. Two
// transactions never land, and all results are true. The second endpoint, if
// any, is honest.
func TestClient_Send_LyingNodes(t *testing.T) {
	// With its own key, no transaction equals one of an earlier run.
	moneyKey = mustKey()
	told := make(map[string]int)
	for name, newWorld := range worlds {
		for _, p := range pasts {
			for _, endpoints := range []int{1, 2} {
				t.Run(fmt.Sprintf("%s/%s/%d", name, p.name, endpoints), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						l := newLedger(t)
						// The transaction is built before anything fails.
						honest, err := l.node.Client(sdk.WithHTTPClient(l))
						require.NoError(t, err)
						s := money(t, l, honest, p.nonce)
						if p.live != nil {
							p.live(l, s)
						}

						w := newWorld(l)
						connect := func() *sdk.Client {
							opts := []sdk.Option{sdk.WithHTTPClient(w)}
							if endpoints > 1 {
								opts = append(opts,
									sdk.WithFallback("https://second.test", sdk.WithHTTPClient(l)))
							}

							client, err := l.node.Client(opts...)
							require.NoError(t, err)
							return client
						}

						client := connect()
						if p.restart {
							s = throughStore(t, s)
						}

						var outcome error
						var receipt *sdk.Receipt
						for try := 0; try < 4; try++ {
							receipt, outcome = follow(t, connect, client, s)
							if try == 0 {
								told[label(outcome)]++
								check(t, l, w, p, endpoints, name, s, receipt, outcome)
							}

							if outcome == nil || errors.Is(outcome, sdk.ErrUncertain) {
								break
							}

							// It is safe to sign another transaction, so the
							// user does.
							l.refuse = nil
							s = money(t, l, honest, p.nonce)
						}

						require.LessOrEqual(t, l.trades(), 1, "paid twice: %v", outcome)
					})
				})
			}
		}
	}

	t.Log(told)
}

// money returns a signed trade.
func money(t *testing.T, l *ledger, client *sdk.Client, nonce bool) *txn.Signed {
	t.Helper()
	opts := sdk.BuildOptions{Owner: moneyKey.PublicKey(), SkipSimulation: true,
		SkipPayerCheck: true}
	signers := []txn.Signer{moneyKey}
	if nonce {
		opts.Nonce = nonceAddress
		signers = append(signers, nonceKey)
	}

	u, err := client.Build(t.Context(), quoted(t, client), opts)
	require.NoError(t, err)
	s, err := u.Sign(t.Context(), signers...)
	require.NoError(t, err)
	l.know(s)

	return s
}

// throughStore stores a transaction as bytes and JSON and loads it, as for a
// restart.
func throughStore(t *testing.T, s *txn.Signed) *txn.Signed {
	t.Helper()
	text, err := json.Marshal(s.Unsigned().Lifetime())
	require.NoError(t, err)
	var lifetime txn.Lifetime
	require.NoError(t, json.Unmarshal(text, &lifetime))
	partial, err := txn.Parse(s.Base64(), lifetime)
	require.NoError(t, err)
	again, err := partial.Signed()
	require.NoError(t, err)
	return again
}

// follow sends a transaction, with short deadlines and restarts, until the
// result is certain or five minutes have passed.
func follow(
	t *testing.T,
	connect func() *sdk.Client,
	client *sdk.Client,
	s *txn.Signed,
) (*sdk.Receipt, error) {
	t.Helper()
	for try := 0; ; try++ {
		ctx, cancel := context.WithTimeout(t.Context(),
			[]time.Duration{40 * time.Second, 3 * time.Minute}[min(try, 1)])
		receipt, err := client.Send(ctx, s)
		cancel()
		require.Equal(t, s.Signature(), receipt.Signature)
		if err != nil {
			requireLine(t, err)
		}

		if !errors.Is(err, sdk.ErrUncertain) || try == 2 {
			return receipt, err
		}

		client = connect()
	}
}

// check compares the result with the ledger and with the expected error.
func check(
	t *testing.T,
	l *ledger,
	w *world,
	p past,
	endpoints int,
	name string,
	s *txn.Signed,
	receipt *sdk.Receipt,
	err error,
) {
	t.Helper()
	l.advance()
	l.mu.Lock()
	slot, landed := l.landed[s.Signature()]
	pending := l.pending[s.Signature()] != 0
	l.mu.Unlock()
	switch {
	case err == nil && !landed:
		// The only endpoint has reported it.
		require.Equal(t, "lying status", name)
		require.Equal(t, 1, endpoints)
		require.Equal(t, 1, receipt.ConfirmedBy)
		return

	case err == nil:
		// Without answers, refusals of the copies are unknown.
		if name != "dropped answers" {
			require.Equal(t, p.repeated, receipt.Repeated)
		}

		require.GreaterOrEqual(t, receipt.ConfirmedBy, 1)
		if name != "lying status" || endpoints > 1 {
			require.Equal(t, slot, receipt.Slot)
		}

	case errors.Is(err, sdk.ErrNotSent):
		require.Equal(t, "first call", p.name, "only a first call can be certain")
		require.False(t, landed || pending)
	case errors.Is(err, sdk.ErrExpired):
		require.False(t, landed || pending)
	default:
		require.ErrorIs(t, err, sdk.ErrUncertain)
	}

	// The result is as expected if no node lies, or if an honest node can
	// contradict. A false report of a landing prevents a proof of expiry.
	switch {
	case name == "lying status" && (endpoints == 1 || p.want != nil):
		if endpoints > 1 {
			require.ErrorIs(t, err, sdk.ErrUncertain)
		}

	case p.want == nil:
		require.NoError(t, err)
	default:
		require.ErrorIs(t, err, p.want)
	}
}

func label(err error) string {
	for _, known := range []error{sdk.ErrNotSent, sdk.ErrExpired, sdk.ErrUncertain} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if err != nil {
		return err.Error()
	}
	return "landed"
}

var (
	moneyKey, nonceKey = mustKey(), mustKey()
	nonceAuthority     = nonceKey.PublicKey()
)

func mustKey() *txn.KeySigner {
	key, err := txn.GenerateKeySigner()
	if err != nil {
		panic(err)
	}
	return key
}
