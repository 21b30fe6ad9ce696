package sdk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// apart is a request from mSOL to JitoSOL that needs two transactions: stake is
// withdrawn from Marinade and sold to the Reserve, and the SOL is deposited in
// the pool.
func apart(t testing.TB) route.Request {
	t.Helper()
	return route.Request{
		From:    accounts.MSOLMint,
		To:      mint(t, "JitoSOL"),
		Amount:  100 * sol,
		Options: route.Options{SlippageBps: 20, MaxTransactions: 2},
	}
}

// counted lands all transactions and calls back before each broadcast.
func counted(node *sdktest.Node, before func(number int)) *int {
	sent := 0
	node.OnSimulate(succeeds(100_000))
	node.OnSend(func(raw []byte) *sdktest.Error {
		signature := solana.SignatureFromBytes(raw[1 : 1+solana.SignatureLength])
		sent++
		before(sent)
		node.SetStatus(signature, landed(uint64(10+sent)))
		return nil
	})
	return &sent
}

func TestClient_Execute_TwoTransactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node)
		sent := counted(node, func(int) {})
		signer := newSigner(t)
		r := apart(t)
		var progress []sdk.Progress
		opts := sdk.BuildOptions{
			Owner: signer.PublicKey(),
			Seed:  "named",
			SendOptions: []sdk.SendOption{
				sdk.WithProgress(func(p sdk.Progress) { progress = append(progress, p) }),
			},
		}

		receipt, q, err := client.Execute(t.Context(), r, opts, signer)
		require.NoError(t, err)
		confirmed := func(slot uint64) *sdk.SignatureStatus {
			return &sdk.SignatureStatus{Slot: slot, Commitment: "confirmed"}
		}
		first, second := receipt.Previous.Signature, receipt.Signature
		require.Equal(t, []sdk.Progress{
			{Signature: first, Kind: sdk.ProgressSent, Sends: 1},
			{Signature: first, Kind: sdk.ProgressSeen, Sends: 1, Status: confirmed(11)},
			{Signature: second, Kind: sdk.ProgressSent, Sends: 1},
			{Signature: second, Kind: sdk.ProgressSeen, Sends: 1, Status: confirmed(12)},
		}, progress)

		require.True(t, q.NeedsTwoTransactions)
		require.Equal(t, "stake withdrawal and Reserve, then stake pool deposit", string(q.Venue))
		require.Len(t, q.Legs, 2)
		require.Equal(t, q.Legs[0].MinOut, q.Legs[1].In,
			"the second spends the minimum output of the first")
		require.Equal(t, q.Legs[0].Out-q.Legs[1].In, q.IntermediateDust)
		require.Equal(t, 2, *sent)
		require.Equal(t, uint64(12), receipt.Slot)
		require.Equal(t, uint64(11), receipt.Previous.Slot)
		require.Nil(t, receipt.Previous.Previous)

		// The route does not fit in one transaction, so the methods that build
		// one use another route.
		_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: signer.PublicKey()})
		var over *txn.SizeError
		require.ErrorAs(t, err, &over)
		require.Equal(t, over.Size-txn.MaxSize, over.Over())
		u, other, err := client.Swap(t.Context(), r.From, r.To, r.Amount, tradeOptions(20))
		require.NoError(t, err)
		require.Less(t, other.NetOut, q.NetOut)
		require.False(t, other.NeedsTwoTransactions)
		require.LessOrEqual(t, u.Size(), txn.MaxSize)

		// With two transactions allowed, the methods that build one refer to
		// Execute.
		two := tradeOptions(20)
		two.MaxTransactions = 2
		u, other, err = client.Swap(t.Context(), r.From, r.To, r.Amount, two)
		require.ErrorIs(t, err, sdk.ErrTwoTransactions)
		require.Nil(t, u)
		require.Equal(t, q.NetOut, other.NetOut)
	})
}

