package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// claimTicketUnits are the compute units of Marinade's Claim: 21,000 measured,
// plus a margin.
const claimTicketUnits = 40_000

// createdAccount returns the token account that a step creates unless it
// exists.
func createdAccount(step txn.Step) (solana.PublicKey, bool) {
	if step.Instruction.ProgramID() != accounts.AssociatedTokenProgram {
		return solana.PublicKey{}, false
	}
	metas := step.Instruction.Accounts()
	if len(metas) < 2 {
		return solana.PublicKey{}, false
	}
	return metas[1].PublicKey, true
}

// plainParts reads the accounts of the actions without quotes, and returns
// their steps. Actions that are not possible any more are skipped.
func (a *actor) plainParts(ctx context.Context) ([]actPart, error) {
	keys := []solana.PublicKey{accounts.ClockSysvar, accounts.EpochRewardsSysvar}
	for i := range a.report.Actions {
		action := &a.report.Actions[i].Action
		if action.trades() {
			continue
		}

		keys = append(keys, action.Account)
		if receiving, _, err := a.receiving(action); err == nil {
			keys = append(keys, receiving)
		}
	}

	if len(keys) == 2 {
		return nil, nil
	}

	slices.SortFunc(keys, accounts.CompareKeys)
	set, err := a.client.readAccounts(ctx, slices.Compact(keys), 0)
	if err != nil {
		return nil, err
	}

	var parts []actPart
	for i := range a.report.Actions {
		r := &a.report.Actions[i]
		if r.Action.trades() {
			continue
		}

		part := actPart{
			index: i,
			slot:  set.Slot(),
		}

		part.steps, err = a.plainSteps(ctx, set, r)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			a.end(i, ActionSkipped, err)
		default:
			parts = append(parts, part)
		}
	}
	return parts, nil
}

// receiving returns the associated token account that receives the tokens of an
// action.
func (a *actor) receiving(action *Action) (solana.PublicKey, lst.LST, error) {
	token, err := a.client.lsts().ByMint(action.To)
	if err != nil {
		return solana.PublicKey{}, lst.LST{}, err
	}
	address, err := a.client.addresses.AssociatedToken(a.opts.Owner, token.TokenProgram, token.Mint)
	return address, token, err
}

// plainSteps returns the steps of an action without a quote.
func (a *actor) plainSteps(
	ctx context.Context, set *accounts.Set, r *ActionResult,
) ([]txn.Step, error) {
	account, err := set.Get(r.Action.Account)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrActionGone, err)
	}

	switch r.Action.Kind {
	case ActionWithdrawStake, ActionWithdrawSurplus:
		return a.withdrawSteps(set, account, r)
	case ActionUnwrapSOL, ActionCloseAccount, ActionMoveTokens:
		return a.tokenSteps(set, account, r)
	case ActionClaimTicket:
		return a.ticketSteps(ctx, set, account, r)
	case ActionClaimReceipt:
		return a.receiptSteps(ctx, set, account, r)
	}
	return nil, fmt.Errorf("%w: unknown kind %q", ErrActionGone, r.Action.Kind)
}

// gone returns [ErrActionGone] with a reason.
func gone(account accounts.Account, reason string) error {
	return fmt.Errorf("%w: %s %s", ErrActionGone, account.Address, reason)
}

func (a *actor) withdrawSteps(
	set *accounts.Set, account accounts.Account, r *ActionResult,
) ([]txn.Step, error) {
	stake, err := accounts.DecodeStakeAccount(account)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrActionGone, err)
	}

	clock, err := accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return nil, err
	}

	rewards, err := rewardsActive(set)
	if err != nil {
		return nil, err
	}

	h := newStakeHolding(account, stake, a.opts.Owner, *clock, rewards)
	amount := h.Lamports
	if r.Action.Kind == ActionWithdrawSurplus {
		amount = min(h.Surplus, r.Action.Amount)
	}

	switch {
	case h.rewards:
		return nil, fmt.Errorf("%w: %s", quote.ErrEpochRewards, account.Address)
	case !h.canWithdraw():
		return nil, gone(account, "cannot be withdrawn by the owner")
	case r.Action.Kind == ActionWithdrawStake && !h.Free:
		return nil, fmt.Errorf("%w: %s", quote.ErrStakeActive, account.Address)
	case amount == 0:
		return nil, gone(account, "has no surplus")
	}

	r.Out = amount
	step, err := txn.WithdrawStake(account.Address, a.opts.Owner, a.opts.Owner, amount)
	return []txn.Step{step}, err
}

