package operator

import (
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// UpkeepParams are the parameters of [Upkeep]. Pool and Payer are required.
type UpkeepParams struct {
	// Pool is the pool, and Program its deployment unless that is one of
	// [accounts.StakePoolPrograms].
	Pool, Program solana.PublicKey
	// Payer pays the network fees and signs. Anyone may update a pool.
	Payer solana.PublicKey
}

// Upkeep returns the plan that updates a pool for the current epoch: it records
// the balances of all validators, collects rewards and stake that has arrived,
// mints the epoch fee, puts due fees in force, and removes validators without
// stake from the list. Run it once in each epoch, or let the other plans do it.
func Upkeep(params UpkeepParams) (*Plan, error) {
	if err := required(named{"Pool", params.Pool}, named{"Payer", params.Payer}); err != nil {
		return nil, fmt.Errorf("upkeep: %w", err)
	}

	plan := &Plan{
		name:    fmt.Sprintf("update pool %s", params.Pool),
		pool:    params.Pool,
		program: params.Program,
		payer:   params.Payer,
	}

	plan.next = plan.update
	return plan, nil
}
