package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// recordReceiptRoutesVariable names the file to record trades of the route to.
// recordReceiptRoutes is their number.
const (
	recordReceiptRoutesVariable = "SANCTUM_E2E_RECORD_INTERCEPTOR_ROUTE"
	recordReceiptRoutes         = 80
)

// TestInterceptor_Route deposits stake accounts and parts of them with quotes
// of a market, for receipts, and claims these with the client. Every lamport
// and token must match the quotes.
func TestInterceptor_Route(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.InterceptorProgram) == "" {
		t.Skip("the interceptor is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	chain := l.chain()
	r := &receiptRouteRun{refusals: make(map[string]int)}
	for i := range envUint(t, casesVariable, defaultCases) {
		program := accounts.StakePoolPrograms()[i%3]
		r.interceptorRun = &interceptorRun{stakePoolRun: newStakePoolRun(l, chain, program,
			l.programHash(program), golden.DepositStake)}
		r.case1(seed, i)
	}

	r.batch(setClock(chain.Clock))
	r.record.Chain = chain
	if path := os.Getenv(recordReceiptRoutesVariable); path != "" && !t.Failed() {
		text, err := r.record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}

	t.Logf("%d executed as quoted: %d parts, %d exact out, %d after a pool update, %d for a "+
		"recipient, %d with a referral part, %d by the pool's manager; at most %d bytes and "+
		"%d compute units (%d estimated)",
		r.executed, r.parts, r.exactOut, r.updated, r.given, r.referred, r.managed, r.size,
		r.units, r.estimated)

	for _, reason := range sortedNames(r.refusals) {
		t.Logf("%4d refused, %s", r.refusals[reason], reason)
	}

	require.NotZero(t, r.executed)
}

// receiptRouteRun counts what it executes.
type receiptRouteRun struct {
	*interceptorRun
	executed, parts, exactOut, updated, given, referred, managed, size int

	units, estimated uint64
	refusals         map[string]int
	// record has some of the trades with the amounts of the programs.
	record golden.Interceptors
}

// receiptTrade is one trade of a run.
type receiptTrade struct {
	name    string
	pool    *figures.StakePool
	c       *golden.InterceptorCase
	client  *sdk.Client
	request route.Request
	quote   route.Quote
	options sdk.BuildOptions
	holder  *txn.KeySigner
	// before and after are the accounts around the deposit.
	keys          []solana.PublicKey
	before, after *accounts.Set
	receipt       solana.PublicKey
	// instructions are those of the interceptor: the deposit and the claim.
	instructions []solana.Instruction
	seconds      int64
}

// addInstruction keeps the instruction of the interceptor in a transaction.
func (trade *receiptTrade) addInstruction(u *txn.Unsigned) {
	for _, step := range u.Steps() {
		if step.Instruction.ProgramID() == accounts.InterceptorProgram {
			trade.instructions = append(trade.instructions, step.Instruction)
		}
	}
}

// case1 quotes, deposits and claims one random stake account.
func (r *receiptRouteRun) case1(seed, i uint64) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, i))
	trade, ok := r.newTrade(rng, fmt.Sprintf("seed %d, case %d", seed, i))
	if !ok {
		return
	}

	if !r.deposit(trade) {
		return
	}

	r.compareDeposit(trade)
	r.claim(rng, trade)
	r.keep(trade)
	r.executed++
	q := &trade.quote
	if q.In < trade.c.Stake.Lamports {
		r.parts++
	}

	if q.Request.SwapMode == route.ExactOut {
		r.exactOut++
	}

	if trade.pool.State.LastUpdateEpoch < r.chain.Clock.Epoch {
		r.updated++
	}

	if trade.holder != r.user {
		r.given++
	}

	if q.Out > q.Receipt.PoolTokens {
		r.referred++
	}

	require.NotEmpty(t, q.RemainingSteps)
}

