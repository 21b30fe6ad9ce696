package accounts_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// Names of the Infinity account types in a DecodeError.
const (
	poolStateName       = "pool state"
	lstStateListName    = "LST state list"
	disableListName     = "disable pool authority list"
	rebalanceRecordName = "rebalance record"
	flatFeeStateName    = "flat-fee state"
	flatFeeAccountName  = "flat-fee fee account"
	flatSlabName        = "flatslab slab"
	calculatorStateName = "calculator state"
)

// calculators are the programs whose calculator state this module decodes,
// according to the protocol's table.
func calculators() []solana.PublicKey {
	return []solana.PublicKey{
		mpk("sp1V4h2gWorkGhVcazBc22Hfo2f5sd7jcjT4EDPrWFF"),
		mpk("sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy"),
		mpk("ssmbu3KZxgonUtjEMCKspZzxvUQCxAFnyh1rcHUeEDo"),
		mpk("mare3SCyfZkAndpBRBeonETmkCCB3TJTTrz8ZN2dnhP"),
		mpk("1idUSy4MGGKyKhvjSnGZ6Zc7Q4eKQcibym4BkEEw9KR"),
	}
}

// infinityCodecs are the decoders of the controller, the pricing programs and
// the calculators.
func infinityCodecs() []codec {
	controllers := []solana.PublicKey{mpk("5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx"),
		mpk("un27kVAKYscfzvrkNeYkNZ74tW9o4txuArAweftjakw")}
	flatFee := []solana.PublicKey{mpk("f1tUoNEKrDp1oeGn4zxr7bh41eN6VcfHjfrL3ZqQday")}
	flatSlab := []solana.PublicKey{mpk("s1b6NRXj6ygNu1QMKXh2H9LUR2aPApAAm1UQ2DjdhNV")}
	return []codec{
		newCodec(poolStateName, accounts.DecodePoolState, controllers,
			sample{name: "version 1", value: poolStateV1(), packed: 176},
			sample{name: "version 2", value: poolStateV2(), packed: 240, owner: controllers[1]},
			sample{
				name:   "switched off",
				value:  &accounts.PoolState{Version: 2, IsDisabled: true, IsRebalancing: true},
				packed: 240,
			},
		),
		newCodec(lstStateListName, accounts.DecodeLSTStateList, controllers,
			sample{name: "one", value: lstStates(1), packed: 80, whole: wholeOf(0, 80)},
			sample{
				name:   "three",
				value:  lstStates(3),
				packed: 240,
				owner:  controllers[1],
				whole:  wholeOf(0, 80),
			},
		),
		newCodec(disableListName, accounts.DecodeDisablePoolAuthorityList, controllers,
			sample{
				name:   "one",
				value:  &accounts.DisablePoolAuthorityList{key(1)},
				packed: 32,
				whole:  wholeOf(0, 32),
			},
			sample{
				name:   "two",
				value:  &accounts.DisablePoolAuthorityList{key(1), key(2)},
				packed: 64,
				whole:  wholeOf(0, 32),
			},
		),
		newCodec(rebalanceRecordName, accounts.DecodeRebalanceRecord, controllers,
			sample{
				name: "record",
				value: &accounts.RebalanceRecord{
					OldTotalSOLValue: 0x0807060504030201,
					InpLSTIndex:      0x14131211,
				},
				packed: 16,
			},
		),
		newCodec(flatFeeStateName, accounts.DecodeFlatFeeState, flatFee,
			sample{
				name:   "state",
				value:  &accounts.FlatFeeState{Manager: key(1), LPWithdrawalFeeBps: 0x1211},
				packed: 34,
			},
		),
		newCodec(flatFeeAccountName, accounts.DecodeFlatFeeAccount, flatFee,
			sample{
				name:   "fees",
				value:  &accounts.FlatFeeAccount{Bump: 253, InputFeeBps: 10_000, OutputFeeBps: 7},
				packed: 6,
			},
			sample{
				name:   "rebates",
				value:  &accounts.FlatFeeAccount{Bump: 254, InputFeeBps: -10_000, OutputFeeBps: -2},
				packed: 6,
			},
		),
		newCodec(flatSlabName, accounts.DecodeFlatSlab, flatSlab,
			sample{name: "one", value: slab(1), packed: 72, whole: wholeOf(32, 40)},
			sample{name: "three", value: slab(3), packed: 152, whole: wholeOf(32, 40)},
		),
		newCodec(calculatorStateName, accounts.DecodeCalculatorState, calculators(),
			sample{
				name:   "state",
				value:  &accounts.CalculatorState{Manager: key(1), LastUpgradeSlot: 411_884_877},
				packed: 40,
			},
			sample{
				name:   "never confirmed",
				value:  &accounts.CalculatorState{Manager: key(2)},
				packed: 40,
				owner:  calculators()[4],
			},
		),
	}
}

// wholeOf accepts a list that is cut after any of its records.
func wholeOf(head, record int) func(int) bool {
	return func(length int) bool { return length >= head && (length-head)%record == 0 }
}

