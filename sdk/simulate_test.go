package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// simulationAnswers returns a fault that answers simulations with a value.
func simulationAnswers(value string) faultFunc {
	return answers(200,
		`{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342792100},"value":`+value+`}}`,
		"simulateTransaction")
}

const (
	unknownBlockhash = `{"err":"BlockhashNotFound","logs":[],"unitsConsumed":0}`
	withoutUnits     = `{"err":null,"logs":[]}`
)

// between returns a client of one endpoint with a fault and, optionally, a
// second one without.
func between(t *testing.T, chain *chain, fault faultFunc, second bool) (*sdk.Client, *faulty) {
	t.Helper()
	first := &faulty{chain: chain, fault: fault, on: true}
	opts := []sdk.Option{sdk.WithHTTPClient(first)}
	if second {
		opts = append(opts, sdk.WithFallback("https://second.test", sdk.WithHTTPClient(chain)))
	}
	client, err := sdk.New("https://first.test", opts...)
	require.NoError(t, err)
	return client, first
}

// kept returns a blockhash that was read some time ago, so that a node may have
// forgotten it or may not know it yet.
func kept(t *testing.T, client *sdk.Client) *txn.Lifetime {
	t.Helper()
	u, err := client.Build(t.Context(), quoted(t, client),
		sdk.BuildOptions{Owner: owner, SkipSimulation: true, SkipPayerCheck: true})
	require.NoError(t, err)
	l := u.Lifetime()
	l.ReadAt = 0 // unknown, so not young
	return &l
}

// TestClient_Build_BlockhashUnknown checks that a node which does not know a
// valid blockhash lags.
func TestClient_Build_BlockhashUnknown(t *testing.T) {
	// late knows the blockhash after some time.
	late := func(d time.Duration) faultFunc {
		var since time.Time
		return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
			if since.IsZero() {
				since = time.Now()
			}

			if time.Since(since) >= d {
				return nil, nil
			}

			return simulationAnswers(unknownBlockhash)(f, c, r)
		}
	}

	for _, c := range []struct {
		name    string
		fault   faultFunc
		second  bool
		timeout time.Duration
		want    []error
	}{
		{"for 20 seconds", late(20 * time.Second), false, time.Hour, nil},
		{"at the first endpoint only", simulationAnswers(unknownBlockhash), true, time.Hour, nil},
		{"until the context ends", simulationAnswers(unknownBlockhash), false, 10 * time.Second,
			[]error{context.DeadlineExceeded}},
		{"until it has expired", simulationAnswers(unknownBlockhash), false, time.Hour,
			[]error{sdk.ErrSimulation, progerr.ErrBlockhashNotFound}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _ := between(t, newChain(t), c.fault, c.second)
				q := quoted(t, client)
				lifetime := kept(t, client)
				ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
				defer cancel()
				start := time.Now()
				u, err := client.Build(ctx, q, sdk.BuildOptions{Owner: owner, Lifetime: lifetime})
				require.Less(t, time.Since(start), 90*time.Second,
					"150 blocks of 400 ms are a minute")
				if c.want == nil {
					require.NoError(t, err)
					require.Equal(t, lifetime.Blockhash, u.Lifetime().Blockhash)
					return
				}

				requireLine(t, err)
				for _, want := range c.want {
					require.ErrorIs(t, err, want)
				}
			})
		})
	}
}

// TestClient_Build_NewBlockhash checks that a blockhash read a moment ago
// counts as young. The node simulates with its own, since it may lag.
func TestClient_Build_NewBlockhash(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	clock := sdktest.NewClock(time.Unix(1_000_000, 0), nil)
	client, wire := connect(t, node, sdk.WithClock(clock))
	q := quoted(t, client)
	u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
	require.NoError(t, err)

	// It may be kept for a short time.
	lifetime := u.Lifetime()
	third := 50 * client.SlotTime().Duration
	for _, wait := range []time.Duration{third - time.Millisecond, time.Millisecond, -2 * third} {
		clock.After(wait)
		_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, Lifetime: &lifetime})
		require.NoError(t, err)
	}

	node.Put(nonceAccount(owner, firstValue))
	_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, Nonce: nonceAddress})
	require.NoError(t, err)
	_, err = client.Build(t.Context(), q,
		sdk.BuildOptions{Owner: owner,
			Lifetime: &txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1}})
	require.NoError(t, err)
	_, _, err = client.Stake(t.Context(), mint(t, "JitoSOL"), sol,
		sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner}})
	require.NoError(t, err)
	var replaced []bool
	for _, c := range wire.of("simulateTransaction") {
		replaced = append(replaced, c.options().ReplaceRecentBlockhash)
	}

	require.Equal(t, []bool{true, true, false, false, false, false, true}, replaced,
		"not an older one, one from the future, a nonce, or one of unknown age")
}

