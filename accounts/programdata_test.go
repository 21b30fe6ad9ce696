package accounts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestProgramData_Dumps(t *testing.T) {
	const name = "infinity-v2/inf-programdata-header"
	header := decodeFixture(t, name, accounts.DecodeProgramData)
	require.Equal(t, &accounts.ProgramData{
		DeploySlot:       411_884_877,
		UpgradeAuthority: ptr(mpk("47SND7bGKvNXrqfP1bjsLCbwTgZhFBzAgmZ42QSkRScz")),
	}, header)
	address, err := accounts.ProgramDataAddress(accounts.InfinityProgram)
	require.NoError(t, err)
	require.Equal(t, fixtures(t)[name].Address, address)
	require.Empty(t, accounts.ProgramHash(fixtures(t)[name].Data))
}

// TestProgramHash uses the SHA-256 of "abc" and of no data from the standard
// (FIPS 180-4).
func TestProgramHash(t *testing.T) {
	const (
		abc     = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
		nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	)

	header := accounts.ProgramData{DeploySlot: 1, UpgradeAuthority: keyPtr(0xFF)}.Encode()
	require.Len(t, header, accounts.ProgramDataHeaderSize)
	for _, test := range []struct {
		name string
		code string
		want string
	}{
		{"no padding", "abc", abc},
		{"padding", "abc" + string(make([]byte, 1000)), abc},
		{"zeros only", "\x00\x00", nothing},
		{"none", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, accounts.ProgramHash(append(header[:45:45], test.code...)))
		})
	}

	require.Empty(t, accounts.ProgramHash(header[:44]))
	require.Empty(t, accounts.ProgramHash(nil))

	inner := accounts.ProgramHash(append(header[:45:45], "\x00abc"...))
	require.Len(t, inner, 64)
	require.NotEqual(t, abc, inner, "zeros in front are code")
}
