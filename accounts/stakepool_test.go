package accounts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestStakePool_Dumps checks known values: those of bSOL and JupSOL are from
// worked examples that were executed by the program, those of picoSOL were read
// from the bytes.
func TestStakePool_Dumps(t *testing.T) {
	all := fixtures(t)
	feeOf := func(numerator, denominator uint64) accounts.Fee {
		return accounts.Fee{Numerator: numerator, Denominator: denominator}
	}
	for _, test := range []struct {
		name, validatorStake, reserve string
		lamports, supply, epoch       uint64
		bump                          uint8
		solDeposit, stakeDeposit      accounts.Fee
		solWithdrawal, stakeWithdraw  accounts.Fee
		solReferral, stakeReferral    uint8
		packed                        int
	}{
		{
			"router/bsol-stake-pool", "router/bsol-validator-stake-lidomax", "router/bsol-reserve",
			1_144_546_482_246_437, 934_784_722_219_576, 802, 253,
			feeOf(8, 10_000), feeOf(10, 10_000), feeOf(10, 10_000), feeOf(10, 10_000), 100, 0, 435,
		},
		{
			"router/picosol-stake-pool", "router/picosol-validator-stake-pico",
			"router/picosol-reserve",
			128_350_525_083_404, 108_350_525_083_404, 787, 255,
			feeOf(1, 1000), feeOf(0, 100), feeOf(1, 1000), feeOf(0, 1000), 0, 0, 435,
		},
		{
			"infinity-v1/jupsol-pool", "", "",
			5_279_156_915_932_922, 4_737_129_478_525_448, 0, 255,
			feeOf(0, 100), feeOf(0, 0), feeOf(1, 1000), feeOf(1, 1000), 0, 0, 435,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := all[test.name]
			p, err := accounts.DecodeStakePool(a)
			require.NoError(t, err)
			require.Equal(t, test.lamports, p.TotalLamports)
			require.Equal(t, test.supply, p.PoolTokenSupply)
			require.Equal(t, test.epoch, p.LastUpdateEpoch)
			require.Equal(t, test.bump, p.StakeWithdrawBumpSeed)
			require.Equal(t, test.solDeposit, p.SOLDepositFee)
			require.Equal(t, test.stakeDeposit, p.StakeDepositFee)
			require.Equal(t, test.solWithdrawal, p.SOLWithdrawalFee)
			require.Equal(t, test.stakeWithdraw, p.StakeWithdrawalFee)
			require.Equal(t, test.solReferral, p.SOLReferralFee)
			require.Equal(t, test.stakeReferral, p.StakeReferralFee)
			require.Equal(t, accounts.TokenProgram, p.TokenProgram)
			require.Len(t, p.Encode(), test.packed)

			authority, err := accounts.StakePoolWithdrawAuthority(a.Owner, a.Address)
			require.NoError(t, err)
			stored, err := p.WithdrawAuthority(a.Owner, a.Address)
			require.NoError(t, err)
			require.Equal(t, authority, stored)
			deposit, err := accounts.StakePoolDepositAuthority(a.Owner, a.Address)
			require.NoError(t, err)
			require.Equal(t, deposit, p.StakeDepositAuthority)
			if test.reserve == "" {
				return
			}

			require.Equal(t, all[test.reserve].Address, p.ReserveStake)
			reserve, err := accounts.DecodeStakeAccount(all[test.reserve])
			require.NoError(t, err)
			require.Equal(t, accounts.StakeInitialized, reserve.State)
			require.Equal(t, authority, reserve.Staker)
			require.Equal(t, authority, reserve.Withdrawer)
			require.Zero(t, reserve.Delegation)

			stake, err := accounts.DecodeStakeAccount(all[test.validatorStake])
			require.NoError(t, err)
			require.Equal(t, accounts.StakeDelegated, stake.State)
			require.Equal(t, authority, stake.Withdrawer)
			require.Equal(t, uint64(accounts.NeverEpoch), stake.Delegation.DeactivationEpoch)
			address, err := accounts.ValidatorStakeAddress(a.Owner, a.Address,
				stake.Delegation.Voter, 0)
			require.NoError(t, err)
			require.Equal(t, all[test.validatorStake].Address, address)
		})
	}
}

func TestFee_IsZero(t *testing.T) {
	require.True(t, accounts.Fee{}.IsZero())
	require.True(t, accounts.Fee{Numerator: 1}.IsZero(), "no denominator, no fee")
	require.True(t, accounts.Fee{Denominator: 1}.IsZero())
	require.False(t, accounts.Fee{Numerator: 1, Denominator: 1000}.IsZero())
}

func TestLockup_InForce(t *testing.T) {
	now := accounts.Clock{UnixTimestamp: 1000, Epoch: 10}
	for _, test := range []struct {
		name string
		time int64
		at   uint64
		want bool
	}{
		{"none", 0, 0, false},
		{"both at the mark", 1000, 10, false},
		{"time ahead", 1001, 0, true},
		{"epoch ahead", -5, 11, true},
		{"both ahead", 1001, 11, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want,
				accounts.Lockup{UnixTimestamp: test.time, Epoch: test.at}.InForce(now))
		})
	}
}
