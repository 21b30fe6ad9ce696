package quote_test

import (
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestCheckMint_Extensions checks the decision for every number from 0 to 64.
// Extensions that no text names here must be refused: those of token accounts,
// and those of later versions of the program.
func TestCheckMint_Extensions(t *testing.T) {
	served := map[accounts.ExtensionType]bool{1: true, 4: true, 10: true, 16: true, 18: true,
		19: true, 20: true, 21: true, 22: true, 23: true, 25: true}
	reasons := map[accounts.ExtensionType]string{
		3: "close the mint", 9: "cannot be transferred", 12: "take the tokens",
		14: "block transfers",
		24: "cannot mint or burn", 26: "block minting", 28: "block burning",
	}

	for e := accounts.ExtensionType(0); e <= 64; e++ {
		if e == accounts.ExtensionDefaultAccountState {
			continue
		}

		err := quote.CheckMint(&accounts.Mint{Extensions: []accounts.Extension{
			{Type: accounts.ExtensionMetadataPointer},
			{Type: e},
		}})

		if served[e] {
			require.NoError(t, err, e)
			continue
		}

		require.ErrorIs(t, err, quote.ErrUnsupportedMint, e)
		require.ErrorContains(t, err, e.String()+": ")
		reason, ok := reasons[e]
		if !ok {
			reason = "not known to this version"
		}

		require.ErrorContains(t, err, reason)
		require.Less(t, strings.Count(err.Error(), "\n"), 1)
	}

	require.NoError(t, quote.CheckMint(nil))
	require.NoError(t, quote.CheckMint(&accounts.Mint{FreezeAuthority: &solana.PublicKey{1}}))
}

func TestCheckMint_DefaultAccountState(t *testing.T) {
	for _, c := range []struct {
		name   string
		data   []byte
		freeze *solana.PublicKey
		served bool
	}{
		{"not frozen", []byte{1}, nil, true},
		{"frozen", []byte{2}, nil, false},
		{"uninitialized", []byte{0}, nil, false},
		{"empty", nil, nil, false},
		{"too long", []byte{1, 1}, nil, false},
		{"a freeze authority may change it", []byte{1}, &solana.PublicKey{1}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := quote.CheckMint(&accounts.Mint{
				FreezeAuthority: c.freeze,
				Extensions: []accounts.Extension{
					{Type: accounts.ExtensionDefaultAccountState, Data: c.data},
				},
			})
			if c.served {
				require.NoError(t, err)
				return
			}

			require.ErrorIs(t, err, quote.ErrUnsupportedMint)
			require.ErrorContains(t, err, "DefaultAccountState: ")
		})
	}
}
