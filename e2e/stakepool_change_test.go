package e2e

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// changeEpochs is the number of epochs in which a pool is operated at random.
const changeEpochs = 8

// TestStakePool_Changes operates pools at random, launched from nothing. All
// accounts must be as quoted after each change and after each pool update, and
// the program must refuse what the quote refuses.
func TestStakePool_Changes(t *testing.T) {
	cases := max(int(envUint(t, casesVariable, defaultCases))/20, 1)
	seed := envUint(t, seedVariable, rand.Uint64())
	forStakePools(t, func(l *localnet, program solana.PublicKey) {
		r := changeRun{landed: make(map[string]int), refused: make(map[string]int)}
		for i := range cases {
			r.operatorWorld = newOperatorWorld(l, program, seed+uint64(i))
			launched(r.operatorWorld, r.rent+r.minimum+uint64(r.rng.IntN(100))*sol)
			for range changeEpochs {
				for range 6 {
					r.change()
				}

				r.updateAsQuoted()
			}
		}

		l.t.Logf("build %.8s, seed %d: landed as quoted %v, refused by both %v", r.hash, seed,
			r.landed, r.refused)
		for _, name := range []string{"add", "remove", "increase", "decrease", "set fee"} {
			require.NotZero(l.t, r.landed[name], name)
		}
	})
}

// changeRun counts the results of changes.
type changeRun struct {
	*operatorWorld
	landed, refused map[string]int
}

// quoted returns the pool for quotes, and its validators with their accounts.
func (w *operatorWorld) quoted() (quote.StakePoolState, []quote.ValidatorBalance) {
	w.t.Helper()
	chain := w.chain()
	set := w.get(w.pool.ReserveStake)
	reserve, err := accounts.Load(set, w.pool.ReserveStake, accounts.DecodeStakeAccount)
	require.NoError(w.t, err)

	var validators []quote.ValidatorBalance
	for _, entry := range w.list().Validators {
		active, transient := w.addresses(entry)
		validators = append(validators, quote.ValidatorBalance{
			Entry:     entry,
			Active:    w.stakeAccount(active),
			Transient: w.stakeAccount(transient),
		})
	}

	return quote.StakePoolState{
		Program:           w.program,
		Address:           w.pool.Address,
		State:             w.state(),
		Clock:             chain.Clock,
		Rent:              chain.Rent,
		MinimumDelegation: chain.MinimumDelegation,
		Reserve:           *reserve,
		ReserveLamports:   w.lamports(w.pool.ReserveStake),
		FeeAccountUsable:  true,
		Rounding:          quote.StakePoolFeeRounding(w.hash),
		UpdateKnown:       quote.StakePoolUpdateKnown(w.hash),
	}, validators
}

// addresses returns the stake accounts of a validator.
func (w *operatorWorld) addresses(
	e accounts.ValidatorStakeInfo,
) (active, transient solana.PublicKey) {
	active, err := accounts.ValidatorStakeAddress(w.program, w.pool.Address, e.VoteAccount,
		e.ValidatorSeedSuffix)
	require.NoError(w.t, err)
	transient, err = accounts.TransientStakeAddress(w.program, w.pool.Address, e.VoteAccount,
		e.TransientSeedSuffix)
	require.NoError(w.t, err)
	return active, transient
}

// stakeAccount returns a stake account, or nil if there is none.
func (w *operatorWorld) stakeAccount(address solana.PublicKey) *quote.StakeAccountState {
	w.t.Helper()
	account, err := w.get(address).Get(address)
	if err != nil || account.Owner != accounts.StakeProgram {
		return nil
	}

	state, err := accounts.DecodeStakeAccount(account)
	require.NoError(w.t, err)
	state.Delegation.Reserved = [8]byte{} // No quote predicts it.
	return &quote.StakeAccountState{Lamports: account.Lamports, Account: *state}
}

// change makes a random change.
func (r *changeRun) change() {
	r.t.Helper()
	state, validators := r.quoted()
	switch kind := r.rng.IntN(10); {
	case kind == 0 || len(validators) == 0:
		r.add(state)
	case kind == 1:
		r.setFee(state)
	case kind == 2 && r.rng.IntN(3) == 0:
		r.remove(state, validators[r.rng.IntN(len(validators))])
	case kind < 4:
		r.depositSOL(1 + r.rng.Uint64N(30*sol))
	case kind < 5:
		r.donate(validators[r.rng.IntN(len(validators))])
	default:
		r.move(state, validators[r.rng.IntN(len(validators))])
	}
}