// newTrade puts a random pool and a stake account on chain and quotes a
// deposit. It reports false if the market refuses it.
func (r *receiptRouteRun) newTrade(rng *rand.Rand, name string) (*receiptTrade, bool) {
	t := r.t
	pool, err := figures.RandomStakePool(rng, r.program, r.chain)
	require.NoError(t, err)
	plain := r.randomCase(rng, pool)
	if rng.IntN(4) == 0 {
		r.age(rng, pool)
	}

	if rng.IntN(2) == 0 {
		pool.State.StakeReferralFee = 0
	}

	trade := &receiptTrade{
		name:   name,
		pool:   pool,
		holder: r.user,
	}

	trade.c = &golden.InterceptorCase{
		Authority:    r.randomAuthority(rng, pool),
		Validator:    plain.Validator,
		Stake:        *plain.Stake,
		User:         plain.User,
		Base:         r.authority.PublicKey(),
		TokenAccount: plain.TokenAccount,
		Referrer:     plain.Referrer,
		StakeAccount: plain.StakeAccount,
		Build:        r.hash,
	}

	own := ataOf(t, r.user.PublicKey(), pool.State.PoolMint)
	if rng.IntN(6) == 0 && pool.FeeAccount != nil && pool.FeeAccount.State ==
		accounts.TokenInitialized {
		pool.State.ManagerFeeAccount, pool.FeeAccount.Owner = own, r.user.PublicKey()
		r.managed++
	}

	trade.keys = append(r.prepareCase(pool, plain, trade.c), own)
	token := lst.LST{
		Symbol:        "testSOL",
		Name:          "Test Staked SOL",
		Mint:          pool.State.PoolMint,
		Decimals:      9,
		TokenProgram:  accounts.TokenProgram,
		Kind:          stakePoolKinds[slices.Index(accounts.StakePoolPrograms(), r.program)],
		Program:       r.program,
		Pool:          pool.Address,
		ValidatorList: pool.State.ValidatorList,
	}

	registry, err := lst.Default().With(token)
	require.NoError(t, err)
	trade.client, err = sdk.New(r.endpoint, sdk.WithRegistry(registry), sdk.WithClock(hurried{}))
	require.NoError(t, err)
	r.randomRequest(rng, trade)

	return trade, r.quoted(trade)
}

func ataOf(t testing.TB, owner, mint solana.PublicKey) solana.PublicKey {
	t.Helper()
	address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
	require.NoError(t, err)
	return address
}

// randomRequest requests a whole stake account, a part at the edge of the
// minimum delegation, or an exact amount of tokens.
func (r *receiptRouteRun) randomRequest(rng *rand.Rand, trade *receiptTrade) {
	c := trade.c
	q := route.Request{
		From:   c.StakeAccount,
		To:     trade.pool.State.PoolMint,
		Amount: c.Stake.Lamports,
		Options: route.Options{
			SlippageBps:      uint16(rng.IntN(3) * 50),
			AllowPoolUpdate:  true,
			AcceptReceipt:    true,
			OnlyDirectRoutes: rng.IntN(2) == 0,
			User:             c.User,
		},
	}

	staked, least := c.Stake.Account.Delegation.Stake, r.chain.MinimumDelegation
	most := staked - min(staked, least)
	kind := rng.IntN(5)
	if most < 8*least && rng.IntN(4) > 0 {
		kind = 3 // Such an account can hardly be split.
	}

	switch kind {
	case 0:
		q.Amount = [...]uint64{least, least - 1, most, most + 1}[rng.IntN(4)]
	case 1:
		q.Amount = least + rng.Uint64N(max(most, 1))
	case 2:
		q.SwapMode, q.Amount = route.ExactOut, least+rng.Uint64N(max(most/8, 1))
	}

	q.Amount = max(q.Amount, 1)
	if rng.IntN(4) == 0 {
		key, err := txn.GenerateKeySigner()
		require.NoError(r.t, err)
		trade.holder, q.Recipient = key, key.PublicKey()
		r.batch(setAccount(accounts.Account{Address: key.PublicKey(),
			Owner: accounts.SystemProgram, Lamports: sol}))
	}

	trade.options = sdk.BuildOptions{Owner: c.User, Seed: figures.RandomKey(rng).String()[:16]}
	if rng.IntN(3) == 0 {
		trade.options.Payer = r.payer.PublicKey()
	}

	trade.request = q
}

// quoted quotes a trade with and without the acceptance of a receipt. What the
// pool refuses, the programs refuse too.
func (r *receiptRouteRun) quoted(trade *receiptTrade) bool {
	t := r.t
	market, err := trade.client.LoadMarketForRequest(t.Context(), trade.request)
	require.NoError(t, err, trade.name)
	refused := trade.request
	refused.AcceptReceipt = false
	_, withheld := stakeDepositOf(market, refused)
	require.Error(t, withheld, trade.name)
	q, err := stakeDepositOf(market, trade.request)
	if err != nil {
		why := reason(err)
		if isTooLarge(err) {
			why = "too large"
		}

		r.refusals[fmt.Sprintf("%s, a part %v, a pool update %v, a referral part %v", why,
			trade.request.Amount < trade.c.Stake.Lamports,
			trade.pool.State.LastUpdateEpoch < r.chain.Clock.Epoch,
			trade.pool.State.StakeReferralFee > 0)]++

		require.NotErrorIs(t, err, route.ErrReceiptNotAccepted, trade.name)
		require.NotErrorIs(t, err, quote.ErrPermissioned, trade.name)
		r.refusedByProgram(trade, err)

		return false
	}

	require.ErrorIs(t, withheld, route.ErrReceiptNotAccepted, trade.name)
	require.ErrorContains(t, withheld, "AcceptReceipt", trade.name)
	require.True(t, q.Exact, trade.name)
	require.Equal(t, route.CheckedByReceipt, q.MinOutCheck, trade.name)
	trade.quote = q

	return true
}

