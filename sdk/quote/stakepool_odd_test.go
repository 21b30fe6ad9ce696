package quote_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestFeeAccountMintable_Accounts checks which fee accounts the fee of a
// deposit can be minted to. The end-to-end test TestStakePool_OddStates
// executes them.
func TestFeeAccountMintable_Accounts(t *testing.T) {
	state := &accounts.StakePool{PoolMint: key(1), TokenProgram: accounts.Token2022Program}
	token := accounts.TokenAccount{Mint: key(1), Owner: key(2), State: accounts.TokenInitialized}
	mintable := func(token accounts.TokenAccount) bool {
		return quote.FeeAccountMintable(state,
			accounts.Account{Owner: accounts.Token2022Program, Data: token.Encode()})
	}

	require.True(t, mintable(token))
	for _, kind := range []accounts.ExtensionType{
		accounts.ExtensionMemoTransfer,
		accounts.ExtensionConfidentialTransferAccount,
		accounts.ExtensionConfidentialTransferFeeAmount,
		accounts.ExtensionTransferHookAccount,
		accounts.ExtensionPausableAccount,
		accounts.ExtensionCPIGuard,
	} {
		extended := token
		extended.Extensions = []accounts.Extension{{Type: kind, Data: []byte{1}}}
		require.True(t, mintable(extended), kind)
	}

	extended := token
	extended.Extensions = []accounts.Extension{{Type: 999, Data: []byte{1}}}
	require.False(t, mintable(extended), "an unknown extension")
	frozen, other := token, token
	frozen.State, other.Mint = accounts.TokenFrozen, key(3)
	require.False(t, mintable(frozen))
	require.False(t, mintable(other))
	require.False(t, quote.FeeAccountMintable(state, accounts.Account{}), "missing")
	require.False(t, quote.FeeAccountMintable(nil, accounts.Account{}))
}

// TestStakePoolState_FeeAccountWithMemos checks that a fee account that
// requires memos receives the fees of deposits, and that withdrawals are free.
func TestStakePoolState_FeeAccountWithMemos(t *testing.T) {
	s := plain()
	fee := accounts.Fee{Numerator: 1, Denominator: 100}
	s.State.SOLDepositFee, s.State.SOLWithdrawalFee = fee, fee
	s.State.StakeDepositFee, s.State.StakeWithdrawalFee = fee, fee
	s.FeeAccountUsable, s.FeeAccountMintable = false, true

	deposit, err := s.DepositSOL(100 * sol)
	require.NoError(t, err)
	require.Equal(t, uint64(sol), deposit.ManagerFee)
	stake, err := s.DepositStakeExactOut(99*sol, 0)
	require.NoError(t, err)
	require.Equal(t, uint64(sol), stake.ManagerFee)
	withdrawal, err := s.WithdrawSOL(sol)
	require.NoError(t, err)
	require.Zero(t, withdrawal.ManagerFee)

	s.FeeAccountMintable = false
	_, err = s.DepositSOL(100 * sol)
	requireRefusal(t, err, quote.ErrFeeAccount, s.Address)
}

// TestStakePoolState_ReserveLocked checks that a lockup of the reserve prevents
// the withdrawal of SOL while it is in force, and nothing else.
func TestStakePoolState_ReserveLocked(t *testing.T) {
	s := plain()
	s.Reserve.Lockup.Epoch = epoch + 1
	_, err := s.WithdrawSOL(sol)
	requireRefusal(t, err, quote.ErrStakeLocked, s.Address)
	_, err = s.DepositSOL(sol)
	require.NoError(t, err)
	_, err = s.WithdrawStake(sol, source(key(1), 100*sol+stakeRent, 100*sol))
	require.NoError(t, err)

	s.Reserve.Lockup.Epoch = epoch
	_, err = s.WithdrawSOL(sol)
	require.NoError(t, err)
}

