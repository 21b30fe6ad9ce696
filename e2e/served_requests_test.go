package e2e

import (
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// walletRequest is a request as a wallet makes it.
type walletRequest struct {
	route.Request
	// flow is the name of the flow, for example "stake", and state that of the
	// stake account, if the request sells one.
	flow, state string
	// stake is the stake account that the request sells.
	stake accounts.Account
}

// The flows of wallets, with their weights in percent.
const (
	flowStake      = "stake"
	flowUnstake    = "unstake instantly"
	flowSwap       = "swap"
	flowDelayed    = "delayed unstake"
	flowDeposit    = "stake deposit"
	flowSellStake  = "sale of stake"
	flowLiquidity  = "INF liquidity"
	flowOldTokens  = "mSOL and stSOL"
	flowWeightsSum = 100
)

var flows = []struct {
	name   string
	weight int
}{
	{flowStake, 24},
	{flowUnstake, 20},
	{flowSwap, 18},
	{flowDelayed, 11},
	{flowDeposit, 9},
	{flowSellStake, 7},
	{flowLiquidity, 5},
	{flowOldTokens, 6},
}

// walletAmount returns an amount as wallets have it: mostly 0.1 to 100 SOL,
// from 0.001 to 50,000 SOL.
func walletAmount(rng *rand.Rand) uint64 {
	switch rng.IntN(10) {
	case 0:
		return amountBetween(rng, sol/1_000, sol/10)
	case 1:
		return amountBetween(rng, 100*sol, 50_000*sol)
	}
	return amountBetween(rng, sol/10, 100*sol)
}

// walletRequest draws a request.
func (r *servedRun) walletRequest(rng *rand.Rand, s *scene) walletRequest {
	q := walletRequest{Request: route.Request{Amount: walletAmount(rng)}}
	q.SlippageBps = uint16(rng.IntN(3) * 50)
	at := rng.IntN(flowWeightsSum)
	for _, flow := range flows {
		if at -= flow.weight; at < 0 {
			q.flow = flow.name
			break
		}
	}

	one := r.popular(rng, s)
	two := one
	for two == one {
		two = r.popular(rng, s)
	}

	mSOL, stSOL, inf := s.tokens[servedPools].Mint, s.tokens[servedPools+1].Mint, accounts.INFMint
	switch q.flow {
	case flowStake:
		q.From, q.To = accounts.NativeMint, one
	case flowUnstake:
		q.From, q.To = one, accounts.NativeMint
	case flowSwap:
		q.From, q.To = one, two
	case flowDelayed:
		q.From, q.To, q.Deactivate = one, route.NativeStake, rng.IntN(4) > 0
	case flowLiquidity:
		pairs := [][2]solana.PublicKey{{accounts.NativeMint, inf}, {one, inf},
			{inf, accounts.NativeMint}, {inf, one}}
		pair := pairs[rng.IntN(len(pairs))]
		q.From, q.To = pair[0], pair[1]

	case flowOldTokens:
		pairs := [][2]solana.PublicKey{{accounts.NativeMint, mSOL}, {mSOL, accounts.NativeMint},
			{mSOL, one}, {one, mSOL}, {stSOL, accounts.NativeMint}, {stSOL, one},
			{mSOL, route.NativeStake}, {stSOL, route.NativeStake}, {stSOL, mSOL}}
		pair := pairs[rng.IntN(len(pairs))]
		q.From, q.To = pair[0], pair[1]

	case flowDeposit, flowSellStake:
		r.sellStake(rng, s, &q, one)
		return q
	}

	if rng.IntN(5) == 0 {
		q.SwapMode = route.ExactOut
	}

	q.Amount = min(q.Amount, r.most(rng, s, q.From))

	return q
}

// popular returns the mint of a stake pool. Large pools have more holders.
func (r *servedRun) popular(rng *rand.Rand, s *scene) solana.PublicKey {
	a, b := s.pools[rng.IntN(servedPools)], s.pools[rng.IntN(servedPools)]
	if a.State.TotalLamports > b.State.TotalLamports {
		return a.State.PoolMint
	}
	return b.State.PoolMint
}

// most returns the largest amount that one wallet holds of a token: at most a
// tenth of a pool's supply.
func (r *servedRun) most(rng *rand.Rand, s *scene, mint solana.PublicKey) uint64 {
	for _, pool := range s.pools {
		if pool.State.PoolMint == mint {
			return amountBetween(rng, pool.Mint.Supply/1_000, pool.Mint.Supply/10)
		}
	}
	return 50_000 * sol
}

// sellStake completes a request that sells a stake account.
func (r *servedRun) sellStake(rng *rand.Rand, s *scene, q *walletRequest, to solana.PublicKey) {
	q.stake, q.state = r.walletStake(rng, s)
	q.From, q.To = q.stake.Address, accounts.NativeMint
	if q.flow == flowDeposit {
		q.To = to
		if rng.IntN(12) == 0 {
			q.To = s.marinade.State.MSOLMint
		}
	}

	q.Amount = q.stake.Lamports
	if rng.IntN(4) == 0 {
		q.Amount = amountBetween(rng, max(q.stake.Lamports/100, 1), q.stake.Lamports)
	}
}

// walletStake draws a stake account of the user, with the name of its state.
func (r *servedRun) walletStake(rng *rand.Rand, s *scene) (accounts.Account, string) {
	epoch := r.chain.Clock.Epoch
	staked := max(r.chain.MinimumDelegation, walletAmount(rng))
	voter, state := figures.RandomKey(rng), "foreign validator"
	if rng.IntN(10) < 7 {
		pool := s.pools[rng.IntN(len(s.pools))]
		voter = pool.Validators[rng.IntN(len(pool.Validators))].Entry.VoteAccount
		state = "validator of a pool"
	}

	account := figures.Delegated(r.user.PublicKey(), figures.StoredRent, voter, staked,
		epoch-2-rng.Uint64N(300))
	d := &account.Delegation
	switch rng.IntN(25) {
	case 0, 1:
		d.ActivationEpoch, state = epoch, "activating"
	case 2, 3:
		d.DeactivationEpoch, state = epoch, "deactivating"
	case 4, 5:
		d.DeactivationEpoch, state = epoch-1-rng.Uint64N(3), "inactive"
	case 6:
		account.State, account.Delegation = accounts.StakeInitialized, accounts.Delegation{}
		state = "initialized"

	case 7:
		account.Lockup = accounts.Lockup{Epoch: epoch + 1 + rng.Uint64N(100),
			Custodian: figures.RandomKey(rng)}
		state = "locked"
	}

	lamports := figures.StoredRent + staked
	if rng.IntN(4) == 0 {
		lamports += amountBetween(rng, 1_000, sol)
		state += ", with tips"
	}

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, account.Encode())

	return accounts.Account{
		Address:  figures.RandomKey(rng),
		Owner:    accounts.StakeProgram,
		Lamports: lamports,
		Data:     data,
	}, state
}