// tokenSteps returns the steps that close a token account, after its tokens
// were moved.
func (a *actor) tokenSteps(
	set *accounts.Set, account accounts.Account, r *ActionResult,
) ([]txn.Step, error) {
	token, err := accounts.DecodeTokenAccount(account)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrActionGone, err)
	}

	closable := closableBy(token, a.opts.Owner)
	native := token.Mint == accounts.NativeMint
	switch {
	case token.Owner != a.opts.Owner:
		return nil, gone(account, "has another owner")
	case r.Action.Kind == ActionMoveTokens:
		return a.moveSteps(set, account, token, r)
	case !closable:
		return nil, gone(account, "cannot be closed by the owner")
	case r.Action.Kind == ActionCloseAccount && (native || token.Amount > 0):
		return nil, gone(account, "is not empty")
	case r.Action.Kind == ActionUnwrapSOL && !native:
		return nil, gone(account, "has no wrapped SOL")
	case native:
		r.Out = account.Lamports
	default:
		r.Rent = account.Lamports
	}

	step, err := closeTokenAccount(account.Owner, account.Address, a.opts.Owner)
	return []txn.Step{step}, err
}

func (a *actor) moveSteps(
	set *accounts.Set, account accounts.Account, token *accounts.TokenAccount, r *ActionResult,
) ([]txn.Step, error) {
	to, known, err := a.receiving(&r.Action)
	switch {
	case err != nil:
		return nil, err
	case known.Mint != token.Mint || account.Owner != accounts.TokenProgram ||
		to == account.Address || token.State != accounts.TokenInitialized:
		return nil, gone(account, "cannot be moved")
	case token.Amount == 0:
		return nil, gone(account, "is empty")
	case !canReceive(set, to, a.opts.Owner):
		return nil, gone(account, "has no associated token account of the owner to move to")
	}

	var steps []txn.Step
	if _, err := tokenAccountOf(set, to); errors.Is(err, accounts.ErrNotFound) {
		steps = append(steps, txn.CreateTokenAccountAt(a.opts.Payer, to, a.opts.Owner, token.Mint,
			account.Owner).Described())
	}

	move, err := txn.TransferTokens(account.Owner, token.Mint, account.Address, to, a.opts.Owner,
		token.Amount, known.Decimals)
	if err != nil {
		return nil, err
	}

	r.Out = token.Amount
	steps = append(steps, move)
	if !closableBy(token, a.opts.Owner) {
		return steps, nil
	}

	r.Rent = account.Lamports
	closing, err := closeTokenAccount(account.Owner, account.Address, a.opts.Owner)
	return append(steps, closing), err
}

func (a *actor) ticketSteps(
	ctx context.Context, set *accounts.Set, account accounts.Account, r *ActionResult,
) ([]txn.Step, error) {
	ticket, err := accounts.DecodeMarinadeTicket(account)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrActionGone, err)
	case ticket.Beneficiary != a.opts.Owner:
		return nil, gone(account, "has another beneficiary")
	}

	pool, reserve, err := a.client.marinadePool(ctx, set.Slot())
	if err != nil {
		return nil, err
	}

	claim, err := pool.Claim(ticket, account.Lamports)
	if err != nil {
		return nil, err
	}

	ix, err := instructions.MarinadeClaim{
		Marinade: instructions.Marinade{
			Program: pool.Program,
			State:   pool.Address,
			Reserve: reserve,
		},
		Ticket:      account.Address,
		Beneficiary: a.opts.Owner,
	}.Build()
	if err != nil {
		return nil, err
	}

	r.Out, r.Rent = claim.Lamports, claim.Rent
	return []txn.Step{{
		Description:  fmt.Sprintf("claim the ticket %s for %s", account.Address, a.opts.Owner),
		Instruction:  ix,
		ComputeUnits: claimTicketUnits,
	}}, nil
}

func (a *actor) receiptSteps(
	ctx context.Context, set *accounts.Set, account accounts.Account, r *ActionResult,
) ([]txn.Step, error) {
	to, _, err := a.receiving(&r.Action)
	if err != nil {
		return nil, err
	}

	if !canReceive(set, to, a.opts.Owner) {
		return nil, gone(account, "has no associated token account of the owner to pay to")
	}

	steps, claim, _, err := a.client.claimSteps(ctx, account.Address, a.opts.BuildOptions)
	switch {
	case errors.Is(err, ErrNoStakeReceipt):
		return nil, fmt.Errorf("%w: %w", ErrActionGone, err)
	case err != nil:
		return nil, err
	case claim.OwnerSigns:
		return nil, gone(account, "is still in its cool-down")
	}

	// The owner signs the transaction in any case if other steps need it.
	r.Out, r.Rent = claim.Tokens, account.Lamports
	return steps, nil
}

// tradeParts quotes the sales and deposits. Those whose program or temporary
// account checks the minimum output can share a transaction with others.
func (a *actor) tradeParts(ctx context.Context) (packed, alone []actPart, err error) {
	markets, set, err := a.tradeMarkets(ctx)
	if err != nil || set == nil {
		return nil, nil, err
	}

	for i := range a.report.Actions {
		r := &a.report.Actions[i]
		if !r.Action.trades() || r.State != ActionPending {
			continue
		}

		part, together, err := a.tradePart(markets.of(r.Action.token()), set, r)
		switch {
		case err != nil:
			a.end(i, ActionSkipped, err)
			continue
		case together:
			part.index = i
			packed = append(packed, part)
		default:
			part.index = i
			alone = append(alone, part)
		}
	}
	return packed, alone, nil
}