// stakeDepositOf returns the quote of the stake deposit, or its refusal.
func stakeDepositOf(m *route.Market, q route.Request) (route.Quote, error) {
	quotes, rejected := m.Quotes(q)
	for _, q := range quotes {
		if q.Venue == route.VenueStakeDeposit {
			return q, nil
		}
	}

	for _, no := range rejected {
		if no.Venue == route.VenueStakeDeposit {
			return route.Quote{}, no.Err
		}
	}

	return route.Quote{}, errors.New("the venue was not asked")
}

func isTooLarge(err error) bool { return errors.Is(err, txn.ErrTransactionTooLarge) }

// refusedByProgram tries to deposit a whole account that the market refuses.
func (r *receiptRouteRun) refusedByProgram(trade *receiptTrade, reason error) {
	c := trade.c
	if trade.request.Amount != c.Stake.Lamports || isTooLarge(reason) ||
		trade.pool.State.LastUpdateEpoch < r.chain.Clock.Epoch {
		return
	}

	deposit, _, err := c.BuildInstructions(trade.pool)
	require.NoError(r.t, err)
	steps, err := txn.AuthorizeStake(c.StakeAccount, c.User, trade.pool.State.StakeDepositAuthority)
	require.NoError(r.t, err)
	require.Error(r.t,
		r.send(append(steps, txn.Step{Description: "deposit", Instruction: deposit})...),
		"%s: %v, but the programs do it", trade.name, reason)
}

// deposit builds, verifies and executes the transaction of a quote. It reports
// false if the transaction is too large.
func (r *receiptRouteRun) deposit(trade *receiptTrade) bool {
	t := r.t
	base, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	trade.options.StakeKeypair = base
	trade.receipt, err = accounts.InterceptorReceiptAddress(accounts.InterceptorProgram,
		trade.pool.Address, base.PublicKey())
	require.NoError(t, err)
	unsigned, err := trade.client.Build(t.Context(), trade.quote, trade.options)
	if isTooLarge(err) {
		r.refusals[fmt.Sprintf("too large, by a sponsor %v, a part %v, a pool update %v",
			!trade.options.Payer.IsZero(), trade.quote.In < trade.c.Stake.Lamports,
			trade.pool.State.LastUpdateEpoch < r.chain.Clock.Epoch)]++
		return false
	}

	require.NoError(t, err, trade.name)
	policy, err := trade.client.Policy(t.Context(), trade.quote, trade.options)
	require.NoError(t, err, trade.name)
	require.NoError(t, explain.Verify(explain.Transaction(unsigned, nil), policy), trade.name)

	signers := []txn.Signer{r.user}
	if !trade.options.Payer.IsZero() {
		signers = append(signers, r.payer)
	}

	trade.addInstruction(unsigned)
	signed, err := unsigned.Sign(t.Context(), signers...)
	require.NoError(t, err, trade.name)
	r.size = max(r.size, unsigned.Size())
	if trade.pool.State.LastUpdateEpoch == r.chain.Clock.Epoch {
		r.units = max(r.units, r.localnet.units(signed))
		r.estimated = max(r.estimated, uint64(unitsOf(unsigned)))
	}

	trade.keys = slices.Compact(sortedKeys(append(append(trade.keys, touchedBy(unsigned)...),
		trade.holder.PublicKey(), r.payer.PublicKey(), trade.c.User,
		ataOf(t, trade.holder.PublicKey(), trade.pool.State.PoolMint))))
	trade.before = r.get(trade.keys...)
	require.NoError(t, r.execute(signed), trade.name)
	trade.after = r.get(trade.keys...)
	receipt, err := trade.client.Await(t.Context(), signed.Signature())
	require.NoError(t, err, trade.name)
	if trade.pool.State.LastUpdateEpoch == r.chain.Clock.Epoch {
		compareOutcome(t, receipt, trade.quote, trade.c.User, trade.name)
	}

	fee, err := unsigned.NetworkFee()
	require.NoError(t, err)
	r.comparePayments(trade, fee)

	return true
}

