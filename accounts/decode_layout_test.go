package accounts_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

func le(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }

func keyBytes(b byte) []byte { return key(b).Bytes() }

// layoutField is a field of a packed sample: its offset in the state definition
// of the program, and its bytes.
type layoutField struct {
	name   string
	offset int
	want   []byte
}

// layoutCase lists fields of one sample.
type layoutCase struct {
	codec, sample string
	fields        []layoutField
}

// requireLayouts compares the encoded samples with the layouts. Without it, the
// same mistake in the encoder and the decoder would not be noticed.
func requireLayouts(t *testing.T, cases []layoutCase) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.codec+"/"+test.sample, func(t *testing.T) {
			_, s := find(t, test.codec, test.sample)
			packed := s.value.Encode()
			for _, f := range test.fields {
				require.LessOrEqual(t, f.offset+len(f.want), len(packed), f.name)
				require.Equal(t, f.want, packed[f.offset:f.offset+len(f.want)], f.name)
			}
		})
	}
}

// poolFee is a fee of a stake pool. The denominator comes first.
func poolFee(n uint64) []byte { return append(le(10_000+n), le(n)...) }

// poolHead lists the fields of a stake pool with fixed offsets.
var poolHead = []layoutField{
	{"account_type", 0, []byte{1}},
	{"manager", 1, keyBytes(1)},
	{"staker", 33, keyBytes(2)},
	{"stake_deposit_authority", 65, keyBytes(3)},
	{"stake_withdraw_bump_seed", 97, []byte{254}},
	{"validator_list", 98, keyBytes(4)},
	{"reserve_stake", 130, keyBytes(5)},
	{"pool_mint", 162, keyBytes(6)},
	{"manager_fee_account", 194, keyBytes(7)},
	{"token_program_id", 226, keyBytes(8)},
	{"total_lamports", 258, le(0x0807060504030201)},
	{"pool_token_supply", 266, le(0x1817161514131211)},
	{"last_update_epoch", 274, le(0x2827262524232221)},
	{"lockup.unix_timestamp", 282, le(1<<64 - 2)},
	{"lockup.epoch", 290, le(0x3837363534333231)},
	{"lockup.custodian", 298, keyBytes(9)},
	{"epoch_fee", 330, poolFee(1)},
}

