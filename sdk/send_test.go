package sdk_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// outbox is a node that accepts transactions and records them.
type outbox struct {
	mu   sync.Mutex
	sent [][]byte
	// then is called with the number of broadcasts so far. If it is nil, the
	// transaction does not land.
	then func(n int, signature solana.Signature) *sdktest.Error
}

func (o *outbox) take(raw []byte) *sdktest.Error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, raw)
	if o.then == nil {
		return nil
	}
	return o.then(len(o.sent), solana.SignatureFromBytes(raw[1:1+solana.SignatureLength]))
}

// signed returns a signed transaction that was not sent.
func signed(t *testing.T, client *sdk.Client) *txn.Signed {
	t.Helper()
	signer := newSigner(t)
	u, err := client.Build(t.Context(), quoted(t, client),
		sdk.BuildOptions{Owner: signer.PublicKey(), SkipSimulation: true})
	require.NoError(t, err)
	s, err := u.Sign(t.Context(), signer)
	require.NoError(t, err)
	return s
}

// sending runs a test with a node, its client and a signed transaction, in a
// bubble in which waiting takes no time and no goroutine may be left.
func sending(
	t *testing.T,
	test func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox),
	opts ...sdk.Option,
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node, opts...)
		o := new(outbox)
		node.OnSend(o.take)
		test(t, node, client, signed(t, client), o)
	})
}

func landed(slot uint64) sdktest.Status {
	return sdktest.Status{Slot: slot, Confirmation: "confirmed", Units: 48_123, Fee: 5_000}
}

func TestClient_Execute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, wire := connect(t, node)
		node.OnSimulate(succeeds(50_000))
		o := &outbox{then: func(_ int, signature solana.Signature) *sdktest.Error {
			node.SetStatus(signature, landed(342792003))
			return nil
		}}

		node.OnSend(o.take)
		signer := newSigner(t)
		receipt, q, err := client.Execute(t.Context(), stakeRequest(t, "JitoSOL", 1_500_000_000),
			sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
		require.NoError(t, err)
		require.Equal(t, uint64(1_244_054_262), q.Out)
		require.Len(t, o.sent, 1)
		tx := message(t, o.sent[0])
		require.NoError(t, tx.VerifySignatures())
		require.Equal(t, &sdk.Receipt{
			Signature:     tx.Signatures[0],
			Slot:          342792003,
			Commitment:    "confirmed",
			Sends:         1,
			UnitsConsumed: 48_123,
			Fee:           5_000,
			ConfirmedBy:   1,
		}, receipt)

		send := wire.of("sendTransaction")[0].options()
		require.Equal(t, "confirmed", send.PreflightCommitment, "that of the blockhash")
		require.Equal(t, uint64(342792000), *send.MinContextSlot, "a node that knows the blockhash")
		require.Equal(t, uint(0), *send.MaxRetries, "the client repeats broadcasts")
		require.Equal(t, "confirmed", wire.of("getTransaction")[0].options().Commitment)
	})
}

func TestClient_Execute_StopsEarly(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	node.OnSimulate(succeeds(50_000))
	node.OnSend(func([]byte) *sdktest.Error { t.Error("sent"); return nil })
	r := stakeRequest(t, "JitoSOL", sol)
	receipt, _, err := client.Execute(t.Context(), r, sdk.BuildOptions{Owner: owner}, newSigner(t))
	require.ErrorIs(t, err, txn.ErrMissingSignature)
	require.Nil(t, receipt)
	r.Amount = 0
	_, _, err = client.Execute(t.Context(), r, sdk.BuildOptions{Owner: owner})
	require.Error(t, err)
	require.Zero(t, node.Calls("sendTransaction"))
}

