package accounts_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"runtime"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

const (
	lidoStateName         = "Lido state"
	lidoValidatorListName = "Lido validator list"
)

func lidoState() *accounts.LidoState {
	s := &accounts.LidoState{
		Manager:   keyAt(2),
		StSOLMint: keyAt(34),
		ExchangeRate: accounts.LidoExchangeRate{
			ComputedInEpoch: u64At(66),
			StSOLSupply:     u64At(74),
			SOLBalance:      u64At(82),
		},
		ReserveBumpSeed:        u8At(90),
		StakeAuthorityBumpSeed: u8At(91),
		MintAuthorityBumpSeed:  u8At(92),
		RewardDistribution: accounts.LidoRewardDistribution{
			TreasuryFee:       u32At(93),
			DeveloperFee:      u32At(97),
			StSOLAppreciation: u32At(101),
		},
		FeeRecipients: accounts.LidoFeeRecipients{
			TreasuryAccount:  keyAt(105),
			DeveloperAccount: keyAt(137),
		},
		Metrics: accounts.LidoMetrics{
			FeeTreasurySOLTotal:       u64At(169),
			FeeValidationSOLTotal:     u64At(177),
			FeeDeveloperSOLTotal:      u64At(185),
			StSOLAppreciationSOLTotal: u64At(193),
			FeeTreasuryStSOLTotal:     u64At(201),
			FeeValidationStSOLTotal:   u64At(209),
			FeeDeveloperStSOLTotal:    u64At(217),
			DepositTotal:              u64At(321),
			WithdrawStSOLTotal:        u64At(329),
			WithdrawSOLTotal:          u64At(337),
			WithdrawCount:             u64At(345),
		},
		ValidatorList:           keyAt(353),
		MaintainerList:          keyAt(385),
		MaxCommissionPercentage: u8At(417),
	}

	for i := range s.Metrics.DepositCounts {
		s.Metrics.DepositCounts[i] = u64At(225 + 8*i)
	}

	return s
}

func lidoValidators(n int) *accounts.LidoValidatorList {
	l := &accounts.LidoValidatorList{
		MaxEntries: u32At(2),
		Validators: make([]accounts.LidoValidator, n),
	}

	for i := range l.Validators {
		o := 10 + 89*i
		l.Validators[i] = accounts.LidoValidator{
			VoteAccount: keyAt(o),
			StakeSeeds: accounts.LidoSeedRange{
				Begin: u64At(o + 32),
				End:   u64At(o + 40),
			},
			UnstakeSeeds: accounts.LidoSeedRange{
				Begin: u64At(o + 48),
				End:   u64At(o + 56),
			},
			StakeAccountsBalance:   u64At(o + 64),
			UnstakeAccountsBalance: u64At(o + 72),
			EffectiveStakeBalance:  u64At(o + 80),
			Active:                 i%2 == 0,
		}
	}

	return l
}

func lidoStateCodec() codec {
	return newCodec(lidoStateName, accounts.DecodeLidoState,
		[]solana.PublicKey{accounts.LidoProgram},
		sample{name: "state", value: lidoState(), packed: accounts.LidoStateSize},
		sample{name: "zeros", value: new(accounts.LidoState), packed: 418},
	)
}

func lidoValidatorListCodec() codec {
	return newCodec(lidoValidatorListName, accounts.DecodeLidoValidatorList,
		[]solana.PublicKey{accounts.LidoProgram},
		sample{name: "three", value: lidoValidators(3), packed: 10 + 3*89},
		sample{name: "empty", value: lidoValidators(0), packed: 10},
		sample{name: "one", value: lidoValidators(1), packed: 10 + 89},
	)
}

func TestLidoState_Codec(t *testing.T) { checkCodec(t, lidoStateCodec()) }

func TestLidoValidatorList_Codec(t *testing.T) { checkCodec(t, lidoValidatorListCodec()) }

