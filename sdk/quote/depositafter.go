package quote

import (
	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// PoolAfter returns a stake pool after the deposit: with its lamports, and with
// the new tokens of the depositor, the manager and the referrer. before is the
// pool that the deposit was quoted from. [ErrBuildDependent] is returned for a
// deposit that is not exact.
func (d SOLDeposit) PoolAfter(before accounts.StakePool) (accounts.StakePool, error) {
	if !d.Exact {
		return before, ErrBuildDependent
	}

	var c fixed.Calc
	before.TotalLamports = c.Add(before.TotalLamports, d.Lamports)
	before.PoolTokenSupply = c.Add(before.PoolTokenSupply, d.Tokens, d.ReferralFee, d.ManagerFee)

	return before, errTooLarge(c.Err())
}

// StateAfter returns Marinade's state after the deposit, as far as the value of
// mSOL depends on it: with the lamports to be staked, and with the new mSOL.
// before is the state that the deposit was quoted from.
func (d MarinadeDeposit) StateAfter(before accounts.MarinadeState) (accounts.MarinadeState, error) {
	var c fixed.Calc
	before.AvailableReserveBalance = c.Add(before.AvailableReserveBalance, d.ToReserve)
	before.MSOLSupply = c.Add(before.MSOLSupply, d.Minted)
	return before, errTooLarge(c.Err())
}
