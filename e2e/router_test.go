package e2e

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// routerRecordVariable names the file to record cases of the Router in.
const routerRecordVariable = "SANCTUM_E2E_RECORD_ROUTER"

// Number of recorded cases of each kind: executed ones and refused ones.
const (
	routerRecordExecuted = 8
	routerRecordRefused  = 2
)

// TestRouter_RandomCases executes random instructions of the Router between
// random stake pools and the Reserve, at three rents. The output, all fees, the
// prefunder's gain and the pools afterwards must match the quote to the
// lamport, and the program must refuse what the quote refuses.
func TestRouter_RandomCases(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.RouterProgram) == "" || l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Router is not deployed on this server")
	}

	chain := l.chain()
	t.Cleanup(func() {
		l.t = t
		l.batch(setAccount(rentSysvar(chain.Rent)))
	})

	hashes := map[solana.PublicKey]string{}
	for _, program := range accounts.StakePoolPrograms() {
		hashes[program] = l.programHash(program)
		require.NotEqual(t, quote.FeesUnknown, quote.StakePoolFeeRounding(hashes[program]),
			"the build of %s is not reviewed", program)
	}

	cases := int(envUint(t, casesVariable, defaultCases))
	seed := envUint(t, seedVariable, rand.Uint64())
	record := golden.Routes{Chain: chain}
	for _, kind := range []struct {
		name, op  string
		toReserve bool
	}{
		{"StakeWrappedSol", golden.StakeWrappedSOL, false},
		{"WithdrawWrappedSol", golden.WithdrawWrappedSOL, false},
		{"SwapViaStake into a pool", golden.SwapViaStake, false},
		{"SwapViaStake into the Reserve", golden.SwapViaStake, true},
		{"DepositStake into a pool", golden.RouterDepositStake, false},
		{"DepositStake into the Reserve", golden.RouterDepositStake, true},
		{"PrefundWithdrawStake", golden.PrefundWithdrawStake, true},
		{"PrefundSwapViaStake into a pool", golden.PrefundSwapViaStake, false},
		{"PrefundSwapViaStake into the Reserve", golden.PrefundSwapViaStake, true},
	} {
		t.Run(kind.name, func(t *testing.T) {
			l.t = t
			r := newRouterRun(l, chain, hashes, kind.op, kind.toReserve)
			for i := range cases {
				r.one(seed+uint64(i), &record)
			}

			t.Logf(
				"minimum delegation %d, seed %d: %d executed as quoted, %d refused by quote and program, %d by the quote alone, %d with a lookup table: %v",
				chain.MinimumDelegation,
				seed,
				r.executed,
				r.refused,
				r.cautious,
				r.withTable,
				r.reasons,
			)
		})
	}

	if path := os.Getenv(routerRecordVariable); path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

func rentSysvar(rent accounts.Rent) accounts.Account {
	return accounts.Account{
		Address:  accounts.RentSysvar,
		Owner:    accounts.SysvarProgram,
		Lamports: 1_009_200,
		Data:     rent.Encode(),
	}
}

// routerRun executes cases of one instruction into one kind of pool.
type routerRun struct {
	*localnet
	chain                                  figures.Chain
	hashes                                 map[solana.PublicKey]string
	op                                     string
	toReserve                              bool
	user, payer, authority                 *txn.KeySigner
	executed, refused, cautious, withTable int
	reasons                                map[string]int
}

func newRouterRun(
	l *localnet,
	chain figures.Chain,
	hashes map[solana.PublicKey]string,
	op string,
	toReserve bool,
) *routerRun {
	r := &routerRun{
		localnet:  l,
		chain:     chain,
		hashes:    hashes,
		op:        op,
		toReserve: toReserve,
		reasons:   map[string]int{},
	}

	for _, s := range []**txn.KeySigner{&r.user, &r.payer, &r.authority} {
		key, err := txn.GenerateKeySigner()
		require.NoError(l.t, err)
		*s = key
	}

	l.batch(setAccount(accounts.Account{Address: r.payer.PublicKey(), Owner: accounts.SystemProgram,
		Lamports: 1_000_000 * sol}))
	return r
}