// TestClient_Build_NonceAdvanced checks that a nonce value unknown to a node
// has advanced, or is requested until it is known.
func TestClient_Build_NonceAdvanced(t *testing.T) {
	for _, c := range []struct {
		name string
		then func(*chain)
	}{
		{"used", func(chain *chain) { chain.node.Put(nonceAccount(owner, secondValue)) }},
		{"not used", func(*chain) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chain := newChain(t)
				chain.node.Put(nonceAccount(owner, firstValue))
				client, _ := between(t, chain,
					func(f *faulty, call call, r *http.Request) (*http.Response, error) {
						if call.Method == "simulateTransaction" {
							c.then(chain)
						}

						return simulationAnswers(unknownBlockhash)(f, call, r)
					}, false)

				q := quoted(t, client)
				start := time.Now()
				_, err := client.Build(t.Context(), q,
					sdk.BuildOptions{Owner: owner, Nonce: nonceAddress})
				require.ErrorIs(t, err, sdk.ErrSimulation)
				require.ErrorIs(t, err, progerr.ErrBlockhashNotFound)
				requireLine(t, err)
				if c.name == "used" {
					require.Less(t, time.Since(start), 20*time.Second)
				} else {
					require.Less(t, time.Since(start), 100*time.Second, "with an end")
				}
			})
		})
	}
}

// TestClient_Build_IncompleteSimulation checks that a node whose answer is
// incomplete is skipped, and that compute units are estimated if all are.
func TestClient_Build_IncompleteSimulation(t *testing.T) {
	const estimate = 90_300
	for _, c := range []struct {
		name   string
		value  string
		second bool
		units  uint32
		data   bool
		want   error
	}{
		{"null", "null", true, 55_000, false, nil},
		{"without units", withoutUnits, true, 55_000, false, nil},
		{"null from all", "null", false, estimate, false, nil},
		{"without units from all", withoutUnits, false, estimate, false, nil},
		{"with a size but without units",
			`{"err":null,"unitsConsumed":0,"loadedAccountsDataSize":1000000}`, false,
			estimate + 150, true, nil},
		{"a failure without units is one", `{"err":"AccountInUse"}`, true, 0, false,
			progerr.ErrBusy},
		{"a wrong type", `{"err":null,"unitsConsumed":"many"}`, true, 55_000, false, nil},
		{"not even an object", `7`, true, 55_000, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _ := between(t, newChain(t), simulationAnswers(c.value), c.second)
				u, err := client.Build(t.Context(), quoted(t, client),
					sdk.BuildOptions{Owner: owner})
				if c.want != nil {
					require.ErrorIs(t, err, c.want)
					require.ErrorIs(t, err, sdk.ErrSimulation)
					requireLine(t, err)
					return
				}

				require.NoError(t, err)
				requireUnits(t, c.units, u)
				require.Equal(t, c.data, u.Budget().LoadedAccountsDataSizeLimit > 0)
			})
		})
	}
}

