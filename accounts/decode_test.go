package accounts_test

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"slices"
	"testing"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestDecode_InvertsEncode(t *testing.T) {
	forEachSample(t, func(t *testing.T, c codec, s sample) {
		packed := s.value.Encode()
		require.Len(t, packed, s.packed)
		got, err := c.decode(c.account(s, packed))
		require.NoError(t, err)
		require.Equal(t, s.value, got)
	})
}

func TestDecode_IgnoresStaleBytes(t *testing.T) {
	forEachSample(t, func(t *testing.T, c codec, s sample) {
		if c.takesAll() || c.exact() {
			t.Skip(
				"every byte of this account counts, see TestMint_Lengths, TestLookupTable_Lengths, TestDecode_CutRecords and TestDecode_ExactLengths",
			)
		}
		got, err := c.decode(c.account(s, append(s.value.Encode(), dirty()...)))
		require.NoError(t, err)
		require.Equal(t, s.value, got)
	})
}

func TestDecode_Truncated(t *testing.T) {
	forEachSample(t, func(t *testing.T, c codec, s sample) {
		packed := s.value.Encode()
		for length := range len(packed) {
			got, err := c.decode(c.account(s, packed[:length:length]))
			if s.whole != nil && s.whole(length) {
				require.NoError(t, err, "%d bytes", length)
				require.True(t, bytes.HasPrefix(packed, got.Encode()), "%d bytes", length)
				continue
			}

			require.Nil(t, got, "%d bytes", length)
			e := requireDecodeError(t, err, c.name, sampleAddress, accounts.ErrWrongLength)
			require.NotEmpty(t, e.Field)
			require.LessOrEqual(t, e.Offset, length)
		}
	})
}

func TestDecode_WrongOwner(t *testing.T) {
	all := append(accounts.StakePoolPrograms(),
		accounts.StakeProgram, accounts.TokenProgram, accounts.Token2022Program,
		accounts.SysvarProgram,
		accounts.LookupTableProgram, accounts.UpgradeableLoader, accounts.SystemProgram,
		accounts.MarinadeProgram, accounts.InterceptorProgram, key(0x55),
		accounts.InfinityProgram, accounts.ReserveV2Program, accounts.ReserveProgram,
		accounts.FlatFeeProgram, accounts.FlatSlabProgram, accounts.TokenMetadataProgram,
		accounts.WrappedSOLCalculator, accounts.INFCalculator, accounts.ReserveV2PricingProgram)

	all = append(all, calculators()...)
	for _, c := range codecs() {
		t.Run(c.name, func(t *testing.T) {
			s := c.samples[0]
			refused := 0
			for _, owner := range all {
				a := c.account(s, s.value.Encode())
				a.Owner = owner
				got, err := c.decode(a)
				if err == nil {
					require.Contains(t, c.owners, owner)
					continue
				}

				refused++
				require.Nil(t, got)
				e := requireDecodeError(t, err, c.name, sampleAddress, accounts.ErrWrongOwner)
				require.Empty(t, e.Field)
				require.ErrorContains(t, err, owner.String())
			}

			require.Equal(t, len(all)-len(c.owners), refused)
		})
	}
}

// requireOtherOwner checks that an account of another deployment is decoded
// only if that deployment is among the given programs.
func requireOtherOwner[T any, P interface {
	*T
	value
}](
	t *testing.T,
	want P,
	decode func(accounts.Account) (*T, error),
	of func(accounts.Account, ...solana.PublicKey) (*T, error),
) {
	t.Helper()
	other := key(0x77)
	a := accounts.Account{Owner: other, Data: want.Encode()}
	_, err := decode(a)
	require.ErrorIs(t, err, accounts.ErrWrongOwner)
	_, err = of(a)
	require.ErrorIs(t, err, accounts.ErrWrongOwner)
	for _, programs := range [][]solana.PublicKey{{other}, {accounts.StakePoolProgram, other}} {
		got, err := of(a, programs...)
		require.NoError(t, err)
		require.Equal(t, want, P(got))
	}
}

func TestDecode_OtherDeployments(t *testing.T) {
	requireOtherOwner(t, poolMixed(), accounts.DecodeStakePool, accounts.DecodeStakePoolOf)
	requireOtherOwner(t, validators(3), accounts.DecodeValidatorList,
		accounts.DecodeValidatorListOf)
	requireOtherOwner(t, poolStateV2(), accounts.DecodePoolState, accounts.DecodePoolStateOf)
	requireOtherOwner(t, lstStates(3), accounts.DecodeLSTStateList, accounts.DecodeLSTStateListOf)
	requireOtherOwner(t, reserveV2Pricing(2), accounts.DecodeReserveV2Pricing,
		accounts.DecodeReserveV2PricingOf)
	state := &accounts.CalculatorState{Manager: key(1), LastUpgradeSlot: 2}
	requireOtherOwner(t, state, accounts.DecodeCalculatorState, accounts.DecodeCalculatorStateOf)
}

func TestDecode_CopiesData(t *testing.T) {
	forEachSample(t, func(t *testing.T, c codec, s sample) {
		packed := s.value.Encode()
		got, err := c.decode(c.account(s, packed))
		require.NoError(t, err)
		v := c.fresh()
		buffer := bytes.Clone(packed)
		require.NoError(t, v.UnmarshalWithDecoder(decoder(buffer)))
		for i := range packed {
			packed[i] ^= 0xFF
			buffer[i] ^= 0xFF
		}

		require.Equal(t, s.value, got)
		require.Equal(t, s.value, v)
	})
}

