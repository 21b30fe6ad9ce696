package e2e

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// recordToken2022Variable names the file to record the cases of Token-2022
// pools to as golden vectors.
const recordToken2022Variable = "SANCTUM_E2E_RECORD_TOKEN2022"

// servedExtensions are extensions of mints that a market serves, as Token-2022
// stores them. The transfer fee is 690 basis points without a maximum.
func servedExtensions(mint solana.PublicKey, authority solana.PublicKey) []accounts.Extension {
	fee := binary.LittleEndian.AppendUint16(append(make([]byte, 8),
		0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF), 690)
	metadata := append(append([]byte{}, authority[:]...), mint[:]...)
	for _, text := range []string{"Test Staked SOL", "testSOL", ""} {
		metadata = binary.LittleEndian.AppendUint32(metadata, uint32(len(text)))
		metadata = append(metadata, text...)
	}

	return []accounts.Extension{
		{Type: accounts.ExtensionTransferFeeConfig,
			Data: append(append(append(authority[:], authority[:]...), make([]byte, 8)...),
				append(fee, fee...)...)},
		{Type: accounts.ExtensionConfidentialTransferMint, Data: make([]byte, 65)},
		{Type: accounts.ExtensionDefaultAccountState, Data: []byte{1}},
		{Type: accounts.ExtensionInterestBearingConfig, Data: make([]byte, 52)},
		{Type: accounts.ExtensionConfidentialTransferFeeConfig, Data: make([]byte, 129)},
		{Type: accounts.ExtensionMetadataPointer, Data: append(make([]byte, 32), mint[:]...)},
		{Type: accounts.ExtensionGroupPointer, Data: make([]byte, 64)},
		{Type: accounts.ExtensionTokenGroup, Data: make([]byte, 80)},
		{Type: accounts.ExtensionGroupMemberPointer, Data: make([]byte, 64)},
		{Type: accounts.ExtensionTokenGroupMember, Data: make([]byte, 72)},
		{Type: accounts.ExtensionScaledUIAmount, Data: make([]byte, 56)},
		{Type: accounts.ExtensionTokenMetadata,
			Data: binary.LittleEndian.AppendUint32(metadata, 0)},
	}
}

// toToken2022 moves the mint of a pool to Token-2022, with extensions.
func toToken2022(pool *figures.StakePool, extensions []accounts.Extension) {
	pool.State.TokenProgram = accounts.Token2022Program
	pool.Mint.Extensions = extensions
	if pool.FeeAccount != nil {
		pool.FeeAccount.Extensions = accountExtensions(pool)
	}
}

// someExtensions returns a random selection of the served extensions.
func someExtensions(rng *rand.Rand, pool *figures.StakePool) []accounts.Extension {
	var some []accounts.Extension
	for _, e := range servedExtensions(pool.State.PoolMint, figures.RandomKey(rng)) {
		if rng.IntN(2) == 0 {
			some = append(some, e)
		}
	}
	return some
}

// accountExtensions returns the extensions of the associated token accounts of
// a pool's mint, or none for a classic mint.
func accountExtensions(pool *figures.StakePool) []accounts.Extension {
	if pool.State.TokenProgram != accounts.Token2022Program {
		return nil
	}

	list := []accounts.Extension{{Type: accounts.ExtensionImmutableOwner, Data: []byte{}}}
	for _, e := range pool.Mint.Extensions {
		if e.Type == accounts.ExtensionTransferFeeConfig {
			list = append(list, accounts.Extension{Type: accounts.ExtensionTransferFeeAmount,
				Data: make([]byte, 8)})
		}
	}

	return list
}

// withheld returns the transfer fees that a token account holds back.
func withheld(a *accounts.TokenAccount) uint64 {
	for _, e := range a.Extensions {
		if e.Type == accounts.ExtensionTransferFeeAmount {
			return binary.LittleEndian.Uint64(e.Data)
		}
	}
	return 0
}

// TestStakePool_Token2022 executes random deposits and withdrawals of pools
// whose mints have extensions. The output must match the quote to the lamport,
// and the program must refuse what the quote refuses.
func TestStakePool_Token2022(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	cases := int(envUint(t, casesVariable, defaultCases))
	seed := envUint(t, seedVariable, rand.Uint64())
	record := golden.StakePools{Chain: chain}
	for _, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		for _, op := range []string{golden.DepositSOL, golden.WithdrawSOL, golden.DepositStake,
			golden.WithdrawStake} {
			t.Run(program.String()[:4]+"/"+op, func(t *testing.T) {
				l.t = t
				r := newStakePoolRun(l, chain, program, hash, op)
				r.token2022 = true
				for i := range cases {
					r.one(seed+uint64(i), &record)
				}

				t.Logf(
					"seed %d: %d executed as quoted, %d refused by both, %d by the quote alone: %v",
					seed,
					r.executed,
					r.refused,
					r.cautious,
					r.reasons,
				)
			})
		}
	}

	if path := os.Getenv(recordToken2022Variable); path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// TestClient_Token2022 stakes and unstakes through the client with an LST of