func TestClient_Send_Waits(t *testing.T) {
	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			o.then = func(n int, signature solana.Signature) *sdktest.Error {
				if n == 3 {
					node.SetStatus(signature, sdktest.Status{Slot: 5, Confirmation: "processed"})
					time.AfterFunc(3*time.Second, func() { node.SetStatus(signature, landed(5)) })
				}

				return nil
			}

			var kinds []string
			receipt, err := client.Send(t.Context(), s,
				sdk.WithProgress(func(p sdk.Progress) { kinds = append(kinds, string(p.Kind)) }))
			require.NoError(t, err)
			require.Equal(t, s.Signature(), receipt.Signature)
			require.Equal(t, 3, receipt.Sends)
			require.Equal(t, uint64(5), receipt.Slot)
			require.Equal(t, "confirmed", receipt.Commitment)
			require.Equal(t, []string{"sent", "sent", "sent", "seen", "seen"}, kinds)
			require.Len(t, o.sent, 3)
			for _, raw := range o.sent {
				require.Equal(t, s.Raw(), raw, "identical bytes")
			}
		},
	)
}

func TestClient_Send_PreflightRefused(t *testing.T) {
	program := accounts.StakePoolProgram.String()
	for _, c := range []struct {
		name    string
		refusal *sdktest.Error
		want    error
	}{
		{"slippage",
			sdktest.Preflight(`{"InstructionError":[2,{"Custom":39}]}`,
				"Program "+program+" invoke [1]",
				"Program "+program+" failed: custom program error: 0x27"), progerr.ErrSlippage},
		{"stale pool", sdktest.Preflight(`{"InstructionError":[2,{"Custom":17}]}`),
			progerr.ErrStalePool},
		{"no funds", sdktest.Preflight(`"AccountNotFound"`), progerr.ErrInsufficientFunds},
	} {
		t.Run(c.name, func(t *testing.T) {
			sending(
				t,
				func(
					t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox,
				) {
					o.then = func(int, solana.Signature) *sdktest.Error { return c.refusal }
					receipt, err := client.Send(t.Context(), s)
					require.ErrorIs(t, err, sdk.ErrNotSent)
					require.ErrorIs(t, err, c.want)
					require.NotErrorIs(t, err, sdk.ErrUncertain)
					requireLine(t, err)
					var failure *progerr.TransactionError
					require.ErrorAs(t, err, &failure)
					require.Equal(t, s.Signature(), receipt.Signature,
						"the signature is always set")
					require.Equal(t, 1, node.Calls("sendTransaction"))
					require.NoError(t, receipt.Err, "no execution error")
				},
			)
		})
	}
}

// TestClient_Send_BlockhashNotFound sends to a node that does not know a valid
// blockhash: it lags.
func TestClient_Send_BlockhashNotFound(t *testing.T) {
	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			o.then = func(n int, signature solana.Signature) *sdktest.Error {
				if n < 4 {
					return sdktest.Preflight(`"BlockhashNotFound"`)
				}

				node.SetStatus(signature, landed(9))
				return nil
			}

			receipt, err := client.Send(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, 4, receipt.Sends)
		},
	)

	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			o.then = func(int, solana.Signature) *sdktest.Error {
				return sdktest.Preflight(`"BlockhashNotFound"`)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := client.Send(ctx, s)
			require.ErrorIs(t, err, sdk.ErrNotSent, "all copies were refused")
			require.ErrorIs(t, err, progerr.ErrBlockhashNotFound)
			requireLine(t, err)
		},
	)
}

func TestClient_Send_LandedAndFailed(t *testing.T) {
	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			token := accounts.TokenProgram.String()
			o.then = func(_ int, signature solana.Signature) *sdktest.Error {
				status := landed(9)
				status.Err = `{"InstructionError":[2,{"Custom":1}]}`
				status.Logs = []string{
					"Program " + accounts.StakePoolProgram.String() + " invoke [1]",
					"Program " + token + " invoke [2]",
					"Program " + token + " failed: custom program error: 0x1",
					"Program " + accounts.StakePoolProgram.String() +
						" failed: custom program error: 0x1",
				}

				node.SetStatus(signature, status)
				return nil
			}

			receipt, err := client.Send(t.Context(), s)
			require.Error(t, err)
			require.Equal(t, receipt.Err, err)
			require.ErrorIs(t, err, progerr.ErrInsufficientFunds)
			requireLine(t, err)
			var failure *progerr.TransactionError
			require.ErrorAs(t, err, &failure)
			require.Equal(t, accounts.TokenProgram, failure.Program.Program,
				"the logs name the program")
			require.Equal(t, accounts.StakePoolProgram, failure.Program.InnerOf)
			require.Equal(t, uint64(9), receipt.Slot)
			require.Equal(t, uint64(48_123), receipt.UnitsConsumed)
			require.Equal(t, uint64(5_000), receipt.Fee, "a failed transaction pays its fee")
			for _, not := range []error{sdk.ErrNotSent, sdk.ErrExpired, sdk.ErrUncertain} {
				require.NotErrorIs(t, err, not)
			}
		},
	)
}

