package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_MaxInput asks for the largest amount of random requests and
// executes it to the lamport. Where the funds are the limit, one unit more must
// fail: SOL leaves less than a wallet may hold, and tokens are not there. Where
// the market is the limit, it refuses one unit more.
func TestClient_MaxInput(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	r := &maxInputRun{waysRun: newWaysRun(l), limits: make(map[string]int)}
	for i := range int(envUint(t, casesVariable, defaultCases)) {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), i)
	}

	for _, name := range sortedNames(r.limits) {
		t.Logf("%4d %s", r.limits[name], name)
	}

	for _, venue := range sortedNames(r.executed) {
		t.Logf("%-30s %4d executed", venue, r.executed[venue].count)
	}
}

// maxInputRun is a waysRun that trades the most there is.
type maxInputRun struct {
	*waysRun
	limits map[string]int
}

func (r *maxInputRun) one(rng *rand.Rand, i int) {
	t := r.t
	ctx := context.Background()
	s := r.random(rng)
	request := r.request(rng, s, i)
	request.SwapMode = route.ExactIn
	tokens := 1 + figures.RandomAmount(rng, 2_000*sol)
	held := uint64(rng.IntN(2)) * 5
	r.publish(s, request.To, tokens, held)
	lamports := figures.RandomAmount(rng, 500*sol) + 900_000
	if i%4 == 3 {
		lamports = 900_000 + rng.Uint64N(8_000_000)
	}

	r.fund(lamports)
	registry, err := lst.Default().With(s.tokens...)
	require.NoError(t, err)
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}), sdk.WithRegistry(registry))
	require.NoError(t, err)
	o := sdk.TradeOptions{Options: request.Options, BuildOptions: sdk.BuildOptions{
		Owner: r.user.PublicKey(), Priority: sdk.PriorityFee{None: true}}}
	signers := []txn.Signer{r.user}
	if i%3 == 2 {
		o.Payer = r.payer.PublicKey()
		signers = append(signers, r.payer)
	}

	q, err := client.MaxInput(ctx, request.From, request.To, o)
	var poor *sdk.PayerError
	if errors.As(err, &poor) && poor.Payer == o.Owner {
		r.limits["too little SOL, enough with what the error names"]++
		r.fund(poor.Needed)
		lamports = poor.Needed
		q, err = client.MaxInput(ctx, request.From, request.To, o)
		require.NotErrorIs(t, err, sdk.ErrPayerCannotPay)
	}

	if err != nil {
		r.limits["refused: "+reason(err)]++
		return
	}

	name := string(q.Venue)
	require.Equal(t, q.In, q.Request.Amount)
	r.more(client, s, q, o, lamports, tokens)
	if q.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		o.StakeKeypair = key
	}

	unsigned, err := client.Build(ctx, q, o.BuildOptions)
	require.NoError(t, err, "case %d, %s: %d", i, name, q.In)
	signed, err := unsigned.Sign(ctx, signers...)
	require.NoError(t, err)
	_, err = client.Send(ctx, signed)
	require.NoError(t, err, "case %d, %s: %d", i, name, q.In)
	e := r.executed[name]
	e.count++
	r.executed[name] = e
	left := lamportsIn(r.get(r.user.PublicKey()), r.user.PublicKey())
	empty, _ := rents(t, r.chain)
	if request.From == accounts.NativeMint {
		require.GreaterOrEqual(t, left, empty)
		if left == empty {
			r.limits["all SOL but the wallet's minimum"]++
		}
	}
}

// fund sets the lamports of the user.
func (r *maxInputRun) fund(lamports uint64) {
	r.batch(setAccount(accounts.Account{Address: r.user.PublicKey(),
		Owner: accounts.SystemProgram, Lamports: lamports}))
}

// more requires that one unit more than the quote cannot be traded on the same
// route.
func (r *maxInputRun) more(
	client *sdk.Client, s *scene, q route.Quote, o sdk.TradeOptions, lamports, tokens uint64,
) {
	t := r.t
	ctx := context.Background()
	request := q.Request
	request.Amount++
	market, err := client.LoadMarketForRequest(ctx, request)
	require.NoError(t, err)
	next, served := venueQuote(market, request, string(q.Venue))
	if !served {
		r.limits["the market refuses more"]++
		return
	}

	if request.From == accounts.NativeMint && q.UpfrontRent > 0 {
		r.limits["SOL, with rent that returns"]++
		return
	}

	_, err = client.Build(ctx, next, o.BuildOptions)
	switch request.From {
	case s.stake.Address:
		require.Failf(t, "more than the account holds", "%s: %d of %d", q.Venue, request.Amount,
			s.stake.Lamports)
	case accounts.NativeMint:
		r.limits["SOL"]++
		require.Error(t, err, "%s: %d of %d lamports", q.Venue, request.Amount, lamports)
	default:
		r.limits["tokens"]++
		require.Equal(t, tokens, q.In)
		require.Error(t, err)
	}
}