// Token-2022. The owner has no token account yet. The wallet's policy accepts
// the transaction, and its maximum rent is exactly the rent that is paid.
func TestClient_Token2022(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	program := accounts.SanctumStakePoolProgram
	l.batch(dropAccount(accounts.ReservePoolAddress))
	for n := range min(40, int(envUint(t, casesVariable, 40))) {
		r := newStakePoolRun(l, l.chain(), program, l.programHash(program), golden.DepositSOL)
		rng := rand.New(rand.NewPCG(seed, uint64(n)))
		pool, token := clientPool(t, r, rng, lst.KindSanctumSPL)
		toToken2022(pool, someExtensions(rng, pool))
		token.TokenProgram = accounts.Token2022Program
		pool.Reserve.Lamports += 100 * sol
		pool.State.TotalLamports += 100 * sol
		pool.State.PoolTokenSupply += 100 * sol
		pool.Mint.Supply = pool.State.PoolTokenSupply
		r.publish(pool)
		l.batch(setAccount(accounts.Account{Address: r.user.PublicKey(),
			Owner: accounts.SystemProgram, Lamports: 1_000 * sol}))

		registry, err := lst.Default().With(token)
		require.NoError(t, err)
		client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
		require.NoError(t, err)
		got := r.token2022Trade(client, token, route.Request{From: accounts.NativeMint,
			To: token.Mint, Amount: sol + rng.Uint64N(50*sol)}, 182, 170)
		r.token2022Trade(client, token, route.Request{From: token.Mint,
			To: accounts.NativeMint, Amount: got / 2}, 0)
	}
}

// token2022Trade executes a request and returns what arrived. The rent paid is
// that of an account of one of the sizes, or zero.
func (r *stakePoolRun) token2022Trade(
	client *sdk.Client, token lst.LST, request route.Request, sizes ...uint64,
) uint64 {
	t := r.t
	ctx := context.Background()
	owner := r.user.PublicKey()
	o := sdk.BuildOptions{Owner: owner}
	market, err := client.LoadMarketForRequest(ctx, request)
	require.NoError(t, err)
	q, err := market.Quote(request)
	require.NoError(t, err)
	unsigned, err := client.Build(ctx, q, o)
	require.NoError(t, err)
	policy, err := client.Policy(ctx, q, o)
	require.NoError(t, err)
	require.NoError(t, explain.Verify(explain.Transaction(unsigned, nil), policy))

	account, err := accounts.AssociatedTokenAddress(owner, token.TokenProgram, token.Mint)
	require.NoError(t, err)
	before := r.get(owner, account)
	receipt := r.signAndSend(client, unsigned)
	after := r.get(owner, account)
	b := balances{t: t, before: before, after: after, fee: receipt}
	lamports := b.gained(owner) + receipt
	if request.From != accounts.NativeMint {
		require.Equal(t, q.In, -b.tokensGained(account))
		require.Equal(t, q.Out, lamports)
		return lamports
	}

	var rents []uint64
	for _, size := range sizes {
		rent, err := r.chain.Rent.MinimumBalance(size)
		require.NoError(t, err)
		rents = append(rents, rent)
	}

	require.Contains(t, rents, -lamports-q.In)
	require.Equal(t, policy.MaxRent, -lamports-q.In)
	require.Equal(t, q.Out, b.tokensGained(account))

	return q.Out
}

// signAndSend signs and sends a transaction and returns its fee.
func (r *stakePoolRun) signAndSend(client *sdk.Client, unsigned *txn.Unsigned) uint64 {
	ctx := context.Background()
	signed, err := unsigned.Sign(ctx, r.user)
	require.NoError(r.t, err)
	receipt, err := client.Send(ctx, signed)
	require.NoError(r.t, err)
	return receipt.Fee
}

// TestMarket_Token2022Refused publishes a mint with each extension that blocks,
// takes or freezes tokens. Every venue refuses it by its name.
func TestMarket_Token2022Refused(t *testing.T) {
	l := connect(t)
	program := accounts.SanctumStakePoolProgram
	for _, e := range []accounts.ExtensionType{3, 9, 12, 14, 24, 26, 28, 29, 500} {
		r := newStakePoolRun(l, l.chain(), program, l.programHash(program), golden.DepositSOL)
		pool, token := clientPool(t, r, rand.New(rand.NewPCG(1, uint64(e))), lst.KindSanctumSPL)
		toToken2022(pool, []accounts.Extension{{Type: e, Data: make([]byte, 64)}})
		token.TokenProgram = accounts.Token2022Program
		r.publish(pool)
		registry, err := lst.Default().With(token)
		require.NoError(t, err)
		client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
		require.NoError(t, err)
		_, _, err = client.Stake(context.Background(), token.Mint, sol,
			sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: r.user.PublicKey()}})
		require.ErrorIs(t, err, quote.ErrUnsupportedMint)
		require.ErrorContains(t, err, e.String()+": ")
	}
}
