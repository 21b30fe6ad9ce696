package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// Names of the Reserve's account types in a DecodeError.
const (
	reservePoolName        = "Reserve pool"
	reserveFeeName         = "Reserve fee"
	reserveProtocolFeeName = "Reserve protocol fee"
	reserveRecordName      = "Reserve stake account record"
)

// reserveCodecs are the decoders of the Sanctum Reserve.
func reserveCodecs() []codec {
	program := []solana.PublicKey{mpk("unpXTU2Ndrc7WWNyEhQWe4udTzSibLPi25SXv2xbCHQ")}
	return []codec{
		newCodec(reservePoolName, accounts.DecodeReservePool, program,
			sample{
				name: "pool",
				value: &accounts.ReservePool{
					FeeAuthority:  key(1),
					LPMint:        key(2),
					IncomingStake: 3,
					RecordRent:    4,
				},
				packed: 88,
			},
		),
		newCodec(reserveFeeName, accounts.DecodeReserveFee, program,
			sample{
				name:   "flat",
				value:  &accounts.ReserveFee{Flat: accounts.Ratio{Numerator: 1, Denominator: 2}},
				packed: 25,
			},
			sample{
				name: "linear",
				value: &accounts.ReserveFee{
					Kind:             accounts.ReserveFeeLiquidityLinear,
					MaxLiqRemaining:  accounts.Ratio{Numerator: 1, Denominator: 1000},
					ZeroLiqRemaining: accounts.Ratio{Numerator: 8, Denominator: 100},
				},
				packed: 41,
			},
		),
		newCodec(reserveProtocolFeeName, accounts.DecodeReserveProtocolFee, program,
			sample{
				name: "protocol fee",
				value: &accounts.ReserveProtocolFee{
					Destination:      key(1),
					Authority:        key(2),
					FeeRatio:         accounts.Ratio{Numerator: 3, Denominator: 4},
					ReferrerFeeRatio: accounts.Ratio{Numerator: 5, Denominator: 6},
				},
				packed: 104,
			},
		),
		newCodec(reserveRecordName, accounts.DecodeReserveStakeAccountRecord, program,
			sample{
				name:   "record",
				value:  &accounts.ReserveStakeAccountRecord{LamportsAtCreation: 0x0807060504030201},
				packed: 16,
			},
		),
	}
}

// TestReserveFee_UnknownKind checks that an unknown kind of fee is refused.
func TestReserveFee_UnknownKind(t *testing.T) {
	for _, c := range reserveCodecs() {
		if c.name != reserveFeeName {
			continue
		}
		data := patch(c.samples[1].value.Encode(), 8, 2)
		_, err := c.decode(c.account(c.samples[1], data))
		requireDecodeError(t, err, reserveFeeName, sampleAddress, accounts.ErrInvalidValue)
	}
}

// TestReservePool_Addresses checks the addresses on mainnet.
func TestReservePool_Addresses(t *testing.T) {
	program, pool := accounts.ReserveProgram, accounts.ReservePoolAddress
	got, err := accounts.ReserveSOL(program, pool)
	requireAddress(t, "3rBnnH9TTgd3xwu48rnzGsaQkSr1hR64nY71DrDt6VrQ", got, err)
	got, err = accounts.ReserveFeeAddress(program, pool)
	requireAddress(t, "5Pcu8WeQa3VbBz2vdBT49Rj4gbS4hsnfzuL1LmuRaKFY", got, err)
	got, err = accounts.ReserveProtocolFeeAddress(program)
	requireAddress(t, "2hN9UhvRFVfPYKL6rZJ5YiLEPCLTpN755pgwDJHWgFbU", got, err)
	got, err = accounts.ReserveFlashAccount(program, pool)
	requireAddress(t, "BvCe729YxGXqgyVBW4r4R8S7ypkYm7KUyzVbTMai8kUc", got, err)
	want, _, err := solana.FindProgramAddress([][]byte{pool[:], key(9).Bytes()}, program)
	require.NoError(t, err)
	got, err = accounts.ReserveRecordAddress(program, pool, key(9))
	requireAddress(t, want.String(), got, err)
}

// TestReservePool_Dumps checks the values of the dumps.
func TestReservePool_Dumps(t *testing.T) {
	all := fixtures(t)
	pool := decodeFixture(t, "router/reserve-pool", accounts.DecodeReservePool)
	require.Equal(t, accounts.ReservePool{
		FeeAuthority:  mpk("3etKXcW2fzEJR5YXoSKSmP6UZ633g9uiFv5yuqFUf66k"),
		LPMint:        mpk("uns3MbshJq1TmTyTF2iitMduevPktNKbePD73Wx4jQK"),
		IncomingStake: 54_144_272_894,
		RecordRent:    199 * 1_002_240,
	}, *pool)

	require.Equal(t, accounts.ReservePoolAddress, all["router/reserve-pool"].Address)
	require.Equal(t, accounts.ReserveFee{
		Kind:             accounts.ReserveFeeLiquidityLinear,
		MaxLiqRemaining:  accounts.Ratio{Numerator: 1, Denominator: 1000},
		ZeroLiqRemaining: accounts.Ratio{Numerator: 8, Denominator: 100},
	}, *decodeFixture(t, "router/reserve-fee", accounts.DecodeReserveFee))

	half := accounts.Ratio{
		Numerator:   1,
		Denominator: 2,
	}

	beneficiary := mpk("EeQmNqm1RcQnee8LTyx6ccVG9FnR8TezQuw2JXq2LC1T")

	require.Equal(t, accounts.ReserveProtocolFee{
		Destination:      beneficiary,
		Authority:        beneficiary,
		FeeRatio:         half,
		ReferrerFeeRatio: half,
	},
		*decodeFixture(t, "router/reserve-protocol-fee", accounts.DecodeReserveProtocolFee))
}
