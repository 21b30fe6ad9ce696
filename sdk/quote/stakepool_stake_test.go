package quote_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// stakePartFigures is a deposit of a stake account into a pool.
type stakePartFigures struct {
	pool               quote.StakePoolState
	list               *accounts.ValidatorList
	deposit, validator quote.StakeAccountState
}

// stakePartCase is a case of [TestStakePoolState_StakeParts].
type stakePartCase struct {
	name   string
	change func(*stakePartFigures)
	want   error
	staked uint64
}

// stakePartCases returns the cases of [TestStakePoolState_StakeParts].
func stakePartCases() []stakePartCase {
	lockedUntil := func(epoch uint64) accounts.Lockup {
		return accounts.Lockup{Epoch: epoch, Custodian: key(6)}
	}

	const extra = stakeRent + 500

	return []stakePartCase{
		{"both active", func(*stakePartFigures) {}, nil, 3 * sol},
		{"both activating, when all lamports become stake", func(f *stakePartFigures) {
			f.deposit.Account.Delegation.ActivationEpoch = epoch
			f.validator.Account.Delegation.ActivationEpoch = epoch
		}, nil, 3*sol + extra},
		{"preferred",
			func(f *stakePartFigures) { f.pool.State.PreferredDepositValidator = keyPointer(1) },
			nil, 3 * sol},
		{"locked up until this epoch",
			func(f *stakePartFigures) { f.deposit.Account.Lockup = lockedUntil(epoch) }, nil,
			3 * sol},
		{"locked up as the pool is", func(f *stakePartFigures) {
			f.deposit.Account.Lockup = lockedUntil(epoch + 1)
			f.validator.Account.Lockup = lockedUntil(epoch + 1)
		}, quote.ErrStakeLocked, 0},
		{"locked up",
			func(f *stakePartFigures) { f.deposit.Account.Lockup = lockedUntil(epoch + 1) },
			quote.ErrStakeLocked, 0},
		{"locked up by time",
			func(f *stakePartFigures) {
				f.deposit.Account.Lockup.UnixTimestamp = f.pool.Clock.UnixTimestamp + 1
			},
			quote.ErrStakeLocked, 0},
		{"pool locked up",
			func(f *stakePartFigures) { f.validator.Account.Lockup = lockedUntil(epoch + 1) },
			quote.ErrStakeLocked, 0},
		{"not delegated",
			func(f *stakePartFigures) { f.deposit.Account.State = accounts.StakeInitialized },
			quote.ErrStakeUndelegated, 0},
		{"empty account", func(f *stakePartFigures) { f.deposit = quote.StakeAccountState{} },
			quote.ErrStakeUninitialized, 0},
		{"only the deposit activating",
			func(f *stakePartFigures) { f.deposit.Account.Delegation.ActivationEpoch = epoch },
			quote.ErrStakeActivating, 0},
		{"only the validator's activating",
			func(f *stakePartFigures) { f.validator.Account.Delegation.ActivationEpoch = epoch },
			quote.ErrValidator, 0},
		{"deactivating",
			func(f *stakePartFigures) { f.deposit.Account.Delegation.DeactivationEpoch = epoch },
			quote.ErrStakeDeactivating, 0},
		{"deactivated long ago",
			func(f *stakePartFigures) {
				f.deposit.Account.Delegation.DeactivationEpoch = epoch - 9
			},
			quote.ErrStakeDeactivating, 0},
		{"validator's deactivating",
			func(f *stakePartFigures) { f.validator.Account.Delegation.DeactivationEpoch = epoch },
			quote.ErrValidator, 0},
		{"balance below the delegation",
			func(f *stakePartFigures) { f.deposit.Lamports = 3*sol - 1 },
			quote.ErrStakeAccount, 0},
		{"not a validator of the pool",
			func(f *stakePartFigures) { f.deposit.Account.Delegation.Voter = key(2) },
			quote.ErrValidator,
			0},
		{"validator being removed",
			func(f *stakePartFigures) {
				f.list.Validators[0].Status = accounts.ValidatorDeactivating
			},
			quote.ErrValidator, 0},
		{"another validator's stake account",
			func(f *stakePartFigures) { f.validator.Account.Delegation.Voter = key(2) },
			quote.ErrValidator,
			0},
		{"validator's stake not delegated",
			func(f *stakePartFigures) { f.validator.Account.State = accounts.StakeInitialized },
			quote.ErrValidator, 0},
		{"not the preferred validator",
			func(f *stakePartFigures) { f.pool.State.PreferredDepositValidator = keyPointer(2) },
			quote.ErrNotPreferred, 0},
	}
}

