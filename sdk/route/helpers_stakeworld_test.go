package route_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// The venues that move stake.
const (
	stakeProgram     = "stake program"
	reserveVenue     = "Reserve"
	stakeDeposit     = "stake deposit"
	throughReserve   = "stake withdrawal and Reserve"
	throughDeposit   = "stake withdrawal and deposit"
	stakeWithdrawal  = "stake withdrawal"
	routerVenue      = "Router"
	routerPrefunded  = "Router, prefunded"
	routerDeposit    = "Router deposit"
	marinadeDeposit  = "Marinade deposit"
	marinadeUnstake  = "Marinade liquid unstake"
	stakeRent        = 2_282_880 // of 200 bytes at 6,960 lamports, and what stake accounts store
	tokenRent        = 2_039_280 // of 165 bytes at 6,960 lamports
	source, target   = "hSOL", "bSOL"
	mSOLName, stSOLs = "mSOL", "stSOL"
)

// ownStake is the owner's stake account. It has 500 SOL unless a test changes
// it.
var ownStake = solana.PublicKey{77}

// stakeWorld is the embedded market with the owner's stake account and a
// validator that hSOL, bSOL, Marinade and Lido share. bSOL pays a part of its
// stake deposit fee to referrers, and hSOL takes stake through the interceptor.
type stakeWorld struct {
	*world
	vote solana.PublicKey
	own  quote.StakeAccountState
	// inRecord is the balance of the address of the Reserve's record of the
	// stake account, in lamports.
	inRecord uint64
}

func newStakeWorld(t testing.TB) *stakeWorld {
	t.Helper()
	w := &stakeWorld{world: newWorld(t)}
	w.vote = w.pool(t, source).Validators[0].Entry.VoteAccount
	v := &w.pool(t, target).Validators[0]
	v.Entry.VoteAccount, v.Active.Account.Delegation.Voter = w.vote, w.vote
	if v.Transient != nil {
		v.Transient.Account.Delegation.Voter = w.vote
	}

	w.pool(t, target).State.StakeReferralFee = 30
	w.intercept(t, source)
	l := &w.Lido.Validators[0]
	l.Entry.VoteAccount, l.Stake.Account.Delegation.Voter = w.vote, w.vote
	require.NotEqual(t, -1, w.Marinade.ValidatorList().Index(w.vote))
	w.own = quote.StakeAccountState{
		Lamports: 500*sol + stakeRent,
		Account: figures.Delegated(params.Owner, stakeRent, w.vote, 500*sol,
			w.Chain.Clock.Epoch-3),
	}

	return w
}

// intercept makes the interceptor the stake deposit authority of a pool, on
// JitoSOL's terms.
func (w *stakeWorld) intercept(t testing.TB, symbol string) {
	t.Helper()
	pool := w.pool(t, symbol)
	base := solana.PublicKey{88}
	key, bump, err := solana.FindProgramAddress([][]byte{[]byte("deposit_stake_authority"),
		pool.Address[:], base[:]}, accounts.InterceptorProgram)
	require.NoError(t, err)
	vault, err := accounts.AssociatedTokenAddress(key, accounts.TokenProgram, pool.State.PoolMint)
	require.NoError(t, err)
	pool.State.StakeDepositAuthority = key
	w.replaced[key] = &accounts.Account{
		Address:  key,
		Owner:    accounts.InterceptorProgram,
		Lamports: sol,
		Data: accounts.InterceptorAuthority{
			Base:             base,
			StakePool:        pool.Address,
			PoolMint:         pool.State.PoolMint,
			Vault:            vault,
			StakePoolProgram: pool.Program,
			CoolDownSeconds:  36_000,
			InitialFeeBPS:    1_000,
			FeeWallet:        solana.PublicKey{89},
			BumpSeed:         bump,
		}.Encode(),
	}
}

// openStakeDeposits makes a pool take stake from everyone.
func (w *stakeWorld) openStakeDeposits(t testing.TB, symbol string) {
	t.Helper()
	pool := w.pool(t, symbol)
	key, err := accounts.StakePoolDepositAuthority(pool.Program, pool.Address)
	require.NoError(t, err)
	pool.State.StakeDepositAuthority = key
}

// token also knows mSOL and stSOL.
func (w *stakeWorld) token(t tester, symbol string) lst.LST {
	t.Helper()
	switch symbol {
	case mSOLName:
		return known(t, w.Marinade.State.MSOLMint)
	case stSOLs:
		return known(t, w.Lido.State.StSOLMint)
	}
	return w.world.token(t, symbol)
}

func known(t tester, mint solana.PublicKey) lst.LST {
	t.Helper()
	token, err := lst.Default().ByMint(mint)
	require.NoError(t, err)
	return token
}

func (w *stakeWorld) mint(t tester, symbol string) solana.PublicKey {
	t.Helper()
	switch symbol {
	case "SOL":
		return accounts.NativeMint
	case "stake":
		return route.NativeStake
	case "own":
		return ownStake
	}
	return w.token(t, symbol).Mint
}

// put writes the stake account to the chain.
func (w *stakeWorld) put(t testing.TB) {
	t.Helper()
	if _, there := w.replaced[ownStake]; there {
		return
	}

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, w.own.Account.Encode())
	w.replaced[ownStake] = &accounts.Account{
		Address:  ownStake,
		Owner:    accounts.StakeProgram,
		Lamports: w.own.Lamports,
		Data:     data,
	}
	if w.inRecord > 0 {
		record, err := accounts.ReserveRecordAddress(accounts.ReserveProgram,
			accounts.ReservePoolAddress, ownStake)
		require.NoError(t, err)
		w.replaced[record] = &accounts.Account{Address: record, Owner: accounts.SystemProgram,
			Lamports: w.inRecord}
	}
}

