package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const (
	// behindTrades is the number of trades over replicas, some of them
	// concurrent.
	behindTrades  = 200
	behindAtOnce  = 10
	behindSlots   = 8
	replicaPolled = 50 * time.Millisecond
)

// replicas is an address with several nodes behind it. A node that is up to a
// given number of slots behind answers each request.
type replicas struct {
	*localnet
	mu  sync.Mutex
	rng *rand.Rand
}

// Do implements sdk.Doer. The fault applies to the next call of the method:
// this one or a concurrent one.
func (r *replicas) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}

	request.Body = io.NopCloser(bytes.NewReader(body))
	var in struct{ Method string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	if slots := r.rng.IntN(behindSlots + 1); slots > 0 {
		r.must(nil, "localnet_setFault",
			map[string]any{"method": in.Method, "mode": "behind", "slots": slots})
	}

	return r.http.Do(request)
}

// TestClient_ReplicasBehind trades over replicas up to eight slots behind, with
// the default options of a client. No trade may fail.
func TestClient_ReplicasBehind(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	program := accounts.SanctumStakePoolProgram
	r := newStakePoolRun(l, l.chain(), program, l.programHash(program), golden.DepositSOL)
	pool, token := clientPool(t, r, rand.New(rand.NewPCG(seed, 0)), lst.KindSanctumSPL)
	r.publish(pool)
	l.batch(setAccount(accounts.Account{Address: r.user.PublicKey(), Owner: accounts.SystemProgram,
		Lamports: 1_000_000 * sol}))
	registry, err := lst.Default().With(token)
	require.NoError(t, err)
	t.Cleanup(func() { l.must(nil, "localnet_clearFaults", nil) })
	l.waitSlots(2 * behindSlots) // until all replicas know the pool

	node := &replicas{localnet: l, rng: rand.New(rand.NewPCG(seed, 1))}
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry), sdk.WithHTTPClient(node))
	require.NoError(t, err)
	trades := make(chan uint64)
	var group sync.WaitGroup
	var mu sync.Mutex
	var slowest time.Duration
	for range behindAtOnce {
		group.Go(func() {
			for amount := range trades {
				start := time.Now()
				request := route.Request{
					From:    accounts.NativeMint,
					To:      token.Mint,
					Amount:  amount,
					Options: route.Options{SlippageBps: 100},
				}

				_, _, err := client.Execute(context.Background(), request,
					sdk.BuildOptions{Owner: r.user.PublicKey()}, r.user)
				if err != nil {
					t.Errorf("%d lamports: %v", amount, err)
				}

				mu.Lock()
				slowest = max(slowest, time.Since(start))
				mu.Unlock()
			}
		})
	}

	for n := range envUint(t, casesVariable, behindTrades) {
		trades <- sol + n
	}

	close(trades)
	group.Wait()
	t.Logf("the slowest took %v", slowest)
}

// waitSlots waits until the given number of slots has passed.
func (l *localnet) waitSlots(slots uint64) {
	l.t.Helper()
	var first, now uint64
	l.must(&first, "getSlot", nil)
	for start := time.Now(); now < first+slots; time.Sleep(replicaPolled) {
		l.must(&now, "getSlot", nil)
		if now == first && time.Since(start) > 5*time.Second {
			l.t.Skip("slots do not pass on their own")
		}
	}
}
