package operator

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Compute units of the steps of a rebalance as measured, with a margin: a start
// values three balances and an end one.
const (
	startRebalanceUnits  = 160_000
	endRebalanceUnits    = 70_000
	marinadeDepositUnits = 100_000
)

// seedLength is the length of a random seed. One character is appended to it.
const seedLength = 20

// InfinityRebalanceAccounts are the accounts that [InfinityRebalance.Steps]
// needs.
type InfinityRebalanceAccounts struct {
	// Payer pays the rent of new accounts, and gets back that of temporary
	// ones. The default is the authority.
	Payer solana.PublicKey
	// Seed and the authority determine the addresses of temporary accounts. The
	// default is random. Use a new seed of at most 31 characters for each
	// rebalance: a stake account that the Reserve buys stays.
	Seed string
	// NewAccount is the address of a temporary stake account, see
	// [InfinityRebalance.NeedsStakeKeypair]. Its key signs.
	NewAccount solana.PublicKey
}

// Steps returns the steps of the transaction in order.
// [route.ErrMissingParam] is returned without a NewAccount that is needed.
func (r *InfinityRebalance) Steps(with InfinityRebalanceAccounts) ([]txn.Step, error) {
	if r == nil {
		return nil, fmt.Errorf("%w rebalance: get one from PlanInfinityRebalance", accounts.ErrNil)
	}

	payer, seed := cmp.Or(with.Payer, r.Authority), cmp.Or(with.Seed, rand.Text()[:seedLength])
	before, destination, after, err := r.withdrawal(payer, seed)
	if err != nil {
		return nil, err
	}

	start, err := r.start(destination)
	if err != nil {
		return nil, err
	}

	params := route.BuildParams{
		Owner:      r.Authority,
		Payer:      payer,
		Seed:       seed,
		NewAccount: with.NewAccount,
	}

	unstake, err := legSteps(r.Unstake, params)
	if err != nil {
		return nil, err
	}

	params.Seed += "2"
	stake, err := legSteps(r.Stake, params)
	if err != nil {
		return nil, err
	}

	returned, err := r.returned()
	if err != nil {
		return nil, err
	}

	end, err := instructions.InfinityEndRebalance{
		Controller: r.controller,
		Authority:  r.Authority,
		Inp:        r.inp.keys,
	}.Build()
	if err != nil {
		return nil, err
	}
	return slices.Concat(before, []txn.Step{start}, after, unstake, stake, returned, []txn.Step{{
		Description: fmt.Sprintf("end the rebalance: fail unless the pool is worth %s SOL again",
			lst.FormatAmount(r.Start.TotalBefore, 9)),
		Instruction:  end,
		ComputeUnits: endRebalanceUnits,
	}}), nil
}

// legSteps returns the steps of a trade, or none for nil.
func legSteps(q *route.Quote, params route.BuildParams) ([]txn.Step, error) {
	if q == nil {
		return nil, nil
	}
	return q.Steps(params)
}

// withdrawal returns the account that receives Out: the associated account of
// the authority, or a temporary account for SOL, which is unwrapped at once.
func (r *InfinityRebalance) withdrawal(
	payer solana.PublicKey, seed string,
) (before []txn.Step, destination solana.PublicKey, after []txn.Step, err error) {
	if r.Out == accounts.NativeMint {
		w, err := txn.NewTempWSOLAccount(payer, r.Authority, r.rent, seed)
		return w.Open, w.Address, w.Close, err
	}

	destination, err = accounts.AssociatedTokenAddress(r.Authority, r.out.keys.TokenProgram, r.Out)
	before = []txn.Step{txn.CreateTokenAccount(payer, r.Authority, r.Out, r.out.keys.TokenProgram)}
	return before, destination, nil, err
}

// start returns the step that takes Out from the pool.
func (r *InfinityRebalance) start(destination solana.PublicKey) (txn.Step, error) {
	ix, err := instructions.InfinityStartRebalance{
		Controller:     r.controller,
		Authority:      r.Authority,
		Out:            r.out.keys,
		Inp:            r.inp.keys,
		Destination:    destination,
		Amount:         r.Amount,
		MinStartingOut: r.MinOutReserves,
		MaxStartingInp: r.MaxInpReserves,
	}.Build()
	if err != nil {
		return txn.Step{}, err
	}
	return txn.Step{
		Description: fmt.Sprintf("take %s %s out of the pool, for %s that comes back",
			r.out.Format(r.Amount), r.out.Symbol, r.inp.Symbol),
		Instruction:  ix,
		ComputeUnits: startRebalanceUnits,
	}, nil
}

// returned returns the steps that pay the pool what no trade pays: SOL, mSOL
// for SOL, and the part that the authority adds.
func (r *InfinityRebalance) returned() ([]txn.Step, error) {
	reserves, err := r.controller.Reserves(r.inp.keys.TokenProgram, r.Inp)
	if err != nil {
		return nil, err
	}

	if r.Inp == accounts.NativeMint {
		return txn.WrapSOL(r.Authority, reserves, r.Received+r.TopUp), nil
	}

	var steps []txn.Step
	if r.Marinade != nil {
		deposit, err := instructions.MarinadeDeposit{
			Marinade:    r.marinade,
			From:        r.Authority,
			Destination: reserves,
			Lamports:    r.SOL,
		}.Build()
		if err != nil {
			return nil, err
		}

		steps = append(steps, txn.Step{
			Description: fmt.Sprintf("deposit %s SOL into Marinade for the pool",
				lst.FormatAmount(r.SOL, 9)),
			Instruction:  deposit,
			ComputeUnits: marinadeDepositUnits,
		})
	}

	if r.TopUp == 0 {
		return steps, nil
	}

	own, err := accounts.AssociatedTokenAddress(r.Authority, r.inp.keys.TokenProgram, r.Inp)
	if err != nil {
		return nil, err
	}

	topUp, err := txn.TransferTokens(r.inp.keys.TokenProgram, r.Inp, own, reserves, r.Authority,
		r.TopUp, r.inp.Decimals)
	return append(steps, topUp), err
}
