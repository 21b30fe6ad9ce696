package venue

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// withdrawStakeUnits are the compute units of WithdrawStake as measured with
// the builds of 2025, plus a margin for lists of 1,000 validators.
const withdrawStakeUnits = 120_000

// fromStakePool provides stake with the WithdrawStake instruction of a stake
// pool. It never includes a pool update: the update would change the
// validators' figures, by which the pick was chosen.
type fromStakePool struct {
	pool *state.StakePoolStake
	// stale is the pool before its update, or nil if it is not updated.
	stale *state.StakePool
}

func (f *fromStakePool) signs() bool { return false }

func (f *fromStakePool) picks(r *quote.Refusal) int {
	if f.pool.SourcesErr != nil {
		r.BecauseErr(nil, f.pool.SourcesErr)
		return 0
	}
	return len(f.pool.Sources)
}

func (f *fromStakePool) holds(pick int) uint64 { return f.pool.Sources[pick].Source.Stake.Lamports }

func (f *fromStakePool) validator(pick int) validator {
	v := f.pool.Sources[pick]
	return validator{account: &v.Source.Entry.VoteAccount, number: v.Vote}
}

func (f *fromStakePool) withdraw(
	pick int,
	tokens, rent uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	from := f.pool.Sources[pick]
	w, ok := f.pool.Prices.WithdrawStake(tokens, from.Prices, r)
	return ok &&
		d.set(w.Tokens, w.ManagerFee, w.Lamports, rent, w.Exact, &from.Source.Stake.Account, r)
}

func (f *fromStakePool) withdrawExactOut(
	pick int,
	staked, rent uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	from := f.pool.Sources[pick]
	w, ok := f.pool.Prices.WithdrawStakeExactOut(max(staked, from.Prices.Least()), from.Prices, r)
	return ok &&
		d.set(w.Tokens, w.ManagerFee, w.Lamports, rent, w.Exact, &from.Source.Stake.Account, r)
}

func (f *fromStakePool) accounts(pick int) []solana.PublicKey {
	return stakePoolAccounts(f.pool, f.pool.Sources[pick].Address)
}

// stakePoolAccounts returns the accounts that determine a movement of stake.
func stakePoolAccounts(pool *state.StakePoolStake, stake solana.PublicKey) []solana.PublicKey {
	keys := append(slices.Clone(pool.Read), pool.LST.ValidatorList)
	if !stake.IsZero() {
		keys = append(keys, stake)
	}
	return keys
}

func (f *fromStakePool) describe(d *withdrawnStake) (fees []terms.Fee, conditions []string) {
	return f.describeFee(d.fee, d.exact)
}

// describeFee returns the fee of withdrawals, in pool tokens, and the
// assumptions behind them.
func (f *fromStakePool) describeFee(
	fee uint64,
	exact bool,
) (fees []terms.Fee, conditions []string) {
	if fee > 0 {
		s := &f.pool.Pool.State
		fees = []terms.Fee{{
			Name:      "stake withdrawal fee",
			Amount:    fee,
			Mint:      s.PoolMint,
			Rate:      offer.FeeRate(s.StakeWithdrawalFee),
			Recipient: s.ManagerFeeAccount,
		}}
	}

	if !exact {
		conditions = []string{unknownBuild}
	}

	if f.stale != nil {
		conditions = append(
			conditions,
			updateConditions(f.stale, f.stale.Update.OpensWithdrawals)...)
	}

	return fees, conditions
}

func (f *fromStakePool) steps(
	pick int,
	p terms.BuildParams,
	d *withdrawnStake,
	w withdrawal,
) (solana.PublicKey, []txn.Step, error) {
	steps, err := f.updateSteps()
	if err != nil {
		return solana.PublicKey{}, nil, err
	}

	stake, withdraw, err := f.withdrawSteps(f.pool.Sources[pick], p, d.in, d.rent, w)

	return stake, append(steps, withdraw...), err
}

// withdrawSteps returns the instructions that withdraw stake of one validator
// into a new stake account for paid tokens, without the pool update.
func (f *fromStakePool) withdrawSteps(
	from *state.ValidatorStake,
	p terms.BuildParams,
	paid, rent uint64,
	w withdrawal,
) (solana.PublicKey, []txn.Step, error) {
	token := &f.pool.LST
	stake, create, err := txn.NewStakeAccount(w.funder, p.Owner, rent, p.Seed)
	if err != nil {
		return stake, nil, err
	}

	source, err := w.ask.Source(p, f.pool.Keys.Mint, f.pool.Keys.TokenProgram)
	if err != nil {
		return stake, nil, err
	}

	withdraw, err := instructions.StakePoolWithdrawStakeWithSlippage{
		StakePoolWithdrawStake: instructions.StakePoolWithdrawStake{
			Pool:         f.pool.Keys,
			Split:        from.Address,
			Destination:  stake,
			NewAuthority: cmp.Or(w.authority, p.Owner),
			Authority:    p.Owner,
			Source:       source,
			PoolTokens:   paid,
		},
		MinimumLamportsOut: w.minimum,
	}.Build()

	return stake, []txn.Step{create, {
		Describe: func() string {
			return fmt.Sprintf(
				"withdraw stake of at least %s SOL from the stake pool of %s for %s %s",
				lst.FormatAmount(w.minimum, 9),
				token.Symbol,
				token.Format(paid),
				token.Symbol,
			)
		},
		Instruction:  withdraw,
		ComputeUnits: withdrawStakeUnits,
	}}, err
}

func (f *fromStakePool) token() lst.LST { return f.pool.LST }

func (f *fromStakePool) updateSteps() ([]txn.Step, error) {
	return updateSteps(f.stale, f.stale != nil && f.stale.Update.OpensWithdrawals)
}

func (f *fromStakePool) routerSuffix(pick int) (instructions.RouterWithdrawStakeAccounts, error) {
	return instructions.RouterStakePoolWithdrawStake(f.pool.Keys, f.pool.Sources[pick].Address), nil
}
