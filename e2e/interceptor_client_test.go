package e2e

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// receiptClaims is the number of receipts that the client claims.
const receiptClaims = 30

// TestInterceptor_ClientClaims deposits stake for receipts, finds them with a
// new client, claims them at random times, and compares with what the client
// said.
func TestInterceptor_ClientClaims(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	program := accounts.StakePoolProgram
	if l.programHash(accounts.InterceptorProgram) == "" {
		t.Skip("the interceptor is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	r := &interceptorRun{stakePoolRun: newStakePoolRun(l, chain, program, l.programHash(program),
		golden.DepositStake)}
	defer r.batch(setClock(chain.Clock))
	bySponsor := 0
	for i := uint64(0); r.executed < receiptClaims; i++ {
		rng := rand.New(rand.NewPCG(seed, i))
		pool, c, ok := r.deposited(rng)
		if !ok {
			continue
		}

		sponsored := rng.IntN(2) == 0
		r.claimThroughClient(rng, pool, c, sponsored)
		r.executed++
		if sponsored {
			bySponsor++
		}
	}

	t.Logf("%d receipts found and claimed, %d of them paid by a sponsor", r.executed, bySponsor)
}

// deposited deposits a random stake account for a receipt. It reports false if
// the pool refuses it.
func (r *interceptorRun) deposited(
	rng *rand.Rand,
) (*figures.StakePool, *golden.InterceptorCase, bool) {
	t := r.t
	pool, err := figures.RandomStakePool(rng, r.program, r.chain)
	require.NoError(t, err)
	plain := r.randomCase(rng, pool)
	c := &golden.InterceptorCase{
		Authority:    r.randomAuthority(rng, pool),
		Validator:    plain.Validator,
		Stake:        *plain.Stake,
		User:         plain.User,
		Base:         r.authority.PublicKey(),
		TokenAccount: plain.TokenAccount,
		Referrer:     plain.Referrer,
		StakeAccount: plain.StakeAccount,
		Build:        r.hash,
	}

	if _, err := c.Deposit(pool, r.chain); err != nil {
		return nil, nil, false
	}

	r.prepareCase(pool, plain, c)
	deposit, _, err := c.BuildInstructions(pool)
	require.NoError(t, err)
	steps, err := txn.AuthorizeStake(c.StakeAccount, c.User, pool.State.StakeDepositAuthority)
	require.NoError(t, err)
	require.NoError(t,
		r.send(append(steps, txn.Step{Description: "deposit", Instruction: deposit})...))

	return pool, c, true
}

// claimThroughClient finds the receipt of a case with a new client, and claims
// it.
func (r *interceptorRun) claimThroughClient(
	rng *rand.Rand, pool *figures.StakePool, c *golden.InterceptorCase, sponsored bool,
) {
	t := r.t
	r.batch(setClock(laterBy(r.chain.Clock, rng.Int64N(int64(c.Authority.CoolDownSeconds)*2+2))))
	client, err := sdk.New(r.endpoint)
	require.NoError(t, err)
	receipts, err := client.StakeReceipts(t.Context(), c.User)
	require.NoError(t, err)
	require.Len(t, receipts, 1)
	require.Equal(t, pool.Address, receipts[0].Receipt.StakePool)

	o := sdk.BuildOptions{Owner: c.User}
	signers := []txn.Signer{r.user}
	if sponsored {
		o.Payer = r.payer.PublicKey()
		signers = append(signers, r.payer)
	}

	unsigned, claim, err := client.ClaimStakeReceipt(t.Context(), receipts[0].Address, o)
	require.NoError(t, err)
	if sponsored && !claim.OwnerSigns {
		signers = signers[1:]
	}

	signed, err := unsigned.Sign(context.Background(), signers...)
	require.NoError(t, err)
	require.NoError(t, r.execute(signed))

	mint := pool.State.PoolMint
	token, err := accounts.AssociatedTokenAddress(c.User, accounts.TokenProgram, mint)
	require.NoError(t, err)
	fees, err := accounts.AssociatedTokenAddress(c.Authority.FeeWallet, accounts.TokenProgram, mint)
	require.NoError(t, err)
	set := r.get(token, fees, receipts[0].Address)
	for address, want := range map[solana.PublicKey]uint64{token: claim.Tokens, fees: claim.Fee} {
		account, err := accounts.Load(set, address, accounts.DecodeTokenAccount)
		require.NoError(t, err)
		require.Equal(t, want, account.Amount)
	}

	require.False(t, exists(set, receipts[0].Address))
	_, _, err = client.ClaimStakeReceipt(t.Context(), receipts[0].Address, o)
	require.ErrorIs(t, err, sdk.ErrNoStakeReceipt)
}
