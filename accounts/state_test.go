package accounts_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// Rent exemption thresholds as IEEE 754 bits.
var (
	one = math.Float64bits(1)
	two = math.Float64bits(2)
)

// TestRent_MinimumBalance checks minimum balances on mainnet at 6,960 and 5,080
// lamports per byte, and at the last announced step. The older form of 6,960 is
// 3,480 with a threshold of two years.
func TestRent_MinimumBalance(t *testing.T) {
	for _, test := range []struct {
		space            uint64
		r6960, r5080, r6 uint64
	}{
		{0, 890_880, 650_240, 89_088},
		{16, 1_002_240, 731_520, 100_224},
		{82, 1_461_600, 1_066_800, 146_160},
		{165, 2_039_280, 1_488_440, 203_928},
		{200, 2_282_880, 1_666_240, 228_288},
		{240, 2_561_280, 1_869_440, 256_128},
		// The program data of Infinity, and the list, the pricing and the
		// calculator state of Reserve V2.
		{1_037_549, 7_222_231_920, (1_037_549 + 128) * 5080, (1_037_549 + 128) * 696},
		{160, 288 * 6960, 1_463_040, 288 * 696},
		{188, 316 * 6960, 1_605_280, 316 * 696},
		{40, 168 * 6960, 853_440, 168 * 696},
	} {
		for _, rent := range []struct {
			accounts.Rent
			want uint64
		}{
			{accounts.Rent{LamportsPerByte: 3480, ThresholdBits: two, BurnPercent: 50}, test.r6960},
			{accounts.Rent{LamportsPerByte: 6960, ThresholdBits: one}, test.r6960},
			{accounts.Rent{LamportsPerByte: 5080, ThresholdBits: one}, test.r5080},
			{accounts.Rent{LamportsPerByte: 696, ThresholdBits: one}, test.r6},
			{accounts.NewRent(5080), test.r5080},
		} {
			got, err := rent.MinimumBalance(test.space)
			require.NoError(t, err)
			require.Equal(t, rent.want, got, "%d bytes at %d", test.space, rent.LamportsPerByte)
		}
	}
}

func TestRent_MinimumBalanceFails(t *testing.T) {
	const largest = math.MaxUint64
	for _, test := range []struct {
		name  string
		rent  accounts.Rent
		space uint64
		want  string
	}{
		{"no threshold", accounts.Rent{LamportsPerByte: 3480}, 0,
			"unknown rent exemption threshold (update this module): bits 0x0"},
		{
			"other threshold",
			accounts.Rent{LamportsPerByte: 3480, ThresholdBits: math.Float64bits(1.5)}, 0,
			"unknown rent exemption threshold (update this module): bits 0x3ff8000000000000",
		},
		{
			"negative threshold",
			accounts.Rent{LamportsPerByte: 3480, ThresholdBits: math.Float64bits(-2)}, 0,
			"unknown rent exemption threshold (update this module): bits 0xc000000000000000",
		},
		{"space", accounts.NewRent(1), largest - 127, "arithmetic overflow"},
		{"rate", accounts.NewRent(largest / 127), 0, "arithmetic overflow"},
		{"threshold", accounts.Rent{LamportsPerByte: largest / 128, ThresholdBits: two}, 0,
			"arithmetic overflow"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.rent.MinimumBalance(test.space)
			require.EqualError(t, err, test.want)
			require.Zero(t, got)
		})
	}

	_, err := accounts.Rent{}.MinimumBalance(0)
	require.ErrorIs(t, err, accounts.ErrUnknownRent)

	got, err := accounts.NewRent(1).MinimumBalance(largest - 128)
	require.NoError(t, err)
	require.Equal(t, uint64(largest), got)
}

// TestStakeAccount_Activation follows the rules of the stake program, for stake
// that activates within one epoch.
func TestStakeAccount_Activation(t *testing.T) {
	const never = accounts.NeverEpoch
	for _, test := range []struct {
		name                  string
		state                 accounts.StakeState
		activated, deactivate uint64
		epoch                 uint64
		active, activating    bool
	}{
		{"before", accounts.StakeDelegated, 10, never, 9, false, false},
		{"epoch of delegation", accounts.StakeDelegated, 10, never, 10, false, true},
		{"epoch after", accounts.StakeDelegated, 10, never, 11, true, false},
		{"bootstrap", accounts.StakeDelegated, never, never, 0, true, false},
		{"deactivating", accounts.StakeDelegated, 10, 11, 11, false, false},
		{"deactivated", accounts.StakeDelegated, 10, 11, 12, false, false},
		{"deactivated at once", accounts.StakeDelegated, 10, 10, 10, false, false},
		{"not delegated", accounts.StakeInitialized, 10, never, 11, false, false},
		{"not delegated, same epoch", accounts.StakeInitialized, 10, never, 10, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := stakeDelegated()
			s.State = test.state
			s.Delegation.ActivationEpoch, s.Delegation.DeactivationEpoch = test.activated, test.deactivate
			require.Equal(t, test.active, s.IsActive(test.epoch))
			require.Equal(t, test.activating, s.IsActivating(test.epoch))
		})
	}
}

func TestLockup_InForce(t *testing.T) {
	now := accounts.Clock{UnixTimestamp: 1000, Epoch: 10}
	for _, test := range []struct {
		name string
		time int64
		at   uint64
		want bool
	}{
		{"none", 0, 0, false},
		{"both at the mark", 1000, 10, false},
		{"time ahead", 1001, 0, true},
		{"epoch ahead", -5, 11, true},
		{"both ahead", 1001, 11, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want,
				accounts.Lockup{UnixTimestamp: test.time, Epoch: test.at}.InForce(now))
		})
	}
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
