package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// invalidCase replaces bytes of a valid sample, and names the field and the
// error of the result.
type invalidCase struct {
	codec, sample string
	field         string
	offset        int
	with          []byte
	want          error
}

// requireInvalid decodes each sample with one invalid field.
func requireInvalid(t *testing.T, cases []invalidCase) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.codec+"/"+test.sample+"/"+test.field, func(t *testing.T) {
			c, s := find(t, test.codec, test.sample)
			offset := test.offset
			if test.field == "extensions" {
				// The invalid header is before the data that is missing.
				offset -= 4
			}

			got, err := c.decode(c.account(s, patch(s.value.Encode(), offset, test.with...)))
			require.Nil(t, got)
			e := requireDecodeError(t, err, c.name, sampleAddress, test.want)
			require.Equal(t, test.field, e.Field)
			require.Equal(t, test.offset, e.Offset)
		})
	}
}

// invalidStakePools are invalid tags and values of stake pools.
var invalidStakePools = []invalidCase{
	{stakePoolName, "no options", "account_type", 0, []byte{0}, accounts.ErrUninitialized},
	{stakePoolName, "no options", "account_type", 0, []byte{2}, accounts.ErrWrongType},
	{stakePoolName, "no options", "account_type", 0, []byte{3}, accounts.ErrWrongType},
	{stakePoolName, "no options", "next_epoch_fee", 346, []byte{3}, accounts.ErrInvalidValue},
	{stakePoolName, "no options", "preferred_deposit_validator_vote_address", 347, []byte{2},
		accounts.ErrInvalidValue},
	{stakePoolName, "no options", "preferred_withdraw_validator_vote_address", 348, []byte{2},
		accounts.ErrInvalidValue},
	{stakePoolName, "no options", "next_stake_withdrawal_fee", 381, []byte{3},
		accounts.ErrInvalidValue},
	{stakePoolName, "no options", "sol_deposit_authority", 383, []byte{255},
		accounts.ErrInvalidValue},
	{stakePoolName, "no options", "sol_withdraw_authority", 401, []byte{2},
		accounts.ErrInvalidValue},
	{stakePoolName, "no options", "next_sol_withdrawal_fee", 418, []byte{3},
		accounts.ErrInvalidValue},
	{stakePoolName, "all options", "next_epoch_fee", 346, []byte{3}, accounts.ErrInvalidValue},
	{stakePoolName, "all options", "preferred_deposit_validator_vote_address", 363, []byte{2},
		accounts.ErrInvalidValue},
	{stakePoolName, "all options", "preferred_withdraw_validator_vote_address", 396, []byte{2},
		accounts.ErrInvalidValue},
	{stakePoolName, "all options", "next_stake_withdrawal_fee", 461, []byte{3},
		accounts.ErrInvalidValue},
	{stakePoolName, "all options", "sol_deposit_authority", 479, []byte{2},
		accounts.ErrInvalidValue},
	{stakePoolName, "all options", "sol_withdraw_authority", 529, []byte{2},
		accounts.ErrInvalidValue},
	{stakePoolName, "all options", "next_sol_withdrawal_fee", 578, []byte{3},
		accounts.ErrInvalidValue},
}

// TestStakePool_Invalid decodes invalid stake pools.
func TestStakePool_Invalid(t *testing.T) { requireInvalid(t, invalidStakePools) }

// invalidLists are invalid tags and values of validator lists and stake
// accounts.
var invalidLists = []invalidCase{
	{validatorListName, "three", "account_type", 0, []byte{0}, accounts.ErrUninitialized},
	{validatorListName, "three", "account_type", 0, []byte{1}, accounts.ErrWrongType},
	{validatorListName, "three", "status", 9 + 40, []byte{5}, accounts.ErrInvalidValue},
	{validatorListName, "three", "status", 9 + 2*73 + 40, []byte{5}, accounts.ErrInvalidValue},
	{stakeAccountName, "delegated", "state", 0, []byte{4}, accounts.ErrInvalidValue},
	{stakeAccountName, "delegated", "state", 0, []byte{2, 1}, accounts.ErrInvalidValue},
}

// TestValidatorList_Invalid decodes invalid validator lists and stake accounts.
func TestValidatorList_Invalid(t *testing.T) { requireInvalid(t, invalidLists) }

