package e2e

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/progerr"
)

// launchFees are the fees of the pools that the tests launch.
var launchFees = instructions.StakePoolInitialize{
	EpochFee:      accounts.Fee{Numerator: 5, Denominator: 100},
	WithdrawalFee: accounts.Fee{Numerator: 1, Denominator: 1000},
	ReferralFee:   40,
	MaxValidators: 2,
}

// launched launches a pool with lamports beyond its rent in the reserve, and
// checks its accounts.
func launched(w *operatorWorld, first uint64) accounts.StakePool {
	t := w.t
	initialize := launchFees
	initialize.Pool = w.pool
	initialize.Manager, initialize.Staker = w.manager.PublicKey(), w.staker.PublicKey()
	w.launch(initialize, first)

	got := w.state()
	want := accounts.StakePool{
		Manager:               initialize.Manager,
		Staker:                initialize.Staker,
		StakeDepositAuthority: w.pool.StakeDepositAuthority,
		StakeWithdrawBumpSeed: got.StakeWithdrawBumpSeed,
		ValidatorList:         w.pool.ValidatorList,
		ReserveStake:          w.pool.ReserveStake,
		PoolMint:              w.pool.Mint,
		ManagerFeeAccount:     w.tokens,
		TokenProgram:          accounts.TokenProgram,
		TotalLamports:         first,
		PoolTokenSupply:       first,
		LastUpdateEpoch:       w.chain().Clock.Epoch,
		EpochFee:              initialize.EpochFee,
		StakeWithdrawalFee:    initialize.WithdrawalFee,
		SOLWithdrawalFee:      initialize.WithdrawalFee,
		StakeReferralFee:      initialize.ReferralFee,
		SOLReferralFee:        initialize.ReferralFee,
	}

	require.Equal(t, want, got)
	require.Empty(t, w.list().Validators)
	require.Equal(t, initialize.MaxValidators, w.list().MaxValidators)

	addresses, err := instructions.NewStakePool(w.program, w.pool.Address, &got)
	require.NoError(t, err)
	require.Equal(t, w.pool, addresses)

	return got
}

// TestStakePool_Launch launches a pool from nothing and executes every
// instruction of its manager and its staker, with the decoded accounts
// compared after each.
func TestStakePool_Launch(t *testing.T) {
	forStakePools(t, func(l *localnet, program solana.PublicKey) {
		w := newOperatorWorld(l, program, envUint(t, seedVariable, rand.Uint64()))
		launched(w, w.rent+w.minimum)

		w.addValidators()
		w.preferValidators()
		w.increases()
		w.decreases()
		w.fees()
		w.authorities()
		w.handOver()
		w.metadata()
		w.redelegate()
		w.removals()

		names := slices.Sorted(maps.Keys(w.executed))
		l.t.Logf("build %.8s: %d instructions executed: %v", w.hash, len(names), names)
	})
}

// addValidators adds two validators, one of them with a seed.
func (w *operatorWorld) addValidators() {
	t := w.t
	for i, seed := range []uint32{0, 7} {
		if i > 0 {
			w.depositSOL(100 * sol)
		}

		before := w.lamports(w.pool.ReserveStake)
		w.do(instructions.StakePoolAddValidator{
			Pool:        w.pool,
			Staker:      w.staker.PublicKey(),
			VoteAccount: w.votes[i],
			Seed:        seed,
		})

		require.Equal(t, accounts.ValidatorStakeInfo{
			ActiveStakeLamports: w.minimum + w.rent,
			LastUpdateEpoch:     w.chain().Clock.Epoch,
			ValidatorSeedSuffix: seed,
			VoteAccount:         w.votes[i],
		}, w.entry(w.votes[i]))

		require.Equal(t, before-w.minimum-w.rent, w.lamports(w.pool.ReserveStake))
	}
}

