package e2e

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// discoverRun launches pools with the real programs and trades their tokens
// with clients that know nothing but the mint.
type discoverRun struct {
	*localnet
	user *txn.KeySigner
	// votes are the vote accounts of all pools, so that stake of one can be
	// deposited into another.
	votes []solana.PublicKey
	// before is the pool of the case before.
	before *operatorWorld
	// described is the number of pools with metadata. Each has another name.
	described int
	// executed counts the trades by venue.
	executed map[string]int
}

// TestClient_DiscoverLaunched launches random pools, and trades the token of
// each at once, known by its mint alone: SOL for it, it for stake, that stake
// for it, it for SOL, and it for the token of another pool that was launched in
// the test. Every lamport and token must match the quote.
func TestClient_DiscoverLaunched(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, 60))
	user, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	r := &discoverRun{
		localnet: l,
		user:     user,
		executed: make(map[string]int),
	}

	l.batch(setAccount(accounts.Account{Address: user.PublicKey(),
		Owner: accounts.SystemProgram, Lamports: 1_000_000 * sol}))
	var programs []solana.PublicKey
	for _, program := range accounts.StakePoolPrograms() {
		if l.programHash(program) != "" {
			programs = append(programs, program)
		}
	}

	for i := range cases {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		w := r.launch(rng, programs[i%len(programs)])
		r.openRoutes(rng, w)
		r.trade(rng, w, fmt.Sprintf("seed %d, case %d", seed, i))
		r.before = w
	}

	t.Logf("seed %d: %d pools launched and discovered", seed, cases)
	for _, venue := range sortedNames(r.executed) {
		t.Logf("%-30s %4d executed as quoted", venue, r.executed[venue])
	}

	for _, venue := range []route.Venue{route.VenueStakePoolDeposit, route.VenueStakeWithdrawal,
		route.VenueStakeDeposit} {
		require.Equal(t, cases, r.executed[string(venue)], venue)
	}

	require.NotZero(t, r.executed[string(route.VenueStakeWithdrawalToDeposit)])
}

// launch launches a pool with random fees, one or two validators and SOL in the
// reserve, with metadata or without.
func (r *discoverRun) launch(rng *rand.Rand, program solana.PublicKey) *operatorWorld {
	w := newOperatorWorld(r.localnet, program, rng.Uint64())
	if r.votes == nil {
		r.votes = w.votes
	}

	w.votes = r.votes
	if rng.IntN(2) == 0 {
		w.tokenProgram = accounts.Token2022Program
	}

	w.derive()
	initialize := launchFees
	initialize.Pool = w.pool
	initialize.Manager, initialize.Staker = w.manager.PublicKey(), w.staker.PublicKey()
	initialize.WithdrawalFee = accounts.Fee{Numerator: rng.Uint64N(10), Denominator: 1000}
	initialize.DepositFee = accounts.Fee{Numerator: rng.Uint64N(10), Denominator: 1000}
	initialize.MaxValidators = 1 + rng.Uint32N(3)
	w.launch(initialize, w.rent+w.minimum)
	for i := range 1 + rng.IntN(int(min(initialize.MaxValidators, 2))) {
		if i > 0 {
			w.depositSOL(10 * sol)
		}

		w.do(instructions.StakePoolAddValidator{
			Pool:        w.pool,
			Staker:      w.staker.PublicKey(),
			VoteAccount: w.votes[i],
			Seed:        rng.Uint32N(2) * rng.Uint32(),
		})
	}

	w.depositSOL(1_000*sol + rng.Uint64N(1_000*sol))
	w.do(instructions.StakePoolIncreaseValidatorStake{
		StakePoolValidator: w.of(w.votes[0]),
		Lamports:           400*sol + rng.Uint64N(100*sol),
		TransientSeed:      rng.Uint64(),
	})

	if rng.IntN(2) == 0 {
		r.described++
		r.describe(w, fmt.Sprintf("launch%dSOL", r.described),
			fmt.Sprintf("Launched Staked SOL %d", r.described))
	}

	w.nextEpoch()
	if r.before != nil {
		r.before.update(w.chain().Clock.Epoch)
	}

	return w
}

// openRoutes puts a random Reserve on chain, and the accounts of the Router for
// the token, if the Router trades tokens of its program.
func (r *discoverRun) openRoutes(rng *rand.Rand, w *operatorWorld) {
	rent := w.chain().Rent
	reserve := figures.RandomReserve(rng)
	reserve.Address = accounts.ReservePoolAddress
	all, err := reserve.Accounts(rent)
	require.NoError(r.t, err)

	mints := []solana.PublicKey{accounts.NativeMint}
	if w.tokenProgram == accounts.TokenProgram {
		mints = append(mints, w.pool.Mint)
	}

	router := figures.Router{Prefunder: sol, SOLBridge: sol}
	more, err := router.Accounts(rent, mints...)
	require.NoError(r.t, err)
	var calls []call
	for _, account := range append(all, more...) {
		calls = append(calls, setAccount(account))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(r.t, reply.Error)
	}
}