// TestPartialExecutionError_Causes checks that a failure after the first of two
// transactions comes with the result of the first.
func TestPartialExecutionError_Causes(t *testing.T) {
	refused := errors.New("the wallet says no")
	for _, c := range []struct {
		name string
		// change runs when the first transaction is broadcast.
		change func(t *testing.T, node *sdktest.Node)
		sign   func(message []byte, number int) error
		want   error
		sent   int
	}{
		{
			name: "the pool is gone",
			change: func(t *testing.T, node *sdktest.Node) {
				node.Remove(pool(t, "JitoSOL").Address)
			},
			want: accounts.ErrNotFound,
			sent: 1,
		},
		{
			name:   "the price has moved",
			change: func(t *testing.T, node *sdktest.Node) { reprice(t, node, 990) },
			want:   sdk.ErrPriceMoved,
			sent:   1,
		},
		{name: "the price has moved within the limit",
			change: func(t *testing.T, node *sdktest.Node) { reprice(t, node, 999) }, sent: 2},
		{name: "it would fail", change: func(_ *testing.T, node *sdktest.Node) {
			node.OnSimulate(func([]byte) sdktest.Simulation {
				return sdktest.Simulation{Err: `{"InstructionError":[4,{"Custom":32}]}`}
			})
		}, want: sdk.ErrSimulation, sent: 1},
		{name: "the wallet refuses", sign: func(_ []byte, number int) error {
			if number > 1 {
				return refused
			}

			return nil
		}, want: refused, sent: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := demoNode(t)
				client, _ := connect(t, node)
				sent := counted(node, func(number int) {
					if number == 1 && c.change != nil {
						c.change(t, node)
					}
				})

				signer := &picky{KeySigner: newSigner(t), refuse: c.sign}
				receipt, q, err := client.Execute(t.Context(), apart(t),
					sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
				require.Equal(t, c.sent, *sent)
				if c.want == nil {
					require.NoError(t, err)
					require.NotNil(t, receipt.Previous)
					return
				}

				requireLine(t, err)
				require.ErrorIs(t, err, c.want)
				var half *sdk.PartialExecutionError
				require.ErrorAs(t, err, &half)
				require.Equal(t, uint64(11), half.FirstReceipt.Slot)
				require.Equal(t, q.Legs[0].Out, half.FirstQuote.Out)
				require.Equal(t, accounts.NativeMint, half.RemainingQuote.Request.From)
				require.Equal(t, half.FirstQuote.MinOut, half.RemainingQuote.In)
				require.Contains(t, err.Error(), half.FirstReceipt.Signature.String())
			})
		})
	}
}

// TestClient_Execute_FirstFails checks that a failure of the first of two
// transactions is no partial execution.
func TestClient_Execute_FirstFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node)
		node.OnSimulate(succeeds(100_000))
		node.OnSend(func(raw []byte) *sdktest.Error {
			failed := landed(11)
			failed.Err = `{"InstructionError":[4,{"Custom":1}]}`
			node.SetStatus(solana.SignatureFromBytes(raw[1:1+solana.SignatureLength]), failed)
			return nil
		})

		signer := newSigner(t)
		receipt, _, err := client.Execute(t.Context(), apart(t),
			sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
		var failure *progerr.TransactionError
		require.ErrorAs(t, err, &failure)
		var half *sdk.PartialExecutionError
		require.NotErrorAs(t, err, &half, "nothing was bought")
		require.Nil(t, receipt.Previous)
	})
}

// reprice raises the price of the pool's token: the same SOL buys left of a
// thousand tokens.
func reprice(t *testing.T, node *sdktest.Node, left uint64) {
	t.Helper()
	address := pool(t, "JitoSOL").Address
	account, ok := node.Account(address)
	require.True(t, ok)
	state, err := accounts.DecodeStakePool(account)
	require.NoError(t, err)
	state.PoolTokenSupply = state.PoolTokenSupply / 1000 * left
	account.Data = append(state.Encode(), account.Data[len(state.Encode()):]...)
	node.Put(account)
}

// picky is a signer that may refuse.
type picky struct {
	*txn.KeySigner
	refuse func(message []byte, number int) error
	asked  int
}

func (s *picky) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	s.asked++
	if s.refuse != nil {
		if err := s.refuse(message, s.asked); err != nil {
			return solana.Signature{}, err
		}
	}
	return s.KeySigner.Sign(ctx, message)
}

// TestClient_Execute_IntegratorFeeInOne checks that a trade with an
// integrator's fee never takes two transactions, whose legs would not pay the
// fee. Memos make the transaction longer until it does not fit any more.
func TestClient_Execute_IntegratorFeeInOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node)
		sent := counted(node, func(int) {})
		signer := newSigner(t)
		r := route.Request{
			From:   mint(t, "JitoSOL"),
			To:     solana.MustPublicKeyFromBase58("jupSoLaHXQiZZTSfEWMTRRgpnyFm8f6sZdosWBjx93v"),
			Amount: 100 * sol,
			Options: route.Options{
				MaxTransactions: 2,
				Venues: []route.Venue{
					route.VenueStakePoolWithdrawal,
					route.VenueStakePoolDeposit,
				},
			},
		}

		for _, fee := range []route.IntegratorFee{
			{},
			{BPS: 10, Account: friend},
			{BPS: 10, Account: friend, OnInput: true},
			{Amount: 1_000, Account: friend},
		} {
			r.IntegratorFee = fee
			paid, parted, refused := 0, 0, 0
			for length := 0; length <= 600; length += 40 {
				*sent = 0
				_, q, err := client.Execute(t.Context(), r, sdk.BuildOptions{
					Owner: signer.PublicKey(),
					Memo:  strings.Repeat("x", length),
				}, signer)

				switch {
				case err != nil:
					require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
					require.Zero(t, *sent)
					refused++
				case q.NeedsTwoTransactions:
					parted++
				default:
					require.Equal(t, 1, *sent)
					paid++
				}
			}

			free := fee == route.IntegratorFee{}
			require.Positive(t, paid)
			require.Equal(t, free, parted > 0, "%+v: %d in two", fee, parted)
			require.Equal(t, free, refused == 0, "%+v: %d refused", fee, refused)
		}
	})
}