func TestLidoState_Layout(t *testing.T) {
	packed := lidoState().Encode()
	require.Equal(t, []byte{1, 1}, packed[:2])
	spots := []spot{
		{2, 32}, {34, 32}, {66, 8}, {74, 8}, {82, 8}, {90, 1}, {91, 1}, {92, 1}, {93, 4}, {97, 4},
		{101, 4}, {105, 32}, {137, 32},
		{169, 8}, {177, 8}, {185, 8}, {193, 8}, {201, 8}, {209, 8}, {217, 8},
	}

	for i := range 12 {
		spots = append(spots, spot{225 + 8*i, 8})
	}

	spots = append(spots, spot{321, 8}, spot{329, 8}, spot{337, 8}, spot{345, 8}, spot{353, 32},
		spot{385, 32}, spot{417, 1})
	checkSpots(t, packed, 2, spots...)

	packed = lidoValidators(3).Encode()
	require.Equal(t, []byte{2, 1}, packed[:2])
	checkSpots(t, packed[:6], 2, spot{2, 4})
	require.Equal(t, []byte{3, 0, 0, 0}, packed[6:10])
	checkSpots(t, packed[:99], 10,
		spot{10, 32}, spot{42, 8}, spot{50, 8}, spot{58, 8}, spot{66, 8}, spot{74, 8}, spot{82, 8},
		spot{90, 8}, spot{98, 0})
	require.Equal(t, keyAt(10+89).Bytes(), packed[99:131])
	require.Zero(t, packed[10+2*89-1], "not active")
}

func TestLidoState_Invalid(t *testing.T) {
	le32 := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
	for _, test := range []struct {
		name   string
		c      codec
		field  string
		offset int
		with   []byte
		want   error
	}{
		{"not initialized", lidoStateCodec(), "account_type", 0, []byte{0, 0},
			accounts.ErrUninitialized},
		{"validator list", lidoStateCodec(), "account_type", 0, []byte{2}, accounts.ErrWrongType},
		{"maintainer list", lidoStateCodec(), "account_type", 0, []byte{3}, accounts.ErrWrongType},
		{"version 0", lidoStateCodec(), "lido_version", 1, []byte{0}, accounts.ErrInvalidValue},
		{"version 2", lidoStateCodec(), "lido_version", 1, []byte{2}, accounts.ErrInvalidValue},
		{"not initialized", lidoValidatorListCodec(), "account_type", 0, []byte{0, 0},
			accounts.ErrUninitialized},
		{"state", lidoValidatorListCodec(), "account_type", 0, []byte{1}, accounts.ErrWrongType},
		{"maintainer list", lidoValidatorListCodec(), "account_type", 0, []byte{3},
			accounts.ErrWrongType},
		{"version 0", lidoValidatorListCodec(), "lido_version", 1, []byte{0},
			accounts.ErrInvalidValue},
		{"active", lidoValidatorListCodec(), "active", 10 + 2*89 - 1, []byte{2},
			accounts.ErrInvalidValue},
		{"one more", lidoValidatorListCodec(), "entries.len", 6, le32(4), accounts.ErrWrongLength},
		{"huge count", lidoValidatorListCodec(), "entries.len", 6, le32(math.MaxUint32),
			accounts.ErrWrongLength},
	} {
		t.Run(test.c.name+"/"+test.name, func(t *testing.T) {
			s := test.c.samples[0]
			a := test.c.account(s, patch(s.value.Encode(), test.offset, test.with...))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := test.c.decode(a)
			runtime.ReadMemStats(&after)
			require.Nil(t, got)
			e := requireDecodeError(t, err, test.c.name, sampleAddress, test.want)
			require.Equal(t, test.field, e.Field)
			require.Equal(t, test.offset, e.Offset)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<10))
		})
	}
}

func TestLidoValidatorList_IndexAndSpace(t *testing.T) {
	l := lidoValidators(3)
	require.Equal(t, 1, l.Index(keyAt(10+89)))
	require.Equal(t, -1, l.Index(key(1)))
	require.Equal(t, -1, new(accounts.LidoValidatorList).Index(solana.PublicKey{}))
	require.Equal(t, 10, new(accounts.LidoValidatorList).Space())
	require.Equal(t, 10+7*89, accounts.LidoValidatorList{MaxEntries: 7}.Space())
}

