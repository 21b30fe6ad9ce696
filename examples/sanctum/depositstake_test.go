package main

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const depositTool = tool("deposit-stake")

// oneSOL is one SOL in lamports.
const oneSOL = 1_000_000_000

func TestDepositStake_Text(t *testing.T) {
	for _, test := range []struct{ args, want []string }{
		{nil, []string{
			"Quote at slot 342792000 (epoch 793)\n  route        stake deposit\n",
			"  pay          10.00228288 SOL in stake account ",
			"  receive      9.027225088 hubSOL\n", "  at least     9.018197863 hubSOL\n",
			"  stake        10 SOL since epoch 700 with the validator\n               " +
				sharedVote.String() +
				"\n",
			"  price        1 hubSOL = 1.108013014 SOL, before fees\n",
			" into the stake pool of hubSOL for\n     at least 9.018197863 hubSOL\n",
		}},
		{[]string{"-to", "mSOL", "-amount", "2.5"}, []string{
			"  pay          2.5 SOL in stake account ", "  receive      1.924950679 mSOL\n",
			"  guard        the balance is checked within the transaction\n",
			"  cost         0.00228288 SOL, rent of the stake account, which the pool keeps\n",
			"split 2.5 SOL off the stake account ",
			"fail unless the token account ",
			" into Marinade for at\n     least 1.923025729 mSOL\n",
		}},
		{[]string{"-to", "JitoSOL", "-receipt"}, []string{
			"  guard        the receipt is checked within the transaction\n",
			"  next         claim the receipt: at once it pays ",
		}},
		{[]string{"-to", "bSOL"}, []string{"), stake deposit fee\n", "  price        1 bSOL = "}},
	} {
		out, err := depositTool.run(t, test.args...)
		require.NoError(t, err)
		containsAll(t, out, test.want...)
	}
}

// TestDepositStake_Node deposits a stake account of a node, whole and in part,
// and compares the amounts with the market.
func TestDepositStake_Node(t *testing.T) {
	node, endpoint := serve(t)
	key, owner := keyFile(t)
	stake := putStake(t, node, owner, 20*oneSOL, accounts.NeverEpoch)
	client, err := node.Client()
	require.NoError(t, err)
	for _, symbol := range []string{"hubSOL", "mSOL"} {
		token, err := lst.Default().Lookup(symbol)
		require.NoError(t, err)
		market, err := client.LoadMarketForRequest(t.Context(),
			route.Request{From: stake, To: token.Mint})
		require.NoError(t, err)
		for _, test := range []struct {
			amount string
			want   uint64
		}{{"all", 20*oneSOL + stakeRent}, {"3.25", 3_250_000_000}} {
			q, err := market.Quote(route.Request{
				From:    stake,
				To:      token.Mint,
				Amount:  test.want,
				Options: route.Options{SlippageBps: 7},
			})

			require.NoError(t, err)
			r := depositTool.report(t, "-rpc", endpoint, "-keypair", key, "-stake", stake.String(),
				"-to", symbol, "-amount", test.amount, "-slippage-bps", "7")
			require.Equal(t, "stake deposit", r.Venue)
			require.Equal(t, stake.String(), r.From)
			require.Equal(t, symbol, r.To)
			require.Equal(t, [3]uint64{test.want, q.Out, q.MinOut},
				[3]uint64{r.In, r.Out, r.MinOut})
			require.Equal(t, q.MinOutCheck.String(), r.Guard)
			require.ElementsMatch(t, q.Costs, r.Costs)
			require.ElementsMatch(t, q.Fees, r.Fees)
			require.Len(t, r.Costs, map[string]int{"all": 0, "3.25": 1}[test.amount],
				"a part takes a new account")
			require.Empty(t, r.Quotes, "only one route")
			require.Equal(t, owner, checkSigned(t, &r).Message.AccountKeys[0])
		}
	}

	exact := depositTool.report(t, "-rpc", endpoint, "-keypair", key, "-stake", stake.String(),
		"-amount", "5", "-exact-out")
	require.Equal(t, uint64(5*oneSOL), exact.MinOut)
	require.GreaterOrEqual(t, exact.Out, uint64(5*oneSOL))
	require.Less(t, exact.In, uint64(6*oneSOL))
}

func TestDepositStake_Mistakes(t *testing.T) {
	node, endpoint := serve(t)
	key, owner := keyFile(t)
	stake := putStake(t, node, owner, 20*oneSOL, accounts.NeverEpoch)
	others := putStake(t, node, solana.PublicKey{8}, 20*oneSOL, accounts.NeverEpoch)
	cold := putStake(t, node, owner, 20*oneSOL, epoch-1)
	jito, err := lst.Default().Lookup("JitoSOL")
	require.NoError(t, err)
	onNode := func(address solana.PublicKey, more ...string) []string {
		return append([]string{"-rpc", endpoint, "-keypair", key, "-stake", address.String()},
			more...)
	}

	for _, c := range []struct {
		name string
		args []string
		want error
		text string
	}{
		{"unknown token", []string{"-to", "nopeSOL"}, lst.ErrUnknownLST, "nopeSOL"},
		{"for SOL", []string{"-to", "SOL"}, nil, "see sanctum unstake"},
		{"into no pool of stake", []string{"-to", "INF"}, route.ErrNoRoute, ""},
		{"pool that gives receipts", []string{"-to", "JitoSOL"}, route.ErrReceiptNotAccepted, ""},
		{"stale pool", []string{"-to", "phaseSOL"}, quote.ErrStalePool, ""},
		{"no stake account named", []string{"-rpc", endpoint}, nil, "-rpc needs -stake"},
		{"no address", []string{"-stake", "mine"}, nil,
			`"mine" is not the address of a stake account`},
		{"a mint", onNode(jito.Mint), nil, "not a stake account but the mint of JitoSOL"},
		{"no account", []string{"-stake", solana.PublicKey{5}.String()}, accounts.ErrNotFound,
			"nor is it a stake account"},
		{"another account", onNode(accounts.ReservePoolAddress), accounts.ErrWrongOwner,
			"nor is it a stake account"},
		{"another owner", onNode(others), quote.ErrStakeOwner, others.String()},
		{"inactive stake", onNode(cold), quote.ErrStakeAccount, ""},
		{"a validator of other pools", onNode(stake, "-to", "bSOL"), quote.ErrValidator, ""},
		{"nothing", []string{"-amount", "0"}, quote.ErrZeroAmount, ""},
		{"below the minimum delegation", []string{"-amount", "0.999999999"},
			quote.ErrBelowMinimumDelegation, ""},
		{"too little remains", []string{"-amount", "9.000000001"}, quote.ErrBelowMinimumDelegation,
			"sell the whole"},
		{"more than the balance", []string{"-amount", "10.002282881"}, quote.ErrAmountTooLarge, ""},
		{"words", []string{"-amount", "lots"}, lst.ErrAmountSyntax, "lots"},
	} {
		t.Run(c.name, func(t *testing.T) { depositTool.refused(t, c.want, c.text, c.args...) })
	}
}
