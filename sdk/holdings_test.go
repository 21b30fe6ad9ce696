package sdk_test

import (
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// heldRent is the rent of a token account at 6,960 lamports per byte.
const heldRent = 2_039_280

// stakeAccount returns a stake account of an owner, active since epoch 0, with
// 5 SOL of stake and 7 lamports of surplus.
func stakeAccount(
	address solana.PublicKey, of solana.PublicKey, change func(*accounts.StakeAccount),
) accounts.Account {
	stake := accounts.StakeAccount{
		State:             accounts.StakeDelegated,
		RentExemptReserve: 2_282_880,
		Staker:            of,
		Withdrawer:        of,
		Delegation: accounts.Delegation{
			Voter:             sdktest.DemoValidator(),
			Stake:             5 * sol,
			DeactivationEpoch: accounts.NeverEpoch,
		},
	}
	if change != nil {
		change(&stake)
	}

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())

	return accounts.Account{
		Address:  address,
		Owner:    accounts.StakeProgram,
		Lamports: 5*sol + 2_282_880 + 7,
		Data:     data,
	}
}

// ticketAccount returns a ticket of 2 SOL.
func ticketAccount(address, of solana.PublicKey, created uint64) accounts.Account {
	return accounts.Account{
		Address:  address,
		Owner:    accounts.MarinadeProgram,
		Lamports: 1_503_360,
		Data: accounts.MarinadeTicket{
			State:        accounts.MarinadeStateAddress,
			Beneficiary:  of,
			Lamports:     2 * sol,
			CreatedEpoch: created,
		}.Encode(),
	}
}

// Addresses of what the owner has.
var (
	ownStake   = solana.PublicKey{0xB1}
	ownTicket  = solana.PublicKey{0xB2}
	ownWSOL    = solana.PublicKey{0xB3}
	ownOther   = solana.PublicKey{0xB4}
	ownEmpty   = solana.PublicKey{0xB5}
	ownInert   = solana.PublicKey{0xB6}
	otherMint  = solana.PublicKey{0xB7}
	ownReceipt = solana.PublicKey{100, 1}
)

// holdingsNode returns a node on which the owner has one of each: 3 JitoSOL in
// the associated account and 1 in another one, an active and an inactive stake
// account, a ticket, wrapped SOL, an empty account, and two receipts.
func holdingsNode(t *testing.T) *sdktest.Node {
	t.Helper()
	node, _ := receiptNode(t)
	node.SetMinimumDelegation(sol)
	held, jito := emptiedAccount(t, 3*sol)
	node.Put(held)
	node.Put(figures.TokenAccount(ownOther, jito, owner, sol, heldRent))
	node.Put(figures.TokenAccount(ownWSOL, accounts.NativeMint, owner, 9, heldRent))
	node.Put(figures.TokenAccount(ownEmpty, otherMint, owner, 0, heldRent))
	node.Put(figures.TokenAccount(solana.PublicKey{0xC1}, otherMint, owner, 5, heldRent))
	node.Put(figures.TokenAccount(solana.PublicKey{0xC2}, jito, friend, 5, heldRent))
	node.Put(stakeAccount(ownStake, owner, nil))
	node.Put(stakeAccount(ownInert, owner, func(s *accounts.StakeAccount) {
		s.Delegation.DeactivationEpoch = 5
	}))
	node.Put(stakeAccount(solana.PublicKey{0xC3}, friend, nil))
	node.Put(ticketAccount(ownTicket, owner, 5))
	node.Put(ticketAccount(solana.PublicKey{0xC4}, friend, 5))

	return node
}

// kinds returns the kinds of the actions of an account.
func kinds(h *sdk.Holdings) map[solana.PublicKey][]sdk.ActionKind {
	all := make(map[solana.PublicKey][]sdk.ActionKind)
	for _, a := range h.Actions() {
		all[a.Account] = append(all[a.Account], a.Kind)
	}
	return all
}

