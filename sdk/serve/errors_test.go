package serve_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
)

// posts are requests that ask a node.
func (w *world) posts() map[string]any {
	return map[string]any{
		"/v1/transactions":           w.trade(nil),
		"/swap/v1/swap":              w.body("SOL", "jitoSOL", "1000000000"),
		"/swap/v1/swap-instructions": w.body("SOL", "jitoSOL", "1000000000"),
		"/actions/stake?amount=1":    object{"account": w.user.PublicKey().String()},
	}
}

// TestErrors_HaveNoSecrets lets every method of a node fail, by an endpoint
// whose address has a key in its host, its path and its query.
func TestErrors_HaveNoSecrets(t *testing.T) {
	faults := map[string]sdktest.Fault{
		"status": {Status: http.StatusBadGateway, Body: secret},
		"error":  {Error: &sdktest.Error{Code: -32000, Message: "at " + secret}},
		"body":   {Body: "<html>" + secret},
	}

	methods := []string{
		"getLatestBlockhash", "simulateTransaction", "getMultipleAccounts", "getAccountInfo",
		"getRecentPrioritizationFees", "getFeeForMessage",
	}

	for name, fault := range faults {
		for _, method := range methods {
			t.Run(name+" "+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { checkSecrets(t, method, fault) })
			})
		}
	}
}

func checkSecrets(t *testing.T, method string, fault sdktest.Fault) {
	w := newWorld(t, nil)
	endpoint := "http://sEcReTkEy12345.rpc.example/sEcReTkEy12345?k=sEcReTkEy12345"
	client, err := sdk.New(endpoint, sdk.WithHTTPClient(w.node), sdk.WithInsecureHTTP())
	require.NoError(t, err)
	w.handler, err = serve.New(serve.Config{Markets: serve.Fixed(w.market), Client: client})
	require.NoError(t, err)

	for path, body := range w.posts() {
		repeated := make([]sdktest.Fault, 40)
		for i := range repeated {
			repeated[i] = fault
		}

		w.node.Fail(method, repeated...)

		response := w.post(path, body)
		require.NotContains(t, response.Body.String(), "sEcReT", path)
		require.NotContains(t, response.Body.String(), "rpc.example", path)
		require.NotEqual(t, 500, response.Code, path)
	}
}

func TestErrors_OfTheSimulation(t *testing.T) {
	w := newWorld(t, nil)
	w.node.OnSimulate(func([]byte) sdktest.Simulation {
		return sdktest.Simulation{Err: `{"InstructionError":[2,{"Custom":1}]}`}
	})
	for path, body := range w.posts() {
		response := w.post(path, body)
		require.Equal(t, 409, response.Code, path)
	}
}

func TestErrors_OfANodeThatHangs(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.Timeout = time.Millisecond })
	w.node.Fail("getLatestBlockhash", sdktest.Fault{Hang: true}, sdktest.Fault{Hang: true},
		sdktest.Fault{Hang: true}, sdktest.Fault{Hang: true})
	w.post("/v1/transactions", w.trade(nil)).fails(504, "TIMEOUT")
}
