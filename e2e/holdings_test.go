package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ownersPerWorld is the number of owners in one world.
const ownersPerWorld = 25

// holdingsRun gives owners random holdings in worlds as on mainnet.
type holdingsRun struct {
	*servedRun
	// world are the accounts of the current world, and scene its pools.
	world []accounts.Account
	scene *scene
	// interceptor is the interceptor's authority of the first pool.
	interceptor solana.PublicKey
	sent        []*txn.Signed

	actions, states map[string]int
	transactions    int
}

// TestClient_Holdings gives random owners everything that they can have, and
// compares what the client finds with what the VM holds. It executes every
// action that is offered, alone and all of them together, and compares each
// amount with the action's. The policy of the actions accepts every
// transaction.
func TestClient_Holdings(t *testing.T) {
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	r := &holdingsRun{
		servedRun: newServedRun(t),
		actions:   make(map[string]int),
		states:    make(map[string]int),
	}

	for i := range envUint(t, casesVariable, defaultCases) {
		rng := rand.New(rand.NewPCG(seed, i))
		if i%ownersPerWorld == 0 {
			r.enter(rng)
		}

		r.owner(rng, fmt.Sprintf("seed %d, owner %d", seed, i))
	}

	for _, kind := range sortedNames(r.actions) {
		t.Logf("%4d executed: %s", r.actions[kind], kind)
	}

	for _, state := range sortedNames(r.states) {
		t.Logf("%4d together: %s", r.states[state], state)
	}

	t.Logf("%d transactions for the actions together", r.transactions)
}

// enter makes a new world.
func (r *holdingsRun) enter(rng *rand.Rand) {
	s := r.servedScene(rng)
	m := &s.marinade.State
	const tickets = 10_000 * sol
	m.CirculatingTicketCount += 1_000
	m.CirculatingTicketBalance += tickets
	m.AvailableReserveBalance += tickets
	s.marinade.Reserve += tickets
	r.put(r.worldAccounts(s))
	r.putInfinity(s, true)
	r.scene, r.world = r.updated(s)
	infinity, err := s.infinity.Accounts(r.chain.Rent)
	require.NoError(r.t, err)
	r.world = append(r.world, infinity...)
	r.intercept(rng)
}

// intercept adds an authority of the interceptor whose vault can pay receipts.
func (r *holdingsRun) intercept(rng *rand.Rand) {
	pool := r.scene.pools[0]
	base := figures.RandomKey(rng)
	address, bump, err := solana.FindProgramAddress([][]byte{[]byte("deposit_stake_authority"),
		pool.Address[:], base[:]}, accounts.InterceptorProgram)
	require.NoError(r.t, err)
	vault := r.ataOf(address, pool.State.PoolMint)
	wallet := figures.RandomKey(rng)
	authority := accounts.InterceptorAuthority{
		Base:             base,
		StakePool:        pool.Address,
		PoolMint:         pool.State.PoolMint,
		Vault:            vault,
		StakePoolProgram: pool.Program,
		CoolDownSeconds:  3_600,
		InitialFeeBPS:    1_000,
		FeeWallet:        wallet,
		BumpSeed:         bump,
	}

	_, rent := rents(r.t, r.chain)
	r.interceptor = address
	r.world = append(r.world,
		accounts.Account{Address: address, Owner: accounts.InterceptorProgram, Lamports: sol,
			Data: authority.Encode()},
		figures.TokenAccount(vault, authority.PoolMint, address, 1_000_000*sol, rent),
		figures.TokenAccount(r.ataOf(wallet, authority.PoolMint), authority.PoolMint, wallet, 0,
			rent))
}

// holder is an owner with its accounts on chain.
type holder struct {
	key *txn.KeySigner
	all []accounts.Account
	// counts are the numbers of accounts by kind that must be found.
	lsts, stakes, tickets, receipts, wrapped, empty int
}

func (h *holder) owner() solana.PublicKey { return h.key.PublicKey() }

