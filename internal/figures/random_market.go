package figures

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// Market is a chain with all pools and tokens that can be traded on it.
type Market struct {
	Chain      Chain
	StakePools []*StakePool
	Infinity   *Infinity
	Marinade   *Marinade
	Lido       *Lido
	Reserve    *Reserve
	Router     *Router
	// DeploySlot is the slot in which all programs were deployed. The
	// calculators have approved these deployments.
	DeploySlot uint64
	// Tokens are the registry entries of all tokens except SOL: INF, mSOL,
	// stSOL, and the tokens of the stake pools in order.
	Tokens []lst.LST
	// Votes are the vote accounts to which several pools delegate.
	Votes []solana.PublicKey
}

// MarketOptions are the parameters of a random market. The zero value results
// in a market without stake pools.
type MarketOptions struct {
	Chain Chain
	// Registry are entries of stake pools that the market contains first. Pools
	// is the number of further pools.
	Registry []lst.LST
	Pools    int
	// Validators is the number of validators of each stake pool. Zero stands
	// for a small random number. Only the first [WithStake] of them have stake
	// accounts.
	Validators int
	// Twins is the number of pools that are a copy of the pool before them, at
	// another address.
	Twins int
	// Version and Pricing are the version and the pricing program of Infinity.
	Version uint8
	Pricing solana.PublicKey
}

// WithStake is the number of validators of a large pool that have a stake
// account, and the most stake.
const WithStake = 6

// sharedVotes is the number of validators that the pools of a market have in
// common.
const sharedVotes = 4

// RandomMarket returns a random market with all venues. Its stake pools share
// some validators with each other, with Marinade and with Lido, and Infinity
// holds all their tokens.
func RandomMarket(rng *rand.Rand, o MarketOptions) (*Market, error) {
	m := &Market{
		Chain:      o.Chain,
		DeploySlot: o.Chain.Clock.Slot / 2,
		Reserve:    RandomReserve(rng),
		Router: &Router{
			Prefunder: 10_000_000 + RandomAmount(rng, sol),
			SOLBridge: sol + RandomAmount(rng, sol),
		},
	}

	m.Reserve.Address = accounts.ReservePoolAddress
	for range sharedVotes {
		m.Votes = append(m.Votes, RandomKey(rng))
	}

	var err error
	if m.Marinade, err = RandomMarinadeAt(rng, o.Chain, accounts.MarinadeStateAddress,
		accounts.MSOLMint); err != nil {
		return nil, err
	}

	if m.Lido, err = RandomLidoAt(rng, accounts.LidoProgram, o.Chain, accounts.LidoStateAddress,
		accounts.StSOLMint); err != nil {
		return nil, err
	}

	if err := m.placeLists(); err != nil {
		return nil, err
	}

	for _, mint := range []solana.PublicKey{accounts.INFMint, accounts.MSOLMint,
		accounts.StSOLMint} {
		token, err := lst.Default().ByMint(mint)
		if err != nil {
			return nil, err
		}

		m.Tokens = append(m.Tokens, token)
	}

	if err := m.addPools(rng, o); err != nil {
		return nil, err
	}

	m.shareVotes(rng)

	return m, m.addInfinity(rng, o)
}

// placeLists sets the addresses of the lists of Lido and Marinade to those on
// mainnet.
func (m *Market) placeLists() (err error) {
	m.Lido.State.ValidatorList = accounts.LidoValidatorListAddress
	program, state := m.Marinade.Program, m.Marinade.Address
	validators := &m.Marinade.State.ValidatorSystem.ValidatorList
	stakes := &m.Marinade.State.StakeSystem.StakeList
	if validators.Account, err = accounts.MarinadeValidatorListAddress(program, state); err != nil {
		return err
	}
	stakes.Account, err = accounts.MarinadeStakeListAddress(program, state)
	return err
}

