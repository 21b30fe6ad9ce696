package e2e

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeRun takes stake accounts through their life.
type stakeRun struct {
	*localnet
	chain                  figures.Chain
	payer, user, authority *txn.KeySigner
	// used has the highest measured compute units of each kind of step.
	used map[string]uint64
}

func newStakeRun(t *testing.T) *stakeRun {
	l := connect(t)
	r := &stakeRun{localnet: l, chain: l.chain(), used: map[string]uint64{}}
	for _, s := range []**txn.KeySigner{&r.payer, &r.user, &r.authority} {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		*s = key
		l.batch(setAccount(accounts.Account{Address: key.PublicKey(), Owner: accounts.SystemProgram,
			Lamports: 1_000_000 * sol}))
	}
	return r
}

// sign compiles steps and signs with all required keys of the run.
func (r *stakeRun) sign(steps ...txn.Step) *txn.Signed {
	r.t.Helper()
	plan := txn.Plan{Payer: r.payer.PublicKey(),
		Lifetime: lifetime(r.t, r.batch(latestBlockhash)[0]), Steps: steps}
	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user, r.authority)
	require.NoError(r.t, err)
	return signed
}

// send measures steps of one kind and executes them.
func (r *stakeRun) send(name string, steps ...txn.Step) error {
	r.t.Helper()
	tx := r.sign(steps...)
	units := r.units(tx)
	granted := uint64(0)
	for _, s := range steps {
		granted += uint64(s.ComputeUnits)
	}

	failure := r.execute(tx)
	if failure == nil {
		require.LessOrEqual(r.t, units, granted, name)
		r.used[name] = max(r.used[name], units)
	}

	return failure
}

// TestStakeAccount_Life creates a stake account, splits it around the minimum
// delegation, changes its authority, deactivates it and, in the next epoch,
// withdraws everything.
func TestStakeAccount_Life(t *testing.T) {
	r := newStakeRun(t)
	defer func() {
		r.must(nil, "localnet_setClock",
			map[string]any{"epoch": r.chain.Clock.Epoch, "slot": r.chain.Clock.Slot})
	}()

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(min(envUint(t, casesVariable, defaultCases), 200))
	executed, refused := 0, 0
	for i := range cases {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		if r.split(rng) {
			executed++
		} else {
			refused++
		}
	}

	t.Logf(
		"minimum delegation %d, seed %d: %d stake accounts lived, %d splits were refused as expected; units %v",
		r.chain.MinimumDelegation,
		seed,
		executed,
		refused,
		r.used,
	)
}

// split splits a random stake account. If that must work, it takes the split
// part through the rest of its life.
func (r *stakeRun) split(rng *rand.Rand) bool {
	t := r.t
	t.Helper()
	minimum, epoch := r.chain.MinimumDelegation, r.chain.Clock.Epoch
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)
	user, authority := r.user.PublicKey(), r.authority.PublicKey()

	// Delegated stake, sometimes with lamports that are not staked.
	source, vote := figures.RandomKey(rng), figures.RandomKey(rng)
	staked := 2*minimum + figures.RandomAmount(rng, 100_000*sol)
	account := figures.Delegated(user, figures.StoredRent, vote, staked, epoch-1)
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, account.Encode())
	loose := rng.Uint64N(2) * rng.Uint64N(sol)
	reply := r.batch(setAccount(accounts.Account{
		Address:  source,
		Owner:    accounts.StakeProgram,
		Lamports: rent + staked + loose,
		Data:     data,
	}))

	require.Nil(t, reply[0].Error)

	// Next to the minimum that may be split off or must stay, or any amount
	// between.
	lamports := [...]uint64{
		minimum, minimum - 1, staked - minimum, staked - minimum + 1,
		minimum + rng.Uint64N(staked-2*minimum+1),
	}[rng.IntN(5)]

	name := figures.RandomKey(rng).String()[:32]
	funder := [...]solana.PublicKey{user, r.payer.PublicKey()}[rng.IntN(2)]
	address, create, err := txn.NewStakeAccount(funder, user, rent, name)
	require.NoError(t, err)
	require.NoError(t, r.send("create", create))
	made, err := accounts.Load(r.get(address), address, accounts.DecodeStakeAccount)
	require.NoError(t, err)
	require.Equal(t, accounts.StakeUninitialized, made.State)

	if lamports == 0 {
		_, err := txn.SplitStake(source, address, user, lamports)
		require.Error(t, err)
		return false
	}

	split, err := txn.SplitStake(source, address, user, lamports)
	require.NoError(t, err)
	failure := r.send("split", split)
	if lamports < minimum || lamports > staked-minimum {
		require.ErrorIs(t, failure, progerr.ErrProgramAmountTooSmall, "%d of %d lamports", lamports,
			staked)
		return false
	}

	require.NoError(t, failure, "%d of %d lamports", lamports, staked)
	set := r.get(source, address)
	part, err := accounts.Load(set, address, accounts.DecodeStakeAccount)
	require.NoError(t, err)
	rest, err := accounts.Load(set, source, accounts.DecodeStakeAccount)
	require.NoError(t, err)
	require.Equal(t, []uint64{lamports, staked - lamports},
		[]uint64{part.Delegation.Stake, rest.Delegation.Stake})
	require.Equal(t, []uint64{rent + lamports, rent + staked + loose - lamports},
		[]uint64{r.balance(set, address), r.balance(set, source)})

	steps, err := txn.AuthorizeStake(address, user, authority)
	require.NoError(t, err)
	require.NoError(t, r.send("authorize", steps...))
	part, err = accounts.Load(r.get(address), address, accounts.DecodeStakeAccount)
	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{authority, authority},
		[]solana.PublicKey{part.Staker, part.Withdrawer})
	deactivate, err := txn.DeactivateStake(address, user)
	require.NoError(t, err)
	require.Error(t, r.send("deactivate", deactivate), "the former staker loses its authority")
	deactivate, err = txn.DeactivateStake(address, authority)
	require.NoError(t, err)
	require.NoError(t, r.send("deactivate", deactivate))

	to := figures.RandomKey(rng)
	transfer, err := txn.TransferSOL(user, to, sol)
	require.NoError(t, err)
	require.NoError(t, r.send("transfer", transfer))
	withdraw, err := txn.WithdrawStake(address, to, authority, rent+lamports)
	require.NoError(t, err)
	require.Error(t, r.send("withdraw", withdraw), "the stake is still active")
	r.must(nil, "localnet_setClock", map[string]any{"epoch": epoch + 1})
	one, err := txn.WithdrawStake(address, to, authority, 1)
	require.NoError(t, err)
	all, err := txn.WithdrawStake(address, to, authority, rent+lamports+1)
	require.NoError(t, err)
	require.Error(t, r.send("withdraw", all), "more than the balance")
	require.NoError(t, r.send("withdraw", one))
	require.Error(t, r.send("withdraw", withdraw), "one lamport more than the balance")
	withdraw, err = txn.WithdrawStake(address, to, authority, rent+lamports-1)
	require.NoError(t, err)
	require.NoError(t, r.send("withdraw", withdraw))
	set = r.get(address, to)
	_, err = set.Get(address)
	require.ErrorIs(t, err, accounts.ErrNotFound, "an empty account is closed")
	require.Equal(t, sol+rent+lamports, r.balance(set, to))
	r.must(nil, "localnet_setClock", map[string]any{"epoch": epoch})

	return true
}

func (r *stakeRun) balance(set *accounts.Set, key solana.PublicKey) uint64 {
	a, err := set.Get(key)
	require.NoError(r.t, err)
	return a.Lamports
}