// comparePayments compares what the owner and a sponsor paid with the quote.
func (r *receiptRouteRun) comparePayments(trade *receiptTrade, fee uint64) {
	t := r.t
	_, tokenRent := rents(t, r.chain)
	sponsor, owner := fee, uint64(0)
	account := ataOf(t, trade.holder.PublicKey(), trade.pool.State.PoolMint)
	if !exists(trade.before, account) && exists(trade.after, account) {
		require.NotZero(t, trade.pool.State.StakeReferralFee, trade.name)
		sponsor += tokenRent
	}

	for _, cost := range trade.quote.Costs {
		owner += cost.Lamports
	}

	if trade.options.Payer.IsZero() {
		sponsor, owner = 0, owner+sponsor
	}

	paid := func(key solana.PublicKey) uint64 {
		return lamportsIn(trade.before, key) - lamportsIn(trade.after, key)
	}
	require.Equal(t, owner, paid(trade.c.User), "%s: owner", trade.name)
	require.Equal(t, sponsor, paid(r.payer.PublicKey()), "%s: sponsor", trade.name)
}

// compareDeposit compares the receipt, the tokens that arrive at once, and what
// is left of the stake account.
func (r *receiptRouteRun) compareDeposit(trade *receiptTrade) {
	t, q := r.t, &trade.quote
	got, err := accounts.Load(trade.after, trade.receipt, accounts.DecodeInterceptorReceipt)
	require.NoError(t, err, trade.name)
	require.GreaterOrEqual(t, got.DepositTime, q.Receipt.DepositTime)
	want := *q.Receipt
	want.Base, want.BumpSeed = trade.options.StakeKeypair.PublicKey(), got.BumpSeed
	want.Owner, want.DepositTime = trade.holder.PublicKey(), got.DepositTime
	require.Equal(t, want, *got, trade.name)
	require.GreaterOrEqual(t, got.PoolTokens, q.MinOut, trade.name)
	if q.Request.SwapMode == route.ExactOut {
		require.GreaterOrEqual(t, got.PoolTokens, q.Request.Amount, trade.name)
	}

	account := ataOf(t, trade.holder.PublicKey(), trade.pool.State.PoolMint)
	at := tokensIn(t, trade.after, account) - tokensIn(t, trade.before, account)
	require.Equal(t, q.Out, got.PoolTokens+at-r.minted(trade, account), trade.name)

	left, err := accounts.Load(trade.after, trade.c.StakeAccount, accounts.DecodeStakeAccount)
	if q.In == trade.c.Stake.Lamports {
		require.ErrorIs(t, err, accounts.ErrNotFound, "%s: the stake account stays", trade.name)
		return
	}

	require.NoError(t, err, trade.name)
	require.Equal(t, trade.c.User, left.Withdrawer, trade.name)
	require.Equal(t, trade.c.Stake.Account.Delegation.Stake-q.In, left.Delegation.Stake, trade.name)
	part, err := accounts.SeededStakeAccount(trade.c.User, trade.options.Seed)
	require.NoError(t, err)
	require.False(t, exists(trade.after, part), "%s: the part stays", trade.name)
}

// minted returns the tokens that a pool update mints for the manager, if the
// manager's account is the given one.
func (r *receiptRouteRun) minted(trade *receiptTrade, account solana.PublicKey) uint64 {
	s := &trade.pool.State
	if s.ManagerFeeAccount != account || s.LastUpdateEpoch == r.chain.Clock.Epoch {
		return 0
	}

	q := trade.pool.Quote(r.chain, quote.StakePoolFeeRounding(r.hash))
	q.UpdateKnown, q.Update = quote.StakePoolUpdateKnown(r.hash), trade.pool.Balances()
	updated, err := q.Updated()
	require.NoError(r.t, err)

	return updated.State.PoolTokenSupply - trade.pool.Mint.Supply
}

