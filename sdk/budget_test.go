package sdk_test

import (
	"encoding/base64"
	"fmt"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// concurrent is the number of equal trades made concurrently.
const concurrent = 20

// unsignedBytes are the bytes of an unsigned transaction.
func unsignedBytes(t *testing.T, u *txn.Unsigned) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(u.Base64())
	require.NoError(t, err)
	return raw
}

// at runs a function concurrently n times and returns its results.
func at[T any](t *testing.T, n int, f func(i int) (T, error)) []T {
	t.Helper()
	results, errs := make([]T, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { results[i], errs[i] = f(i) })
	}

	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}

	return results
}

// quotesOf returns a quote of each venue that serves the market, and for each
// whether its accounts depend on a random seed.
func quotesOf(t *testing.T, market *route.Market) map[string]route.Quote {
	t.Helper()
	froms := append([]solana.PublicKey{accounts.NativeMint}, market.StakeAccounts()...)
	tos := []solana.PublicKey{accounts.NativeMint, route.NativeStake}
	for _, token := range market.Tokens() {
		froms, tos = append(froms, token.Mint), append(tos, token.Mint)
	}

	ways := make(map[string]route.Quote)
	for _, from := range froms {
		for _, to := range tos {
			quotes, _ := market.Quotes(route.Request{
				From:   from,
				To:     to,
				Amount: 3*sol + 1,
				Options: route.Options{SlippageBps: 10, MaxPrefund: 10 * sol,
					OnlyDirectRoutes: true},
			})

			for _, q := range quotes {
				name := string(q.Venue)
				if from == accounts.NativeMint {
					name += ", from SOL"
				}

				if to == accounts.NativeMint {
					name += ", to SOL"
				}

				if _, ok := ways[name]; !ok {
					ways[name] = q
				}
			}
		}
	}

	return ways
}

// TestClient_Build_Distinct builds the same quote many times concurrently, with
// the same blockhash and seed. The transactions differ, and their size is that
// of a transaction with round limits.
func TestClient_Build_Distinct(t *testing.T) {
	signer := newSigner(t)
	client, market, node := everythingOn(t, signer.PublicKey(), befriend)
	authority := signer.PublicKey()
	node.Put(nonceAccount(authority, firstValue))
	lifetime := txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 400_000_000}
	created := newSigner(t)
	ways := quotesOf(t, market)
	require.Greater(t, len(ways), 15)
	for _, c := range []struct {
		name   string
		units  uint64
		size   uint64
		change func(*sdk.BuildOptions)
	}{
		{"simulated", 200_000, 1 << 20, func(*sdk.BuildOptions) {}},
		{"simulated by a node that does not tell sizes", 200_000, 0, func(*sdk.BuildOptions) {}},
		{"at the most compute units", 1_350_000, 0, func(*sdk.BuildOptions) {}},
		{"not simulated", 0, 0,
			func(o *sdk.BuildOptions) { o.SkipSimulation, o.SkipPayerCheck = true, true }},
		{"with a nonce", 200_000, 1 << 20, func(o *sdk.BuildOptions) { o.Nonce = nonceAddress }},
		{"legacy", 200_000, 1 << 20,
			func(o *sdk.BuildOptions) { o.Versions = []txn.Version{txn.VersionLegacy} }},
		{"version 1", 200_000, 1 << 20,
			func(o *sdk.BuildOptions) { o.Versions = []txn.Version{txn.Version1} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			simulates := func(size uint64) {
				node.OnSimulate(func([]byte) sdktest.Simulation {
					return sdktest.Simulation{Units: c.units, LoadedAccountsDataSize: size}
				})
			}

			built := 0
			for name, q := range ways {
				o := sdk.BuildOptions{
					Owner:        signer.PublicKey(),
					Lifetime:     &lifetime,
					Seed:         "the same",
					StakeKeypair: created,
					Priority:     sdk.PriorityFee{ComputeUnitPrice: 1},
				}

				c.change(&o)
				simulates(0)
				plain, err := client.Build(t.Context(), q, o)
				if err != nil {
					require.ErrorIs(t, err, txn.ErrTransactionTooLarge, name)
					continue
				}

				size := plain.Size()
				if c.size > 0 && plain.Version() != txn.Version1 && size+8 <= txn.MaxSize {
					size += 8 // The limit on loaded data.
				}

				built++
				simulates(c.size)
				all := at(t, concurrent,
					func(int) (*txn.Unsigned, error) { return client.Build(t.Context(), q, o) })
				messages := make(map[string]bool)
				for _, u := range all {
					messages[string(u.Message())] = true
					require.Equal(t, size, u.Size(), name)
					require.LessOrEqual(t, u.Budget().ComputeUnitLimit, uint32(1_400_000), name)
					require.GreaterOrEqual(t, uint64(u.Budget().ComputeUnitLimit), c.units,
						"at least the needed limit")
				}

				require.Len(t, messages, concurrent, name)
			}

			require.Greater(t, built, 8)
		})
	}
}