// stakePoolLayouts are the layouts of the accounts of a stake pool.
var stakePoolLayouts = []layoutCase{
	{stakePoolName, "no options", append([]layoutField{
		{"next_epoch_fee", 346, []byte{0}},
		{"preferred_deposit_validator_vote_address", 347, []byte{0}},
		{"preferred_withdraw_validator_vote_address", 348, []byte{0}},
		{"stake_deposit_fee", 349, poolFee(2)},
		{"stake_withdrawal_fee", 365, poolFee(3)},
		{"next_stake_withdrawal_fee", 381, []byte{0}},
		{"stake_referral_fee", 382, []byte{11}},
		{"sol_deposit_authority", 383, []byte{0}},
		{"sol_deposit_fee", 384, poolFee(4)},
		{"sol_referral_fee", 400, []byte{12}},
		{"sol_withdraw_authority", 401, []byte{0}},
		{"sol_withdrawal_fee", 402, poolFee(5)},
		{"next_sol_withdrawal_fee", 418, []byte{0}},
		{"last_epoch_pool_token_supply", 419, le(0x4847464544434241)},
		{"last_epoch_total_lamports", 427, le(0x5857565554535251)},
	}, poolHead...)},
	{stakePoolName, "all options", append([]layoutField{
		{"next_epoch_fee", 346, append([]byte{2}, poolFee(6)...)},
		{"preferred_deposit_validator_vote_address", 363, append([]byte{1}, keyBytes(21)...)},
		{"preferred_withdraw_validator_vote_address", 396, append([]byte{1}, keyBytes(22)...)},
		{"stake_deposit_fee", 429, poolFee(2)},
		{"stake_withdrawal_fee", 445, poolFee(3)},
		{"next_stake_withdrawal_fee", 461, append([]byte{1}, poolFee(7)...)},
		{"stake_referral_fee", 478, []byte{11}},
		{"sol_deposit_authority", 479, append([]byte{1}, keyBytes(23)...)},
		{"sol_deposit_fee", 512, poolFee(4)},
		{"sol_referral_fee", 528, []byte{12}},
		{"sol_withdraw_authority", 529, append([]byte{1}, keyBytes(24)...)},
		{"sol_withdrawal_fee", 562, poolFee(5)},
		{"next_sol_withdrawal_fee", 578, append([]byte{2}, poolFee(8)...)},
		{"last_epoch_pool_token_supply", 595, le(0x4847464544434241)},
		{"last_epoch_total_lamports", 603, le(0x5857565554535251)},
	}, poolHead...)},
	{validatorListName, "three", []layoutField{
		{"account_type", 0, []byte{2}},
		{"max_validators", 1, []byte{5, 0, 0, 0}},
		{"validators.len", 5, []byte{3, 0, 0, 0}},
		{"active_stake_lamports", 155 + 0, le(0x0807060504030201)},
		{"transient_stake_lamports", 155 + 8, le(0x1817161514131211)},
		{"last_update_epoch", 155 + 16, le(0x2827262524232221)},
		{"transient_seed_suffix", 155 + 24, le(0x3837363534333231)},
		{"unused", 155 + 32, []byte{0x41, 0x42, 0x43, 0x44}},
		{"validator_seed_suffix", 155 + 36, []byte{0x51, 0x52, 0x53, 0x54}},
		{"status", 155 + 40, []byte{2}},
		{"vote_account_address", 155 + 41, keyBytes(2)},
	}},
}

// TestStakePool_Layout checks the layouts of the accounts of a stake pool.
func TestStakePool_Layout(t *testing.T) { requireLayouts(t, stakePoolLayouts) }

// stakeAccountLayouts are the layouts of a native stake account.
var stakeAccountLayouts = []layoutCase{
	{stakeAccountName, "initialized", []layoutField{{"state", 0, []byte{1, 0, 0, 0}}}},
	{stakeAccountName, "delegated", []layoutField{
		{"state", 0, []byte{2, 0, 0, 0}},
		{"meta.rent_exempt_reserve", 4, le(2_282_880)},
		{"meta.authorized.staker", 12, keyBytes(1)},
		{"meta.authorized.withdrawer", 44, keyBytes(2)},
		{"meta.lockup.unix_timestamp", 76, le(1<<64 - 3)},
		{"meta.lockup.epoch", 84, le(4)},
		{"meta.lockup.custodian", 92, keyBytes(5)},
		{"delegation.voter_pubkey", 124, keyBytes(6)},
		{"delegation.stake", 156, le(7)},
		{"delegation.activation_epoch", 164, le(8)},
		{"delegation.deactivation_epoch", 172, le(1<<64 - 1)},
		{"delegation.reserved", 180, []byte{0, 0, 0, 0, 0, 0, 0xD0, 0x3F}},
		{"credits_observed", 188, le(9)},
		{"stake_flags", 196, []byte{1}},
	}},
}

// TestStakeAccount_Layout checks the layouts of a native stake account.
func TestStakeAccount_Layout(t *testing.T) { requireLayouts(t, stakeAccountLayouts) }

// tokenExtensionLayouts are the layouts of mints and token accounts with
// extensions.
var tokenExtensionLayouts = []layoutCase{
	{mintName, "extensions", []layoutField{
		{"padding", 82, make([]byte, 165-82)},
		{"account_type", 165, []byte{1}},
		{"metadata pointer", 166, []byte{18, 0, 3, 0, 1, 2, 3}},
		{"immutable owner", 173, []byte{7, 0, 0, 0}},
	}},
	{tokenAccountName, "extensions", []layoutField{
		{"account_type", 165, []byte{2}},
		{"metadata pointer", 166, []byte{18, 0, 3, 0, 1, 2, 3}},
	}},
}

