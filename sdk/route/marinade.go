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

// Compute units as measured on version 2.0, with room.
const (
	marinadeDepositUnits       = 60_000
	marinadeUnstakeUnits       = 60_000
	marinadeStakeDepositsUnits = 120_000
)

// marinade is Marinade, the pool of mSOL. What it is good for are venues of their own.
type marinade struct{ lst lst.LST }

func (v marinade) needs() Needs {
	n := Needs{Accounts: []Need{{Address: v.lst.Pool}, {Address: v.lst.Mint}}, Programs: []solana.PublicKey{v.lst.Program}}
	for _, derive := range []func(program, state solana.PublicKey) (solana.PublicKey, error){accounts.MarinadeSOLLeg, accounts.MarinadeReserve} {
		if address, err := derive(v.lst.Program, v.lst.Pool); err == nil {
			n.Accounts = append(n.Accounts, Need{Address: address})
		}
	}
	return n
}

func (v marinade) decode(s *State) (*accounts.MarinadeState, error) {
	state, err := accounts.Load(s.Accounts, v.lst.Pool, accounts.DecodeMarinadeState)
	if err == nil && state.MSOLMint != v.lst.Mint {
		err = fmt.Errorf("%w: Marinade is of mint %s, not %s", ErrMismatch, state.MSOLMint, v.lst.Mint)
	}
	return state, err
}

func (v marinade) more(w *world) []Need {
	state, err := v.decode(w.state)
	if err != nil {
		return nil
	}
	return []Need{{Address: state.LiqPool.MSOLLeg}, {Address: state.TreasuryMSOLAccount}}
}

// loadedMarinade is marinade with its state.
type loadedMarinade struct {
	lst  lst.LST
	keys instructions.Marinade
	pool quote.Marinade
	read []solana.PublicKey
	// tokenRent is the rent of a token account, in lamports.
	tokenRent uint64
}

// load decodes the state, once for all venues.
func (v marinade) load(w *world) (*loadedMarinade, error) {
	return once(w.marinades, v.lst.Mint, func() (*loadedMarinade, error) { return v.loadState(w.chain, w.state) })
}

func (v marinade) loadState(c *chain, s *State) (*loadedMarinade, error) {
	state, err := v.decode(s)
	if err != nil {
		return nil, err
	}
	keys, err := instructions.NewMarinade(v.lst.Program, v.lst.Pool, state)
	if err != nil {
		return nil, err
	}
	mint, err := plainMint(s, v.lst, accounts.TokenProgram)
	if err != nil {
		return nil, err
	}
	l := &loadedMarinade{
		lst: v.lst, keys: keys,
		pool: quote.Marinade{
			Program: v.lst.Program, Address: v.lst.Pool, State: *state, Clock: c.clock, Rent: c.rent, MintSupply: mint.Supply,
			MinimumDelegation: c.minimumDelegation, EpochRewardsActive: c.rewardsActive, Version: quote.MarinadeVersionOf(s.Builds[v.lst.Program]),
		},
		read: []solana.PublicKey{v.lst.Pool, v.lst.Mint, keys.SOLLeg, keys.MSOLLeg, keys.Reserve, keys.Treasury},
	}
	if l.pool.SOLLegLamports, err = systemLamports(s, "SOL leg of Marinade", keys.SOLLeg); err != nil {
		return nil, err
	}
	if l.pool.ReserveLamports, err = systemLamports(s, "reserve of Marinade", keys.Reserve); err != nil {
		return nil, err
	}
	leg, err := accounts.Load(s.Accounts, keys.MSOLLeg, accounts.DecodeTokenAccount)
	if err != nil {
		return nil, err
	}
	l.pool.MSOLLegAmount = leg.Amount
	treasury, err := s.Accounts.Get(keys.Treasury)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return nil, err
	}
	l.pool.TreasuryUsable = quote.MarinadeTreasuryUsable(state, treasury)
	l.tokenRent, err = c.rent.MinimumBalance(accounts.TokenAccountSpace)
	return l, err
}

// systemLamports is the balance of an account that only holds SOL.
func systemLamports(s *State, role string, address solana.PublicKey) (uint64, error) {
	a, err := s.get(role, address)
	if err == nil && a.Owner != accounts.SystemProgram {
		err = &accounts.DecodeError{
			Account: role,
			Address: address,
			Reason:  fmt.Errorf("%w %s", accounts.ErrOwner, a.Owner),
		}
	}
	return a.Lamports, err
}

