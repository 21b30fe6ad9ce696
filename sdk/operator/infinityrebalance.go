package operator

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// InfinityRebalanceParams are the parameters of [PlanInfinityRebalance]. Out,
// Inp and Amount are required.
type InfinityRebalanceParams struct {
	// Program is the deployment of the Infinity program. The default is
	// [accounts.InfinityProgram].
	Program solana.PublicKey
	// Out is the token that leaves the pool, and Inp the one that comes back
	// for it. accounts.NativeMint stands for SOL.
	Out, Inp solana.PublicKey
	// Amount are the base units of Out that leave.
	Amount uint64
	// MaxTopUp is the most that the rebalance authority adds of its own, in
	// base units of Inp: lamports if that is SOL. Unstaking and staking cost
	// fees, and even without fees rounding costs a lamport, so zero allows few
	// rebalances.
	MaxTopUp uint64
	// Margin is added to what has to come back, in base units of Inp, so that a
	// trade that lands before does not make the transaction fail by a lamport
	// of rounding.
	Margin uint64
	// MinOutReserves and MaxInpReserves bound the pool's reserves before the
	// start. The transaction fails if a trade has moved them beyond. The
	// defaults are Amount and no limit.
	MinOutReserves, MaxInpReserves uint64
}

// InfinityRebalance is a manual rebalance of Infinity in one transaction: Out
// leaves the pool, is unstaked for SOL, and the SOL is staked for Inp, which
// goes to the pool. Create it with [PlanInfinityRebalance].
//
// All amounts are exact for the slot of the market. If the state changes before
// the transaction lands, the pool's own guard decides: the transaction fails as
// a whole, and nothing moves, if the pool would lose a lamport.
type InfinityRebalance struct {
	InfinityRebalanceParams
	// Authority is the rebalance authority of the pool. It signs, and owns
	// everything in between.
	Authority solana.PublicKey
	// Start is what leaves the pool.
	Start quote.InfinityRebalance
	// Unstake is the trade of Out for SOL, or nil if Out is SOL.
	Unstake *route.Quote
	// Stake is the trade of SOL for Inp if Inp is the LST of a stake pool, and
	// Marinade the deposit of SOL if Inp is mSOL. Both are nil if Inp is SOL.
	Stake    *route.Quote
	Marinade *quote.MarinadeDeposit
	// SOL are the lamports in between.
	SOL uint64
	// Received are the base units of Inp that the pool gets for them, and
	// Required those with which the rebalance succeeds.
	Received, Required uint64
	// TopUp is what the authority adds: what Received lacks of Required and
	// Margin, in base units of Inp.
	TopUp uint64
	// End is the pool afterwards.
	End quote.InfinityRebalanced

	controller instructions.Infinity
	out, inp   infinityToken
	// rent is the rent of a token account.
	rent uint64
	// marinade are the addresses of Marinade if Inp is mSOL.
	marinade instructions.Marinade
}

// InfinityLossError is returned by [PlanInfinityRebalance] when the pool would
// lose value, and MaxTopUp does not cover it. It wraps [quote.ErrNoProfit].
// Raise MaxTopUp to TopUp, or choose other tokens.
type InfinityLossError struct {
	// Received and Required are base units of Inp, see [InfinityRebalance].
	Received, Required uint64
	// TopUp is the smallest MaxTopUp with which the plan succeeds.
	TopUp uint64
}

// Error returns one line.
func (e *InfinityLossError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("%v: it gets %d base units and needs %d (set MaxTopUp to %d, or choose "+
		"other tokens)", quote.ErrNoProfit, e.Received, e.Required, e.TopUp)
}

// Unwrap returns [quote.ErrNoProfit].
func (e *InfinityLossError) Unwrap() error {
	if e == nil {
		return nil
	}
	return quote.ErrNoProfit
}

