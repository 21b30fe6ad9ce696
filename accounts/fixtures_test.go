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
		return map[string]string{c.PoolState.String(): poolStateName,
			c.LSTStateList.String(): lstStateListName}[a.Address.String()]

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
		return map[int]string{88: reservePoolName, 48: reserveFeeName, 104: reserveProtocolFeeName}[len(a.Data)]
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
		require.Equal(t, owners[a.Owner.String()], kind != "", "%s: nobody looks at it", name)
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
		stakePoolName: 3, validatorListName: 2, stakeAccountName: 9, mintName: 13,
		tokenAccountName: 32, lookupTableName: 1,
		programDataName: 1, poolStateName: 3, lstStateListName: 3, flatFeeStateName: 1,
		flatFeeAccountName: 4, flatSlabName: 2,
		calculatorStateName: 3, marinadeStateName: 2, marinadeValidatorListName: 2,
		marinadeStakeListName: 1, lidoStateName: 2,
		reservePoolName: 1, reserveFeeName: 1, reserveProtocolFeeName: 1, reserveV2PricingName: 1,
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

// TestStakePool_Dumps checks known values: those of bSOL and JupSOL are from
// worked examples that were executed by the program, those of picoSOL were read
// from the bytes.
func TestStakePool_Dumps(t *testing.T) {
	all := fixtures(t)
	feeOf := func(numerator, denominator uint64) accounts.Fee {
		return accounts.Fee{Numerator: numerator, Denominator: denominator}
	}
	for _, test := range []struct {
		name, validatorStake, reserve string
		lamports, supply, epoch       uint64
		bump                          uint8
		solDeposit, stakeDeposit      accounts.Fee
		solWithdrawal, stakeWithdraw  accounts.Fee
		solReferral, stakeReferral    uint8
		packed                        int
	}{
		{
			"router/bsol-stake-pool", "router/bsol-validator-stake-lidomax", "router/bsol-reserve",
			1_144_546_482_246_437, 934_784_722_219_576, 802, 253,
			feeOf(8, 10_000), feeOf(10, 10_000), feeOf(10, 10_000), feeOf(10, 10_000), 100, 0, 435,
		},
		{
			"router/picosol-stake-pool", "router/picosol-validator-stake-pico",
			"router/picosol-reserve",
			128_350_525_083_404, 108_350_525_083_404, 787, 255,
			feeOf(1, 1000), feeOf(0, 100), feeOf(1, 1000), feeOf(0, 1000), 0, 0, 435,
		},
		{
			"infinity-v1/jupsol-pool", "", "",
			5_279_156_915_932_922, 4_737_129_478_525_448, 0, 255,
			feeOf(0, 100), feeOf(0, 0), feeOf(1, 1000), feeOf(1, 1000), 0, 0, 435,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := all[test.name]
			p, err := accounts.DecodeStakePool(a)
			require.NoError(t, err)
			require.Equal(t, test.lamports, p.TotalLamports)
			require.Equal(t, test.supply, p.PoolTokenSupply)
			require.Equal(t, test.epoch, p.LastUpdateEpoch)
			require.Equal(t, test.bump, p.StakeWithdrawBumpSeed)
			require.Equal(t, test.solDeposit, p.SOLDepositFee)
			require.Equal(t, test.stakeDeposit, p.StakeDepositFee)
			require.Equal(t, test.solWithdrawal, p.SOLWithdrawalFee)
			require.Equal(t, test.stakeWithdraw, p.StakeWithdrawalFee)
			require.Equal(t, test.solReferral, p.SOLReferralFee)
			require.Equal(t, test.stakeReferral, p.StakeReferralFee)
			require.Equal(t, accounts.TokenProgram, p.TokenProgram)
			require.Len(t, p.Encode(), test.packed)

			authority, err := accounts.StakePoolWithdrawAuthority(a.Owner, a.Address)
			require.NoError(t, err)
			stored, err := p.WithdrawAuthority(a.Owner, a.Address)
			require.NoError(t, err)
			require.Equal(t, authority, stored)
			deposit, err := accounts.StakePoolDepositAuthority(a.Owner, a.Address)
			require.NoError(t, err)
			require.Equal(t, deposit, p.StakeDepositAuthority)
			if test.reserve == "" {
				return
			}

			require.Equal(t, all[test.reserve].Address, p.ReserveStake)
			reserve, err := accounts.DecodeStakeAccount(all[test.reserve])
			require.NoError(t, err)
			require.Equal(t, accounts.StakeInitialized, reserve.State)
			require.Equal(t, authority, reserve.Staker)
			require.Equal(t, authority, reserve.Withdrawer)
			require.Zero(t, reserve.Delegation)

			stake, err := accounts.DecodeStakeAccount(all[test.validatorStake])
			require.NoError(t, err)
			require.Equal(t, accounts.StakeDelegated, stake.State)
			require.Equal(t, authority, stake.Withdrawer)
			require.Equal(t, uint64(accounts.NeverEpoch), stake.Delegation.DeactivationEpoch)
			address, err := accounts.ValidatorStakeAddress(a.Owner, a.Address,
				stake.Delegation.Voter, 0)
			require.NoError(t, err)
			require.Equal(t, all[test.validatorStake].Address, address)
		})
	}
}