// unknownMarinade is the condition of a quote that is not exact.
const unknownMarinade = "the deployed build of Marinade is not known: its fees are taken to be those of version 2.1"

// finish adds to a quote what does not depend on the operation.
func (l *loadedMarinade) finish(q *Quote) error {
	var err error
	q.Price, err = l.pool.Price()
	q.Exact = l.pool.Version != quote.MarinadeVersionUnknown
	if !q.Exact {
		q.Conditions = append(q.Conditions, unknownMarinade)
	}
	q.Accounts = slices.Concat(q.Accounts, l.read)
	return err
}

// marinadeDeposit is SOL -> mSOL by Marinade's Deposit.
type marinadeDeposit struct{ marinade }

func (v marinadeDeposit) name() string { return "Marinade deposit" }

func (v marinadeDeposit) serves(from, to solana.PublicKey) bool {
	return from == accounts.NativeMint && to == v.lst.Mint
}

func (v marinadeDeposit) load(w *world) (loaded, error) {
	l, err := v.marinade.load(w)
	if err != nil {
		return nil, err
	}
	return &loadedMarinadeDeposit{l}, nil
}

// loadedMarinadeDeposit is a marinadeDeposit with its state.
type loadedMarinadeDeposit struct{ *loadedMarinade }

func (l *loadedMarinadeDeposit) quote(r Request) (Quote, error) {
	if r.Wrapped {
		return Quote{}, ErrWrapped
	}
	d, q, err := l.deposit(r)
	if err != nil {
		return Quote{}, err
	}
	q.steps = func(p Parties) ([]txn.Step, error) {
		destination, err := p.Addresses.AssociatedToken(p.Owner, l.lst.TokenProgram, l.lst.Mint)
		if err != nil {
			return nil, err
		}
		ix, err := instructions.MarinadeDeposit{Marinade: l.keys, From: p.Owner, Destination: destination, Lamports: d.Lamports}.Build()
		return []txn.Step{txn.CreateTokenAccountAt(p.Payer, destination, p.Owner, l.lst.Mint, l.lst.TokenProgram), {
			Words:       fmt.Sprintf("deposit %s SOL into Marinade", lst.FormatAmount(d.Lamports, 9)),
			Instruction: ix,
			Units:       marinadeDepositUnits,
		}}, err
	}
	return q, nil
}

// deposit quotes a deposit, by whatever instruction it gets there.
func (l *loadedMarinade) deposit(r Request) (d quote.MarinadeDeposit, q Quote, err error) {
	if r.Side == ExactOut {
		d, err = l.pool.DepositExactOut(r.Amount)
	} else {
		d, err = l.pool.Deposit(r.Amount)
	}
	if err != nil {
		return d, Quote{}, err
	}
	q = Quote{In: d.Lamports, MaxIn: d.Lamports, Out: d.MSOL, MinOut: r.Amount}
	if r.Side == ExactIn {
		if q.MinOut, err = r.minimum(d.MSOL); err != nil {
			return d, Quote{}, err
		}
	}
	if d.Fee > 0 {
		q.Fees = []Fee{{
			Name: "SOL deposit fee", Amount: d.Fee, Mint: accounts.NativeMint, Rate: cents(l.pool.State.DepositSOLFee), Recipient: l.keys.Reserve,
		}}
	}
	q.balanceGuarded(l.lst.TokenProgram)
	return d, q, l.finish(&q)
}

// cents is a rate in hundredths of a basis point.
func cents(rate uint32) string { return fmt.Sprintf("%d/1000000", rate) }

// marinadeUnstake is mSOL -> SOL by Marinade's LiquidUnstake.
type marinadeUnstake struct{ marinade }

func (v marinadeUnstake) name() string { return "Marinade liquid unstake" }

func (v marinadeUnstake) serves(from, to solana.PublicKey) bool {
	return from == v.lst.Mint && to == accounts.NativeMint
}

func (v marinadeUnstake) load(w *world) (loaded, error) {
	l, err := v.marinade.load(w)
	if err != nil {
		return nil, err
	}
	return &loadedMarinadeUnstake{l}, nil
}