func TestStakePoolState_StakeParts(t *testing.T) {
	const extra = stakeRent + 500
	for _, test := range stakePartCases() {
		t.Run(test.name, func(t *testing.T) {
			validator := source(key(1), 100*sol, 100*sol-stakeRent)
			f := stakePartFigures{plain(), listOf(validator.Entry),
				source(key(1), 3*sol+extra, 3*sol).Stake,
				validator.Stake}
			f.pool.Clock.UnixTimestamp = 1_750_000_000
			test.change(&f)
			staked, unstaked, err := f.pool.StakeParts(f.list, f.deposit, f.validator)
			if test.want != nil {
				requireRefusal(t, err, test.want, f.pool.Address)
				return
			}

			require.NoError(t, err)
			require.Equal(t, test.staked, staked)
			require.Equal(t, f.deposit.Lamports-test.staked, unstaked)
		})
	}
}

func keyPointer(n byte) *solana.PublicKey { k := key(n); return &k }

// changeSource changes a pool and the source of a withdrawal.
type changeSource func(*quote.StakePoolState, *quote.ValidatorStakeSource)

// withdrawLimitCase is a case of [TestStakePoolState_WithdrawStakeLimits].
type withdrawLimitCase struct {
	name   string
	change changeSource
	amount uint64
	want   error
}