// TestStakePoolState_AfterUpdateLockups checks what an update does with stake
// of a pool that has a lockup. The end-to-end test
// TestStakePoolUpdate_OddStates executes the same.
func TestStakePoolState_AfterUpdateLockups(t *testing.T) {
	ended := accounts.Lockup{Epoch: epoch, Custodian: key(5)}
	inForce := accounts.Lockup{Epoch: epoch + 1, Custodian: key(5)}
	for _, test := range []struct {
		name             string
		lockup           accounts.Lockup
		reserve, surplus bool
		refused          bool
	}{
		{name: "ended, with surplus lamports", lockup: ended, surplus: true},
		{name: "in force, with surplus lamports", lockup: inForce, surplus: true, refused: true},
		{name: "in force, reserve without", lockup: inForce, refused: true},
		{name: "in force, reserve too", lockup: inForce, reserve: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := outdated()
			s.State.Lockup = test.lockup
			v := &s.Update.Validators[0]
			v.Active.Account.Lockup = test.lockup
			v.Active.Lamports = v.Active.Account.Delegation.Stake + stakeRent
			if test.surplus {
				v.Active.Lamports += sol
			}

			inactive := v.Active.Account
			inactive.Delegation.DeactivationEpoch = epoch - 1
			v.Transient = &quote.StakeAccountState{Lamports: 5 * sol, Account: inactive}
			v.Entry.TransientStakeLamports = 5 * sol
			if test.reserve {
				s.Reserve.Lockup = test.lockup
			}

			reserve := s.ReserveLamports
			after, err := s.AfterUpdate()
			if test.refused {
				requireRefusal(t, err, quote.ErrUpdateFails, s.Address)
				return
			}

			require.NoError(t, err)
			want := reserve + 5*sol
			if test.surplus {
				want += sol
			}

			require.Equal(t, want, after.Pool.ReserveLamports)
		})
	}
}

// TestStakePoolState_UpdatedDuringRewards checks that builds of June 2025
// update a pool while rewards are being distributed if no stake has to be
// moved, and that newer builds do so only if no validator is behind.
func TestStakePoolState_UpdatedDuringRewards(t *testing.T) {
	for _, test := range []struct {
		name    string
		newer   bool
		unknown bool
		change  func(*quote.StakePoolState)
		want    error
	}{
		{name: "June 2025, no stake to move"},
		{name: "June 2025, surplus lamports", want: quote.ErrEpochRewards,
			change: func(s *quote.StakePoolState) { s.Update.Validators[0].Active.Lamports++ }},
		{name: "June 2025, inactive transient stake", want: quote.ErrEpochRewards,
			change: func(s *quote.StakePoolState) { addTransient(s, epoch-1) }},
		{name: "June 2025, active transient stake", want: quote.ErrEpochRewards,
			change: func(s *quote.StakePoolState) { addTransient(s, accounts.NeverEpoch) }},
		{name: "October 2025", newer: true, want: quote.ErrEpochRewards},
		{name: "unknown build", unknown: true, want: quote.ErrEpochRewards},
		{name: "October 2025, no validator is behind", newer: true,
			change: func(s *quote.StakePoolState) {
				s.Update.Validators[0].Entry.LastUpdateEpoch = epoch
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := outdated()
			s.UpdateKnown, s.EpochRewardsActive = test.newer, true
			if test.unknown {
				s.Rounding = quote.FeesUnknown
			}

			active := s.Update.Validators[0].Active
			active.Lamports = active.Account.Delegation.Stake + stakeRent
			if test.change != nil {
				test.change(&s)
			}

			_, err := s.DepositSOL(sol)
			if test.want != nil {
				requireRefusal(t, err, test.want, s.Address)
				return
			}

			require.NoError(t, err)
			_, err = s.WithdrawSOL(sol)
			requireRefusal(t, err, quote.ErrEpochRewards, s.Address)
		})
	}
}

// addTransient adds transient stake that was deactivated in an epoch.
func addTransient(s *quote.StakePoolState, deactivated uint64) {
	v := &s.Update.Validators[0]
	account := v.Active.Account
	account.Delegation.DeactivationEpoch = deactivated
	v.Transient = &quote.StakeAccountState{Lamports: 5 * sol, Account: account}
	v.Entry.TransientStakeLamports = 5 * sol
}