// TestClient_Holdings finds one of each, and offers what can be done with it.
func TestClient_Holdings(t *testing.T) {
	client, _ := connect(t, holdingsNode(t))
	h, err := client.Holdings(t.Context(), owner, sdk.HoldingsOptions{})
	require.NoError(t, err)
	require.Empty(t, h.Incomplete)
	require.Equal(t, uint64(10_000*sol), h.Lamports)
	require.Equal(t, uint64(793), h.Epoch)
	require.Len(t, h.LSTs, 2)
	require.Equal(t, uint64(3*sol), h.LSTs[0].Amount)
	require.True(t, h.LSTs[0].Associated)
	require.Equal(t, ownOther, h.LSTs[1].Account)
	require.Greater(t, h.LSTs[0].Value, h.LSTs[0].Sale.NetOut)
	require.Greater(t, h.LSTs[0].Sale.NetOut, uint64(36*sol/10))
	require.NotZero(t, h.LSTs[0].Floor.Tokens)

	require.Len(t, h.Stakes, 2)
	for _, s := range h.Stakes {
		active := s.Address == ownStake
		require.Equal(t, !active, s.Free)
		require.Equal(t, active, s.Status == sdk.StakeStatusActive)
		require.Equal(t, active, s.Deposit != nil)
		if active {
			require.Equal(t, uint64(7), s.Surplus)
			require.Zero(t, s.FreeEpoch)
			continue
		}

		require.Equal(t, uint64(6), s.FreeEpoch)
		require.ErrorIs(t, s.DepositErr, quote.ErrStakeDeactivating)
	}

	require.Len(t, h.Receipts, 2)
	require.Len(t, h.Tickets, 1)
	require.Equal(t, uint64(6), h.Tickets[0].DueEpoch)
	require.Equal(t, []sdk.EmptyAccount{{
		Account:      ownEmpty,
		Mint:         otherMint,
		TokenProgram: accounts.TokenProgram,
		Rent:         heldRent,
	}}, h.Empty)

	held, _ := emptiedAccount(t, 0)
	found := kinds(h)
	if h.Tickets[0].ClaimErr == nil {
		require.Equal(t, []sdk.ActionKind{sdk.ActionClaimTicket}, found[ownTicket])
		delete(found, ownTicket)
	}

	require.Equal(t, map[solana.PublicKey][]sdk.ActionKind{
		ownStake:     {sdk.ActionWithdrawSurplus, sdk.ActionDepositStake},
		ownInert:     {sdk.ActionWithdrawStake},
		ownWSOL:      {sdk.ActionUnwrapSOL},
		ownOther:     {sdk.ActionMoveTokens},
		ownEmpty:     {sdk.ActionCloseAccount},
		ownReceipt:   {sdk.ActionClaimReceipt},
		held.Address: {sdk.ActionSell},
	}, found)
}

// TestClient_Holdings_RefusedLists degrades on a node that refuses to list
// accounts: what it cannot tell is named, and known addresses are read.
func TestClient_Holdings_RefusedLists(t *testing.T) {
	refused := sdktest.Fault{Error: &sdktest.Error{Code: -32010, Message: "excluded"}}
	for _, test := range []struct {
		name string
		opts sdk.HoldingsOptions
		fail bool
	}{
		{name: "refused", fail: true},
		{name: "refused, accounts known", fail: true, opts: sdk.HoldingsOptions{
			Known: []solana.PublicKey{ownStake, ownTicket, ownOther, ownReceipt, {0xC2}, {0xEE}},
		}},
		{name: "skipped", opts: sdk.HoldingsOptions{SkipLists: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			node := holdingsNode(t)
			if test.fail {
				node.Fail("getProgramAccounts", refused, refused, refused, refused)
				node.Fail("getTokenAccountsByOwner", refused, refused)
			}

			client, _ := connect(t, node)
			h, err := client.Holdings(t.Context(), owner, test.opts)
			require.NoError(t, err)
			var gaps []sdk.HoldingKind
			for _, gap := range h.Incomplete {
				gaps = append(gaps, gap.Kind)
				require.NotContains(t, gap.String(), "\n")
			}

			require.Equal(t, []sdk.HoldingKind{sdk.HoldingReceipts, sdk.HoldingStakes,
				sdk.HoldingTickets, sdk.HoldingTokens}, gaps)
			known := min(len(test.opts.Known), 1)
			require.Len(t, h.LSTs, 1+known)
			require.Len(t, h.Stakes, known)
			require.Len(t, h.Tickets, known)
			require.Len(t, h.Receipts, known)
			require.NotNil(t, h.LSTs[0].Sale)
		})
	}
}

