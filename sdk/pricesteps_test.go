package sdk_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// feeMarket records the transactions that a node accepted, with their prices,
// and lets those land that pay enough.
type feeMarket struct {
	node *sdktest.Node
	// enough is the price from which a transaction lands.
	enough uint64

	mu sync.Mutex
	// prices are the prices of the transactions, each once, in order.
	prices []uint64
	sent   map[solana.Signature]bool
}

func (m *feeMarket) take(raw []byte) *sdktest.Error {
	m.mu.Lock()
	defer m.mu.Unlock()
	signature := solana.SignatureFromBytes(raw[1 : 1+solana.SignatureLength])
	if m.sent == nil {
		m.sent = make(map[solana.Signature]bool)
	}

	if m.sent[signature] {
		return nil
	}

	m.sent[signature] = true
	price := priceOf(raw)
	m.prices = append(m.prices, price)
	if m.enough > 0 && price >= m.enough {
		m.node.SetStatus(signature, landed(342792003))
	}

	return nil
}

// priceOf returns the compute unit price of a transaction.
func priceOf(raw []byte) uint64 {
	tx := must(solana.TransactionFromBytes(raw))
	for _, ix := range tx.Message.Instructions {
		program := tx.Message.AccountKeys[ix.ProgramIDIndex]
		if program == accounts.ComputeBudgetProgram && ix.Data[0] == 3 {
			var price uint64
			for i := range 8 {
				price |= uint64(ix.Data[1+i]) << (8 * i)
			}

			return price
		}
	}

	return 0
}

// priced builds a transaction with a compute unit price.
func priced(t *testing.T, client *sdk.Client, owner *txn.KeySigner, price uint64) *txn.Unsigned {
	t.Helper()
	u, err := client.Build(t.Context(), quoted(t, client), sdk.BuildOptions{
		Owner:          owner.PublicKey(),
		SkipSimulation: true,
		Priority:       sdk.PriorityFee{ComputeUnitPrice: price, None: price == 0},
	})
	require.NoError(t, err)
	return u
}

// TestClient_SendWithPriceSteps checks the price of each step, that each
// follows only after the one before has expired, and that none exceeds the cap.
func TestClient_SendWithPriceSteps(t *testing.T) {
	for _, c := range []struct {
		name   string
		price  uint64
		enough uint64
		steps  sdk.PriceSteps
		prices []uint64
		// capped is the priority fee of the last step in lamports, if it is
		// the cap.
		capped uint64
	}{
		{name: "lands at once", price: 1_000, enough: 1, prices: []uint64{1_000}},
		{name: "doubles", price: 1_000, enough: 4_000, prices: []uint64{1_000, 2_000, 4_000}},
		{name: "gives up", price: 1_000, prices: []uint64{1_000, 2_000, 4_000, 8_000}},
		{name: "one step", price: 1_000, steps: sdk.PriceSteps{Steps: 1, Percent: 150},
			prices: []uint64{1_000, 1_500}},
		{name: "rounded up", price: 3, steps: sdk.PriceSteps{Percent: 101},
			prices: []uint64{3, 4, 5, 6}},
		{name: "without a price", prices: []uint64{0}},
		{name: "capped", price: 1_000, steps: sdk.PriceSteps{Percent: 1_000_000, MaxLamports: 500},
			prices: []uint64{1_000, 0}, capped: 500},
	} {
		node := demoNode(t)
		clock := sdktest.NewClock(time.Unix(1_750_000_000, 0),
			func(d time.Duration) { node.Advance(uint64(d/(400*time.Millisecond)) + 1) })
		client, _ := connect(t, node, sdk.WithClock(clock))
		market := &feeMarket{node: node, enough: c.enough}
		node.OnSend(market.take)
		signer := newSigner(t)
		u := priced(t, client, signer, c.price)
		receipt, err := client.SendWithPriceSteps(t.Context(), u, c.steps, []txn.Signer{signer})
		if c.enough > 0 {
			require.NoError(t, err, c.name)
			require.Equal(t, uint64(342792003), receipt.Slot, c.name)
		} else {
			require.ErrorIs(t, err, sdk.ErrExpired, c.name)
		}

		if c.capped > 0 {
			last := txn.ComputeUnitPriceFor(c.capped, u.Budget().ComputeUnitLimit)
			require.Greater(t, last, c.price)
			c.prices[len(c.prices)-1] = last
		}

		require.Equal(t, c.prices, market.prices, c.name)
	}
}

