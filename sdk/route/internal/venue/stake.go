package venue

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// validator is a validator of traded stake: its vote account and the number of
// the vote account.
type validator struct {
	account *solana.PublicKey
	number  state.Vote
}

// stakeSource provides the stake of a trade: a stake account of the owner, or a
// pool that redeems its token for stake. Its picks are the validators or stake
// accounts it can use, the preferred one first.
type stakeSource interface {
	// picks returns the number of picks. If it is zero, r has the reason.
	picks(r *quote.Refusal) int
	// validator returns the validator of a pick.
	validator(pick int) validator
	// withdraw sets d to the stake for an amount of the source's token, or for
	// an amount of lamports of the owner's account. A new stake account also
	// gets rent lamports. It returns false with the reason in r if the amount
	// is refused.
	withdraw(pick int, amount, rent uint64, d *withdrawnStake, r *quote.Refusal) bool
	// withdrawExactOut sets d to the withdrawal with the smallest amount that
	// provides at least staked lamports of delegated stake.
	withdrawExactOut(pick int, staked, rent uint64, d *withdrawnStake, r *quote.Refusal) bool
	// holds returns the balance of the stake account behind a pick, in
	// lamports. No withdrawal exceeds it.
	holds(pick int) uint64
	// signs reports whether the key of the new stake account has to sign.
	signs() bool
	// accounts returns the accounts that determine a withdrawal.
	accounts(pick int) []solana.PublicKey
	// describe returns the fees of a withdrawal and the assumptions behind its
	// amounts.
	describe(d *withdrawnStake) (fees []terms.Fee, conditions []string)
	// steps returns the instructions that put the stake of d into a stake
	// account of the owner or of another authority, and the address of that
	// account. They fail if the account gets less than w.minimum.
	steps(
		pick int,
		p terms.BuildParams,
		d *withdrawnStake,
		w withdrawal,
	) (stake solana.PublicKey, steps []txn.Step, err error)
}

// withdrawal has the parameters of the instructions of a withdrawal.
type withdrawal struct {
	// minimum is the minimum stake, in lamports.
	minimum uint64
	// funder pays the rent of the stake account.
	funder solana.PublicKey
	// authority becomes staker and withdrawer of the new account if the
	// source's program supports that. Zero is the owner.
	authority solana.PublicKey
	// ask is the request, which may name the token account that pays.
	ask *offer.Ask
}

// withdrawnStake is the stake that a source provides for an input.
type withdrawnStake struct {
	// in is the input, in base units of the source's token, or in lamports of
	// the owner's account. fee is the part of it that the source keeps.
	in, fee uint64
	// stake is the stake account after the withdrawal, rent included.
	stake quote.StakeAccountState
	// existing is the address of the owner's account if it is traded whole, or
	// zero if a new account is created.
	existing solana.PublicKey
	// rent is the rent that the owner pays into a new account in addition to
	// the stake. It is zero if there is no new account, or if its rent comes
	// from elsewhere.
	rent uint64
	// surplus are the lamports that are withdrawn from an existing account
	// before the trade, and topUp those that are added to it, both for a buyer
	// that wants exactly stake and rent.
	surplus, topUp uint64
	// least is the stake that the withdrawal gives at least, for sources whose
	// instruction has no minimum and whose price can change. It is zero for the
	// others.
	least uint64
	exact bool
}

// isDeactivated reports whether the stake was deactivated, in this epoch or
// before.
func (d *withdrawnStake) isDeactivated() bool {
	return d.stake.Account.State == accounts.StakeDelegated &&
		d.stake.Account.Delegation.DeactivationEpoch != accounts.NeverEpoch
}

// unstaked returns the lamports of the account that are not delegated.
func (d *withdrawnStake) unstaked() uint64 {
	return fixed.SaturatingSub(d.stake.Lamports, d.stake.Account.Delegation.Stake)
}

// set sets d to new stake with the authorities and the delegation of an account
// of the source.
func (d *withdrawnStake) set(
	in, fee, staked, rent uint64,
	exact bool,
	like *accounts.StakeAccount,
	r *quote.Refusal,
) bool {
	lamports, err := fixed.Add(staked, rent)
	if err != nil {
		return r.Because(offer.TooLarge)
	}

	*d = withdrawnStake{
		in:    in,
		fee:   fee,
		stake: quote.StakeAccountState{Lamports: lamports, Account: *like},
		rent:  rent,
		exact: exact,
	}

	d.stake.Account.Delegation.Stake = staked
	return true
}

// stakeBuyer pays a token or SOL for stake accounts: a stake pool, Marinade or
// the Reserve.
type stakeBuyer interface {
	// accepts reports whether the buyer accepts stake with a validator.
	accepts(v validator) bool
	// rent returns the lamports that a new stake account must hold in addition
	// to its stake.
	rent() (uint64, error)
	buy(d *withdrawnStake, t *proceeds, r *quote.Refusal) bool
	// pays returns an upper bound of the price, and the largest amount that the
	// buyer can pay.
	pays() (most uint64, price quote.Price)
	// buyExactOut returns the smallest delegation, in lamports, for which the
	// buyer pays at least out. Apart from its delegation the account is as in
	// like.
	buyExactOut(out uint64, like *withdrawnStake, r *quote.Refusal) (staked uint64, ok bool)
	// accounts returns the accounts that determine a purchase.
	accounts(v validator) []solana.PublicKey
	// describe returns the fees of a purchase and the assumptions behind its
	// amounts.
	describe(d *withdrawnStake, t *proceeds) proceedsText
	// updateSteps returns the pool update that steps begins with, or none.
	updateSteps() ([]txn.Step, error)
	// steps returns the instructions that transfer a stake account of the owner
	// to the buyer.
	steps(p terms.BuildParams, h stakeTransfer) ([]txn.Step, error)
	// token returns the token that the buyer pays with.
	token() lst.LST
	// routerDeposit returns the buyer's accounts for instructions of the
	// Router.
	routerDeposit(v validator, bridge solana.PublicKey) instructions.RouterDepositStakeAccounts
}

// proceeds is the payment of a buyer for a stake account.
type proceeds struct {
	// out is the amount that the owner receives. A limit in the buyer's
	// instruction applies to this amount.
	out uint64
	// fee is the amount that the buyer keeps, and referral the amount that the
	// referrer receives, both in the token of out.
	fee, referral uint64
	// own is the manager's fee if it arrives with out. A limit in the buyer's
	// instruction does not apply to it.
	own uint64
	// lost is the part of the stake account that the buyer does not pay for, in
	// lamports.
	lost  uint64
	exact bool
	price quote.Price
	guard terms.MinOutCheck
	// advance is the rent of a temporary account, which is returned.
	advance uint64
	// receiptRent is the rent of the receipt over out, or zero if out arrives
	// at once.
	receiptRent uint64
	// leaves is the buyer's pool after the purchase, if it is known.
	leaves offer.Effect
}

// proceedsText describes the payment of a buyer.
type proceedsText struct {
	fees []terms.Fee
	// referralRate is the rate of the referral part.
	referralRate string
	// condition is the assumption that is stated if the amounts are not exact.
	condition string
	// updates are the conditions of a pool update, if there is one.
	updates []string
	// tokenProgram is the program of the buyer's token, for buyers whose
	// instruction has no minimum output.
	tokenProgram solana.PublicKey
}

// stakeTransfer is the transfer of a stake account to a buyer.
type stakeTransfer struct {
	stake     solana.PublicKey
	validator validator
	minimum   uint64
	// back is the part of the output, in lamports, that goes to the payer if
	// the output goes to another recipient than the owner.
	back uint64
	ask  *offer.Ask
}