// holder draws an owner.
func (r *holdingsRun) holder(rng *rand.Rand) *holder {
	key, err := txn.GenerateKeySigner()
	require.NoError(r.t, err)
	h := &holder{key: key}
	h.all = append(h.all, accounts.Account{Address: h.owner(), Owner: accounts.SystemProgram,
		Lamports: sol + rng.Uint64N(sol)})
	for _, token := range r.scene.tokens {
		r.holdTokens(rng, h, token)
	}

	r.holdOthers(rng, h)
	for range rng.IntN(4) {
		r.holdStake(rng, h)
	}

	for range rng.IntN(3) {
		r.holdTicket(rng, h)
		r.holdReceipt(rng, h)
	}

	return h
}

// holdTokens gives an owner token accounts of an LST.
func (r *holdingsRun) holdTokens(rng *rand.Rand, h *holder, token lst.LST) {
	_, rent := rents(r.t, r.chain)
	amount := amountBetween(rng, 1_000_000, 20*sol)
	account := figures.TokenAccount(r.ataOf(h.owner(), token.Mint), token.Mint, h.owner(), amount,
		rent)
	switch rng.IntN(8) {
	case 0, 1:
		h.lsts++
		h.all = append(h.all, account)
	case 2:
		h.lsts++
		frozen, err := accounts.DecodeTokenAccount(account)
		require.NoError(r.t, err)
		frozen.State = accounts.TokenFrozen
		account.Data = frozen.Encode()
		h.all = append(h.all, account)

	case 3:
		h.empty++
		h.all = append(h.all, figures.TokenAccount(account.Address, token.Mint, h.owner(), 0, rent))
	case 4:
		h.lsts++
		h.all = append(h.all, figures.TokenAccount(figures.RandomKey(rng), token.Mint, h.owner(),
			amount, rent+rng.Uint64N(100)))
	}
}

// holdOthers gives an owner wrapped SOL and accounts of other mints. Some
// cannot be closed by the owner.
func (r *holdingsRun) holdOthers(rng *rand.Rand, h *holder) {
	_, rent := rents(r.t, r.chain)
	add := func(address, mint solana.PublicKey, amount uint64) {
		h.all = append(h.all, figures.TokenAccount(address, mint, h.owner(), amount, rent))
	}

	if rng.IntN(2) == 0 {
		h.wrapped++
		add(r.ataOf(h.owner(), accounts.NativeMint), accounts.NativeMint, rng.Uint64N(sol))
	}

	if rng.IntN(3) == 0 {
		h.wrapped++
		add(figures.RandomKey(rng), accounts.NativeMint, rng.Uint64N(sol))
	}

	if rng.IntN(2) == 0 {
		h.empty++
		add(figures.RandomKey(rng), figures.RandomKey(rng), 0)
	}

	// Tokens that no one here knows, and an account that another key closes.
	add(figures.RandomKey(rng), figures.RandomKey(rng), 1+rng.Uint64N(sol))
	other := figures.RandomKey(rng)
	closed := accounts.TokenAccount{
		Mint:           figures.RandomKey(rng),
		Owner:          h.owner(),
		State:          accounts.TokenInitialized,
		CloseAuthority: &other,
	}

	h.all = append(h.all, accounts.Account{Address: figures.RandomKey(rng),
		Owner: accounts.TokenProgram, Lamports: rent, Data: closed.Encode()})
}

// holdStake gives an owner a stake account in a random state.
func (r *holdingsRun) holdStake(rng *rand.Rand, h *holder) {
	epoch := r.chain.Clock.Epoch
	pool := r.scene.pools[rng.IntN(len(r.scene.pools))]
	voter := pool.Validators[rng.IntN(len(pool.Validators))].Entry.VoteAccount
	staked := r.chain.MinimumDelegation + amountBetween(rng, 1, 50*sol)
	stake := figures.Delegated(h.owner(), figures.StoredRent, voter, staked, epoch-1-rng.Uint64N(9))
	lamports := staked + figures.StoredRent
	if rng.IntN(3) == 0 {
		lamports += 1 + rng.Uint64N(sol)
	}

	switch rng.IntN(12) {
	case 0:
		stake.State = accounts.StakeInitialized
	case 1, 2, 3:
		stake.Delegation.DeactivationEpoch = epoch - rng.Uint64N(3)
	case 4:
		stake.Delegation.ActivationEpoch = epoch
	case 5:
		stake.Staker = figures.RandomKey(rng)
	case 6:
		stake.Withdrawer = figures.RandomKey(rng)
	case 7:
		stake.Lockup = accounts.Lockup{Epoch: epoch + rng.Uint64N(3)}
	case 8:
		stake.Delegation.ActivationEpoch = epoch
		stake.Delegation.DeactivationEpoch = epoch
	}

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())
	h.stakes++
	h.all = append(h.all, accounts.Account{Address: figures.RandomKey(rng),
		Owner: accounts.StakeProgram, Lamports: lamports, Data: data})
}

