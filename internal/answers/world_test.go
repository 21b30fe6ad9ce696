package answers_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

const sol = 1_000_000_000

// owner is the owner of all trades.
var owner = solana.PublicKey{1}

// Builds of programs with different rounding and fees.
const (
	poolsRoundUp   = "3a9383372a36d55816d6f47a5707ec8abc8c099dea9f9dd7636b96a9eeaf5169"
	poolsRoundDown = "ef6cacb43ad5a4853f37c1254eb5ff9983bfdb77dfa9452a9dde375c5d762a37"
	marinadeTwo    = "d69d4cd7ff7c00df3dfe2191dbb973858de9c36a3114bdbdb65d6cc81c98ed94"
)

// world is the chain from which a market is loaded.
type world struct {
	*figures.Market
	rng *rand.Rand
	// story describes the changes to the chain.
	story []string

	accounts map[solana.PublicKey]accounts.Account
	builds   map[solana.PublicKey]string
	slotTime quote.SlotTime
	// tokens, stakes and tables are the parameters of the loader. withStake
	// enables the routes that move stake.
	tokens         []lst.LST
	stakes, tables []solana.PublicKey
	withStake      bool
	// facts are amounts at which the state of the chain changes an answer.
	facts []uint64
}

func (w *world) tell(format string, args ...any) {
	w.story = append(w.story, fmt.Sprintf(format, args...))
}

// one returns true once in n times.
func one(rng *rand.Rand, in int) bool { return rng.IntN(in) == 0 }

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// drawWorld draws a chain from a seed: the embedded market or a random one,
// with some disturbances.
func drawWorld(seed uint64) (*world, error) {
	w := &world{rng: rand.New(rand.NewPCG(seed, 0x79657374)), withStake: true}
	market, err := demo.Load()
	if err != nil {
		return nil, err
	}

	if one(w.rng, 4) {
		err = w.embed(market)
	} else {
		err = w.draw(market.Chain)
	}

	if err != nil {
		return nil, err
	}

	w.chooseTokens()
	w.disturb()

	return w, w.write()
}

// embed uses the embedded market without changes.
func (w *world) embed(m *demo.Market) error {
	w.Market = &figures.Market{
		Chain:      m.Chain,
		Infinity:   m.Infinity.V2,
		Marinade:   m.Marinade,
		Lido:       m.Lido,
		Reserve:    m.Reserve,
		Router:     m.Router,
		DeploySlot: demo.DeploySlot,
	}
	if one(w.rng, 2) {
		w.Infinity = m.Infinity.V1
	}

	mints := []solana.PublicKey{accounts.INFMint, accounts.MSOLMint, accounts.StSOLMint}
	for i := range m.StakePools {
		w.StakePools = append(w.StakePools, &m.StakePools[i])
		mints = append(mints, m.StakePools[i].State.PoolMint)
	}

	for _, mint := range mints {
		token, err := lst.Default().ByMint(mint)
		if err != nil {
			return err
		}

		w.Tokens = append(w.Tokens, token)
	}

	// This validator belongs to several pools.
	w.Votes = []solana.PublicKey{
		w.StakePools[w.rng.IntN(len(w.StakePools))].Validators[0].Entry.VoteAccount,
	}
	for _, p := range w.StakePools {
		if v := &p.Validators[0]; v.Active != nil && !one(w.rng, 3) {
			v.Entry.VoteAccount, v.Active.Account.Delegation.Voter = w.Votes[0], w.Votes[0]
		}
	}

	if v := &w.Lido.Validators[0]; v.Stake != nil {
		v.Entry.VoteAccount, v.Stake.Account.Delegation.Voter = w.Votes[0], w.Votes[0]
	}

	w.tell("the embedded market, Infinity version %d", w.Infinity.Pool.Version)

	return nil
}