// TestLidoState_Addresses checks the addresses on mainnet.
func TestLidoState_Addresses(t *testing.T) {
	program, state := accounts.LidoProgram, accounts.LidoStateAddress
	require.Equal(t, "49Yi1TKkNyYjPAFdR9LBvoHcUjuPX4Df5T5yv39w2XTn", state.String())
	require.Equal(t, "7dHbWXmci3dT8UFYWYZweBLXgycu7Y3iL6trKn1Y7ARj", accounts.StSOLMint.String())
	got, err := accounts.LidoStakeAuthority(program, state)
	requireAddress(t, "W1ZQRwUfSkDKy2oefRBUWph82Vr2zg9txWMA8RQazN5", got, err)
	got, err = accounts.LidoReserve(program, state)
	requireAddress(t, "3Kwv3pEAuoe4WevPB4rgMBTZndGDb53XT7qwQKnvHPfX", got, err)
	got, err = accounts.LidoMintAuthority(program, state)
	requireAddress(t, "8kRRsKezwXS21beVDcAoTmih1XbyFnEAMXXiGXz6J3Jz", got, err)
	for _, test := range []struct {
		vote string
		seed uint64
		want string
	}{
		{"DdCNGDpP7qMgoAy6paFzhhak2EeyCZcgjH7ak5u5v28m", 112,
			"58EuDup5Gg9nEqDoBBGEDnZ5fMc1u7fQi6kHmEESSUkh"},
		{"8jxSHbS4qAnh5yueFp4D9ABXubKqMwXqF3HtdzQGuphp", 126,
			"HB4Cjyg12VATooVMWLvMszzk5yD562a4aQcfQCoQrtwF"},
	} {
		got, err := accounts.LidoValidatorStake(program, state, mpk(test.vote), test.seed)
		requireAddress(t, test.want, got, err)
		v := accounts.LidoValidator{
			VoteAccount: mpk(test.vote),
			StakeSeeds:  accounts.LidoSeedRange{Begin: test.seed, End: test.seed + 3},
		}

		got, err = v.StakeAddress(program, state)
		requireAddress(t, test.want, got, err)
	}
}

// TestLidoState_Dumps checks the known exchange rates of these epochs.
func TestLidoState_Dumps(t *testing.T) {
	all := fixtures(t)
	for _, test := range []struct {
		name                   string
		epoch, supply, balance uint64
		rate                   float64
	}{
		{"infinity-v1/stsol-pool", 796, 46_723_708_142_967, 56_648_084_623_878, 1.212405583},
		{"router/lido-state", 800, 46_641_106_474_799, 56_547_940_613_430, 1.212405641},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := all[test.name]
			require.Equal(t, accounts.LidoStateAddress, a.Address)
			s, err := accounts.DecodeLidoState(a)
			require.NoError(t, err)
			require.Len(t, a.Data, 7953)
			require.Equal(t, a.Data[:418], s.Encode())
			require.Equal(t, accounts.StSOLMint, s.StSOLMint)
			require.Equal(t, accounts.LidoExchangeRate{
				ComputedInEpoch: test.epoch,
				StSOLSupply:     test.supply,
				SOLBalance:      test.balance,
			}, s.ExchangeRate)

			require.InDelta(t, test.rate, float64(test.balance)/float64(test.supply), 1e-9)
			require.Equal(t, mpk("GL9kqRNUTUosW3RsDoXHCuXUZn73SgQQmBvtp1ng2co4"), s.ValidatorList)
			require.Equal(t, []uint8{255, 251, 255},
				[]uint8{s.ReserveBumpSeed, s.StakeAuthorityBumpSeed, s.MintAuthorityBumpSeed})
			require.Equal(t,
				accounts.LidoRewardDistribution{
					TreasuryFee:       4,
					DeveloperFee:      1,
					StSOLAppreciation: 95,
				},
				s.RewardDistribution)

			require.Equal(t, uint8(5), s.MaxCommissionPercentage)
			// The histogram counts each deposit in all larger ranges as well.
			require.IsNonDecreasing(t, s.Metrics.DepositCounts[:])
			require.Equal(t, uint64(107_324), s.Metrics.DepositCounts[11])
			_, err = accounts.DecodeLidoValidatorList(a)
			requireDecodeError(t, err, lidoValidatorListName, a.Address, accounts.ErrWrongType)
		})
	}

	stake := all["router/lido-validator-stake-lidomax"]
	authority, err := accounts.LidoStakeAuthority(accounts.LidoProgram, accounts.LidoStateAddress)
	require.NoError(t, err)
	got, err := accounts.DecodeStakeAccount(stake)
	require.NoError(t, err)
	require.Equal(t, authority, got.Staker)
	require.Equal(t, authority, got.Withdrawer)
	address, err := accounts.LidoValidatorStake(accounts.LidoProgram, accounts.LidoStateAddress,
		got.Delegation.Voter, 126)
	requireAddress(t, stake.Address.String(), address, err)
}

func FuzzDecodeLidoState(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		c := lidoStateCodec()
		checkDecode(t, c, accounts.LidoProgram, data)
		if v, err := c.decode(c.account(c.samples[0], data)); err == nil {
			require.True(t, bytes.HasPrefix(data, v.Encode()))
		}
	})
}

func FuzzDecodeLidoValidatorList(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		c := lidoValidatorListCodec()
		checkDecode(t, c, accounts.LidoProgram, data)
		if v, err := c.decode(c.account(c.samples[0], data)); err == nil {
			require.True(t, bytes.HasPrefix(data, v.Encode()))
		}
	})
}