// preferValidators sets both preferences and removes one of them.
func (w *operatorWorld) preferValidators() {
	prefer := instructions.StakePoolSetPreferredValidator{Pool: w.pool,
		Staker: w.staker.PublicKey(), VoteAccount: &w.votes[0]}
	want := w.state()

	w.do(prefer)
	want.PreferredDepositValidator = &w.votes[0]
	require.Equal(w.t, want, w.state())

	prefer.Withdrawals, prefer.VoteAccount = true, &w.votes[1]
	w.do(prefer)
	want.PreferredWithdrawValidator = &w.votes[1]
	require.Equal(w.t, want, w.state())

	prefer.Withdrawals, prefer.VoteAccount = false, nil
	w.do(prefer)
	want.PreferredDepositValidator = nil
	require.Equal(w.t, want, w.state())
}

// increases delegates stake of the reserve in both forms, and waits until it is
// there.
func (w *operatorWorld) increases() {
	t := w.t
	reserve := w.lamports(w.pool.ReserveStake)
	increase := instructions.StakePoolIncreaseValidatorStake{
		StakePoolValidator: w.of(w.votes[0]),
		Lamports:           10 * sol,
		TransientSeed:      3,
	}

	w.do(increase)
	require.ErrorContains(t, w.try(increase), "TransientAccountInUse")
	increase.Lamports = 5 * sol
	w.do(instructions.StakePoolIncreaseAdditionalValidatorStake{
		StakePoolIncreaseValidatorStake: increase, EphemeralSeed: 9})

	other := increase
	other.Validator = w.entry(w.votes[1])
	w.do(instructions.StakePoolIncreaseAdditionalValidatorStake{
		StakePoolIncreaseValidatorStake: other, EphemeralSeed: 9})

	entry := w.entry(w.votes[0])
	require.Equal(t, 15*sol+2*w.rent, entry.TransientStakeLamports)
	require.EqualValues(t, 3, entry.TransientSeedSuffix)
	require.Equal(t, 5*sol+w.rent, w.entry(w.votes[1]).TransientStakeLamports)
	require.Equal(t, reserve-20*sol-3*w.rent, w.lamports(w.pool.ReserveStake))

	w.nextEpoch()
	for _, vote := range w.votes[:2] {
		require.Zero(t, w.entry(vote).TransientStakeLamports)
	}

	// The pool leaves a stake account the rent that it stores, if that is more.
	require.Equal(t, 5*sol+w.minimum+max(w.rent, figures.StoredRent),
		w.entry(w.votes[1]).ActiveStakeLamports)
}

// decreases deactivates stake in all three forms, and waits until it is in the
// reserve.
func (w *operatorWorld) decreases() {
	t := w.t
	for form := range 3 {
		reserve, before := w.lamports(w.pool.ReserveStake), w.entry(w.votes[0])
		decrease := instructions.StakePoolDecreaseValidatorStakeWithReserve{
			StakePoolValidator: w.of(w.votes[0]),
			Lamports:           2 * sol,
			TransientSeed:      uint64(form),
		}

		switch form {
		case 0:
			w.do(decrease)
		case 1:
			w.do(instructions.StakePoolDecreaseAdditionalValidatorStake{
				StakePoolDecreaseValidatorStakeWithReserve: decrease})
		case 2:
			w.unfunded(instructions.StakePoolDecreaseValidatorStake(decrease))
			reserve += w.rent // The payer paid it.
		}

		entry := w.entry(w.votes[0])
		require.Equal(t, before.ActiveStakeLamports-2*sol, entry.ActiveStakeLamports)
		require.Equal(t, 2*sol+w.rent, entry.TransientStakeLamports)
		require.Equal(t, reserve-w.rent, w.lamports(w.pool.ReserveStake))

		w.nextEpoch()
		require.Zero(t, w.entry(w.votes[0]).TransientStakeLamports)
		require.Equal(t, reserve+2*sol, w.lamports(w.pool.ReserveStake))
	}
}

