package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// parse parses flags like a command.
func parse(t *testing.T, args ...string) flags {
	t.Helper()
	var f flags
	set := flagSet("example")
	f.register(set)
	require.NoError(t, set.Parse(args))
	return f
}

// startTest starts a session on the embedded market.
func startTest(t *testing.T, out *bytes.Buffer, args ...string) (s *session, sol, bsol lst.LST) {
	t.Helper()
	s, err := start(parse(t, args...), testConsole(out))
	require.NoError(t, err)
	sol, err = s.Registry.ByMint(accounts.NativeMint)
	require.NoError(t, err)
	bsol, err = s.Registry.Lookup("bSOL")
	require.NoError(t, err)
	return s, sol, bsol
}

func TestFlags_Register(t *testing.T) {
	require.Equal(t, flags{SlippageBps: 10}, parse(t))
	require.Equal(t, flags{
		RPC:         "http://x",
		Keypair:     "k",
		Amount:      "2",
		List:        "l",
		SlippageBps: 3,
		ExactOut:    true,
		Crank:       true,
		Send:        true,
		JSON:        true,
	}, parse(t, "-rpc", "http://x", "-keypair", "k", "-amount", "2", "-lsts", "l", "-slippage-bps",
		"3", "-exact-out", "-crank", "-send", "-json"))
}

func TestSession_Request(t *testing.T) {
	var out bytes.Buffer
	s, sol, bsol := startTest(t, &out, "-amount", "2.5", "-slippage-bps", "7", "-crank")
	r, err := s.request(trade{From: sol, To: bsol,
		Request: route.Request{Options: route.Options{Deactivate: true, MaxPrefund: 5}}})
	require.NoError(t, err)
	require.Equal(t, route.Request{
		From:   sol.Mint,
		To:     bsol.Mint,
		Amount: 2_500_000_000,
		Options: route.Options{
			SlippageBps:     7,
			AllowPoolUpdate: true,
			Deactivate:      true,
			MaxPrefund:      5,
		},
	}, r)

	s, sol, bsol = startTest(t, &out)
	r, err = s.request(trade{From: bsol, To: sol, Request: route.Request{To: route.NativeStake}})
	require.NoError(t, err)
	require.Equal(t, route.Request{
		From:    bsol.Mint,
		To:      route.NativeStake,
		Amount:  1_000_000_000,
		Options: route.Options{SlippageBps: 10},
	}, r)

	s, sol, bsol = startTest(t, &out, "-amount", "0.5", "-exact-out")
	// The amount is the amount to receive.
	coarse := bsol
	coarse.Decimals = 1
	r, err = s.request(trade{From: sol, To: coarse})
	require.NoError(t, err)
	require.Equal(t, route.ExactOut, r.SwapMode)
	require.Equal(t, uint64(5), r.Amount)

	options := s.buildOptions()
	require.Equal(t, s.Owner.PublicKey(), options.Owner)
	require.True(t, options.SkipSimulation, "the embedded market executes nothing")
	require.True(t, options.SkipPayerCheck, "a key for one run holds nothing")
	other, _, _ := startTest(t, &out)
	require.NotEqual(t, other.Owner.PublicKey(), s.Owner.PublicKey(), "a key for each run")
}

// TestSession_RequestAmounts checks that the amount "all" is accepted for a
// stake account and rejected for a token.
func TestSession_RequestAmounts(t *testing.T) {
	const none = uint64(0) // the balance, which is not known yet
	for _, test := range []struct {
		args  []string
		token bool
		want  uint64
		err   error
	}{
		{nil, false, none, nil},
		{[]string{"-amount", "all"}, false, none, nil},
		{[]string{"-amount", "2"}, false, 2_000_000_000, nil},
		{[]string{"-amount", "0"}, false, 0, quote.ErrZeroAmount},
		{[]string{"-exact-out"}, false, 1_000_000_000, nil},
		{[]string{"-amount", "all", "-exact-out"}, false, 0, lst.ErrAmountSyntax},
		{nil, true, 1_000_000_000, nil},
		{[]string{"-amount", "all"}, true, 0, lst.ErrAmountSyntax},
	} {
		var out bytes.Buffer
		s, sol, from := startTest(t, &out, test.args...)
		if !test.token {
			var err error
			from, err = s.stakeAccount(solana.PublicKey{5}.String())
			require.NoError(t, err)
		}

		r, err := s.request(trade{From: from, To: sol})
		require.ErrorIs(t, err, test.err, "%v", test)
		if err == nil {
			require.Equal(t, test.want, r.Amount, "%v", test)
		}
	}
}