func TestClient_Send_NoDetails(t *testing.T) {
	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			o.then = func(_ int, signature solana.Signature) *sdktest.Error {
				node.SetStatus(signature, landed(9))
				return nil
			}

			node.Fail("getTransaction",
				sdktest.Fault{Error: &sdktest.Error{Code: -32601, Message: "method not found"}})
			receipt, err := client.Send(t.Context(), s)
			require.NoError(t, err, "details are optional")
			require.Zero(t, receipt.UnitsConsumed)
			require.Equal(t, uint64(9), receipt.Slot)
		},
	)
}

// TestClient_Send_Expires lets blocks pass while the client waits, by the clock
// of the test.
func TestClient_Send_Expires(t *testing.T) {
	node := demoNode(t)
	clock := sdktest.NewClock(time.Unix(1_750_000_000, 0),
		func(d time.Duration) { node.Advance(uint64(d/(400*time.Millisecond)) + 1) })
	client, _ := connect(t, node, sdk.WithClock(clock))
	o := new(outbox)
	node.OnSend(o.take)
	s := signed(t, client)
	last := s.Unsigned().Lifetime().LastValidBlockHeight
	var kinds []string
	receipt, err := client.Send(t.Context(), s,
		sdk.WithProgress(func(p sdk.Progress) { kinds = append(kinds, string(p.Kind)) }))
	require.ErrorIs(t, err, sdk.ErrExpired)
	requireLine(t, err)
	var expired *sdk.ExpiredError
	require.ErrorAs(t, err, &expired)
	require.Equal(t, last, expired.LastValidBlockHeight)
	require.Equal(t, s.Signature(), expired.Signature)
	require.Equal(t, s.Signature(), receipt.Signature)
	require.Contains(t, kinds, "outlived")
	require.Greater(t, receipt.Sends, 5)
	require.Len(t, o.sent, receipt.Sends)
	for _, raw := range o.sent {
		require.Equal(t, s.Raw(), raw)
	}

	market, err := client.LoadMarket(t.Context())
	require.NoError(t, err)
	require.Greater(t, market.Slot(), last+32, "no proof of expiry within 32 slots")
}

func TestClient_Resume_AfterContextEnds(t *testing.T) {
	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			receipt, err := client.Send(ctx, s)
			require.ErrorIs(t, err, sdk.ErrUncertain)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			requireLine(t, err)
			var uncertain *sdk.UncertainError
			require.ErrorAs(t, err, &uncertain)
			require.Equal(t, s.Signature(), uncertain.Signature)
			require.Equal(t, s.Unsigned().Lifetime().LastValidBlockHeight,
				uncertain.LastValidBlockHeight)
			require.Equal(t, s.Signature(), receipt.Signature)
			require.Equal(t, 3, receipt.Sends)

			node.SetStatus(s.Signature(), landed(77))
			receipt, err = client.Resume(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, uint64(77), receipt.Slot)
			require.Zero(t, receipt.Sends, "the status is queried before a broadcast")
			require.Equal(t, uint64(48_123), receipt.UnitsConsumed)
		},
	)
}

