package main

import (
	"encoding/json"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

const delayedTool = tool("delayed")

func TestDelayed_Text(t *testing.T) {
	out, err := delayedTool.run(t)
	require.NoError(t, err)
	for _, want := range []string{
		"Quote at slot 342792000 (epoch 793)\n  route        stake withdrawal\n",
		"  pay          1 JitoSOL\n", "  receive      1.204529452 SOL in stake account ",
		"  cost         0.00228288 SOL, rent of the stake account, which comes back later\n",
		"  next         withdraw the whole balance, 0.00228288 SOL of rent included, usually from the\n" +
			"               epoch after the deactivation on: epoch 794 if it is deactivated now\n",
		"  4. deactivate the stake account ",
		"\nAn epoch later\nQuote at slot 343224000 (epoch 794)\n  route        stake program\n",
		"  pay          1.206812332 SOL in stake account ",
		"  receive      1.206812332 SOL\n", "withdraw 1.206812332 SOL from the stake account ",
	} {
		containsAll(t, out, want)
	}

	out, err = delayedTool.run(t, "-from", "hubSOL", "-deactivate=false")
	require.NoError(t, err)
	containsAll(t, out, "  next         to get SOL, deactivate the stake account")
	require.NotContains(t, out, ". deactivate the stake account ")
	require.NotContains(t, out, "An epoch later", "it is still staked")
}

// TestDelayed_JSON checks that both steps are shown, the second one for the
// proceeds of the first.
func TestDelayed_JSON(t *testing.T) {
	node, err := sdktest.Demo()
	require.NoError(t, err)
	client, err := node.Client()
	require.NoError(t, err)
	for _, symbol := range []string{"JitoSOL", "JupSOL", "bSOL", "BNSOL", "stSOL"} {
		token, err := lst.Default().Lookup(symbol)
		require.NoError(t, err)
		market, err := client.LoadMarket(t.Context(), token.Mint)
		require.NoError(t, err)
		q, err := market.Quote(route.Request{
			From:    token.Mint,
			To:      route.NativeStake,
			Amount:  10 * oneSOL,
			Options: route.Options{SlippageBps: 10, Deactivate: true},
		})

		require.NoError(t, err)

		r := delayedTool.report(t, "-from", symbol, "-amount", "10")
		require.Equal(t, "stake withdrawal", r.Venue)
		require.Equal(t, [4]uint64{10 * oneSOL, 10 * oneSOL, q.Out, q.MinOut},
			[4]uint64{r.In, r.MaxIn, r.Out, r.MinOut})
		require.Equal(t, q.MinOutCheck.String(), r.Guard)
		require.Equal(t, q.Costs, r.Costs)
		require.ElementsMatch(t, q.Fees, r.Fees)
		require.Equal(t, q.RemainingSteps, r.Next)
		require.Equal(t, r.StakeAccount.String(), r.To)
		require.Contains(t, checkSigned(t, &r).Message.AccountKeys, *r.StakeAccount)

		later := r.Withdrawal
		require.NotNil(t, later)
		require.Equal(t, "stake program", later.Venue)
		require.Equal(t, uint64(794), later.Epoch)
		require.Equal(t, r.StakeAccount.String(), later.From)
		require.Equal(t, "SOL", later.To)
		require.Equal(t, q.Out+stakeRent, later.Out)
		require.Equal(t, later.Out, later.MinOut)
		require.Contains(t, checkSigned(t, later).Message.AccountKeys, *r.StakeAccount)
	}

	r := delayedTool.report(t, "-deactivate=false")
	require.Nil(t, r.Withdrawal)
	require.Len(t, r.Next, 2)

	r = delayedTool.report(t, "-exact-out", "-amount", "5")
	require.Equal(t, uint64(5*oneSOL), r.MinOut)
	require.Equal(t, r.Out+stakeRent, r.Withdrawal.Out,
		"all of it, whatever the amount of the first step")
}

// TestDelayed_Node runs the two steps on a node, one after the other.
func TestDelayed_Node(t *testing.T) {
	node, endpoint := serve(t)
	land(node, "")
	key, owner := keyFile(t)

	out, err := delayedTool.run(t, "-rpc", endpoint, "-keypair", key)
	require.NoError(t, err)
	containsAll(t, out, "  withdraw     with -withdraw ")
	require.NotContains(t, out, "An epoch later", "time passes on its own")

	// send runs the command with -send.
	send := func(args ...string) (r tradeReport) {
		out, err := delayedTool.run(t,
			append(args, "-rpc", endpoint, "-keypair", key, "-send", "-json")...)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal([]byte(out), &r))
		require.True(t, *r.Confirmed)
		require.Equal(t, uint64(58_765), *r.UnitsConsumed)

		return r
	}

	r := send()
	require.Nil(t, r.Withdrawal)
	require.Contains(t, checkSigned(t, &r).Message.AccountKeys, *r.StakeAccount)

	cold := putStake(t, node, owner, 3*oneSOL, epoch-1)
	r = send("-withdraw", cold.String())
	require.Equal(t, "stake program", r.Venue)
	require.Equal(t, uint64(3*oneSOL+stakeRent), r.Out)
	require.Nil(t, r.StakeAccount)
	part := delayedTool.report(t, "-rpc", endpoint, "-keypair", key, "-withdraw", cold.String(),
		"-amount", "1.5")
	require.Equal(t, uint64(1_500_000_000), part.Out)

	node.OnSend(func([]byte) *sdktest.Error {
		return sdktest.Preflight(`{"InstructionError":[1,{"Custom":1}]}`)
	})
	printed, err := delayedTool.run(t, "-rpc", endpoint, "-keypair", key, "-send", "-json")
	var failed *progerr.TransactionError
	require.ErrorAs(t, err, &failed)
	require.NoError(t, json.Unmarshal([]byte(printed), &r))
	require.False(t, *r.Confirmed)
	require.Equal(t, err.Error(), *r.Err)
	require.NotNil(t, r.StakeAccount)
}

