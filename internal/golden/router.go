package golden

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Operations of the Router that no stake pool has, named after the instructions
// of the program.
const (
	StakeWrappedSOL      = "StakeWrappedSol"
	WithdrawWrappedSOL   = "WithdrawWrappedSol"
	SwapViaStake         = "SwapViaStake"
	RouterDepositStake   = "RouterDepositStake"
	PrefundWithdrawStake = "PrefundWithdrawStake"
	PrefundSwapViaStake  = "PrefundSwapViaStake"
)

// RouterMarket holds the pools of one instruction of the Router. The stake goes
// to the pool To, or to the Reserve if To is nil.
type RouterMarket struct {
	From    *figures.StakePool `json:"from,omitempty"`
	To      *figures.StakePool `json:"to,omitempty"`
	Reserve *figures.Reserve   `json:"reserve,omitempty"`
}

// Routes is a file of recorded executions of the Router program.
type Routes struct {
	Chain   figures.Chain  `json:"chain"`
	Markets []RouterMarket `json:"markets"`
	Cases   []RouterCase   `json:"cases"`
}

// MarshalText returns the file as JSON with one market or case per line.
func (f *Routes) MarshalText() ([]byte, error) {
	return lines(f.Chain, "markets", f.Markets, f.Cases)
}

// RouterCase is one instruction of the Router.
type RouterCase struct {
	Seed   uint64 `json:"seed"`
	Market int    `json:"market"`
	Op     string `json:"op"`
	// Amount is the input: lamports of wrapped SOL, or pool tokens. It is zero
	// for a stake deposit, whose input is Stake.
	Amount uint64 `json:"amount,omitempty"`
	// LamportsPerByte is the rent at the execution of the case.
	LamportsPerByte uint64 `json:"lamports_per_byte"`
	// FromValidator and ToValidator are the indexes of the validators from and
	// to which stake is moved.
	FromValidator int `json:"from_validator,omitempty"`
	ToValidator   int `json:"to_validator,omitempty"`
	// Stake is the deposited stake account.
	Stake *quote.StakeAccountState `json:"stake,omitempty"`
	// BridgeSeed is the seed of the bridge stake account, to which Held was
	// transferred first.
	BridgeSeed uint32 `json:"bridge_seed,omitempty"`
	Held       uint64 `json:"held,omitempty"`
	// Prefunder is the balance of the prefunder.
	Prefunder uint64 `json:"prefunder,omitempty"`
	// Record and SlumdogRecord are the balances of the addresses at which the
	// Reserve creates the records of the deposited account and of the slumdog.
	Record        uint64 `json:"record,omitempty"`
	SlumdogRecord uint64 `json:"slumdog_record,omitempty"`

	User         solana.PublicKey `json:"user"`
	Source       solana.PublicKey `json:"source"`
	Destination  solana.PublicKey `json:"destination"`
	StakeAccount solana.PublicKey `json:"stake_account"`

	// FromBuild and ToBuild are the hashes of the stake pool programs that
	// executed the case.
	FromBuild   string      `json:"from_build,omitempty"`
	ToBuild     string      `json:"to_build,omitempty"`
	Instruction Instruction `json:"instruction"`
	Result[RouterOutcome]
}

// RouterOutcome is the outcome of a case.
type RouterOutcome struct {
	// Received is the increase of the user's token account. For
	// PrefundWithdrawStake it is the stake in the bridge stake account, which
	// also holds Unstaked lamports.
	Received uint64 `json:"received"`
	Unstaked uint64 `json:"unstaked,omitempty"`
	// RouterFee is the increase of the Router's fee token account,
	// PrefunderGain that of the prefunder.
	RouterFee     uint64         `json:"router_fee,omitempty"`
	PrefunderGain uint64         `json:"prefunder_gain,omitempty"`
	From          *PoolOutcome   `json:"from,omitempty"`
	To            *PoolOutcome   `json:"to,omitempty"`
	Reserve       *RouterReserve `json:"reserve,omitempty"`
}