// invalidTokens are invalid tags and values of mints and token accounts.
var invalidTokens = []invalidCase{
	{mintName, "all options", "mint_authority", 0, []byte{2}, accounts.ErrInvalidValue},
	{mintName, "all options", "mint_authority", 0, []byte{1, 0, 0, 1},
		accounts.ErrInvalidValue},
	{mintName, "all options", "is_initialized", 45, []byte{0}, accounts.ErrUninitialized},
	{mintName, "all options", "is_initialized", 45, []byte{2}, accounts.ErrInvalidValue},
	{mintName, "all options", "freeze_authority", 46, []byte{2}, accounts.ErrInvalidValue},
	{mintName, "extensions", "account_type", 165, []byte{0}, accounts.ErrUninitialized},
	{mintName, "extensions", "account_type", 165, []byte{2}, accounts.ErrWrongType},
	{mintName, "extensions", "extensions", 170, []byte{18, 0, 0xFF, 0xFF},
		accounts.ErrWrongLength},
	{tokenAccountName, "all options", "delegate", 72, []byte{2}, accounts.ErrInvalidValue},
	{tokenAccountName, "all options", "state", 108, []byte{0}, accounts.ErrUninitialized},
	{tokenAccountName, "all options", "state", 108, []byte{3}, accounts.ErrInvalidValue},
	{tokenAccountName, "all options", "is_native", 109, []byte{2}, accounts.ErrInvalidValue},
	{tokenAccountName, "all options", "close_authority", 129, []byte{2},
		accounts.ErrInvalidValue},
	{tokenAccountName, "extensions", "account_type", 165, []byte{0}, accounts.ErrUninitialized},
	{tokenAccountName, "extensions", "account_type", 165, []byte{1}, accounts.ErrWrongType},
}

// TestTokenAccount_Invalid decodes invalid mints and token accounts.
func TestTokenAccount_Invalid(t *testing.T) { requireInvalid(t, invalidTokens) }

// invalidSystem are invalid tags and values of sysvars, lookup tables, nonces
// and program data.
var invalidSystem = []invalidCase{
	{epochScheduleName, "mainnet", "warmup", 16, []byte{2}, accounts.ErrInvalidValue},
	{epochRewardsName, "active", "active", 80, []byte{2}, accounts.ErrInvalidValue},
	{lookupTableName, "authority", "state", 0, []byte{0}, accounts.ErrUninitialized},
	{lookupTableName, "authority", "state", 0, []byte{2}, accounts.ErrInvalidValue},
	{lookupTableName, "authority", "authority", 21, []byte{2}, accounts.ErrInvalidValue},
	{tokenMetadataName, "padded", "key", 0, []byte{0}, accounts.ErrUninitialized},
	{tokenMetadataName, "padded", "key", 0, []byte{6}, accounts.ErrWrongType},
	{tokenMetadataName, "padded", "name", 65, []byte{255, 255, 255, 255}, accounts.ErrWrongLength},
	{tokenMetadataName, "padded", "uri", 101, []byte{15}, accounts.ErrWrongLength},
	{nonceName, "current", "version", 0, []byte{2}, accounts.ErrInvalidValue},
	{nonceName, "current", "version", 0, []byte{1, 1}, accounts.ErrInvalidValue},
	{nonceName, "current", "state", 4, []byte{2}, accounts.ErrInvalidValue},
	{nonceName, "legacy", "state", 4, []byte{1, 0, 0, 1}, accounts.ErrInvalidValue},
	{programDataName, "upgradeable", "state", 0, []byte{0}, accounts.ErrUninitialized},
	// The loader's other states: buffer and program.
	{programDataName, "upgradeable", "state", 0, []byte{1}, accounts.ErrWrongType},
	{programDataName, "upgradeable", "state", 0, []byte{2}, accounts.ErrWrongType},
	{programDataName, "upgradeable", "state", 0, []byte{4}, accounts.ErrWrongType},
	{programDataName, "upgradeable", "upgrade_authority", 12, []byte{2},
		accounts.ErrInvalidValue},
}

// TestNonce_Invalid decodes invalid sysvars, lookup tables, nonces and program
// data.
func TestNonce_Invalid(t *testing.T) { requireInvalid(t, invalidSystem) }