func TestClient_Send_ContextEndedBefore(t *testing.T) {
	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			receipt, err := client.Send(ctx, s)
			require.ErrorIs(t, err, sdk.ErrNotSent)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, s.Signature(), receipt.Signature)
			require.Empty(t, o.sent)

			_, err = client.Resume(ctx, s)
			require.ErrorIs(t, err, sdk.ErrUncertain, "another call may have sent it")
		},
	)
}

func TestClient_Send_Commitment(t *testing.T) {
	for _, commitment := range []rpc.CommitmentType{rpc.CommitmentProcessed,
		rpc.CommitmentConfirmed, rpc.CommitmentFinalized} {
		t.Run(string(commitment), func(t *testing.T) {
			sending(
				t,
				func(
					t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox,
				) {
					o.then = func(n int, signature solana.Signature) *sdktest.Error {
						// Each broadcast raises the commitment.
						firm := []string{"processed", "confirmed", "finalized"}[min(n, 3)-1]
						node.SetStatus(signature, sdktest.Status{Slot: 3, Confirmation: firm})
						time.AfterFunc(10*time.Second, func() {
							node.SetStatus(signature,
								sdktest.Status{Slot: 3, Confirmation: "finalized"})
						})

						return nil
					}

					receipt, err := client.Send(t.Context(), s)
					require.NoError(t, err)
					want := map[rpc.CommitmentType]string{"processed": "processed",
						"confirmed": "finalized", "finalized": "finalized"}
					require.Equal(t, want[commitment], receipt.Commitment)
				},
				sdk.WithCommitment(commitment),
			)
		})
	}
}

// TestClient_Send_Faults lets calls fail while a transaction is sent and
// confirmed.
func TestClient_Send_Faults(t *testing.T) {
	hang := sdktest.Fault{Hang: true}
	for _, c := range []struct {
		name   string
		method string
		faults []sdktest.Fault
		events []string
	}{
		{"dropped send", "sendTransaction", []sdktest.Fault{{Status: 503}},
			[]string{"send failed", "sent", "seen"}},
		{"send limited", "sendTransaction", []sdktest.Fault{{Status: 429, RetryAfter: "1"}},
			[]string{"send failed", "sent", "seen"}},
		{"send without an answer", "sendTransaction", []sdktest.Fault{hang},
			[]string{"send failed", "sent", "seen"}},
		{"node behind", "sendTransaction",
			[]sdktest.Fault{{Error: &sdktest.Error{Code: -32016,
				Message: "Minimum context slot has not been reached"}}},
			[]string{"send failed", "sent", "seen"}},
		{"node unhealthy", "sendTransaction",
			[]sdktest.Fault{{Error: &sdktest.Error{Code: -32005, Message: "Node is behind"}}},
			[]string{"send failed", "sent", "seen"}},
		{"preflight without a reason", "sendTransaction",
			[]sdktest.Fault{{Error: &sdktest.Error{Code: -32002, Message: "simulation failed"}}},
			[]string{"send failed", "sent", "seen"}},
		{"answer cut short", "sendTransaction", []sdktest.Fault{{Body: `{"jsonrpc":"2.0","id":`}},
			[]string{"send failed", "sent", "seen"}},
		{"status limited", "getSignatureStatuses", []sdktest.Fault{{Status: 429}, {Status: 503}},
			[]string{"sent", "seen"}},
		{"status refused", "getSignatureStatuses", []sdktest.Fault{{Status: 403}},
			[]string{"sent", "query failed", "seen"}},
		{"status is null", "getSignatureStatuses", []sdktest.Fault{{Result: []byte("null")}},
			[]string{"sent", "seen"}},
		{"status of nothing", "getSignatureStatuses",
			[]sdktest.Fault{{Result: []byte(`{"context":{"slot":342792000},"value":[]}`)}},
			[]string{"sent", "seen"}},
		{"status without an answer", "getSignatureStatuses", []sdktest.Fault{hang},
			[]string{"sent", "query failed", "sent", "seen"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sending(
				t,
				func(
					t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox,
				) {
					o.then = func(_ int, signature solana.Signature) *sdktest.Error {
						node.SetStatus(signature, landed(7))
						return nil
					}

					node.Fail(c.method, c.faults...)
					var kinds []string
					receipt, err := client.Send(t.Context(), s,
						sdk.WithProgress(func(p sdk.Progress) {
							if kind := string(p.Kind); len(kinds) == 0 ||
								kinds[len(kinds)-1] != kind {
								kinds = append(kinds, kind)
							}

							require.Equal(t, p.Err != nil,
								p.Kind == "send failed" || p.Kind == "query failed")
							if p.Err != nil {
								requireLine(t, p.Err)
							}
						}))

					require.NoError(t, err)
					require.Equal(t, c.events, kinds)
					require.Equal(t, uint64(7), receipt.Slot)
					for _, raw := range o.sent {
						require.Equal(t, s.Raw(), raw)
					}
				},
			)
		})
	}
}

