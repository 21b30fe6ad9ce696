package sdk_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// fits counts the transactions of a venue that fit, and those that are too
// large.
type fits struct {
	fit, tooLarge int
	// needTable counts those that fit only with a lookup table.
	needTable int
	// unlimited counts those that fit but have no room for a limit on loaded
	// data.
	unlimited int
	// largest is the size of the largest that fits. excess is the number of
	// bytes that the largest of all exceeds the limit by.
	largest, excess int
}

// everythingOn returns a client, a market and a node. The node has the embedded
// market, changed by a function, with stake accounts of all kinds.
func everythingOn(
	t *testing.T,
	owner solana.PublicKey,
	change func(*demo.Market),
) (*sdk.Client, *route.Market, *sdktest.Node) {
	t.Helper()
	m, err := demo.Load()
	require.NoError(t, err)
	change(m)
	node := demoNode(t)
	changed, err := m.Accounts()
	require.NoError(t, err)
	for _, a := range changed {
		node.Put(a)
	}

	var tokens []lst.LST
	for _, mint := range append(allMints(t), accounts.MSOLMint, accounts.StSOLMint,
		accounts.INFMint) {
		token, err := lst.Default().ByMint(mint)
		require.NoError(t, err)
		tokens = append(tokens, token)
	}

	loader := route.NewLoader(tokens...)
	for i, stake := range stakesOf(m, owner) {
		address := solana.PublicKey{0xac, byte(i)}
		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, stake.Encode())
		node.Put(accounts.Account{
			Address:  address,
			Owner:    accounts.StakeProgram,
			Lamports: 1_000*sol + figures.StoredRent,
			Data:     data,
		})

		loader = loader.WithStakeAccounts(address)
	}

	client, _ := connect(t, node)
	market, err := client.LoadMarketWith(t.Context(), loader)
	require.NoError(t, err)

	return client, market, node
}

// stakesOf returns stake accounts of 1000 SOL: one with the first validator of
// each pool, one that cools down, one that has cooled down, and one that was
// never staked.
func stakesOf(m *demo.Market, owner solana.PublicKey) []accounts.StakeAccount {
	epoch := m.Chain.Clock.Epoch
	var all []accounts.StakeAccount
	votes := make(map[solana.PublicKey]bool)
	for i := range m.StakePools {
		vote := m.StakePools[i].Validators[0].Entry.VoteAccount
		if !votes[vote] {
			votes[vote] = true
			all = append(all,
				figures.Delegated(owner, figures.StoredRent, vote, 1_000*sol, epoch-3))
		}
	}

	cooling, cooled, idle := all[0], all[0], all[0]
	cooling.Delegation.DeactivationEpoch, cooled.Delegation.DeactivationEpoch = epoch, epoch-1
	idle.State = accounts.StakeInitialized

	return append(all, cooling, cooled, idle)
}

// befriend gives all pools, Marinade and Lido a common validator, so that stake
// can move between any two.
func befriend(m *demo.Market) {
	vote := m.StakePools[0].Validators[0].Entry.VoteAccount
	for i := range m.StakePools {
		v := &m.StakePools[i].Validators[0]
		v.Entry.VoteAccount, v.Active.Account.Delegation.Voter = vote, vote
	}
	v := &m.Lido.Validators[0]
	v.Entry.VoteAccount, v.Stake.Account.Delegation.Voter = vote, vote
	m.Marinade.Validators[0].VoteAccount = vote
}

// age leaves all pools an epoch behind.
func age(m *demo.Market) {
	for i := range m.StakePools {
		pool := &m.StakePools[i]
		pool.State.LastUpdateEpoch--
		for j := range pool.Validators {
			pool.Validators[j].Entry.LastUpdateEpoch--
		}
	}
}

// TestClient_Build_FitsOrSizeError builds all quotes for all ordered pairs of
// the embedded market, including stake accounts and SOL, in both swap modes,
// whole and in part, with the owner or a sponsor as payer. A transaction that
// is too large is refused with the number of excess bytes. There is no other
// error.
func TestClient_Build_FitsOrSizeError(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*demo.Market)
		// served is the number of pairs with a quote.
		served  int
		amounts []uint64
		// legs includes trades of two legs, for the first amount only, since
		// the search takes time.
		legs bool
	}{
		{"as it is", func(*demo.Market) {}, 200,
			[]uint64{3*sol + 1, 1, 700 * sol, 1_000*sol + figures.StoredRent}, true},
		{"with a validator in common", befriend, 300, []uint64{3*sol + 1}, false},
		{"an epoch later", func(m *demo.Market) { befriend(m); age(m) }, 30,
			[]uint64{3*sol + 1, 1_000*sol + figures.StoredRent}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fitting{
				amounts: c.amounts,
				legs:    c.legs,
				owner:   newSigner(t).PublicKey(),
				sponsor: newSigner(t).PublicKey(),
				counts:  make(map[string]*fits),
			}

			var node *sdktest.Node
			f.client, f.market, node = everythingOn(t, f.owner, c.change)
			node.OnSimulate(func([]byte) sdktest.Simulation {
				return sdktest.Simulation{Units: 100_000, LoadedAccountsDataSize: 1 << 20}
			})
			froms := append([]solana.PublicKey{accounts.NativeMint}, f.market.StakeAccounts()...)
			tos := []solana.PublicKey{accounts.NativeMint, route.NativeStake}
			for _, token := range f.market.Tokens() {
				froms, tos = append(froms, token.Mint), append(tos, token.Mint)
			}

			pairs, served := 0, 0
			for _, from := range froms {
				for _, to := range tos {
					if from == to {
						continue
					}

					pairs++
					if f.pair(t, from, to) {
						served++
					}
				}
			}

			t.Logf("%d ordered pairs, %d of them served", pairs, served)
			require.GreaterOrEqual(t, served, c.served)
			f.report(t)
		})
	}
}