// PlanInfinityRebalance plans a manual rebalance and foresees its result. The
// market must be loaded with Out and Inp, for example by Client.LoadMarket.
//
// It refuses with [*InfinityLossError] what the pool's loss guard would refuse,
// and with the errors of the market and of package quote what the programs in
// between would refuse. Inp can be SOL, mSOL, or the LST of a stake pool that
// takes SOL.
func PlanInfinityRebalance(
	market *route.Market, params InfinityRebalanceParams,
) (*InfinityRebalance, error) {
	r := &InfinityRebalance{InfinityRebalanceParams: params}
	r.Program = cmp.Or(r.Program, accounts.InfinityProgram)
	r.MinOutReserves = cmp.Or(r.MinOutReserves, r.Amount)
	r.MaxInpReserves = cmp.Or(r.MaxInpReserves, math.MaxUint64)
	if err := r.plan(market); err != nil {
		return nil, fmt.Errorf("rebalance %s: %w", r.Program, err)
	}
	return r, nil
}

func (r *InfinityRebalance) plan(market *route.Market) error {
	pool, err := market.InfinityPool(r.Program)
	if err != nil {
		return err
	}

	if r.rent, err = market.Rent().MinimumBalance(accounts.TokenAccountSpace); err != nil {
		return err
	}

	r.Authority = pool.State.RebalanceAuthority
	if r.Start, err = pool.Prices().StartRebalance(r.Out, r.Inp, r.Amount); err != nil {
		return err
	}

	if err := r.setKeys(pool); err != nil {
		return err
	}

	if err := r.unstake(market); err != nil {
		return err
	}

	value, err := r.stake(market)
	if err != nil {
		return err
	}
	return r.foresee(value)
}

// infinityToken is a token of the pool, and its accounts in instructions.
type infinityToken struct {
	lst.LST
	keys instructions.InfinityToken
}

// setKeys sets the accounts of the two tokens.
func (r *InfinityRebalance) setKeys(pool *route.InfinityPool) (err error) {
	r.controller, err = instructions.NewInfinity(r.Program, &pool.State, accounts.TokenProgram)
	if err != nil {
		return err
	}

	if r.out, err = newInfinityToken(pool, r.Out); err != nil {
		return err
	}

	r.inp, err = newInfinityToken(pool, r.Inp)
	return err
}

func newInfinityToken(
	pool *route.InfinityPool,
	mint solana.PublicKey,
) (t infinityToken, err error) {
	at := slices.IndexFunc(pool.Tokens, func(token route.InfinityToken) bool {
		return token.Listed.Mint == mint
	})
	if at < 0 {
		return t, fmt.Errorf("%w: %s", quote.ErrUnlisted, mint)
	}

	token := pool.Tokens[at]
	t.LST = token.Token
	t.keys = instructions.InfinityToken{
		Index: uint32(token.Index),
		Mint:  mint,
		// The market refuses tokens of another token program.
		TokenProgram: accounts.TokenProgram,
	}

	of := token.Token.Pool
	if token.Token.Kind == lst.KindLido {
		of = accounts.LidoStateAddress
	}

	t.keys.Calculator, err = instructions.CalculatorAccounts(token.Listed.Calculator, of)
	return t, err
}

// legOptions are the options of both trades: no slippage, since the next step
// needs the whole amount.
func (r *InfinityRebalance) legOptions() route.Options {
	return route.Options{
		NoSlippage:       true,
		OnlyDirectRoutes: true,
		User:             r.Authority,
		ExcludeVenues:    []route.Venue{route.VenueInfinity},
	}
}

// unstake sets the trade of Out for SOL.
func (r *InfinityRebalance) unstake(market *route.Market) error {
	if r.Out == accounts.NativeMint {
		r.SOL = r.Amount
		return nil
	}

	q, err := market.Quote(route.Request{
		From:    r.Out,
		To:      accounts.NativeMint,
		Amount:  r.Amount,
		Options: r.legOptions(),
	})
	if err != nil {
		return err
	}

	r.Unstake, r.SOL = &q, q.MinOut
	return nil
}

// stake sets the trade of SOL for Inp, which pays the pool, and returns the
// calculator of Inp after it.
func (r *InfinityRebalance) stake(market *route.Market) (quote.SOLValueCalculator, error) {
	switch r.Inp {
	case accounts.NativeMint:
		r.Received = r.SOL
		return nil, nil
	case accounts.MSOLMint:
		return r.stakeWithMarinade(market)
	}

	options := r.legOptions()
	options.ExcludeVenues = nil
	options.Venues = []route.Venue{route.VenueStakePoolDeposit}
	options.Recipient, options.AllowRecipientOffCurve = r.controller.PoolState, true
	q, err := market.Quote(route.Request{
		From:    accounts.NativeMint,
		To:      r.Inp,
		Amount:  r.SOL,
		Options: options,
	})
	if err != nil {
		return nil, err
	}

	r.Stake, r.Received = &q, q.Out
	pool, err := market.StakePool(r.Inp)
	if err != nil {
		return nil, err
	}

	deposit, err := pool.DepositSOL(r.SOL)
	if err != nil {
		return nil, err
	}

	after, err := deposit.PoolAfter(pool.State)
	if err != nil {
		return nil, err
	}
	return quote.NewStakePoolValue(&after, pool.Clock)
}

