package accounts_test

import (
	"bytes"
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

const (
	marinadeValidatorListName = "Marinade validator list"
	marinadeStakeListName     = "Marinade stake list"
)

// marinadeShape is a state with only the layout of the lists.
func marinadeShape(validatorSize, validators, stakeSize, stakes uint32) *accounts.MarinadeState {
	s := new(accounts.MarinadeState)
	s.ValidatorSystem.ValidatorList.ItemSize = validatorSize
	s.ValidatorSystem.ValidatorList.Count = validators
	s.StakeSystem.StakeList.ItemSize, s.StakeSystem.StakeList.Count = stakeSize, stakes
	return s
}

func marinadeValidators(n, size int) *accounts.MarinadeValidatorList {
	l := &accounts.MarinadeValidatorList{Validators: make([]accounts.MarinadeValidatorRecord, n)}
	for i := range l.Validators {
		o := 8 + i*size
		l.Validators[i] = accounts.MarinadeValidatorRecord{
			VoteAccount:                     keyAt(o),
			ActiveBalance:                   u64At(o + 32),
			Score:                           u32At(o + 40),
			LastStakeDeltaEpoch:             u64At(o + 44),
			DuplicationFlagBumpSeed:         u8At(o + 52),
			DelinquentUpgraderActiveBalance: u64At(o + 53),
		}
		if size > 61 {
			l.Validators[i].Spare = bytes.Repeat([]byte{byte(i + 1)}, size-61)
		}
	}

	return l
}

func marinadeStakes(n, size int) *accounts.MarinadeStakeList {
	l := &accounts.MarinadeStakeList{Stakes: make([]accounts.MarinadeStakeRecord, n)}
	for i := range l.Stakes {
		o := 8 + i*size
		l.Stakes[i] = accounts.MarinadeStakeRecord{
			StakeAccount:                keyAt(o),
			LastUpdateDelegatedLamports: u64At(o + 32),
			LastUpdateEpoch:             u64At(o + 40),
			IsEmergencyUnstaking:        u8At(o + 48),
			LastUpdateStatus:            accounts.MarinadeStakeStatus(i % 3),
		}
		if size > 50 {
			l.Stakes[i].Spare = bytes.Repeat([]byte{byte(i + 1)}, size-50)
		}
	}

	return l
}

// encodable is the method set of the lists, whose data does not contain their
// length.
type encodable interface{ Encode() []byte }

// marinadeListDecoders returns both decoders by name.
func marinadeListDecoders() map[string]func(accounts.Account, uint32, uint32) (encodable, error) {
	return map[string]func(accounts.Account, uint32, uint32) (encodable, error){
		marinadeValidatorListName: func(a accounts.Account, size, count uint32) (encodable, error) {
			l, err := accounts.DecodeMarinadeValidatorList(a, marinadeShape(size, count, 0, 0))
			if err != nil {
				return nil, err
			}

			return l, nil
		},
		marinadeStakeListName: func(a accounts.Account, size, count uint32) (encodable, error) {
			l, err := accounts.DecodeMarinadeStakeList(a, marinadeShape(0, 0, size, count))
			if err != nil {
				return nil, err
			}

			return l, nil
		},
	}
}

func marinadeListAccount(data []byte) accounts.Account {
	return accounts.Account{Address: sampleAddress, Owner: accounts.MarinadeProgram, Data: data}
}

func TestMarinadeValidatorList_Codec(t *testing.T) {
	for _, test := range []struct {
		name, list  string
		value       encodable
		size, count int
	}{
		{"empty", marinadeValidatorListName, marinadeValidators(0, 61), 61, 0},
		{"three", marinadeValidatorListName, marinadeValidators(3, 61), 61, 3},
		{"spare", marinadeValidatorListName, marinadeValidators(2, 64), 64, 2},
		{"empty", marinadeStakeListName, marinadeStakes(0, 56), 56, 0},
		{"no spare", marinadeStakeListName, marinadeStakes(3, 50), 50, 3},
		{"four", marinadeStakeListName, marinadeStakes(4, 56), 56, 4},
	} {
		t.Run(test.list+"/"+test.name, func(t *testing.T) {
			decode := func(data []byte) (encodable, error) {
				return marinadeListDecoders()[test.list](marinadeListAccount(data),
					uint32(test.size), uint32(test.count))
			}

			packed := test.value.Encode()
			require.Len(t, packed, 8+test.size*test.count)
			for _, data := range [][]byte{bytes.Clone(packed),
				append(bytes.Clone(packed), dirty()...)} {
				got, err := decode(data)
				require.NoError(t, err)
				for i := range data {
					data[i] ^= 0xFF
				}

				require.Equal(t, test.value, got)
			}

			for length := range len(packed) {
				got, err := decode(packed[:length:length])
				require.Nil(t, got)
				e := requireDecodeError(t, err, test.list, sampleAddress, accounts.ErrWrongLength)
				if length >= 8 {
					require.Equal(t, "records", e.Field)
					require.Equal(t, 8, e.Offset)
				}
			}

			a := marinadeListAccount(packed)
			a.Owner = accounts.LidoProgram
			got, err := marinadeListDecoders()[test.list](a, uint32(test.size), uint32(test.count))
			require.Nil(t, got)
			requireDecodeError(t, err, test.list, sampleAddress, accounts.ErrWrongOwner)
		})
	}

	var buffer bytes.Buffer
	require.NoError(t, marinadeValidators(2, 61).MarshalWithEncoder(bin.NewBorshEncoder(&buffer)))
	require.NoError(t, marinadeStakes(2, 56).MarshalWithEncoder(bin.NewBorshEncoder(&buffer)))
	require.Equal(t,
		slices.Concat(marinadeValidators(2, 61).Encode(), marinadeStakes(2, 56).Encode()),
		buffer.Bytes())
}

func TestMarinadeValidatorList_Layout(t *testing.T) {
	packed := marinadeValidators(2, 61).Encode()
	require.Equal(t, "validatr", string(packed[:8]))
	checkSpots(t, packed, 8,
		spot{8, 32}, spot{40, 8}, spot{48, 4}, spot{52, 8}, spot{60, 1}, spot{61, 8},
		spot{69, 32}, spot{101, 8}, spot{109, 4}, spot{113, 8}, spot{121, 1}, spot{122, 8})

	packed = marinadeStakes(2, 56).Encode()
	require.Equal(t, "staker__", string(packed[:8]))
	checkSpots(t, packed[:57], 8, spot{8, 32}, spot{40, 8}, spot{48, 8}, spot{56, 1})
	require.Equal(t, []byte{0, 1, 1, 1, 1, 1, 1}, packed[57:64])
	checkSpots(t, packed[:113], 64, spot{64, 32}, spot{96, 8}, spot{104, 8}, spot{112, 1})
	require.Equal(t, []byte{1, 2, 2, 2, 2, 2, 2}, packed[113:])
}

func TestMarinadeValidatorList_Invalid(t *testing.T) {
	validators, stakes := marinadeValidators(3, 61).Encode(), marinadeStakes(3, 56).Encode()
	for _, test := range []struct {
		name, list  string
		data        []byte
		size, count uint32
		field       string
		offset      int
		want        error
	}{
		{"not initialized", marinadeValidatorListName, make([]byte, 200), 61, 3, "discriminator", 0,
			accounts.ErrUninitialized},
		{"not initialized", marinadeStakeListName, make([]byte, 200), 56, 3, "discriminator", 0,
			accounts.ErrUninitialized},
		{"the other list", marinadeValidatorListName, stakes, 61, 0, "discriminator", 0,
			accounts.ErrWrongType},
		{"the other list", marinadeStakeListName, validators, 56, 0, "discriminator", 0,
			accounts.ErrWrongType},
		{"short records", marinadeValidatorListName, validators, 60, 3, "records", 8,
			accounts.ErrInvalidValue},
		{"short records", marinadeStakeListName, stakes, 49, 3, "records", 8,
			accounts.ErrInvalidValue},
		{"no size", marinadeValidatorListName, validators, 0, 0, "records", 8,
			accounts.ErrInvalidValue},
		{"no size", marinadeStakeListName, stakes, 0, math.MaxUint32, "records", 8,
			accounts.ErrInvalidValue},
		{"one more", marinadeValidatorListName, validators, 61, 4, "records", 8,
			accounts.ErrWrongLength},
		{"one more", marinadeStakeListName, stakes, 56, 4, "records", 8, accounts.ErrWrongLength},
		{"a byte more", marinadeValidatorListName, validators, 62, 3, "records", 8,
			accounts.ErrWrongLength},
		{"a byte more", marinadeStakeListName, stakes, 57, 3, "records", 8,
			accounts.ErrWrongLength},
		{"huge count", marinadeValidatorListName, validators, 61, math.MaxUint32, "records", 8,
			accounts.ErrWrongLength},
		{"huge count", marinadeStakeListName, stakes, 56, math.MaxUint32, "records", 8,
			accounts.ErrWrongLength},
		{"huge size", marinadeValidatorListName, validators, math.MaxUint32, 1, "records", 8,
			accounts.ErrWrongLength},
		// 2^31 times 2^31 overflows to 0 in 32 bits and in 62 bits.
		{"product", marinadeStakeListName, stakes, 1 << 31, 1 << 31, "records", 8,
			accounts.ErrWrongLength},
		{"both huge", marinadeStakeListName, stakes, math.MaxUint32, math.MaxUint32, "records", 8,
			accounts.ErrWrongLength},
		{"status", marinadeStakeListName, patch(stakes, 8+56+49, 3), 56, 3, "last_update_status",
			8 + 56 + 49, accounts.ErrInvalidValue},
	} {
		t.Run(test.list+"/"+test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := marinadeListDecoders()[test.list](marinadeListAccount(test.data), test.size,
				test.count)
			runtime.ReadMemStats(&after)
			require.Nil(t, got)
			e := requireDecodeError(t, err, test.list, sampleAddress, test.want)
			require.Equal(t, test.field, e.Field)
			require.Equal(t, test.offset, e.Offset)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<10))
		})
	}
}