// loadedMarinadeUnstake is a marinadeUnstake with its state.
type loadedMarinadeUnstake struct{ *loadedMarinade }

func (l *loadedMarinadeUnstake) quote(r Request) (Quote, error) {
	if r.Wrapped {
		return Quote{}, ErrWrapped
	}
	var u quote.MarinadeLiquidUnstake
	var err error
	if r.Side == ExactOut {
		u, err = l.pool.LiquidUnstakeExactOut(r.Amount)
	} else {
		u, err = l.pool.LiquidUnstake(r.Amount)
	}
	if err != nil {
		return Quote{}, err
	}
	q := Quote{In: u.MSOL, MaxIn: u.MSOL, Out: u.Lamports, MinOut: r.Amount, Guard: GuardTemporary, Advance: l.tokenRent}
	if r.Side == ExactIn {
		if q.MinOut, err = r.minimum(u.Lamports); err != nil {
			return Quote{}, err
		}
	}
	rate := fmt.Sprintf("%d/10000", u.FeeBps)
	if u.Treasury > 0 {
		q.Fees = append(q.Fees, Fee{
			Name: "liquid unstake fee, treasury", Amount: u.Treasury, Mint: l.lst.Mint, Rate: rate, Recipient: l.keys.Treasury,
		})
	}
	if rest := fixed.SaturatingSub(u.Fee, u.Treasury); rest > 0 {
		q.Fees = append(q.Fees, Fee{
			Name: "liquid unstake fee, liquidity", Amount: rest, Mint: l.lst.Mint, Rate: rate, Recipient: l.keys.MSOLLeg,
		})
	}
	if err := l.finish(&q); err != nil {
		return Quote{}, err
	}
	q.Price = quote.Price{Lamports: 1, Tokens: 1}
	q.pays = r.Recipient
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(r, q, p) }
	return q, r.separable(q.MinOut, l.tokenRent)
}

// steps let the SOL go through an account that did not exist before, whose balance is checked: LiquidUnstake takes no limit.
func (l *loadedMarinadeUnstake) steps(r Request, q Quote, p Parties) ([]txn.Step, error) {
	w, err := r.outlet(p, l.tokenRent, true)
	if err != nil {
		return nil, err
	}
	source, err := p.Addresses.AssociatedToken(p.Owner, l.lst.TokenProgram, l.lst.Mint)
	if err != nil {
		return nil, err
	}
	ix, err := instructions.MarinadeLiquidUnstake{
		Marinade: l.keys, Authority: p.Owner, Source: source, Destination: w.address, MSOL: q.In,
	}.Build()
	if err != nil {
		return nil, err
	}
	closing, err := w.closing(q.MinOut, 0)
	if err != nil {
		return nil, err
	}
	return slices.Concat(w.open, []txn.Step{{
		Words:       fmt.Sprintf("sell %s %s to Marinade's liquidity pool", l.lst.Format(q.In), l.lst.Symbol) + r.forWhom(p),
		Instruction: ix,
		Units:       marinadeUnstakeUnits,
	}}, closing), nil
}

// marinadeStake is Marinade as a taker of stake accounts, which takes its validator list.
type marinadeStake struct{ marinade }

func (v marinadeStake) needs() Needs {
	n := v.marinade.needs()
	if list, err := accounts.MarinadeValidatorListAddress(v.lst.Program, v.lst.Pool); err == nil {
		n.Accounts = append(n.Accounts, Need{Address: list})
	}
	return n
}

func (v marinadeStake) list(s *State) (*accounts.MarinadeValidatorList, error) {
	state, err := v.decode(s)
	if err != nil {
		return nil, err
	}
	a, err := s.get("Marinade validator list", state.ValidatorSystem.ValidatorList.Account)
	if err != nil {
		return nil, err
	}
	return accounts.DecodeMarinadeValidatorList(a, state)
}

func (v marinadeStake) accepting(w *world) func(solana.PublicKey) bool {
	list, err := v.list(w.state)
	if err != nil {
		return func(solana.PublicKey) bool { return false }
	}
	known := make(map[solana.PublicKey]bool, len(list.Validators))
	for _, e := range list.Validators {
		known[e.VoteAccount] = true
	}
	return func(vote solana.PublicKey) bool { return known[vote] }
}

