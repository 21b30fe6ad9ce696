package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The fees of the Router's instructions, in basis points of the payout.
const (
	RouterStakeWrappedSOLFee      = 0
	RouterWithdrawWrappedSOLFee   = 1
	RouterDepositStakeFee         = 10
	RouterSwapViaStakeFee         = 10
	RouterPrefundWithdrawStakeFee = 0
	RouterPrefundSwapViaStakeFee  = 10
	// RouterReserveFee is the fee of all instructions that sell a stake account
	// to the Reserve for wrapped SOL.
	RouterReserveFee = 0
)

// RouterFee returns the Router's fee on a payout of out base units, at a rate
// in basis points. The fee is rounded down but is at least 1, unless out or the
// rate is zero: 10 basis points of 1_999 are 1. It fails with [ErrInvalidState]
// for a rate above 10,000.
func RouterFee(out, rate uint64) (uint64, error) {
	p, err := NewRouterPayout(out, rate)
	return p.Fee, err
}

// RouterPayout is the payout of an instruction of the Router, in base units of
// the paid token.
type RouterPayout struct {
	// Received is the amount that the Router's fee token account receives from
	// the pool. The Router names that account as the referrer, so the amount
	// includes the referral part of the pool's fee.
	Received uint64
	// Fee stays in that account, and Out goes to the user.
	Fee, Out uint64
}

// NewRouterPayout deducts the Router's fee, a rate in basis points, from the
// amount that a pool pays. It fails with [ErrInvalidState] for a rate above
// 10,000.
func NewRouterPayout(received, rate uint64) (RouterPayout, error) {
	var r Refusal
	p, ok := RouterPayoutOf(received, rate, &r)
	return answer(p, ok, &r)
}

var reasonRouterFee = NewReason(ErrInvalidState, "%[1]v: a Router fee of %[2]d basis points")

// RouterPayoutOf is like [NewRouterPayout], without allocating: it returns
// false if that fails and records the reason in refusal.
func RouterPayoutOf(received, rate uint64, refusal *Refusal) (RouterPayout, bool) {
	if rate > fixed.BasisPoints {
		return RouterPayout{}, refusal.Because(reasonRouterFee, rate)
	}

	fee := uint64(0)
	if received != 0 && rate != 0 {
		// The product fits, as the rate is at most 100 %.
		floor, _ := fixed.MulDivFloor(received, rate, fixed.BasisPoints)
		fee = max(1, floor)
	}

	return RouterPayout{
		Received: received,
		Fee:      fee,
		Out:      received - fee,
	}, true
}

// RouterStakeWrappedSOL returns the payout of the Router's StakeWrappedSol
// instruction for the deposit.
func (d SOLDeposit) RouterStakeWrappedSOL() (RouterPayout, error) {
	return paidWithReferral(d.Tokens, d.ReferralFee, RouterStakeWrappedSOLFee)
}

// RouterWithdrawWrappedSOL returns the payout of the Router's
// WithdrawWrappedSol instruction for the withdrawal.
func (w SOLWithdrawal) RouterWithdrawWrappedSOL() (RouterPayout, error) {
	return NewRouterPayout(w.Lamports, RouterWithdrawWrappedSOLFee)
}

// RouterDepositStake returns the payout of the Router for the deposit. It is
// the same for the instructions DepositStake, SwapViaStake and
// PrefundSwapViaStake.
func (d StakeDeposit) RouterDepositStake() (RouterPayout, error) {
	return paidWithReferral(d.Tokens, d.ReferralFee, RouterDepositStakeFee)
}

// RouterDepositStake returns the payout of the Router for the sale, in wrapped
// SOL. It is the same for the instructions DepositStake, SwapViaStake and
// PrefundSwapViaStake.
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

// RouterSOLBridge checks that the Router's SOL bridge account, which holds the
// given lamports, can lend the rent of a token account. The Router's
// StakeWrappedSol instruction borrows it and returns it within the instruction,
// see accounts.RouterSOLBridgeOut. The error wraps [ErrRouterFunds].
func RouterSOLBridge(address solana.PublicKey, lamports uint64, rent accounts.Rent) error {
	least, err := rent.MinimumBalance(accounts.TokenAccountSpace)
	if err == nil && lamports < least {
		err = fmt.Errorf("%w: its SOL bridge account has %d lamports and needs %d", ErrRouterFunds,
			lamports,
			least)
	}
	return named(opWrapped, address, err)
}

const opBridge = "bridge stake"

// Bridge returns the bridge stake account of the Router's SwapViaStake
// instruction while it holds the withdrawn stake. held is its balance before
// the withdrawal in lamports, at least the rent of a stake account. The user
// owns the account, and it is delegated like the validator's stake that it
// comes from.
func (w StakeWithdrawal) Bridge(
	user solana.PublicKey, from ValidatorStakeSource, held uint64, rent accounts.Rent,
) (StakeAccountState, error) {
	fail := func(err error) (StakeAccountState, error) {
		return StakeAccountState{}, &Error{
			Op:     opBridge,
			Pool:   from.Entry.VoteAccount,
			Reason: err,
		}
	}

	least, err := rent.MinimumBalance(accounts.StakeAccountSpace)
	if err != nil {
		return fail(err)
	}

	if held < least {
		return fail(fmt.Errorf("%w: it holds %d lamports, less than its rent of %d lamports",
			ErrStakeAccount, held, least))
	}

	return bridge(user, from, w.Lamports, held)
}

// bridge returns a stake account that is split off a validator's stake and
// owned by the user.
func bridge(
	user solana.PublicKey, from ValidatorStakeSource, staked, unstaked uint64,
) (StakeAccountState, error) {
	lamports, err := fixed.Add(staked, unstaked)
	if err != nil {
		return StakeAccountState{}, &Error{
			Op:     opBridge,
			Pool:   from.Entry.VoteAccount,
			Reason: errTooLarge(err),
		}
	}

	account := from.Stake.Account
	account.Staker, account.Withdrawer = user, user
	account.Delegation.Stake = staked

	return StakeAccountState{Lamports: lamports, Account: account}, nil
}