func TestUnmarshalWithDecoder_RoundTrip(t *testing.T) {
	for _, encoding := range []bin.Encoding{bin.EncodingBorsh, bin.EncodingBin} {
		t.Run(encoding.String(), func(t *testing.T) {
			forEachSample(t, func(t *testing.T, c codec, s sample) {
				var buffer bytes.Buffer
				require.NoError(t, bin.NewEncoderWithEncoding(&buffer, encoding).Encode(s.value))
				require.Equal(t, s.value.Encode(), buffer.Bytes())

				d := bin.NewDecoderWithEncoding(buffer.Bytes(), encoding)
				v := c.fresh()
				require.NoError(t, d.Decode(v))
				require.Equal(t, s.value, v)
				require.Zero(t, d.Remaining())
			})
		})
	}
}

// TestUnmarshalWithDecoder_Sequence decodes all samples of a type from one
// buffer into one value. Each takes only its own bytes, and overwrites all
// fields of the sample before it.
func TestUnmarshalWithDecoder_Sequence(t *testing.T) {
	for _, c := range codecs() {
		if c.takesAll() {
			continue
		}

		t.Run(c.name, func(t *testing.T) {
			row := slices.Concat(c.samples, c.samples)
			var buffer bytes.Buffer
			e := bin.NewBorshEncoder(&buffer)
			for _, s := range row {
				require.NoError(t, s.value.MarshalWithEncoder(e))
			}

			d := decoder(buffer.Bytes())
			v := c.fresh()
			for _, s := range row {
				require.NoError(t, v.UnmarshalWithDecoder(d))
				require.Equal(t, s.value, v)
			}

			require.Zero(t, d.Remaining())
		})
	}
}

func TestUnmarshalWithDecoder_Failure(t *testing.T) {
	forEachSample(t, func(t *testing.T, c codec, s sample) {
		packed := s.value.Encode()
		v := c.fresh()
		require.NoError(t, v.UnmarshalWithDecoder(decoder(packed)))

		d := decoder(packed[:3])
		requireDecodeError(t, v.UnmarshalWithDecoder(d), c.name, solana.PublicKey{},
			accounts.ErrWrongLength)
		require.Equal(t, s.value, v, "a failure must not change the value")
		require.Equal(t, 3, d.Remaining(), "a failure must not take bytes")
	})
}

// TestDecode_HugeLengths sets lengths that exceed the data. Decoders must
// refuse them before they allocate memory for them.
func TestDecode_HugeLengths(t *testing.T) {
	le32 := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
	le64 := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	for _, test := range []struct {
		name, codec, sample string
		offset              int
		length              []byte
		want                error
		field               string
	}{
		{"validators", validatorListName, "three", 5, le32(1<<32 - 1), accounts.ErrWrongLength,
			"validators.len"},
		{"validators, one more", validatorListName, "three", 5, le32(4), accounts.ErrWrongLength,
			"validators.len"},
		{"history", stakeHistoryName, "two", 0, le64(1<<64 - 1), accounts.ErrInvalidValue, "len"},
		{"history, product overflows", stakeHistoryName, "two", 0, le64(1 << 59),
			accounts.ErrInvalidValue, "len"},
		{"history, above maximum", stakeHistoryName, "full", 0, le64(513), accounts.ErrInvalidValue,
			"len"},
		{"history, one more", stakeHistoryName, "two", 0, le64(3), accounts.ErrWrongLength, "len"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, s := find(t, test.codec, test.sample)
			a := c.account(s, patch(s.value.Encode(), test.offset, test.length...))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := c.decode(a)
			runtime.ReadMemStats(&after)
			e := requireDecodeError(t, err, c.name, sampleAddress, test.want)
			require.Equal(t, test.field, e.Field)
			require.Equal(t, test.offset, e.Offset)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<10))
		})
	}
}

// TestDecode_CutLists removes the last byte of lists that contain their length.
// The check of the length must notice it.
func TestDecode_CutLists(t *testing.T) {
	for _, test := range []struct {
		codec, sample, field string
		offset               int
	}{
		{validatorListName, "one", "validators.len", 5},
		{validatorListName, "three", "validators.len", 5},
		{stakeHistoryName, "two", "len", 0},
		{stakeHistoryName, "full", "len", 0},
	} {
		t.Run(test.codec+"/"+test.sample, func(t *testing.T) {
			c, s := find(t, test.codec, test.sample)
			_, err := c.decode(c.account(s, s.value.Encode()[:s.packed-1]))
			e := requireDecodeError(t, err, c.name, sampleAddress, accounts.ErrWrongLength)
			require.Equal(t, test.field, e.Field)
			require.Equal(t, test.offset, e.Offset)
		})
	}
}

func TestDecodeError_Error(t *testing.T) {
	list := accounts.Account{
		Address: accounts.NativeMint,
		Owner:   accounts.StakePoolProgram,
		Data:    []byte{3},
	}

	for _, test := range []struct {
		name string
		a    accounts.Account
		want string
	}{
		{
			"field", list,
			"validator list So11111111111111111111111111111111111111112: field account_type at offset 0: " +
				"wrong account type: discriminator 3, want 2 (check the address, and the cluster of the endpoint)",
		},
		{
			"no address", accounts.Account{Owner: accounts.StakePoolProgram, Data: []byte{2, 0}},
			"validator list: field max_validators at offset 1: wrong length: data too short: needs 4 bytes, 1 left " +
				"(check the address, or update this module if the program was upgraded)",
		},
		{
			"whole account", accounts.Account{Owner: accounts.SystemProgram},
			"validator list: wrong owner program 11111111111111111111111111111111 " +
				"(check the address, and the cluster of the endpoint)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := accounts.DecodeValidatorList(test.a)
			require.EqualError(t, err, test.want)
		})
	}
}
