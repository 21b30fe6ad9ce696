package venue

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// marinadeWithdrawUnits are the compute units of WithdrawStakeAccount as
// measured, plus a margin.
const marinadeWithdrawUnits = 120_000

// fromMarinade provides stake with Marinade's WithdrawStakeAccount instruction,
// from the stake accounts that Marinade has records of.
type fromMarinade struct{ pool *state.MarinadeRecords }

func (f *fromMarinade) signs() bool { return true }

// notUpdated is the refusal of Marinade at the start of an epoch.
var notUpdated = quote.NewReason(quote.ErrStalePool,
	"%[1]v: Marinade has updated no stake account in this epoch yet")

func (f *fromMarinade) picks(r *quote.Refusal) int {
	if len(f.pool.Sources) == 0 {
		r.Because(notUpdated)
		r.By("withdraw stake", &f.pool.Pool.Address)
	}
	return len(f.pool.Sources)
}

func (f *fromMarinade) holds(pick int) uint64 { return f.pool.Sources[pick].Stake.Lamports }

func (f *fromMarinade) validator(pick int) validator {
	return validator{
		account: &f.pool.Sources[pick].Validator.VoteAccount,
		number:  f.pool.Votes[pick],
	}
}

func (f *fromMarinade) withdraw(
	pick int,
	tokens, _ uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	w, ok := f.pool.Prices.WithdrawStakeAccount(tokens, f.pool.SourcePrices[pick], r)
	return ok && f.withdrawn(pick, &w, d, r)
}

func (f *fromMarinade) withdrawExactOut(
	pick int,
	staked, _ uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	least := max(staked, f.pool.Pool.MinimumDelegation, f.pool.Pool.State.StakeSystem.MinStake)
	w, ok := f.pool.Prices.WithdrawStakeAccountExactOut(least, f.pool.SourcePrices[pick], r)
	return ok && f.withdrawn(pick, &w, d, r)
}

// withdrawAtLeast sets d to the withdrawal with the smallest amount that
// provides staked lamports even if Marinade raises its fee.
func (f *fromMarinade) withdrawAtLeast(
	pick int,
	staked uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	w, ok := f.pool.Prices.WithdrawStakeAccountAtLeast(staked, f.pool.SourcePrices[pick], r)
	return ok && f.withdrawn(pick, &w, d, r)
}

func (f *fromMarinade) withdrawn(
	pick int,
	w *quote.MarinadeStakeWithdrawal,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	exact := knownMarinade(f.pool.Marinade)
	if !d.set(w.MSOL, w.Treasury, w.Lamports, w.Rent, exact, &f.pool.Sources[pick].Stake.Account,
		r) {
		return false
	}

	d.least = w.Least()
	return true
}

func (f *fromMarinade) accounts(pick int) []solana.PublicKey {
	keys := &f.pool.Keys
	return append(slices.Clone(f.pool.Read), keys.ValidatorList, keys.StakeList,
		f.pool.Sources[pick].Record.StakeAccount)
}

func (f *fromMarinade) describe(d *withdrawnStake) (fees []terms.Fee, conditions []string) {
	if d.fee > 0 {
		fees = []terms.Fee{{
			Name:      "stake withdrawal fee",
			Amount:    d.fee,
			Mint:      f.pool.LST.Mint,
			Rate:      cents(f.pool.Pool.State.WithdrawStakeAccountFee),
			Recipient: f.pool.Keys.Treasury,
		}}
	}

	if !d.exact {
		conditions = []string{unknownMarinade}
	}

	return fees, conditions
}

// steps returns the withdrawal without a minimum, which the instruction does
// not have. The buyer of the stake checks the minimum output.
func (f *fromMarinade) steps(
	pick int,
	p terms.BuildParams,
	d *withdrawnStake,
	w withdrawal,
) (solana.PublicKey, []txn.Step, error) {
	source, err := w.ask.Source(p, f.pool.LST.Mint, f.pool.LST.TokenProgram)
	if err != nil {
		return p.NewAccount, nil, err
	}

	from := &f.pool.Sources[pick]
	withdraw, err := instructions.MarinadeWithdrawStakeAccount{
		Marinade:       f.pool.Keys,
		Authority:      p.Owner,
		Source:         source,
		Split:          from.Record.StakeAccount,
		StakeIndex:     from.Index,
		ValidatorIndex: from.ValidatorIndex,
		NewStake:       p.NewAccount,
		Payer:          w.funder,
		Beneficiary:    cmp.Or(w.authority, p.Owner),
		MSOL:           d.in,
	}.Build()

	token, staked, paid := &f.pool.LST, d.stake.Account.Delegation.Stake, d.in

	return p.NewAccount, []txn.Step{{
		Describe: func() string {
			return fmt.Sprintf("withdraw stake of %s SOL from Marinade for %s %s",
				lst.FormatAmount(staked, 9), token.Format(paid), token.Symbol)
		},
		Instruction:  withdraw,
		ComputeUnits: marinadeWithdrawUnits,
	}}, err
}
