package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_InsufficientFunds lets the real programs refuse trades of an owner
// without a token account, or with too small a balance. For every program, the
// error names the account.
func TestClient_InsufficientFunds(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	r := newWaysRun(l)
	said := make(map[string]int)
	for n := range 4 {
		s := r.random(rand.New(rand.NewPCG(seed, uint64(n))))
		spl, other := s.tokens[0].Mint, s.tokens[1].Mint
		mSOL, stSOL := s.tokens[2].Mint, s.tokens[3].Mint
		for _, request := range []route.Request{
			{From: spl, To: accounts.NativeMint},
			{From: spl, To: other},
			{From: spl, To: mSOL},
			{From: spl, To: route.NativeStake},
			{From: mSOL, To: accounts.NativeMint},
			{From: mSOL, To: route.NativeStake},
			{From: stSOL, To: accounts.NativeMint},
			{From: stSOL, To: route.NativeStake},
			{From: stSOL, To: other},
			{From: accounts.NativeMint, To: other, Options: route.Options{UseWSOL: true}},
		} {
			request.Amount, request.AllowPoolUpdate, request.MaxPrefund = 20*sol, true, 10*sol
			for _, tokens := range []uint64{0, 5} {
				if request.From == accounts.NativeMint && tokens != 0 {
					continue
				}

				r.publish(s, request.To, tokens, 0)
				l.batch(dropAccount(r.ata(accounts.NativeMint)))
				r.lacking(s, request, tokens, said,
					fmt.Sprintf("seed %d, case %d, %d tokens", seed, n, tokens))
			}
		}
	}

	for _, way := range sortedNames(said) {
		t.Logf("%3d %s", said[way], way)
	}

	require.Greater(t, len(said), 10)
}

// lacking tries all routes of a request without its input.
func (r *waysRun) lacking(
	s *scene,
	request route.Request,
	tokens uint64,
	said map[string]int,
	name string,
) {
	t, ctx := r.t, context.Background()
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(ctx, route.NewLoader(s.tokens...))
	require.NoError(t, err)
	quotes, _ := market.Quotes(request)
	account := r.ata(request.From)
	for _, q := range quotes {
		name := name + ": " + string(q.Venue)
		_, err := client.Build(ctx, q, sdk.BuildOptions{Owner: r.user.PublicKey()})
		if errors.Is(err, txn.ErrTransactionTooLarge) {
			continue
		}

		r.requireFunds(err, account, q, tokens, name)
		require.ErrorIs(t, err, sdk.ErrSimulation, name)
		var failure *progerr.TransactionError
		require.ErrorAs(t, err, &failure, name)
		what := failure.Detail
		if failure.Program != nil {
			what = failure.Program.ProgramName + " " + failure.Program.Name
		}

		said[fmt.Sprintf("%s with %d tokens: %s", q.Venue, tokens, what)]++

		// A node that refuses to forward it returns the same error.
		unsigned, err := client.Build(ctx, q,
			sdk.BuildOptions{Owner: r.user.PublicKey(), SkipSimulation: true, SkipPayerCheck: true})
		require.NoError(t, err, name)
		signed, err := unsigned.Sign(ctx, r.user)
		require.NoError(t, err, name)
		_, err = client.Send(ctx, signed)
		r.requireFunds(err, account, q, tokens, name)
		require.ErrorIs(t, err, sdk.ErrNotSent, name)
	}
}

// requireFunds checks that an error names the account and the missing amount.
func (r *waysRun) requireFunds(
	err error,
	account solana.PublicKey,
	q route.Quote,
	tokens uint64,
	name string,
) {
	var found *sdk.FundsError
	require.ErrorAs(r.t, err, &found, name)
	require.ErrorIs(r.t, err, progerr.ErrInsufficientFunds, name)
	require.Equal(r.t, account, found.Account, name)
	require.Equal(r.t, r.user.PublicKey(), found.Owner, name)
	require.Equal(r.t, q.Request.From, found.Mint, name)
	require.Equal(r.t, tokens == 0, found.Missing, name)
	require.Equal(r.t, tokens, found.Has, name)
	require.LessOrEqual(r.t, found.Needs, q.MaxIn, name)
	require.Greater(r.t, found.Needs, tokens, name)
}