func (v marinadeStake) moreToTake(w *world, _ drawing) []Need { return v.more(w) }

func (v marinadeStake) loadTaker(w *world) (stakeTaker, error) {
	l, err := v.load(w)
	if err != nil {
		return nil, err
	}
	list, err := v.list(w.state)
	if err != nil {
		return nil, err
	}
	return &marinadeTaker{loadedMarinade: l, list: list, welcome: v.accepting(w)}, nil
}

// marinadeTaker takes stake by DepositStakeAccount.
type marinadeTaker struct {
	*loadedMarinade
	list    *accounts.MarinadeValidatorList
	welcome func(solana.PublicKey) bool
}

func (l *marinadeTaker) token() lst.LST { return l.lst }

func (l *marinadeTaker) routerDeposit(vote, _ solana.PublicKey) instructions.DepositStakeSuffix {
	return instructions.MarinadeDepositStake(l.keys, vote)
}

func (l *marinadeTaker) accounts(solana.PublicKey) []solana.PublicKey {
	return append(slices.Clone(l.read), l.keys.ValidatorList)
}

func (l *marinadeTaker) accepts(vote solana.PublicKey) bool { return l.welcome(vote) }

// storedStakeRent is what the stake program writes into every new stake account as its rent, in lamports, whatever the Rent sysvar says.
// Marinade wants the balance to be just the stake and that.
const storedStakeRent = 2_282_880

func (l *marinadeTaker) rent() (uint64, error) {
	rent, err := l.pool.Rent.MinimumBalance(accounts.StakeAccountSpace)
	if err == nil && rent > storedStakeRent {
		err = fmt.Errorf("%w: rent of %d lamports, and Marinade takes accounts with just %d", quote.ErrStakeSurplus, rent, storedStakeRent)
	}
	return storedStakeRent, err
}

func (l *marinadeTaker) take(d drawn) (taken, error) {
	account := d.stake
	if d.existing.IsZero() {
		account.Account.RentExemptReserve = storedStakeRent
	}
	m, err := l.pool.DepositStakeAccount(account, l.list, account.Account.Withdrawer)
	if err != nil {
		return taken{}, err
	}
	t := taken{
		out: m.MSOL, lost: m.Kept, exact: l.pool.Version != quote.MarinadeVersionUnknown, condition: unknownMarinade,
		guard: GuardBalance, tokenProgram: l.lst.TokenProgram,
	}
	if m.Fee > 0 {
		t.fees = []Fee{{
			Name: "stake deposit fee", Amount: m.Fee, Mint: accounts.NativeMint, Rate: cents(l.pool.State.DepositStakeAccountFee),
			Recipient: l.keys.State,
		}}
	}
	t.price, err = l.pool.Price()
	return t, err
}

func (l *marinadeTaker) takeExactOut(out uint64, like drawn) (uint64, error) {
	stake := like.stake
	if like.existing.IsZero() {
		stake.Account.RentExemptReserve = storedStakeRent
	}
	m, err := l.pool.DepositStakeAccountExactOut(out, stake, l.list, stake.Account.Withdrawer)
	return m.Staked, err
}

func (l *marinadeTaker) steps(p Parties, h handover) ([]txn.Step, error) {
	destination, err := p.Addresses.AssociatedToken(p.Owner, l.lst.TokenProgram, l.lst.Mint)
	if err != nil {
		return nil, err
	}
	deposit, err := instructions.MarinadeDepositStakeAccount{
		Marinade: l.keys, Stake: h.stake, Owner: p.Owner, Vote: h.vote, ValidatorIndex: uint32(l.list.Index(h.vote)), Payer: p.Owner,
		Destination: destination,
	}.Build()
	if err != nil {
		return nil, err
	}
	return []txn.Step{txn.CreateTokenAccountAt(p.Payer, destination, p.Owner, l.lst.Mint, l.lst.TokenProgram), {
		Words:       fmt.Sprintf("deposit the stake account %s into Marinade for at least %s %s", h.stake, l.lst.Format(h.minimum), l.lst.Symbol),
		Instruction: deposit,
		Units:       marinadeStakeDepositsUnits,
	}}, nil
}