// token returns the LST of a sale or a deposit.
func (a *Action) token() solana.PublicKey {
	if a.Kind == ActionDepositStake {
		return a.To
	}
	return a.From
}

// tradeMarkets loads the markets of the sales and deposits, and the token
// accounts that pay and receive. It returns no accounts if there are none.
func (a *actor) tradeMarkets(
	ctx context.Context,
) (markets tokenMarkets, set *accounts.Set, err error) {
	var first, others []lst.LST
	var stakes []solana.PublicKey
	for i := range a.report.Actions {
		r := &a.report.Actions[i]
		if !r.Action.trades() {
			continue
		}

		token, err := a.client.lsts().ByMint(r.Action.token())
		if err != nil {
			a.end(i, ActionSkipped, err)
			continue
		}

		if r.Action.Kind == ActionDepositStake {
			stakes = appendNew(stakes, r.Action.Account)
		}

		if r.Action.Kind == ActionSell && len(r.Action.Through) == 0 {
			others = appendToken(others, token)
			continue
		}

		// The best route may lead through other tokens.
		first = appendToken(first, token)
		for _, mint := range r.Action.Through {
			if between, err := a.client.lsts().ByMint(mint); err == nil {
				first = appendToken(first, between)
			}
		}
	}

	tokens := slices.Clone(first)
	for _, token := range others {
		tokens = appendToken(tokens, token)
	}

	if len(tokens) == 0 {
		return markets, nil, nil
	}

	if markets, err = a.client.tokenMarkets(ctx, first, others, stakes); err != nil {
		return markets, nil, err
	}

	a.blocked, set, err = a.client.blockedTokens(ctx, a.opts.Owner, tokens, markets.full.Slot())
	return markets, set, err
}

// tradePart quotes a sale or a deposit and returns its steps. It reports
// whether they can share a transaction with others.
func (a *actor) tradePart(
	market *route.Market, set *accounts.Set, r *ActionResult,
) (part actPart, together bool, err error) {
	request, from, err := a.tradeRequest(market, set, r)
	if err != nil {
		return part, false, err
	}

	part.trade, part.slot = &request, max(market.Slot(), set.Slot())
	o := a.opts.BuildOptions
	q, err := bestUsable(market, request, o, a.blocked)
	if err != nil {
		return part, false, err
	}

	r.Quote, r.Out = &q, q.Out
	if q.MinOutCheck == route.CheckedByBalance || q.NeedsStakeKeypair {
		return part, false, nil
	}

	o.Tip, o.Memo = Tip{}, ""
	o.CloseEmptied = o.CloseEmptied && !a.receives(r.Action.From)
	made, err := compose(&q, o, prefetched{
		lifetime:     new(txn.Lifetime),
		tokenBalance: new(uint64),
		source:       from,
		addresses:    a.client.addresses,
		seeds:        &a.client.seeds,
	})
	if err != nil {
		return part, false, err
	}

	part.steps, part.tables = slices.Concat(made.trade, made.closing), made.tables
	return part, true, nil
}

// receives reports whether an action pays tokens of a mint to the owner, so
// that their account does not stay empty.
func (a *actor) receives(mint solana.PublicKey) bool {
	return slices.ContainsFunc(a.report.Actions, func(r ActionResult) bool {
		return r.Action.To == mint || slices.Contains(r.Action.Through, mint)
	})
}

// tradeRequest returns the request of a sale or a deposit, after a check that
// the account still has what the action trades.
func (a *actor) tradeRequest(
	market *route.Market, set *accounts.Set, r *ActionResult,
) (request route.Request, from *source, err error) {
	action := &r.Action
	request = a.opts.request(action.From, action.To, action.Amount)
	request.User, request.MaxTransactions = a.opts.Owner, 1
	request.Intermediates = slices.Concat(request.Intermediates, action.Through)
	if action.Kind == ActionDepositStake {
		stake, err := market.StakeAccount(action.Account)
		if err != nil {
			return request, nil, fmt.Errorf("%w: %w", ErrActionGone, err)
		}

		if stake.Account.Withdrawer != a.opts.Owner {
			return request, nil, fmt.Errorf("%w: %s", quote.ErrStakeOwner, action.Account)
		}

		to, _, err := a.receiving(action)
		if err != nil {
			return request, nil, err
		}

		if !canReceive(set, to, a.opts.Owner) {
			return request, nil, fmt.Errorf("%w: the owner cannot use the token account %s",
				ErrActionGone, to)
		}

		request.From, request.Amount = action.Account, stake.Lamports
		return withDefaultSlippage(request), nil, nil
	}

	from, err = sourceOf(set, action.Account)
	if err != nil {
		return request, nil, err
	}

	if from == nil || from.missing || from.mint != action.From || from.amount < action.Amount ||
		!canReceive(set, action.Account, a.opts.Owner) {
		return request, nil, fmt.Errorf("%w: the owner does not have %[3]d base units in %[2]s",
			ErrActionGone, action.Account, action.Amount)
	}
	return withDefaultSlippage(request), from, nil
}