// addPools adds random stake pools, with a registry entry for each.
func (m *Market) addPools(rng *rand.Rand, o MarketOptions) error {
	programs := accounts.StakePoolPrograms()
	for i := range len(o.Registry) + o.Pools {
		var entry lst.LST
		if i < len(o.Registry) {
			entry = o.Registry[i]
		}

		program := entry.Program
		isTwin := i > 0 && i <= o.Twins
		switch {
		case !program.IsZero():
		case isTwin:
			program = m.StakePools[i-1].Program
		default:
			program = programs[rng.IntN(len(programs))]
		}

		var pool *StakePool
		var err error
		if isTwin && program == m.StakePools[i-1].Program {
			pool = m.StakePools[i-1].twin(rng)
		} else if pool, err = RandomStakePool(rng, program, m.Chain); err != nil {
			return err
		}

		if entry.Mint.IsZero() {
			entry = entryOf(pool, fmt.Sprintf("x%dSOL", i))
		}

		if err := pool.move(entry); err != nil {
			return err
		}

		pool.grow(rng, o.Validators, m.Chain)
		pool.Symbol = entry.Symbol
		m.StakePools, m.Tokens = append(m.StakePools, pool), append(m.Tokens, entry)
	}

	return nil
}

// entryOf returns a registry entry for a pool.
func entryOf(p *StakePool, symbol string) lst.LST {
	kinds := map[solana.PublicKey]lst.Kind{
		accounts.StakePoolProgram:             lst.KindSPL,
		accounts.SanctumStakePoolProgram:      lst.KindSanctumSPL,
		accounts.SanctumMultiStakePoolProgram: lst.KindSanctumSPLMulti,
	}

	return lst.LST{
		Symbol:        symbol,
		Name:          symbol,
		Mint:          p.State.PoolMint,
		Decimals:      9,
		TokenProgram:  p.State.TokenProgram,
		Kind:          kinds[p.Program],
		Program:       p.Program,
		Pool:          p.Address,
		ValidatorList: p.State.ValidatorList,
	}
}

// twin returns a copy of the pool at another address.
func (p *StakePool) twin(rng *rand.Rand) *StakePool {
	t := *p
	t.Address = RandomKey(rng)
	for _, key := range []*solana.PublicKey{
		&t.State.ValidatorList, &t.State.ReserveStake, &t.State.PoolMint,
		&t.State.ManagerFeeAccount,
	} {
		*key = RandomKey(rng)
	}

	t.Validators = slices.Clone(p.Validators)
	for i, v := range t.Validators {
		if v.Active != nil {
			active := *v.Active
			t.Validators[i].Active = &active
		}
	}

	return &t
}

// move changes the address of a pool to that of a registry entry, with all
// derived addresses.
func (p *StakePool) move(to lst.LST) error {
	p.Address = to.Pool
	p.State.ValidatorList = to.ValidatorList
	p.State.PoolMint = to.Mint
	authority, bump, err := solana.FindProgramAddress(
		[][]byte{p.Address[:], []byte("withdraw")},
		p.Program,
	)
	if err != nil {
		return fmt.Errorf("derive withdraw authority: %w", err)
	}

	p.State.StakeWithdrawBumpSeed = bump
	if p.State.StakeDepositAuthority, err = accounts.StakePoolDepositAuthority(p.Program,
		p.Address); err != nil {
		return err
	}

	p.Mint.MintAuthority = &authority
	p.FeeAccount = &accounts.TokenAccount{
		Mint:  p.State.PoolMint,
		Owner: p.State.Manager,
		State: accounts.TokenInitialized,
	}

	p.Reserve.Account.Staker, p.Reserve.Account.Withdrawer = authority, authority
	for _, v := range p.Validators {
		if v.Active != nil {
			v.Active.Account.Staker, v.Active.Account.Withdrawer = authority, authority
		}
	}

	return nil
}

// grow raises the number of validators of a pool. The added validators have
// little stake. From [WithStake] on they have no stake account.
func (p *StakePool) grow(rng *rand.Rand, validators int, chain Chain) {
	if validators == 0 {
		return
	}

	p.MaxValidators = uint32(max(validators, int(p.MaxValidators)))
	for len(p.Validators) < validators {
		v := randomValidator(rng, p.Reserve.Account.Withdrawer, StoredRent, chain)
		if len(p.Validators) >= WithStake {
			v.Active = nil
			v.Entry.ActiveStakeLamports = StoredRent + max(
				chain.MinimumDelegation,
				1_000_000,
			) + rng.Uint64N(1_000)
		}

		p.State.TotalLamports += v.Entry.ActiveStakeLamports
		p.State.PoolTokenSupply += v.Entry.ActiveStakeLamports
		p.Validators = append(p.Validators, v)
	}

	p.Mint.Supply = p.State.PoolTokenSupply
}

