package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestMemo_ComputeUnits writes memos of all lengths and kinds of characters
// with the real program, and compares their compute units with the estimate for
// a transaction that is not simulated.
func TestMemo_ComputeUnits(t *testing.T) {
	l := connect(t)
	payer, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	l.batch(setAccount(accounts.Account{Address: payer.PublicKey(), Owner: accounts.SystemProgram,
		Lamports: 1_000 * sol}))
	for _, letter := range []string{"x", "\x00", "\n", "é", "€", "🐆"} {
		for _, length := range []int{1, 2, 10, 32, 100, 300, 566, 1_000} {
			if length > 1 && length < 2*len(letter) {
				continue // It is the same as the shortest.
			}

			text := strings.Repeat(letter, max(length/len(letter), 1))
			memo, err := txn.Memo(text)
			require.NoError(t, err)
			u, err := txn.Plan{
				Payer:    payer.PublicKey(),
				Steps:    []txn.Step{memo},
				Budget:   txn.ComputeBudget{ComputeUnitLimit: memo.ComputeUnits + 300},
				Lifetime: lifetime(t, l.batch(latestBlockhash)[0]),
			}.Compile()

			require.NoError(t, err)
			signed, err := u.Sign(t.Context(), payer)
			require.NoError(t, err)
			units := l.units(signed)
			t.Logf("%q x %d: %d bytes, %d units of %d", letter, len(text)/len(letter), len(text),
				units, memo.ComputeUnits)
			require.LessOrEqual(t, units, uint64(memo.ComputeUnits+300))
			require.NoError(t, l.execute(signed))
		}
	}
}