func TestSession_StakeAccount(t *testing.T) {
	var out bytes.Buffer
	s, _, bsol := startTest(t, &out)
	stake, err := s.stakeAccount(solana.PublicKey{5}.String())
	require.NoError(t, err)
	require.Equal(t, solana.PublicKey{5}, stake.Mint)
	require.Equal(t, "1.5", stake.Format(1_500_000_000))
	_, err = s.stakeAccount("bSOL")
	require.ErrorContains(t, err, `"bSOL" is not the address of a stake account`)
	_, err = s.stakeAccount(bsol.Mint.String())
	require.ErrorContains(t, err, "is not a stake account but the mint of bSOL")
}

// TestSession_DemoStakeAccount checks that the market accepts the stake
// account, that its validator belongs to the token's pool, and that it can be
// sold for SOL.
func TestSession_DemoStakeAccount(t *testing.T) {
	var out bytes.Buffer
	s, sol, bsol := startTest(t, &out)
	require.True(t, s.embedded())
	for _, token := range []lst.LST{bsol, sol} {
		stake, err := s.demoStakeAccount(token)
		require.NoError(t, err)
		market, err := s.Client.LoadMarketForRequest(t.Context(),
			route.Request{From: stake.Mint, To: bsol.Mint})
		require.NoError(t, err)
		live, err := market.StakeAccount(stake.Mint)
		require.NoError(t, err)
		require.Equal(t, uint64(10_002_282_880), live.Lamports)
		require.Equal(t, s.Owner.PublicKey(), live.Account.Withdrawer)
		require.True(t, live.Account.IsActive(793))
		_, err = market.Quote(route.Request{
			From:    stake.Mint,
			To:      bsol.Mint,
			Amount:  live.Lamports,
			Options: route.Options{OnlyDirectRoutes: true},
		})
		if token == sol {
			require.Equal(t, sharedVote, live.Account.Delegation.Voter)
			require.ErrorIs(t, err, quote.ErrValidator, "it is not one of the pool's")
		} else {
			require.NoError(t, err)
		}
	}

	address := solana.PublicKey{6}
	require.NoError(t, s.cool(&tradeReport{StakeAccount: &address, way: way{Out: 77}}, bsol))
	market, err := s.Client.LoadMarketForRequest(t.Context(),
		route.Request{From: address, To: sol.Mint})
	require.NoError(t, err)
	require.Equal(t, uint64(794), market.Clock().Epoch)
	require.Equal(t, uint64(342_792_000+432_000), market.Slot())
	q, err := market.Quote(route.Request{From: address, To: sol.Mint, Amount: 2_282_957})
	require.NoError(t, err)
	require.Equal(t, route.VenueStakeProgram, q.Venue)
}

// TestSession_Report shows a trade with a value in every field.
func TestSession_Report(t *testing.T) {
	t.Run("text", func(t *testing.T) { testReport(t, false) })
	t.Run("JSON", func(t *testing.T) { testReport(t, true) })
}

func testReport(t *testing.T, asJSON bool) {
	t.Helper()
	var out bytes.Buffer
	s, sol, bsol := startTest(t, &out)
	s.Flags.JSON = asJSON
	market, err := s.Client.LoadMarket(t.Context(), bsol.Mint)
	require.NoError(t, err)
	q, err := market.Quote(route.Request{
		From:    sol.Mint,
		To:      bsol.Mint,
		Amount:  100_000_000_000,
		Options: route.Options{SlippageBps: 10, Referrer: solana.PublicKey{9}},
	})
	require.NoError(t, err)
	unsigned, err := s.Client.Build(t.Context(), q, s.buildOptions())
	require.NoError(t, err)
	signed, err := unsigned.Sign(t.Context(), s.Owner)
	require.NoError(t, err)

	fillQuote(&q, sol, bsol)
	want := trade{From: sol, To: bsol, Compare: true}
	report, err := s.report(want, q, unsigned, signed)
	require.NoError(t, err)
	other := route.Quote{Venue: "the other", In: 1, Out: 2_000_000_000, MinOut: 1_000_000_000}
	report.compare([]route.Quote{q, other},
		[]route.Rejection{{Venue: "the third", Err: errors.New("closed")}})

	if asJSON {
		checkReportJSON(t, s, report, q, &out)
		return
	}

	detailed := false
	want.Details = func(*route.Market, route.Quote) error { detailed = true; return nil }
	require.NoError(t, s.show(report, want, market, q))
	require.True(t, detailed)
	checkReportText(t, out.String(), q, bsol)
}