// shareVotes makes the pools delegate to some of the same validators.
func (m *Market) shareVotes(rng *rand.Rand) {
	pick := func(votes []solana.PublicKey) solana.PublicKey {
		return votes[rng.IntN(len(votes))]
	}
	for _, p := range m.StakePools {
		votes := slices.Clone(m.Votes)
		for i := range p.Validators[:min(len(p.Validators), WithStake)] {
			if len(votes) == 0 || rng.IntN(4) == 0 {
				continue
			}

			vote := pick(votes)
			votes = slices.DeleteFunc(votes, func(v solana.PublicKey) bool { return v == vote })
			p.Validators[i].Entry.VoteAccount = vote
			p.Validators[i].Active.Account.Delegation.Voter = vote
		}
	}

	votes := slices.Clone(m.Votes)
	for i := range m.Lido.Validators {
		if len(votes) == 0 {
			break
		}

		v := &m.Lido.Validators[i]
		v.Entry.VoteAccount, v.Stake.Account.Delegation.Voter = votes[0], votes[0]
		votes = votes[1:]
	}

	for i := range m.Marinade.Validators[:min(len(m.Marinade.Validators), len(m.Votes)-1)] {
		was := m.Marinade.Validators[i].VoteAccount
		m.Marinade.Validators[i].VoteAccount = m.Votes[i]
		for _, s := range m.Marinade.Stakes {
			if s.Stake.Account.Delegation.Voter == was {
				s.Stake.Account.Delegation.Voter = m.Votes[i]
			}
		}
	}
}

// addInfinity adds a random pool of a controller that holds the LSTs of all
// other pools.
func (m *Market) addInfinity(rng *rand.Rand, o MarketOptions) error {
	upgrades := make(map[solana.PublicKey]uint64)
	for _, program := range deployedPrograms() {
		upgrades[program] = m.DeploySlot
	}

	var err error
	m.Infinity, err = RandomInfinity(rng, m.Chain, InfinityOptions{
		Program:      accounts.InfinityProgram,
		Version:      o.Version,
		Pricing:      o.Pricing,
		StakePools:   m.StakePools,
		UpgradeSlots: upgrades,
		Slot:         m.Chain.Clock.Slot,
		Marinade:     &m.Marinade.State,
		Lido:         &m.Lido.State,
	})

	return err
}

// deployedPrograms returns the programs whose deployments the calculators
// check.
func deployedPrograms() []solana.PublicKey {
	return append(accounts.StakePoolPrograms(), accounts.MarinadeProgram, accounts.LidoProgram)
}

// Accounts returns all accounts of the market, including the sysvars.
func (m *Market) Accounts() ([]accounts.Account, error) {
	all := m.Chain.Accounts()
	mints := []solana.PublicKey{accounts.NativeMint}
	parts := []func(accounts.Rent) ([]accounts.Account, error){
		m.Marinade.Accounts, m.Lido.Accounts, m.Reserve.Accounts, m.Infinity.Accounts,
	}
	for _, p := range m.StakePools {
		parts = append(parts, p.Accounts)
	}

	for _, token := range m.Tokens {
		mints = append(mints, token.Mint)
	}

	for _, part := range parts {
		more, err := part(m.Chain.Rent)
		if err != nil {
			return nil, err
		}

		all = append(all, more...)
	}

	more, err := m.Router.Accounts(m.Chain.Rent, mints...)
	if err != nil {
		return nil, err
	}

	all = append(all, more...)

	for _, program := range deployedPrograms() {
		address, err := accounts.ProgramDataAddress(program)
		if err != nil {
			return nil, err
		}

		header := accounts.ProgramData{DeploySlot: m.DeploySlot}.Encode()
		all = append(
			all,
			account(address, accounts.UpgradeableLoader, 1, header, accounts.ProgramDataHeaderSize),
		)
	}

	// The accounts of Infinity include the states of Marinade and Lido.
	seen := make(map[solana.PublicKey]bool, len(all))

	return slices.DeleteFunc(all, func(a accounts.Account) bool {
		twice := seen[a.Address]
		seen[a.Address] = true
		return twice
	}), nil
}