// draw draws a random market. Some of its pools have addresses of the registry.
func (w *world) draw(chain figures.Chain) error {
	chain.Rent = accounts.NewRent([]uint64{6960, 6960, 6960, 5080, 696}[w.rng.IntN(5)])
	chain.MinimumDelegation = []uint64{sol, sol, 1}[w.rng.IntN(3)]
	o := figures.MarketOptions{
		Chain: chain,
		Pools: 1 + w.rng.IntN(4),
		Twins: w.rng.IntN(3),
		Version: uint8(
			pick(w.rng, []int{accounts.PoolStateV1, accounts.PoolStateV2, accounts.PoolStateV2}),
		),
		Pricing: pick(w.rng, []solana.PublicKey{accounts.FlatFeeProgram, accounts.FlatSlabProgram}),
	}

	all := lst.Default().All()
	for range w.rng.IntN(3) {
		token := pick(w.rng, all)
		if token.Kind.IsStakePool() && token.TokenProgram == accounts.TokenProgram &&
			!slices.Contains(o.Registry, token) {
			o.Registry = append(o.Registry, token)
		}
	}

	var err error
	w.Market, err = figures.RandomMarket(w.rng, o)
	w.tell(
		"%d of the registry's pools and %d others, %d twins, Infinity version %d priced by %s, rent %d, least delegation %d",
		len(o.Registry),
		o.Pools,
		o.Twins,
		o.Version,
		o.Pricing,
		chain.Rent.LamportsPerByte,
		chain.MinimumDelegation,
	)

	return err
}

// chooseTokens removes some tokens of the market, and adds stake accounts.
func (w *world) chooseTokens() {
	most := 4 + w.rng.IntN(4)
	w.tokens = slices.Clone(w.Tokens)
	w.rng.Shuffle(
		len(w.tokens),
		func(i, j int) { w.tokens[i], w.tokens[j] = w.tokens[j], w.tokens[i] },
	)

	w.tokens = w.tokens[:min(most, len(w.tokens))]
	for i := range w.rng.IntN(4) {
		w.stakes = append(w.stakes, solana.PublicKey{77, byte(i)})
	}

	w.builds = map[solana.PublicKey]string{accounts.MarinadeProgram: marinadeTwo}
	for _, program := range accounts.StakePoolPrograms() {
		w.builds[program] = pick(w.rng, []string{poolsRoundUp, poolsRoundUp, poolsRoundDown})
	}

	if one(w.rng, 4) {
		w.slotTime = quote.SlotTime{
			Nanos:  200_000_000 + w.rng.Int64N(300_000_000),
			Source: quote.SlotTimeSeen,
		}
	}

	if one(w.rng, 10) {
		w.withStake, w.stakes = false, nil
		w.tell("without stake")
	}
}

// write encodes the accounts, and disturbs some of them.
func (w *world) write() error {
	all, err := w.Accounts()
	if err != nil {
		return err
	}

	w.accounts = make(map[solana.PublicKey]accounts.Account, len(all))
	for _, a := range all {
		w.accounts[a.Address] = a
	}

	for i, address := range w.stakes {
		w.writeStake(address, i)
	}

	if one(w.rng, 3) {
		w.writeTable()
	}

	w.gatherFacts()
	if one(w.rng, 5) {
		for range 1 + w.rng.IntN(2) {
			w.disturbAccount()
		}
	}

	return nil
}

// writeStake writes a stake account of the owner, in some state.
func (w *world) writeStake(address solana.PublicKey, i int) {
	amount := pick(w.rng, []uint64{sol / 2, sol, 2*sol + 123, 500 * sol, 70_000 * sol})
	vote := pick(w.rng, w.Votes)
	epoch := w.Chain.Clock.Epoch
	s := figures.Delegated(owner, figures.StoredRent, vote, amount, epoch-3)
	lamports := amount + figures.StoredRent
	state := "good"
	switch w.rng.IntN(20) {
	case 0:
		s.Lockup.Epoch, state = epoch+1, "locked"
	case 1:
		s.Delegation.ActivationEpoch, state = epoch, "activating"
	case 2:
		s.Delegation.DeactivationEpoch, state = epoch, "deactivating"
	case 3, 10, 11:
		s.Delegation.DeactivationEpoch, state = epoch-1, "inactive"
	case 4, 12:
		s.State, state = accounts.StakeInitialized, "not delegated"
	case 5:
		s, state = accounts.StakeAccount{}, "uninitialized"
	case 6:
		s.Withdrawer, state = solana.PublicKey{9}, "with another withdrawer"
	case 7:
		s.Staker, state = solana.PublicKey{9}, "with another staker"
	case 8:
		lamports, state = lamports+w.rng.Uint64N(sol), "with a surplus"
	case 9:
		s.Delegation.Voter, state = figures.RandomKey(w.rng), "with a validator of its own"
	}

	w.tell("stake account %d: %d lamports, %s", i, lamports, state)
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, s.Encode())
	w.accounts[address] = accounts.Account{
		Address:  address,
		Owner:    accounts.StakeProgram,
		Lamports: lamports,
		Data:     data,
	}
}