// TestMint_ExtensionLayout checks the layouts of mints and token accounts with
// extensions.
func TestMint_ExtensionLayout(t *testing.T) { requireLayouts(t, tokenExtensionLayouts) }

// sysvarLayouts are the layouts of the sysvars.
var sysvarLayouts = []layoutCase{
	{clockName, "clock", []layoutField{
		{"slot", 0, le(411_884_877)},
		{"epoch_start_timestamp", 8, le(1<<64 - 1)},
		{"epoch", 16, le(953)},
		{"leader_schedule_epoch", 24, le(954)},
		{"unix_timestamp", 32, le(1_790_000_000)},
	}},
	{rentName, "rent", []layoutField{
		{"lamports_per_byte", 0, le(5080)},
		{"exemption_threshold", 8, le(0x3FF0000000000000)},
		{"burn_percent", 16, []byte{50}},
	}},
	{epochScheduleName, "warmup", []layoutField{
		{"slots_per_epoch", 0, le(8192)},
		{"leader_schedule_slot_offset", 8, le(8193)},
		{"warmup", 16, []byte{1}},
		{"first_normal_epoch", 17, le(8)},
		{"first_normal_slot", 25, le(8160)},
	}},
	{epochRewardsName, "active", []layoutField{
		{"distribution_starting_block_height", 0, le(1)},
		{"num_partitions", 8, le(2)},
		{"parent_blockhash", 16, keyBytes(3)},
		{"total_points", 48, []byte{4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}},
		{"total_rewards", 64, le(6)},
		{"distributed_rewards", 72, le(7)},
		{"active", 80, []byte{1}},
	}},
	{stakeHistoryName, "two", []layoutField{
		{"len", 0, le(2)},
		{"epoch", 40, le(899)},
		{"effective", 48, le(2)},
		{"activating", 56, le(3)},
		{"deactivating", 64, le(4)},
	}},
}

// TestClock_Layout checks the layouts of the sysvars.
func TestClock_Layout(t *testing.T) { requireLayouts(t, sysvarLayouts) }

// reserveLayouts are the layouts of the Reserve's accounts.
var reserveLayouts = []layoutCase{
	{reservePoolName, "pool", []layoutField{
		{"discriminator", 0, []byte("\xf1\x9a\x6d\x04\x11\xb1\x6d\xbc")},
		{"fee_authority", 8, keyBytes(1)},
		{"lp_mint", 40, keyBytes(2)},
		{"incoming_stake", 72, le(3)},
		{"stake_account_record_rent_lamports", 80, le(4)},
	}},
	{reserveFeeName, "flat", []layoutField{
		{"discriminator", 0, []byte("\x18\x37\x96\xfa\xa8\x1b\x65\xb2")},
		{"variant", 8, []byte{0}},
		{"ratio", 9, append(le(1), le(2)...)},
	}},
	{reserveFeeName, "linear", []layoutField{
		{"variant", 8, []byte{1}},
		{"max_liq_remaining", 9, append(le(1), le(1000)...)},
		{"zero_liq_remaining", 25, append(le(8), le(100)...)},
	}},
	{reserveProtocolFeeName, "protocol fee", []layoutField{
		{"discriminator", 0, []byte("\x79\x7f\x62\x8b\x48\x6e\x2c\x76")},
		{"destination", 8, keyBytes(1)},
		{"authority", 40, keyBytes(2)},
		{"fee_ratio", 72, append(le(3), le(4)...)},
		{"referrer_fee_ratio", 88, append(le(5), le(6)...)},
	}},
	{reserveRecordName, "record", []layoutField{
		{"discriminator", 0, []byte("\x90\xcd\xb7\xf1\x03\xfa\xd0\xd7")},
		{"lamports_at_creation", 8, le(0x0807060504030201)},
	}},
}

