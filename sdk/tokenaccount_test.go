package sdk_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// The named token accounts of the tests.
var (
	namedSource      = solana.PublicKey{0x81}
	namedDestination = solana.PublicKey{0x82}
)

// putToken puts a token account on a node.
func putToken(node *sdktest.Node, address solana.PublicKey, token accounts.TokenAccount) {
	account := accounts.Account{
		Address:  address,
		Owner:    accounts.TokenProgram,
		Lamports: 2_039_280,
		Data:     token.Encode(),
	}
	if token.NativeReserve != nil {
		account.Lamports += token.Amount
	}

	if len(token.Extensions) > 0 {
		account.Owner = accounts.Token2022Program
	}

	node.Put(account)
}

// ownToken returns a token account of the owner.
func ownToken(mint solana.PublicKey, amount uint64) accounts.TokenAccount {
	token := accounts.TokenAccount{
		Mint:   mint,
		Owner:  owner,
		Amount: amount,
		State:  accounts.TokenInitialized,
	}
	if mint == accounts.NativeMint {
		rent := uint64(2_039_280)
		token.NativeReserve = &rent
	}

	return token
}

// tokenAccountCase changes a token account so that it cannot be named, or can
// if the text is empty.
type tokenAccountCase struct {
	name   string
	change func(*accounts.TokenAccount)
	// source and destination are the texts of the refusals.
	source, destination string
}

func extended(kind accounts.ExtensionType, data ...byte) func(*accounts.TokenAccount) {
	return func(a *accounts.TokenAccount) {
		a.Extensions = []accounts.Extension{{Type: kind, Data: data}}
	}
}

var tokenAccountCases = []tokenAccountCase{
	{"usable", func(*accounts.TokenAccount) {}, "", ""},
	{"of another mint", func(a *accounts.TokenAccount) { a.Mint = accounts.MSOLMint },
		"holds the token " + accounts.MSOLMint.String(),
		"holds the token " + accounts.MSOLMint.String()},
	{"of a stranger", func(a *accounts.TokenAccount) { a.Owner = solana.PublicKey{9} },
		"belongs to", "belongs to"},
	{"frozen", func(a *accounts.TokenAccount) { a.State = accounts.TokenFrozen },
		"is frozen", "is frozen"},
	{"with a delegate", func(a *accounts.TokenAccount) {
		a.Delegate, a.DelegatedAmount = &solana.PublicKey{9}, 1
	}, "", "has the delegate"},
	{"with a delegate for nothing", func(a *accounts.TokenAccount) {
		a.Delegate = &solana.PublicKey{9}
	}, "", ""},
	{"that a stranger can close", func(a *accounts.TokenAccount) {
		a.CloseAuthority = &solana.PublicKey{9}
	}, "", "can be closed by"},
	{"that the owner can close", func(a *accounts.TokenAccount) { a.CloseAuthority = &owner },
		"", ""},
	{"with a CPI guard", extended(accounts.ExtensionCPIGuard, 1), "has a CPI guard", ""},
	{"with an open CPI guard", extended(accounts.ExtensionCPIGuard, 0), "", ""},
	{"with required memos", extended(accounts.ExtensionMemoTransfer, 1), "", "requires a memo"},
	{"with optional memos", extended(accounts.ExtensionMemoTransfer, 0), "", ""},
	{"of an immutable owner", extended(accounts.ExtensionImmutableOwner), "", ""},
	{"that keeps its tokens", extended(accounts.ExtensionNonTransferableAccount),
		"cannot be transferred", "has the extension NonTransferableAccount"},
	{"with an unknown extension", extended(999), "", "has the extension extension type 999"},
}

// TestTokenAccount_Refusals checks which named accounts each method refuses,
// however the transaction is built.
func TestTokenAccount_Refusals(t *testing.T) {
	from, to := mint(t, "JupSOL"), mint(t, "picoSOL")
	for _, c := range tokenAccountCases {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(50_000))
			client, _ := connect(t, node)
			paid, received := ownToken(from, 10*sol), ownToken(to, 5)
			c.change(&paid)
			c.change(&received)
			putToken(node, namedSource, paid)
			putToken(node, namedDestination, received)

			source, destination := tradeOptions(50), tradeOptions(50)
			source.SourceAccount = namedSource
			destination.DestinationAccount = namedDestination
			for text, o := range map[*string]sdk.TradeOptions{
				&c.source:      source,
				&c.destination: destination,
			} {
				requireNamed(t, client, from, to, o, *text)
			}
		})
	}
}

// requireNamed requires that all methods refuse a named account with a text, or
// use it if the text is empty.
func requireNamed(
	t *testing.T,
	client *sdk.Client,
	from, to solana.PublicKey,
	o sdk.TradeOptions,
	text string,
) {
	t.Helper()
	request := route.Request{
		From:    from,
		To:      to,
		Amount:  sol,
		Options: o.Options,
	}

	market, err := client.LoadMarket(t.Context(), from, to)
	require.NoError(t, err)
	q, err := market.Quote(request)
	require.NoError(t, err, "the market does not know the account")
	_, built := client.Build(t.Context(), q, o.BuildOptions)
	unsigned, _, traded := client.Swap(t.Context(), from, to, sol, o)
	if text == "" {
		require.NoError(t, built)
		require.NoError(t, traded)
		require.Equal(t, !o.SourceAccount.IsZero(), has(unsigned, namedSource))
		require.Equal(t, !o.DestinationAccount.IsZero(), has(unsigned, namedDestination))
		return
	}

	_, _, executed := client.Execute(t.Context(), request, o.BuildOptions)
	for _, err := range []error{built, traded, executed} {
		require.ErrorIs(t, err, route.ErrTokenAccount)
		require.ErrorContains(t, err, text)
		requireLine(t, err)
	}
}