func TestDelayed_Mistakes(t *testing.T) {
	node, endpoint := serve(t)
	key, owner := keyFile(t)
	active := putStake(t, node, owner, 20*oneSOL, accounts.NeverEpoch)
	cooling := putStake(t, node, owner, 20*oneSOL, epoch)
	cold := putStake(t, node, owner, 20*oneSOL, epoch-1)
	others := putStake(t, node, solana.PublicKey{8}, 20*oneSOL, epoch-1)
	withdraw := func(address solana.PublicKey, more ...string) []string {
		return append([]string{"-rpc", endpoint, "-keypair", key, "-withdraw", address.String()},
			more...)
	}

	for _, c := range []struct {
		name string
		args []string
		want error
		text string
	}{
		{"both ways", []string{"-from", "bSOL", "-withdraw", cold.String()}, nil,
			"-from and -withdraw exclude each other"},
		{"unknown token", []string{"-from", "nopeSOL"}, lst.ErrUnknownLST, "nopeSOL"},
		{"a token that gives no stake", []string{"-from", "INF"}, route.ErrNoRoute, ""},
		{"stale pool", []string{"-from", "phaseSOL"}, quote.ErrStalePool, ""},
		{"nothing", []string{"-amount", "0"}, quote.ErrZeroAmount, ""},
		{"below the minimum delegation", []string{"-amount", "0.5"},
			quote.ErrBelowMinimumDelegation, ""},
		{"more than any validator has", []string{"-amount", "200000000"}, quote.ErrAmountTooLarge,
			""},
		{"send without a node", []string{"-send"}, nil, "-send needs -rpc and -keypair"},
		{"no address", []string{"-withdraw", "mine"}, nil,
			`"mine" is not the address of a stake account`},
		{"no account", []string{"-withdraw", solana.PublicKey{5}.String()}, accounts.ErrNotFound,
			"nor is it a stake account"},
		{"another account", withdraw(accounts.ReservePoolAddress), accounts.ErrWrongOwner,
			"nor is it a stake account"},
		{"still staked", withdraw(active), quote.ErrStakeActive, active.String()},
		{"still cooling down", withdraw(cooling), quote.ErrStakeActive, ""},
		{"another owner", withdraw(others), quote.ErrStakeOwner, others.String()},
		{"more than the balance", withdraw(cold, "-amount", "21"), quote.ErrAmountTooLarge, ""},
		{"too little remains", withdraw(cold, "-amount", "20.001"), quote.ErrAmountTooLarge,
			"must keep 2282880 lamports"},
	} {
		t.Run(c.name, func(t *testing.T) { delayedTool.refused(t, c.want, c.text, c.args...) })
	}
}
