package sdk_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// anyVersion are the versions of a wallet that takes 0 and 1.
var anyVersion = []txn.Version{txn.Version0, txn.Version1}

// longMemo makes a transaction too large for version 0.
var longMemo = strings.Repeat("x", 900)

// setFeature replaces the account of the feature that activates version 1.
func setFeature(node *sdktest.Node, change func(*accounts.Account)) {
	account, _ := node.Account(accounts.Version1Feature)
	account.Data = append([]byte{}, account.Data...)
	change(&account)
	node.Put(account)
}

// TestClient_Build_Version1 builds in version 1 only what version 0 does not
// hold. The simulated transaction has the highest limits, and the final one
// those of the simulation with their margins and the fee for the whole limit.
func TestClient_Build_Version1(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	var simulated []*solana.Transaction
	node.OnSimulate(func(raw []byte) sdktest.Simulation {
		simulated = append(simulated, message(t, raw))
		return sdktest.Simulation{Units: 50_000, LoadedAccountsDataSize: 1 << 20}
	})

	q := quoted(t, client)
	o := sdk.BuildOptions{
		Owner:    owner,
		Versions: anyVersion,
		Priority: sdk.PriorityFee{ComputeUnitPrice: 100_000},
	}

	small, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	require.Equal(t, txn.Version0, small.Version())

	o.Memo = longMemo
	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	require.Equal(t, txn.Version1, u.Version())
	require.Greater(t, u.Size(), txn.MaxSize)
	require.NotContains(t, u.Programs(), accounts.ComputeBudgetProgram)
	config := simulated[1].Message.TransactionConfig
	require.Equal(t, uint32(1_400_000), *config.ComputeUnitLimit)
	require.Equal(t, uint32(64<<20), *config.LoadedAccountsDataSizeLimit)
	budget := u.Budget()
	require.GreaterOrEqual(t, budget.ComputeUnitLimit, uint32(55_000), "10 % more")
	require.Less(t, budget.ComputeUnitLimit, uint32(55_000+4_096))
	require.GreaterOrEqual(t, budget.LoadedAccountsDataSizeLimit, uint32(4<<20), "twice and 2 MiB")
	require.Less(t, budget.LoadedAccountsDataSizeLimit, uint32(4<<20+32<<10))
	require.Equal(t, (uint64(budget.ComputeUnitLimit)+9)/10, budget.PriorityLamports)
	fee, err := u.NetworkFee()
	require.NoError(t, err)
	require.Equal(t, 5_000+budget.PriorityLamports, fee)
	base, told := u.BaseFee()
	require.True(t, told)
	require.Equal(t, uint64(5_000), base)

	// The activation is permanent, so it is not read again.
	node.Remove(accounts.Version1Feature)
	_, err = client.Build(t.Context(), q, o)
	require.NoError(t, err)

	o.SkipSimulation = true
	u, err = client.Build(t.Context(), q, o)
	require.NoError(t, err)
	require.Equal(t, uint32(64<<20), u.Budget().LoadedAccountsDataSizeLimit)
	o.Priority.MaxLamports = 7
	u, err = client.Build(t.Context(), q, o)
	require.NoError(t, err)
	require.LessOrEqual(t, u.Budget().PriorityLamports, uint64(7), "the cap of the fee")
}

// TestClient_Build_SimulatesItsVersion builds transactions that fit into
// version 0 with a part of their budget. The version of what is simulated must
// be that of what is built, although no one pays a price in the end.
func TestClient_Build_SimulatesItsVersion(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	simulated := byte(0)
	node.OnSimulate(func(raw []byte) sdktest.Simulation {
		simulated = raw[0]
		return sdktest.Simulation{Units: 50_000, LoadedAccountsDataSize: 1 << 20}
	})
	q := quoted(t, client)
	o := sdk.BuildOptions{Owner: owner, Versions: anyVersion, Memo: "x"}
	least, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	built := make(map[txn.Version]int)
	for size := txn.MaxSize - 30; size < txn.MaxSize+10; size++ {
		o.Memo = strings.Repeat("x", size-least.Size())
		u, err := client.Build(t.Context(), q, o)
		require.NoError(t, err)
		require.Equal(t, u.Version() == txn.Version1, simulated == 0x81, size)
		built[u.Version()]++
	}

	require.Len(t, built, 2, "both versions")
}