// one makes the case of a seed, executes it and compares.
func (r *routerRun) one(seed uint64, record *golden.Routes) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 2))
	r.chain.Rent = accounts.NewRent([]uint64{6960, 5080, 696}[rng.IntN(3)])
	c := &golden.RouterCase{
		Seed:            seed,
		Op:              r.op,
		LamportsPerByte: r.chain.Rent.LamportsPerByte,
		BridgeSeed:      rng.Uint32(),
		User:            r.user.PublicKey(),
		Source:          figures.RandomKey(rng),
		Destination:     figures.RandomKey(rng),
		StakeAccount:    figures.RandomKey(rng),
	}

	m := r.randomMarket(rng, c)
	r.randomAmounts(rng, m, c)
	want, exact, quoteErr := c.Quote(m, r.chain)
	context := func(err error) []any {
		text, _ := json.Marshal(struct {
			Market *golden.RouterMarket
			Case   *golden.RouterCase
		}{m, c})

		return []any{"%s, seed %d: quote %+v (%v), execution: %v\n%s", r.op, seed, want, quoteErr,
			err, text}
	}

	keys := r.prepare(rng, m, c)
	ix, err := c.BuildInstruction(m)
	require.NoError(t, err, context(nil)...)
	c.Instruction, err = golden.NewInstruction(ix)
	require.NoError(t, err)
	before := r.get(keys.all...)
	failure := r.send(rng, c, ix)
	if failure == nil && errors.Is(quoteErr, quote.ErrBuildDependent) {
		// Only if builds differ, the quote may be more careful than this build.
		r.cautious++
		return
	}

	require.Equal(t, quoteErr != nil, failure != nil, context(failure)...)
	if quoteErr != nil {
		r.reasons[reason(quoteErr)]++
		r.refused++
		c.Refusal = failure.Error()
	} else {
		require.True(t, exact, context(nil)...)
		got := r.outcome(m, c, keys, before, r.get(keys.all...))
		require.Equal(t, want, got, context(nil)...)
		r.executed++
		c.Outcome = &got
	}

	if c.Outcome != nil && r.executed <= routerRecordExecuted ||
		c.Refusal != "" && r.refused <= routerRecordRefused {
		c.Market = len(record.Markets)
		record.Markets = append(record.Markets, *m)
		record.Cases = append(record.Cases, *c)
	}
}

// side returns the part of the case that concerns one pool, in the form of the
// stake pool tests.
func (r *routerRun) side(op string, program solana.PublicKey) *stakePoolRun {
	return &stakePoolRun{
		localnet:  r.localnet,
		chain:     r.chain,
		program:   program,
		hash:      r.hashes[program],
		op:        op,
		user:      r.user,
		authority: r.authority,
	}
}

// randomMarket creates the pools, which mostly share a validator, and changes
// some of them at random.
func (r *routerRun) randomMarket(rng *rand.Rand, c *golden.RouterCase) *golden.RouterMarket {
	m := &golden.RouterMarket{}
	random := func() *figures.StakePool {
		programs := accounts.StakePoolPrograms()
		p, err := figures.RandomStakePool(rng, programs[rng.IntN(len(programs))], r.chain)
		require.NoError(r.t, err)
		return p
	}

	spoil := func(p *figures.StakePool, validator int) {
		if rng.IntN(2) == 0 {
			r.side(r.op, p.Program).spoil(rng, p, &golden.StakePoolCase{Validator: validator})
		}
	}
	if r.op != golden.StakeWrappedSOL && r.op != golden.RouterDepositStake {
		m.From = random()
		c.FromBuild, c.FromValidator = r.hashes[m.From.Program], rng.IntN(len(m.From.Validators))
		spoil(m.From, c.FromValidator)
		q := m.From.Quote(r.chain, quote.StakePoolFeeRounding(c.FromBuild))
		if sources, err := q.Sources(m.From.List()); err == nil && rng.IntN(6) > 0 {
			c.FromValidator = slices.IndexFunc(m.From.Validators,
				func(v figures.Validator) bool { return v.Entry == sources[0] })
		}
	}

	if !r.toReserve && r.op != golden.WithdrawWrappedSOL {
		m.To = random()
		c.ToBuild, c.ToValidator = r.hashes[m.To.Program], rng.IntN(len(m.To.Validators))
		if m.From != nil && rng.IntN(10) > 0 {
			vote := m.From.Validators[c.FromValidator].Entry.VoteAccount
			v := &m.To.Validators[c.ToValidator]
			v.Entry.VoteAccount, v.Active.Account.Delegation.Voter = vote, vote
		}

		spoil(m.To, c.ToValidator)
	}

	if r.toReserve || r.op == golden.PrefundSwapViaStake {
		m.Reserve = figures.RandomReserve(rng)
	}

	return m
}

