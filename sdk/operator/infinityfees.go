package operator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// setFeeUnits are the compute units of a change of fees as measured, with a
// margin.
const setFeeUnits = 10_000

// FeesPerTransaction is the number of tokens whose fees one transaction
// changes. Twelve take less than 1,232 bytes with both pricing programs, also
// with another payer and the instructions of the compute budget.
const FeesPerTransaction = 12

// InfinityFees is a change of the fees of an Infinity pool. Create it with
// [PlanInfinityFees].
type InfinityFees struct {
	// Plan has the fees of all tokens and pairs before and after.
	Plan quote.InfinityFeePlan
	// Authority signs: the admin of the flatslab pricing program, or the
	// manager of the flat-fee one.
	Authority solana.PublicKey

	program solana.PublicKey
	flat    bool
}

// PlanInfinityFees plans the fees of a pool from target weights, see
// [quote.InfinityState.PlanFees]. Tokens that the market was not loaded with
// count with the value that the pool recorded last.
//
// The plan is resumed by making it again: the pool then has some of the fees,
// and the rest is left to change. As long as the values of the tokens change,
// so do the planned fees.
func PlanInfinityFees(
	pool *route.InfinityPool, policy quote.InfinityFeePolicy,
) (*InfinityFees, error) {
	if pool == nil {
		return nil, fmt.Errorf("plan fees: %w pool: get one from Market.InfinityPool",
			accounts.ErrNil)
	}

	prices := pool.Prices()
	prices.LSTs = listedTokens(pool)
	plan, err := prices.PlanFees(policy)
	if err != nil {
		return nil, err
	}

	fees := &InfinityFees{Plan: plan, program: pool.State.PricingProgram}
	switch pricing := prices.Pricing.(type) {
	case quote.FlatSlab:
		if pricing.Slab != nil {
			fees.Authority = pricing.Slab.Admin
		}

	case quote.FlatFee:
		fees.Authority, fees.flat = pricing.State.Manager, true
	}
	return fees, nil
}

// listedTokens returns all tokens of a pool's list.
func listedTokens(pool *route.InfinityPool) map[solana.PublicKey]quote.InfinityLST {
	tokens := make(map[solana.PublicKey]quote.InfinityLST, len(pool.Tokens))
	maps.Copy(tokens, pool.Prices().LSTs)
	for _, token := range pool.Tokens {
		if _, known := tokens[token.Listed.Mint]; !known {
			tokens[token.Listed.Mint] = quote.InfinityLST{
				Index:       uint32(token.Index),
				State:       token.Listed,
				Unavailable: token.Unavailable,
			}
		}
	}
	return tokens
}

// Changes returns the tokens whose fees change.
func (f *InfinityFees) Changes() (changes []quote.TokenFees) {
	if f == nil {
		return nil
	}

	for _, token := range f.Plan.Tokens {
		if token.Changes() {
			changes = append(changes, token)
		}
	}
	return changes
}

// Transactions returns the steps of each transaction, in order: one step for
// each token whose fees change, and [FeesPerTransaction] steps in a
// transaction. Build each with Client.BuildSteps. The default payer is the
// authority.
func (f *InfinityFees) Transactions(payer solana.PublicKey) ([][]txn.Step, error) {
	if f == nil {
		return nil, fmt.Errorf("%w fees: get them from PlanInfinityFees", accounts.ErrNil)
	}

	steps := make([]txn.Step, 0, len(f.Plan.Tokens))
	for _, token := range f.Changes() {
		step, err := f.step(token, cmp.Or(payer, f.Authority))
		if err != nil {
			return nil, fmt.Errorf("fees of %s: %w", token.Mint, err)
		}

		steps = append(steps, step)
	}
	return slices.Collect(slices.Chunk(steps, FeesPerTransaction)), nil
}

// step returns the step that sets the fees of a token.
func (f *InfinityFees) step(token quote.TokenFees, payer solana.PublicKey) (txn.Step, error) {
	const nanosPerBps = fixed.Nanos / fixed.BasisPoints

	var ix solana.Instruction
	var err error
	if f.flat {
		ix, err = instructions.FlatFeeSetLSTFee{
			Program:      f.program,
			Manager:      f.Authority,
			Mint:         token.Mint,
			InputFeeBps:  int16(token.After.InputNanos / nanosPerBps),
			OutputFeeBps: int16(token.After.OutputNanos / nanosPerBps),
		}.Build()
	} else {
		ix, err = instructions.FlatSlabSetLSTFee{
			Program:     f.program,
			Admin:       f.Authority,
			Payer:       payer,
			Mint:        token.Mint,
			InpFeeNanos: int32(token.After.InputNanos),
			OutFeeNanos: int32(token.After.OutputNanos),
		}.Build()
	}
	return txn.Step{
		Description: fmt.Sprintf("set the fees of %s: %d billionths as input, %d as output",
			token.Mint, token.After.InputNanos, token.After.OutputNanos),
		Instruction:  ix,
		ComputeUnits: setFeeUnits,
	}, err
}
