package e2e

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestReserve sells random stake accounts to the real Reserve, and adds and removes liquidity. Every lamport must go where the quote
// says, and what the quote refuses the program must refuse.
func TestReserve(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := &reserveRun{localnet: l, chain: l.chain(), reasons: map[string]int{}}
	for _, s := range []**txn.KeySigner{&r.user, &r.payer} {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		*s = key
		l.batch(setAccount(accounts.Account{Address: key.PublicKey(), Owner: accounts.SystemProgram, Lamports: 1_000_000 * sol}))
	}
	for i := range cases {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		q, pool := r.random(rng)
		switch i % 4 {
		case 0:
			r.addLiquidity(rng, q, pool)
		case 1:
			r.removeLiquidity(rng, q, pool)
		default:
			r.unstake(rng, q, pool)
		}
	}
	t.Logf("seed %d: %d executed as quoted, %d refused by quote and program: %v", seed, r.executed, r.refused, r.reasons)
}

type reserveRun struct {
	*localnet
	chain             figures.Chain
	figures           *figures.Reserve
	user, payer       *txn.KeySigner
	executed, refused int
	reasons           map[string]int
}

// random is a Reserve with random figures, and its addresses.
func (r *reserveRun) random(rng *rand.Rand) (quote.Reserve, instructions.Reserve) {
	r.figures = figures.RandomReserve(rng)
	q := r.figures.Quote(r.chain)
	pool, err := instructions.NewReserve(accounts.ReserveProgram, q.Address, &q.Pool, &q.ProtocolFee)
	require.NoError(r.t, err)
	return q, pool
}

// publish puts the Reserve and other accounts on chain.
func (r *reserveRun) publish(others ...accounts.Account) {
	all, err := r.figures.Accounts(r.chain.Rent)
	require.NoError(r.t, err)
	all = append(append(all, others...), accounts.Account{Address: r.user.PublicKey(), Owner: accounts.SystemProgram, Lamports: 1_000_000 * sol})
	var calls []call
	for _, a := range all {
		calls = append(calls, setAccount(a))
	}
	for _, reply := range r.batch(calls...) {
		require.Nil(r.t, reply.Error)
	}
}

func (r *reserveRun) send(ix solana.Instruction) error {
	plan := txn.Plan{
		Payer: r.payer.PublicKey(), Lifetime: lifetime(r.t, r.batch(latestBlockhash)[0]), Steps: []txn.Step{{Words: "Reserve", Instruction: ix}},
	}
	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user)
	require.NoError(r.t, err)
	return r.execute(signed)
}

// both says whether quote and execution agree that there is an outcome.
func (r *reserveRun) both(quoteErr, failure error) bool {
	require.Equal(r.t, quoteErr != nil, failure != nil, "quote: %v, execution: %v", quoteErr, failure)
	if quoteErr != nil {
		r.reasons[reason(quoteErr)]++
		r.refused++
		return false
	}
	r.executed++
	return true
}

func (r *reserveRun) lamports(set *accounts.Set, key solana.PublicKey) uint64 {
	a, err := set.Get(key)
	if err != nil {
		return 0
	}
	return a.Lamports
}