// withdrawLimitCases returns the cases of
// [TestStakePoolState_WithdrawStakeLimits].
func withdrawLimitCases() []withdrawLimitCase {
	const balance = 500 * sol
	const most = balance - stakeRent - sol
	change := func(f func(*quote.ValidatorStakeSource)) changeSource {
		return func(_ *quote.StakePoolState, v *quote.ValidatorStakeSource) { f(v) }
	}
	asIs := change(func(*quote.ValidatorStakeSource) {})
	smallMinimum := func(s *quote.StakePoolState, _ *quote.ValidatorStakeSource) {
		s.MinimumDelegation = 1
	}
	extraLamports := change(func(v *quote.ValidatorStakeSource) {
		v.Stake.Lamports += 7 * sol
		v.Entry.ActiveStakeLamports += 7 * sol
	})

	rents := func(perByte, stored uint64) changeSource {
		return func(s *quote.StakePoolState, v *quote.ValidatorStakeSource) {
			s.Rent, v.Stake.Account.RentExemptReserve = accounts.NewRent(perByte), stored
			v.Stake.Account.Delegation.Stake = balance - cheapRent
		}
	}

	deadZone := change(func(v *quote.ValidatorStakeSource) {
		*v = source(key(1), stakeRent+sol*3/2, sol*3/2)
	})
	recorded := change(func(v *quote.ValidatorStakeSource) {
		v.Entry.ActiveStakeLamports = 3 * sol
	})
	delegation := func(f func(*accounts.Delegation)) changeSource {
		return change(func(v *quote.ValidatorStakeSource) { f(&v.Stake.Account.Delegation) })
	}

	inactive := delegation(func(d *accounts.Delegation) { d.DeactivationEpoch = epoch - 1 })

	return []withdrawLimitCase{
		{"the minimum delegation", asIs, sol, nil},
		{"a lamport below it", asIs, sol - 1, quote.ErrBelowMinimumDelegation},
		{"all but what must stay", asIs, most, nil},
		{"a lamport more", asIs, most + 1, quote.ErrValidator},
		{"a lamport, where that is the minimum delegation", smallMinimum, 1, nil},
		{"all but the program's own minimum", smallMinimum, balance - stakeRent - minimumStake,
			nil},
		{"a lamport more than that", smallMinimum, balance - stakeRent - minimumStake + 1,
			quote.ErrValidator},
		// Lamports that are not delegated cannot be split. The maximum is the
		// delegation of 500 SOL less the minimum.
		{"all of the delegation that can go", extraLamports, balance - stakeRent - sol, nil},
		{"not what was never delegated", extraLamports, balance - stakeRent - sol + 1,
			quote.ErrValidator},
		{"as much as the list has on record", recorded, 3 * sol, nil},
		{"more than the list has on record", recorded, 3*sol + 1, quote.ErrValidator},
		{"down to the rent on record, above today's", rents(5080, stakeRent), most, nil},
		{"a lamport below the rent on record", rents(5080, stakeRent), most + 1,
			quote.ErrValidator},
		{"down to today's rent, above the one on record", rents(6960, cheapRent), most, nil},
		{"a lamport below today's rent", rents(6960, cheapRent), most + 1, quote.ErrValidator},
		{"no more than the minimum in the account",
			change(func(v *quote.ValidatorStakeSource) { v.Stake.Lamports = stakeRent }), sol,
			quote.ErrValidator},
		{"nothing delegated", delegation(func(d *accounts.Delegation) { d.Stake = 0 }), sol,
			quote.ErrValidator},
		{"dead zone of 1.5 SOL", deadZone, sol, quote.ErrValidator},
		{"all of the dead zone", deadZone, sol * 3 / 2, quote.ErrValidator},
		{"entry not active", change(func(v *quote.ValidatorStakeSource) {
			v.Entry.Status = accounts.ValidatorDeactivatingTransient
		}), sol, quote.ErrValidator},
		{"stake not delegated",
			change(func(v *quote.ValidatorStakeSource) {
				v.Stake.Account.State = accounts.StakeInitialized
			}),
			sol, quote.ErrValidator},
		{"stake still activating",
			delegation(func(d *accounts.Delegation) { d.ActivationEpoch = epoch }), most, nil},
		{"stake deactivating",
			delegation(func(d *accounts.Delegation) { d.DeactivationEpoch = epoch }), most, nil},
		{"stake deactivating, a lamport below the minimum",
			delegation(func(d *accounts.Delegation) { d.DeactivationEpoch = epoch }), sol - 1,
			quote.ErrBelowMinimumDelegation},
		{"inactive stake has no minimum", inactive, 1, nil},
		{"all inactive stake but the pool's minimum", inactive, most, nil},
		{"a lamport more of inactive stake", inactive, most + 1, quote.ErrValidator},
		{"inactive stake that was never delegated", change(func(v *quote.ValidatorStakeSource) {
			v.Stake.Account.Delegation.DeactivationEpoch = epoch - 1
			v.Stake.Account.Delegation.Stake = 1
		}), most, nil},
		{"inactive stake where the minimum delegation is a lamport",
			func(s *quote.StakePoolState, v *quote.ValidatorStakeSource) {
				s.MinimumDelegation = 1
				v.Stake.Account.Delegation.DeactivationEpoch = epoch - 1
				v.Stake.Account.Delegation.Stake = sol
			}, sol, quote.ErrValidator},
		{"stake that is locked up", change(func(v *quote.ValidatorStakeSource) {
			v.Stake.Account.Lockup.Epoch = epoch + 1
		}), sol, quote.ErrStakeLocked},
		{"stake whose lockup has ended", change(func(v *quote.ValidatorStakeSource) {
			v.Stake.Account.Lockup.Epoch = epoch
		}), sol, nil},
		{"stake of another validator",
			delegation(func(d *accounts.Delegation) { d.Voter = key(2) }), sol, quote.ErrValidator},
	}
}

// TestStakePoolState_WithdrawStakeLimits withdraws stake from a validator with
// 500 SOL, of which all but the minimum is available. Tokens are worth one
// lamport per unit, so that amounts are limits.
func TestStakePoolState_WithdrawStakeLimits(t *testing.T) {
	const balance = 500 * sol

	for _, test := range withdrawLimitCases() {
		t.Run(test.name, func(t *testing.T) {
			s, from := plain(), source(key(1), balance, balance-stakeRent)
			s.MinimumDelegation, s.Rounding = sol, quote.FeesUnknown
			test.change(&s, &from)
			for name, ask := range map[string]operation{"in": withdrawStake(test.amount, from),
				"out": withdrawStakeExactOut(test.amount, from)} {
				got, err := ask(s)
				if test.want != nil {
					requireRefusal(t, err, test.want, s.Address)
					continue
				}

				require.NoError(t, err, name)
				require.Equal(t, quote.StakeWithdrawal{
					Tokens:   test.amount,
					Lamports: test.amount,
					Vote:     key(1),
					Exact:    true,
				}, got, name)
			}
		})
	}
}

