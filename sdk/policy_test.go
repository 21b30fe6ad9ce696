package sdk_test

import (
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestClient_PolicyCountsCostsOnce verifies a sale of a part of a stake account
// for wrapped SOL, whose costs and output are lamports: the rent of the account
// that is split off, 2,282,880 lamports, leaves the owner and the output
// arrives. A random sequence of operations against the real programs found that
// the policy of the sale refused it.
func TestClient_PolicyCountsCostsOnce(t *testing.T) {
	f := newVerifying(t)
	checked := 0
	for _, recipient := range []solana.PublicKey{{}, newSigner(t).PublicKey()} {
		quotes, _ := f.market.Quotes(route.Request{
			From:   f.market.StakeAccounts()[0],
			To:     accounts.NativeMint,
			Amount: 3*sol + 1,
			Options: route.Options{
				UseWSOL:   true,
				Recipient: recipient,
			},
		})

		for _, q := range quotes {
			name := fmt.Sprintf("%s for %s", q.Venue, recipient)
			// For a recipient, the rent returns from a temporary account.
			require.Equal(t, recipient.IsZero(), len(q.Costs) > 0, name)
			u, q, o := f.build(t, q, f.owner, buildModes[0], name)
			policy, err := f.client.Policy(t.Context(), q, o)
			require.NoError(t, err, name)
			e := explain.Transaction(u, lst.Default())
			require.NoError(t, explain.Verify(e, policy), name)
			f.tighten(t, e, policy, name)
			checked++
		}
	}

	require.GreaterOrEqual(t, checked, 2)
}
