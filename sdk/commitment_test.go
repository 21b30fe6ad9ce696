package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// cluster is a node that records the requested commitments.
type cluster struct {
	node *sdktest.Node
	wire *tap
	// refuses is a commitment that the node does not support.
	refuses string
	// status is the status of a landed transaction.
	status string
}

// Do implements [sdk.Doer].
func (c *cluster) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}

	r.Body = io.NopCloser(bytes.NewReader(body))
	var asked struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
	}

	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, err
	}

	var answer string
	switch {
	case c.refuses != "" && bytes.Contains(body, []byte(`"`+c.refuses+`"`)):
		answer = `{"jsonrpc":"2.0","id":ID,"error":{"code":-32602,"message":"Invalid params: unknown variant"}}`
	case c.status != "" && asked.Method == "getSignatureStatuses":
		answer = `{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342792005},"value":[` +
			c.status +
			`]}}`

	default:
		return c.wire.Do(r)
	}

	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     make(http.Header),
		Body: io.NopCloser(strings.NewReader(strings.ReplaceAll(answer, "ID",
			string(asked.ID)))),
		Request: r,
	}, nil
}

// newCluster returns a cluster on which all transactions land.
func newCluster(t testing.TB) *cluster {
	t.Helper()
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	node.OnSend(func(raw []byte) *sdktest.Error {
		node.SetStatus(solana.SignatureFromBytes(raw[1:1+solana.SignatureLength]), sdktest.Status{
			Slot:         342792003,
			Confirmation: "finalized",
		})

		return nil
	})

	return &cluster{node: node, wire: &tap{node: node}}
}

func (c *cluster) client(t testing.TB, opts ...sdk.Option) *sdk.Client {
	t.Helper()
	client, err := c.node.Client(append([]sdk.Option{sdk.WithHTTPClient(c)}, opts...)...)
	require.NoError(t, err)
	return client
}

// trade carries out a trade and returns the requested commitments, without
// those of getSlot.
func (c *cluster) trade(
	ctx context.Context,
	t testing.TB,
	client *sdk.Client,
) (map[string]int, *sdk.Receipt, error) {
	t.Helper()
	c.wire.calls = nil
	signer := newSigner(t)
	request := stakeRequest(t, "JitoSOL", sol)
	receipt, _, err := client.Execute(ctx, request, sdk.BuildOptions{Owner: signer.PublicKey()},
		signer)

	commitments := make(map[string]int)
	for _, call := range c.wire.calls {
		if call.Method == "getSlot" {
			continue
		}

		for _, commitment := range []string{call.options().Commitment,
			call.options().PreflightCommitment} {
			if commitment != "" {
				commitments[commitment]++
			}
		}
	}

	return commitments, receipt, err
}

// TestWithCommitment_Default trades on three clusters: finalized lags
// confirmed, both are equal, and confirmed is not supported.
func TestWithCommitment_Default(t *testing.T) {
	for _, c := range []struct {
		name     string
		finality uint64
		refuses  string
		opts     []sdk.Option
		first    []string // the requested commitments of the first trade, sorted
		later    []string
	}{
		{"finalized lies behind", 32, "", nil, []string{"confirmed"}, []string{"confirmed"}},
		{"finalized lies a little behind", 9, "", nil, []string{"confirmed"},
			[]string{"confirmed"}},
		{"both are the same", 0, "", nil, []string{"confirmed", "finalized"},
			[]string{"finalized"}},
		{"both are the same, on another replica", 8, "", nil, []string{"confirmed", "finalized"},
			[]string{"finalized"}},
		{"confirmed is not known", 0, "confirmed", nil, []string{"finalized"},
			[]string{"finalized"}},
		{"confirmed is asked for", 0, "", []sdk.Option{sdk.WithCommitment(rpc.CommitmentConfirmed)},
			[]string{"confirmed"}, []string{"confirmed"}},
		{"finalized is asked for", 32, "",
			[]sdk.Option{sdk.WithCommitment(rpc.CommitmentFinalized)}, []string{"finalized"},
			[]string{"finalized"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cluster := newCluster(t)
				cluster.node.SetFinality(c.finality)
				cluster.node.SetLatency(latency)
				cluster.refuses = c.refuses
				client := cluster.client(t, c.opts...)

				commitments, receipt, err := cluster.trade(t.Context(), t, client)
				require.NoError(t, err)
				require.Equal(t, "finalized", receipt.Commitment)
				require.Subset(t, c.first, keys(commitments))
				for range 2 {
					commitments, _, err = cluster.trade(t.Context(), t, client)
					require.NoError(t, err)
					require.Equal(t, c.later, keys(commitments))
				}
			})
		})
	}
}

