package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// unstakeUnits is what a sale to the Reserve was measured to need, with room.
const unstakeUnits = 170_000

// reserve is a pool of the Sanctum Reserve, which buys stake accounts for SOL.
type reserve struct {
	program, pool solana.PublicKey
	// stakes are existing accounts that may be sold.
	stakes []solana.PublicKey
}

// mainReserve is the only pool there is so far.
func mainReserve(stakes []solana.PublicKey) reserve {
	return reserve{accounts.ReserveProgram, accounts.ReservePoolAddress, stakes}
}

// addresses are the pool's SOL, its fee, and the protocol's.
func (v reserve) addresses() (sol, fee, protocolFee solana.PublicKey, err error) {
	if sol, err = accounts.ReserveSOL(v.program, v.pool); err != nil {
		return sol, fee, protocolFee, err
	}
	if fee, err = accounts.ReserveFeeAddress(v.program, v.pool); err != nil {
		return sol, fee, protocolFee, err
	}
	protocolFee, err = accounts.ReserveProtocolFeeAddress(v.program)
	return sol, fee, protocolFee, err
}

func (v reserve) needs() Needs {
	sol, fee, protocolFee, err := v.addresses()
	if err != nil {
		return Needs{}
	}
	return Needs{Accounts: []Need{{Address: v.pool}, {Address: sol}, {Address: fee}, {Address: protocolFee}}}
}

// loadedReserve is a reserve with its state. As a taker it buys stake for SOL.
type loadedReserve struct {
	keys instructions.Reserve
	pool quote.Reserve
	read []solana.PublicKey
	// records are what the records of existing stake accounts hold.
	records map[solana.PublicKey]outcome[uint64]
	// tokenRent is the rent of a token account, in lamports.
	tokenRent uint64
}

// load decodes the pool, once for all venues.
func (v reserve) load(w *world) (*loadedReserve, error) {
	return once(w.reserves, v.pool, func() (*loadedReserve, error) { return v.loadPool(w.chain, w.state) })
}

func (v reserve) loadPool(c *chain, s *State) (*loadedReserve, error) {
	sol, fee, protocolFee, err := v.addresses()
	if err != nil {
		return nil, err
	}
	pool, err := accounts.Load(s.Accounts, v.pool, accounts.DecodeReservePool)
	if err != nil {
		return nil, err
	}
	l := &loadedReserve{
		pool:    quote.Reserve{Address: v.pool, Pool: *pool, Rent: c.rent, Clock: c.clock, EpochRewardsActive: c.rewardsActive},
		read:    []solana.PublicKey{v.pool, sol, fee, protocolFee},
		records: make(map[solana.PublicKey]outcome[uint64]),
	}
	for _, stake := range v.stakes {
		lamports, err := v.recordLamports(s, stake)
		l.records[stake] = outcome[uint64]{lamports, err}
	}
	rate, err := accounts.Load(s.Accounts, fee, accounts.DecodeReserveFee)
	if err != nil {
		return nil, err
	}
	protocol, err := accounts.Load(s.Accounts, protocolFee, accounts.DecodeReserveProtocolFee)
	if err != nil {
		return nil, err
	}
	if l.pool.Lamports, err = systemLamports(s, "SOL of the Reserve", sol); err != nil {
		return nil, err
	}
	l.pool.Fee, l.pool.ProtocolFee = *rate, *protocol
	if l.tokenRent, err = c.rent.MinimumBalance(accounts.TokenAccountSpace); err != nil {
		return nil, err
	}
	l.keys, err = instructions.NewReserve(v.program, v.pool, pool, protocol)
	return l, err
}

func (l *loadedReserve) token() lst.LST { return nativeSOL() }

func (l *loadedReserve) routerDeposit(_, bridge solana.PublicKey) instructions.DepositStakeSuffix {
	return instructions.ReserveDepositStake(l.keys, bridge)
}

func (l *loadedReserve) accounts(solana.PublicKey) []solana.PublicKey { return l.read }