// stakeWithMarinade is stake for mSOL. Marinade takes no minimum for a deposit:
// the guard at the end is what protects the pool.
func (r *InfinityRebalance) stakeWithMarinade(
	market *route.Market,
) (quote.SOLValueCalculator, error) {
	pool, err := market.Marinade(r.Inp)
	if err != nil {
		return nil, err
	}

	deposit, err := pool.Deposit(r.SOL)
	if err != nil {
		return nil, err
	}

	r.Marinade, r.Received = &deposit, deposit.MSOL
	r.marinade, err = instructions.NewMarinade(pool.Program, pool.Address, &pool.State)
	if err != nil {
		return nil, err
	}

	after, err := deposit.StateAfter(pool.State)
	if err != nil {
		return nil, err
	}
	return quote.NewMarinadeValue(&after)
}

// foresee computes what is missing, and the pool afterwards.
func (r *InfinityRebalance) foresee(value quote.SOLValueCalculator) (err error) {
	if r.Required, err = r.Start.Required(value); err != nil {
		return err
	}

	wanted, err := fixed.Add(r.Required, r.Margin)
	if err != nil {
		return fmt.Errorf("%w: Margin", quote.ErrAmountTooLarge)
	}

	if r.TopUp = fixed.SaturatingSub(wanted, r.Received); r.TopUp > r.MaxTopUp {
		return &InfinityLossError{
			Received: r.Received,
			Required: r.Required,
			TopUp:    r.TopUp,
		}
	}

	r.End, err = r.Start.End(r.Received+r.TopUp, value)
	return err
}

// Tables returns the lookup tables that the trades may use.
func (r *InfinityRebalance) Tables() (tables []txn.LookupTable) {
	if r == nil {
		return nil
	}

	for _, q := range []*route.Quote{r.Unstake, r.Stake} {
		if q == nil {
			continue
		}

		for _, table := range q.Tables {
			known := slices.ContainsFunc(tables, func(t txn.LookupTable) bool {
				return t.Address == table.Address
			})
			if !known {
				tables = append(tables, table)
			}
		}
	}
	return tables
}

// NeedsStakeKeypair reports whether the key of a temporary stake account must
// sign, in addition to the authority and the payer.
func (r *InfinityRebalance) NeedsStakeKeypair() bool {
	return r != nil && r.Unstake != nil && r.Unstake.NeedsStakeKeypair
}

// Build builds the transaction with a client, which simulates it. The owner is
// the rebalance authority. A stake keypair that is needed and not given is
// generated, signs, and is discarded. The transaction names some 60 accounts:
// unless lookup tables in opts.Tables have them, it fits only into a
// transaction of version 1, see BuildOptions.Versions.
func (r *InfinityRebalance) Build(
	ctx context.Context, client *sdk.Client, opts sdk.BuildOptions,
) (*txn.Unsigned, error) {
	if r == nil {
		return nil, fmt.Errorf("%w rebalance: get one from PlanInfinityRebalance", accounts.ErrNil)
	}

	opts.Owner = r.Authority
	opts.Payer = cmp.Or(opts.Payer, opts.Owner)
	opts.Tables = slices.Concat(opts.Tables, r.Tables())
	with := InfinityRebalanceAccounts{Payer: opts.Payer, Seed: opts.Seed}
	if r.NeedsStakeKeypair() {
		if opts.StakeKeypair == nil {
			key, err := txn.GenerateKeySigner()
			if err != nil {
				return nil, err
			}

			opts.StakeKeypair = key
		}

		with.NewAccount = opts.StakeKeypair.PublicKey()
	}

	steps, err := r.Steps(with)
	if err != nil {
		return nil, err
	}
	return client.BuildSteps(ctx, steps, opts)
}
