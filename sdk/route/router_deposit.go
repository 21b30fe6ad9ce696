package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// routerDepositUnits is what StakeWrappedSol was measured to need, with room.
const routerDepositUnits = 110_000

// routerDeposit is SOL -> LST by the Router's StakeWrappedSol. It pays what a deposit without the Router does and takes more steps, but
// it takes wrapped SOL.
type routerDeposit struct {
	program solana.PublicKey
	tokens  []lst.LST
}

func newRouterDeposit(tokens []lst.LST) routerDeposit {
	v := routerDeposit{program: accounts.RouterProgram}
	for _, t := range tokens {
		if t.Kind.IsStakePool() || t.Kind == lst.KindMarinade {
			v.tokens = append(v.tokens, t)
		}
	}
	return v
}

func (v routerDeposit) name() string { return "Router deposit" }

func (v routerDeposit) pairs() (from, to []solana.PublicKey) {
	for _, t := range v.tokens {
		to = append(to, t.Mint)
	}
	return []solana.PublicKey{accounts.NativeMint}, to
}

// needs is what the Router needs: the pools are loaded for direct deposits as well.
func (v routerDeposit) needs() Needs {
	var n Needs
	if bridge, err := accounts.RouterSOLBridgeOut(v.program); err == nil {
		n.Accounts = append(n.Accounts, Need{Address: bridge})
	}
	for _, t := range v.tokens {
		if account, err := accounts.RouterFeeTokenAccount(v.program, t.Mint); err == nil {
			n.Accounts = append(n.Accounts, Need{Address: account})
		}
	}
	return n
}

func (v routerDeposit) more(*world) []Need { return nil }

// depositPool is a pool that the Router deposits into.
type depositPool struct {
	token      lst.LST
	pool       *loadedStakePool
	marinade   *loadedMarinade
	feeAccount solana.PublicKey
}

// loadedRouterDeposit is a routerDeposit with its state.
type loadedRouterDeposit struct {
	program   solana.PublicKey
	pools     map[solana.PublicKey]outcome[*depositPool]
	tokenRent uint64
}

func (v routerDeposit) load(w *world) (loaded, error) {
	l := &loadedRouterDeposit{program: v.program, pools: make(map[solana.PublicKey]outcome[*depositPool])}
	var err error
	if l.tokenRent, err = w.rent.MinimumBalance(accounts.TokenAccountSpace); err != nil {
		return nil, err
	}
	if err := v.checkBridge(w, l.tokenRent); err != nil {
		return nil, err
	}
	for _, t := range v.tokens {
		pool := depositPool{token: t}
		pool.feeAccount, err = router{program: v.program}.feeAccount(w.state, t.Mint)
		if err == nil && t.Kind == lst.KindMarinade {
			pool.marinade, err = marinade{t}.load(w)
		} else if err == nil {
			pool.pool, err = stakePool{t}.load(w)
		}
		l.pools[t.Mint] = outcome[*depositPool]{&pool, err}
	}
	return l, nil
}

// checkBridge checks that the Router can lend the rent of its token account of wrapped SOL.
func (v routerDeposit) checkBridge(w *world, tokenRent uint64) error {
	bridge, err := accounts.RouterSOLBridgeOut(v.program)
	if err != nil {
		return err
	}
	lamports, err := systemLamports(w.state, "SOL bridge of the Router", bridge)
	if err != nil {
		return err
	}
	keeps, err := w.rent.MinimumBalance(0)
	if err != nil {
		return err
	}
	if needed, err := fixed.Add(tokenRent, keeps); err != nil || lamports < needed {
		return fmt.Errorf("%w: the Router's bridge has %d lamports, not %d", quote.ErrInsufficientReserve, lamports, needed)
	}
	return nil
}

// noReferrer is the refusal of a venue that takes the referral part itself.
var noReferrer = quote.NewReason(ErrReferrer, "")

func (l *loadedRouterDeposit) offer(a *ask, amount uint64, _ *effect, o *offer) bool {
	pool := l.pools[a.To]
	switch {
	case pool.err != nil:
		return o.refusal.BecauseErr(nil, pool.err)
	case !a.Referrer.IsZero():
		return o.refusal.Because(noReferrer)
	case !pool.value.offer(a, amount, o):
		return false
	}
	if !a.Wrapped {
		o.advance = l.tokenRent
	}
	return true
}