func (r *routerRun) randomAmounts(rng *rand.Rand, m *golden.RouterMarket, c *golden.RouterCase) {
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(r.t, err)
	if rng.IntN(6) == 0 {
		c.Record, c.SlumdogRecord = rng.Uint64N(2_000_000), rng.Uint64N(2_000_000)
	}

	if m.Reserve == nil {
		c.Record, c.SlumdogRecord = 0, 0
	}

	c.Held = [...]uint64{rent, rent, rent, figures.StoredRent,
		rent + figures.RandomAmount(rng, sol),
		rent - 1 - rng.Uint64N(2)*rng.Uint64N(rent)}[rng.IntN(6)]
	c.Prefunder = [...]uint64{10_000_002, 10_000_002, sol, 2 * rent, 2*rent + rng.Uint64N(sol),
		2*rent - 1}[rng.IntN(6)]
	switch r.op {
	case golden.StakeWrappedSOL:
		c.Amount = figures.RandomAmount(rng, 20_000_000*sol)
	case golden.WithdrawWrappedSOL:
		c.Amount = r.side(golden.WithdrawSOL, m.From.Program).aroundLimit(rng,
			m.From.State.PoolTokenSupply, func(q quote.StakePoolState) (uint64, error) {
				w, err := q.WithdrawSOLExactOut(max(1, m.From.Reserve.Lamports-figures.StoredRent))
				return w.Tokens, err
			}, m.From)

	case golden.RouterDepositStake:
		if m.To != nil {
			c.Stake = r.side(golden.DepositStake, m.To.Program).randomStake(rng, m.To,
				c.ToValidator)
			if r.chain.MinimumDelegation < sol &&
				c.Stake.Account.IsActivating(r.chain.Clock.Epoch) {
				// Before version 5, the stake program merged the stored rent of
				// activating stake into the delegation, not its balance. Both
				// are equal only without surplus.
				c.Stake.Lamports = c.Stake.Account.Delegation.Stake + figures.StoredRent
			}
		} else {
			c.Stake = r.randomSale(rng, m.Reserve)
		}

	default:
		c.Amount = r.stakeAmount(rng, m.From, c.FromValidator)
	}

	if r.op != golden.SwapViaStake {
		c.Held = 0
	}

	if r.op != golden.PrefundWithdrawStake && r.op != golden.PrefundSwapViaStake {
		c.Prefunder, c.SlumdogRecord = 0, 0
	}
}

// stakeAmount returns an amount of tokens for which the pool yields just enough
// stake for the Router, as much as it has, an amount in between, or any amount.
func (r *routerRun) stakeAmount(rng *rand.Rand, pool *figures.StakePool, validator int) uint64 {
	v := pool.Validators[validator]
	minimum := r.chain.MinimumDelegation
	if r.op != golden.SwapViaStake {
		// The split for a minimum of 1 lamport depends on the Reserve's fee: it
		// is about the rent.
		rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
		require.NoError(r.t, err)
		minimum += max(minimum, rent+rng.Uint64N(rent/20))
	}

	most := min(v.Entry.ActiveStakeLamports, v.Active.Account.Delegation.Stake,
		pool.State.TotalLamports)
	most -= min(most, max(r.chain.MinimumDelegation, 1_000_000)+figures.StoredRent)
	q := pool.Quote(r.chain, quote.StakePoolFeeRounding(r.hashes[pool.Program]))
	tokens := func(lamports uint64) uint64 {
		w, err := q.WithdrawStakeExactOut(max(1, lamports), v.Source())
		if err != nil {
			return figures.RandomAmount(rng, pool.State.PoolTokenSupply)
		}

		return w.Tokens
	}

	switch rng.IntN(8) {
	case 0:
		return max(1, tokens(minimum)+rng.Uint64N(5)-2)
	case 1:
		return max(1, tokens(most)+rng.Uint64N(5)-2)
	case 2:
		return figures.RandomAmount(rng, pool.State.PoolTokenSupply)
	case 3, 4:
		return tokens(minimum + figures.RandomAmount(rng, most-min(most, minimum)))
	}

	return tokens(minimum + rng.Uint64N(most-min(most, minimum)+1))
}