type validatorList = []accounts.ValidatorStakeInfo

// sourcesCase is a case of [TestStakePoolState_Sources].
type sourcesCase struct {
	name      string
	preferred *solana.PublicKey
	// oldBuild reports that the deployed build is older than that of October
	// 2025.
	oldBuild bool
	// unknown and knownOnly report that the case holds for an unknown build
	// only, or for known builds only.
	unknown, knownOnly bool
	entries            validatorList
	want               []byte
	refusal            error
}

// sourcesCases returns the cases of [TestStakePoolState_Sources].
func sourcesCases() []sourcesCase {
	// low is the rent, the minimum delegation of 1 SOL, and one lamport for a
	// token unit that is worth a lamport.
	const low = stakeRent + sol + 1
	const high = low + sol
	entry := func(vote byte, lamports uint64) accounts.ValidatorStakeInfo {
		return source(key(vote), lamports, 0).Entry
	}
	in := func(
		status accounts.ValidatorStatus, e accounts.ValidatorStakeInfo,
	) accounts.ValidatorStakeInfo {
		e.Status = status
		return e
	}

	rich := entry(2, 90*sol)

	return []sourcesCase{
		{name: "most stake first, equals in order", want: []byte{2, 3, 1, 4},
			entries: validatorList{entry(1, 50*sol), rich, entry(3, 70*sol), entry(4, 50*sol)}},
		{
			name:      "only above the first threshold",
			knownOnly: true,
			entries:   validatorList{entry(1, low+1), entry(3, high), entry(4, low)},
			want:      []byte{3, 1},
		},
		{
			name:    "only above the second threshold",
			unknown: true,
			entries: validatorList{entry(1, high), entry(3, high+1), entry(4, low)},
			want:    []byte{3},
		},
		{
			name: "only active ones",
			entries: validatorList{
				in(accounts.ValidatorDeactivating, entry(1, 99*sol)),
				in(accounts.ValidatorDeactivatingAll, entry(3, 99*sol)),
				in(accounts.ValidatorDeactivatingTransient, entry(4, 99*sol)),
				in(accounts.ValidatorReadyForRemoval, entry(5, 99*sol)), rich,
			},
			want: []byte{2},
		},
		{name: "no validator", refusal: quote.ErrValidator},
		{
			name:    "the only validator is being removed",
			entries: validatorList{in(accounts.ValidatorDeactivating, rich)},
			refusal: quote.ErrValidator,
		},
		{
			name:      "1.5 SOL",
			knownOnly: true,
			entries:   validatorList{entry(1, stakeRent+sol*3/2)},
			want:      []byte{1},
		},
		{
			name:    "1.5 SOL, between the thresholds",
			unknown: true,
			entries: validatorList{entry(1, stakeRent+sol*3/2)},
			refusal: quote.ErrValidator,
		},
		{
			name: "preferred has plenty", preferred: keyPointer(1), want: []byte{1},
			entries: validatorList{rich, entry(1, high+1)},
		},
		{
			name:      "preferred at the second threshold",
			preferred: keyPointer(1),
			unknown:   true,
			refusal:   quote.ErrBuildDependent,
			entries:   validatorList{rich, entry(1, high)},
		},
		{
			name:      "preferred right above the first, unknown build",
			preferred: keyPointer(1),
			unknown:   true,
			refusal:   quote.ErrBuildDependent,
			entries:   validatorList{rich, entry(1, low+1)},
		},
		{
			name:      "preferred right above the first",
			preferred: keyPointer(1),
			knownOnly: true,
			entries:   validatorList{rich, entry(1, low+1)},
			want:      []byte{1},
		},
		{
			name: "preferred at the first", preferred: keyPointer(1), want: []byte{2},
			entries: validatorList{entry(1, low), rich},
		},
		{
			name: "preferred not in the list", preferred: keyPointer(7), want: []byte{2},
			entries: validatorList{rich},
		},
		{
			name:      "preferred not in the list, build before October 2025",
			preferred: keyPointer(7),
			oldBuild:  true,
			refusal:   quote.ErrBuildDependent,
			entries:   validatorList{rich},
		},
		{
			name:      "preferred is being removed",
			preferred: keyPointer(1),
			refusal:   quote.ErrValidator,
			entries:   validatorList{rich, in(accounts.ValidatorDeactivating, entry(1, high+1))},
		},
		{
			name: "preferred is being removed and empty", preferred: keyPointer(1), want: []byte{2},
			entries: validatorList{rich, in(accounts.ValidatorReadyForRemoval, entry(1, 0))},
		},
		{
			name:      "preferred exhausted, no other",
			preferred: keyPointer(1),
			refusal:   quote.ErrValidator,
			entries:   validatorList{entry(1, low)},
		},
	}
}