// unfunded executes the deprecated decrease, for which the rent of the
// transient stake account must be there already.
func (w *operatorWorld) unfunded(decrease instructions.StakePoolDecreaseValidatorStake) {
	require.Error(w.t, w.try(decrease))
	ix, err := decrease.Build()
	require.NoError(w.t, err)
	transient := ix.Accounts()[5].PublicKey
	require.NoError(w.t, w.send(
		system.NewTransferInstruction(w.rent, w.payer.PublicKey(), transient).Build(), ix))
}

// fees sets all fees, and checks when they are in force.
func (w *operatorWorld) fees() {
	fee := accounts.Fee{Numerator: 15, Denominator: 10_000}
	want := w.state()
	set := instructions.StakePoolSetFee{Pool: w.pool, Manager: w.manager.PublicKey(), Fee: fee}
	for kind := accounts.StakePoolEpochFee; kind <= accounts.StakePoolSOLWithdrawalFee; kind++ {
		set.Kind = kind
		w.do(set)
	}

	referral := instructions.StakePoolSetReferralFee{Pool: w.pool, Manager: set.Manager,
		Percent: 10}
	w.do(referral)
	referral.Stake, referral.Percent = true, 20
	w.do(referral)

	later := accounts.FutureFee{Updates: 2, Fee: fee}
	want.SOLDepositFee, want.StakeDepositFee = fee, fee
	want.SOLReferralFee, want.StakeReferralFee = 10, 20
	want.NextEpochFee = later
	want.NextStakeWithdrawalFee, want.NextSOLWithdrawalFee = later, later
	require.Equal(w.t, want, w.state())

	w.nextEpoch()
	require.Equal(w.t, accounts.FutureFee{Updates: 1, Fee: fee}, w.state().NextEpochFee)
	require.Equal(w.t, want.EpochFee, w.state().EpochFee)

	w.nextEpoch()
	got := w.state()
	for _, inForce := range []accounts.Fee{got.EpochFee, got.StakeWithdrawalFee,
		got.SOLWithdrawalFee} {
		require.Equal(w.t, fee, inForce)
	}

	require.Zero(w.t, got.NextEpochFee)
}

// authorities reserves each operation for an authority and opens it again.
func (w *operatorWorld) authorities() {
	key := w.other.PublicKey()
	open := w.state()
	for operation, change := range map[instructions.StakePoolFunding]func(*accounts.StakePool){
		instructions.StakePoolFundingStakeDeposit: func(p *accounts.StakePool) {
			p.StakeDepositAuthority = key
		},
		instructions.StakePoolFundingSOLDeposit: func(p *accounts.StakePool) {
			p.SOLDepositAuthority = &key
		},
		instructions.StakePoolFundingSOLWithdrawal: func(p *accounts.StakePool) {
			p.SOLWithdrawAuthority = &key
		},
	} {
		set := instructions.StakePoolSetFundingAuthority{
			Pool:      w.pool,
			Manager:   w.manager.PublicKey(),
			Operation: operation,
			Authority: &key,
		}

		reserved := open
		change(&reserved)
		w.do(set)
		require.Equal(w.t, reserved, w.state())

		set.Authority = nil
		w.do(set)
		require.Equal(w.t, open, w.state())
	}
}

// handOver replaces the staker, by himself and by the manager, and the manager.
func (w *operatorWorld) handOver() {
	want := w.state()
	next := w.other.PublicKey()
	for _, set := range []instructions.StakePoolSetStaker{
		{Authority: w.staker.PublicKey(), NewStaker: next},
		{Authority: w.manager.PublicKey(), NewStaker: w.staker.PublicKey()},
	} {
		set.Pool = w.pool
		w.do(set)
		want.Staker = set.NewStaker
		require.Equal(w.t, want, w.state())
	}

	w.do(instructions.StakePoolSetManager{
		Pool:                 w.pool,
		Manager:              w.manager.PublicKey(),
		NewManager:           next,
		NewManagerFeeAccount: w.tokens,
	})

	want.Manager = next
	require.Equal(w.t, want, w.state())

	w.manager, w.other = w.other, w.manager
}