// randomSale returns a stake account for the Reserve.
func (r *routerRun) randomSale(rng *rand.Rand, reserve *figures.Reserve) *quote.StakeAccountState {
	epoch := r.chain.Clock.Epoch
	staked := figures.RandomAmount(rng, reserve.Lamports+reserve.Lamports/20)
	if rng.IntN(3) == 0 {
		staked = rng.Uint64N(reserve.Lamports)
	}

	stake := figures.Delegated(r.user.PublicKey(), figures.StoredRent, figures.RandomKey(rng),
		staked, epoch-rng.Uint64N(9))
	switch rng.IntN(12) {
	case 0:
		stake.State = accounts.StakeInitialized
	case 1:
		stake.Delegation.DeactivationEpoch = epoch - rng.Uint64N(2)
	case 2:
		stake.Lockup.Epoch = epoch + rng.Uint64N(2)
	case 3:
		stake.Withdrawer = figures.RandomKey(rng)
	case 4:
		stake.State = accounts.StakeUninitialized
	case 5:
		stake.Staker = figures.RandomKey(rng)
	}

	return &quote.StakeAccountState{Lamports: staked + figures.StoredRent, Account: stake}
}

// routerKeys are the accounts to watch.
type routerKeys struct {
	fees, prefunder, bridge, reserveSOL solana.PublicKey
	all                                 []solana.PublicKey
}

// prepare puts the pools, the Router's accounts and the user's accounts on
// chain.
func (r *routerRun) prepare(
	rng *rand.Rand,
	m *golden.RouterMarket,
	c *golden.RouterCase,
) routerKeys {
	t := r.t
	must := func(key solana.PublicKey, err error) solana.PublicKey {
		require.NoError(t, err)
		return key
	}

	program := accounts.RouterProgram
	outMint, inMint := accounts.NativeMint, accounts.NativeMint
	if m.To != nil {
		outMint = m.To.State.PoolMint
	}

	if m.From != nil {
		inMint = m.From.State.PoolMint
	}

	keys := routerKeys{
		fees:      must(accounts.RouterFeeTokenAccount(program, outMint)),
		prefunder: must(accounts.RouterPrefunder(program)),
		bridge:    must(accounts.RouterBridgeStake(program, c.User, c.BridgeSeed)),
	}

	tokenRent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	system := func(key solana.PublicKey, lamports uint64) accounts.Account {
		return accounts.Account{Address: key, Owner: accounts.SystemProgram, Lamports: lamports}
	}
	all := []accounts.Account{
		rentSysvar(r.chain.Rent),
		system(c.User, 1_000*sol),
		system(must(accounts.RouterSOLBridgeOut(program)), sol),
		system(keys.prefunder, c.Prefunder),
		figures.TokenAccount(c.Destination, outMint, figures.RandomKey(rng), rng.Uint64N(sol),
			tokenRent),
		figures.TokenAccount(keys.fees, outMint, keys.fees, rng.Uint64N(sol), tokenRent),
		figures.TokenAccount(c.Source, inMint, c.User, c.Amount, tokenRent),
	}

	var calls []call
	for _, p := range []*figures.StakePool{m.From, m.To} {
		if p == nil {
			continue
		}

		published, err := p.Accounts(r.chain.Rent)
		require.NoError(t, err)
		all = append(all, published...)
		if p.FeeAccount == nil {
			keys.all = append(keys.all, p.State.ManagerFeeAccount)
		}
	}

	if m.Reserve != nil {
		published, err := m.Reserve.Accounts(r.chain.Rent)
		require.NoError(t, err)
		all = append(all, published...)
		keys.reserveSOL = must(accounts.ReserveSOL(accounts.ReserveProgram, m.Reserve.Address))
		record := func(stake solana.PublicKey, lamports uint64) {
			key := must(accounts.ReserveRecordAddress(accounts.ReserveProgram, m.Reserve.Address,
				stake))
			all = append(all, system(key, lamports))
		}

		record(must(c.Deposited()), c.Record)
		record(must(accounts.RouterSlumdogStake(keys.bridge)), c.SlumdogRecord)
	}

	if c.Stake != nil {
		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, c.Stake.Account.Encode())
		all = append(all, accounts.Account{
			Address:  c.StakeAccount,
			Owner:    accounts.StakeProgram,
			Lamports: c.Stake.Lamports,
			Data:     data,
		})
	}

	for _, a := range all {
		publish := setAccount(a)
		if a.Lamports == 0 {
			publish = dropAccount(a.Address)
		}

		calls = append(calls, publish)
		keys.all = append(keys.all, a.Address)
	}

	keys.all = append(keys.all, keys.bridge)
	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	return keys
}