// offer offers the deposit. The Router takes no fee and leaves the referral part to the user.
func (d *depositPool) offer(a *ask, amount uint64, o *offer) bool {
	if d.marinade != nil {
		return d.marinade.offerDeposit(a, amount, o)
	}

	deposit, ok := d.deposit(a.Side, amount, &o.refusal)
	if !ok {
		return false
	}
	received, err := fixed.Add(deposit.Tokens, deposit.ReferralFee)
	if err != nil {
		return o.refusal.BecauseErr(quoteTooLarge, err)
	}
	payout, ok := quote.RouterPayoutOf(received, quote.RouterStakeWrappedSolFee, &o.refusal)
	if !ok || !o.limit(a, payout.Out, &o.refusal) {
		return false
	}
	o.gives(deposit.Lamports, payout.Out)
	o.guard, o.exact = GuardBalance, deposit.Exact
	o.price = d.pool.prices.UpdatedPrice()
	return true
}

// quoteTooLarge is the refusal of numbers that do not fit.
var quoteTooLarge = quote.NewReason(quote.ErrTooLarge, "")

func (d *depositPool) deposit(side Side, amount uint64, r *quote.Refusal) (quote.SolDeposit, bool) {
	if side == ExactIn {
		return d.pool.prices.DepositSol(amount, r)
	}

	// The referral part comes on top of what the pool's own exact-out is about, so less may do.
	lamports, err := fixed.SmallestInput(maxLamports, func(lamports uint64) (bool, error) {
		deposit, ok := d.pool.prices.DepositSol(lamports, nil)
		if !ok {
			return false, refusedAt(lamports)
		}
		return deposit.Tokens+deposit.ReferralFee >= amount, nil
	})
	var at refusedAt
	if errors.As(err, &at) {
		lamports, err = uint64(at), nil
	}
	if err != nil {
		return quote.SolDeposit{}, r.BecauseErr(nil, err)
	}
	return d.pool.prices.DepositSol(lamports, r)
}

func (l *loadedRouterDeposit) describe(a *ask, o *offer, q *Quote) error {
	pool := l.pools[a.To].value
	if err := pool.describe(a, o, q); err != nil {
		return err
	}
	q.Accounts = append(q.Accounts, pool.feeAccount)
	quoted := *q
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(pool, quoted.Request, quoted, p) }
	return nil
}

func (d *depositPool) describe(a *ask, o *offer, q *Quote) error {
	if d.marinade != nil {
		return d.marinade.describeDeposit(a, o, q)
	}

	deposit, ok := d.deposit(a.Side, o.amount, &o.refusal)
	if !ok {
		return &o.refusal
	}
	s := &d.pool.pool.State
	if deposit.ManagerFee > 0 {
		q.Fees = []Fee{{
			Name: "SOL deposit fee", Amount: deposit.ManagerFee, Mint: s.PoolMint, Rate: feeRate(s.SolDepositFee), Recipient: s.ManagerFeeAccount,
		}}
	}
	q.balanceGuarded(d.token.TokenProgram)
	d.pool.describe(&ask{}, q)
	return nil
}

func (d *depositPool) suffix() instructions.DepositSolSuffix {
	if d.marinade != nil {
		return instructions.MarinadeDepositSol(d.marinade.keys)
	}
	return instructions.StakePoolDepositSol(d.pool.keys)
}

func (l *loadedRouterDeposit) steps(pool *depositPool, r Request, q Quote, p Parties) ([]txn.Step, error) {
	destination, err := accounts.AssociatedTokenAddress(p.Owner, pool.token.TokenProgram, pool.token.Mint)
	if err != nil {
		return nil, err
	}
	var w txn.TemporaryWSOL
	if r.Wrapped {
		w.Address, err = accounts.AssociatedTokenAddress(p.Owner, accounts.TokenProgram, accounts.NativeMint)
	} else {
		w, err = txn.WrapSOL(p.Payer, p.Owner, q.In, l.tokenRent, p.Seed)
	}
	if err != nil {
		return nil, err
	}
	ix, err := instructions.RouterStakeWrappedSol{
		Program: l.program, User: p.Owner, Source: w.Address, Destination: destination, Lamports: q.In, Pool: pool.suffix(),
	}.Build()
	if err != nil {
		return nil, err
	}
	return slices.Concat([]txn.Step{txn.CreateTokenAccount(p.Payer, p.Owner, pool.token.Mint, pool.token.TokenProgram)}, w.Open, []txn.Step{{
		Words:       fmt.Sprintf("deposit %s wrapped SOL for %s by the Router", lst.FormatAmount(q.In, 9), pool.token.Symbol),
		Instruction: ix,
		Units:       routerDepositUnits,
	}}, w.Close), nil
}