// writeTable writes a lookup table of the user.
func (w *world) writeTable() {
	address := solana.PublicKey{88}
	table := accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch, LastExtendedSlot: 5}
	for key := range w.accounts {
		table.Addresses = append(table.Addresses, key)
	}

	slices.SortFunc(table.Addresses, compareKeys)
	table.Addresses = table.Addresses[:min(len(table.Addresses), 200)]
	w.accounts[address] = accounts.Account{
		Address:  address,
		Owner:    accounts.LookupTableProgram,
		Lamports: 1,
		Data:     table.Encode(),
	}

	w.tables = append(w.tables, address)
	w.tell("a lookup table")
}

func compareKeys(a, b solana.PublicKey) int { return bytes.Compare(a[:], b[:]) }

// disturbAccount replaces an account by an invalid one.
func (w *world) disturbAccount() {
	var keys []solana.PublicKey
	for key := range w.accounts {
		keys = append(keys, key)
	}

	slices.SortFunc(keys, compareKeys)
	a := w.accounts[pick(w.rng, keys)]
	a.Data = bytes.Clone(a.Data)
	switch w.rng.IntN(5) {
	case 0:
		delete(w.accounts, a.Address)
		w.tell("%s is missing", a.Address)
		return

	case 1:
		a.Owner = figures.RandomKey(w.rng)
		w.tell("%s is another program's", a.Address)
	case 2:
		a.Data = a.Data[:w.rng.IntN(len(a.Data)+1)]
		w.tell("%s is cut to %d bytes", a.Address, len(a.Data))
	case 3:
		if len(a.Data) > 0 {
			at := w.rng.IntN(len(a.Data))
			a.Data[at] ^= 1 << w.rng.IntN(8)
			w.tell("%s is changed at byte %d", a.Address, at)
		}

	case 4:
		a.Lamports = figures.RandomAmount(w.rng, a.Lamports)
		w.tell("%s has %d lamports", a.Address, a.Lamports)
	}

	w.accounts[a.Address] = a
}

// gatherFacts collects the amounts at which prices and limits change.
func (w *world) gatherFacts() {
	w.facts = append(
		w.facts,
		w.Reserve.Lamports,
		w.Reserve.LPSupply,
		w.Reserve.Pool.IncomingStake,
		w.Marinade.SOLLeg,
		w.Marinade.MSOLLeg,
		w.Marinade.State.MSOLSupply,
		w.Marinade.State.MinDeposit,
		w.Marinade.State.StakeSystem.MinStake,
		w.Infinity.LPMint.Supply,
		w.Infinity.Pool.TotalSOLValue,
		w.Lido.State.ExchangeRate.StSOLSupply,
		w.Chain.MinimumDelegation,
		w.Chain.MinimumDelegation+figures.StoredRent,
		figures.StoredRent,
		2_039_280,
		w.Router.Prefunder,
	)

	for _, p := range w.StakePools {
		w.facts = append(
			w.facts,
			p.Reserve.Lamports,
			p.Reserve.Lamports-figures.StoredRent,
			p.State.TotalLamports,
			p.State.PoolTokenSupply,
		)

		for _, v := range p.Validators {
			w.facts = append(w.facts, v.Entry.ActiveStakeLamports)
		}
	}

	for _, h := range w.Infinity.Holdings {
		w.facts = append(w.facts, h.Reserves, h.Entry.SOLValue)
	}

	for _, v := range w.Lido.Validators {
		w.facts = append(w.facts, v.Entry.EffectiveStakeBalance, v.Entry.EffectiveStakeBalance/10)
	}

	for _, s := range w.Marinade.Stakes {
		w.facts = append(w.facts, s.Record.LastUpdateDelegatedLamports)
	}

	for _, address := range w.stakes {
		w.facts = append(
			w.facts,
			w.accounts[address].Lamports,
			w.accounts[address].Lamports-figures.StoredRent,
		)
	}

	w.facts = slices.DeleteFunc(w.facts, func(f uint64) bool { return f == 0 })
}

// put adds a copy of an account to a set, cut to the requested length as a node
// would.
func (w *world) put(set *accounts.Set, address solana.PublicKey, length int) {
	a, ok := w.accounts[address]
	if !ok {
		set.PutMissing(address)
		return
	}
	if length > 0 {
		a.Data = a.Data[:min(length, len(a.Data))]
	}
	a.Data = bytes.Clone(a.Data)
	set.Put(a)
}