func poolStateV1() *accounts.PoolState {
	return &accounts.PoolState{
		Version:                1,
		TotalSOLValue:          0x0807060504030201,
		TradingProtocolFeeBps:  0x1211,
		LPProtocolFeeBps:       0x2221,
		IsRebalancing:          true,
		Admin:                  key(1),
		RebalanceAuthority:     key(2),
		ProtocolFeeBeneficiary: key(3),
		PricingProgram:         key(4),
		LPTokenMint:            key(5),
	}
}

func poolStateV2() *accounts.PoolState {
	return &accounts.PoolState{
		Version:                2,
		TotalSOLValue:          0x0807060504030201,
		ProtocolFeeNanos:       0x14131211,
		IsDisabled:             true,
		Admin:                  key(1),
		RebalanceAuthority:     key(2),
		ProtocolFeeBeneficiary: key(3),
		PricingProgram:         key(4),
		LPTokenMint:            key(5),
		RPSAuthority:           key(6),
		RPS:                    0x2827262524232221,
		WithheldLamports:       0x3837363534333231,
		ProtocolFeeLamports:    0x4847464544434241,
		LastReleaseSlot:        0x5857565554535251,
	}
}

func lstState(n byte) accounts.LSTState {
	return accounts.LSTState{
		IsInputDisabled:            n%2 == 1,
		PoolReservesBump:           0xF0 + n,
		ProtocolFeeAccumulatorBump: 0xE0 + n,
		SOLValue:                   0x0807060504030200 + uint64(n),
		Mint:                       key(0x10 + n),
		Calculator:                 key(0x20 + n),
	}
}

func lstStates(n int) *accounts.LSTStateList {
	entries := make([]accounts.LSTState, n)
	for i := range entries {
		entries[i] = lstState(byte(i))
	}
	l := accounts.NewLSTStateList(entries...)
	return &l
}

func slab(n int) *accounts.FlatSlab {
	s := &accounts.FlatSlab{Admin: key(9), Entries: make([]accounts.FlatSlabEntry, n)}
	for i := range s.Entries {
		s.Entries[i] = accounts.FlatSlabEntry{
			Mint:        key(byte(0x7E + i)),
			InpFeeNanos: int32(i+1) * 1_000_000,
			OutFeeNanos: int32(-2 - i),
		}
	}
	return s
}

func TestControllerPrograms(t *testing.T) {
	require.Equal(t, infinityCodecs()[0].owners, accounts.ControllerPrograms())
	require.Equal(t, "5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm", accounts.INFMint.String())
	require.Equal(t, "SRV2G6xv3ExJtRJHEPqbWCPg2baNU2Z5JBhb2KqqDee", accounts.ReserveV2Mint.String())
}

// TestDecode_ExactLengths checks that an account without a discriminator has
// exactly the length that its program allocates. The length of a pool state
// must fit its version.
func TestDecode_ExactLengths(t *testing.T) {
	for _, c := range codecs() {
		if !c.exact() {
			continue
		}

		for _, s := range c.samples {
			t.Run(c.name+"/"+s.name, func(t *testing.T) {
				for _, more := range []int{1, 64, 80} {
					got, err := c.decode(c.account(s,
						append(s.value.Encode(), make([]byte, more)...)))
					require.Nil(t, got)
					e := requireDecodeError(t, err, c.name, sampleAddress, accounts.ErrWrongLength)
					require.Empty(t, e.Field)
				}
			})
		}
	}
}

func TestPoolState_Versions(t *testing.T) {
	v1, v2 := poolStateV1().Encode(), poolStateV2().Encode()
	for _, test := range []struct {
		name  string
		data  []byte
		want  error
		field string
		text  string
	}{
		{"176 bytes of version 2", patch(v1, 12, 2), accounts.ErrWrongLength, "rps_authority", ""},
		{"240 bytes of version 1", patch(v2, 12, 1), accounts.ErrWrongLength, "",
			"240 bytes, not 176"},
		{"176 bytes of version 3", patch(v1, 12, 3), accounts.ErrInvalidValue, "version",
			"unknown version 3"},
		{"240 bytes of version 3", patch(v2, 12, 3), accounts.ErrInvalidValue, "version",
			"unknown version 3"},
		{"176 bytes of version 0", patch(v1, 12, 0), accounts.ErrInvalidValue, "version",
			"unknown version 0"},
		{"cut head", v2[:12], accounts.ErrWrongLength, "version", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := accounts.DecodePoolState(accounts.Account{
				Address: sampleAddress,
				Owner:   accounts.InfinityProgram,
				Data:    test.data,
			})

			require.Nil(t, got)
			e := requireDecodeError(t, err, poolStateName, sampleAddress, test.want)
			require.Equal(t, test.field, e.Field)
			require.ErrorContains(t, err, test.text)
		})
	}
}