// TestReservePool_Layout checks the layouts of the Reserve's accounts.
func TestReservePool_Layout(t *testing.T) { requireLayouts(t, reserveLayouts) }

// systemLayouts are the layouts of nonces, lookup tables and program data.
var systemLayouts = []layoutCase{
	{tokenMetadataName, "padded", []layoutField{
		{"key", 0, []byte{4}},
		{"update_authority", 1, keyBytes(1)},
		{"mint", 33, keyBytes(2)},
		{"name.len", 65, []byte{18, 0, 0, 0}},
		{"name", 69, []byte("First Staked SOL\x00\x00")},
		{"symbol.len", 87, []byte{10, 0, 0, 0}},
		{"symbol", 91, []byte("oneSOL\x00\x00\x00\x00")},
		{"uri.len", 101, []byte{14, 0, 0, 0}},
		{"uri", 105, []byte("https://a.b/c\x00")},
	}},
	{nonceName, "legacy", []layoutField{{"version", 0, []byte{0, 0, 0, 0}}}},
	{nonceName, "current", []layoutField{
		{"version", 0, []byte{1, 0, 0, 0}},
		{"state", 4, []byte{1, 0, 0, 0}},
		{"authority", 8, keyBytes(1)},
		{"durable_nonce", 40, keyBytes(2)},
		{"lamports_per_signature", 72, le(5000)},
	}},
	{lookupTableName, "authority", []layoutField{
		{"state", 0, []byte{1, 0, 0, 0}},
		{"deactivation_slot", 4, le(1<<64 - 1)},
		{"last_extended_slot", 12, le(0x0807060504030201)},
		{"last_extended_slot_start_index", 20, []byte{7}},
		{"authority", 21, append([]byte{1}, keyBytes(9)...)},
		{"padding", 54, []byte{0, 0}},
		{"addresses", 56 + 2*32, keyBytes(3)},
	}},
	{lookupTableName, "frozen", []layoutField{
		{"authority and padding", 21, make([]byte, 35)},
		{"addresses", 56, keyBytes(1)},
	}},
	{programDataName, "upgradeable", []layoutField{
		{"state", 0, []byte{3, 0, 0, 0}},
		{"slot", 4, le(411_884_877)},
		{"upgrade_authority", 12, append([]byte{1}, keyBytes(1)...)},
	}},
}

// TestNonce_Layout checks the layouts of nonces, lookup tables and program
// data.
func TestNonce_Layout(t *testing.T) { requireLayouts(t, systemLayouts) }