func TestMarinadeValidatorList_Index(t *testing.T) {
	validators, stakes := marinadeValidators(3, 61), marinadeStakes(3, 56)
	require.Equal(t, 2, validators.Index(keyAt(8+2*61)))
	require.Equal(t, -1, validators.Index(key(1)))
	require.Equal(t, 1, stakes.Index(keyAt(8+56)))
	require.Equal(t, -1, stakes.Index(key(1)))
	require.Equal(t, -1, new(accounts.MarinadeStakeList).Index(solana.PublicKey{}))
}

// marinadeAt771 is the layout of Marinade's lists in epoch 771, in which their
// dumps were made.
func marinadeAt771() *accounts.MarinadeState {
	s := marinadeShape(61, 1310, 56, 165)
	s.ValidatorSystem.TotalActiveBalance = 4_352_357_264_868_349
	s.ValidatorSystem.TotalValidatorScore = 9_026_340
	return s
}

func TestMarinadeValidatorList_Dumps(t *testing.T) {
	all := fixtures(t)
	state := marinadeAt771()

	a := all["router/marinade-validator-list"]
	validators, err := accounts.DecodeMarinadeValidatorList(a, state)
	require.NoError(t, err)
	require.Equal(t, a.Data[:8+1310*61], validators.Encode())
	var balance uint64
	var score uint32
	for _, v := range validators.Validators {
		balance += v.ActiveBalance
		score += v.Score
		require.Zero(t, v.DelinquentUpgraderActiveBalance)
		require.Nil(t, v.Spare)
	}

	require.Equal(t, state.ValidatorSystem.TotalActiveBalance, balance)
	require.Equal(t, state.ValidatorSystem.TotalValidatorScore, score)

	// The list contains the bump seed of the flag, which proves the seeds of
	// its address.
	program, address := accounts.MarinadeProgram, accounts.MarinadeStateAddress
	for _, v := range validators.Validators[585:590] {
		stored, err := solana.CreateProgramAddress(
			[][]byte{address[:], []byte("unique_validator"), v.VoteAccount[:],
				{v.DuplicationFlagBumpSeed}},
			program)

		require.NoError(t, err)
		got, err := accounts.MarinadeDuplicationFlag(program, address, v.VoteAccount)
		requireAddress(t, stored.String(), got, err)
	}

	a = all["router/marinade-stake-list"]
	stakes, err := accounts.DecodeMarinadeStakeList(a, state)
	require.NoError(t, err)
	require.Equal(t, a.Data[:8+165*56], stakes.Encode())
	balance = 0
	for _, s := range stakes.Stakes {
		balance += s.LastUpdateDelegatedLamports
		require.Equal(t, accounts.MarinadeStakeUnknown, s.LastUpdateStatus)
		require.Equal(t, make([]byte, 6), s.Spare)
	}

	require.Equal(t, state.ValidatorSystem.TotalActiveBalance, balance)

	// The stake account of a known withdrawal, and its validator.
	require.Equal(t, 10, stakes.Index(mpk("E5Bo53WkmoYXsb72gDsYS8hbs38fFr16J24TX9RxbQsv")))
	require.Equal(t, 589, validators.Index(mpk("FPjq7vB2V3TiseJJSPsp47UWSfT4AwvKjiU7GEro7bX9")))

	// States of other epochs do not fit the dumps of the lists.
	for _, name := range []string{"router/marinade-state", "infinity-v1/msol-pool"} {
		state := decodeFixture(t, name, accounts.DecodeMarinadeState)
		list, err := accounts.DecodeMarinadeValidatorList(all["router/marinade-list"], state)
		require.NoError(t, err)
		require.Len(t, list.Validators, int(state.ValidatorSystem.ValidatorList.Count))
		require.True(t, bytes.HasPrefix(all["router/marinade-list"].Data, list.Encode()))
		_, err = accounts.DecodeMarinadeStakeList(all["router/marinade-list"], state)
		requireDecodeError(t, err, marinadeStakeListName, all["router/marinade-list"].Address,
			accounts.ErrWrongType)
	}
}

