package e2e

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_Swap trades through the client: native SOL and wrapped SOL, LSTs
// and INF, exact in and exact out, with the owner or a sponsor as payer. Input
// and output must match the quote, and the temporary wSOL account must be
// closed.
func TestClient_Swap(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.InfinityProgram) == "" {
		t.Skip("Infinity is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	for _, pricing := range []solana.PublicKey{accounts.FlatFeeProgram, accounts.FlatSlabProgram} {
		r := newInfinityRun(l, l.chain(), pricing)
		for i := range 30 {
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			r.newMarket(rng)
			r.swapThroughClient(rng, i)
		}
	}
}

// openMarket makes every token of the market tradable and puts it on chain.
func (r *infinityRun) openMarket(rng *rand.Rand) *lst.Registry {
	t := r.t
	f := &r.market.Infinity
	f.Pool.IsDisabled, f.Pool.IsRebalancing = false, false
	f.Lido.ExchangeRate.ComputedInEpoch = r.chain.Clock.Epoch
	f.Marinade.Paused, f.Marinade.WithdrawStakeAccountEnabled = false, true
	for i := range f.Holdings {
		f.Holdings[i].Entry.IsInputDisabled = false
		f.Holdings[i].Reserves += 10_000 * sol
	}

	f.LPMint.Supply = max(f.LPMint.Supply, sol)
	registry := lst.Default()
	kinds := map[solana.PublicKey]lst.Kind{
		accounts.StakePoolProgram:             lst.KindSPL,
		accounts.SanctumStakePoolProgram:      lst.KindSanctumSPL,
		accounts.SanctumMultiStakePoolProgram: lst.KindSanctumSPLMulti,
	}

	for i := range r.market.StakePools {
		pool := &r.market.StakePools[i]
		pool.State.LastUpdateEpoch = r.chain.Clock.Epoch
		var err error
		registry, err = registry.With(lst.LST{
			Symbol:        "test" + pool.State.PoolMint.String()[:6],
			Name:          "Test",
			Mint:          pool.State.PoolMint,
			Decimals:      9,
			TokenProgram:  accounts.TokenProgram,
			Kind:          kinds[pool.Program],
			Program:       pool.Program,
			Pool:          pool.Address,
			ValidatorList: pool.State.ValidatorList,
		})

		require.NoError(t, err)
	}

	r.publish(rng)

	return registry
}

func (r *infinityRun) publish(_ *rand.Rand) {
	t := r.t
	all, err := r.market.Infinity.Accounts(r.chain.Rent)
	require.NoError(t, err)
	for i := range r.market.StakePools {
		pool, err := r.market.StakePools[i].Accounts(r.chain.Rent)
		require.NoError(t, err)
		all = append(all, pool...)
	}

	var calls []call
	for _, a := range all {
		calls = append(calls, setAccount(a))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}
}