// TestClient_Execute_EqualTrades checks that equal concurrent trades on each
// route without a random seed are distinct transactions.
func TestClient_Execute_EqualTrades(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to solana.PublicKey
		change   func(*sdk.BuildOptions, txn.Lifetime)
	}{
		{"deposit", accounts.NativeMint, mint(t, "picoSOL"), nil},
		{"withdrawal", mint(t, "picoSOL"), accounts.NativeMint, nil},
		{"Marinade", accounts.NativeMint, accounts.MSOLMint, nil},
		{"kept blockhash", accounts.NativeMint, mint(t, "picoSOL"),
			func(o *sdk.BuildOptions, l txn.Lifetime) { o.Lifetime = &l }},
		{"not simulated", accounts.NativeMint, mint(t, "picoSOL"),
			func(o *sdk.BuildOptions, _ txn.Lifetime) { o.SkipSimulation = true }},
		{"legacy", accounts.NativeMint, mint(t, "picoSOL"),
			func(o *sdk.BuildOptions, _ txn.Lifetime) {
				o.Versions = []txn.Version{txn.VersionLegacy}
			}},
		{"version 1", accounts.NativeMint, mint(t, "picoSOL"),
			func(o *sdk.BuildOptions, _ txn.Lifetime) {
				o.Versions = []txn.Version{txn.Version1}
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			client, _ := connect(t, node)
			node.OnSimulate(func([]byte) sdktest.Simulation {
				return sdktest.Simulation{Units: 50_000, LoadedAccountsDataSize: 1 << 20}
			})
			var mu sync.Mutex
			traded := make(map[string]int)
			node.OnSend(func(raw []byte) *sdktest.Error {
				mu.Lock()
				defer mu.Unlock()
				traded[string(raw)]++
				node.SetStatus(message(t, raw).Signatures[0], landed(342792003))
				return nil
			})

			signer := newSigner(t)
			o := sdk.BuildOptions{Owner: signer.PublicKey()}
			if c.change != nil {
				c.change(&o,
					txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 342792150,
						Slot: 342792000})
			}

			r := route.Request{
				From:    c.from,
				To:      c.to,
				Amount:  sol,
				Options: route.Options{SlippageBps: 50, OnlyDirectRoutes: true},
			}

			receipts := at(t, concurrent, func(int) (*sdk.Receipt, error) {
				receipt, _, err := client.Execute(t.Context(), r, o, signer)
				return receipt, err
			})

			signatures := make(map[solana.Signature]bool)
			for _, r := range receipts {
				signatures[r.Signature] = true
			}

			require.Len(t, signatures, concurrent)
			require.Len(t, traded, concurrent)
			sizes := make(map[int]bool)
			for raw, times := range traded {
				require.Equal(t, 1, times)
				sizes[len(raw)] = true
			}

			require.Len(t, sizes, 1, fmt.Sprint(sizes))
		})
	}
}

// TestClient_Build_PriorityCap checks that the limit that distinguishes a
// transaction does not raise the priority fee above its cap, and that the shown
// fee is that of the bytes.
func TestClient_Build_PriorityCap(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	for _, units := range []uint64{1_000, 50_000, 1_270_000, 1_400_000} {
		node.OnSimulate(succeeds(units))
		for range 50 {
			u, err := client.Build(t.Context(), q,
				sdk.BuildOptions{Owner: owner,
					Priority: sdk.PriorityFee{ComputeUnitPrice: 1 << 40, MaxLamports: 12_345}})
			require.NoError(t, err)
			message := budget(t, unsignedBytes(t, u))
			require.Equal(t, message, u.Budget())
			fee, err := message.PriorityFee()
			require.NoError(t, err)
			require.LessOrEqual(t, fee, uint64(12_345))
			require.Greater(t, fee, uint64(12_300))
			network, err := u.NetworkFee()
			require.NoError(t, err)
			require.Equal(t, 5_000+fee, network)
		}
	}
}
