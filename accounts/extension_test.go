package accounts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestExtensionType_String(t *testing.T) {
	// The names and numbers are those of the enum ExtensionType in
	// solana-program/token-2022.
	for number, name := range map[accounts.ExtensionType]string{
		1: "TransferFeeConfig", 3: "MintCloseAuthority", 9: "NonTransferable",
		12: "PermanentDelegate", 14: "TransferHook", 18: "MetadataPointer",
		24: "ConfidentialMintBurn",
		26: "Pausable", 27: "PausableAccount", 28: "PermissionedBurn",
		0: "extension type 0", 29: "extension type 29", 65535: "extension type 65535",
	} {
		require.Equal(t, name, number.String())
	}
}

// TestAssociatedTokenSpace has the sizes that the associated token account
// program gives the accounts, as executed by TestClient_Token2022 of package
// e2e.
func TestAssociatedTokenSpace(t *testing.T) {
	of := func(types ...accounts.ExtensionType) []accounts.Extension {
		var list []accounts.Extension
		for _, e := range types {
			list = append(list, accounts.Extension{Type: e, Data: []byte{}})
		}

		return list
	}

	for _, c := range []struct {
		name       string
		token2022  bool
		extensions []accounts.Extension
		want       uint64
	}{
		{"classic", false, nil, 165},
		{"without extensions", true, nil, 170},
		{"metadata", true, of(accounts.ExtensionMetadataPointer, accounts.ExtensionTokenMetadata),
			170},
		{"transfer fee", true, of(accounts.ExtensionTransferFeeConfig), 182},
		{"transfer hook", true, of(accounts.ExtensionTransferHook), 175},
		{"all", true, of(accounts.ExtensionTransferFeeConfig, accounts.ExtensionTransferHook,
			accounts.ExtensionPausable, accounts.ExtensionNonTransferable), 195},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := accounts.Account{Owner: accounts.TokenProgram,
				Data: accounts.Mint{Extensions: c.extensions}.Encode()}
			if c.token2022 {
				a.Owner = accounts.Token2022Program
			}

			got, err := accounts.AssociatedTokenSpace(a)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}

	_, err := accounts.AssociatedTokenSpace(accounts.Account{Owner: accounts.SystemProgram})
	require.ErrorIs(t, err, accounts.ErrWrongOwner)
}
