package sdk_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestClient_LoadMarketForRequest checks which accounts a request loads: no
// stake accounts if it pays SOL, the stake account if it pays one.
func TestClient_LoadMarketForRequest(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	jito := mint(t, "JitoSOL")
	stake := solana.NewWallet().PublicKey()
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, accounts.StakeAccount{State: accounts.StakeInitialized,
		RentExemptReserve: 2_282_880}.Encode())
	node.Put(accounts.Account{
		Address:  stake,
		Owner:    accounts.StakeProgram,
		Lamports: sol,
		Data:     data,
	})

	venues := func(m *route.Market, r route.Request) (names []string) {
		quotes, rejected := m.Quotes(r)
		for _, q := range quotes {
			names = append(names, string(q.Venue))
		}

		for _, no := range rejected {
			names = append(names, string(no.Venue))
		}

		return names
	}

	in := route.Request{From: accounts.NativeMint, To: jito, Amount: sol}
	m, err := client.LoadMarketForRequest(t.Context(), in)
	require.NoError(t, err)
	require.Contains(t, venues(m, in), "stake pool deposit")
	out := route.Request{From: jito, To: accounts.NativeMint, Amount: sol}
	require.NotContains(t, venues(m, out), "stake withdrawal and Reserve", "not loaded as an input")
	m, err = client.LoadMarketForRequest(t.Context(), out)
	require.NoError(t, err)
	require.Contains(t, venues(m, out), "stake withdrawal and Reserve")

	m, err = client.LoadMarketForRequest(t.Context(), route.Request{From: stake, To: jito})
	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{stake}, m.StakeAccounts())
	live, err := m.StakeAccount(stake)
	require.NoError(t, err)
	require.Equal(t, uint64(sol), live.Lamports)

	_, err = client.LoadMarketForRequest(t.Context(), route.Request{From: jito, To: stake})
	require.ErrorIs(t, err, lst.ErrUnknownLST, "an existing stake account cannot be received")
	for address, want := range map[solana.PublicKey]error{{5}: accounts.ErrNotFound,
		accounts.ReservePoolAddress: accounts.ErrWrongOwner} {
		_, err = client.LoadMarketForRequest(t.Context(), route.Request{From: address, To: jito})
		require.ErrorIs(t, err, lst.ErrUnknownLST)
		require.ErrorIs(t, err, want)
	}
}