// TestPoolState_AnyFlagIsTrue checks that every byte but zero is true, as in
// the program.
func TestPoolState_AnyFlagIsTrue(t *testing.T) {
	for offset, is := range map[int]func(*accounts.PoolState) bool{
		13: func(p *accounts.PoolState) bool { return p.IsDisabled },
		14: func(p *accounts.PoolState) bool { return p.IsRebalancing },
	} {
		for _, flag := range []byte{0, 1, 2, 0x80, 0xFF} {
			a := accounts.Account{
				Owner: accounts.InfinityProgram,
				Data:  patch(poolStateV2().Encode(), offset, flag),
			}

			p, err := accounts.DecodePoolState(a)
			require.NoError(t, err)
			require.Equal(t, flag != 0, is(p))
			require.Equal(t, flag != 0, p.Encode()[offset] == 1)
		}
	}

	for _, flag := range []byte{0, 1, 2, 0xFF} {
		a := accounts.Account{
			Owner: accounts.InfinityProgram,
			Data:  patch(lstStates(1).Encode(), 0, flag),
		}

		l, err := accounts.DecodeLSTStateList(a)
		require.NoError(t, err)
		require.Equal(t, flag != 0, l.At(0).IsInputDisabled)
		require.Equal(t, a.Data, l.Encode(), "the list keeps the account's bytes")
	}
}

func TestLSTStateList_Access(t *testing.T) {
	l := lstStates(3)
	require.Equal(t, 3, l.Len())
	seen := 0
	for i, s := range l.All() {
		require.Equal(t, seen, i)
		require.Equal(t, lstState(byte(i)), s)
		require.Equal(t, s, l.At(i))
		index, entry, ok := l.Find(s.Mint)
		require.True(t, ok)
		require.Equal(t, i, index)
		require.Equal(t, s, entry)
		seen++
	}

	require.Equal(t, 3, seen)
	for i := range l.All() {
		require.Zero(t, i, "the loop ends when its body says so")
		break
	}

	for _, missing := range []solana.PublicKey{{}, key(0x20), key(0x13)} {
		_, entry, ok := l.Find(missing)
		require.False(t, ok)
		require.Zero(t, entry)
	}

	for _, beyond := range []int{-1, 3, math.MaxInt} {
		require.Zero(t, l.At(beyond))
	}

	empty, err := accounts.DecodeLSTStateList(accounts.Account{Owner: accounts.InfinityProgram})
	require.NoError(t, err)
	require.Zero(t, empty.Len())
	require.Empty(t, empty.Encode())
	_, _, ok := empty.Find(key(0x10))
	require.False(t, ok)
}

func TestLSTStateList_JSON(t *testing.T) {
	for n, want := range []string{"[]", "", ""} {
		l := lstStates(n)
		text, err := json.Marshal(l)
		require.NoError(t, err)
		if want != "" {
			require.Equal(t, want, string(text))
		}

		var again accounts.LSTStateList
		require.NoError(t, json.Unmarshal(text, &again))
		require.Equal(t, l.Encode(), again.Encode())
	}

	text, err := json.Marshal(accounts.NewLSTStateList(accounts.LSTState{
		IsInputDisabled:  true,
		PoolReservesBump: 1,
		SOLValue:         2,
		Mint:             accounts.INFMint,
	}))

	require.NoError(t, err)
	require.JSONEq(
		t,
		`[{"is_input_disabled":true,"pool_reserves_bump":1,"protocol_fee_accumulator_bump":0,"sol_value":2,`+
			`"mint":"5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm","sol_value_calculator":"11111111111111111111111111111111"}]`,
		string(text),
	)

	l := lstStates(1)
	require.Error(t, json.Unmarshal([]byte(`{"sol_value":1}`), l))
	require.Equal(t, lstStates(1), l, "a failure must not change the value")
}

// TestDecode_CutRecords checks that a list whose last record is incomplete is
// refused.
func TestDecode_CutRecords(t *testing.T) {
	for _, test := range []struct {
		codec string
		size  int
		at    int
	}{{lstStateListName, 80, 0}, {disableListName, 32, 0}, {flatSlabName, 40, 32},
		{reserveV2PricingName, 52, 32}} {
		c, s := find(t, test.codec, "one")
		for _, cut := range []int{1, test.size / 2, test.size - 1} {
			_, err := c.decode(c.account(s, append(s.value.Encode(), make([]byte, cut)...)))
			e := requireDecodeError(t, err, c.name, sampleAddress, accounts.ErrWrongLength)
			require.Equal(t, "entries", e.Field)
			require.Equal(t, test.at, e.Offset)
		}
	}
}

// TestLSTStateList_Positions compares with Find. A mint may occur twice.
func TestLSTStateList_Positions(t *testing.T) {
	entries := make([]accounts.LSTState, 7)
	for i := range entries {
		entries[i] = accounts.LSTState{Mint: key(byte(i % 4)), SOLValue: uint64(i)}
	}

	list := accounts.NewLSTStateList(entries...)
	positions := list.Positions()
	require.Len(t, positions, 4)
	for mint, position := range positions {
		index, entry, found := list.Find(mint)
		require.True(t, found)
		require.Equal(t, index, position)
		require.Equal(t, list.At(index), entry)
	}

	_, _, found := list.Find(key(9))
	require.False(t, found)
	require.Empty(t, accounts.LSTStateList{}.Positions())
}