// describe stores what the token calls itself, in the form of its program.
func (r *discoverRun) describe(w *operatorWorld, symbol, name string) {
	if w.tokenProgram == accounts.Token2022Program {
		data := append(w.manager.PublicKey().Bytes(), w.pool.Mint[:]...)
		for _, text := range []string{name, symbol, "https://a.b/c"} {
			data = binary.LittleEndian.AppendUint32(data, uint32(len(text)))
			data = append(data, text...)
		}

		r.changeMint(w, func(mint *accounts.Mint) {
			mint.Extensions = []accounts.Extension{
				{Type: accounts.ExtensionMetadataPointer,
					Data: append(make([]byte, 32), w.pool.Mint[:]...)},
				{Type: accounts.ExtensionTokenMetadata,
					Data: binary.LittleEndian.AppendUint32(data, 0)},
			}
		})

		return
	}

	address, err := accounts.TokenMetadataAddress(w.pool.Mint)
	require.NoError(r.t, err)
	r.batch(setAccount(accounts.Account{
		Address:  address,
		Owner:    accounts.TokenMetadataProgram,
		Lamports: sol,
		Data: accounts.TokenMetadata{
			UpdateAuthority: w.manager.PublicKey(),
			Mint:            w.pool.Mint,
			Name:            name + "\x00\x00",
			Symbol:          symbol + "\x00",
			URI:             "https://a.b/c\x00",
		}.Encode(),
	}))
}

// changeMint changes the account of the mint.
func (r *discoverRun) changeMint(w *operatorWorld, change func(*accounts.Mint)) {
	account, err := r.get(w.pool.Mint).Get(w.pool.Mint)
	require.NoError(r.t, err)
	mint, err := accounts.DecodeMint(account)
	require.NoError(r.t, err)
	change(mint)
	account.Data = mint.Encode()
	account.Lamports = sol
	r.batch(setAccount(account))
}

// trade makes all trades of a new token, each with a client of its own.
func (r *discoverRun) trade(rng *rand.Rand, w *operatorWorld, name string) {
	mint := w.pool.Mint
	options := func() sdk.TradeOptions {
		o := sdk.TradeOptions{BuildOptions: sdk.BuildOptions{
			Owner: r.user.PublicKey(),
			Payer: w.payer.PublicKey(),
			Seed:  fmt.Sprintf("%x", rng.Uint32()),
		}}

		o.NoSlippage = true

		return o
	}

	ctx := context.Background()
	unsigned, q, err := r.client(nil).Stake(ctx, mint, 20*sol+rng.Uint64N(100*sol), options())
	r.execute(w, unsigned, q, err, r.tokens(w), name+": stake")
	part := q.Out / 4

	withdraw := func() {
		o := options()
		stake, err := accounts.SeededStakeAccount(o.Owner, o.Seed)
		require.NoError(r.t, err)
		unsigned, q, err := r.client(nil).WithdrawStake(ctx, mint, part, o)
		r.execute(w, unsigned, q, err, r.stake(stake), name+": withdraw stake")
		unsigned, q, err = r.client(nil).DepositStake(ctx, stake, mint, w.lamports(stake),
			options())
		r.execute(w, unsigned, q, err, r.tokens(w), name+": deposit stake")
	}

	unstake := func() {
		r.everyRoute(w, mint, accounts.NativeMint, part, options, r.lamports, name+": unstake")
	}

	// With a payer of its own, a swap by way of stake does not fit.
	alone := func() sdk.TradeOptions {
		o := options()
		o.Payer = o.Owner
		return o
	}

	swap := func() {
		if r.before != nil {
			r.everyRoute(w, mint, r.before.pool.Mint, part, alone, r.tokens(r.before),
				name+": swap")
		}
	}

	flows := []func(){withdraw, unstake, swap}
	rng.Shuffle(len(flows), func(i, j int) { flows[i], flows[j] = flows[j], flows[i] })
	for _, flow := range flows {
		flow()
	}
}