// TestClient_Build_HostileSimulation checks that only requested values are
// decoded, and that endless logs do not fill the memory.
func TestClient_Build_HostileSimulation(t *testing.T) {
	for _, c := range []struct {
		name, value string
	}{
		{"compressed accounts",
			`{"err":null,"unitsConsumed":50000,"accounts":[{"data":["` +
				strings.Repeat("KLUv/QRYAAAA", 20_000) +
				`","base64+zstd"]}]}`},
		{"a million logs",
			`{"err":null,"unitsConsumed":50000,"logs":[` + strings.Repeat(`"",`, 1_000_000) + `""]}`},
		{"one long log",
			`{"err":null,"unitsConsumed":50000,"logs":["` + strings.Repeat("x", 3<<20) + `"]}`},
		{"deep logs",
			`{"err":null,"unitsConsumed":50000,"logs":{"a":` + strings.Repeat("[", 5_000) +
				strings.Repeat("]", 5_000) +
				`}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			chain := newChain(t)
			client, _ := between(t, chain, simulationAnswers(c.value), false)
			q := quoted(t, client)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<20))
		})
	}

	// The same for a failure, whose logs are kept.
	chain := newChain(t)
	client, _ := between(
		t,
		chain,
		simulationAnswers(
			`{"err":"AccountInUse","logs":[`+strings.Repeat(`"x",`, 1_000_000)+`"x"]}`,
		),
		false,
	)

	_, err := client.Build(t.Context(), quoted(t, client), sdk.BuildOptions{Owner: owner})
	var failure *progerr.TransactionError
	require.ErrorAs(t, err, &failure)
	require.LessOrEqual(t, len(failure.Logs), 10_000)
}

// TestClient_Build_PriorityFeesOptional checks that a trade succeeds with a
// lower priority if the node returns no recent fees, and that it does not wait
// for them without limit.
func TestClient_Build_PriorityFeesOptional(t *testing.T) {
	const method = "getRecentPrioritizationFees"
	for name, fault := range map[string]faultFunc{
		"unknown method": rpcError(-32601, "method not found", method),
		"plan limit":     answers(403, "not in your plan", method),
		"nonsense":       answers(200, `{"jsonrpc":"2.0","id":ID,"result":{"fees":"none"}}`, method),
		"null":           answers(200, `{"jsonrpc":"2.0","id":ID,"result":null}`, method),
		"no answer":      hangs(method),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chain := newChain(t)
				client, _ := between(t, chain, fault, false)
				start := time.Now()
				signer := newSigner(t)
				receipt, _, err := client.Execute(t.Context(), stakeRequest(t, "JitoSOL", sol),
					sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
				require.NoError(t, err)
				require.NotZero(t, receipt.Slot)
				require.Less(t, time.Since(start), 10*time.Second)
			})
		})
	}

	// The likely price of the request is used.
	synctest.Test(t, func(t *testing.T) {
		client, _ := between(t, newChain(t), rpcError(-32601, "method not found", method), false)
		var price uint64
		signer := signerThat(t, func(message []byte) {
			price = budget(
				t,
				append(append([]byte{1}, make([]byte, 64)...), message...),
			).ComputeUnitPrice
		})

		r := stakeRequest(t, "JitoSOL", sol)
		r.ComputeUnitPrice = 777
		_, _, err := client.Execute(t.Context(), r, sdk.BuildOptions{Owner: signer.PublicKey()},
			signer)
		require.NoError(t, err)
		require.Equal(t, uint64(777), price)
	})
}

// watchedSigner reports the messages that it signs.
type watchedSigner struct {
	*txn.KeySigner
	saw func([]byte)
}

func signerThat(t *testing.T, saw func([]byte)) txn.Signer {
	t.Helper()
	return watchedSigner{KeySigner: newSigner(t), saw: saw}
}

// Sign implements [txn.Signer].
func (s watchedSigner) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	s.saw(message)
	return s.KeySigner.Sign(ctx, message)
}

// TestClient_Build_LoadedDataLimit checks that a simulated transaction limits
// its loaded data if it has 8 bytes to spare, and uses no lookup table for
// that.
func TestClient_Build_LoadedDataLimit(t *testing.T) {
	const loaded = 700_000
	node := demoNode(t)
	var asked []uint32
	node.OnSimulate(func(raw []byte) sdktest.Simulation {
		asked = append(asked, budget(t, raw).LoadedAccountsDataSizeLimit)
		return sdktest.Simulation{Units: 50_000, LoadedAccountsDataSize: loaded}
	})

	client, _ := connect(t, node)
	q := quoted(t, client)
	u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
	require.NoError(t, err)
	limit := u.Budget().LoadedAccountsDataSizeLimit
	require.GreaterOrEqual(t, limit, uint32(2*loaded+2<<20))
	require.Less(t, limit, uint32(2*loaded+2<<20+32<<10))
	require.Equal(t, []uint32{64 << 20}, asked,
		"simulated in its final form with the largest limits")
	plain := u.Size() - 8

	parsed, err := txn.Parse(u.Base64(), u.Lifetime())
	require.NoError(t, err)
	require.Equal(t, u.Budget(), parsed.Unsigned().Budget())

	explained := explain.Transaction(parsed.Unsigned(), client.Registry())
	require.Contains(t, explained.String(), fmt.Sprintf("load accounts of at most %d bytes", limit))
	require.NoError(t, explain.Verify(explained, explain.Policy{
		Owner:       owner,
		MaxLamports: q.MaxIn,
		MinTokens:   map[solana.PublicKey]uint64{q.Request.To: q.MinOut},

		MaxNewAccounts:   1,
		MaxRent:          2_039_280,
		TokenAccountRent: 2_039_280,
	}))

	// A transaction with a durable nonce may wait until programs have grown.
	node.Put(nonceAccount(owner, firstValue))
	u, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, Nonce: nonceAddress})
	require.NoError(t, err)
	require.GreaterOrEqual(t, u.Budget().LoadedAccountsDataSizeLimit, uint32(2*loaded+12<<20))

	// A memo leaves the number of free bytes that the test needs.
	const memo = 36 // bytes of a memo without its text, including its program
	for _, c := range []struct {
		left    int
		limited bool
	}{{9, true}, {8, true}, {7, false}, {1, false}, {0, false}} {
		o := sdk.BuildOptions{Owner: owner,
			Memo: strings.Repeat("x", txn.MaxSize-plain-memo-c.left)}
		u, err := client.Build(t.Context(), q, o)
		require.NoError(t, err)
		size := txn.MaxSize - c.left
		if c.limited {
			size += 8
		}

		require.Equal(t, size, u.Size(), "%d bytes left", c.left)
		require.Equal(t, c.limited, u.Budget().LoadedAccountsDataSizeLimit != 0)
		require.Empty(t, u.LookupTables())
	}

	// The simulated transaction has a price, the final one has none. The limit
	// then uses compute units that were not simulated.
	q.Tables = nil
	asked = nil
	u, err = client.Build(t.Context(), q, sdk.BuildOptions{
		Owner: owner,
		Memo:  strings.Repeat("x", txn.MaxSize-plain-memo-15),
	})

	require.NoError(t, err)
	require.Equal(t, []uint32{0}, asked)
	require.NotZero(t, u.Budget().LoadedAccountsDataSizeLimit)
	requireUnits(t, 55_000+150, u)
}

// TestClient_Build_NetworkFee checks that the network fee is that of the node,
// or marked as an estimate if the node returns none.
func TestClient_Build_NetworkFee(t *testing.T) {
	value := func(fee string) faultFunc {
		return simulationAnswers(`{"err":null,"unitsConsumed":50000,"fee":` + fee + `}`)
	}
	message := func(fee string) faultFunc {
		return answers(200,
			`{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342792600},"value":`+fee+`}}`,
			"getFeeForMessage")
	}

	both := func(faults ...faultFunc) faultFunc {
		return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
			for _, fault := range faults {
				if resp, err := fault(f, c, r); resp != nil || err != nil {
					return resp, err
				}
			}

			return nil, nil
		}
	}

	simulated := sdk.BuildOptions{Owner: owner, Priority: sdk.PriorityFee{None: true}}
	priced := sdk.BuildOptions{Owner: owner, Priority: sdk.PriorityFee{ComputeUnitPrice: 1_000}}
	skipped := sdk.BuildOptions{Owner: owner, Priority: sdk.PriorityFee{None: true},
		SkipSimulation: true}
	for _, c := range []struct {
		name  string
		fault faultFunc
		o     sdk.BuildOptions
		base  uint64
		told  bool
	}{
		{"by the simulation", value("7000"), simulated, 7_000, true},
		// 1,400,000 compute units at 1,000 micro-lamports.
		{"by the simulation, with priority", value("8400"), priced, 7_000, true},
		{"by getFeeForMessage, not by the simulation", both(value("null"), message("6000")),
			simulated, 6_000, true},
		{"by getFeeForMessage", message("6000"), skipped, 6_000, true},
		{"less than its priority", both(value("1000"), message("null")), priced, 5_000, false},
		{"by none", both(value("null"), message("null")), simulated, 5_000, false},
		{"by none, not simulated", rpcError(-32601, "method not found", "getFeeForMessage"),
			skipped, 5_000, false},
		{"no answer", hangs("getFeeForMessage"), skipped, 5_000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _ := between(t, newChain(t), c.fault, false)
				start := time.Now()
				u, err := client.Build(t.Context(), quoted(t, client), c.o)
				require.NoError(t, err)
				base, told := u.BaseFee()
				require.Equal(t, c.base, base)
				require.Equal(t, c.told, told)
				priority, err := u.Budget().PriorityFee()
				require.NoError(t, err)
				fee, err := u.NetworkFee()
				require.NoError(t, err)
				require.Equal(t, c.base+priority, fee)
				require.Less(t, time.Since(start), 10*time.Second)
			})
		})
	}
}

// TestClient_Build_PayerCannotPay checks that the error names a payer that
// cannot pay the fee or the cost of the trade, with its balance and the needed
// amount.
func TestClient_Build_PayerCannotPay(t *testing.T) {
	sponsor := solana.PublicKey{0xBB}
	failing := func(kind string) func([]byte) sdktest.Simulation {
		return func([]byte) sdktest.Simulation { return sdktest.Simulation{Err: `"` + kind + `"`} }
	}
	fund := func(key solana.PublicKey, lamports uint64) func(*sdktest.Node) {
		return func(n *sdktest.Node) { n.Fund(lamports, key) }
	}
	const amount = 1_500_000_000 // the input of the quote
	for _, c := range []struct {
		name     string
		prepare  func(*sdktest.Node)
		simulate string
		o        sdk.BuildOptions
		want     *sdk.PayerError
	}{
		{"nothing", func(n *sdktest.Node) { n.Remove(owner) }, "", sdk.BuildOptions{},
			&sdk.PayerError{Payer: owner, Needed: amount + 5_000}},
		{"a lamport short", fund(owner, amount+4_999), "", sdk.BuildOptions{},
			&sdk.PayerError{Payer: owner, Needed: amount + 5_000, Held: amount + 4_999}},
		{"enough", fund(owner, amount+5_000), "", sdk.BuildOptions{}, nil},
		{"not asked", fund(owner, 0), "", sdk.BuildOptions{SkipPayerCheck: true}, nil},
		{"sponsor without an account", nil, "", sdk.BuildOptions{Payer: sponsor},
			&sdk.PayerError{Payer: sponsor, Needed: 10_000}},
		{"sponsor a lamport short", fund(sponsor, 9_999), "", sdk.BuildOptions{Payer: sponsor},
			&sdk.PayerError{Payer: sponsor, Needed: 10_000, Held: 9_999}},
		{"sponsor with enough", fund(sponsor, 10_000), "", sdk.BuildOptions{Payer: sponsor}, nil},
		{"sponsor that is no wallet", func(n *sdktest.Node) {
			n.Put(accounts.Account{Address: sponsor, Owner: accounts.StakeProgram, Lamports: sol})
		}, "", sdk.BuildOptions{Payer: sponsor}, &sdk.PayerError{
			Payer:   sponsor,
			Needed:  10_000,
			Held:    sol,
			Program: accounts.StakeProgram,
		}},
		{"simulated, without an account", nil, "AccountNotFound", sdk.BuildOptions{Payer: sponsor},
			&sdk.PayerError{Payer: sponsor, Needed: 10_000}},
		{"simulated, a lamport short", fund(sponsor, 9_999), "InsufficientFundsForFee",
			sdk.BuildOptions{Payer: sponsor, Priority: sdk.PriorityFee{None: true}},
			&sdk.PayerError{Payer: sponsor, Needed: 10_000, Held: 9_999}},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			if c.prepare != nil {
				c.prepare(node)
			}

			client, wire := connect(t, node)
			q := quoted(t, client)
			c.o.Owner = owner
			if c.simulate == "" {
				c.o.SkipSimulation = true
			} else {
				node.OnSimulate(failing(c.simulate))
			}

			reads := len(wire.of("getMultipleAccounts"))
			u, err := client.Build(t.Context(), q, c.o)
			if c.want == nil {
				require.NoError(t, err)
				require.NotNil(t, u)
				return
			}

			require.Nil(t, u)
			require.ErrorIs(t, err, sdk.ErrPayerCannotPay)
			require.ErrorIs(t, err, progerr.ErrInsufficientFunds)
			require.Equal(t, c.simulate != "", errors.Is(err, sdk.ErrSimulation))
			var poor *sdk.PayerError
			require.ErrorAs(t, err, &poor)
			require.Equal(t, c.want, poor)
			require.Contains(t, err.Error(), c.want.Payer.String())
			requireLine(t, err)
			if c.simulate == "" {
				require.Len(t, wire.of("getMultipleAccounts"), reads+1)
			}
		})
	}
}

// TestClient_Build_PayerPaysFinalFee checks that a payer can pay whose balance
// is below the cap of the priority fee, which simulations use, but covers the
// final fee.
func TestClient_Build_PayerPaysFinalFee(t *testing.T) {
	const price = 10_000 // 903 lamports for an estimated 90,300 compute units
	for _, c := range []struct {
		held uint64
		want bool
	}{{5_000 + 100_000, true}, {5_000 + 950, true}, {5_000 + 800, false}} {
		node := demoNode(t)
		node.SetFees(price)
		payer := solana.PublicKey{0xBB}
		node.Fund(c.held+5_000, payer) // the owner signs as well
		simulations := 0
		node.OnSimulate(func(raw []byte) sdktest.Simulation {
			simulations++
			fee, err := budget(t, raw).PriorityFee()
			require.NoError(t, err)
			if fee+10_000 > c.held+5_000 {
				return sdktest.Simulation{Err: `"InsufficientFundsForFee"`}
			}

			return sdktest.Simulation{Units: 50_000}
		})

		client, _ := connect(t, node)
		u, err := client.Build(t.Context(), quoted(t, client),
			sdk.BuildOptions{Owner: owner, Payer: payer})
		if !c.want {
			var poor *sdk.PayerError
			require.ErrorAs(t, err, &poor)
			require.Equal(t, c.held+5_000, poor.Held)
			require.InDelta(t, 10_905, poor.Needed, 5)
			continue
		}

		require.NoError(t, err)
		fee, err := u.NetworkFee()
		require.NoError(t, err)
		require.LessOrEqual(t, fee, c.held+5_000)
	}
}

// TestClient_Build_OneRead checks that a build reads all its accounts in one
// request, and that the payer of a transaction without simulation costs no
// round trip.
func TestClient_Build_OneRead(t *testing.T) {
	recipient := newSigner(t).PublicKey()
	for _, c := range []struct {
		name    string
		request route.Request
		o       sdk.BuildOptions
		keys    int
		rounds  int
	}{
		{"payer", stakeRequest(t, "JitoSOL", sol), sdk.BuildOptions{SkipSimulation: true}, 1, 1},
		{"payer and balance",
			route.Request{From: accounts.NativeMint, To: accounts.MSOLMint, Amount: sol},
			sdk.BuildOptions{SkipSimulation: true}, 2, 2},
		{"payer, recipient and nonce", route.Request{
			From:    accounts.NativeMint,
			To:      mint(t, "JitoSOL"),
			Amount:  sol,
			Options: route.Options{Recipient: recipient},
		},
			sdk.BuildOptions{SkipSimulation: true, Nonce: nonceAddress}, 3, 2},
		{"recipient and nonce", route.Request{
			From:    accounts.NativeMint,
			To:      mint(t, "JitoSOL"),
			Amount:  sol,
			Options: route.Options{Recipient: recipient},
		},
			sdk.BuildOptions{Nonce: nonceAddress}, 2, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := demoNode(t)
				node.OnSimulate(succeeds(50_000))
				node.Put(nonceAccount(owner, firstValue))
				client, wire := connect(t, node)
				market, err := client.LoadMarketForRequest(t.Context(), c.request)
				require.NoError(t, err)
				q, err := market.Quote(c.request)
				require.NoError(t, err)
				c.o.Owner = owner
				if c.o.Nonce.IsZero() {
					c.o.Lifetime = &txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1}
				}

				reads := len(wire.of("getMultipleAccounts"))
				node.SetLatency(latency)
				start := time.Now()
				_, err = client.Build(t.Context(), q, c.o)
				require.NoError(t, err)
				require.Equal(t, time.Duration(c.rounds)*latency, time.Since(start))
				asked := wire.of("getMultipleAccounts")[reads:]
				require.Len(t, asked, 1)
				var keys []solana.PublicKey
				require.NoError(t, json.Unmarshal(asked[0].Params[0], &keys))
				require.Len(t, keys, c.keys, fmt.Sprint(keys))
				require.Equal(t, q.Slot, *asked[0].options().MinContextSlot)
			})
		})
	}
}