// PoolOutcome is the state of a stake pool after the case.
type PoolOutcome struct {
	// ManagerFee is the manager's fee, in pool tokens.
	ManagerFee      uint64 `json:"manager_fee"`
	TotalLamports   uint64 `json:"total_lamports"`
	PoolTokenSupply uint64 `json:"pool_token_supply"`
}

// RouterReserve is the state of the Reserve after the case.
type RouterReserve struct {
	Pool     accounts.ReservePool `json:"pool"`
	Lamports uint64               `json:"lamports"`
	// ProtocolFee is the protocol's fee.
	ProtocolFee uint64 `json:"protocol_fee"`
}

// routed is the computation of a case.
type routed struct {
	*RouterCase
	market  *RouterMarket
	chain   figures.Chain
	reserve quote.ReserveState
	out     RouterOutcome
	exact   bool
}

// Quote computes the outcome with package quote, and reports whether it is
// exact.
func (c *RouterCase) Quote(m *RouterMarket, chain figures.Chain) (RouterOutcome, bool, error) {
	chain.Rent = accounts.NewRent(c.LamportsPerByte)
	r := &routed{
		RouterCase: c,
		market:     m,
		chain:      chain,
		exact:      true,
	}
	if m.Reserve != nil {
		r.reserve = m.Reserve.Quote(chain)
	}

	if err := r.quote(); err != nil {
		return RouterOutcome{}, false, err
	}

	return r.out, r.exact, nil
}

func (r *routed) from() quote.StakePoolState {
	return r.market.From.Quote(r.chain, quote.StakePoolFeeRounding(r.FromBuild))
}

func (r *routed) to() quote.StakePoolState {
	return r.market.To.Quote(r.chain, quote.StakePoolFeeRounding(r.ToBuild))
}

func (r *routed) pay(p quote.RouterPayout, err error) error {
	r.out.Received, r.out.RouterFee = p.Out, p.Fee
	return err
}

func (r *routed) quote() error {
	switch r.Op {
	case StakeWrappedSOL:
		d, err := r.to().DepositSOL(r.Amount)
		if err != nil {
			return err
		}

		r.exact = d.Exact
		r.deposited(r.Amount, d.Tokens, d.ReferralFee, d.ManagerFee)
		return r.pay(d.RouterStakeWrappedSOL())

	case WithdrawWrappedSOL:
		w, err := r.from().WithdrawSOL(r.Amount)
		if err != nil {
			return err
		}

		r.exact = w.Exact
		r.withdrawn(w.Lamports, w.Tokens, w.ManagerFee)
		return r.pay(w.RouterWithdrawWrappedSOL())

	case RouterDepositStake:
		return r.deposit(*r.Stake)
	case SwapViaStake:
		w, source, err := r.withdraw()
		if err != nil {
			return err
		}

		bridge, err := w.Bridge(r.User, source, r.Held, r.chain.Rent)
		if err != nil {
			return err
		}

		return r.deposit(bridge)

	case PrefundWithdrawStake, PrefundSwapViaStake:
		return r.prefund()
	}

	return fmt.Errorf("unknown operation %q", r.Op)
}

func (r *routed) prefund() error {
	w, source, err := r.withdraw()
	if err != nil {
		return err
	}

	p := quote.Prefund{
		Reserve:           r.reserve,
		MinimumDelegation: r.chain.MinimumDelegation,
		Prefunder:         r.Prefunder,
		Record:            r.SlumdogRecord,
	}

	q, err := p.Quote(w.Lamports)
	if err != nil {
		return err
	}

	r.reserve = q.Reserve
	r.out.PrefunderGain = q.Gain
	r.out.Reserve = &RouterReserve{
		Pool:        q.Reserve.Pool,
		Lamports:    q.Reserve.Lamports,
		ProtocolFee: q.Sale.ProtocolFee,
	}
	if r.Op == PrefundWithdrawStake {
		r.out.Received, r.out.Unstaked = q.Staked, q.Unstaked
		return nil
	}

	bridge, err := q.Bridge(r.User, source)
	if err != nil {
		return err
	}

	return r.deposit(bridge)
}

