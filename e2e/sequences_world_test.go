package e2e

import (
	"crypto/ed25519"
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// owners is the number of wallets that trade in a world.
	owners = 3
	// manyValidators is the most validators of a pool.
	manyValidators = 120
	// stakesOfOwner is the number of stake accounts of each owner at the start.
	stakesOfOwner = 4
)

// sequenceWorld is a server with pools and wallets, and the forecast of all
// their accounts.
type sequenceWorld struct {
	*legsRun
	*forecast
	scene  *scene
	seed   uint64
	client *sdk.Client
	// wallets are the owners, and sponsor pays for some transactions.
	wallets []*txn.KeySigner
	sponsor *txn.KeySigner
	// tickets are those of Marinade that wallets have ordered, with the number
	// of the owner.
	tickets []orderedTicket
	tally   *sequenceTally
	// stage is the check that runs.
	stage string
}

// orderedTicket is a ticket of Marinade.
type orderedTicket struct {
	address solana.PublicKey
	owner   int
}

// newSequenceWorld resets the server and creates the world of a seed.
func newSequenceWorld(
	l *localnet, runs *legsRun, seed uint64, tally *sequenceTally,
) *sequenceWorld {
	l.must(nil, "localnet_reset", map[string]any{})
	ways := *runs.waysRun
	ways.localnet, ways.chain = l, l.chain()
	legs := *runs
	legs.waysRun = &ways
	w := &sequenceWorld{
		legsRun: &legs,
		seed:    seed,
		tally:   tally,
		stage:   "world",
	}

	for i := range owners + 1 {
		w.wallets = append(w.wallets, w.keyOf(1<<32+uint64(i)))
	}

	w.wallets, w.sponsor = w.wallets[:owners], w.wallets[owners]
	ways.user, ways.payer = w.wallets[0], w.sponsor

	rng := rand.New(rand.NewPCG(seed, 0))
	w.scene = legs.draw(rng)
	if rng.IntN(2) == 0 {
		legs.addPool(rng, w.scene)
		pool := w.scene.pools[len(w.scene.pools)-1]
		pool.Unsettle(rng, ways.chain, int(figures.RandomAmount(rng, manyValidators)), false)
		legs.addRouter(w.scene)
	}

	if rng.IntN(3) == 0 {
		// An owner is the manager of a pool.
		pool, manager := w.scene.pools[0], ways.user.PublicKey()
		pool.State.ManagerFeeAccount = ways.ata(pool.State.PoolMint)
		pool.State.Manager, pool.FeeAccount.Owner = manager, manager
	}

	w.forecast = &forecast{
		t:        l.t,
		chain:    ways.chain,
		builds:   ways.builds,
		infinity: w.scene.infinity,
		reserve:  w.scene.reserve,
		content:  make(map[solana.PublicKey]accounts.Account),
	}

	w.publishAll(rng)
	w.client = legs.client(w.scene, l.endpoint)

	return w
}

// keyOf returns a key that depends on the seed of the world and a number.
func (w *sequenceWorld) keyOf(number uint64) *txn.KeySigner {
	seed := make([]byte, ed25519.SeedSize)
	binary.LittleEndian.PutUint64(seed, w.seed)
	binary.LittleEndian.PutUint64(seed[8:], number)
	key, err := txn.NewKeySigner(ed25519.NewKeyFromSeed(seed))
	require.NoError(w.legsRun.t, err)
	return key
}

// publishAll puts all accounts of the world on chain, and into the forecast.
func (w *sequenceWorld) publishAll(rng *rand.Rand) {
	t, s, rent := w.legsRun.t, w.scene, w.chain.Rent
	all := append(slices.Clone(s.others), s.stake)
	add := func(of []accounts.Account, err error) {
		require.NoError(t, err)
		all = append(all, of...)
	}

	add(s.reserve.Accounts(rent))
	add(s.marinade.Accounts(rent))
	add(s.lido.Accounts(rent))
	add(s.infinity.Accounts(rent))
	for _, pool := range s.pools {
		add(pool.Accounts(rent))
	}

	_, tokenRent := rents(t, w.chain)
	for _, key := range append(slices.Clone(w.wallets), w.sponsor) {
		owner := key.PublicKey()
		all = append(all, accounts.Account{
			Address:  owner,
			Owner:    accounts.SystemProgram,
			Lamports: sol + rng.Uint64N(20_000*sol),
		})
		if key == w.sponsor {
			all[len(all)-1].Lamports = 10_000_000 * sol
		}

		for range stakesOfOwner {
			all = append(all, w.randomStake(rng, owner))
		}

		for _, mint := range w.mints() {
			amount := rng.Uint64N(5_000 * sol)
			if key == w.sponsor || rng.IntN(4) == 0 {
				continue
			}

			all = append(all, figures.TokenAccount(w.ataOf(owner, mint), mint, owner, amount,
				tokenRent))
		}
	}

	// The pools' accounts come before those of the Router, which are there
	// several times.
	for chunk := range slices.Chunk(all, 100) {
		var calls []call
		for _, a := range chunk {
			calls = append(calls, setAccount(a))
			w.content[a.Address] = a
		}

		for _, reply := range w.batch(calls...) {
			require.Nil(t, reply.Error)
		}
	}
}

