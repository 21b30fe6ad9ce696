package sdk

import (
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// ActionKind is the kind of an [Action].
type ActionKind string

// The kinds of actions.
const (
	// ActionClaimTicket pays a due ticket of Marinade to the owner.
	ActionClaimTicket ActionKind = "claim ticket"
	// ActionClaimReceipt pays a receipt of Jito's stake deposit interceptor to
	// the owner, after the cool-down.
	ActionClaimReceipt ActionKind = "claim receipt"
	// ActionWithdrawStake withdraws the whole balance of an inactive stake
	// account, which closes it.
	ActionWithdrawStake ActionKind = "withdraw stake"
	// ActionWithdrawSurplus withdraws the lamports of a stake account that are
	// neither stake nor rent.
	ActionWithdrawSurplus ActionKind = "withdraw surplus"
	// ActionUnwrapSOL closes a token account of wrapped SOL.
	ActionUnwrapSOL ActionKind = "unwrap SOL"
	// ActionMoveTokens moves the tokens of another token account to the
	// associated one, from which trades pay, and closes it if possible.
	ActionMoveTokens ActionKind = "move tokens"
	// ActionDepositStake deposits a stake account for an LST.
	ActionDepositStake ActionKind = "deposit stake"
	// ActionSell sells an LST for SOL.
	ActionSell ActionKind = "sell LST"
	// ActionCloseAccount closes an empty token account for its rent.
	ActionCloseAccount ActionKind = "close account"
)

// Action is something that an owner can do with a holding, see
// [Holdings.Actions] and [Client.Act].
type Action struct {
	Kind ActionKind
	// Account is the account to act on: a token account, a stake account, a
	// ticket or a receipt.
	Account solana.PublicKey
	// From is the token that is given, and Amount its base units: the mint of
	// the token account, or the wrapped SOL mint for lamports.
	From   solana.PublicKey
	Amount uint64
	// To is the token that the owner receives, the wrapped SOL mint for SOL,
	// and Out the amount: for trades the quote's, before costs.
	To  solana.PublicKey
	Out uint64
	// Rent is the rent in lamports that the owner receives in addition.
	Rent uint64
	// Through are the tokens between From and To in the quote of a trade.
	Through []solana.PublicKey
}

// String returns one line, for example "withdraw stake AG5R…: 2500000000
// lamports".
func (a Action) String() string {
	unit := "base units of " + a.To.String()
	if a.To == accounts.NativeMint {
		unit = "lamports"
	}

	text := fmt.Sprintf("%s %s: %d %s", a.Kind, a.Account, a.Out, unit)
	if a.Rent > 0 {
		text += fmt.Sprintf(" and %d lamports of rent", a.Rent)
	}
	return text
}

// Actions returns what can be done now, in the order in which [Client.Act] does
// it. Each action can be executed alone. Choose among them with
// slices.DeleteFunc, for example to keep the LSTs and only withdraw free stake.
//
// Empty token accounts are not closed if another action pays tokens of the same
// mint.
func (h *Holdings) Actions() []Action {
	if h == nil {
		return nil
	}
	return slices.Concat(h.claims(), h.withdrawals(), h.moves(), h.trades(), h.closings())
}

func (h *Holdings) claims() (all []Action) {
	for i := range h.Tickets {
		t := &h.Tickets[i]
		if t.ClaimErr == nil {
			all = append(all, Action{
				Kind:    ActionClaimTicket,
				Account: t.Address,
				From:    accounts.NativeMint,
				Amount:  t.Claim.Lamports,
				To:      accounts.NativeMint,
				Out:     t.Claim.Lamports,
				Rent:    t.Claim.Rent,
			})
		}
	}

	for i := range h.Receipts {
		r := &h.Receipts[i]
		if r.ClaimErr == nil && !r.Claim.OwnerSigns && !r.Mint.IsZero() && !h.blocked[r.Mint] {
			all = append(all, Action{
				Kind:    ActionClaimReceipt,
				Account: r.Address,
				From:    r.Mint,
				Amount:  r.Receipt.PoolTokens,
				To:      r.Mint,
				Out:     r.Claim.Tokens,
				Rent:    r.Rent,
			})
		}
	}
	return all
}

// withdrawal returns the action that pays lamports of an account.
func withdrawal(kind ActionKind, account solana.PublicKey, lamports uint64) Action {
	return Action{
		Kind:    kind,
		Account: account,
		From:    accounts.NativeMint,
		Amount:  lamports,
		To:      accounts.NativeMint,
		Out:     lamports,
	}
}

func (h *Holdings) withdrawals() (all []Action) {
	for i := range h.Stakes {
		s := &h.Stakes[i]
		switch {
		case !s.canWithdraw():
		case s.Free:
			all = append(all, withdrawal(ActionWithdrawStake, s.Address, s.Lamports))
		case s.Surplus > 0:
			all = append(all, withdrawal(ActionWithdrawSurplus, s.Address, s.Surplus))
		}
	}

	for _, w := range h.WrappedSOL {
		if w.closable {
			all = append(all, withdrawal(ActionUnwrapSOL, w.Account, w.Lamports))
		}
	}
	return all
}

// canWithdraw reports whether the owner may withdraw from the account now.
func (s *StakeHolding) canWithdraw() bool { return s.IsWithdrawer && !s.Locked && !s.rewards }

func (h *Holdings) moves() (all []Action) {
	for i := range h.LSTs {
		t := &h.LSTs[i]
		// Token-2022 mints may charge for a transfer.
		if t.Associated || t.Frozen || h.blocked[t.LST.Mint] ||
			t.LST.TokenProgram != accounts.TokenProgram {
			continue
		}

		move := Action{
			Kind:    ActionMoveTokens,
			Account: t.Account,
			From:    t.LST.Mint,
			Amount:  t.Amount,
			To:      t.LST.Mint,
			Out:     t.Amount,
		}
		if t.closable {
			move.Rent = t.lamports
		}

		all = append(all, move)
	}
	return all
}

func (h *Holdings) trades() (all []Action) {
	for i := range h.Stakes {
		s := &h.Stakes[i]
		if s.Deposit != nil && s.canWithdraw() && !h.blocked[s.Deposit.Request.To] {
			all = append(all, Action{
				Kind:    ActionDepositStake,
				Account: s.Address,
				From:    accounts.NativeMint,
				Amount:  s.Lamports,
				To:      s.Deposit.Request.To,
				Out:     s.Deposit.Out,
				Through: through(s.Deposit),
			})
		}
	}

	for i := range h.LSTs {
		t := &h.LSTs[i]
		if t.Sale != nil && t.Associated && !t.Frozen {
			all = append(all, Action{
				Kind:    ActionSell,
				Account: t.Account,
				From:    t.LST.Mint,
				Amount:  t.Amount,
				To:      accounts.NativeMint,
				Out:     t.Sale.Out,
				Through: through(t.Sale),
			})
		}
	}
	return all
}

// through returns the tokens between the legs of a quote.
func through(q *route.Quote) (mints []solana.PublicKey) {
	for i := range q.Legs[:max(len(q.Legs), 1)-1] {
		if to := q.Legs[i].Request.To; to != route.NativeStake && to != accounts.NativeMint {
			mints = appendNew(mints, to)
		}
	}
	return mints
}

func (h *Holdings) closings() (all []Action) {
	received := make(map[solana.PublicKey]bool)
	for _, a := range slices.Concat(h.claims(), h.moves(), h.trades()) {
		received[a.To] = true
	}

	for _, e := range h.Empty {
		if !received[e.Mint] {
			all = append(all, Action{
				Kind:    ActionCloseAccount,
				Account: e.Account,
				From:    e.Mint,
				To:      accounts.NativeMint,
				Rent:    e.Rent,
			})
		}
	}
	return all
}

// trades reports whether an action is quoted by the market.
func (a *Action) trades() bool { return a.Kind == ActionSell || a.Kind == ActionDepositStake }

// PermitActions returns a policy that permits actions of an owner: their stake
// accounts, receipts and tokens, within the amounts of the actions. It limits
// what leaves the owner, and demands no outcome. Set the limits on fees, new
// accounts and rents as for other transactions.
func PermitActions(owner solana.PublicKey, actions []Action) explain.Policy {
	p := explain.Policy{
		Owner:     owner,
		MaxTokens: make(map[solana.PublicKey]uint64),
		MaxStake:  make(map[solana.PublicKey]uint64),
		Stake:     make(map[solana.PublicKey]explain.StakePermission),
	}
	for i := range actions {
		actions[i].permit(&p)
	}
	return p
}

// permit adds what the action needs to a policy.
func (a *Action) permit(p *explain.Policy) {
	for _, mint := range append([]solana.PublicKey{a.From, a.To}, a.Through...) {
		if _, named := p.MaxTokens[mint]; !named && mint != accounts.NativeMint {
			p.MaxTokens[mint] = 0
		}
	}

	switch a.Kind {
	case ActionWithdrawStake, ActionWithdrawSurplus:
		p.MaxStake[a.Account] = fixed.SaturatingAdd(p.MaxStake[a.Account], a.Amount)
	case ActionDepositStake:
		p.MaxStake[a.Account] = math.MaxUint64
		// Stake that was delegated in this epoch may be paid out first.
		p.Stake[a.Account] = explain.StakePermission{Deactivate: true}
	case ActionSell:
		p.MaxTokens[a.From] = fixed.SaturatingAdd(p.MaxTokens[a.From], a.Amount)
	case ActionClaimReceipt:
		p.Receipts = append(p.Receipts, a.Account)
	case ActionMoveTokens:
		p.OwnAccounts = append(p.OwnAccounts, a.Account)
	}
}
