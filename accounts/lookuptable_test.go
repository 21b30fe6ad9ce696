package accounts_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestLookupTable_Dump(t *testing.T) {
	srlut := decodeFixture(t, "router/srlut", accounts.DecodeLookupTable)
	require.Equal(t, uint64(accounts.NeverEpoch), srlut.DeactivationSlot)
	require.NotNil(t, srlut.Authority)
	require.Len(t, srlut.Addresses, 235)
	for i, want := range map[int]string{
		0:  accounts.ClockSysvar.String(),
		1:  accounts.RentSysvar.String(),
		2:  accounts.StakeHistorySysvar.String(),
		3:  accounts.EpochScheduleSysvar.String(),
		6:  accounts.EpochRewardsSysvar.String(),
		9:  accounts.SystemProgram.String(),
		10: accounts.StakeProgram.String(),
		11: accounts.TokenProgram.String(),
		12: accounts.AssociatedTokenProgram.String(),
		13: accounts.NativeMint.String(),
		14: accounts.ReserveProgram.String(),
		32: accounts.MarinadeProgram.String(),
		33: accounts.SanctumStakePoolProgram.String(),
		34: accounts.SanctumMultiStakePoolProgram.String(),
		35: accounts.StakePoolProgram.String(),
	} {
		require.Equal(t, want, srlut.Addresses[i].String(), "entry %d", i)
	}

	require.Equal(t, accounts.LidoProgram, srlut.Addresses[152])
}

// TestLookupTable_Lengths checks lengths that are not those of a list of
// addresses, or of too many addresses.
func TestLookupTable_Lengths(t *testing.T) {
	head := table(0, nil).Encode()
	for _, test := range []struct {
		name  string
		bytes int
		want  error
	}{
		{"none", 0, nil},
		{"the maximum", 256 * 32, nil},
		{"too many", 257 * 32, accounts.ErrWrongLength},
		{"one byte more", 33, accounts.ErrWrongLength},
		{"one byte less", 31, accounts.ErrWrongLength},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := accounts.Account{
				Owner: accounts.LookupTableProgram,
				Data:  slices.Concat(head, make([]byte, test.bytes)),
			}

			got, err := accounts.DecodeLookupTable(a)
			if test.want == nil {
				require.NoError(t, err)
				require.Len(t, got.Addresses, test.bytes/32)
				return
			}

			e := requireDecodeError(t, err, lookupTableName, solana.PublicKey{}, test.want)
			require.Equal(t, "addresses", e.Field)
			require.Equal(t, 56, e.Offset)
		})
	}
}
