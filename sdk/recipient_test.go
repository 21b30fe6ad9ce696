package sdk_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// payTo returns the options of a trade for a recipient.
func payTo(recipient solana.PublicKey) sdk.TradeOptions {
	o := tradeOptions(50)
	o.Recipient = recipient
	return o
}

// TestRecipient_AllTrades checks that each method can pay a recipient with the
// signature of the owner only.
func TestRecipient_AllTrades(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(200_000))
	client, _ := connect(t, node)
	lamports := putStake(t, node)
	recipient := newSigner(t).PublicKey()
	o := payTo(recipient)
	for name, trade := range map[string]struct {
		from, to solana.PublicKey
		amount   uint64
	}{
		"stake":         {accounts.NativeMint, mint(t, "JitoSOL"), 10 * sol},
		"swap":          {mint(t, "JupSOL"), mint(t, "picoSOL"), 10 * sol},
		"unstake":       {mint(t, "hSOL"), accounts.NativeMint, 10 * sol},
		"stake account": {stakeAddress, accounts.NativeMint, lamports},
		"deposit stake": {stakeAddress, mint(t, "hSOL"), lamports},
		"delayed":       {mint(t, "hSOL"), route.NativeStake, 10 * sol},
	} {
		u, q, err := client.Swap(t.Context(), trade.from, trade.to, trade.amount, o)
		require.NoError(t, err, name)
		require.Equal(t, recipient, q.Request.Recipient, name)
		require.Equal(t, []solana.PublicKey{owner}, u.Signers(), name)
		require.True(t, has(u, recipient), name)
		require.True(t,
			slices.ContainsFunc(u.Steps(),
				func(s txn.Step) bool {
					return strings.Contains(s.Description, recipient.String())
				}) ||
				q.Request.To == route.NativeStake,
			name)
	}

	// Marinade's deposits enforce no minimum, and only the owner of an account
	// can check it.
	_, _, err := client.DepositStake(t.Context(), stakeAddress, accounts.MSOLMint, lamports, o)
	require.ErrorIs(t, err, route.ErrRecipient)
	require.ErrorIs(t, err, route.ErrNoRoute)
	requireLine(t, err)
}

// withoutBudget returns the steps of a transaction without the compute budget,
// which differs for each transaction.
func withoutBudget(u *txn.Unsigned) []txn.Step {
	return slices.DeleteFunc(u.Steps(),
		func(s txn.Step) bool { return s.Instruction.ProgramID() == accounts.ComputeBudgetProgram })
}

// TestRecipient_IsOwner checks that the owner as recipient is the same as no
// recipient, with the same routes.
func TestRecipient_IsOwner(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(200_000))
	client, _ := connect(t, node)
	lamports := putStake(t, node)
	for _, to := range []solana.PublicKey{accounts.MSOLMint, mint(t, "hSOL"), accounts.NativeMint} {
		node.ResetCounts()
		want, plain, err := client.DepositStake(t.Context(), stakeAddress, to, lamports,
			tradeOptions(50))
		require.NoError(t, err)
		calls := node.Calls("getMultipleAccounts")
		got, q, err := client.DepositStake(t.Context(), stakeAddress, to, lamports, payTo(owner))
		require.NoError(t, err)
		require.Equal(t, plain.Request, q.Request)
		require.Equal(t, withoutBudget(want), withoutBudget(got))
		require.Equal(t, 2*calls, node.Calls("getMultipleAccounts"), "the owner is not read")
	}

	// The quote comes from a market, which does not know the owner.
	market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
	require.NoError(t, err)
	self := newSigner(t).PublicKey()
	r := stakeRequest(t, "JitoSOL", sol)
	r.Recipient = self
	q, err := market.Quote(r)
	require.NoError(t, err)
	node.ResetCounts()
	_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: self})
	require.NoError(t, err)
	require.Zero(t, node.Calls("getMultipleAccounts"))
}

// TestRecipient_NotAWallet checks that an account which is not a wallet is not
// paid, however the transaction is built.
func TestRecipient_NotAWallet(t *testing.T) {
	recipient := newSigner(t).PublicKey()
	for name, account := range map[string]struct {
		account accounts.Account
		text    string
	}{
		"a token account": {accounts.Account{Owner: accounts.TokenProgram, Lamports: sol,
			Data: make([]byte, 165)},
			accounts.TokenProgram.String()},
		"a stake account": {accounts.Account{Owner: accounts.StakeProgram, Lamports: sol,
			Data: make([]byte, 200)},
			accounts.StakeProgram.String()},
		"a program": {accounts.Account{Owner: accounts.UpgradeableLoader, Lamports: sol,
			Executable: true},
			accounts.UpgradeableLoader.String()},
		"a nonce account": {accounts.Account{Owner: accounts.SystemProgram, Lamports: sol,
			Data: make([]byte, 80)},
			"80 bytes"},
		"an account that is a wallet": {accounts.Account{Owner: accounts.SystemProgram,
			Lamports: sol},
			""},
	} {
		t.Run(name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(50_000))
			client, _ := connect(t, node)
			account.account.Address = recipient
			node.Put(account.account)
			market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
			require.NoError(t, err)
			r := stakeRequest(t, "JitoSOL", sol)
			r.Recipient = recipient
			q, err := market.Quote(r)
			require.NoError(t, err, "the market does not know the account")
			_, built := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
			_, _, traded := client.Stake(t.Context(), mint(t, "JitoSOL"), sol, payTo(recipient))
			_, _, executed := client.Execute(t.Context(), r, sdk.BuildOptions{Owner: owner})
			if account.text == "" {
				require.NoError(t, built)
				require.NoError(t, traded)
				require.NotErrorIs(t, executed, route.ErrRecipient, "only a signature is missing")
				return
			}

			for _, err := range []error{built, traded, executed} {
				require.ErrorIs(t, err, route.ErrRecipient)
				require.Contains(t, err.Error(), account.text)
				requireLine(t, err)
			}
		})
	}

	// Addresses that are known need no request.
	node := demoNode(t)
	client, wire := connect(t, node)
	ata, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint(t, "JitoSOL"))
	require.NoError(t, err)
	_, _, err = client.Stake(t.Context(), mint(t, "JitoSOL"), sol, payTo(ata))
	require.ErrorIs(t, err, route.ErrRecipient)
	require.Empty(t, wire.of("getMultipleAccounts"))
}