// randomStake returns a stake account of an owner, mostly of a validator of one
// of the first two pools, which share one.
func (w *sequenceWorld) randomStake(rng *rand.Rand, owner solana.PublicKey) accounts.Account {
	const rent = figures.StoredRent
	pool := chosen(w.scene.pools[:2], rng.IntN(2))
	vote := chosen(pool.Validators, rng.IntN(2)).Entry.VoteAccount
	epoch := w.chain.Clock.Epoch
	staked := w.chain.MinimumDelegation + figures.RandomAmount(rng, 5_000*sol)
	stake := figures.Delegated(owner, rent, vote, staked, epoch-1-rng.Uint64N(9))
	switch rng.IntN(8) {
	case 0:
		stake.Delegation.DeactivationEpoch = epoch - 1
	case 1:
		stake.Delegation.ActivationEpoch = epoch
	case 2:
		stake.Delegation.Voter = figures.RandomKey(rng)
	}

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())

	return accounts.Account{
		Address:  figures.RandomKey(rng),
		Owner:    accounts.StakeProgram,
		Lamports: rent + staked + rng.Uint64N(2)*rng.Uint64N(sol),
		Data:     data,
	}
}

// heldBy returns the tokens of which an owner has some.
func (w *sequenceWorld) heldBy(owner solana.PublicKey, isWrapped bool) []solana.PublicKey {
	return slices.DeleteFunc(w.mints(), func(mint solana.PublicKey) bool {
		return w.balance(owner, mint, isWrapped) == 0
	})
}

// mints are the tokens of the world, wrapped SOL first.
func (w *sequenceWorld) mints() []solana.PublicKey {
	mints := []solana.PublicKey{accounts.NativeMint}
	for _, token := range w.scene.tokens {
		mints = append(mints, token.Mint)
	}
	return mints
}

// stakesOf returns the stake accounts of an owner, in order.
func (w *sequenceWorld) stakesOf(owner solana.PublicKey) []solana.PublicKey {
	var keys []solana.PublicKey
	for key, a := range w.content {
		if a.Owner != accounts.StakeProgram {
			continue
		}

		s := w.stake(key)
		if s.Account.Withdrawer == owner && s.Account.Staker == owner {
			keys = append(keys, key)
		}
	}

	return sortedKeys(keys)
}

// balance returns the tokens or lamports of an owner.
func (w *sequenceWorld) balance(owner, mint solana.PublicKey, isWrapped bool) uint64 {
	if mint == accounts.NativeMint && !isWrapped {
		return w.at(owner).Lamports
	}
	key := w.ataOf(owner, mint)
	if w.at(key).Owner != accounts.TokenProgram {
		return 0
	}
	return w.token(key).Amount
}

// warp moves the clock. In a new epoch, delegated stake has earned rewards if
// paid is set.
func (w *sequenceWorld) warp(method string, params map[string]uint64, paid bool) {
	t := w.legsRun.t
	before := w.chain.Clock.Epoch
	w.must(nil, method, params)
	w.readClock()
	epochs := w.chain.Clock.Epoch - before
	w.tally.epochs += int(epochs)
	if epochs == 0 || !paid {
		return
	}

	var calls []call
	for _, key := range sortedKeys(w.allStakes()) {
		s := w.stake(key)
		d := &s.Account.Delegation
		if s.Account.State != accounts.StakeDelegated || d.DeactivationEpoch <= before ||
			d.ActivationEpoch > before {
			continue
		}

		reward := d.Stake / 2_500
		s.Lamports += reward
		d.Stake += reward
		w.putStake(key, s)
		calls = append(calls, setAccount(w.at(key)))
	}

	for chunk := range slices.Chunk(calls, 100) {
		for _, reply := range w.batch(chunk...) {
			require.Nil(t, reply.Error)
		}
	}
}

// allStakes returns all stake accounts.
func (w *sequenceWorld) allStakes() []solana.PublicKey {
	var keys []solana.PublicKey
	for key, a := range w.content {
		if a.Owner == accounts.StakeProgram {
			keys = append(keys, key)
		}
	}
	return keys
}

// readClock reads the clock.
func (w *sequenceWorld) readClock() {
	w.chain.Clock = w.localnet.chain().Clock
	w.legsRun.chain = w.chain
}

// compareAll compares all accounts of the world.
func (w *sequenceWorld) compareAll() {
	keys := make([]solana.PublicKey, 0, len(w.content))
	for key := range w.content {
		keys = append(keys, key)
	}

	keys = sortedKeys(keys)
	w.stage = "world"
	w.agree(keys, w.getAll(keys))
}

// agree fails unless the accounts are as the forecast predicts.
func (w *sequenceWorld) agree(keys []solana.PublicKey, actual *accounts.Set) {
	different := w.different(keys, actual)
	if len(different) > 0 {
		require.FailNow(w.legsRun.t, "accounts differ from the forecast",
			"%s", joinLines(different))
	}
	w.tally.compared += len(keys)
}

// transactions returns the number of transactions that have landed.
func (w *sequenceWorld) transactions() (count uint64) {
	w.must(&count, "getTransactionCount", []any{})
	return count
}
