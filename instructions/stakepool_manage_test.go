package instructions_test

import (
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// Addresses of the instructions of an operator.
const (
	stakeConfig     = "StakeConfig11111111111111111111111111111111"
	metadataProgram = "metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s"
)

// operatorCase is an instruction of an operator, with its data and accounts as
// solana-program/stake-pool, program/src/instruction.rs, lists them.
type operatorCase struct {
	name  string
	build builder
	data  string
	metas []meta
}

// address derives an address with the seeds.
func address(t *testing.T, of solana.PublicKey, seeds ...[]byte) solana.PublicKey {
	t.Helper()
	derived, _, err := solana.FindProgramAddress(seeds, of)
	require.NoError(t, err)
	return derived
}

// managementCases returns the instructions of the manager.
func managementCases(t *testing.T) []operatorCase {
	t.Helper()
	p := stakePool(t)
	manager, next := user, newAuthority
	program := solana.MPK(metadataProgram)
	described := meta{address(t, program, []byte("metadata"), program[:], mint[:]), "w"}
	initialize := instructions.StakePoolInitialize{
		Pool:          p,
		Manager:       manager,
		Staker:        next,
		EpochFee:      accounts.Fee{Numerator: 5, Denominator: 100},
		WithdrawalFee: accounts.Fee{Numerator: 1, Denominator: 1000},
		DepositFee:    accounts.Fee{Numerator: 2, Denominator: 3},
		ReferralFee:   40,
		MaxValidators: 300,
	}

	private := initialize
	private.DepositAuthority = &authority
	fees := "00 6400000000000000 0500000000000000 e803000000000000 0100000000000000" +
		"0300000000000000 0200000000000000 28 2c010000"
	initial := []meta{{pool, "w"}, {manager, "s"}, {next, ""}, {withdrawAuthority, ""},
		{list, "w"}, {reserve, ""}, {mint, "w"}, {feeAccount, "w"}, {tokenProgram, ""}}
	by := []meta{{pool, "w"}, {manager, "s"}}
	metadata := instructions.StakePoolMetadata{
		Name:   "Ä1",
		Symbol: "aSOL",
		URI:    "u",
	}

	texts := "03000000c38431 0400000061534f4c 0100000075"

	cases := []operatorCase{
		{"Initialize", initialize, fees, initial},
		{"Initialize, with a deposit authority", private, fees, append(initial[:9:9],
			meta{authority, ""})},
		{"SetManager", instructions.StakePoolSetManager{Pool: p, Manager: manager,
			NewManager: next, NewManagerFeeAccount: userTokens}, "0b",
			append(by[:2:2], meta{next, "s"}, meta{userTokens, ""})},
		{"SetStaker", instructions.StakePoolSetStaker{Pool: p, Authority: manager,
			NewStaker: next}, "0d", append(by[:2:2], meta{next, ""})},
		{"SetFee, SOL referral", instructions.StakePoolSetReferralFee{Pool: p, Manager: manager,
			Percent: 40}, "0c 00 28", by},
		{"SetFee, stake referral", instructions.StakePoolSetReferralFee{Pool: p, Manager: manager,
			Stake: true, Percent: 100}, "0c 01 64", by},
		{"CreateTokenMetadata", instructions.StakePoolCreateTokenMetadata{Pool: p,
			Manager: manager, Payer: next, Metadata: metadata}, "11" + texts,
			[]meta{{pool, ""}, {manager, "s"}, {withdrawAuthority, ""}, {mint, ""}, {next, "sw"},
				described, known(metadataProgram, ""), known(systemProgram, "")}},
		{"UpdateTokenMetadata", instructions.StakePoolUpdateTokenMetadata{Pool: p,
			Manager: manager, Metadata: metadata}, "12" + texts,
			[]meta{{pool, ""}, {manager, "s"}, {withdrawAuthority, ""}, described,
				known(metadataProgram, "")}},
	}

	for name, kind := range map[string]accounts.StakePoolFeeKind{
		"02": accounts.StakePoolEpochFee,
		"03": accounts.StakePoolStakeWithdrawalFee,
		"04": accounts.StakePoolSOLDepositFee,
		"05": accounts.StakePoolStakeDepositFee,
		"06": accounts.StakePoolSOLWithdrawalFee,
	} {
		cases = append(cases, operatorCase{"SetFee, " + name, instructions.StakePoolSetFee{
			Pool:    p,
			Manager: manager,
			Kind:    kind,
			Fee:     accounts.Fee{Numerator: 7, Denominator: 256},
		}, "0c" + name + "0001000000000000 0700000000000000", by})
	}

	for name, operation := range map[string]instructions.StakePoolFunding{
		"00": instructions.StakePoolFundingStakeDeposit,
		"01": instructions.StakePoolFundingSOLDeposit,
		"02": instructions.StakePoolFundingSOLWithdrawal,
	} {
		open := instructions.StakePoolSetFundingAuthority{Pool: p, Manager: manager,
			Operation: operation}
		reserved := open
		reserved.Authority = &authority
		cases = append(cases,
			operatorCase{"SetFundingAuthority, open " + name, open, "0f" + name, by},
			operatorCase{"SetFundingAuthority, reserved " + name, reserved, "0f" + name,
				append(by[:2:2], meta{authority, ""})})
	}

	return cases
}

func operatorCases(t *testing.T) []operatorCase {
	t.Helper()
	return append(managementCases(t), validatorCases(t)...)
}

// TestStakePool_OperatorGolden compares data and accounts of every instruction
// of an operator with those of the program's own source.
func TestStakePool_OperatorGolden(t *testing.T) {
	for _, test := range operatorCases(t) {
		t.Run(test.name, func(t *testing.T) {
			ix, err := test.build.Build()
			require.NoError(t, err)
			requireInstruction(t, program, test.data, test.metas, ix)
		})
	}
}

// TestStakePool_OperatorKeys sets each key to zero, and checks that
// instructions share no memory.
func TestStakePool_OperatorKeys(t *testing.T) {
	for _, test := range operatorCases(t) {
		t.Run(test.name, func(t *testing.T) {
			name, _, _ := strings.Cut(test.name, ",")
			require.Greater(t, requireKeysNeeded(t, name, test.build), 2)
			requireNothingShared(t, test.build)
		})
	}
}

// managementErrors returns wrong inputs of the instructions of the manager.
func managementErrors(t *testing.T) []buildErrorCase {
	t.Helper()
	p := stakePool(t)
	over := accounts.Fee{Numerator: 4, Denominator: 3}
	fee := func(kind accounts.StakePoolFeeKind, fee accounts.Fee) builder {
		return instructions.StakePoolSetFee{
			Pool:    p,
			Manager: user,
			Kind:    kind,
			Fee:     fee,
		}
	}

	initialize := instructions.StakePoolInitialize{
		Pool:          p,
		Manager:       user,
		Staker:        user,
		MaxValidators: 1,
	}

	epoch, withdrawal, deposit := initialize, initialize, initialize
	epoch.EpochFee, withdrawal.WithdrawalFee, deposit.DepositFee = over, over, over
	referral, none, zero := initialize, initialize, initialize
	referral.ReferralFee, none.MaxValidators, zero.DepositAuthority = 101, 0, &solana.PublicKey{}
	named := func(m instructions.StakePoolMetadata) builder {
		return instructions.StakePoolCreateTokenMetadata{
			Pool:     p,
			Manager:  user,
			Payer:    user,
			Metadata: m,
		}
	}

	conflict := instructions.ErrConflictingInput

	return []buildErrorCase{
		{"Initialize", epoch, "epoch fee", conflict},
		{"Initialize", withdrawal, "withdrawal fee", conflict},
		{"Initialize", deposit, "deposit fee", conflict},
		{"Initialize", referral, "referral fee", conflict},
		{"Initialize", none, "maximum validators", instructions.ErrZeroAmount},
		{"Initialize", zero, "deposit authority", instructions.ErrMissing},
		{"SetFee", fee(0, accounts.Fee{}), "fee", conflict},
		{"SetFee", fee(7, accounts.Fee{}), "fee", conflict},
		{"SetFee", fee(accounts.StakePoolEpochFee, over), "fee", conflict},
		{"SetFee", instructions.StakePoolSetReferralFee{Pool: p, Manager: user, Percent: 101},
			"percent", conflict},
		{"SetFundingAuthority", instructions.StakePoolSetFundingAuthority{Pool: p, Manager: user,
			Operation: 3}, "operation", conflict},
		{"SetFundingAuthority", instructions.StakePoolSetFundingAuthority{Pool: p, Manager: user,
			Authority: &solana.PublicKey{}}, "new funding authority", instructions.ErrMissing},
		{"CreateTokenMetadata", named(instructions.StakePoolMetadata{
			Name: strings.Repeat("n", 33)}), "name", conflict},
		{"CreateTokenMetadata", named(instructions.StakePoolMetadata{
			Symbol: strings.Repeat("s", 11)}), "symbol", conflict},
		{"CreateTokenMetadata", named(instructions.StakePoolMetadata{
			URI: strings.Repeat("u", 201)}), "URI", conflict},
	}
}

func TestStakePool_OperatorErrors(t *testing.T) {
	for _, test := range append(managementErrors(t), validatorErrors(t)...) {
		t.Run(test.name+"/"+test.field, func(t *testing.T) {
			_, err := test.instruction.Build()
			requireBuildError(t, err, test.name, test.field, test.want)
		})
	}
}

// TestStakePoolSetFee_NoFee checks that a fee of 0/0, which is no fee, can be
// set, and that the texts of metadata may be of maximum length.
func TestStakePoolSetFee_NoFee(t *testing.T) {
	for _, i := range []builder{
		instructions.StakePoolSetFee{Pool: stakePool(t), Manager: user,
			Kind: accounts.StakePoolSOLDepositFee},
		instructions.StakePoolUpdateTokenMetadata{Pool: stakePool(t), Manager: user,
			Metadata: instructions.StakePoolMetadata{
				Name:   strings.Repeat("n", 32),
				Symbol: strings.Repeat("s", 10),
				URI:    strings.Repeat("u", 200),
			}},
	} {
		_, err := i.Build()
		require.NoError(t, err)
	}
}