// donate sends lamports to a stake account of a validator, or to the address of
// one that does not exist yet.
func (r *changeRun) donate(v quote.ValidatorBalance) {
	r.t.Helper()
	active, transient := r.addresses(v.Entry)
	to := active
	if r.rng.IntN(2) == 0 {
		to = transient
	}

	lamports := []uint64{r.rent, r.rent - 1, r.rent + 5, sol}[r.rng.IntN(4)]
	if r.lamports(to) == 0 && lamports < r.rent {
		lamports = r.rent
	}

	require.NoError(r.t, r.send(
		system.NewTransferInstruction(lamports, r.payer.PublicKey(), to).Build()))
}

// add adds a random validator.
func (r *changeRun) add(state quote.StakePoolState) {
	r.t.Helper()
	vote, seed := r.votes[r.rng.IntN(len(r.votes))], r.rng.Uint32N(2)
	want, err := state.AddValidator(r.list(), vote, seed)
	failure := r.try(instructions.StakePoolAddValidator{
		Pool:        r.pool,
		Staker:      r.staker.PublicKey(),
		VoteAccount: vote,
		Seed:        seed,
	})

	r.compare("add", want, err, failure)
}

// remove removes a validator.
func (r *changeRun) remove(state quote.StakePoolState, v quote.ValidatorBalance) {
	r.t.Helper()
	want, err := state.RemoveValidator(v)
	failure := r.try(instructions.StakePoolRemoveValidator{
		StakePoolValidator: r.of(v.Entry.VoteAccount)})
	r.compare("remove", want, err, failure)
}

// setFee sets a random fee.
func (r *changeRun) setFee(state quote.StakePoolState) {
	r.t.Helper()
	kind := accounts.StakePoolEpochFee + accounts.StakePoolFeeKind(r.rng.IntN(5))
	fee := accounts.Fee{Numerator: r.rng.Uint64N(40), Denominator: 10_000}
	if r.rng.IntN(4) == 0 {
		// At the edge of what a withdrawal fee may rise to.
		old := state.State.SOLWithdrawalFee
		fee = accounts.Fee{Numerator: 3*old.Numerator + r.rng.Uint64N(2),
			Denominator: 2 * old.Denominator}
	}

	want, err := state.SetFee(kind, fee)
	if fee.Numerator > fee.Denominator {
		require.ErrorIs(r.t, err, quote.ErrInvalidFee)
		return // No builder makes it.
	}

	failure := r.try(instructions.StakePoolSetFee{
		Pool:    r.pool,
		Manager: r.manager.PublicKey(),
		Kind:    kind,
		Fee:     fee,
	})
	if !r.agree("set fee", err, failure) {
		return
	}

	require.Equal(r.t, want.State, r.state())
}

// move increases or decreases the stake of a validator, often at an edge.
func (r *changeRun) move(state quote.StakePoolState, v quote.ValidatorBalance) {
	r.t.Helper()
	m := quote.StakeMove{
		Validator:     v,
		TransientSeed: v.Entry.TransientSeedSuffix,
		Additional:    r.rng.IntN(2) == 0,
	}
	if r.rng.IntN(8) == 0 {
		m.TransientSeed++
	}

	if v.Entry.TransientStakeLamports == 0 {
		_, address := r.addresses(accounts.ValidatorStakeInfo{VoteAccount: v.Entry.VoteAccount,
			TransientSeedSuffix: m.TransientSeed})
		m.Prefunded = r.lamports(address)
	}

	increase := r.rng.IntN(2) == 0
	most := state.MaxDecrease(v)
	if increase {
		most = state.MaxIncrease()
	}

	edges := []uint64{r.minimum, r.minimum - 1, most, most + 1, r.minimum + r.rng.Uint64N(3*sol)}
	m.Lamports = max(edges[r.rng.IntN(len(edges))], 1)
	if increase {
		want, err := state.IncreaseStake(m)
		r.compare("increase", want, err, r.try(r.increase(m)))
		return
	}

	want, err := state.DecreaseStake(m)
	r.compare("decrease", want, err, r.try(r.decrease(m)))
}