// TestStakePoolState_Sources checks the threshold above which stake can be
// withdrawn from an active validator. The known builds, of June and October
// 2025, use the first threshold. An unknown build may use the second, which is
// higher by the minimum delegation. The preferred validator of a pool is used
// first while it is above the threshold.
func TestStakePoolState_Sources(t *testing.T) {
	for _, test := range sourcesCases() {
		t.Run(test.name, func(t *testing.T) {
			s := plain()
			s.MinimumDelegation, s.State.PreferredWithdrawValidator = sol, test.preferred
			s.UpdateKnown = !test.oldBuild
			validators := listOf(test.entries...)
			before := append(validatorList(nil), test.entries...)
			if test.unknown {
				s.Rounding = quote.FeesUnknown
			}

			got, err := s.Sources(validators)
			if !test.knownOnly {
				s.Rounding = quote.FeesUnknown
				same, _ := s.Sources(validators)
				require.Equal(t, got, same, "the build does not matter")
			}

			require.Equal(t, before, validators.Validators, "the list does not change")
			if test.refusal != nil {
				requireRefusal(t, err, test.refusal, s.Address)
				return
			}

			require.NoError(t, err)
			var votes []byte
			for _, v := range got {
				require.Equal(t, *validators.Find(v.VoteAccount), v)
				votes = append(votes, v.VoteAccount[0])
			}

			require.Equal(t, test.want, votes)
		})
	}
}

// TestStakePoolState_SourcesOfEmptyPool checks that a pool without tokens adds
// no price to the threshold.
func TestStakePoolState_SourcesOfEmptyPool(t *testing.T) {
	s := plain()
	s.State.TotalLamports, s.State.PoolTokenSupply = 0, 0
	got, err := s.Sources(listOf(source(key(1), stakeRent+minimumStake+1, 0).Entry))
	require.NoError(t, err)
	require.Len(t, got, 1)
	_, err = s.Sources(listOf(source(key(1), stakeRent+minimumStake, 0).Entry))
	requireRefusal(t, err, quote.ErrValidator, s.Address)
}

// TestStakeSourcePrices_IsTooSmall checks validators around the smallest stake
// from which something can be withdrawn: twice the minimum of 1 SOL while it is
// active, and any amount beyond 1 SOL once it is inactive.
func TestStakeSourcePrices_IsTooSmall(t *testing.T) {
	s := plain()
	s.MinimumDelegation = sol
	const needed = stakeRent + 2*sol
	for _, test := range []struct {
		name     string
		stake    quote.ValidatorStakeSource
		tooSmall bool
		amount   uint64
	}{
		{"smallest", source(key(1), needed, needed-stakeRent), false, sol},
		{"one lamport less", source(key(1), needed-1, needed-1-stakeRent), true, sol},
		{"inactive", inactiveSource(&s, needed-sol/2), false, sol / 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.tooSmall, s.PrepareSource(test.stake).IsTooSmall())
			w, err := s.WithdrawStake(test.amount, test.stake)
			if test.tooSmall {
				requireRefusal(t, err, quote.ErrValidator, s.Address)
				return
			}

			require.NoError(t, err)
			require.Equal(t, test.amount, w.Lamports)
			_, err = s.WithdrawStake(test.amount+1, test.stake)
			requireRefusal(t, err, quote.ErrValidator, s.Address)
		})
	}

	require.True(t, (*quote.StakeSourcePrices)(nil).IsTooSmall())
}

// inactiveSource returns a validator whose stake was deactivated.
func inactiveSource(s *quote.StakePoolState, lamports uint64) quote.ValidatorStakeSource {
	from := source(key(1), lamports, lamports-stakeRent)
	from.Stake.Account.Delegation.DeactivationEpoch = s.Clock.Epoch - 1
	return from
}