func FuzzDecodeMarinadeLists(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte, size, count uint32) {
		for name, decode := range marinadeListDecoders() {
			buffer := bytes.Clone(data)
			l, err := decode(marinadeListAccount(buffer), size, count)
			if err != nil {
				require.Nil(t, l)
				known := slices.IndexFunc(sentinels(),
					func(s error) bool { return errors.Is(err, s) })
				require.GreaterOrEqual(t, known, 0, "no known reason: %v", err)
				e := requireDecodeError(t, err, name, sampleAddress, sentinels()[known])
				require.LessOrEqual(t, e.Offset, len(data))
				continue
			}

			packed := l.Encode()
			require.Len(t, packed, 8+int(size)*int(count))
			require.Equal(t, data[:len(packed)], packed)
			clear(buffer)
			require.Equal(t, packed, l.Encode(), "the list is a copy")
			again, err := decode(marinadeListAccount(packed), size, count)
			require.NoError(t, err)
			require.Equal(t, l, again)
		}
	})
}

// TestMarinadeValidatorListAddress checks the address against the state of
// Marinade.
func TestMarinadeValidatorListAddress(t *testing.T) {
	got, err := accounts.MarinadeValidatorListAddress(accounts.MarinadeProgram,
		accounts.MarinadeStateAddress)
	requireAddress(t, "DwFYJNnhLmw19FBTrVaLWZ8SZJpxdPoSYVSJaio9tjbY", got, err)
	require.Equal(t,
		withSeed(accounts.MarinadeStateAddress, "validator_list", accounts.MarinadeProgram), got)
	other, err := accounts.MarinadeValidatorListAddress(accounts.MarinadeProgram, key(1))
	require.NoError(t, err)
	require.NotEqual(t, got, other, "the state is the base")
}