// invalidInfinity are invalid tags and values of the accounts of Infinity and
// Reserve V2.
var invalidInfinity = []invalidCase{
	{poolStateName, "version 1", "version", 12, []byte{0}, accounts.ErrInvalidValue},
	{poolStateName, "version 1", "version", 12, []byte{3}, accounts.ErrInvalidValue},
	{poolStateName, "version 2", "version", 12, []byte{3}, accounts.ErrInvalidValue},
	{poolStateName, "version 2", "version", 12, []byte{255}, accounts.ErrInvalidValue},
	{flatSlabName, "three", "mint", 72, []byte{0x7D}, accounts.ErrInvalidValue},
	{flatSlabName, "three", "mint", 112, []byte{0x7D}, accounts.ErrInvalidValue},
	{reserveV2PricingName, "three", "mint", 84, []byte{0x7D}, accounts.ErrInvalidValue},
	{reserveV2PricingName, "three", "mint", 136, []byte{0x7D}, accounts.ErrInvalidValue},
	{reserveV2PricingName, "three", "threshold_nanos", 64, []byte{0, 0, 0, 0},
		accounts.ErrInvalidValue},
	{reserveV2PricingName, "three", "threshold_nanos", 64, []byte{0x00, 0xCA, 0x9A, 0x3B},
		accounts.ErrInvalidValue},
	{reserveV2PricingName, "three", "base_fee_nanos", 68, []byte{0x02, 0x31},
		accounts.ErrInvalidValue},
	{reserveV2PricingName, "three", "threshold_fee_nanos", 124, []byte{0x03, 0x41},
		accounts.ErrInvalidValue},
	{reserveV2PricingName, "three", "max_fee_nanos", 180, []byte{0x01, 0xCA, 0x9A, 0x3B},
		accounts.ErrInvalidValue},
	{reserveV2PricingName, "three", "output_fee_nanos", 184, []byte{0x01, 0xCA, 0x9A, 0x3B},
		accounts.ErrInvalidValue},
}

// TestPoolState_Invalid decodes invalid accounts of Infinity and Reserve V2.
func TestPoolState_Invalid(t *testing.T) { requireInvalid(t, invalidInfinity) }

// TestDecode_Zeroed decodes accounts that were allocated but not initialized.
// For some types all zeros are a valid value.
func TestDecode_Zeroed(t *testing.T) {
	for _, test := range []struct {
		codec string
		space int
		// want is nil if zeros decode as the zero value.
		want error
	}{
		{stakePoolName, accounts.StakePoolSpace, accounts.ErrUninitialized},
		{validatorListName, accounts.ValidatorListHeaderSize + accounts.ValidatorStakeInfoSize,
			accounts.ErrUninitialized},
		{stakeAccountName, accounts.StakeAccountSpace, nil},
		{mintName, accounts.MintSpace, accounts.ErrUninitialized},
		{tokenAccountName, accounts.TokenAccountSpace, accounts.ErrUninitialized},
		{clockName, 40, nil},
		{rentName, 17, nil},
		{epochScheduleName, 33, nil},
		{epochRewardsName, 81, nil},
		{lookupTableName, 56, accounts.ErrUninitialized},
		{programDataName, accounts.ProgramDataHeaderSize, accounts.ErrUninitialized},
		{poolStateName, accounts.PoolStateV1Space, accounts.ErrInvalidValue},
		{poolStateName, accounts.PoolStateV2Space, accounts.ErrInvalidValue},
		{rebalanceRecordName, 16, nil},
		{flatFeeStateName, 34, nil},
		{flatFeeAccountName, 6, nil},
		{calculatorStateName, 40, nil},
	} {
		for _, c := range codecs() {
			if c.name != test.codec {
				continue
			}

			t.Run(c.name, func(t *testing.T) {
				for _, owner := range c.owners {
					got, err := c.decode(accounts.Account{
						Owner: owner,
						Data:  make([]byte, test.space),
					})
					if test.want == nil {
						require.NoError(t, err)
						require.Equal(t, c.fresh(), got)
						continue
					}

					require.Nil(t, got)
					e := requireDecodeError(t, err, c.name, solana.PublicKey{}, test.want)
					require.NotEmpty(t, e.Field)
				}
			})
		}
	}
}
