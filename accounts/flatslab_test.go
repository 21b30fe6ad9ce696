package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestFlatSlab_Order checks the order of the entries, which the program finds
// by binary search over the unsigned bytes of the mint.
func TestFlatSlab_Order(t *testing.T) {
	// The mints begin with 0x7E, 0x7F and 0x80. With signed bytes their order
	// would be different.
	s := slab(3)
	for i := range s.Entries {
		require.Same(t, &s.Entries[i], s.Find(s.Entries[i].Mint))
	}

	for _, missing := range []solana.PublicKey{{}, key(0x7D), key(0x81), key(0xFF)} {
		require.Nil(t, s.Find(missing))
	}

	near := s.Entries[1].Mint
	near[31]--
	require.Nil(t, s.Find(near))
	require.Nil(t, (&accounts.FlatSlab{}).Find(key(1)))

	for _, test := range []struct {
		name string
		mint solana.PublicKey
		want error
	}{
		{"as it is", s.Entries[1].Mint, nil},
		{"between", near, nil},
		{"double", s.Entries[0].Mint, accounts.ErrInvalidValue},
		{"below the one before", key(0x01), accounts.ErrInvalidValue},
		{"the next one", s.Entries[2].Mint, accounts.ErrInvalidValue},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := accounts.Account{
				Address: sampleAddress,
				Owner:   accounts.FlatSlabProgram,
				Data:    patch(s.Encode(), 32+40, test.mint[:]...),
			}

			got, err := accounts.DecodeFlatSlab(a)
			if test.want == nil {
				require.NoError(t, err)
				require.Equal(t, test.mint, got.Entries[1].Mint)
				return
			}

			require.Nil(t, got)
			e := requireDecodeError(t, err, flatSlabName, sampleAddress, test.want)
			require.Equal(t, "mint", e.Field)
			require.Contains(t, []int{32 + 40, 32 + 80}, e.Offset)
		})
	}
}

// TestFlatSlab_Dump checks the fees of the dump, in billionths. They are
// invented.
func TestFlatSlab_Dump(t *testing.T) {
	want := accounts.FlatSlab{Entries: []accounts.FlatSlabEntry{
		{Mint: accounts.NativeMint, InpFeeNanos: 5_000_000, OutFeeNanos: 6_000_000},
		{Mint: jupsolMint, InpFeeNanos: -1_000_000, OutFeeNanos: -2_000_000},
		{Mint: accounts.MSOLMint, InpFeeNanos: 3_000_000, OutFeeNanos: 4_000_000},
		{Mint: accounts.INFMint, InpFeeNanos: 9_000_000, OutFeeNanos: 10_000_000},
		{Mint: accounts.StSOLMint, InpFeeNanos: 7_000_000, OutFeeNanos: 8_000_000},
	}}

	for _, name := range []string{"infinity-v1/flatslab-slab", "infinity-v2/flatslab-slab"} {
		got := decodeFixture(t, name, accounts.DecodeFlatSlab)
		require.Equal(t, want, *got, name)
		for i := range want.Entries {
			require.Equal(t, &want.Entries[i], got.Find(want.Entries[i].Mint))
		}

		require.Nil(t, got.Find(accounts.ReserveV2Mint))
	}
}