// TestClient_Build_Version1NotActive builds in version 0, or not at all, where
// the network does not take version 1.
func TestClient_Build_Version1NotActive(t *testing.T) {
	for name, change := range map[string]func(*sdktest.Node){
		"no account": func(n *sdktest.Node) { n.Remove(accounts.Version1Feature) },
		"pending": func(n *sdktest.Node) {
			setFeature(n, func(a *accounts.Account) { a.Data[0] = 0 })
		},
		"of another program": func(n *sdktest.Node) {
			setFeature(n, func(a *accounts.Account) { a.Owner = accounts.SystemProgram })
		},
		"without data": func(n *sdktest.Node) {
			setFeature(n, func(a *accounts.Account) { a.Data = nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			node := demoNode(t)
			change(node)
			node.OnSimulate(succeeds(50_000))
			client, _ := connect(t, node)
			q := quoted(t, client)
			o := sdk.BuildOptions{Owner: owner, Versions: []txn.Version{txn.Version1}}
			_, err := client.Build(t.Context(), q, o)
			require.ErrorIs(t, err, sdk.ErrVersion1NotActive)
			trade := tradeOptions(20)
			trade.Versions = o.Versions
			_, _, err = client.Stake(t.Context(), mint(t, "picoSOL"), sol, trade)
			require.ErrorIs(t, err, sdk.ErrVersion1NotActive)

			o.Versions = anyVersion
			u, err := client.Build(t.Context(), q, o)
			require.NoError(t, err)
			require.Equal(t, txn.Version0, u.Version())
			o.Memo = longMemo
			_, err = client.Build(t.Context(), q, o)
			require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
			trade.Versions, trade.Memo = anyVersion, longMemo
			_, _, err = client.Stake(t.Context(), mint(t, "picoSOL"), sol, trade)
			require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
		})
	}
}

// TestClient_Build_Version1Unknown fails if no node tells whether the network
// takes version 1.
func TestClient_Build_Version1Unknown(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	node.Fail("getMultipleAccounts", sdktest.Fault{Error: &sdktest.Error{Code: -32_000,
		Message: "out of order"}})
	_, err := client.Build(t.Context(), q, sdk.BuildOptions{
		Owner:          owner,
		Versions:       []txn.Version{txn.Version1},
		Lifetime:       &txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
		Priority:       sdk.PriorityFee{None: true},
		SkipSimulation: true,
		SkipPayerCheck: true,
	})

	require.ErrorContains(t, err, "read whether version 1 is active")
	require.ErrorContains(t, err, "out of order")
}

// versionSigner is a wallet that declares the versions that it takes.
type versionSigner struct {
	*txn.KeySigner
	versions []txn.Version
	mu       *sync.Mutex
	first    *[]byte
}

// Versions implements txn.VersionedSigner.
func (v versionSigner) Versions() []txn.Version { return v.versions }

// Sign implements txn.Signer. It records the first byte of the message.
func (v versionSigner) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	v.mu.Lock()
	*v.first = append(*v.first, message[0])
	v.mu.Unlock()
	return v.KeySigner.Sign(ctx, message)
}

// TestClient_Execute_Versions executes a trade that takes two transactions of
// version 0 with wallets that take several versions.
func TestClient_Execute_Versions(t *testing.T) {
	one, legacy := txn.Version1, txn.VersionLegacy
	for _, c := range []struct {
		name     string
		declared []txn.Version
		opts     []txn.Version
		want     []byte
	}{
		{"both take version 1", anyVersion, anyVersion, []byte{0x81}},
		{"the wallet alone", anyVersion, nil, []byte{0x81}},
		{"the wallet takes only 0", []txn.Version{legacy, txn.Version0}, anyVersion,
			[]byte{0x80, 0x80}},
		{"the caller wants only 0", append(anyVersion, legacy), []txn.Version{txn.Version0},
			[]byte{0x80, 0x80}},
		{"nothing in common", []txn.Version{legacy}, []txn.Version{one}, nil},
		{"the wallet takes none", nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := demoNode(t)
				client, _ := connect(t, node)
				node.AcceptAll()
				var first []byte
				signer := versionSigner{newSigner(t), c.declared, new(sync.Mutex), &first}
				receipt, q, err := client.Execute(t.Context(), apart(t), sdk.BuildOptions{
					Owner:    signer.PublicKey(),
					Versions: c.opts,
				}, signer)

				require.Equal(t, c.want, first)
				if c.want == nil {
					require.ErrorIs(t, err, txn.ErrVersionNotTaken)
					return
				}

				require.NoError(t, err)
				require.Equal(t, len(c.want) == 2, q.NeedsTwoTransactions)
				require.Equal(t, len(c.want) == 2, receipt.Previous != nil)
				require.Equal(t, c.want[0] == 0x81, q.Request.AllowVersion1)
			})
		})
	}
}

// TestClient_Swap_OneTransaction builds in one transaction of version 1 what
// the methods that build one transaction refuse otherwise.
func TestClient_Swap_OneTransaction(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	node.OnSimulate(succeeds(100_000))
	r := apart(t)
	o := tradeOptions(20)
	o.MaxTransactions = 2
	_, two, err := client.Swap(t.Context(), r.From, r.To, r.Amount, o)
	require.ErrorIs(t, err, sdk.ErrTwoTransactions)
	for _, most := range []uint8{0, 2} {
		o.Versions, o.MaxTransactions = anyVersion, most
		u, q, err := client.Swap(t.Context(), r.From, r.To, r.Amount, o)
		require.NoError(t, err)
		require.Equal(t, txn.Version1, u.Version())
		require.Equal(t, two.Venue, q.Venue)
		require.GreaterOrEqual(t, q.Out, two.Out)
	}

	o.AllowVersion1, o.Versions = true, nil
	_, _, err = client.Swap(t.Context(), r.From, r.To, r.Amount, o)
	require.ErrorIs(t, err, sdk.ErrTwoTransactions, "the versions of the wallet decide")
}

// TestClient_Policy_Versions checks that a policy permits what the wallet
// takes.
func TestClient_Policy_Versions(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	for _, versions := range [][]txn.Version{nil, {txn.VersionLegacy}, anyVersion} {
		policy, err := client.Policy(t.Context(), q, sdk.BuildOptions{Owner: owner,
			Versions: versions})
		require.NoError(t, err)
		require.Equal(t, versions, policy.Versions)
	}
}

// TestClient_MaxInput_Version1 finds an amount on a route that only version 1
// holds in one transaction.
func TestClient_MaxInput_Version1(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	o := tradeOptions(20)
	o.Memo, o.Priority.None = longMemo, true
	_, err := client.MaxInput(t.Context(), accounts.NativeMint, mint(t, "picoSOL"), o)
	require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
	o.Versions = anyVersion
	q, err := client.MaxInput(t.Context(), accounts.NativeMint, mint(t, "picoSOL"), o)
	require.NoError(t, err)
	require.Greater(t, q.In, uint64(9_000*sol))
}
