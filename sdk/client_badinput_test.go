package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// badInput is a mistake of a caller or a wrong state of the chain.
type badInput struct {
	name    string
	prepare func(*testing.T, *sdktest.Node)
	try     func(context.Context, *sdk.Client) error
	want    []error
}

// badInputs returns the cases of [TestClient_BadInput].
func badInputs(t *testing.T) []badInput {
	t.Helper()
	p := pool(t, "JitoSOL")
	jito := p.State.PoolMint
	stake := func(
		amount uint64,
		change ...func(*sdk.TradeOptions),
	) func(context.Context, *sdk.Client) error {
		return func(ctx context.Context, client *sdk.Client) error {
			o := sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner}}
			for _, f := range change {
				f(&o)
			}

			_, _, err := client.Stake(ctx, jito, amount, o)
			return err
		}
	}

	tamper := func(
		address solana.PublicKey,
		f func(*accounts.Account),
	) func(*testing.T, *sdktest.Node) {
		return func(t *testing.T, node *sdktest.Node) { change(t, node, address, f) }
	}

	lookup := func(symbol string) func(context.Context, *sdk.Client) error {
		return func(_ context.Context, client *sdk.Client) error {
			_, err := client.Registry().Lookup(symbol)
			return err
		}
	}

	simulated := func(err string, logs ...string) func(*testing.T, *sdktest.Node) {
		return func(_ *testing.T, node *sdktest.Node) {
			node.OnSimulate(func([]byte) sdktest.Simulation {
				return sdktest.Simulation{Err: err, Logs: logs}
			})
		}
	}

	fault := func(method string, f sdktest.Fault) func(*testing.T, *sdktest.Node) {
		return func(_ *testing.T, node *sdktest.Node) {
			for range 30 { // also for requests for fewer accounts
				node.Fail(method, f)
			}
		}
	}

	return []badInput{
		{"wrong owner",
			tamper(p.Address, func(a *accounts.Account) { a.Owner = accounts.SystemProgram }),
			stake(sol), []error{accounts.ErrWrongOwner}},
		{"wrong program",
			tamper(p.Address,
				func(a *accounts.Account) { a.Owner = accounts.SanctumStakePoolProgram }),
			stake(sol), []error{route.ErrWrongProgram}},
		{"wrong token program",
			tamper(jito, func(a *accounts.Account) { a.Owner = accounts.Token2022Program }),
			stake(sol), []error{route.ErrMismatch}},
		{"a mint not in the pool", tamper(p.Address, func(a *accounts.Account) {
			state := p.State
			state.PoolMint = solana.PublicKey{1}
			a.Data = state.Encode()
		}), stake(sol), []error{route.ErrMismatch}},
		{"a mint without a pool", nil, func(ctx context.Context, client *sdk.Client) error {
			_, _, err := client.Stake(ctx, solana.PublicKey{1}, sol, sdk.TradeOptions{})
			return err
		}, []error{lst.ErrUnknownLST}},
		{"a mint not in the market", nil, func(ctx context.Context, client *sdk.Client) error {
			market, err := client.LoadMarket(ctx, jito)
			if err != nil {
				return err
			}

			_, err = market.Quote(stakeRequest(t, "bSOL", sol))
			return err
		}, []error{route.ErrUnknownToken}},
		{"a token for itself", nil, func(ctx context.Context, client *sdk.Client) error {
			_, _, err := client.Stake(ctx, accounts.NativeMint, sol, sdk.TradeOptions{})
			return err
		}, []error{route.ErrSameToken}},
		{"amount 0", nil, stake(0), []error{quote.ErrZeroAmount}},
		{"amount that mints 0", nil, stake(1), []error{quote.ErrAmountTooSmall}},
		{"amount beyond all SOL", nil, stake(1<<64 - 1), []error{quote.ErrAmountTooLarge}},
		{"unknown swap mode", nil, stake(sol, func(o *sdk.TradeOptions) { o.SwapMode = 9 }),
			[]error{route.ErrInvalidSwapMode}},
		{"slippage over 10000 bps", nil,
			stake(sol, func(o *sdk.TradeOptions) { o.SlippageBps = 10_001 }),
			[]error{route.ErrInvalidSlippage}},
		{"stale pool", tamper(p.Address, func(a *accounts.Account) {
			state := p.State
			state.LastUpdateEpoch--
			a.Data = state.Encode()
		}), stake(sol), []error{quote.ErrStalePool}},
		{"unknown symbol", nil, lookup("nopeSOL"), []error{lst.ErrUnknownLST}},
		{"ambiguous symbol", nil, lookup("pineSOL"), []error{lst.ErrAmbiguous}},
		{"an amount that is no number", nil,
			func(context.Context, *sdk.Client) error {
				_, err := lst.ParseAmount("one\nSOL", 9)
				return err
			},
			[]error{lst.ErrAmount, lst.ErrAmountSyntax}},
		{"no owner", nil, stake(sol, func(o *sdk.TradeOptions) { o.Owner = solana.PublicKey{} }),
			[]error{sdk.ErrNoOwner}},
		{"percentile over 100", nil,
			stake(sol, func(o *sdk.TradeOptions) { o.Priority.Percentile = 101 }),
			[]error{sdk.ErrPercentile}},
		{"payer without funds", simulated(`"AccountNotFound"`), stake(sol),
			[]error{sdk.ErrSimulation, progerr.ErrInsufficientFunds}},
		{"payer without enough funds", simulated(
			`{"InstructionError":[4,{"Custom":1}]}`,
			"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy invoke [1]",
			"Program 11111111111111111111111111111111 invoke [2]",
			"Program 11111111111111111111111111111111 failed: custom program error: 0x1",
			"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy failed: custom program error: 0x1",
		),
			stake(sol), []error{sdk.ErrSimulation, progerr.ErrInsufficientFunds}},
		{"no signer", nil, func(ctx context.Context, client *sdk.Client) error {
			_, _, err := client.Execute(ctx, stakeRequest(t, "JitoSOL", sol),
				sdk.BuildOptions{Owner: owner})
			return err
		}, []error{txn.ErrMissingSignature}},
		{"a node that echoes the key",
			fault("getMultipleAccounts",
				sdktest.Fault{Status: 401, Body: "no such key: " + secret}),
			stake(sol), nil},
		{"a node that echoes the key in JSON", fault("getMultipleAccounts", sdktest.Fault{
			Error: &sdktest.Error{Code: -32000, Message: "bad request\nfor /?api-key=" + secret},
		}), stake(sol), nil},
	}
}

// TestClient_BadInput checks mistakes of callers and wrong states of the chain.
// Each has an error of its own, which is one line without the endpoint's key.
func TestClient_BadInput(t *testing.T) {
	for _, c := range badInputs(t) {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(50_000))
			if c.prepare != nil {
				c.prepare(t, node)
			}

			endpoint, stop, err := node.Listen()
			require.NoError(t, err)
			defer func() { require.NoError(t, stop()) }()
			client, err := sdk.New(endpoint + "/?api-key=" + secret)
			require.NoError(t, err)

			err = c.try(t.Context(), client)
			requireLine(t, err)
			for _, want := range c.want {
				require.ErrorIs(t, err, want)
			}

			if c.want == nil {
				var refused *sdk.RPCError
				require.ErrorAs(t, err, &refused)
				require.Contains(t, err.Error(), "[redacted]")
			}

			for at := err; at != nil; at = errors.Unwrap(at) {
				require.NotContains(t, fmt.Sprintf("%v %+v %#v", at, at, at), secret)
			}
		})
	}
}
