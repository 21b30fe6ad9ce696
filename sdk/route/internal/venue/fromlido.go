package venue

import (
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

// Compute units as measured with lists of up to 100 validators, plus a margin.
const (
	updateRateUnits   = 20_000
	lidoWithdrawUnits = 100_000
)

// lidoUpdated is the condition of a quote with an update of the exchange rate.
const lidoUpdated = "Lido's exchange rate is updated for this epoch in the same transaction"

// fromLido provides stake with Lido's WithdrawV2 instruction.
type fromLido struct {
	pool   *state.Lido
	prices *quote.LidoPrices
	source *quote.LidoSourcePrices
	// poolUpdated reports whether the transaction first updates the exchange
	// rate.
	poolUpdated bool
	// number is the number of its validator's vote account.
	number state.Vote
}

// set prepares the source for an ask. With poolUpdate, the exchange rate is
// updated in the same transaction if it is stale.
func (f *fromLido) set(pool *state.Lido, poolUpdate bool, number state.Vote) {
	*f = fromLido{
		pool:   pool,
		prices: pool.Prices,
		source: pool.SourcePrices,
		number: number,
	}
	if poolUpdate && pool.Updated != nil {
		f.prices, f.source, f.poolUpdated = pool.Updated, pool.UpdatedSource, true
	}
}

func (f *fromLido) updateSteps() ([]txn.Step, error) {
	if !f.poolUpdated {
		return nil, nil
	}
	update, err := instructions.LidoUpdateExchangeRate{Lido: f.pool.Keys}.Build()
	return []txn.Step{{
		Description:  "update Lido's exchange rate for this epoch",
		Instruction:  update,
		ComputeUnits: updateRateUnits,
	}}, err
}

func (f *fromLido) signs() bool { return true }

func (f *fromLido) picks(*quote.Refusal) int { return 1 }

func (f *fromLido) holds(int) uint64 { return f.pool.Stake.Lamports }

func (f *fromLido) validator(int) validator {
	return validator{account: &f.pool.Vote, number: f.number}
}

func (f *fromLido) withdraw(_ int, tokens, rent uint64, d *withdrawnStake, r *quote.Refusal) bool {
	w, ok := f.prices.Withdraw(tokens, f.source, r)
	return ok && d.set(w.StSOL, 0, w.Lamports, rent, true, &f.pool.Stake.Account, r)
}

func (f *fromLido) withdrawExactOut(
	_ int,
	staked, rent uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	w, ok := f.prices.WithdrawExactOut(max(staked, f.pool.Pool.MinimumDelegation), f.source, r)
	return ok && d.set(w.StSOL, 0, w.Lamports, rent, true, &f.pool.Stake.Account, r)
}

func (f *fromLido) accounts(int) []solana.PublicKey {
	keys := slices.Clone(f.pool.Read)
	if f.poolUpdated {
		keys = append(keys, f.pool.Keys.Reserve)
	}
	return append(keys, f.pool.Split)
}

func (f *fromLido) describe(*withdrawnStake) (fees []terms.Fee, conditions []string) {
	if f.poolUpdated {
		conditions = []string{lidoUpdated}
	}
	return nil, conditions
}

func (f *fromLido) token() lst.LST { return f.pool.LST }

func (f *fromLido) routerSuffix(int) (instructions.RouterWithdrawStakeAccounts, error) {
	return instructions.RouterLidoWithdrawStake(f.pool.Keys, f.pool.Vote, f.pool.Split), nil
}

// steps returns the withdrawal into a new system account that holds the rent
// and signs. A minimum is not needed: the rate does not change within an epoch,
// and the program refuses a rate of another epoch.
func (f *fromLido) steps(
	_ int,
	p terms.BuildParams,
	d *withdrawnStake,
	w withdrawal,
) (solana.PublicKey, []txn.Step, error) {
	stake := p.NewAccount
	steps, err := f.updateSteps()
	if err != nil {
		return stake, nil, err
	}

	fund, err := txn.TransferSOL(w.funder, stake, d.rent)
	if err != nil {
		return stake, nil, err
	}

	source, err := w.ask.Source(p, f.pool.LST.Mint, f.pool.LST.TokenProgram)
	if err != nil {
		return stake, nil, err
	}

	withdraw, err := instructions.LidoWithdraw{
		Lido:        f.pool.Keys,
		Owner:       p.Owner,
		Source:      source,
		Vote:        f.pool.Vote,
		Index:       f.pool.Index,
		Split:       f.pool.Split,
		Destination: stake,
		StSOL:       d.in,
	}.Build()

	fund.Description = "pay the rent of a new stake account"
	pool, paid := f.pool, d.in

	return stake, append(steps, fund, txn.Step{
		Describe: func() string {
			return fmt.Sprintf("withdraw stake from Lido for %s %s", pool.LST.Format(paid),
				pool.LST.Symbol)
		},
		Instruction:  withdraw,
		ComputeUnits: lidoWithdrawUnits,
	}), err
}
