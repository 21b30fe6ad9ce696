package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// parse reads flags as an example does.
func parse(t *testing.T, args ...string) Flags {
	t.Helper()
	var f Flags
	set := flag.NewFlagSet("example", flag.ContinueOnError)
	f.Register(set)
	require.NoError(t, set.Parse(args))
	return f
}

// start makes a session on the embedded market.
func start(t *testing.T, out *bytes.Buffer, args ...string) (s *Session, sol, bsol lst.LST) {
	t.Helper()
	s, err := Start(parse(t, args...), out, out)
	require.NoError(t, err)
	sol, err = s.Registry.ByMint(accounts.NativeMint)
	require.NoError(t, err)
	bsol, err = s.Registry.Lookup("bSOL")
	require.NoError(t, err)
	return s, sol, bsol
}

func TestFlags(t *testing.T) {
	require.Equal(t, Flags{Amount: "1", SlippageBps: 10}, parse(t))
	require.Equal(t, Flags{
		RPC: "http://x", Keypair: "k", Amount: "2", List: "l", SlippageBps: 3, ExactOut: true, Crank: true, Send: true, JSON: true,
	}, parse(t, "-rpc", "http://x", "-keypair", "k", "-amount", "2", "-lsts", "l", "-slippage-bps", "3", "-exact-out", "-crank", "-send", "-json"))
}

func TestRequest(t *testing.T) {
	var out bytes.Buffer
	s, sol, bsol := start(t, &out, "-amount", "2.5", "-slippage-bps", "7", "-crank")
	amount, err := s.Amount(sol, bsol)
	require.NoError(t, err)
	require.Equal(t, route.Request{From: sol.Mint, To: bsol.Mint, Amount: 2_500_000_000, SlippageBps: 7, Crank: true}, s.Request(sol, bsol, amount))

	s, sol, bsol = start(t, &out, "-amount", "0.5", "-exact-out")
	require.Equal(t, route.ExactOut, s.Request(sol, bsol, 1).Side)
	// The amount is of what is received.
	coarse := bsol
	coarse.Decimals = 1
	amount, err = s.Amount(sol, coarse)
	require.NoError(t, err)
	require.Equal(t, uint64(5), amount)

	options := s.BuildOptions()
	require.Equal(t, s.Owner.PublicKey(), options.Owner)
	require.True(t, options.SkipSimulation, "the embedded market executes nothing")
	other, _, _ := start(t, &out)
	require.NotEqual(t, other.Owner.PublicKey(), s.Owner.PublicKey(), "a key for each run")
}

// TestFinish shows a trade whose fees, tokens and conditions are all there.
func TestFinish(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out bytes.Buffer
		args := []string{"-amount", "100"}
		if asJSON {
			args = append(args, "-json")
		}
		s, sol, bsol := start(t, &out, args...)
		market, err := s.Client.Market(t.Context(), bsol.Mint)
		require.NoError(t, err)
		r := s.Request(sol, bsol, 100_000_000_000)
		r.Referrer = solana.PublicKey{9}
		q, err := market.Quote(r)
		require.NoError(t, err)
		q.Conditions = []string{"something is assumed"}
		q.Fees = append(q.Fees, route.Fee{Name: "made up", Amount: 5, Mint: solana.PublicKey{7}, Rate: "1/2"})
		unsigned, err := s.Client.Build(t.Context(), q, s.BuildOptions())
		require.NoError(t, err)
		detailed := false
		require.NoError(t, s.finish(t.Context(), sol, bsol, q, unsigned, func() error { detailed = true; return nil }))
		require.Equal(t, !asJSON, detailed)
		if asJSON {
			var report Report
			require.NoError(t, json.Unmarshal(out.Bytes(), &report))
			require.Equal(t, q.Conditions, report.Conditions)
			require.Equal(t, q.Fees, report.Fees)
			require.Equal(t, uint64(5_000), report.NetworkFee)
			require.Len(t, report.Steps, 3)
			require.Equal(t, "SOL", report.From)
			require.Equal(t, "bSOL", report.To)
			continue
		}
		text := out.String()
		require.Contains(t, text, "  referral part of the SOL deposit fee: "+bsol.Format(q.Fees[0].Amount)+" bSOL (100/100 of 8/10000)\n")
		require.Contains(t, text, "  made up: 5 "+solana.PublicKey{7}.String()+" (1/2)\n", "a token that is not in the list")
		require.Contains(t, text, "  note: something is assumed\n")
		require.NotContains(t, text, "fees       none")
		require.Equal(t, 1, strings.Count(text, "Transaction\n"))
	}
}

func TestTrade(t *testing.T) {
	var out bytes.Buffer
	s, _, bsol := start(t, &out, "-amount", "3")
	var quoted route.Quote
	require.NoError(t, s.Trade(t.Context(), "SOL", "bSOL", "stake pool deposit", func(m *route.Market, q route.Quote) error {
		require.Contains(t, m.Tokens(), bsol)
		quoted = q
		return nil
	}))
	require.Equal(t, uint64(3_000_000_000), quoted.In)
	require.Contains(t, out.String(), "  receive    "+bsol.Format(quoted.Out)+" bSOL\n")

	out.Reset()
	broken := errors.New("broken")
	require.ErrorIs(t, s.Trade(t.Context(), "SOL", "bSOL", "", func(*route.Market, route.Quote) error { return broken }), broken)
	nothing := func(*route.Market, route.Quote) error { return nil }
	require.ErrorIs(t, s.Trade(t.Context(), "SOL", "bSOL", "no such venue", nothing), route.ErrNoRoute)
	require.ErrorIs(t, s.Trade(t.Context(), "nopeSOL", "bSOL", "", nothing), lst.ErrUnknown)
	require.ErrorIs(t, s.Trade(t.Context(), "SOL", "nopeSOL", "", nothing), lst.ErrUnknown)
	require.ErrorIs(t, s.Trade(t.Context(), "bSOL", "bSOL", "", nothing), route.ErrSameToken)
}