// outcome reads the changes of the case from the accounts.
func (r *routerRun) outcome(
	m *golden.RouterMarket,
	c *golden.RouterCase,
	keys routerKeys,
	before, after *accounts.Set,
) golden.RouterOutcome {
	t := r.t
	lamports := func(s *accounts.Set, key solana.PublicKey) uint64 {
		if a, err := s.Get(key); err == nil {
			return a.Lamports
		}

		return 0
	}

	tokens := func(s *accounts.Set, key solana.PublicKey) uint64 {
		a, err := accounts.Load(s, key, accounts.DecodeTokenAccount)
		if err != nil {
			return 0
		}

		return a.Amount
	}

	gained := func(key solana.PublicKey) uint64 { return tokens(after, key) - tokens(before, key) }
	pool := func(p *figures.StakePool) *golden.PoolOutcome {
		if p == nil {
			return nil
		}

		state, err := accounts.Load(after, p.Address, accounts.DecodeStakePool)
		require.NoError(t, err)
		mint, err := accounts.Load(after, p.State.PoolMint, accounts.DecodeMint)
		require.NoError(t, err)
		require.Equal(t, state.PoolTokenSupply, mint.Supply)

		return &golden.PoolOutcome{
			ManagerFee:      gained(p.State.ManagerFeeAccount),
			TotalLamports:   state.TotalLamports,
			PoolTokenSupply: state.PoolTokenSupply,
		}
	}

	got := golden.RouterOutcome{
		Received:      gained(c.Destination),
		RouterFee:     gained(keys.fees),
		PrefunderGain: lamports(after, keys.prefunder) - lamports(before, keys.prefunder),
		From:          pool(m.From),
		To:            pool(m.To),
	}

	require.Zero(t, tokens(after, c.Source))
	require.Equal(t, c.Held, lamports(before, c.User)-lamports(after, c.User),
		"the user pays nothing else")
	if m.Reserve != nil {
		state, err := accounts.Load(after, m.Reserve.Address, accounts.DecodeReservePool)
		require.NoError(t, err)
		destination := m.Reserve.ProtocolFee.Destination
		got.Reserve = &golden.RouterReserve{
			Pool:        *state,
			Lamports:    lamports(after, keys.reserveSOL),
			ProtocolFee: lamports(after, destination) - lamports(before, destination),
		}
	}

	if c.Op == golden.PrefundWithdrawStake {
		require.Zero(t, got.Received)
		stake, err := accounts.Load(after, keys.bridge, accounts.DecodeStakeAccount)
		require.NoError(t, err)
		got.Received, got.Unstaked = stake.Delegation.Stake, lamports(
			after,
			keys.bridge,
		)-stake.Delegation.Stake

		require.Equal(t, c.User, stake.Staker)
		require.Equal(t, c.User, stake.Withdrawer)
	}

	return got
}