func (r *infinityRun) swapThroughClient(rng *rand.Rand, i int) {
	t := r.t
	ctx := context.Background()
	registry := r.openMarket(rng)
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
	require.NoError(t, err)
	from, to := r.mints[rng.IntN(len(r.mints))], r.mints[rng.IntN(len(r.mints))]
	switch i % 3 {
	case 0:
		from = accounts.NativeMint
	case 1:
		to = accounts.NativeMint
	}

	if from == to {
		return
	}

	request := route.Request{
		From:   from,
		To:     to,
		Amount: sol + rng.Uint64N(100*sol),
		Options: route.Options{SlippageBps: 50, SwapMode: route.SwapMode(i / 3 % 2),
			UseWSOL: i%5 == 4},
	}

	market, err := client.LoadMarket(ctx, from, to)
	require.NoError(t, err)
	quotes, rejected := market.Quotes(request)
	at := -1
	for n, q := range quotes {
		if q.Venue == "Infinity" {
			at = n
		}
	}

	if at < 0 {
		// Random rebates and fees leave some pairs without a price.
		require.NotEmpty(t, rejected)
		return
	}

	q := quotes[at]
	owner, payer := r.user.PublicKey(), r.user.PublicKey()
	signers := []txn.Signer{r.user}
	if i%2 == 0 {
		payer = r.payer.PublicKey()
		signers = append(signers, r.payer)
	}

	holdings := r.fund(owner, from, to, q.MaxIn, request.UseWSOL)
	unsigned, err := client.Build(ctx, q, sdk.BuildOptions{Owner: owner, Payer: payer})
	require.NoError(t, err, "%s -> %s, %+v", from, to, request)
	signed, err := unsigned.Sign(ctx, signers...)
	require.NoError(t, err)
	before := holdings()
	receipt, err := client.Send(ctx, signed)
	require.NoError(t, err)
	after := holdings()
	paid, received := before.from-after.from, after.to-before.to
	// The owner pays the network only as the payer, and the rent of a new token
	// account.
	if payer == owner {
		costs := receipt.Fee + after.created
		if from == accounts.NativeMint && !request.UseWSOL {
			paid -= costs
		}

		if to == accounts.NativeMint && !request.UseWSOL {
			received += costs
		}
	}

	require.Equal(t, q.In, paid, "%s -> %s, %+v", from, to, request)
	require.Equal(t, q.Out, received, "%s -> %s, %+v", from, to, request)
	t.Logf("%d bytes, %d compute units, estimated %d", unsigned.Size(), receipt.UnitsConsumed,
		unitsOf(unsigned))
	for _, step := range unsigned.Steps() {
		for _, meta := range step.Instruction.Accounts() {
			if meta.PublicKey == temporary(t, step) {
				_, err := r.get(meta.PublicKey).Get(meta.PublicKey)
				require.ErrorIs(t, err, accounts.ErrNotFound,
					"the temporary account is left behind")
			}
		}
	}
}

func unitsOf(u *txn.Unsigned) (total uint32) {
	for _, s := range u.Steps() {
		total += s.ComputeUnits
	}
	return total
}

// temporary returns the account that a step creates with a seed, if it does.
func temporary(t testing.TB, step txn.Step) solana.PublicKey {
	data, err := step.Instruction.Data()
	require.NoError(t, err)
	if step.Instruction.ProgramID() == accounts.SystemProgram && data[0] == 3 {
		return step.Instruction.Accounts()[1].PublicKey
	}
	return solana.PublicKey{1}
}

// holding has the owner's balances of the two tokens of a trade.
type holding struct {
	from, to uint64
	// created is the rent of token accounts that exist now.
	created uint64
}

// fund gives the owner the required amounts, and returns a function that reads
// the owner's balances.
func (r *infinityRun) fund(
	owner, from, to solana.PublicKey,
	amount uint64,
	wrapped bool,
) func() holding {
	t := r.t
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	ata := func(mint solana.PublicKey) solana.PublicKey {
		address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
		require.NoError(t, err)
		return address
	}

	calls := []call{dropAccount(ata(to)), dropAccount(ata(from))}
	mint := accounts.Mint{Supply: 1 << 60, Decimals: 9, MintAuthority: &owner}
	for _, address := range []solana.PublicKey{accounts.MSOLMint, accounts.StSOLMint} {
		calls = append(calls, setAccount(accounts.Account{
			Address:  address,
			Owner:    accounts.TokenProgram,
			Lamports: sol,
			Data:     mint.Encode(),
		}))
	}

	if from != accounts.NativeMint || wrapped {
		calls = append(calls,
			setAccount(figures.TokenAccount(ata(from), from, owner, amount, rent)))
	}

	r.batch(calls...)

	return func() holding {
		set := r.get(owner, ata(from), ata(to))
		read := func(mint solana.PublicKey) uint64 {
			address := ata(mint)
			if mint == accounts.NativeMint && !wrapped {
				a, err := set.Get(owner)
				require.NoError(t, err)
				return a.Lamports
			}

			a, err := set.Get(address)
			if err != nil {
				return 0
			}

			token, err := accounts.DecodeTokenAccount(a)
			require.NoError(t, err)

			return token.Amount
		}

		h := holding{from: read(from), to: read(to)}
		if _, err := set.Get(ata(to)); err == nil {
			h.created = rent
		}

		return h
	}
}