// TestRecipient_OffCurve checks which accounts off the curve are paid: none
// unless the options allow it, for SOL those of the system program, for tokens
// and stake also those of programs that can sign for them.
func TestRecipient_OffCurve(t *testing.T) {
	vault, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, solana.PublicKey{7})
	require.NoError(t, err)
	multisig := solana.PublicKey{1, 2, 3}
	for name, c := range map[string]struct {
		account     *accounts.Account
		sol, tokens bool
	}{
		"unused":    {nil, true, true},
		"with SOL":  {&accounts.Account{Owner: accounts.SystemProgram, Lamports: sol}, true, true},
		"multisig":  {&accounts.Account{Owner: multisig, Lamports: sol}, false, true},
		"with data": {&accounts.Account{Owner: multisig, Data: make([]byte, 9)}, false, true},
		"nonce": {&accounts.Account{Owner: accounts.SystemProgram, Lamports: sol,
			Data: make([]byte, 80)}, false, false},
		"program": {&accounts.Account{Owner: multisig, Executable: true}, false, false},
		"token account": {&accounts.Account{Owner: accounts.TokenProgram,
			Data: make([]byte, 165)}, false, false},
		"mint of Token-2022": {&accounts.Account{Owner: accounts.Token2022Program,
			Data: make([]byte, 300)}, false, false},
		"stake account": {&accounts.Account{Owner: accounts.StakeProgram,
			Data: make([]byte, 200)}, false, false},
		"vote account": {&accounts.Account{Owner: solana.VoteProgramID}, false, false},
		"lookup table": {&accounts.Account{Owner: accounts.LookupTableProgram}, false, false},
		"pool":         {&accounts.Account{Owner: accounts.StakePoolProgram}, false, false},
		"Router's":     {&accounts.Account{Owner: accounts.RouterProgram}, false, false},
		"program data": {&accounts.Account{Owner: accounts.UpgradeableLoader}, false, false},
		"sysvar":       {&accounts.Account{Owner: accounts.SysvarProgram}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(200_000))
			client, _ := connect(t, node)
			if c.account != nil {
				c.account.Address, c.account.Lamports = vault, sol
				node.Put(*c.account)
			}

			for _, trade := range []struct {
				from, to solana.PublicKey
				served   bool
			}{
				{accounts.NativeMint, mint(t, "JitoSOL"), c.tokens},
				{mint(t, "hSOL"), route.NativeStake, c.tokens},
				{mint(t, "hSOL"), accounts.NativeMint, c.sol},
			} {
				o := payTo(vault)
				_, _, err := client.Swap(t.Context(), trade.from, trade.to, 10*sol, o)
				require.ErrorIs(t, err, route.ErrRecipient)
				o.AllowRecipientOffCurve = true
				_, _, err = client.Swap(t.Context(), trade.from, trade.to, 10*sol, o)
				if trade.served {
					require.NoError(t, err)
					continue
				}

				require.ErrorIs(t, err, route.ErrRecipient)
				requireLine(t, err)
			}
		})
	}
}

// TestRecipient_Rounds checks that reading the recipient takes no extra time
// while the market is loaded, and one round trip otherwise.
func TestRecipient_Rounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		node.OnSimulate(succeeds(300_000))
		node.SetLatency(latency)
		client, _ := connect(t, node)
		start := time.Now()
		u, q, err := client.Stake(t.Context(), mint(t, "JitoSOL"), sol,
			payTo(newSigner(t).PublicKey()))
		require.NoError(t, err)
		require.Equal(t, 3*latency, time.Since(start))
		lifetime := u.Lifetime()
		start = time.Now()
		_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, Lifetime: &lifetime})
		require.NoError(t, err)
		require.Equal(t, 2*latency, time.Since(start))
	})
}

// TestRecipient_Unknown checks that no transaction is built if the recipient
// cannot be read.
func TestRecipient_Unknown(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
	require.NoError(t, err)
	r := stakeRequest(t, "JitoSOL", sol)
	r.Recipient = newSigner(t).PublicKey()
	q, err := market.Quote(r)
	require.NoError(t, err)
	down := sdktest.Fault{Status: 503}
	node.Fail("getMultipleAccounts", down, down, down, down, down, down, down, down)
	_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
	require.Error(t, err)
}
