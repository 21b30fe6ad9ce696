package accounts_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/dump"
)

// fixtures returns the account dumps by folder and name, for example
// "router/bsol-mint". If there is no folder of dumps, the test is skipped.
func fixtures(t *testing.T) map[string]accounts.Account {
	t.Helper()
	read, err := readFixtures()
	require.NoError(t, err)
	if read == nil {
		t.Skipf("set %s to a folder with account dumps to test them: see docs/testing.md",
			dump.FixturesVariable)
	}

	// Each test gets its own copy of the data.
	all := make(map[string]accounts.Account, len(read))
	for name, a := range read {
		a.Data = bytes.Clone(a.Data)
		all[name] = a
	}

	return all
}

// readFixtures reads the dumps once for all tests.
var readFixtures = sync.OnceValues(func() (map[string]accounts.Account, error) {
	top, ok := dump.Fixtures()
	if !ok {
		return nil, nil
	}

	all := make(map[string]accounts.Account)
	for _, folder := range []string{"router", "infinity-v1", "infinity-v2"} {
		list, err := dump.Dir(filepath.Join(top, folder))
		if err != nil {
			return nil, err
		}

		for _, d := range list {
			all[folder+"/"+d.Name] = d.Account
		}
	}

	return all, nil
})

// kindOf returns the decoder for an account, by its owner, discriminator and
// length, or an empty string.
func kindOf(t *testing.T, a accounts.Account) string {
	switch {
	case slices.Contains(accounts.StakePoolPrograms(), a.Owner):
		require.NotEmpty(t, a.Data)
		return map[byte]string{1: stakePoolName, 2: validatorListName}[a.Data[0]]
	case a.Owner == accounts.TokenProgram:
		return map[int]string{82: mintName, 165: tokenAccountName}[len(a.Data)]
	case a.Owner == accounts.StakeProgram:
		return stakeAccountName
	case a.Owner == accounts.LookupTableProgram:
		return lookupTableName
	case a.Owner == accounts.UpgradeableLoader:
		return programDataName
	case slices.Contains(accounts.ControllerPrograms(), a.Owner):
		// Neither account has a discriminator, and a list of three entries has
		// the same length as a pool state.
		c, err := accounts.NewController(a.Owner)
		require.NoError(t, err)
		return map[string]string{
			c.PoolState.String():    poolStateName,
			c.LSTStateList.String(): lstStateListName,
		}[a.Address.String()]

	case a.Owner == accounts.FlatFeeProgram:
		return map[int]string{34: flatFeeStateName, 6: flatFeeAccountName}[len(a.Data)]
	case a.Owner == accounts.FlatSlabProgram:
		return flatSlabName
	case a.Owner == accounts.ReserveV2PricingProgram:
		return reserveV2PricingName
	case slices.Contains(calculators(), a.Owner):
		return calculatorStateName
	case a.Owner == accounts.MarinadeProgram:
		return map[string]string{
			"\xd8\x92\x6b\x5e\x68\x4b\xb6\xb1": marinadeStateName,
			"validatr":                         marinadeValidatorListName,
			"staker__":                         marinadeStakeListName,
		}[string(a.Data[:8])]

	case a.Owner == accounts.ReserveProgram:
		return map[int]string{
			88:  reservePoolName,
			48:  reserveFeeName,
			104: reserveProtocolFeeName,
		}[len(a.Data)]

	case a.Owner == accounts.LidoProgram:
		return map[byte]string{1: lidoStateName, 2: lidoValidatorListName}[a.Data[0]]
	}

	return ""
}

// clean sets bytes to zero that have no meaning: the values of absent options
// in the accounts of token programs.
func clean(kind string, data []byte) []byte {
	bodies := map[string][][2]int{
		mintName:         {{0, 32}, {46, 32}},
		tokenAccountName: {{72, 32}, {109, 8}, {129, 32}},
	}
	for _, b := range bodies[kind] {
		if data[b[0]] == 0 {
			data = patch(data, b[0], make([]byte, 4+b[1])...)
		}
	}
	return data
}

// TestDecode_Dumps decodes and encodes every dump of an account type of this
// package.
func TestDecode_Dumps(t *testing.T) {
	byName := make(map[string]codec)
	owners := make(map[string]bool)
	for _, c := range append(codecs(), marinadeStateCodec(), lidoStateCodec(),
		lidoValidatorListCodec()) {
		byName[c.name] = c
		for _, o := range c.owners {
			owners[o.String()] = true
		}
	}

	// Marinade's lists need the state to decode: see
	// TestMarinadeValidatorList_Dumps.
	elsewhere := []string{marinadeValidatorListName, marinadeStakeListName}
	counts := make(map[string]int)
	for name, a := range fixtures(t) {
		if a.Owner == accounts.SystemProgram && len(a.Data) == 0 {
			continue
		}

		kind := kindOf(t, a)
		require.Equal(t, owners[a.Owner.String()], kind != "", "%s: no decoder reads it", name)
		if kind == "" {
			continue
		}

		counts[kind]++
		if slices.Contains(elsewhere, kind) {
			continue
		}

		t.Run(name, func(t *testing.T) {
			v, err := byName[kind].decode(a)
			require.NoError(t, err)
			packed := v.Encode()
			data := clean(kind, a.Data)
			require.LessOrEqual(t, len(packed), len(data))
			require.Equal(t, data[:len(packed)], packed)
			// The whole account must be read if it contains nothing but its
			// fields.
			if byName[kind].takesAll() || byName[kind].exact() {
				require.Len(t, packed, len(data))
			}
		})
	}

	t.Log("dumps per type:", counts)
	for kind, least := range map[string]int{
		stakePoolName:             3,
		validatorListName:         2,
		stakeAccountName:          9,
		mintName:                  13,
		tokenAccountName:          32,
		lookupTableName:           1,
		programDataName:           1,
		poolStateName:             3,
		lstStateListName:          3,
		flatFeeStateName:          1,
		flatFeeAccountName:        4,
		flatSlabName:              2,
		calculatorStateName:       3,
		marinadeStateName:         2,
		marinadeValidatorListName: 2,
		marinadeStakeListName:     1,
		lidoStateName:             2,
		reservePoolName:           1,
		reserveFeeName:            1,
		reserveProtocolFeeName:    1,
		reserveV2PricingName:      1,
	} {
		require.GreaterOrEqual(t, counts[kind], least, kind)
	}
}

func decodeFixture[T any](t *testing.T, name string, decode func(accounts.Account) (*T, error)) *T {
	t.Helper()
	a, ok := fixtures(t)[name]
	require.True(t, ok, "no dump %s", name)
	v, err := decode(a)
	require.NoError(t, err)
	return v
}