// TestClient_Send_TransactionRejected checks that a transaction which the node
// rejects as malformed is sent once, with ErrNotSent. A refusal by a gateway,
// or after a copy may have been broadcast, proves nothing.
func TestClient_Send_TransactionRejected(t *testing.T) {
	invalid := &sdktest.Error{Code: -32602,
		Message: "invalid transaction: Transaction loads an address table account that doesn't exist"}
	gateway := `{"jsonrpc":"2.0","error":{"code":-32602,"message":"invalid transaction"}}`
	for _, c := range []struct {
		name   string
		faults []sdktest.Fault
		final  bool
	}{
		{"the table is not there", []sdktest.Fault{{Error: invalid}}, true},
		{"with a status that says the same", []sdktest.Fault{{Status: 400, Body: gateway}}, true},
		{"a gateway", []sdktest.Fault{{Status: 502, Body: gateway}}, false},
		{"another status", []sdktest.Fault{{Status: 500, Body: gateway}}, false},
		{"after silence", []sdktest.Fault{{Hang: true}, {Error: invalid}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			sending(
				t,
				func(
					t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox,
				) {
					node.Fail("sendTransaction", c.faults...)
					o.then = func(_ int, signature solana.Signature) *sdktest.Error {
						node.SetStatus(signature, landed(7))
						return nil
					}

					receipt, err := client.Send(t.Context(), s)
					if !c.final {
						require.NoError(t, err)
						require.Equal(t, len(c.faults)+1, receipt.Sends)
						return
					}

					require.ErrorIs(t, err, sdk.ErrNotSent)
					require.ErrorIs(t, err, sdk.ErrTransactionRejected)
					require.NotErrorIs(t, err, sdk.ErrUncertain)
					requireLine(t, err)
					require.ErrorContains(
						t,
						err,
						"transaction was not sent (it may be changed and signed again): refused as malformed: invalid transaction",
					)

					require.Equal(t, 1, receipt.Sends)
					require.Equal(t, 1, node.Calls("sendTransaction"))
					require.Zero(t, node.Calls("getSignatureStatuses"))
				},
			)
		})
	}

	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, _ *outbox) {
			node.Fail(
				"sendTransaction",
				sdktest.Fault{Error: invalid},
				sdktest.Fault{Error: invalid},
				sdktest.Fault{Error: invalid},
			)

			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := client.Resume(ctx, s)
			require.ErrorIs(t, err, sdk.ErrUncertain, "a copy was sent")
			require.NotErrorIs(t, err, sdk.ErrTransactionRejected)
		},
	)
}

// TestClient_Send_LostAnswer loses the answer to the first broadcast, so that
// the refusal of the second proves nothing.
func TestClient_Send_LostAnswer(t *testing.T) {
	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			node.Fail("sendTransaction", sdktest.Fault{Hang: true})
			o.then = func(int, solana.Signature) *sdktest.Error {
				return sdktest.Preflight(`"BlockhashNotFound"`)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := client.Send(ctx, s)
			require.ErrorIs(t, err, sdk.ErrUncertain)
			require.NotErrorIs(t, err, sdk.ErrNotSent)
		},
	)
}