// everyRoute trades a part of an amount by each route that a new client finds.
func (r *discoverRun) everyRoute(
	w *operatorWorld, from, to solana.PublicKey, amount uint64, options func() sdk.TradeOptions,
	held func() uint64, name string,
) {
	ctx := context.Background()
	request := route.Request{
		From:    from,
		To:      to,
		Amount:  amount,
		Options: options().Options,
	}

	quotes := func(client *sdk.Client) []route.Quote {
		market, err := client.LoadMarketForRequest(ctx, request)
		require.NoError(r.t, err, name)
		quotes, _ := market.Quotes(request)
		return quotes
	}

	venues := quotes(r.client(nil))
	require.NotEmpty(r.t, venues, name)
	request.Amount = amount / uint64(len(venues))
	for i := range venues {
		client := r.client(nil)
		for _, q := range quotes(client) {
			if q.Venue == venues[i].Venue {
				unsigned, err := client.Build(ctx, q, options().BuildOptions)
				r.execute(w, unsigned, q, err, held, name)
			}
		}
	}
}

// client returns a new client with the built-in list that discovers tokens.
func (r *discoverRun) client(known *lst.Registry) *sdk.Client {
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}),
		sdk.WithDiscovery(sdk.DiscoveryOptions{Known: known}))
	require.NoError(r.t, err)
	return client
}

// execute executes a trade whose fees the payer pays, and compares what the
// user receives with the quote.
func (r *discoverRun) execute(
	w *operatorWorld, unsigned *txn.Unsigned, q route.Quote, err error, held func() uint64,
	name string,
) {
	t := r.t
	require.NoError(t, err, name)
	require.True(t, q.Exact, name)
	signers := []txn.Signer{r.user}
	if len(unsigned.Signers()) > 1 {
		signers = append(signers, w.payer)
	}

	signed, err := unsigned.Sign(context.Background(), signers...)
	require.NoError(t, err, name)

	before := held()
	require.NoError(t, r.localnet.execute(signed), name)
	require.Equal(t, q.Out, held()-before, "%s: %s", name, q.Venue)
	r.executed[string(q.Venue)]++
}

// tokens returns a function that reads the user's tokens of a pool.
func (r *discoverRun) tokens(w *operatorWorld) func() uint64 {
	address, err := accounts.AssociatedTokenAddress(r.user.PublicKey(), w.tokenProgram, w.pool.Mint)
	require.NoError(r.t, err)

	return func() uint64 {
		token, err := accounts.Load(r.get(address), address, accounts.DecodeTokenAccount)
		if errors.Is(err, accounts.ErrNotFound) {
			return 0
		}

		require.NoError(r.t, err)
		return token.Amount
	}
}

// stake returns a function that reads the delegation of a stake account.
func (r *discoverRun) stake(address solana.PublicKey) func() uint64 {
	return func() uint64 {
		stake, err := accounts.Load(r.get(address), address, accounts.DecodeStakeAccount)
		if errors.Is(err, accounts.ErrNotFound) {
			return 0
		}

		require.NoError(r.t, err)
		return stake.Delegation.Stake
	}
}

// lamports returns the lamports of the user.
func (r *discoverRun) lamports() uint64 {
	owner := r.user.PublicKey()
	account, err := r.get(owner).Get(owner)
	require.NoError(r.t, err)
	return account.Lamports
}

// injected is a change of an account of a pool which its program never makes,
// and what is found.
type injected struct {
	account solana.PublicKey
	change  func(*accounts.Account)
	want    error
}

// patched returns a change of bytes at an offset.
func patched(offset int, with ...byte) func(*accounts.Account) {
	return func(a *accounts.Account) { copy(a.Data[offset:], with) }
}

// extendedBy returns a change that adds an extension to a mint.
func extendedBy(of accounts.ExtensionType, data []byte) func(*accounts.Account) {
	return func(a *accounts.Account) {
		mint, err := accounts.DecodeMint(*a)
		if err != nil {
			panic(err) // impossible: the pool was launched
		}

		mint.Extensions = []accounts.Extension{{Type: of, Data: data}}
		a.Data = mint.Encode()
		a.Lamports = sol
	}
}

