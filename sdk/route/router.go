package route

import (
	"crypto/sha256"
	"encoding/binary"
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

// Compute units as measured on the build of 2025, with room for lists of a thousand validators.
const (
	routerSwapUnits    = 330_000
	routerPrefundUnits = 520_000
)

// routerSource is a source of stake that the Router knows.
type routerSource interface {
	stakeSource
	token() lst.LST
	// crankSteps come first.
	crankSteps() ([]txn.Step, error)
	routerSuffix(vote solana.PublicKey) (instructions.WithdrawStakeSuffix, error)
}

// routerTaker is a taker of stake that the Router knows.
type routerTaker interface {
	stakeTaker
	token() lst.LST
	routerDeposit(vote, bridge solana.PublicKey) instructions.DepositStakeSuffix
}

// router trades through stake by the Router's SwapViaStake: LST -> SOL by the Reserve, and LST -> LST. The owner pays the rent of the
// stake account in between. With prefund the Router lends it, at a price that nobody should want to pay.
type router struct {
	throughStake
	program solana.PublicKey
	reserve reserve
	prefund bool
}

func (v router) name() string {
	if v.prefund {
		return "Router, prefunded"
	}
	return "Router"
}

func (v router) needs() Needs {
	n := v.throughStake.needs()
	for _, mint := range sortedKeys(v.to) {
		if account, err := accounts.RouterFeeTokenAccount(v.program, mint); err == nil {
			n.Accounts = append(n.Accounts, Need{Address: account})
		}
	}
	if v.prefund {
		n.Accounts = append(n.Accounts, v.reserve.needs().Accounts...)
		if prefunder, err := accounts.RouterPrefunder(v.program); err == nil {
			n.Accounts = append(n.Accounts, Need{Address: prefunder})
		}
	}
	return n
}

func (v router) load(w *world) (loaded, error) {
	through, err := v.throughStake.load(w)
	if err != nil {
		return nil, err
	}
	l := &loadedRouter{
		loadedThroughStake: through.(*loadedThroughStake), venue: v, chain: w.chain,
		feeAccounts: make(map[solana.PublicKey]outcome[solana.PublicKey]),
	}
	for mint := range v.to {
		account, err := v.feeAccount(w.state, mint)
		l.feeAccounts[mint] = outcome[solana.PublicKey]{account, err}
	}
	if l.stakeRent, err = w.rent.MinimumBalance(accounts.StakeAccountSpace); err != nil {
		return nil, err
	}
	if l.tokenRent, err = w.rent.MinimumBalance(accounts.TokenAccountSpace); err != nil {
		return nil, err
	}
	if v.prefund {
		if err := l.loadPrefund(w); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// feeAccount is the Router's token account through which all tokens of a mint pass. It must exist.
func (v router) feeAccount(s *State, mint solana.PublicKey) (solana.PublicKey, error) {
	address, err := accounts.RouterFeeTokenAccount(v.program, mint)
	if err != nil {
		return address, err
	}
	account, err := accounts.Load(s.Accounts, address, accounts.DecodeTokenAccount)
	switch {
	case err != nil:
		return address, fmt.Errorf("fee token account of the Router: %w", err)
	case account.Mint != mint || account.State != accounts.TokenInitialized:
		return address, fmt.Errorf("%w: fee token account %s of the Router", ErrMismatch, address)
	}
	return address, nil
}

// loadedRouter is a router with its state.
type loadedRouter struct {
	*loadedThroughStake
	venue       router
	chain       *chain
	feeAccounts map[solana.PublicKey]outcome[solana.PublicKey]
	// stakeRent and tokenRent are the rent of a stake account and a token account, in lamports.
	stakeRent, tokenRent uint64
	// reserve and prefund are set for prefunded ways.
	reserve *loadedReserve
	prefund quote.Prefund
}

func (l *loadedRouter) loadPrefund(w *world) error {
	var err error
	if l.reserve, err = l.venue.reserve.load(w); err != nil {
		return err
	}
	prefunder, err := accounts.RouterPrefunder(l.venue.program)
	if err != nil {
		return err
	}
	l.prefund = quote.Prefund{Reserve: l.reserve.pool, MinimumDelegation: w.minimumDelegation}
	l.prefund.Prefunder, err = systemLamports(w.state, "prefunder of the Router", prefunder)
	return err
}

func (l *loadedRouter) quote(r Request) (Quote, error) {
	source, taker, feeAccount := l.sources[r.From], l.takers[r.To], l.feeAccounts[r.To]
	switch {
	case l.venue.prefund && r.MaxPrefund == 0:
		return Quote{}, fmt.Errorf("%w: the request does not allow a prefund", quote.ErrPrefundCost)
	case source.err != nil:
		return Quote{}, source.err
	case taker.err != nil:
		return Quote{}, taker.err
	case feeAccount.err != nil:
		return Quote{}, feeAccount.err
	case r.Wrapped:
		return Quote{}, ErrWrapped
	case !r.Referrer.IsZero():
		return Quote{}, ErrReferrer
	}
	p := routerPassage{
		loadedRouter: l, source: source.value.cranked(r.Crank).(routerSource), taker: taker.value.(routerTaker), toSOL: r.To == accounts.NativeMint,
		feeAccount: feeAccount.value, rate: quote.RouterSwapViaStakeFee,
	}
	if p.toSOL {
		p.rate = quote.RouterReserveFee
	}
	return firstServing(p.source, p.taker, func(vote solana.PublicKey) (Quote, error) { return p.through(r, vote) })
}

// routerPassage is a way of stake through the Router.
type routerPassage struct {
	*loadedRouter
	source     routerSource
	taker      routerTaker
	toSOL      bool
	feeAccount solana.PublicKey
	// rate is the Router's fee in basis points.
	rate uint64
}

// maxLamports bounds searches: far more SOL than there is.
const maxLamports = 1 << 62

// crossing is an amount of tokens on its way through the Router.
type crossing struct {
	drawn   drawn
	taken   taken
	payout  quote.RouterPayout
	prefund quote.PrefundedStake
	rent    uint64
}

// rentOf is what the owner pays for the bridge stake account.
func (p routerPassage) rentOf() (uint64, error) {
	if p.venue.prefund {
		return 0, nil
	}
	return p.taker.rent()
}

// cross quotes an amount of tokens.
func (p routerPassage) cross(tokens uint64, vote solana.PublicKey) (c crossing, err error) {
	if c.rent, err = p.rentOf(); err != nil {
		return c, err
	}
	if c.drawn, err = p.source.draw(tokens, vote, c.rent); err != nil {
		return c, err
	}
	taker := stakeTaker(p.taker)
	if p.venue.prefund {
		if c.prefund, err = p.prefund.Quote(c.drawn.stake.Lamports); err != nil {
			return c, err
		}
		stake := &c.drawn.stake
		stake.Account.Delegation.Stake = c.prefund.Staked
		if stake.Lamports, err = fixed.Add(c.prefund.Staked, c.prefund.Unstaked); err != nil {
			return c, err
		}
		if p.toSOL {
			// The Reserve has bought a part by then.
			after := *p.reserve
			after.pool = c.prefund.Reserve
			taker = &after
		}
	}
	if c.taken, err = taker.take(c.drawn); err != nil {
		return c, err
	}
	received, err := fixed.Add(c.taken.out, c.taken.referral)
	if err != nil {
		return c, err
	}
	c.payout, err = quote.NewRouterPayout(received, p.rate)
	return c, err
}

// smallest finds the fewest tokens that yield at least so much, in the range that the source and the taker serve.
func (p routerPassage) smallest(out uint64, vote solana.PublicKey) (crossing, error) {
	if out == 0 {
		return crossing{}, quote.ErrZeroAmount
	}
	rent, err := p.rentOf()
	if err != nil {
		return crossing{}, err
	}
	net := func(c crossing) uint64 {
		if p.toSOL {
			return fixed.SaturatingSub(c.payout.Out, c.rent)
		}
		return c.payout.Out
	}
	quoted := false
	var refusal error // of the taker
	// Whatever stake is needed, the source gives it for the fewest tokens; so look for the stake.
	at := func(staked uint64) (crossing, error) {
		d, err := p.source.drawExactOut(staked, vote, rent)
		if err != nil {
			return crossing{}, err
		}
		c, err := p.cross(d.in, vote)
		if err != nil {
			refusal = err
		}
		quoted = quoted || err == nil
		return c, err
	}
	staked, err := fixed.SmallestInput(maxLamports, func(staked uint64) (bool, error) {
		c, err := at(staked)
		return err == nil && net(c) >= out, err
	})
	switch {
	case err == nil:
		return at(staked)
	case !quoted && refusal != nil:
		// A taker that takes nothing is the reason, not that the source has no end of stake.
		return crossing{}, refusal
	}
	return crossing{}, err
}

func (p routerPassage) through(r Request, vote solana.PublicKey) (Quote, error) {
	var c crossing
	var err error
	if r.Side == ExactOut {
		c, err = p.smallest(r.Amount, vote)
	} else {
		c, err = p.cross(r.Amount, vote)
	}
	if err != nil {
		return Quote{}, err
	}
	if p.venue.prefund && c.prefund.Cost > r.MaxPrefund {
		return Quote{}, fmt.Errorf("%w: %d lamports, the request allows %d", quote.ErrPrefundCost, c.prefund.Cost, r.MaxPrefund)
	}
	q := Quote{
		In: c.drawn.in, MaxIn: c.drawn.in, Out: c.payout.Out, Exact: c.drawn.exact && c.taken.exact, Price: c.taken.price,
		Conditions: slices.Clone(c.drawn.conditions), Fees: slices.Concat(c.drawn.fees, c.taken.fees),
		Accounts: slices.Concat(p.source.accounts(vote), p.taker.accounts(vote), []solana.PublicKey{p.feeAccount}),
	}
	if !c.taken.exact && !slices.Contains(q.Conditions, c.taken.condition) {
		q.Conditions = append(q.Conditions, c.taken.condition)
	}
	if err := p.settle(&q, r, c); err != nil {
		return Quote{}, err
	}
	q.pays = r.Recipient
	q.steps = func(parties Parties) ([]txn.Step, error) { return p.steps(r, q, c, vote, parties) }
	return q, nil
}

// settle adds what the Router takes and what the rent does, and the limit.
func (p routerPassage) settle(q *Quote, r Request, c crossing) error {
	if c.payout.Fee > 0 {
		q.Fees = append(q.Fees, Fee{
			Name: "Router fee", Amount: c.payout.Fee, Mint: r.To, Rate: fmt.Sprintf("%d/10000", p.rate), Recipient: p.feeAccount,
		})
	}
	if p.venue.prefund {
		prefunder, err := accounts.RouterPrefunder(p.venue.program)
		if err != nil {
			return err
		}
		q.Fees = append(q.Fees, Fee{
			Name: "prefund, to the Router", Amount: c.prefund.Cost, Mint: accounts.NativeMint,
			Rate: fmt.Sprintf("%d/%d", c.prefund.Cost, c.prefund.Withdrawn), Recipient: prefunder,
		})
	}
	var err error
	if p.toSOL {
		if q.Out, err = fixed.Sub(c.payout.Out, c.rent); err != nil || q.Out == 0 {
			return fmt.Errorf("%w: it does not even pay for the rent", quote.ErrTooSmall)
		}
		q.Guard, q.Advance = GuardTemporary, c.rent+r.outletRent(p.tokenRent)
	} else {
		q.balanceGuarded(p.taker.token().TokenProgram)
		if c.rent > 0 {
			q.Costs = []Cost{rentCost(c.rent, c.taken)}
		}
	}
	q.MinOut = r.Amount
	if r.Side == ExactIn {
		q.MinOut, err = r.minimum(q.Out)
	}
	if err == nil && p.toSOL {
		err = r.separable(q.MinOut, p.tokenRent)
	}
	return err
}

// bridgeSeed is the seed of the Router's stake account, made of that of the parties. No owner uses the same twice.
func bridgeSeed(seed string) uint32 {
	sum := sha256.Sum256([]byte(seed))
	return binary.LittleEndian.Uint32(sum[:4])
}

func (p routerPassage) steps(r Request, q Quote, c crossing, vote solana.PublicKey, parties Parties) ([]txn.Step, error) {
	seed := bridgeSeed(parties.Seed)
	bridge, err := accounts.RouterBridgeStake(p.venue.program, parties.Owner, seed)
	if err != nil {
		return nil, err
	}
	from, to := p.source.token(), p.taker.token()
	source, err := parties.Addresses.AssociatedToken(parties.Owner, from.TokenProgram, from.Mint)
	if err != nil {
		return nil, err
	}
	open, destination, closing, err := p.destination(r, q, c, parties)
	if err != nil {
		return nil, err
	}
	crank, err := p.source.crankSteps()
	if err != nil {
		return nil, err
	}
	suffix, err := p.source.routerSuffix(vote)
	if err != nil {
		return nil, err
	}
	words := fmt.Sprintf("swap %s %s for %s through stake by the Router", from.Format(c.drawn.in), from.Symbol, to.Symbol) + r.forWhom(parties)
	swap := instructions.RouterSwapViaStake{
		Program: p.venue.program, User: parties.Owner, Source: source, Destination: destination, PoolTokens: c.drawn.in, BridgeSeed: seed,
		From: suffix, To: p.taker.routerDeposit(vote, bridge),
	}
	if p.venue.prefund {
		ix, err := instructions.RouterPrefundSwapViaStake{
			Program: swap.Program, User: swap.User, Source: swap.Source, Destination: swap.Destination, PoolTokens: swap.PoolTokens, BridgeSeed: seed,
			From: swap.From, To: swap.To, Reserve: p.reserve.keys,
		}.Build()
		if err != nil {
			return nil, err
		}
		return slices.Concat(crank, open, []txn.Step{{Words: words + ", prefunded", Instruction: ix, Units: routerPrefundUnits}}, closing), nil
	}
	ix, err := swap.Build()
	if err != nil {
		return nil, err
	}
	fund, err := txn.TransferSOL(p.funder(parties), bridge, c.rent)
	if err != nil {
		return nil, err
	}
	fund.Words = "pay the rent of the stake account in between"
	return slices.Concat(crank, open, []txn.Step{fund, {Words: words, Instruction: ix, Units: routerSwapUnits}}, closing), nil
}

// funder pays the rent of the bridge: the payer if it comes back, the owner if it becomes part of the outcome.
func (p routerPassage) funder(parties Parties) solana.PublicKey {
	if p.toSOL {
		return parties.Payer
	}
	return parties.Owner
}

// destination is where the outcome goes: the owner's token account, or one that is turned into SOL.
func (p routerPassage) destination(
	r Request, q Quote, c crossing, parties Parties,
) (open []txn.Step, account solana.PublicKey, closing []txn.Step, err error) {
	if !p.toSOL {
		token := p.taker.token()
		account, err = parties.Addresses.AssociatedToken(parties.Owner, token.TokenProgram, token.Mint)
		return []txn.Step{txn.CreateTokenAccountAt(parties.Payer, account, parties.Owner, token.Mint, token.TokenProgram)}, account, nil, err
	}
	w, err := r.outlet(parties, p.tokenRent, false)
	if err != nil {
		return nil, account, nil, err
	}
	if r.toOther(parties) {
		closing, err = w.closing(q.MinOut, c.rent)
		return w.open, w.address, closing, err
	}
	if closing, err = w.closing(q.MinOut+c.rent, 0); err != nil {
		return nil, account, nil, err
	}
	if c.rent > 0 && parties.Payer != parties.Owner {
		back, err := txn.TransferSOL(parties.Owner, parties.Payer, c.rent)
		if err != nil {
			return nil, account, nil, err
		}
		closing = append(closing, back)
	}
	return w.open, w.address, closing, nil
}