func (r *holdingsRun) holdTicket(rng *rand.Rand, h *holder) {
	rent, err := r.chain.Rent.MinimumBalance(accounts.MarinadeTicketSpace)
	require.NoError(r.t, err)
	h.tickets++
	h.all = append(h.all, accounts.Account{
		Address:  figures.RandomKey(rng),
		Owner:    accounts.MarinadeProgram,
		Lamports: rent,
		Data: accounts.MarinadeTicket{
			State:        accounts.MarinadeStateAddress,
			Beneficiary:  h.owner(),
			Lamports:     amountBetween(rng, 1_000, 100*sol),
			CreatedEpoch: r.chain.Clock.Epoch - rng.Uint64N(4),
		}.Encode(),
	})
}

func (r *holdingsRun) holdReceipt(rng *rand.Rand, h *holder) {
	if r.programHash(accounts.InterceptorProgram) == "" {
		return
	}

	pool := r.scene.pools[0]
	base := figures.RandomKey(rng)
	address, bump, err := solana.FindProgramAddress([][]byte{[]byte("deposit_receipt"),
		pool.Address[:], base[:]}, accounts.InterceptorProgram)
	require.NoError(r.t, err)
	h.receipts++
	h.all = append(h.all, accounts.Account{
		Address:  address,
		Owner:    accounts.InterceptorProgram,
		Lamports: 3_821_040,
		Data: accounts.InterceptorReceipt{
			Base:             base,
			Owner:            h.owner(),
			StakePool:        pool.Address,
			DepositAuthority: r.interceptor,
			DepositTime: uint64(
				r.chain.Clock.UnixTimestamp,
			) - []uint64{10, 20_000}[rng.IntN(2)],
			PoolTokens:      1 + rng.Uint64N(10*sol),
			CoolDownSeconds: 3_600,
			InitialFeeBPS:   1_000,
			BumpSeed:        bump,
		}.Encode(),
	})
}

// reset brings back the world and the accounts of an owner.
func (r *holdingsRun) reset(h *holder) {
	r.put(r.world)
	var gone []accounts.Account
	for _, token := range append(slices.Clone(r.scene.tokens), lst.LST{Mint: accounts.NativeMint}) {
		gone = append(gone, accounts.Account{Address: r.ataOf(h.owner(), token.Mint)})
	}

	for _, a := range h.all {
		record, err := accounts.ReserveRecordAddress(accounts.ReserveProgram,
			r.scene.reserve.Address, a.Address)
		require.NoError(r.t, err)
		gone = append(gone, accounts.Account{Address: record})
	}

	r.put(append(gone, h.all...))
	r.batch(setClock(r.chain.Clock))
}

// Send implements sdk.Sender. It keeps the transactions that the client sends.
func (r *holdingsRun) Send(ctx context.Context, signed *txn.Signed) error {
	r.sent = append(r.sent, signed)
	return r.client(r.scene, r.endpoint).Sender().Send(ctx, signed)
}

// owner draws an owner, and tries everything that is offered to it.
func (r *holdingsRun) owner(rng *rand.Rand, name string) {
	t := r.t
	h := r.holder(rng)
	r.reset(h)
	client := r.client(r.scene, r.endpoint, sdk.WithSender(r))
	opts := sdk.HoldingsOptions{}
	for _, token := range r.scene.tokens[rng.IntN(4):][:5] {
		opts.DepositInto = append(opts.DepositInto, token.Mint)
	}

	found, err := client.Holdings(t.Context(), h.owner(), opts)
	require.NoError(t, err, name)
	r.compare(h, found, name)

	mints := slices.Clone(opts.DepositInto)
	for _, held := range found.LSTs {
		if !slices.Contains(mints, held.LST.Mint) {
			mints = append(mints, held.LST.Mint)
		}
	}

	// Of more than eight tokens, some are quoted without the routes that move
	// stake. One action alone has them all.
	whole := len(mints) <= 8
	quotes := make(map[solana.PublicKey]*route.Quote)
	for _, held := range found.LSTs {
		quotes[held.Account] = held.Sale
	}

	for i := range found.Stakes {
		quotes[found.Stakes[i].Address] = found.Stakes[i].Deposit
	}

	all := found.Actions()
	for _, action := range all {
		r.reset(h)
		r.alone(client, h, action, whole, quotes, name)
	}

	r.reset(h)
	r.together(client, h, all, opts, name)
}

