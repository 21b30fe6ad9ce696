package route

import (
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

func (v routerDeposit) serves(from, to solana.PublicKey) bool {
	return from == accounts.NativeMint && slices.ContainsFunc(v.tokens, func(t lst.LST) bool { return t.Mint == to })
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
	pools     map[solana.PublicKey]outcome[depositPool]
	tokenRent uint64
}

func (v routerDeposit) load(w *world) (loaded, error) {
	l := &loadedRouterDeposit{program: v.program, pools: make(map[solana.PublicKey]outcome[depositPool])}
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
		l.pools[t.Mint] = outcome[depositPool]{pool, err}
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

func (l *loadedRouterDeposit) quote(r Request) (Quote, error) {
	pool := l.pools[r.To]
	switch {
	case pool.err != nil:
		return Quote{}, pool.err
	case !r.Referrer.IsZero():
		return Quote{}, ErrReferrer
	}
	q, err := pool.value.quote(r)
	if err != nil {
		return Quote{}, err
	}
	q.Accounts = append(q.Accounts, pool.value.feeAccount)
	if !r.Wrapped {
		q.Advance = l.tokenRent
	}
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(pool.value, r, q, p) }
	return q, nil
}

// quote quotes the deposit. The Router takes no fee and leaves the referral part to the user.
func (d depositPool) quote(r Request) (Quote, error) {
	if d.marinade != nil {
		_, q, err := d.marinade.deposit(r)
		return q, err
	}
	deposit, err := d.deposit(r)
	if err != nil {
		return Quote{}, err
	}
	payout, err := deposit.RouterStakeWrappedSol()
	if err != nil {
		return Quote{}, err
	}
	q := Quote{
		In: deposit.Lamports, MaxIn: deposit.Lamports, Out: payout.Out, MinOut: r.Amount, Exact: deposit.Exact, Accounts: slices.Clone(d.pool.read),
	}
	if r.Side == ExactIn {
		if q.MinOut, err = r.minimum(payout.Out); err != nil {
			return Quote{}, err
		}
	}
	s := d.pool.pool.State
	if deposit.ManagerFee > 0 {
		q.Fees = []Fee{{
			Name: "SOL deposit fee", Amount: deposit.ManagerFee, Mint: s.PoolMint, Rate: feeRate(s.SolDepositFee), Recipient: s.ManagerFeeAccount,
		}}
	}
	q.balanceGuarded(d.token.TokenProgram)
	d.pool.finish(&q, d.pool.pool)
	return q, nil
}

func (d depositPool) deposit(r Request) (quote.SolDeposit, error) {
	if r.Side == ExactIn {
		return d.pool.pool.DepositSol(r.Amount)
	}
	// The referral part comes on top of what the pool's own exact-out is about, so less may do.
	lamports, err := fixed.SmallestInput(maxLamports, func(lamports uint64) (bool, error) {
		deposit, err := d.pool.pool.DepositSol(lamports)
		return deposit.Tokens+deposit.ReferralFee >= r.Amount, err
	})
	if err != nil {
		return quote.SolDeposit{}, err
	}
	return d.pool.pool.DepositSol(lamports)
}

func (d depositPool) suffix() instructions.DepositSolSuffix {
	if d.marinade != nil {
		return instructions.MarinadeDepositSol(d.marinade.keys)
	}
	return instructions.StakePoolDepositSol(d.pool.keys)
}

func (l *loadedRouterDeposit) steps(pool depositPool, r Request, q Quote, p Parties) ([]txn.Step, error) {
	destination, err := p.Addresses.AssociatedToken(p.Owner, pool.token.TokenProgram, pool.token.Mint)
	if err != nil {
		return nil, err
	}
	var w txn.TemporaryWSOL
	if r.Wrapped {
		w.Address, err = p.Addresses.AssociatedToken(p.Owner, accounts.TokenProgram, accounts.NativeMint)
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
	return slices.Concat([]txn.Step{txn.CreateTokenAccountAt(p.Payer, destination, p.Owner, pool.token.Mint, pool.token.TokenProgram)}, w.Open, []txn.Step{{
		Words:       fmt.Sprintf("deposit %s wrapped SOL for %s by the Router", lst.FormatAmount(q.In, 9), pool.token.Symbol),
		Instruction: ix,
		Units:       routerDepositUnits,
	}}, w.Close), nil
}