// keys returns the sorted keys of a map.
func keys(m map[string]int) (all []string) {
	for _, commitment := range []string{"confirmed", "finalized", "processed"} {
		if m[commitment] > 0 {
			all = append(all, commitment)
		}
	}
	return all
}

// TestWithCommitment_Refused checks that a commitment set by the caller is not
// replaced: the refusal of the node is returned.
func TestWithCommitment_Refused(t *testing.T) {
	cluster := newCluster(t)
	cluster.refuses = "confirmed"
	_, _, err := cluster.trade(t.Context(), t,
		cluster.client(t, sdk.WithCommitment(rpc.CommitmentConfirmed)))
	var refused *sdk.RPCError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, -32602, refused.Code)
	requireLine(t, err)
}

// TestWithCommitment_SendsFirst sends with a new client to a node that does not
// support confirmed, through one endpoint and through several.
func TestWithCommitment_SendsFirst(t *testing.T) {
	for _, endpoints := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			cluster := newCluster(t)
			signer := newSigner(t)
			unsigned, _, err := cluster.client(t).Stake(t.Context(), mint(t, "JitoSOL"), sol,
				sdk.TradeOptions{
					BuildOptions: sdk.BuildOptions{Owner: signer.PublicKey()},
				})

			require.NoError(t, err)
			signed, err := unsigned.Sign(t.Context(), signer)
			require.NoError(t, err)

			cluster.refuses = "confirmed"
			var opts []sdk.Option
			for range endpoints - 1 {
				opts = append(opts, sdk.WithFallback("http://other.invalid"))
			}

			receipt, err := cluster.client(t, opts...).Send(t.Context(), signed)
			require.NoError(t, err)
			require.Equal(t, "finalized", receipt.Commitment)
		})
	}
}

// TestWithCommitment_Expires lets a transaction expire at two nodes that do not
// support confirmed.
func TestWithCommitment_Expires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newCluster(t)
		cluster.refuses = "confirmed"
		cluster.node.OnSend(func([]byte) *sdktest.Error { return nil })
		client := cluster.client(t, sdk.WithFallback("http://other.invalid"))
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			tick := time.NewTicker(400 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					cluster.node.Advance(1)
				case <-stop:
					return
				}
			}
		}()

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		_, _, err := cluster.trade(ctx, t, client)
		require.ErrorIs(t, err, sdk.ErrExpired)
	})
}

// TestWithCommitment_FallsBack reads at finalized only while it equals
// confirmed, since a node may have been wrong.
func TestWithCommitment_FallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newCluster(t)
		clock := sdktest.NewClock(time.Unix(1_790_000_000, 0), nil)
		client := cluster.client(t, sdk.WithClock(clock))
		asked := func() []string {
			t.Helper()
			cluster.wire.calls = nil
			_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
			require.NoError(t, err)
			commitments := make(map[string]int)
			for _, call := range cluster.wire.of("getMultipleAccounts") {
				commitments[call.options().Commitment]++
			}

			return keys(commitments)
		}

		cluster.node.SetFinality(0)
		asked()
		require.Equal(t, []string{"finalized"}, asked())
		cluster.node.SetFinality(32)
		require.Equal(t, []string{"finalized"}, asked(), "finalized is not read each time")
		clock.After(10 * time.Minute)
		asked()
		require.Equal(t, []string{"confirmed"}, asked())
	})
}

// TestReceipt_ConfirmationStatus checks statuses without a confirmation status.
func TestReceipt_ConfirmationStatus(t *testing.T) {
	for _, c := range []struct {
		name, status string
		lands        bool
	}{
		{"finalized",
			`{"slot":342792003,"confirmations":null,"err":null,"confirmationStatus":"finalized"}`,
			true},
		{"null confirmations",
			`{"slot":342792003,"confirmations":null,"err":null,"confirmationStatus":null}`, true},
		{"null confirmations, no status", `{"slot":342792003,"confirmations":null,"err":null}`,
			true},
		{"five confirmations", `{"slot":342792003,"confirmations":5,"err":null}`, false},
		{"no confirmations", `{"slot":342792003,"err":null}`, false},
		{"an unknown word",
			`{"slot":342792003,"confirmations":null,"err":null,"confirmationStatus":"certain"}`,
			false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cluster := newCluster(t)
				cluster.status = c.status
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				_, receipt, err := cluster.trade(ctx, t, cluster.client(t))
				if !c.lands {
					require.ErrorIs(t, err, sdk.ErrUncertain)
					return
				}

				require.NoError(t, err)
				require.Equal(t, "finalized", receipt.Commitment)
			})
		})
	}
}