// compare checks the holdings against the accounts in the VM.
func (r *holdingsRun) compare(h *holder, found *sdk.Holdings, name string) {
	t := r.t
	require.Empty(t, found.Incomplete, name)
	require.Len(t, found.LSTs, h.lsts, name)
	require.Len(t, found.Stakes, h.stakes, name)
	require.Len(t, found.Tickets, h.tickets, name)
	require.Len(t, found.Receipts, h.receipts, name)
	require.Len(t, found.WrappedSOL, h.wrapped, name)
	require.Len(t, found.Empty, h.empty, name)

	var keys []solana.PublicKey
	for _, a := range h.all {
		keys = append(keys, a.Address)
	}

	set := r.getAll(keys)
	lamports := func(key solana.PublicKey) uint64 { return lamportsIn(set, key) }
	require.Equal(t, lamports(h.owner()), found.Lamports, name)
	tokens := func(key solana.PublicKey) accounts.TokenAccount {
		token, err := accounts.Load(set, key, accounts.DecodeTokenAccount)
		require.NoError(t, err, name)
		return *token
	}

	for _, a := range found.LSTs {
		require.Equal(t, tokens(a.Account).Amount, a.Amount, name)
		require.Equal(t, tokens(a.Account).State == accounts.TokenFrozen, a.Frozen, name)
		require.NoError(t, a.PriceErr, name)
	}

	for _, a := range found.WrappedSOL {
		require.Equal(t, lamports(a.Account), a.Lamports, name)
	}

	for _, a := range found.Empty {
		require.Equal(t, lamports(a.Account), a.Rent, name)
	}

	for _, a := range found.Stakes {
		stake, err := accounts.Load(set, a.Address, accounts.DecodeStakeAccount)
		require.NoError(t, err, name)
		require.Equal(t, *stake, a.Account, name)
		require.Equal(t, lamports(a.Address), a.Lamports, name)
	}
}

// options returns the options of an owner.
func (r *holdingsRun) options(h *holder) sdk.ActOptions {
	return sdk.ActOptions{TradeOptions: sdk.TradeOptions{
		Options: route.Options{SlippageBps: 10},
		BuildOptions: sdk.BuildOptions{
			Owner:    h.owner(),
			Priority: sdk.PriorityFee{None: true},
		},
	}}
}

// mints are the mints of the world.
func (r *holdingsRun) mints() (mints []solana.PublicKey) {
	for _, token := range r.scene.tokens {
		mints = append(mints, token.Mint)
	}
	return mints
}

// tokenKeys are the associated token accounts of an owner.
func (r *holdingsRun) tokenKeys(h *holder) (keys []solana.PublicKey) {
	for _, token := range r.scene.tokens {
		keys = append(keys, r.ataOf(h.owner(), token.Mint))
	}
	return keys
}

