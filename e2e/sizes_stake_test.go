package e2e

import (
	"slices"
	"strconv"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// surplusStake is an active stake account of the owner with more lamports than
// its stake and rent, shortStake one that was created with a lower rent.
// mergedStakes are merged into sizedStake.
var (
	surplusStake = solana.PublicKey{0xac, 3}
	shortStake   = solana.PublicKey{0xac, 4}
	mergedStakes = []solana.PublicKey{{0xac, 5}, {0xac, 6}}
)

const (
	// sizedSurplus are the lamports of surplusStake beyond its stake and rent.
	sizedSurplus = sol / 2
	// sizedShort are the lamports that shortStake lacks: the difference of the
	// rents at 6,960 and 5,080 lamports per byte.
	sizedShort = 616_640
)

// isSizedStake reports whether an address is that of a stake account of the
// owner.
func isSizedStake(address solana.PublicKey) bool {
	return slices.Contains([]solana.PublicKey{sizedStake, cooledStake, surplusStake, shortStake},
		address)
}

// sizedStakes returns the stake accounts of an owner.
func sizedStakes(m *demo.Market, owner solana.PublicKey) (all []accounts.Account) {
	vote, epoch := m.StakePools[0].Validators[0].Entry.VoteAccount, m.Chain.Clock.Epoch
	staked := figures.Delegated(owner, figures.StoredRent, vote, 1_000*sol, epoch-3)
	cooled := staked
	cooled.Delegation.DeactivationEpoch = epoch - 1
	add := func(address solana.PublicKey, stake accounts.StakeAccount, rent uint64) {
		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, stake.Encode())
		all = append(all, accounts.Account{
			Address:  address,
			Owner:    accounts.StakeProgram,
			Lamports: 1_000*sol + rent,
			Data:     data,
		})
	}

	add(cooledStake, cooled, figures.StoredRent)
	add(surplusStake, staked, figures.StoredRent+sizedSurplus)
	add(shortStake, staked, figures.StoredRent-sizedShort)
	for _, address := range append([]solana.PublicKey{sizedStake}, mergedStakes...) {
		add(address, staked, figures.StoredRent)
	}

	return all
}

// sizedFrom names a stake account of the owner for the table.
func sizedFrom(request route.Request) string {
	switch {
	case request.From == surplusStake && request.Amount == sizedSurplus:
		return "surplus of a stake account"
	case request.From == surplusStake:
		return "stake account with a surplus"
	case request.From == shortStake:
		return "stake account short of rent"
	case len(request.MergeStake) > 0:
		return severalStakes(1 + len(request.MergeStake))
	case request.Amount == sizesAmount:
		return "part of a stake account"
	}

	return "stake account"
}

// severalStakes names a number of stake accounts.
func severalStakes(n int) string { return strconv.Itoa(n) + " stake accounts" }

// sizedQuote is a quote of one of the markets that are measured.
type sizedQuote struct {
	market *route.Market
	route.Quote
}

// stakeSizeCases returns quotes of the routes with stake accounts in a special
// state, and of those with several of them: amounts that 2 and 3 validators
// give together, and 2 and 3 accounts that are merged.
func stakeSizeCases(t testing.TB, client *sdk.Client, m *demo.Market) (all []sizedQuote) {
	t.Helper()
	ask := func(market *route.Market, request route.Request) {
		request.OnlyDirectRoutes, request.Deactivate = true, true
		request.SlippageBps = 50
		quotes, _ := market.Quotes(request)
		for _, q := range quotes {
			all = append(all, sizedQuote{market, q})
		}
	}

	tokens := sizesTokens(t, m)
	market, err := client.LoadMarketWith(t.Context(),
		tokens.WithStakeAccounts(surplusStake, shortStake).WithStakeSources(3))
	require.NoError(t, err)
	ask(market, route.Request{From: surplusStake, To: accounts.NativeMint, Amount: sizedSurplus})
	ask(market, route.Request{From: surplusStake, To: accounts.MSOLMint,
		Amount: 1_000*sol + figures.StoredRent + sizedSurplus})
	ask(market, route.Request{From: shortStake, To: accounts.MSOLMint,
		Amount: 1_000*sol + figures.StoredRent - sizedShort})
	for _, token := range market.Tokens() {
		i := slices.IndexFunc(m.StakePools,
			func(p figures.StakePool) bool { return p.State.PoolMint == token.Mint })
		if i < 0 || len(m.StakePools[i].Validators) < 3 {
			continue
		}

		most := uint64(0)
		for _, v := range m.StakePools[i].Validators[:2] {
			most += v.Entry.ActiveStakeLamports
			request := route.Request{From: token.Mint, To: route.NativeStake, Amount: most}
			request.SwapMode = route.ExactOut
			ask(market, request)
		}
	}

	for n := range mergedStakes {
		merged := mergedStakes[:n+1]
		market, err := client.LoadMarketWith(t.Context(),
			tokens.WithMergedStake(sizedStake, merged...))
		require.NoError(t, err)
		for _, to := range append([]solana.PublicKey{accounts.NativeMint}, mintsOf(market)...) {
			request := route.Request{From: sizedStake, To: to,
				Amount: uint64(n+2) * (1_000*sol + figures.StoredRent)}
			request.MergeStake, request.AllowPoolUpdate = merged, true
			ask(market, request)
		}
	}

	return all
}

// mintsOf returns the mints of a market's tokens.
func mintsOf(m *route.Market) (mints []solana.PublicKey) {
	for _, token := range m.Tokens() {
		mints = append(mints, token.Mint)
	}
	return mints
}