// withdraw withdraws the stake from the first pool.
func (r *routed) withdraw() (quote.StakeWithdrawal, quote.ValidatorStakeSource, error) {
	v := r.market.From.Validators[r.FromValidator]
	from := r.from()
	sources, err := from.Sources(r.market.From.List())
	if err != nil {
		return quote.StakeWithdrawal{}, v.Source(), err
	}

	if !slices.ContainsFunc(sources,
		func(e accounts.ValidatorStakeInfo) bool { return e == v.Entry }) {
		if preferred := from.State.PreferredWithdrawValidator; preferred != nil &&
			*preferred == sources[0].VoteAccount {
			return quote.StakeWithdrawal{}, v.Source(), quote.ErrNotPreferred
		}

		// The validator is being removed, or has too little stake, so that some
		// builds skip it.
		return quote.StakeWithdrawal{}, v.Source(), quote.ErrBuildDependent
	}

	w, err := from.WithdrawStake(r.Amount, v.Source())
	if err != nil {
		return w, v.Source(), err
	}

	r.exact = r.exact && w.Exact
	r.withdrawn(w.Lamports, w.Tokens, w.ManagerFee)

	return w, v.Source(), nil
}

// deposit deposits a stake account into the pool To or the Reserve.
func (r *routed) deposit(stake quote.StakeAccountState) error {
	if r.market.To == nil {
		if err := r.reserve.Sellable(&stake.Account, r.User); err != nil {
			return err
		}

		u, err := r.reserve.Unstake(stake.Lamports, r.Record, false)
		if err != nil {
			return err
		}

		o := &RouterReserve{
			Pool:        u.Pool,
			Lamports:    u.Lamports,
			ProtocolFee: u.ProtocolFee,
		}
		if r.out.Reserve != nil {
			o.ProtocolFee += r.out.Reserve.ProtocolFee
		}

		r.out.Reserve = o

		return r.pay(u.RouterDepositStake())
	}

	to := r.to()
	staked, unstaked, err := to.StakeParts(r.market.To.List(), stake,
		*r.market.To.Validators[r.ToValidator].Active)
	if err != nil {
		return err
	}

	d, err := to.DepositStake(staked, unstaked)
	if err != nil {
		return err
	}

	r.exact = r.exact && d.Exact
	r.deposited(staked+unstaked, d.Tokens, d.ReferralFee, d.ManagerFee)

	return r.pay(d.RouterDepositStake())
}

func (r *routed) withdrawn(lamports, tokens, managerFee uint64) {
	s := &r.market.From.State
	r.out.From = &PoolOutcome{managerFee, s.TotalLamports - lamports,
		s.PoolTokenSupply - (tokens - managerFee)}
}

func (r *routed) deposited(lamports, tokens, referralFee, managerFee uint64) {
	s := &r.market.To.State
	r.out.To = &PoolOutcome{managerFee, s.TotalLamports + lamports,
		s.PoolTokenSupply + tokens + referralFee + managerFee}
}

// Deposited returns the address of the deposited stake account: the user's
// account or the bridge stake account.
func (c *RouterCase) Deposited() (solana.PublicKey, error) {
	if c.Op == RouterDepositStake {
		return c.StakeAccount, nil
	}
	return accounts.RouterBridgeStake(accounts.RouterProgram, c.User, c.BridgeSeed)
}

