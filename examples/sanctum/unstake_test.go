package main

import (
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

const unstakeTool = tool("unstake")

func TestUnstake_Text(t *testing.T) {
	for _, test := range []struct{ args, want []string }{
		{nil, []string{
			"Routes for 1 JitoSOL at slot 342792000 (epoch 793)\n",
			"  route                                 receive         at least  charges\n",
			"  stake pool withdrawal         1.204529452 SOL  1.203324923 SOL  0.001 JitoSOL SOL withdrawal fee\n",
			"  stake withdrawal and Reserve  1.203309751 SOL  1.202106442 SOL  0.001 JitoSOL stake withdrawal\n" +
				"                                                                  fee; 0.001219701 SOL Reserve fee;\n" +
				"                                                                  0.00432216 SOL advanced\n",
			"  - Infinity: swap, pool ",
			"  - Router, prefunded: prefund costs too much (allow its cost with MaxPrefund): the request does not allow a prefund\n",
			"Quote at slot 342792000 (epoch 793)\n  route        stake pool withdrawal\n",
			"  pay          1 JitoSOL\n", "  receive      1.204529452 SOL\n",
			"  2. withdraw at least 1.203324923 SOL from the reserve of the stake pool of JitoSOL for 1 JitoSOL\n",
		}},
		{[]string{"-from", "BNSOL", "-amount", "10"}, []string{
			"Quote at slot 342792000 (epoch 793)\n  route        stake withdrawal and Reserve\n",
			"  receive      10.526251531 SOL\n",
			"  guard        the temporary account is checked within the transaction\n",
			"  advance      0.00432216 SOL, which comes back with the outcome\n",
			"  - stake pool withdrawal: ", "needs the signature of the pool's authority",
		}},
		{[]string{"-from", "stake"}, []string{
			"  Reserve  9.992156816 SOL  ", "  pay          10.00228288 SOL in stake account ",
			"  receive      9.992156816 SOL\n",
			"  - stake program: stake account ", "still active", " sell the stake account ",
		}},
	} {
		out, err := unstakeTool.run(t, test.args...)
		require.NoError(t, err)
		containsAll(t, out, test.want...)
	}
}

// TestRecipient pays somebody else, whichever way is best.
func TestUnstake_Recipient(t *testing.T) {
	const recipient = "7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4"
	for from, want := range map[string]string{
		"jitoSOL": "of the stake pool of JitoSOL for 1 JitoSOL, paid to " + recipient,
		"BNSOL":   "which pays its balance to " + recipient,
		"mSOL":    " go to " + recipient,
		"stake":   "to the Reserve, paid to " + recipient,
	} {
		args := []string{"-from", from, "-recipient", recipient}
		out, err := unstakeTool.run(t, args...)
		require.NoError(t, err)
		containsAll(t, out, want)
		r := unstakeTool.report(t, args...)
		require.Equal(t, recipient, r.Recipient.String())
	}

	require.Nil(t, unstakeTool.report(t).Recipient)
}

// market is the embedded market of an LST.
func market(t *testing.T, mint solana.PublicKey) *route.Market {
	t.Helper()
	node, err := sdktest.Demo()
	require.NoError(t, err)
	client, err := node.Client()
	require.NoError(t, err)
	m, err := client.LoadMarket(t.Context(), mint)
	require.NoError(t, err)
	return m
}

// TestJSON shows just what the market says, for each LST that can be had
// another way.
func TestUnstake_JSON(t *testing.T) {
	for _, symbol := range []string{"JitoSOL", "JupSOL", "mSOL", "stSOL", "INF", "BNSOL"} {
		for _, prefund := range []uint64{0, 2_000_000_000} {
			token, err := lst.Default().Lookup(symbol)
			require.NoError(t, err)
			args := []string{"-from", symbol, "-amount", "10"}
			if prefund > 0 {
				args = append(args, "-max-prefund", "2000000000")
			}

			r := unstakeTool.report(t, args...)
			quotes, rejected := market(t, token.Mint).Quotes(route.Request{
				From:    token.Mint,
				To:      accounts.NativeMint,
				Amount:  10_000_000_000,
				Options: route.Options{SlippageBps: 10, MaxPrefund: prefund},
			})

			require.Equal(t, r.way, r.Quotes[0], "the best is taken")
			require.Equal(t, symbol, r.From)
			require.Equal(t, "SOL", r.To)
			require.Len(t, r.Quotes, len(quotes))
			for i, q := range quotes {
				got := r.Quotes[i]
				require.Equal(t, string(q.Venue), got.Venue)
				require.Equal(t, [4]uint64{q.In, q.Out, q.MinOut, q.UpfrontRent},
					[4]uint64{got.In, got.Out, got.MinOut, got.Advance})
				require.Equal(t, q.MinOutCheck.String(), got.Guard)
				require.ElementsMatch(t, q.Fees, got.Fees)
				require.ElementsMatch(t, q.Costs, got.Costs)
			}

			require.Len(t, r.Rejected, len(rejected))
			for i, no := range rejected {
				require.Equal(t, unavailable{Venue: string(no.Venue), Reason: no.Err.Error()},
					r.Rejected[i])
			}
		}
	}
}

// TestPrefund costs what the Router takes for it: about the minimum delegation.
func TestUnstake_Prefund(t *testing.T) {
	find := func(r tradeReport) *way {
		for i := range r.Quotes {
			if r.Quotes[i].Venue == "Router, prefunded" {
				return &r.Quotes[i]
			}
		}

		return nil
	}

	require.Nil(t, find(unstakeTool.report(t, "-amount", "10")))
	require.Nil(t, find(unstakeTool.report(t, "-amount", "10", "-max-prefund", "997717119")))
	prefunded := find(unstakeTool.report(t, "-amount", "10", "-max-prefund", "997717120"))
	require.NotNil(t, prefunded)
	require.Equal(t, uint64(11_036_388_750), prefunded.Out)
	fee := prefunded.Fees[len(prefunded.Fees)-1]
	require.Equal(t, "prefund, to the Router", fee.Name)
	require.Equal(t, uint64(997_717_120), fee.Amount)
}

func TestUnstake_ExactOut(t *testing.T) {
	r := unstakeTool.report(t, "-amount", "5", "-exact-out")
	require.Equal(t, uint64(5_000_000_000), r.MinOut)
	require.GreaterOrEqual(t, r.Out, r.MinOut)
	for _, q := range r.Quotes {
		require.GreaterOrEqual(t, q.In, r.In, "the cheapest is taken")
	}
}

// TestStakeAccount sells one on a node, whole and in part.
func TestUnstake_StakeAccount(t *testing.T) {
	node, endpoint := serve(t)
	land(node, "")
	key, owner := keyFile(t)
	stake := putStake(t, node, owner, 20_000_000_000, accounts.NeverEpoch)
	args := []string{"-rpc", endpoint, "-keypair", key, "-from", stake.String()}

	r := unstakeTool.report(t, args...)
	require.Equal(t, "Reserve", r.Venue)
	require.Equal(t, stake.String(), r.From)
	require.Equal(t, uint64(20_000_000_000+stakeRent), r.In)
	require.Equal(t, r.In-r.Fees[0].Amount, r.Out)
	require.Equal(t, uint64(2_039_280), r.Advance, "for the temporary account of wrapped SOL")
	require.Equal(t, "stake program", r.Rejected[0].Venue)

	part := unstakeTool.report(t, append(args, "-amount", "4")...)
	require.Equal(t, uint64(4_000_000_000), part.In)
	require.Equal(t, uint64(stakeRent+2_039_280), part.Advance)
	// The Reserve buys the rent of the part as well, and takes its fee of it,
	// and the rent returns.
	require.Equal(t, part.In-part.Fees[0].Amount, part.Out)

	// What has cooled down costs nothing.
	cold := putStake(t, node, owner, 3_000_000_000, epoch-1)
	r = unstakeTool.report(t, "-rpc", endpoint, "-keypair", key, "-from", cold.String())
	require.Equal(t, "stake program", r.Venue)
	require.Equal(t, uint64(3_000_000_000+stakeRent), r.Out)

	out, err := unstakeTool.run(t, append(args, "-send")...)
	require.NoError(t, err)
	containsAll(t, out, "Landed in slot 342792004 (confirmed)\n")

	node.OnSimulate(func([]byte) sdktest.Simulation {
		return sdktest.Simulation{Err: `"AccountNotFound"`}
	})
	unstakeTool.refused(t, progerr.ErrInsufficientFunds, "", args...)
}

func TestUnstake_Mistakes(t *testing.T) {
	node, endpoint := serve(t)
	key, owner := keyFile(t)
	stake := putStake(t, node, owner, 20_000_000_000, accounts.NeverEpoch)
	others := putStake(t, node, solana.PublicKey{8}, 20_000_000_000, accounts.NeverEpoch)
	onNode := func(address solana.PublicKey, more ...string) []string {
		return append(
			[]string{"-rpc", endpoint, "-keypair", key, "-from", address.String()},
			more...)
	}

	for _, c := range []struct {
		name string
		args []string
		want error
		text string
	}{
		{"unknown symbol", []string{"-from", "nopeSOL"}, lst.ErrUnknownLST, "nopeSOL"},
		{"several of one symbol", []string{"-from", "pineSOL"}, lst.ErrAmbiguous, ""},
		{"neither mint nor account", []string{"-from", solana.PublicKey{5}.String()},
			lst.ErrUnknownLST, "nor is it a stake account"},
		{"made for embedded runs only", []string{"-from", "stake", "-rpc", endpoint},
			lst.ErrUnknownLST, "stake"},
		{"not a stake account", onNode(accounts.ReservePoolAddress), accounts.ErrWrongOwner,
			"nor is it a stake account"},
		{"somebody else's", onNode(others), quote.ErrStakeOwner, others.String()},
		{"more than there is", onNode(stake, "-amount", "21"), quote.ErrAmountTooLarge,
			"20002282880"},
		{"too little remains", onNode(stake, "-amount", "19.5"), quote.ErrBelowMinimumDelegation,
			""},
		{"below the minimum delegation", onNode(stake, "-amount", "0.5"),
			quote.ErrBelowMinimumDelegation, ""},
		{"all of a token", []string{"-amount", "all"}, lst.ErrAmountSyntax, "all"},
		{"nothing", []string{"-amount", "0"}, quote.ErrZeroAmount, ""},
		{"beyond all pools", []string{"-amount", "9000000000"}, route.ErrNoRoute,
			"stake pool withdrawal: "},
		{"SOL", []string{"-from", "SOL"}, route.ErrSameToken, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			unstakeTool.refused(t, c.want, c.text, c.args...)
		})
	}
}