// alone executes one action and compares the amounts.
func (r *holdingsRun) alone(
	client *sdk.Client, h *holder, action sdk.Action, whole bool,
	quotes map[solana.PublicKey]*route.Quote, name string,
) {
	t := r.t
	name = fmt.Sprintf("%s, %s, quoted %v through %v", name, action, quotes[action.Account],
		action.Through)
	r.sent = nil
	keys := append(r.tokenKeys(h), h.owner())
	before := r.getAll(keys)
	report, err := client.Act(t.Context(), []sdk.Action{action}, r.options(h), h.key)
	require.NoError(t, err, name)
	require.NoError(t, report.Actions[0].Err, name)
	require.Equal(t, sdk.ActionDone, report.Actions[0].State, name)
	require.Len(t, report.Receipts, 1, name)
	if action.Kind == sdk.ActionSell && !whole {
		require.GreaterOrEqual(t, report.Actions[0].Out, action.Out, "%s %v", name,
			report.Actions[0].Quote)
		action.Out = report.Actions[0].Out
		action.Through = append(action.Through, r.mints()...)
	}

	require.Equal(t, action.Out, report.Actions[0].Out, "%s, but %v", name, report.Actions[0].Quote)
	require.Equal(t, action.Rent, report.Actions[0].Rent, name)
	r.actions[string(action.Kind)]++
	r.verify([]sdk.Action{action}, h, name)

	after := r.getAll(keys)
	b := balances{before: before, after: after}
	want := action.Rent - report.Fee
	if action.To == accounts.NativeMint {
		want += action.Out
	} else {
		require.Equal(t, action.Out, b.tokensGained(r.ataOf(h.owner(), action.To)), name)
	}

	for _, key := range r.tokenKeys(h) {
		if !exists(before, key) {
			want -= lamportsIn(after, key)
		}
	}

	if q := report.Actions[0].Quote; q != nil {
		for _, cost := range q.Costs {
			want -= cost.Lamports
		}

		want += q.ReturnedSOL - q.AddedSOL
		if between(*q) == accounts.NativeMint {
			want += q.IntermediateDust
		}
	}

	if q := report.Actions[0].Quote; q != nil {
		name = fmt.Sprintf("%s\n%+v\n%s\n%v", name, q.Costs, q,
			explain.Transaction(r.sent[0].Unsigned(), client.Registry()))
	}

	require.Equal(t, want, b.gained(h.owner()), name)
	switch action.Kind {
	case sdk.ActionSell, sdk.ActionWithdrawSurplus, sdk.ActionDepositStake:
		// The account stays, or is the Reserve's.
	default:
		require.False(t, exists(r.get(action.Account), action.Account), name)
	}
}

// verify checks the sent transactions against the policy of their actions.
func (r *holdingsRun) verify(actions []sdk.Action, h *holder, name string) {
	stake, token := rents(r.t, r.chain)
	for _, signed := range r.sent {
		p := sdk.PermitActions(h.owner(), actions)
		p.TokenAccountRent, p.StakeAccountRent = token, stake
		p.MaxNewAccounts, p.MaxRent = 10, 10*token
		e := explain.Transaction(signed.Unsigned(), nil)
		p.Vacant = e.NeedVacant(h.owner())
		require.NoError(r.t, explain.Verify(e, p), "%s\n%s", name, e)
	}
}

// together executes all actions at once. Afterwards, none of them is offered
// again.
func (r *holdingsRun) together(
	client *sdk.Client, h *holder, all []sdk.Action, opts sdk.HoldingsOptions, name string,
) {
	t := r.t
	r.sent = nil
	var last sdk.ActProgress
	o := r.options(h)
	o.CloseEmptied = true
	o.Progress = func(p sdk.ActProgress) { last = p }
	report, err := client.Act(t.Context(), all, o, h.key)
	require.NoError(t, err, name)
	var done []sdk.Action
	for _, result := range report.Actions {
		r.states[string(result.State)]++
		if result.State == sdk.ActionDone {
			done = append(done, result.Action)
			continue
		}

		// What one action takes from a pool is not there for another one.
		var none *route.NoRouteError
		require.ErrorAs(t, result.Err, &none, "%s, %s", name, result.Action)
		require.Equal(t, sdk.ActionFailed, result.State, "%s, %s", name, result.Action)
	}

	require.Equal(t, len(all), last.Actions, name)
	require.Equal(t, len(report.Receipts), last.Transactions, name)
	r.transactions += len(report.Receipts)
	r.verify(all, h, name)

	left, err := client.Holdings(t.Context(), h.owner(), opts)
	require.NoError(t, err, name)
	for _, action := range left.Actions() {
		// Tokens that arrived are sold with the next call.
		arrived := func(a sdk.Action) bool {
			return action.Kind == sdk.ActionSell &&
				(a.To == action.From || slices.Contains(a.Through, action.From))
		}

		same := func(a sdk.Action) bool {
			return a.Account == action.Account && a.Kind == action.Kind &&
				(a.Kind != sdk.ActionSell || a.Amount <= action.Amount)
		}

		require.False(t, slices.ContainsFunc(done, same) && !slices.ContainsFunc(all, arrived),
			"%s: %s is still offered", name, action)
	}
}