// BuildInstruction builds the instruction of the case.
func (c *RouterCase) BuildInstruction(m *RouterMarket) (solana.Instruction, error) {
	program := accounts.RouterProgram
	reserve, err := c.reserveKeys(m)
	if err != nil {
		return nil, err
	}

	switch c.Op {
	case StakeWrappedSOL:
		to, _, err := poolKeys(m.To, c.ToValidator)
		if err != nil {
			return nil, err
		}

		return instructions.RouterStakeWrappedSOL{
			Program:     program,
			User:        c.User,
			Source:      c.Source,
			Destination: c.Destination,
			Pool:        instructions.RouterStakePoolDepositSOL(to),
			Lamports:    c.Amount,
		}.Build()

	case WithdrawWrappedSOL:
		from, _, err := poolKeys(m.From, c.FromValidator)
		if err != nil {
			return nil, err
		}

		return instructions.RouterWithdrawWrappedSOL{
			Program:     program,
			User:        c.User,
			Source:      c.Source,
			Destination: c.Destination,
			Pool:        instructions.RouterStakePoolWithdrawSOL(from),
			PoolTokens:  c.Amount,
		}.Build()
	}

	to, err := c.destination(m, reserve)
	if err != nil {
		return nil, err
	}

	if c.Op == RouterDepositStake {
		return instructions.RouterDepositStake{
			Program:     program,
			User:        c.User,
			Stake:       c.StakeAccount,
			Destination: c.Destination,
			To:          to,
		}.Build()
	}

	pool, stake, err := poolKeys(m.From, c.FromValidator)
	if err != nil {
		return nil, err
	}

	from := instructions.RouterStakePoolWithdrawStake(pool, stake)
	switch c.Op {
	case SwapViaStake:
		return instructions.RouterSwapViaStake{
			Program:     program,
			User:        c.User,
			Source:      c.Source,
			Destination: c.Destination,
			From:        from,
			To:          to,
			PoolTokens:  c.Amount,
			BridgeSeed:  c.BridgeSeed,
		}.Build()

	case PrefundWithdrawStake:
		return instructions.RouterPrefundWithdrawStake{
			Program:    program,
			User:       c.User,
			Source:     c.Source,
			From:       from,
			Reserve:    reserve,
			PoolTokens: c.Amount,
			BridgeSeed: c.BridgeSeed,
		}.Build()

	case PrefundSwapViaStake:
		return instructions.RouterPrefundSwapViaStake{
			Program:     program,
			User:        c.User,
			Source:      c.Source,
			Destination: c.Destination,
			From:        from,
			To:          to,
			Reserve:     reserve,
			PoolTokens:  c.Amount,
			BridgeSeed:  c.BridgeSeed,
		}.Build()
	}

	return nil, fmt.Errorf("unknown operation %q", c.Op)
}

func (c *RouterCase) reserveKeys(m *RouterMarket) (instructions.Reserve, error) {
	if m.Reserve == nil {
		return instructions.Reserve{}, nil
	}
	return instructions.NewReserve(accounts.ReserveProgram, m.Reserve.Address, &m.Reserve.Pool,
		&m.Reserve.ProtocolFee)
}

func (c *RouterCase) destination(
	m *RouterMarket,
	reserve instructions.Reserve,
) (instructions.RouterDepositStakeAccounts, error) {
	if m.To == nil {
		stake, err := c.Deposited()
		return instructions.RouterReserveDepositStake(reserve, stake), err
	}
	to, stake, err := poolKeys(m.To, c.ToValidator)
	return instructions.RouterStakePoolDepositStake(to, stake), err
}

// poolKeys returns the addresses of a pool, and of the stake accounts of one of
// its validators. If an authority that must sign is omitted, the program
// refuses the instruction; the builder does not.
func poolKeys(
	p *figures.StakePool,
	validator int,
) (instructions.StakePool, solana.PublicKey, error) {
	keys, err := instructions.NewStakePool(p.Program, p.Address, &p.State)
	if err != nil {
		return keys, solana.PublicKey{}, err
	}

	keys.SOLDepositAuthority, keys.SOLWithdrawAuthority = nil, nil
	keys.StakeDepositAuthority, err = accounts.StakePoolDepositAuthority(p.Program, p.Address)
	if err != nil {
		return keys, solana.PublicKey{}, err
	}

	active, _, err := p.StakeAddresses(p.Validators[validator].Entry)

	return keys, active, err
}