func (r *changeRun) increase(m quote.StakeMove) builder {
	plain := instructions.StakePoolIncreaseValidatorStake{
		StakePoolValidator: instructions.StakePoolValidator{
			Pool:      r.pool,
			Staker:    r.staker.PublicKey(),
			Validator: m.Validator.Entry,
		},
		Lamports:      m.Lamports,
		TransientSeed: m.TransientSeed,
	}
	if m.Additional {
		return instructions.StakePoolIncreaseAdditionalValidatorStake{
			StakePoolIncreaseValidatorStake: plain}
	}

	return plain
}

func (r *changeRun) decrease(m quote.StakeMove) builder {
	plain := instructions.StakePoolDecreaseValidatorStakeWithReserve{
		StakePoolValidator: instructions.StakePoolValidator{
			Pool:      r.pool,
			Staker:    r.staker.PublicKey(),
			Validator: m.Validator.Entry,
		},
		Lamports:      m.Lamports,
		TransientSeed: m.TransientSeed,
	}
	if m.Additional {
		return instructions.StakePoolDecreaseAdditionalValidatorStake{
			StakePoolDecreaseValidatorStakeWithReserve: plain}
	}

	return plain
}

// agree checks that quote and program both accept or both refuse.
func (r *changeRun) agree(name string, quoted, failure error) bool {
	r.t.Helper()
	if quoted == nil {
		require.NoError(r.t, failure, name)
		r.landed[name]++
		return true
	}

	if errors.Is(quoted, quote.ErrInsufficientReserve) && failure == nil {
		// The program leaves the reserve less than the rent that it stores,
		// with which the pool could not be updated any more.
		require.Less(r.t, r.lamports(r.pool.ReserveStake), uint64(figures.StoredRent))
		r.depositSOL(sol)
		r.refused[name+": "+reason(quoted)+", by the quote alone"]++
		return false
	}

	require.Error(r.t, failure, "%s: %v", name, quoted)
	var e *quote.Error
	require.ErrorAs(r.t, quoted, &e)
	require.Equal(r.t, r.pool.Address, e.Pool)
	r.refused[name+": "+reason(quoted)]++

	return false
}

// compare checks the accounts after a change of a validator.
func (r *changeRun) compare(name string, want quote.StakeChange, quoted, failure error) {
	r.t.Helper()
	if !r.agree(name, quoted, failure) {
		return
	}

	state, validators := r.quoted()
	at := slices.IndexFunc(validators, func(v quote.ValidatorBalance) bool {
		return v.Entry.VoteAccount == want.Validator.Entry.VoteAccount
	})
	require.GreaterOrEqual(r.t, at, 0)
	require.Equal(r.t, want.Validator, validators[at], name)
	require.Equal(r.t, want.ReserveLamports, state.ReserveLamports, name)
	require.Equal(r.t, want.Epoch, state.Clock.Epoch+1, name)
}

// updateAsQuoted moves to the next epoch and updates the pool, as quoted.
func (r *changeRun) updateAsQuoted() {
	r.t.Helper()
	epoch := r.chain().Clock.Epoch + 1
	r.must(nil, "localnet_warpToEpoch", map[string]uint64{"epoch": epoch})
	state, validators := r.quoted()
	mint := r.pool.Mint
	supply, err := accounts.Load(r.get(mint), mint, accounts.DecodeMint)
	require.NoError(r.t, err)

	state.Update = &quote.StakePoolBalances{Validators: validators, MintSupply: supply.Supply}
	want, err := state.AfterUpdate()
	if errors.Is(err, quote.ErrBuildDependent) {
		// The figures of this state are known for one build only.
		r.update(epoch)
		r.refused["update unknown"]++
		return
	}

	require.NoError(r.t, err)
	r.update(epoch)
	got, _ := r.quoted()
	require.Equal(r.t, want.Pool.State, got.State)
	require.Equal(r.t, want.Pool.ReserveLamports, got.ReserveLamports)
	require.Equal(r.t, want.List(), r.list().Validators)
	r.landed["update"]++
}