// market returns the market of all tokens and the owner's stake account.
func (w *stakeWorld) market(
	t testing.TB,
	change ...func(*route.Loader) *route.Loader,
) *route.Market {
	t.Helper()
	m, err := w.tryMarket(t, change...)
	require.NoError(t, err)
	return m
}

func (w *stakeWorld) tryMarket(
	t testing.TB,
	change ...func(*route.Loader) *route.Loader,
) (*route.Market, error) {
	t.Helper()
	w.put(t)
	// The registry's entries stay those of the unchanged data.
	honest := newStakeWorld(t)
	loader := route.NewLoader(honest.token(t, source), honest.token(t, target),
		honest.token(t, mSOLName), honest.token(t, stSOLs)).
		WithStakeAccounts(ownStake)
	for _, f := range change {
		loader = f(loader)
	}

	s := w.firstRound(t, loader)
	second, err := loader.AccountsToLoadNext(s)
	require.NoError(t, err)
	w.fetch(t, s, second.Accounts)

	return loader.Build(s)
}

// of returns the quote or the refusal of one venue.
func of(t tester, m *route.Market, venue string, r route.Request) (route.Quote, error) {
	t.Helper()
	quotes, rejected := m.Quotes(r)
	for _, q := range quotes {
		if string(q.Venue) == venue {
			return q, nil
		}
	}

	for _, no := range rejected {
		if string(no.Venue) == venue {
			require.NotContains(t, no.Err.Error(), "\n")
			return route.Quote{}, no.Err
		}
	}

	require.FailNow(t, "the venue was not asked", "%s: %v", venue, rejected)

	return route.Quote{}, nil
}

// venueTrade is a venue with a pair that it trades.
type venueTrade struct{ venue, from, to string }

// venueTrades are all trades that move stake, and the trades with Marinade.
var venueTrades = []venueTrade{
	{reserveVenue, "own", "SOL"},
	{stakeDeposit, "own", target},
	{stakeDeposit, "own", mSOLName},
	{stakeDeposit, "own", source},
	{throughReserve, source, "SOL"},
	{throughDeposit, source, target},
	{throughDeposit, source, mSOLName},
	{stakeWithdrawal, source, "stake"},
	{routerVenue, source, "SOL"},
	{routerVenue, source, target},
	{routerVenue, source, mSOLName},
	{routerVenue, stSOLs, "SOL"},
	{routerVenue, stSOLs, target},
	{routerVenue, stSOLs, mSOLName},
	{routerPrefunded, source, "SOL"},
	{routerPrefunded, source, target},
	{routerPrefunded, stSOLs, "SOL"},
	{routerPrefunded, stSOLs, mSOLName},
	{routerDeposit, "SOL", target},
	{routerDeposit, "SOL", mSOLName},
	{marinadeDeposit, "SOL", mSOLName},
	{marinadeUnstake, mSOLName, "SOL"},
	{throughReserve, mSOLName, "SOL"},
	{throughReserve, stSOLs, "SOL"},
	{throughDeposit, stSOLs, target},
	{throughDeposit, stSOLs, mSOLName},
	{stakeWithdrawal, stSOLs, "stake"},
	{stakeWithdrawal, mSOLName, "stake"},
	{throughDeposit, mSOLName, target},
}

// paysReceipt reports whether the trade pays with a receipt.
func (v venueTrade) paysReceipt() bool { return v.venue == stakeDeposit && v.to == source }

func (v venueTrade) String() string { return v.venue + " from " + v.from + " to " + v.to }

// request returns a request for the trade, with any charge for a prefund.
func (v venueTrade) request(
	t tester,
	w *stakeWorld,
	amount uint64,
	mode route.SwapMode,
) route.Request {
	t.Helper()
	return route.Request{
		From:   w.mint(t, v.from),
		To:     w.mint(t, v.to),
		Amount: amount,
		Options: route.Options{
			SwapMode:         mode,
			SlippageBps:      100,
			MaxPrefund:       1 << 60,
			AllowPoolUpdate:  v.from == stSOLs,
			AcceptReceipt:    true,
			OnlyDirectRoutes: true,
		},
	}
}

// newAccount is the address of a new stake account, which signs.
var newAccount = solana.PublicKey{77}

// paramsWith returns parameters with the balance that a balance check needs.
func paramsWith(held uint64) route.BuildParams {
	p := params
	p.PreBalance, p.Seed, p.NewAccount = &held, "seed", newAccount
	return p
}

// data returns the data of an instruction.
func data(t tester, s txn.Step) []byte {
	t.Helper()
	raw, err := s.Instruction.Data()
	require.NoError(t, err)
	return raw
}

func u64At(raw []byte, at int) uint64 { return binary.LittleEndian.Uint64(raw[at:]) }

// keys returns the accounts of a step.
func keys(s txn.Step) []solana.PublicKey {
	var list []solana.PublicKey
	for _, m := range s.Instruction.Accounts() {
		list = append(list, m.PublicKey)
	}
	return list
}

// signers returns the signers of a transaction with these steps and payer.
func signers(steps []txn.Step, payer solana.PublicKey) []solana.PublicKey {
	list := []solana.PublicKey{payer}
	for _, s := range steps {
		for _, m := range s.Instruction.Accounts() {
			if m.IsSigner && !slices.Contains(list, m.PublicKey) {
				list = append(list, m.PublicKey)
			}
		}
	}
	return list
}

// ata returns the owner's token account.
func (w *stakeWorld) ata(t tester, symbol string) solana.PublicKey {
	t.Helper()
	address, err := accounts.AssociatedTokenAddress(params.Owner, accounts.TokenProgram,
		w.mint(t, symbol))
	require.NoError(t, err)
	return address
}