func tokensIn(t testing.TB, set *accounts.Set, key solana.PublicKey) uint64 {
	t.Helper()
	if !exists(set, key) {
		return 0
	}
	a, err := accounts.Load(set, key, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	return a.Amount
}

// claim claims the receipt at a random time, and compares with what the quote
// of the deposit says about that time.
func (r *receiptRouteRun) claim(rng *rand.Rand, trade *receiptTrade) {
	t := r.t
	held, err := accounts.Load(trade.after, trade.receipt, accounts.DecodeInterceptorReceipt)
	require.NoError(t, err)
	cool := int64(held.CoolDownSeconds)
	later := max(0, [...]int64{0, 1, cool / 2, cool - 1, cool, cool + 1,
		rng.Int64N(cool + 2)}[rng.IntN(7)])
	r.batch(setClock(laterBy(r.chain.Clock, later)))
	said := *trade.quote.Receipt
	want, err := quote.ClaimReceipt(&said, int64(said.DepositTime)+later)
	require.NoError(t, err)

	owner := trade.holder.PublicKey()
	unsigned, claim, err := trade.client.ClaimStakeReceipt(t.Context(), trade.receipt,
		sdk.BuildOptions{Owner: owner})
	require.NoError(t, err, trade.name)
	require.Equal(t, want, claim, trade.name)
	trade.seconds = later
	trade.addInstruction(unsigned)
	signed, err := unsigned.Sign(t.Context(), trade.holder)
	require.NoError(t, err)
	account := ataOf(t, owner, trade.pool.State.PoolMint)
	before := r.get(account, owner, trade.receipt)
	require.NoError(t, r.execute(signed), trade.name)
	after := r.get(account, owner, trade.receipt)
	require.Equal(t, want.Tokens, tokensIn(t, after, account)-tokensIn(t, before, account),
		trade.name)
	require.False(t, exists(after, trade.receipt), trade.name)
}

// keep records a trade as a case of the interceptor, with the stake account
// that the interceptor received. A case has neither a pool update nor a
// recipient.
func (r *receiptRouteRun) keep(trade *receiptTrade) {
	t, q := r.t, &trade.quote
	if trade.holder != r.user || trade.pool.State.LastUpdateEpoch < r.chain.Clock.Epoch ||
		len(r.record.Cases) == recordReceiptRoutes {
		return
	}

	deposit := trade.instructions[0]
	c := *trade.c
	c.Minimum, c.Seconds = &q.MinOut, trade.seconds
	c.Base = trade.options.StakeKeypair.PublicKey()
	c.StakeAccount = deposit.Accounts()[8].PublicKey
	c.Referrer = deposit.Accounts()[13].PublicKey
	c.TokenAccount = ataOf(t, c.User, trade.pool.State.PoolMint)
	c.Interceptor = r.programHash(accounts.InterceptorProgram)
	if q.In < c.Stake.Lamports {
		rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
		require.NoError(t, err)
		c.Stake.Lamports, c.Stake.Account.Delegation.Stake = q.In+rent, q.In
		c.Stake.Account.RentExemptReserve = rent
	}

	want, err := c.Quote(trade.pool, r.chain)
	require.NoError(t, err, trade.name)
	state, err := accounts.Load(trade.after, trade.pool.Address, accounts.DecodeStakePool)
	require.NoError(t, err)
	require.Equal(t, [2]uint64{want.TotalLamports, want.PoolTokenSupply},
		[2]uint64{state.TotalLamports, state.PoolTokenSupply}, trade.name)
	require.Equal(t, [2]uint64{want.Tokens, want.Rent},
		[2]uint64{q.Receipt.PoolTokens, lamportsIn(trade.after, trade.receipt)}, trade.name)
	for _, ix := range trade.instructions {
		recorded, err := golden.NewInstruction(ix)
		require.NoError(t, err)
		c.Instructions = append(c.Instructions, recorded)
	}

	c.Outcome, c.Pool = &want, len(r.record.Pools)
	r.record.Pools = append(r.record.Pools, *trade.pool)
	r.record.Cases = append(r.record.Cases, c)
}

// interceptJito gives JitoSOL's pool a stake deposit authority that the
// interceptor accepts: the embedded market does not know the seeds of the real
// one.
func interceptJito(t testing.TB, m *demo.Market) {
	t.Helper()
	pool, i := m.StakePool("JitoSOL"), &m.Interceptor
	i.Base = solana.PublicKey{0xac, 3}
	address, bump, err := solana.FindProgramAddress([][]byte{[]byte("deposit_stake_authority"),
		pool.Address[:], i.Base[:]}, accounts.InterceptorProgram)
	require.NoError(t, err)
	pool.State.StakeDepositAuthority, i.BumpSeed = address, bump
	i.Vault, err = accounts.AssociatedTokenAddress(address, accounts.TokenProgram, i.PoolMint)
	require.NoError(t, err)
}

// receiptsFor returns the quotes that give a receipt.
func receiptsFor(m *route.Market, q route.Request) []route.Quote {
	q.AcceptReceipt = true
	quotes, _ := m.Quotes(q)
	return slices.DeleteFunc(quotes, func(q route.Quote) bool { return q.Receipt == nil })
}