// injections returns what a hostile pool could look like.
func injections(w *operatorWorld, other *operatorWorld) map[string]injected {
	stranger := bytes.Repeat([]byte{0xEE}, 32)
	mint, reserve, list := w.pool.Mint, w.pool.ReserveStake, w.pool.ValidatorList
	cases := map[string]injected{
		"mint authority": {mint, patched(4, stranger...), sdk.ErrNotPoolMint},
		"supply":         {mint, patched(43, 1), sdk.ErrNotPoolMint},
		"six decimals":   {mint, patched(44, 6), sdk.ErrUnusualDecimals},
		"freeze authority": {mint, patched(46, append([]byte{1, 0, 0, 0}, stranger...)...),
			sdk.ErrFreezeAuthority},
		"staker":     {reserve, patched(12, stranger...), sdk.ErrForeignReserve},
		"withdrawer": {reserve, patched(44, stranger...), sdk.ErrForeignReserve},
		"lockup":     {reserve, patched(84, 0xFF), sdk.ErrForeignReserve},
		"foreign list owner": {list, func(a *accounts.Account) { a.Owner = accounts.SystemProgram },
			sdk.ErrForeignValidators},
		"validator":    {list, patched(9+41, stranger...), sdk.ErrForeignValidators},
		"list of 2^32": {list, patched(5, 0xFF, 0xFF, 0xFF, 0xFF), sdk.ErrForeignValidators},
		"other reserve": {w.pool.Address, patched(130, other.pool.ReserveStake[:]...),
			sdk.ErrForeignReserve},
		"other list": {w.pool.Address, patched(98, other.pool.ValidatorList[:]...),
			sdk.ErrForeignValidators},
		"other mint": {w.pool.Address, patched(162, other.pool.Mint[:]...), sdk.ErrNotPoolMint},
		"bump":       {w.pool.Address, patched(97, 1), sdk.ErrNotPoolMint},
	}

	if w.tokenProgram == accounts.Token2022Program {
		cases["transfer fee"] = injected{mint,
			extendedBy(accounts.ExtensionTransferFeeConfig, make([]byte, 108)), sdk.ErrTransferFee}
		cases["permanent delegate"] = injected{mint,
			extendedBy(accounts.ExtensionPermanentDelegate, make([]byte, 32)),
			quote.ErrUnsupportedMint}
		cases["transfer hook"] = injected{mint,
			extendedBy(accounts.ExtensionTransferHook, make([]byte, 64)),
			quote.ErrUnsupportedMint}
	}

	return cases
}

// TestClient_DiscoverInjected changes accounts of a launched pool to those of
// hostile ones. Each is named and not traded; without the change the same token
// is.
func TestClient_DiscoverInjected(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	user, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	r := &discoverRun{
		localnet: l,
		user:     user,
	}

	l.batch(setAccount(accounts.Account{Address: user.PublicKey(),
		Owner: accounts.SystemProgram, Lamports: 1_000_000 * sol}))
	named := 0
	for i, program := range append(accounts.StakePoolPrograms(), accounts.StakePoolPrograms()...) {
		if l.programHash(program) == "" {
			continue
		}

		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		w := r.launch(rng, program)
		if i == 0 {
			r.before = w
			continue
		}

		for name, c := range injections(w, r.before) {
			name = fmt.Sprintf("seed %d, pool %d: %s", seed, i, name)
			honest, err := r.get(c.account).Get(c.account)
			require.NoError(t, err)
			hostile := honest
			hostile.Data = bytes.Clone(honest.Data)
			c.change(&hostile)
			l.batch(setAccount(hostile))
			r.requireRefused(w, c.want, name)
			l.batch(setAccount(honest))
			named++
		}

		found, err := r.client(nil).DiscoverAddress(context.Background(), w.pool.Mint,
			sdk.DiscoverOptions{})
		require.NoError(t, err)
		require.NoError(t, found.Err())
		r.before = w
	}

	t.Logf("seed %d: %d hostile pools named", seed, named)
	require.Greater(t, named, 60)
}

// requireRefused checks that a pool is named as hostile, and that no trade with
// its token is built, even if a saved list vouches for it.
func (r *discoverRun) requireRefused(w *operatorWorld, want error, name string) {
	t := r.t
	ctx := context.Background()
	client := r.client(nil)
	for _, address := range []solana.PublicKey{w.pool.Mint, w.pool.Address} {
		found, err := client.DiscoverAddress(ctx, address,
			sdk.DiscoverOptions{Pool: w.pool.Address})
		if err == nil {
			err = found.Err()
		}

		// A pool that names another mint is not the pool of this one.
		if !errors.Is(err, sdk.ErrPoolNotFound) {
			require.ErrorIs(t, err, want, name)
		}
	}

	known, err := new(lst.Registry).With(lst.LST{
		Symbol:        "vouchedSOL",
		Name:          "Vouched",
		Mint:          w.pool.Mint,
		Decimals:      9,
		TokenProgram:  w.tokenProgram,
		Kind:          lst.KindSPL,
		Program:       w.program,
		Pool:          w.pool.Address,
		ValidatorList: w.pool.ValidatorList,
	})

	require.NoError(t, err)

	for _, list := range []*lst.Registry{nil, known} {
		var o sdk.TradeOptions
		o.Owner = r.user.PublicKey()
		_, _, err := r.client(list).Stake(ctx, w.pool.Mint, sol, o)
		require.Error(t, err, name)
		_, _, err = r.client(list).Unstake(ctx, w.pool.Mint, sol, o)
		require.Error(t, err, name)
	}
}