// metadata names the token and renames it, if Metaplex's program is there.
func (w *operatorWorld) metadata() {
	if w.programHash(accounts.TokenMetadataProgram) == "" {
		w.t.Log("the token metadata program is not deployed on this server: its two " +
			"instructions are not executed")
		return
	}

	address, err := accounts.TokenMetadataAddress(w.pool.Mint)
	require.NoError(w.t, err)
	named := instructions.StakePoolMetadata{Name: "First", Symbol: "oneSOL", URI: "https://a.b/c"}
	w.do(instructions.StakePoolCreateTokenMetadata{
		Pool:     w.pool,
		Manager:  w.manager.PublicKey(),
		Payer:    w.payer.PublicKey(),
		Metadata: named,
	})

	w.requireMetadata(address, named)

	named = instructions.StakePoolMetadata{Name: "Second", Symbol: "twoSOL", URI: "https://d.e/f"}
	w.do(instructions.StakePoolUpdateTokenMetadata{Pool: w.pool, Manager: w.manager.PublicKey(),
		Metadata: named})
	w.requireMetadata(address, named)
}

func (w *operatorWorld) requireMetadata(
	address solana.PublicKey, want instructions.StakePoolMetadata,
) {
	account, err := w.get(address).Get(address)
	require.NoError(w.t, err)
	require.Equal(w.t, accounts.TokenMetadataProgram, account.Owner)
	for _, text := range []string{want.Name, want.Symbol, want.URI} {
		require.Contains(w.t, string(account.Data), text)
	}
}

// redelegate executes the instruction that no builder makes. Current builds
// refuse it as unknown, and those of June 2025 for its accounts.
func (w *operatorWorld) redelegate() {
	data := append([]byte{22}, binary.LittleEndian.AppendUint64(nil, sol)...)
	data = append(data, make([]byte, 24)...)
	metas := solana.AccountMetaSlice{
		solana.Meta(w.pool.Address), solana.Meta(w.staker.PublicKey()).SIGNER(),
		solana.Meta(w.pool.WithdrawAuthority), solana.Meta(w.pool.ValidatorList).WRITE(),
		solana.Meta(w.pool.ReserveStake).WRITE(),
	}

	for range 5 {
		metas = append(metas, solana.Meta(figures.RandomKey(w.rng)).WRITE())
	}

	metas = append(metas, solana.Meta(w.votes[1]))
	for _, fixed := range []solana.PublicKey{accounts.ClockSysvar, accounts.StakeHistorySysvar,
		solana.SysVarStakeConfigPubkey, accounts.SystemProgram, accounts.StakeProgram} {
		metas = append(metas, solana.Meta(fixed))
	}

	err := w.send(solana.NewInstruction(w.program, metas, data))
	require.Error(w.t, err)
	w.t.Logf("Redelegate: %v", err)
}

// removals removes a validator with stake in transit, and the other one.
func (w *operatorWorld) removals() {
	t := w.t
	total := w.state().TotalLamports
	w.do(instructions.StakePoolDecreaseValidatorStakeWithReserve{
		StakePoolValidator: w.of(w.votes[0]), Lamports: 3 * sol})
	for i, want := range []accounts.ValidatorStatus{accounts.ValidatorDeactivatingAll,
		accounts.ValidatorDeactivating} {
		w.do(instructions.StakePoolRemoveValidator{StakePoolValidator: w.of(w.votes[i])})
		require.Equal(t, want, w.entry(w.votes[i]).Status)
	}

	require.Nil(t, w.state().PreferredWithdrawValidator)
	var failure *progerr.TransactionError
	require.ErrorAs(t, w.try(instructions.StakePoolRemoveValidator{
		StakePoolValidator: w.of(w.votes[0])}), &failure)

	w.nextEpoch()
	if len(w.list().Validators) > 0 {
		w.nextEpoch()
	}

	require.Empty(t, w.list().Validators)
	require.Equal(t, total, w.state().TotalLamports)
	require.Equal(t, total+max(w.rent, figures.StoredRent), w.lamports(w.pool.ReserveStake))
}
