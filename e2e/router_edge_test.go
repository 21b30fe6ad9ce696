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
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// routerEdges is a run at the server's own rent.
func routerEdges(t *testing.T, op string) *routerRun {
	l := connect(t)
	if l.programHash(accounts.RouterProgram) == "" {
		t.Skip("the Router is not deployed on this server")
	}
	hashes := map[solana.PublicKey]string{
		accounts.SanctumMultiStakePoolProgram: l.programHash(accounts.SanctumMultiStakePoolProgram),
	}
	return newRouterRun(l, l.chain(), hashes, op, false)
}

// TestRouter_FeeTokenAccount creates the fee token account of a mint. The
// account owns itself, and only one can exist.
func TestRouter_FeeTokenAccount(t *testing.T) {
	r := routerEdges(t, "")
	pool, err := figures.RandomStakePool(rand.New(rand.NewPCG(1, rand.Uint64())),
		accounts.SanctumMultiStakePoolProgram, r.chain)
	require.NoError(t, err)
	published, err := pool.Accounts(r.chain.Rent)
	require.NoError(t, err)
	for _, a := range published {
		r.batch(setAccount(a))
	}

	create := func() error {
		ix, err := instructions.RouterCreateFeeTokenAccount{
			Program: accounts.RouterProgram, Payer: r.payer.PublicKey(), Mint: pool.State.PoolMint,
		}.Build()
		require.NoError(t, err)
		return r.sendOne(ix)
	}

	require.NoError(t, create())
	key, err := accounts.RouterFeeTokenAccount(accounts.RouterProgram, pool.State.PoolMint)
	require.NoError(t, err)
	token, err := accounts.Load(r.get(key), key, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	require.Equal(t, key, token.Owner)
	require.Equal(t, pool.State.PoolMint, token.Mint)
	require.Error(t, create())
}

func (r *routerRun) sendOne(ix solana.Instruction) error {
	plan := txn.Plan{
		Payer:    r.payer.PublicKey(),
		Lifetime: lifetime(r.t, r.batch(latestBlockhash)[0]),
		Steps:    []txn.Step{{Description: "Router", Instruction: ix}},
	}
	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user)
	require.NoError(r.t, err)
	return r.execute(signed)
}

// TestRouter_StakeWrappedSolEdges checks that the Router's bridge must hold the
// rent of a token account, and that the fee token account must exist.
func TestRouter_StakeWrappedSolEdges(t *testing.T) {
	r := routerEdges(t, golden.StakeWrappedSOL)
	tokenRent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	systemRent, err := r.chain.Rent.MinimumBalance(0)
	require.NoError(t, err)
	bridge, err := accounts.RouterSOLBridgeOut(accounts.RouterProgram)
	require.NoError(t, err)
	for _, test := range []struct {
		name   string
		bridge uint64
		noFees bool
		want   bool
	}{
		{name: "plenty", bridge: sol, want: true},
		{name: "both rents", bridge: tokenRent + systemRent, want: true},
		{name: "less than both rents", bridge: tokenRent + systemRent - 1, want: true},
		{name: "rent of a token account", bridge: tokenRent, want: true},
		{name: "less than that", bridge: tokenRent - 1},
		{name: "no fee token account", bridge: sol, noFees: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r.t = t
			rng := rand.New(rand.NewPCG(rand.Uint64(), 3))
			pool, err := figures.RandomStakePool(rng, accounts.SanctumMultiStakePoolProgram,
				r.chain)
			require.NoError(t, err)
			m := &golden.RouterMarket{To: pool}
			c := &golden.RouterCase{
				Op:              golden.StakeWrappedSOL,
				LamportsPerByte: r.chain.Rent.LamportsPerByte,
				User:            r.user.PublicKey(),
				Source:          figures.RandomKey(rng),
				Destination:     figures.RandomKey(rng),
				Amount:          100 * sol,
				ToBuild:         r.hashes[pool.Program],
			}

			_, _, err = c.Quote(m, r.chain)
			require.NoError(t, err)
			keys := r.prepare(rng, m, c)
			r.batch(setAccount(accounts.Account{Address: bridge, Owner: accounts.SystemProgram,
				Lamports: test.bridge}))
			if test.noFees {
				r.batch(dropAccount(keys.fees))
			}

			ix, err := c.BuildInstruction(m)
			require.NoError(t, err)
			failure := r.sendOne(ix)
			require.Equal(t, test.want, failure == nil, "%v", failure)
			if quoteErr := quote.RouterSOLBridge(bridge, test.bridge, r.chain.Rent); !test.noFees {
				require.Equal(t, failure != nil, quoteErr != nil)
			}
		})
	}
}

// TestRouter_Rents checks that one lamport less than the rent of a stake
// account in the bridge, or than two of them in the prefunder, is too little.
func TestRouter_Rents(t *testing.T) {
	for _, test := range []struct {
		op   string
		want error
	}{{golden.SwapViaStake, quote.ErrStakeAccount},
		{golden.PrefundWithdrawStake, quote.ErrRouterFunds}} {
		t.Run(test.op, func(t *testing.T) {
			r := routerEdges(t, test.op)
			rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
			require.NoError(t, err)
			for _, missing := range []uint64{0, 1} {
				rng := rand.New(rand.NewPCG(7, 3))
				from, err := figures.RandomStakePool(rng, accounts.SanctumMultiStakePoolProgram,
					r.chain)
				require.NoError(t, err)
				v := &from.Validators[0]
				const stake = 1_000 * sol
				from.State.TotalLamports += stake
				v.Entry.ActiveStakeLamports += stake
				v.Active.Lamports += stake
				v.Active.Account.Delegation.Stake += stake
				m := &golden.RouterMarket{From: from, Reserve: figures.RandomReserve(rng)}
				m.Reserve.Lamports = 1_000_000 * sol
				m.Reserve.Fee = accounts.ReserveFee{Flat: accounts.Ratio{Numerator: 1,
					Denominator: 1000}}
				c := &golden.RouterCase{
					Op:              test.op,
					LamportsPerByte: r.chain.Rent.LamportsPerByte,
					User:            r.user.PublicKey(),
					Source:          figures.RandomKey(rng),
					Destination:     figures.RandomKey(rng),
					Amount:          100 * sol,
					FromBuild:       r.hashes[from.Program],
					BridgeSeed:      rand.Uint32(),
				}
				if test.op == golden.SwapViaStake {
					c.Held = rent - missing
				} else {
					c.Prefunder = 2*rent - missing
				}

				_, _, quoteErr := c.Quote(m, r.chain)
				keys := r.prepare(rng, m, c)
				require.NotEmpty(t, keys.all)
				ix, err := c.BuildInstruction(m)
				require.NoError(t, err)
				failure := r.send(rng, c, ix)
				if missing == 0 {
					require.NoError(t, quoteErr)
					require.NoError(t, failure)
					continue
				}

				require.ErrorIs(t, quoteErr, test.want)
				require.Error(t, failure)
			}
		})
	}
}