// fitting is a market whose transactions are built, with counts by venue.
type fitting struct {
	client         *sdk.Client
	market         *route.Market
	amounts        []uint64
	legs           bool
	owner, sponsor solana.PublicKey
	counts         map[string]*fits
}

// pair builds all quotes of a pair and reports whether there are any.
func (f *fitting) pair(t *testing.T, from, to solana.PublicKey) (served bool) {
	t.Helper()
	lifetime := txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1}
	for i, amount := range f.amounts {
		for _, side := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			quotes, _ := f.market.Quotes(route.Request{
				From:   from,
				To:     to,
				Amount: amount,
				Options: route.Options{
					SwapMode:         side,
					SlippageBps:      10,
					AllowPoolUpdate:  true,
					MaxPrefund:       10 * sol,
					Deactivate:       amount%2 == 1,
					OnlyDirectRoutes: !f.legs || i > 0 || side == route.ExactOut,
				},
			})

			for _, q := range quotes {
				served = true
				if f.counts[string(q.Venue)] == nil {
					f.counts[string(q.Venue)] = new(fits)
				}

				for _, payer := range []solana.PublicKey{f.owner, f.sponsor} {
					f.counts[string(q.Venue)].build(t, f.client, q, sdk.BuildOptions{
						Owner:          f.owner,
						Payer:          payer,
						Lifetime:       &lifetime,
						SkipSimulation: true,
						Priority:       sdk.PriorityFee{ComputeUnitPrice: 1},
						SkipPayerCheck: true,
					},
						fmt.Sprintf("%s: %s to %s, %d, side %d, sponsored %t", q.Venue, from, to,
							amount, side, payer == f.sponsor))
				}
			}
		}
	}

	return served
}

func (f *fitting) report(t *testing.T) {
	t.Helper()
	fit, tooLarge := 0, 0
	for _, venue := range slices.Sorted(maps.Keys(f.counts)) {
		n := f.counts[venue]
		t.Logf(
			"%-30s %5d fit, up to %4d bytes, %5d of them with a lookup table, %3d without a limit on loaded data; %4d do not, by up to %3d bytes",
			venue,
			n.fit,
			n.largest,
			n.needTable,
			n.unlimited,
			n.tooLarge,
			n.excess,
		)

		fit, tooLarge = fit+n.fit, tooLarge+n.tooLarge
	}

	t.Logf("%d fit, %d do not", fit, tooLarge)
	require.Positive(t, fit)
}

// build builds one quote, with and without its lookup tables.
func (n *fits) build(
	t *testing.T,
	client *sdk.Client,
	q route.Quote,
	o sdk.BuildOptions,
	name string,
) {
	t.Helper()
	unsigned, err := client.Build(t.Context(), q, o)
	var over *txn.SizeError
	switch {
	case err == nil:
		require.LessOrEqual(t, unsigned.Size(), txn.MaxSize, name)
		n.fit, n.largest = n.fit+1, max(n.largest, unsigned.Size())
	case errors.As(err, &over):
		require.ErrorIs(t, err, txn.ErrTransactionTooLarge, name)
		requireOver(t, over, err, name)
		n.tooLarge, n.excess = n.tooLarge+1, max(n.excess, over.Over())
		return

	default:
		require.NoError(t, err, name)
	}

	n.limited(t, client, unsigned, q, o, name)
	q.Tables = nil
	plain, err := client.Build(t.Context(), q, o)
	if len(unsigned.LookupTables()) == 0 {
		require.NoError(t, err, name)
		require.Equal(t, unsigned.Size(), plain.Size(), name)
		return
	}

	require.ErrorAs(t, err, &over, "%s: a table is used that is not needed", name)
	requireOver(t, over, err, name)
	n.needTable++
}

// limited builds a quote with simulation, which sets the limit on loaded data.
// The limit takes 8 bytes if there is room and changes nothing else.
func (n *fits) limited(
	t *testing.T,
	client *sdk.Client,
	unlimited *txn.Unsigned,
	q route.Quote,
	o sdk.BuildOptions,
	name string,
) {
	t.Helper()
	const limit = 8
	room := txn.MaxSize - unlimited.Size()
	// Test all with little room or a table, and some of the others.
	if n.fit%8 > 0 && room >= 2*limit && len(unlimited.LookupTables()) == 0 {
		return
	}

	o.SkipSimulation = false
	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err, name)
	require.Equal(t, unlimited.LookupTables(), u.LookupTables(), name)
	if room < limit {
		require.Equal(t, unlimited.Size(), u.Size(), name)
		require.Zero(t, u.Budget().LoadedAccountsDataSizeLimit, name)
		n.unlimited++
		return
	}

	require.Equal(t, unlimited.Size()+limit, u.Size(), name)
	require.NotZero(t, u.Budget().LoadedAccountsDataSizeLimit, name)
}

// requireOver checks that the fields and the text of the error contain the
// number of excess bytes.
func requireOver(t *testing.T, over *txn.SizeError, err error, name string) {
	t.Helper()
	require.Equal(t, txn.MaxSize, over.Limit, name)
	require.Positive(t, over.Over(), name)
	require.Equal(t, over.Size, over.Limit+over.Over(), name)
	require.Contains(t, err.Error(),
		fmt.Sprintf("%d over the limit of %d", over.Over(), over.Limit), name)
	requireLine(t, err)
}
