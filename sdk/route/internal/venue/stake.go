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

// validator is a validator whose stake may change hands: its vote account and
// the number of that.
type validator struct {
	account *solana.PublicKey
	number  state.Vote
}

// stakeSource is where the stake of a trade comes from: an account of the
// owner's, or a pool that gives stake for its token. Its picks are the
// validators, or stake accounts, that it may come from, the first choice first.
type stakeSource interface {
	// picks is how many there are; if there are none, the refusal says why.
	picks(r *quote.Refusal) int
	// validator is that of a pick.
	validator(pick int) validator
	// withdraw is the stake for an amount of the source's token, or of lamports
	// in the owner's account. A new account for it gets so many lamports of
	// rent. It returns false if there is none, and the refusal says why.
	withdraw(pick int, amount, rent uint64, d *withdrawnStake, r *quote.Refusal) bool
	// withdrawExactOut is the least amount for so much delegated stake.
	withdrawExactOut(pick int, staked, rent uint64, d *withdrawnStake, r *quote.Refusal) bool
	// holds is the balance that a draw comes from, in lamports: no draw is
	// more.
	holds(pick int) uint64
	// signs says that a new account for the stake has to sign.
	signs() bool
	// accounts are those that a draw depends on.
	accounts(pick int) []solana.PublicKey
	// describe tells what the amounts are made of, and what they assume.
	describe(d *withdrawnStake) (fees []terms.Fee, conditions []string)
	// steps make d an account of its own, in the hands of the owner or of
	// another authority, with at least so much stake.
	steps(
		pick int,
		p terms.BuildParams,
		d *withdrawnStake,
		w withdrawal,
	) (stake solana.PublicKey, steps []txn.Step, err error)
}

// withdrawal is how stake is put into an account of its own.
type withdrawal struct {
	// minimum is the least stake.
	minimum uint64
	// funder pays the rent of the account.
	funder solana.PublicKey
	// authority becomes staker and withdrawer, where the program can be told;
	// zero for the owner.
	authority solana.PublicKey
}

// withdrawnStake is stake on its way.
type withdrawnStake struct {
	// in is what was paid for it: tokens, or lamports of the owner's account;
	// fee is the part of it that the source keeps.
	in, fee uint64
	// stake is the account as it is passed on, with its rent.
	stake quote.StakeAccountState
	// existing is its address, if it is not a new one.
	existing solana.PublicKey
	// rent is what the owner paid into a new account in addition to the stake;
	// zero if there is none.
	rent  uint64
	exact bool
}

// unstaked are the lamports beyond the delegation.
func (d *withdrawnStake) unstaked() uint64 {
	return fixed.SaturatingSub(d.stake.Lamports, d.stake.Account.Delegation.Stake)
}

// set makes d new stake that is like an account of the source.
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

// stakeBuyer turns stake accounts into a token, or SOL.
type stakeBuyer interface {
	// accepts says whether stake with a validator is welcome.
	accepts(v validator) bool
	// rent is what a new stake account must hold in addition to its stake, in
	// lamports.
	rent() (uint64, error)
	buy(d *withdrawnStake, t *proceeds, r *quote.Refusal) bool
	// pays is the price that no payment exceeds, and the most that is paid at
	// all.
	pays() (most uint64, price quote.Price)
	// buyExactOut is the least delegation that yields at least so much, in an
	// account that is like another apart from it.
	buyExactOut(out uint64, like *withdrawnStake, r *quote.Refusal) (staked uint64, ok bool)
	// accounts are those that a deposit depends on.
	accounts(v validator) []solana.PublicKey
	// describe tells what the amounts are made of.
	describe(d *withdrawnStake, t *proceeds) proceedsText
	// steps hand over an account of the owner's.
	steps(p terms.BuildParams, h stakeTransfer) ([]txn.Step, error)
	// token is what it gives.
	token() lst.LST
	// routerDeposit are its accounts in instructions of the Router.
	routerDeposit(v validator, bridge solana.PublicKey) instructions.RouterDepositStakeAccounts
}

// proceeds is what a taker gives for a stake account.
type proceeds struct {
	// out is what the owner receives. Any limit of the taker's program is about
	// this amount.
	out uint64
	// fee is what the taker keeps, and referral what the referrer receives, in
	// the same token.
	fee, referral uint64
	// lost is what the taker keeps without paying for it, in lamports.
	lost  uint64
	exact bool
	price quote.Price
	guard terms.MinOutCheck
	// advance is the rent of an account of the taker's steps, which comes back.
	advance uint64
	// leaves is the taker's pool afterwards, where that is known.
	leaves offer.Effect
}

// proceedsText are what a taker tells of what it gives.
type proceedsText struct {
	fees []terms.Fee
	// referralRate is the fraction that the referral part comes from.
	referralRate string
	// condition says in words what is assumed if the amounts are not exact.
	condition string
	// tokenProgram is that of the token, for takers whose program takes no
	// limit.
	tokenProgram solana.PublicKey
}

// stakeTransfer is a stake account that changes hands.
type stakeTransfer struct {
	stake     solana.PublicKey
	validator validator
	minimum   uint64
	// back is the part of the outcome that goes to the payer, if another than
	// the owner receives the rest.
	back uint64
	ask  *offer.Ask
}