// controllerLayouts are the layouts of the controller's accounts.
var controllerLayouts = []layoutCase{
	{poolStateName, "version 1", []layoutField{
		{"total_sol_value", 0, le(0x0807060504030201)},
		{"trading_protocol_fee_bps", 8, []byte{0x11, 0x12}},
		{"lp_protocol_fee_bps", 10, []byte{0x21, 0x22}},
		{"version", 12, []byte{1}},
		{"is_disabled", 13, []byte{0}},
		{"is_rebalancing", 14, []byte{1}},
		{"padding", 15, []byte{0}},
		{"admin", 16, keyBytes(1)},
		{"rebalance_authority", 48, keyBytes(2)},
		{"protocol_fee_beneficiary", 80, keyBytes(3)},
		{"pricing_program", 112, keyBytes(4)},
		{"lp_token_mint", 144, keyBytes(5)},
	}},
	{poolStateName, "version 2", []layoutField{
		{"total_sol_value", 0, le(0x0807060504030201)},
		{"protocol_fee_nanos", 8, []byte{0x11, 0x12, 0x13, 0x14}},
		{"version", 12, []byte{2}},
		{"is_disabled", 13, []byte{1}},
		{"is_rebalancing", 14, []byte{0}},
		{"padding", 15, []byte{0}},
		{"admin", 16, keyBytes(1)},
		{"rebalance_authority", 48, keyBytes(2)},
		{"protocol_fee_beneficiary", 80, keyBytes(3)},
		{"pricing_program", 112, keyBytes(4)},
		{"lp_token_mint", 144, keyBytes(5)},
		{"rps_authority", 176, keyBytes(6)},
		{"rps", 208, le(0x2827262524232221)},
		{"withheld_lamports", 216, le(0x3837363534333231)},
		{"protocol_fee_lamports", 224, le(0x4847464544434241)},
		{"last_release_slot", 232, le(0x5857565554535251)},
	}},
	{lstStateListName, "three", []layoutField{
		{"is_input_disabled", 80, []byte{1}},
		{"pool_reserves_bump", 81, []byte{0xF1}},
		{"protocol_fee_accumulator_bump", 82, []byte{0xE1}},
		{"padding", 83, make([]byte, 5)},
		{"sol_value", 88, le(0x0807060504030201)},
		{"mint", 96, keyBytes(0x11)},
		{"sol_value_calculator", 128, keyBytes(0x21)},
		{"is_input_disabled", 160, []byte{0}},
	}},
	{disableListName, "two", []layoutField{{"authority", 32, keyBytes(2)}}},
	{rebalanceRecordName, "record", []layoutField{
		{"old_total_sol_value", 0, le(0x0807060504030201)},
		{"inp_lst_index", 8, []byte{0x11, 0x12, 0x13, 0x14, 0, 0, 0, 0}},
	}},
}

// TestPoolState_Layout checks the layouts of the controller's accounts.
func TestPoolState_Layout(t *testing.T) { requireLayouts(t, controllerLayouts) }

// pricingLayouts are the layouts of the pricing programs and calculators.
var pricingLayouts = []layoutCase{
	{flatFeeStateName, "state",
		[]layoutField{{"manager", 0, keyBytes(1)},
			{"lp_withdrawal_fee_bps", 32, []byte{0x11, 0x12}}}},
	{flatFeeAccountName, "fees", []layoutField{
		{"bump", 0, []byte{253, 0}}, {"input_fee_bps", 2, []byte{0x10, 0x27}},
		{"output_fee_bps", 4, []byte{7, 0}},
	}},
	{flatFeeAccountName, "rebates",
		[]layoutField{{"input_fee_bps", 2, []byte{0xF0, 0xD8}},
			{"output_fee_bps", 4, []byte{0xFE, 0xFF}}}},
	{flatSlabName, "three", []layoutField{
		{"admin", 0, keyBytes(9)},
		{"mint", 72, keyBytes(0x7F)},
		{"inp_fee_nanos", 104, []byte{0x80, 0x84, 0x1E, 0x00}},
		{"out_fee_nanos", 108, []byte{0xFD, 0xFF, 0xFF, 0xFF}},
	}},
	{reserveV2PricingName, "three", []layoutField{
		{"admin", 0, keyBytes(9)},
		{"mint", 84, keyBytes(0x7F)},
		{"threshold_nanos", 116, []byte{0x02, 0x11, 0, 0}},
		{"base_fee_nanos", 120, []byte{0x02, 0x21, 0, 0}},
		{"threshold_fee_nanos", 124, []byte{0x02, 0x31, 0, 0}},
		{"max_fee_nanos", 128, []byte{0x02, 0x41, 0, 0}},
		{"output_fee_nanos", 132, []byte{0x02, 0x51, 0, 0}},
	}},
	{calculatorStateName, "state",
		[]layoutField{{"manager", 0, keyBytes(1)}, {"last_upgrade_slot", 32, le(411_884_877)}}},
}

// TestFlatSlab_Layout checks the layouts of the pricing programs and
// calculators.
func TestFlatSlab_Layout(t *testing.T) { requireLayouts(t, pricingLayouts) }