// fillQuote sets every field of a quote that a report shows.
func fillQuote(q *route.Quote, sol, bsol lst.LST) {
	q.Assumptions = []string{"something is assumed"}
	q.RemainingSteps = []string{"something remains"}
	q.Fees = append(q.Fees, route.Fee{
		Name:   "made up",
		Amount: 5,
		Mint:   solana.PublicKey{7},
		Rate:   "1/2",
	})
	q.Costs = []route.Cost{
		{Name: "a deposit", Lamports: 7, Recoverable: true},
		{Name: "a loss", Lamports: 8},
	}
	q.UpfrontRent, q.MinOutCheck, q.MaxIn = 2_000_000_000, route.CheckedByBalance, q.In+1

	first := route.Quote{Venue: "one", In: 3, Out: 2_000_000_000}
	first.Request = route.Request{From: sol.Mint, To: bsol.Mint}
	second := route.Quote{Venue: "two", In: 1_000_000_000, Out: 5}
	second.Request = route.Request{From: bsol.Mint, To: sol.Mint}
	q.Legs, q.IntermediateDust = []route.Quote{first, second}, 1_000_000_000
}

func checkReportJSON(
	t *testing.T, s *session, report *tradeReport, q route.Quote, out *bytes.Buffer,
) {
	t.Helper()
	failure := errors.New("did not land")
	require.Equal(t, failure, s.print(report, failure))
	var got tradeReport
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	report.checks = nil
	require.Equal(t, *report, got)
	require.Equal(t, "SOL", got.From)
	require.Equal(t, "bSOL", got.To)
	require.Equal(t, uint64(5_000), got.NetworkFee)
	require.Len(t, got.Steps, 3)
	require.Equal(t, "balance", got.Guard)
	require.Equal(t, q.Costs, got.Costs)
	require.Equal(t, q.Fees, got.Quotes[0].Fees)
	require.Equal(t, []unavailable{{"the third", "closed"}}, got.Rejected)
	require.Contains(t, out.String(), `"costs": []`, "the other route is free")
}

func checkReportText(t *testing.T, text string, q route.Quote, bsol lst.LST) {
	t.Helper()
	for _, want := range []string{
		"Routes at slot 342792000 (epoch 793)\n",
		"  the other",
		"  - the third: closed\n",
		"  at most      100.000000001 SOL\n",
		"  guard        the balance is checked within the transaction\n",
		"  advance      2 SOL, which comes back with the outcome\n",
		"  leg          0.000000003 SOL for 2 bSOL by one\n",
		"  leg          1 bSOL for 0.000000005 SOL by two\n",
		"  left over    1 bSOL, which stay with the owner\n",
		"  cost         0.000000007 SOL, a deposit, which comes back later\n",
		"  cost         0.000000008 SOL, a loss\n",
		"  fee          " + bsol.Format(q.Fees[0].Amount) +
			" bSOL (0.08 %, 8 bps), referral part of the SOL deposit fee\n",
		// A token outside the registry has unknown decimals.
		"  fee          5 base units of " + solana.PublicKey{7}.String() +
			" (50.00 %, 5000 bps), made up\n",
		"  note         something is assumed\n",
		"  next         something remains\n",
	} {
		containsAll(t, text, want)
	}

	require.Equal(t, 1, strings.Count(text, "Transaction\n"))
}

// TestSession_PrintNothing checks that print returns the error of a missing
// report.
func TestSession_PrintNothing(t *testing.T) {
	var out bytes.Buffer
	s, _, _ := startTest(t, &out, "-json")
	broken := errors.New("broken")
	require.Equal(t, broken, s.print(nil, broken))
	require.Empty(t, out.String())
}

func TestSession_Trade(t *testing.T) {
	var out bytes.Buffer
	s, _, bsol := startTest(t, &out, "-amount", "3")
	carry := func(from, to, venue string, details error) error {
		tokens, err := s.tokens(from, to)
		if err != nil {
			return err
		}

		tokens.Venue = venue
		tokens.Details = func(m *route.Market, q route.Quote) error {
			require.Contains(t, m.Tokens(), bsol)
			require.Equal(t, uint64(3_000_000_000), q.In)
			return details
		}

		return s.trade(t.Context(), tokens)
	}

	require.NoError(t, carry("SOL", "bSOL", "stake pool deposit", nil))
	market, err := s.Client.LoadMarket(t.Context(), bsol.Mint)
	require.NoError(t, err)
	want, err := market.Quote(route.Request{From: accounts.NativeMint, To: bsol.Mint,
		Amount: 3_000_000_000})
	require.NoError(t, err)
	require.Contains(t, out.String(), "  receive      "+bsol.Format(want.Out)+" bSOL\n")

	out.Reset()
	broken := errors.New("broken")
	for _, test := range []struct {
		from, to, venue string
		details, want   error
	}{
		{"SOL", "bSOL", "", broken, broken},
		{"SOL", "bSOL", "no such venue", nil, route.ErrNoRoute},
		{"nopeSOL", "bSOL", "", nil, lst.ErrUnknownLST},
		{"SOL", "nopeSOL", "", nil, lst.ErrUnknownLST},
		{"bSOL", "bSOL", "", nil, route.ErrSameToken},
	} {
		require.ErrorIs(t, carry(test.from, test.to, test.venue, test.details), test.want)
	}
}
