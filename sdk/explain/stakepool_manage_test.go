package explain_test

import (
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// managementRows returns the instructions of the manager of a stake pool, which
// the owner signs.
func managementRows(p instructions.StakePool) []row {
	owner, authority := key(0), key(53)
	metadata := instructions.StakePoolMetadata{
		Name:   "Pool \"of\" one",
		Symbol: "oneSOL",
		URI:    "https://example.com/\n",
	}

	return []row{
		{
			"stake pool Initialize",
			instructions.StakePoolInitialize{
				Pool:             p,
				Manager:          owner,
				Staker:           owner,
				EpochFee:         accounts.Fee{Numerator: 5, Denominator: 100},
				WithdrawalFee:    accounts.Fee{Numerator: 1, Denominator: 1000},
				ReferralFee:      50,
				MaxValidators:    7,
				DepositAuthority: &authority,
			},
			named{"epoch fee denominator": 100, "epoch fee numerator": 5,
				"withdrawal fee denominator": 1000, "withdrawal fee numerator": 1,
				"deposit fee denominator": 0, "deposit fee numerator": 0, "referral fee": 50,
				"maximum validators": 7},
		},
		{"stake pool SetManager", instructions.StakePoolSetManager{Pool: p, Manager: owner,
			NewManager: key(54), NewManagerFeeAccount: key(55)}, nil},
		{"stake pool SetFee", instructions.StakePoolSetReferralFee{Pool: p, Manager: owner,
			Stake: true, Percent: 30}, named{"percent": 30}},
		{
			"stake pool SetFee",
			instructions.StakePoolSetFee{
				Pool:    p,
				Manager: owner,
				Kind:    accounts.StakePoolSOLWithdrawalFee,
				Fee:     accounts.Fee{Numerator: 3, Denominator: 1000},
			},
			named{"numerator": 3, "denominator": 1000},
		},
		{"stake pool SetStaker", instructions.StakePoolSetStaker{Pool: p, Authority: owner,
			NewStaker: key(54)}, nil},
		{
			"stake pool SetFundingAuthority",
			instructions.StakePoolSetFundingAuthority{Pool: p, Manager: owner,
				Operation: instructions.StakePoolFundingSOLWithdrawal},
			nil,
		},
		{
			"stake pool SetFundingAuthority",
			instructions.StakePoolSetFundingAuthority{Pool: p, Manager: owner,
				Authority: &authority},
			nil,
		},
		{"stake pool CreateTokenMetadata", instructions.StakePoolCreateTokenMetadata{Pool: p,
			Manager: owner, Payer: owner, Metadata: metadata}, nil},
		{"stake pool UpdateTokenMetadata", instructions.StakePoolUpdateTokenMetadata{Pool: p,
			Manager: owner, Metadata: metadata}, nil},
	}
}

// operatorSummaries are the summaries of the instructions of an operator.
func operatorSummaries(p instructions.StakePool) map[string]string {
	pool, mint := p.Address.String(), p.Mint.String()
	reserved := "let only " + key(53).String() + " sign each stake deposit of the stake pool " +
		pool
	return map[string]string{
		"Initialize 10": "start the stake pool " + pool + " for at most 7 validators, with " + mint,
		"SetManager 4": "make " + key(54).String() + " the manager of the stake pool " + pool +
			", and " + key(55).String() + " the account that receives its fees",
		"SetFee 2 1": "set the stake referral fee of the stake pool " + pool + " to 30 %",
		"SetFee 2 6": "set the SOL withdrawal fee of the stake pool " + pool + " to 3/1000",
		"SetStaker 3": "make " + key(54).String() + " the staker of the stake pool " +
			pool,
		"SetFundingAuthority 2": "open each SOL withdrawal of the stake pool " + pool +
			" to all users",
		"SetFundingAuthority 3": reserved,
		"CreateTokenMetadata 8": "name " + mint + ` "Pool \"of\" one", with the symbol "oneSOL"` +
			` and the description "https://example.com/\n"`,
		"SetPreferredValidator 3 1": "prefer for withdrawals of the stake pool " + pool +
			" the validator: " + key(57).String(),
		"IncreaseValidatorStake 14": "delegate 5 SOL of the stake pool " + pool + " to " +
			key(56).String(),
		"Redelegate 16": "move 5 SOL of " + key(60).String() + " of the stake pool " + pool +
			" to " + key(65).String(),
	}
}

// operatorPool returns the stake pool of the tests of operators.
func operatorPool() instructions.StakePool {
	return instructions.StakePool{
		Program:               accounts.SanctumStakePoolProgram,
		Address:               key(31),
		WithdrawAuthority:     key(32),
		ValidatorList:         key(33),
		ReserveStake:          key(34),
		Mint:                  key(35),
		ManagerFeeAccount:     key(36),
		TokenProgram:          accounts.TokenProgram,
		StakeDepositAuthority: key(37),
	}
}

func TestInstruction_OperatorSummary(t *testing.T) {
	p := operatorPool()
	want := operatorSummaries(p)
	for _, r := range append(managementRows(p), validatorRows(p)...) {
		ix, err := r.build.Build()
		require.NoError(t, err, r.name)
		in := explain.Instructions(key(0), []solana.Instruction{ix}, nil).Instructions[0]
		data, err := ix.Data()
		require.NoError(t, err)
		for _, name := range operatorNames(in, data) {
			if text, ok := want[name]; ok {
				require.Equal(t, text, in.Summary, r.name)
				delete(want, name)
			}
		}
	}

	require.Empty(t, want, "summaries without an instruction")
}

// operatorNames returns the names of an instruction in [operatorSummaries]:
// with the number of its accounts, and also with its first value.
func operatorNames(in explain.Instruction, data []byte) []string {
	name := fmt.Sprint(in.Name, " ", len(in.Accounts))
	if len(data) < 2 {
		return []string{name}
	}
	return []string{name, fmt.Sprint(name, " ", data[1])}
}

// TestVerify_Operator checks that no policy of a wallet allows an instruction
// that changes a stake pool, whether the owner or a stranger signs it.
func TestVerify_Operator(t *testing.T) {
	p := operatorPool()
	for _, r := range append(managementRows(p), validatorRows(p)...) {
		ix, err := r.build.Build()
		require.NoError(t, err, r.name)
		for _, wallet := range []solana.PublicKey{key(0), key(9)} {
			e := explain.Instructions(wallet, []solana.Instruction{ix}, nil)
			require.ErrorIs(t, explain.Verify(e, explain.Policy{Owner: wallet}),
				explain.ErrAuthorityChange, r.name)
		}
	}
}

// TestVerify_OperatorPayer checks that the owner cannot be made to pay for the
// metadata of the pool of another manager, nor become a manager or a staker.
func TestVerify_OperatorPayer(t *testing.T) {
	p, owner, other := operatorPool(), key(0), key(58)
	for name, build := range map[string]builder{
		"payer": instructions.StakePoolCreateTokenMetadata{Pool: p, Manager: other, Payer: owner},
		"new manager": instructions.StakePoolSetManager{Pool: p, Manager: other,
			NewManager: owner, NewManagerFeeAccount: key(55)},
		"new staker": instructions.StakePoolSetStaker{Pool: p, Authority: other, NewStaker: owner},
		"new authority": instructions.StakePoolSetFundingAuthority{Pool: p, Manager: other,
			Authority: &owner},
	} {
		ix, err := build.Build()
		require.NoError(t, err, name)
		e := explain.Instructions(owner, []solana.Instruction{ix}, nil)
		require.ErrorIs(t, explain.Verify(e, explain.Policy{Owner: owner}),
			explain.ErrAuthorityChange, name)
	}
}

// TestInstruction_FeeChoice checks that a fee without a name is not explained:
// the program refuses it.
func TestInstruction_FeeChoice(t *testing.T) {
	metas := solana.AccountMetaSlice{solana.Meta(key(31)), solana.Meta(key(0)).SIGNER()}
	percent := []byte{12, 0, 40}
	fraction := append([]byte{12, 2}, make([]byte, 16)...)
	known := func(data []byte) bool {
		ix := solana.NewInstruction(accounts.StakePoolProgram, metas, data)
		return explain.Instructions(key(0), []solana.Instruction{ix}, nil).Instructions[0].Known()
	}

	for kind := range byte(255) {
		percent[1], fraction[1] = kind, kind
		require.Equal(t, kind < 2, known(percent), "percent %d", kind)
		require.Equal(t, kind >= 2 && kind <= 6, known(fraction), "fraction %d", kind)
	}
}
