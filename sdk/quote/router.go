package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// What the Router keeps of what it pays out, in basis points, by instruction.
const (
	RouterStakeWrappedSolFee      = 0
	RouterWithdrawWrappedSolFee   = 1
	RouterDepositStakeFee         = 10
	RouterSwapViaStakeFee         = 10
	RouterPrefundWithdrawStakeFee = 0
	RouterPrefundSwapViaStakeFee  = 10
	// RouterReserveFee is that of all instructions that sell a stake account to the Reserve for wrapped SOL.
	RouterReserveFee = 0
)

// RouterFee is what the Router keeps of so many base units at a rate in basis points: rounded down, but at least 1 of anything unless
// the rate is zero. It fails for a rate above 10,000.
func RouterFee(out, rate uint64) (uint64, error) {
	p, err := NewRouterPayout(out, rate)
	return p.Fee, err
}

// RouterPayout is what comes of an instruction of the Router, in base units of the token that is paid.
type RouterPayout struct {
	// Received is all that the Router's fee token account receives from the pool. The Router names that account as the referrer, so
	// that a referral part of the pool's fee is in it.
	Received uint64
	// Fee stays there, Out goes to the user.
	Fee, Out uint64
}

// NewRouterPayout takes the Router's fee, a rate in basis points, from what a pool pays. It fails for a rate above 10,000.
func NewRouterPayout(received, rate uint64) (RouterPayout, error) {
	var r Refusal
	p, ok := RouterPayoutOf(received, rate, &r)
	return answer(p, ok, &r)
}

var reasonRouterFee = NewReason(ErrInvalidState, "%[1]v: Router fee of %[2]d basis points")

// RouterPayoutOf is [NewRouterPayout] without allocating: it reports false, and
// in the refusal why, where that fails.
func RouterPayoutOf(received, rate uint64, refusal *Refusal) (RouterPayout, bool) {
	if rate > fixed.BasisPoints {
		return RouterPayout{}, refusal.Because(reasonRouterFee, rate)
	}

	fee := uint64(0)
	if received != 0 && rate != 0 {
		// It fits: the rate is at most one.
		floor, _ := fixed.MulDivFloor(received, rate, fixed.BasisPoints)
		fee = max(1, floor)
	}
	return RouterPayout{Received: received, Fee: fee, Out: received - fee}, true
}

// RouterStakeWrappedSol is what the Router's StakeWrappedSol pays for the deposit.
func (d SolDeposit) RouterStakeWrappedSol() (RouterPayout, error) {
	return paidWithReferral(d.Tokens, d.ReferralFee, RouterStakeWrappedSolFee)
}

// RouterWithdrawWrappedSol is what the Router's WithdrawWrappedSol pays for the withdrawal.
func (w SolWithdrawal) RouterWithdrawWrappedSol() (RouterPayout, error) {
	return NewRouterPayout(w.Lamports, RouterWithdrawWrappedSolFee)
}

// RouterDepositStake is what the Router pays for the deposit, with DepositStake, SwapViaStake and PrefundSwapViaStake alike.
func (d StakeDeposit) RouterDepositStake() (RouterPayout, error) {
	return paidWithReferral(d.Tokens, d.ReferralFee, RouterDepositStakeFee)
}

// RouterDepositStake is what the Router pays in wrapped SOL for the sale, with DepositStake, SwapViaStake and PrefundSwapViaStake alike.
func (u Unstake) RouterDepositStake() (RouterPayout, error) {
	return NewRouterPayout(u.Out, RouterReserveFee)
}

func paidWithReferral(tokens, referral, rate uint64) (RouterPayout, error) {
	received, err := fixed.Add(tokens, referral)
	if err != nil {
		return RouterPayout{}, errTooLarge(err)
	}
	return NewRouterPayout(received, rate)
}

const opWrapped = "stake wrapped SOL"

// RouterSOLBridge checks that the Router's SOL bridge with so many lamports can lend the rent of a token account, which the Router's
// StakeWrappedSol takes and gives back, see accounts.RouterSOLBridgeOut.
func RouterSOLBridge(address solana.PublicKey, lamports uint64, rent accounts.Rent) error {
	least, err := rent.MinimumBalance(accounts.TokenAccountSpace)
	if err == nil && lamports < least {
		err = fmt.Errorf("%w: its SOL bridge has %d lamports, not %d", ErrRouterFunds, lamports, least)
	}
	return named(opWrapped, address, err)
}

const opBridge = "bridge stake"

// Bridge is the bridge stake account of the Router's SwapViaStake while the stake of a withdrawal is in it: what it held before, which
// must be the rent of a stake account at least, and the withdrawn stake. It belongs to the user, and is delegated as the validator's
// stake is that it comes from.
func (w StakeWithdrawal) Bridge(
	user solana.PublicKey, from ValidatorStakeSource, held uint64, rent accounts.Rent,
) (LiveStake, error) {
	fail := func(err error) (LiveStake, error) {
		return LiveStake{}, &Error{Op: opBridge, Pool: from.Entry.VoteAccount, Reason: err}
	}
	least, err := rent.MinimumBalance(accounts.StakeAccountSpace)
	if err != nil {
		return fail(err)
	}
	if held < least {
		return fail(fmt.Errorf("%w: it holds %d lamports, less than the rent of %d", ErrStakeAccount, held, least))
	}
	return bridge(user, from, w.Lamports, held)
}

// bridge is a part of a validator's stake in the hands of the user.
func bridge(
	user solana.PublicKey, from ValidatorStakeSource, staked, unstaked uint64,
) (LiveStake, error) {
	lamports, err := fixed.Add(staked, unstaked)
	if err != nil {
		return LiveStake{}, &Error{Op: opBridge, Pool: from.Entry.VoteAccount, Reason: errTooLarge(err)}
	}
	account := from.Stake.Account
	account.Staker, account.Withdrawer = user, user
	account.Delegation.Stake = staked
	return LiveStake{Lamports: lamports, Account: account}, nil
}