// accepts any validator: the Reserve does not keep the stake.
func (l *loadedReserve) accepts(solana.PublicKey) bool { return true }

// rent of a new stake account comes back whatever it is: the Reserve pays for all lamports.
func (l *loadedReserve) rent() (uint64, error) {
	return l.pool.Rent.MinimumBalance(accounts.StakeAccountSpace)
}

func (l *loadedReserve) take(d drawn) (taken, error) {
	record, err := l.sellable(d)
	if err != nil {
		return taken{}, err
	}
	u, err := l.pool.Unstake(d.stake.Lamports, record, false)
	if err != nil {
		return taken{}, err
	}
	t := taken{out: u.Out, exact: true, price: quote.Price{Lamports: 1, Tokens: 1}, guard: GuardTemporary, advance: l.tokenRent}
	if u.Fee > 0 {
		t.fees = []Fee{{
			Name: "Reserve fee", Amount: u.Fee, Mint: accounts.NativeMint, Rate: fmt.Sprintf("%d/%d", u.Fee, u.In), Recipient: l.keys.SOL,
		}}
	}
	return t, nil
}

func (l *loadedReserve) takeExactOut(out uint64, like drawn) (uint64, error) {
	record, err := l.sellable(like)
	if err != nil {
		return 0, err
	}
	u, err := l.pool.UnstakeExactOut(out, record, false)
	return fixed.SaturatingSub(u.In, like.unstaked()), err
}

// sellable checks a stake account and returns what its record holds already. A new account has none.
func (l *loadedReserve) sellable(d drawn) (recordLamports uint64, err error) {
	if err := l.pool.Sellable(&d.stake.Account, d.stake.Account.Withdrawer); err != nil || d.existing.IsZero() {
		return 0, err
	}
	record := l.records[d.existing]
	return record.value, record.err
}

// recordLamports are what somebody sent to the address of a record that the Reserve is going to make, usually nothing.
func (v reserve) recordLamports(s *State, stake solana.PublicKey) (uint64, error) {
	record, err := accounts.ReserveRecordAddress(v.program, v.pool, stake)
	if err != nil {
		return 0, err
	}
	a, err := s.Accounts.Get(record)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return 0, nil
	case err == nil && a.Owner != accounts.SystemProgram:
		err = fmt.Errorf("%w: the Reserve has a record of it from an earlier sale", quote.ErrStakeAccount)
	}
	return a.Lamports, err
}

// steps sell a stake account. The Reserve takes no limit, so it pays into an account that did not exist before, whose balance is
// checked before it is closed.
func (l *loadedReserve) steps(p Parties, h handover) ([]txn.Step, error) {
	// On the way to somebody else SOL itself takes fewer steps.
	native := h.request.toOther(p)
	w, err := h.request.outlet(p, l.tokenRent, native)
	if err != nil {
		return nil, err
	}
	sale, err := instructions.Unstake{Reserve: l.keys, Owner: p.Owner, Stake: h.stake, Destination: w.address, Wrapped: !native}.Build()
	if err != nil {
		return nil, err
	}
	closing, err := w.closing(h.minimum, h.back)
	if err != nil {
		return nil, err
	}
	return slices.Concat(w.open, []txn.Step{{
		Words: fmt.Sprintf("sell the stake account %s to the Reserve", h.stake) + h.request.forWhom(p), Instruction: sale, Units: unstakeUnits,
	}}, closing), nil
}

func (v reserve) accepting(*world) func(solana.PublicKey) bool {
	return func(solana.PublicKey) bool { return true }
}

func (v reserve) moreToTake(_ *world, d drawing) []Need {
	if d.existing.IsZero() {
		return nil
	}
	record, err := accounts.ReserveRecordAddress(v.program, v.pool, d.existing)
	if err != nil {
		return nil
	}
	return []Need{{Address: record}}
}

func (v reserve) loadTaker(w *world) (stakeTaker, error) { return v.load(w) }