// TestClient_SendWithPriceSteps_Refusals checks that no step follows while the
// transaction before may land, and which options are refused.
func TestClient_SendWithPriceSteps_Refusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node)
		market := &feeMarket{node: node}
		node.OnSend(market.take)
		signer := newSigner(t)
		u := priced(t, client, signer, 1_000)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := client.SendWithPriceSteps(ctx, u, sdk.PriceSteps{}, []txn.Signer{signer})
		require.ErrorIs(t, err, sdk.ErrUncertain, "the block height stands still")
		require.Equal(t, []uint64{1_000}, market.prices)

		for _, steps := range []sdk.PriceSteps{{Steps: -1}, {Percent: 100}, {Every: -1}} {
			_, err = client.SendWithPriceSteps(t.Context(), u, steps, []txn.Signer{signer})
			require.ErrorIs(t, err, sdk.ErrPriceSteps)
			require.ErrorIs(t, err, sdk.ErrNotSent)
			requireLine(t, err)
		}

		_, err = client.SendWithPriceSteps(t.Context(), u, sdk.PriceSteps{}, nil)
		require.ErrorIs(t, err, txn.ErrMissingSignature)
		_, err = client.SendWithPriceSteps(t.Context(), nil, sdk.PriceSteps{}, nil)
		require.ErrorIs(t, err, sdk.ErrNotSent)
	})
}

// TestClient_SendWithPriceSteps_Nonce checks that all steps use the same value
// of the nonce, that the receipt is that of the one that landed, even if a
// later one was sent meanwhile, and what remains if none landed in time.
func TestClient_SendWithPriceSteps_Nonce(t *testing.T) {
	for _, c := range []struct {
		name string
		// lands is the number of the step that lands, after the given number
		// of steps was sent.
		lands, after int
		steps        int
	}{
		{name: "the first at once", lands: 1, after: 1, steps: 1},
		{name: "the second", lands: 2, after: 2, steps: 2},
		{name: "the first after the second was sent", lands: 1, after: 2, steps: 2},
		{name: "the second after the last was sent", lands: 2, after: 4, steps: 4},
		{name: "none", steps: 4},
	} {
		synctest.Test(t, func(t *testing.T) {
			node := demoNode(t)
			client, _ := connect(t, node)
			signer, authority := newSigner(t), newSigner(t)
			node.Put(nonceAccount(authority.PublicKey(), firstValue))
			u, err := client.Build(t.Context(), quoted(t, client), sdk.BuildOptions{
				Owner:          signer.PublicKey(),
				Nonce:          nonceAddress,
				SkipSimulation: true,
				Priority:       sdk.PriorityFee{ComputeUnitPrice: 1_000},
			})

			require.NoError(t, err)
			market := new(feeMarket)
			var signatures []solana.Signature
			market.node = node
			node.OnSend(func(raw []byte) *sdktest.Error {
				known := len(market.prices)
				failure := market.take(raw)
				if len(market.prices) > known {
					signatures = append(signatures,
						solana.SignatureFromBytes(raw[1:1+solana.SignatureLength]))
				}

				node.Advance(1)
				if c.after > 0 && len(signatures) == c.after {
					change(t, node, nonceAddress,
						func(a *accounts.Account) { copy(a.Data[40:], secondValue[:]) })
					node.SetStatus(signatures[c.lands-1], landed(342792003))
					for n := range time.Duration(60) {
						time.AfterFunc(n*5*time.Second, func() { node.Advance(20) })
					}
				}

				return failure
			})

			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			receipt, err := client.SendWithPriceSteps(ctx, u, sdk.PriceSteps{},
				[]txn.Signer{signer, authority})
			require.Len(t, market.prices, c.steps, c.name)
			if c.lands == 0 {
				var open *sdk.PriceStepsError
				require.ErrorAs(t, err, &open, c.name)
				require.ErrorIs(t, err, sdk.ErrUncertain)
				require.Len(t, open.Sent, 4)
				requireLine(t, err)

				return
			}

			require.NoError(t, err, c.name)
			require.Equal(t, signatures[c.lands-1], receipt.Signature, c.name)
		})
	}
}