func TestValidatorList_Dumps(t *testing.T) {
	bsol := decodeFixture(t, "router/bsol-validator-list", accounts.DecodeValidatorList)
	require.Equal(t, uint32(2950), bsol.MaxValidators)
	require.Len(t, bsol.Validators, 1177)
	require.Equal(t, 215_359, bsol.Space())
	require.Len(t, fixtures(t)["router/bsol-validator-list"].Data, bsol.Space())
	status, transient := make(map[accounts.ValidatorStatus]int), 0
	for _, v := range bsol.Validators {
		status[v.Status]++
		require.Zero(t, v.ValidatorSeedSuffix)
		if v.TransientStakeLamports != 0 {
			transient++
		}
	}

	require.Equal(t, map[accounts.ValidatorStatus]int{
		accounts.ValidatorActive: 1176, accounts.ValidatorDeactivating: 1,
	}, status)
	require.Equal(t, 57, transient)
	require.NotNil(t, bsol.Find(bsolVote))

	picosol := decodeFixture(t, "router/picosol-validator-list", accounts.DecodeValidatorList)
	require.Equal(t, uint32(1), picosol.MaxValidators)
	require.Len(t, picosol.Validators, 1)
	require.Equal(t, picosolVote, picosol.Validators[0].VoteAccount)
	require.Equal(t, 82, picosol.Space())
}

// TestTokenAccount_Dumps checks the tokens whose supply, authorities or balance
// are known.
func TestTokenAccount_Dumps(t *testing.T) {
	all := fixtures(t)
	infinity := all["infinity-v2/pool-state"].Address
	reserveV2 := all["infinity-v2/reserve-v2-pool-state"].Address
	for name, want := range map[string]accounts.Mint{
		"router/bsol-mint": {
			MintAuthority: ptr(mpk("6WecYymEARvjG5ZyqkrVQ6YkhPfujNzWpSPwNKXHCbV2")),
			Supply:        934_784_720_564_216,
			Decimals:      9,
		},
		"infinity-v2/inf-mint": {MintAuthority: &infinity, Supply: 1_326_564_128_628_877,
			Decimals: 9},
		"infinity-v2/reserve-v2-lp-mint": {
			MintAuthority:   &reserveV2,
			Supply:          1_014_519,
			Decimals:        9,
			FreezeAuthority: &reserveV2,
		},
		"infinity-v1/wsol-mint": {Decimals: 9},
	} {
		got, err := accounts.DecodeMint(all[name])
		require.NoError(t, err, name)
		require.Equal(t, want, *got, name)
	}

	for name, want := range map[string]accounts.TokenAccount{
		"infinity-v2/reserve-v2-wsol-reserves": {
			Mint:          accounts.NativeMint,
			Owner:         reserveV2,
			Amount:        1_000_000,
			NativeReserve: ptr(uint64(1_488_440)),
		},
		"infinity-v2/reserve-v2-inf-reserves": {Mint: all["infinity-v2/inf-mint"].Address,
			Owner: reserveV2, Amount: 10_000},
		"infinity-v2/swsol-reserves": {
			Mint: all["infinity-v2/swsol-mint"].Address, Owner: infinity, Amount: 5_000_000_000_000,
		},
	} {
		got, err := accounts.DecodeTokenAccount(all[name])
		require.NoError(t, err, name)
		want.State = accounts.TokenInitialized
		require.Equal(t, want, *got, name)
		address, err := accounts.AssociatedTokenAddress(want.Owner, accounts.TokenProgram,
			want.Mint)
		require.NoError(t, err)
		require.Equal(t, all[name].Address, address, name)
	}
}

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
