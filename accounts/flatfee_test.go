package accounts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestFlatFeeState_Dumps(t *testing.T) {
	state := decodeFixture(t, "infinity-v1/flatfee-state", accounts.DecodeFlatFeeState)
	require.Equal(t,
		accounts.FlatFeeState{
			Manager:            mpk("7eYqVNDg6kkDaWwNkGnMgQX9Vsn4yuc9zyx2t5n6AG5p"),
			LPWithdrawalFeeBps: 20,
		},
		*state)

	for name, want := range map[string]accounts.FlatFeeAccount{
		"infinity-v1/flatfee-wsol-fee-acc":   {Bump: 253, InputFeeBps: 1, OutputFeeBps: 12},
		"infinity-v1/flatfee-msol-fee-acc":   {Bump: 255, InputFeeBps: 20, OutputFeeBps: 8},
		"infinity-v1/flatfee-jupsol-fee-acc": {Bump: 254, InputFeeBps: 4, OutputFeeBps: 8},
		"infinity-v1/flatfee-stsol-fee-acc":  {Bump: 255, InputFeeBps: 0, OutputFeeBps: 1},
	} {
		require.Equal(t, want, *decodeFixture(t, name, accounts.DecodeFlatFeeAccount), name)
	}
}