func (r *reserveRun) unstake(rng *rand.Rand, q quote.Reserve, pool instructions.Reserve) {
	t := r.t
	user, stakeKey := r.user.PublicKey(), figures.RandomKey(rng)
	lamports := figures.StoredRent + figures.RandomAmount(rng, q.Lamports+q.Lamports/20)
	if rng.IntN(3) == 0 {
		lamports = figures.StoredRent + rng.Uint64N(q.Lamports)
	}
	stake := figures.Delegated(user, figures.StoredRent, figures.RandomKey(rng), lamports-figures.StoredRent, r.chain.Clock.Epoch-rng.Uint64N(9))
	switch rng.IntN(12) {
	case 0:
		stake.State = accounts.StakeInitialized
	case 1:
		stake.Delegation.DeactivationEpoch = r.chain.Clock.Epoch - rng.Uint64N(2)
	case 2:
		stake.Lockup.Epoch = r.chain.Clock.Epoch + rng.Uint64N(2)
	case 3:
		stake.Withdrawer = figures.RandomKey(rng)
	case 4:
		stake.State = accounts.StakeUninitialized
	case 5:
		stake.Staker = figures.RandomKey(rng)
	}
	ix := instructions.Unstake{Reserve: pool, Owner: user, Stake: stakeKey, Destination: figures.RandomKey(rng), Wrapped: rng.IntN(3) == 0}
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	destination := accounts.Account{Address: ix.Destination, Owner: accounts.SystemProgram, Lamports: sol}
	if ix.Wrapped {
		destination = figures.TokenAccount(ix.Destination, accounts.NativeMint, figures.RandomKey(rng), 5, rent)
	}
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())
	others := []accounts.Account{{Address: stakeKey, Owner: accounts.StakeProgram, Lamports: lamports, Data: data}, destination}
	referrer := solana.PublicKey{}
	if rng.IntN(3) == 0 {
		referrer = figures.RandomKey(rng)
		ix.Referrer = &referrer
		others = append(others, accounts.Account{Address: referrer, Owner: accounts.SystemProgram, Lamports: sol})
	}
	record, err := accounts.ReserveRecordAddress(pool.Program, pool.Pool, stakeKey)
	require.NoError(t, err)
	inRecord := uint64(0)
	if rng.IntN(6) == 0 {
		inRecord = rng.Uint64N(2_000_000)
		others = append(others, accounts.Account{Address: record, Owner: accounts.SystemProgram, Lamports: inRecord})
	}
	r.publish(others...)
	want, quoteErr := q.Unstake(lamports, inRecord, ix.Referrer != nil)
	if err := q.Sellable(&stake, user); err != nil {
		quoteErr = err
	}
	built, err := ix.Build()
	require.NoError(t, err)
	keys := []solana.PublicKey{ix.Destination, q.Address, pool.SOL, q.ProtocolFee.Destination, stakeKey, record}
	if ix.Referrer != nil {
		keys = append(keys, referrer)
	}
	before := r.get(keys...)
	failure := r.send(built)
	if !r.both(quoteErr, failure) {
		return
	}
	after := r.get(keys...)
	state, err := accounts.Load(after, q.Address, accounts.DecodeReservePool)
	require.NoError(t, err)
	gained := func(key solana.PublicKey) uint64 { return r.lamports(after, key) - r.lamports(before, key) }
	require.Equal(t, want, quote.Unstake{
		In: lamports, Out: gained(ix.Destination), Fee: lamports - gained(ix.Destination),
		ProtocolFee: gained(q.ProtocolFee.Destination) + gainedIf(ix.Referrer != nil, gained, referrer), ReferrerFee: gainedIf(ix.Referrer != nil, gained, referrer),
		RecordRent: gained(record), Pool: *state, Lamports: r.lamports(after, pool.SOL),
	})
	noted, err := accounts.Load(after, record, accounts.DecodeReserveStakeAccountRecord)
	require.NoError(t, err)
	require.Equal(t, lamports, noted.LamportsAtCreation)
}

func gainedIf(there bool, gained func(solana.PublicKey) uint64, key solana.PublicKey) uint64 {
	if !there {
		return 0
	}
	return gained(key)
}

func (r *reserveRun) addLiquidity(rng *rand.Rand, q quote.Reserve, pool instructions.Reserve) {
	t := r.t
	tokens := figures.RandomKey(rng)
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	r.publish(figures.TokenAccount(tokens, pool.LPMint, r.user.PublicKey(), 0, rent))
	amount := figures.RandomAmount(rng, 500_000*sol)
	want, quoteErr := q.AddLiquidity(amount)
	ix, err := instructions.ReserveAddLiquidity{Reserve: pool, From: r.user.PublicKey(), Destination: tokens, Lamports: amount}.Build()
	require.NoError(t, err)
	if failure := r.send(ix); !r.both(quoteErr, failure) {
		return
	}
	account, err := accounts.Load(r.get(tokens), tokens, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	require.Equal(t, want, account.Amount)
}

func (r *reserveRun) removeLiquidity(rng *rand.Rand, q quote.Reserve, pool instructions.Reserve) {
	t := r.t
	tokens, destination := figures.RandomKey(rng), figures.RandomKey(rng)
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	r.publish(figures.TokenAccount(tokens, pool.LPMint, r.user.PublicKey(), q.LPSupply, rent),
		accounts.Account{Address: destination, Owner: accounts.SystemProgram, Lamports: sol})
	amount := figures.RandomAmount(rng, q.LPSupply+1)
	want, quoteErr := q.RemoveLiquidity(amount)
	ix, err := instructions.ReserveRemoveLiquidity{
		Reserve: pool, Authority: r.user.PublicKey(), Source: tokens, Destination: destination, LPTokens: amount,
	}.Build()
	require.NoError(t, err)
	if failure := r.send(ix); !r.both(quoteErr, failure) {
		return
	}
	require.Equal(t, want, r.lamports(r.get(destination), destination)-sol)
}
