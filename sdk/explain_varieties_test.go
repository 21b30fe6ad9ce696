package sdk_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// varieties are further markets and requests whose transactions are verified:
// pools that are updated in the same transaction, the owner's own pools, and
// recipients without a private key.
var varieties = []struct {
	name   string
	change func(m *demo.Market, owner solana.PublicKey)
	set    func(r *route.Options, owner solana.PublicKey)
}{
	{
		name:   ", pools updated",
		change: func(m *demo.Market, _ solana.PublicKey) { befriend(m); age(m) },
		set:    func(r *route.Options, _ solana.PublicKey) { r.AllowPoolUpdate = true },
	},
	{
		name: ", owner receives the pool's fees",
		change: func(m *demo.Market, owner solana.PublicKey) {
			befriend(m)
			for i := range m.StakePools {
				receiveFees(&m.StakePools[i], owner)
			}
		},
		set: func(r *route.Options, owner solana.PublicKey) { r.User = owner },
	},
	{
		name: ", owner is the pool's authority",
		change: func(m *demo.Market, owner solana.PublicKey) {
			befriend(m)
			for i := range m.StakePools {
				state := &m.StakePools[i].State
				state.SOLDepositAuthority, state.SOLWithdrawAuthority = &owner, &owner
				state.StakeDepositAuthority = owner
			}
		},
		set: func(r *route.Options, owner solana.PublicKey) { r.User = owner },
	},
	{
		name:   ", vault",
		change: func(m *demo.Market, _ solana.PublicKey) { befriend(m) },
		set: func(r *route.Options, owner solana.PublicKey) {
			vault, _, err := solana.FindProgramAddress([][]byte{owner[:]}, accounts.ReserveProgram)
			if err == nil {
				r.Recipient, r.AllowRecipientOffCurve = vault, true
			}
		},
	},
}

// receiveFees makes the owner's associated token account the fee account of a
// pool.
func receiveFees(pool *figures.StakePool, owner solana.PublicKey) {
	address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram,
		pool.State.PoolMint)
	if err != nil || pool.FeeAccount == nil {
		return
	}
	pool.State.ManagerFeeAccount = address
	pool.FeeAccount.Owner = owner
}

// addVarieties verifies the transactions of the varieties as well, and adds
// them to the corpus.
func (f *verifying) addVarieties(t *testing.T) {
	t.Helper()
	for _, variety := range varieties {
		g := newVerifyingIn(t, variety.change)
		g.variety = variety.name
		sponsor := newSigner(t).PublicKey()
		var mints []solana.PublicKey
		for _, token := range g.market.Tokens() {
			mints = append(mints, token.Mint)
		}

		froms := append([]solana.PublicKey{accounts.NativeMint, accounts.MSOLMint,
			accounts.StSOLMint, g.market.StakeAccounts()[0]}, mints[:4]...)
		tos := append([]solana.PublicKey{accounts.NativeMint, route.NativeStake,
			accounts.MSOLMint}, mints[:4]...)
		for i, from := range froms {
			for j, to := range tos {
				if from == to {
					continue
				}

				r := route.Request{From: from, To: to, Amount: 3*sol + 1, Options: route.Options{
					SwapMode:         route.SwapMode((i + j) % 2),
					SlippageBps:      10,
					OnlyDirectRoutes: true,
				}}

				variety.set(&r.Options, g.owner)
				quotes, _ := g.market.Quotes(r)
				for _, q := range quotes {
					for _, payer := range []solana.PublicKey{g.owner, sponsor} {
						g.verify(t, q, payer, buildModes[0])
					}
				}
			}
		}

		require.Empty(t, g.survivors, variety.name)
		require.Greater(t, g.transactions, 20, variety.name)
		t.Logf("%d transactions verified%s, %d limits tightened, %d recorded", g.transactions,
			variety.name, g.tight, len(g.corpus))
		f.corpus = append(f.corpus, g.corpus...)
	}
}