// TestClient_Holdings_ForeignAccounts checks every listed account again: those
// whose content changed hands in between do not count.
func TestClient_Holdings_ForeignAccounts(t *testing.T) {
	node := holdingsNode(t)
	_, jito := emptiedAccount(t, 0)
	wire := &tap{node: node}
	changed := false
	wire.before = func(c call) {
		if c.Method != "getMultipleAccounts" || changed {
			return
		}

		// The lists were answered. Now others own the accounts.
		changed = true
		node.Put(figures.TokenAccount(ownOther, jito, friend, sol, heldRent))
		node.Put(figures.TokenAccount(ownWSOL, accounts.NativeMint, friend, 9, heldRent))
		node.Put(figures.TokenAccount(ownEmpty, otherMint, friend, 0, heldRent))
		node.Put(stakeAccount(ownStake, friend, nil))
		node.Put(ticketAccount(ownTicket, friend, 5))
		node.Put(accounts.Account{Address: ownInert, Owner: accounts.StakeProgram, Lamports: 1})
		node.Put(accounts.Account{Address: ownReceipt, Owner: accounts.InterceptorProgram,
			Lamports: 1, Data: []byte{1, 2, 3}})
	}

	client, err := node.Client(sdk.WithHTTPClient(wire))
	require.NoError(t, err)
	h, err := client.Holdings(t.Context(), owner, sdk.HoldingsOptions{})
	require.NoError(t, err)
	require.True(t, changed)
	require.Len(t, h.LSTs, 1)
	require.Empty(t, h.Stakes)
	require.Empty(t, h.Tickets)
	require.Len(t, h.Receipts, 1)
	require.Empty(t, h.WrappedSOL)
	require.Empty(t, h.Empty)
}

// TestClient_Holdings_LongLists reads 1,000 of 1,200 stake accounts, those with
// most SOL, and says so.
func TestClient_Holdings_LongLists(t *testing.T) {
	node := holdingsNode(t)
	for i := range 1_200 {
		small := stakeAccount(solana.PublicKey{0xD0, byte(i >> 8), byte(i)}, owner,
			func(s *accounts.StakeAccount) { s.Delegation.DeactivationEpoch = 5 })
		small.Lamports = uint64(3_000_000 + i)
		node.Put(small)
	}

	client, _ := connect(t, node)
	h, err := client.Holdings(t.Context(), owner, sdk.HoldingsOptions{})
	require.NoError(t, err)
	require.Len(t, h.Stakes, 1_000)
	require.Equal(t, uint64(5*sol+2_282_887), h.Stakes[0].Lamports)
	require.Equal(t, uint64(3_000_000+202), h.Stakes[999].Lamports)
	require.Len(t, h.Incomplete, 1)
	require.Equal(t, sdk.HoldingStakes, h.Incomplete[0].Kind)
}

// TestClient_Holdings_NoPrices tells the amounts if the market cannot be
// loaded.
func TestClient_Holdings_NoPrices(t *testing.T) {
	node := holdingsNode(t)
	wire := &tap{node: node}
	wire.before = func(c call) {
		if len(c.Params) > 0 &&
			strings.Contains(string(c.Params[0]), accounts.EpochScheduleSysvar.String()) {
			node.Remove(accounts.EpochScheduleSysvar) // The market is being loaded.
		}
	}

	client, err := node.Client(sdk.WithHTTPClient(wire))
	require.NoError(t, err)
	h, err := client.Holdings(t.Context(), owner, sdk.HoldingsOptions{})
	require.NoError(t, err)
	require.Len(t, h.LSTs, 2)
	require.Error(t, h.LSTs[0].SaleErr)
	require.Len(t, h.Incomplete, 1)
	require.Equal(t, sdk.HoldingPrices, h.Incomplete[0].Kind)
	require.Contains(t, kinds(h), ownInert)
}

// TestClient_Holdings_Errors refuses what nothing can be told about.
func TestClient_Holdings_Errors(t *testing.T) {
	node := holdingsNode(t)
	client, _ := connect(t, node)
	_, err := client.Holdings(t.Context(), solana.PublicKey{}, sdk.HoldingsOptions{})
	require.ErrorIs(t, err, sdk.ErrNoOwner)
	_, err = (*sdk.Client)(nil).Holdings(t.Context(), owner, sdk.HoldingsOptions{})
	require.ErrorIs(t, err, accounts.ErrNil)
	node.Remove(accounts.ClockSysvar)
	_, err = client.Holdings(t.Context(), owner, sdk.HoldingsOptions{})
	require.ErrorIs(t, err, accounts.ErrNotFound)
	require.Zero(t, (*sdk.Holdings)(nil).Value())
	require.Empty(t, (*sdk.Holdings)(nil).Actions())
}