// TestTokenAccount_Missing checks that an account which does not exist, or
// which is no token account, is not named.
func TestTokenAccount_Missing(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	o := tradeOptions(50)
	o.DestinationAccount = namedDestination
	_, _, err := client.Stake(t.Context(), mint(t, "JitoSOL"), sol, o)
	require.ErrorIs(t, err, route.ErrTokenAccount)
	require.ErrorContains(t, err, "does not exist")

	node.Fund(sol, namedDestination)
	_, _, err = client.Stake(t.Context(), mint(t, "JitoSOL"), sol, o)
	require.ErrorContains(t, err, "does not exist", "it holds only lamports")

	node.Put(accounts.Account{
		Address:  namedDestination,
		Owner:    accounts.StakeProgram,
		Lamports: sol,
		Data:     make([]byte, 200),
	})

	_, _, err = client.Stake(t.Context(), mint(t, "JitoSOL"), sol, o)
	require.ErrorContains(t, err, "is not a token account")
	requireLine(t, err)
}

// TestTokenAccount_OfRecipient checks that a destination belongs to the
// recipient, if there is one.
func TestTokenAccount_OfRecipient(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	token := ownToken(mint(t, "JitoSOL"), 0)
	putToken(node, namedDestination, token)
	o := payTo(newSigner(t).PublicKey())
	o.DestinationAccount = namedDestination
	_, _, err := client.Stake(t.Context(), token.Mint, sol, o)
	require.ErrorIs(t, err, route.ErrTokenAccount)
	require.ErrorContains(t, err, "not to "+o.Recipient.String())

	token.Owner = o.Recipient
	putToken(node, namedDestination, token)
	unsigned, q, err := client.Stake(t.Context(), token.Mint, sol, o)
	require.NoError(t, err)
	require.True(t, has(unsigned, namedDestination))
	require.NotContains(t, q.String(), "\n")
	require.Contains(t, q.String(), namedDestination.String())
}

// TestTokenAccount_MaxInput checks that the largest input is the balance of the
// named account.
func TestTokenAccount_MaxInput(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	hSOL := mint(t, "hSOL")
	o := tradeOptions(0)
	o.SourceAccount = namedSource
	_, err := client.MaxInput(t.Context(), hSOL, accounts.NativeMint, o)
	require.ErrorIs(t, err, route.ErrTokenAccount)

	holding(t, node, hSOL, 9*sol)
	putToken(node, namedSource, ownToken(hSOL, 7*sol))
	q, err := client.MaxInput(t.Context(), hSOL, accounts.NativeMint, o)
	require.NoError(t, err)
	require.Equal(t, uint64(7*sol), q.In)

	o.UseWSOL = true
	putToken(node, namedSource, ownToken(accounts.NativeMint, 3*sol))
	q, err = client.MaxInput(t.Context(), accounts.NativeMint, hSOL, o)
	require.NoError(t, err)
	require.Equal(t, uint64(3*sol), q.In, "wSOL pays no fees and rents")

	putToken(node, namedSource, ownToken(accounts.NativeMint, 0))
	_, err = client.MaxInput(t.Context(), accounts.NativeMint, hSOL, o)
	var found *sdk.FundsError
	require.ErrorAs(t, err, &found)
	require.Equal(t, namedSource, found.Account)
}

// TestTokenAccount_Policy checks that the policy of a quote names the accounts,
// that the balance check of wSOL counts lamports that the balance does not show
// yet, and that a review checks the accounts on the chain.
func TestTokenAccount_Policy(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(300_000))
	client, _ := connect(t, node)
	hSOL := mint(t, "hSOL")
	putToken(node, namedSource, ownToken(hSOL, 100*sol))
	putToken(node, namedDestination, ownToken(accounts.NativeMint, 40))
	change(t, node, namedDestination, func(a *accounts.Account) { a.Lamports += 2 })

	market, err := client.LoadMarket(t.Context(), hSOL)
	require.NoError(t, err)
	request := route.Request{
		From:   hSOL,
		To:     accounts.NativeMint,
		Amount: 20 * sol,
		Options: route.Options{
			UseWSOL:            true,
			SourceAccount:      namedSource,
			DestinationAccount: namedDestination,
		},
	}

	checked := 0
	quotes, _ := market.Quotes(request)
	require.NotEmpty(t, quotes)
	for _, q := range quotes {
		o := sdk.BuildOptions{Owner: owner, Seed: "named"}
		unsigned, err := client.Build(t.Context(), q, o)
		require.NoError(t, err, q.Venue)
		policy, err := client.Policy(t.Context(), q, o)
		require.NoError(t, err, q.Venue)
		require.Len(t, policy.TokenAccounts, 2)
		require.Empty(t, policy.PreBalances, "it is that of the associated account")
		require.NoError(t, explain.Verify(explain.Transaction(unsigned, nil), policy), q.Venue)
		if q.MinOutCheck == route.CheckedByBalance {
			require.Equal(t, uint64(42), *policy.TokenAccounts[1].PreBalance)
			checked++
		}

		policy.TokenAccounts[1].PreBalance = nil
		text := unsigned.Partial().Base64()
		review, err := client.Review(t.Context(), text, policy)
		require.NoError(t, err, q.Venue)
		require.Equal(t, uint64(42), *review.Policy.TokenAccounts[1].PreBalance)
		require.Nil(t, policy.TokenAccounts[1].PreBalance, "the policy of the caller")

		policy.TokenAccounts[1].Address = namedSource
		_, err = client.Review(t.Context(), text, policy)
		require.ErrorIs(t, err, route.ErrTokenAccount)
	}

	require.Positive(t, checked)
}
