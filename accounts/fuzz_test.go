package accounts_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// The fuzz targets decode arbitrary bytes. Their seeds are in testdata/fuzz.

func FuzzDecodeStakePool(f *testing.F) { fuzzDecode(f, stakePoolName) }

func FuzzDecodeValidatorList(f *testing.F) { fuzzDecode(f, validatorListName) }

func FuzzDecodeStakeAccount(f *testing.F) { fuzzDecode(f, stakeAccountName) }

func FuzzDecodeMint(f *testing.F) { fuzzDecode(f, mintName) }

func FuzzDecodeTokenAccount(f *testing.F) { fuzzDecode(f, tokenAccountName) }

func FuzzDecodeClock(f *testing.F) { fuzzDecode(f, clockName) }

func FuzzDecodeRent(f *testing.F) { fuzzDecode(f, rentName) }

func FuzzDecodeEpochSchedule(f *testing.F) { fuzzDecode(f, epochScheduleName) }

func FuzzDecodeEpochRewards(f *testing.F) { fuzzDecode(f, epochRewardsName) }

func FuzzDecodeStakeHistory(f *testing.F) { fuzzDecode(f, stakeHistoryName) }

func FuzzDecodeLookupTable(f *testing.F) { fuzzDecode(f, lookupTableName) }

func FuzzDecodeProgramData(f *testing.F) { fuzzDecode(f, programDataName) }

func FuzzDecodeNonce(f *testing.F) { fuzzDecode(f, nonceName) }

func FuzzDecodeTokenMetadata(f *testing.F) { fuzzDecode(f, tokenMetadataName) }

func FuzzDecodePoolState(f *testing.F) { fuzzDecode(f, poolStateName) }

func FuzzDecodeLSTStateList(f *testing.F) { fuzzDecode(f, lstStateListName) }

func FuzzDecodeFlatFee(f *testing.F) { fuzzDecode(f, flatFeeStateName, flatFeeAccountName) }

func FuzzDecodeFlatSlab(f *testing.F) { fuzzDecode(f, flatSlabName) }

func FuzzDecodeCalculatorState(f *testing.F) { fuzzDecode(f, calculatorStateName) }

func FuzzDecodeControllerRecords(f *testing.F) {
	fuzzDecode(f, disableListName, rebalanceRecordName)
}

func FuzzDecodeReserve(f *testing.F) {
	fuzzDecode(f, reservePoolName, reserveFeeName, reserveProtocolFeeName, reserveRecordName)
}

func FuzzDecodeReserveV2Pricing(f *testing.F) { fuzzDecode(f, reserveV2PricingName) }

// fuzzDecode checks two properties. A decoded value stays the same when it is
// encoded and decoded again, and when the data is overwritten. Refused data has
// exactly one reason.
func fuzzDecode(f *testing.F, names ...string) {
	var all []codec
	for _, c := range codecs() {
		if slices.Contains(names, c.name) {
			all = append(all, c)
		}
	}

	require.Len(f, all, len(names))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range all {
			for _, owner := range c.owners {
				checkDecode(t, c, owner, data)
			}
		}
	})
}

func checkDecode(t *testing.T, c codec, owner solana.PublicKey, data []byte) {
	buffer := bytes.Clone(data)
	v, err := c.decode(accounts.Account{Address: sampleAddress, Owner: owner, Data: buffer})
	if err != nil {
		require.Nil(t, v)
		var e *accounts.DecodeError
		require.ErrorAs(t, err, &e)
		require.LessOrEqual(t, e.Offset, len(data))
		for _, s := range sentinels() {
			if errors.Is(err, s) {
				requireDecodeError(t, err, c.name, sampleAddress, s)
				return
			}
		}

		require.NoError(t, err, "no known reason")
	}

	packed := v.Encode()
	require.LessOrEqual(t, len(packed), len(data))
	for i := range buffer {
		buffer[i] ^= 0xFF
	}

	require.Equal(t, packed, v.Encode(), "the value is a copy")
	again, err := c.decode(accounts.Account{Owner: owner, Data: packed})
	require.NoError(t, err)
	require.Equal(t, v, again)
	require.Equal(t, packed, again.Encode())

	fromBinary := c.fresh()
	d := decoder(packed)
	require.NoError(t, fromBinary.UnmarshalWithDecoder(d))
	require.Equal(t, v, fromBinary)
	require.Zero(t, d.Remaining())
}
