package instructions_test

import (
	"encoding/hex"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// Addresses of the interceptor in the tables.
var (
	depositPDA = key(61)
	vault      = key(62)
	feeWallet  = key(63)
	base       = key(64)
)

// interceptor returns the interceptor of the stake pool, and that pool.
func interceptor(t testing.TB) (instructions.Interceptor, instructions.StakePool) {
	t.Helper()
	p := stakePool(t)
	p.StakeDepositAuthority = depositPDA
	i, err := instructions.NewInterceptor(accounts.InterceptorProgram, p, interceptorState())
	require.NoError(t, err)
	fees, err := accounts.AssociatedTokenAddress(feeWallet, tokenProgram, mint)
	require.NoError(t, err)
	require.Equal(t, instructions.Interceptor{
		Program:          accounts.InterceptorProgram,
		DepositAuthority: depositPDA,
		Vault:            vault,
		FeeAccount:       fees,
	}, i)

	return i, p
}

func interceptorState() *accounts.InterceptorAuthority {
	return &accounts.InterceptorAuthority{
		StakePool:        pool,
		StakePoolProgram: program,
		PoolMint:         mint,
		Vault:            vault,
		FeeWallet:        feeWallet,
	}
}

// interceptorForms returns all instructions of the interceptor by name.
func interceptorForms(t testing.TB) map[string]builder {
	i, p := interceptor(t)
	deposit := instructions.InterceptorDepositStake{
		Interceptor:    i,
		Pool:           p,
		Payer:          authority,
		Owner:          user,
		Base:           base,
		Stake:          userStake,
		ValidatorStake: validatorStake,
		Referrer:       referrer,
	}

	return map[string]builder{
		"DepositStake": deposit,
		"DepositStakeWithSlippage": instructions.InterceptorDepositStakeWithSlippage{
			InterceptorDepositStake: deposit,
			MinimumTokensOut:        5,
		},
		"ClaimPoolTokens": instructions.InterceptorClaimPoolTokens{
			Interceptor: i,
			Pool:        p,
			Receipt:     key(65),
			Owner:       user,
			Destination: userTokens,
		},
	}
}

// TestInterceptor_Golden compares data and accounts with the source of the
// program, which accepted these lists.
func TestInterceptor_Golden(t *testing.T) {
	i, _ := interceptor(t)
	receipt, err := accounts.InterceptorReceiptAddress(accounts.InterceptorProgram, pool, base)
	require.NoError(t, err)
	deposit := []meta{
		{authority, "sw"}, {program, ""}, {receipt, "w"}, {pool, "w"}, {list, "w"},
		{depositPDA, ""}, {base, "s"}, {withdrawAuthority, ""}, {userStake, "w"},
		{validatorStake, "w"}, {reserve, "w"}, {vault, "w"}, {feeAccount, "w"},
		{referrer, "w"}, {mint, "w"}, known(clock, ""), known(stakeHistory, ""),
		{tokenProgram, ""}, known(stakeProgram, ""), known(systemProgram, ""),
	}

	owner := hex.EncodeToString(user[:])
	all := interceptorForms(t)
	for _, test := range []struct {
		name, data string
		metas      []meta
	}{
		{"DepositStake", "02" + owner, deposit},
		{"DepositStakeWithSlippage", "03" + owner + "0500000000000000", deposit},
		{"ClaimPoolTokens", "05", []meta{
			{key(65), "w"}, {user, "sw"}, {vault, "w"}, {userTokens, "w"}, {i.FeeAccount, "w"},
			{depositPDA, ""}, {mint, ""}, {tokenProgram, ""}, known(systemProgram, ""),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ix, err := all[test.name].Build()
			require.NoError(t, err)
			requireInstruction(t, accounts.InterceptorProgram, test.data, test.metas, ix)
			require.NotZero(t, requireKeysNeeded(t, test.name, all[test.name]))
			requireNothingShared(t, all[test.name])
		})
	}

	claim := all["ClaimPoolTokens"].(instructions.InterceptorClaimPoolTokens)
	claim.Unsigned = true
	ix, err := claim.Build()
	require.NoError(t, err)
	require.Equal(t, meta{user, "w"}, metasOf(ix)[1])
}

func TestInterceptor_BuildErrors(t *testing.T) {
	all := interceptorForms(t)
	deposit := all["DepositStakeWithSlippage"].(instructions.InterceptorDepositStakeWithSlippage)
	limited := deposit
	limited.MinimumTokensOut = 0
	_, err := limited.Build()
	requireBuildError(t, err, "DepositStakeWithSlippage", "minimum tokens out",
		instructions.ErrZeroAmount)

	same := deposit
	same.Stake = same.ValidatorStake
	_, err = same.Build()
	requireBuildError(t, err, "DepositStakeWithSlippage", "stake account",
		instructions.ErrConflictingInput)

	other := deposit
	other.Pool.StakeDepositAuthority = key(66)
	_, err = other.Build()
	requireBuildError(t, err, "DepositStakeWithSlippage", "stake deposit authority",
		instructions.ErrConflictingInput)
}

// TestNewInterceptor_OtherPool refuses the authority of another pool, program
// or mint.
func TestNewInterceptor_OtherPool(t *testing.T) {
	p := stakePool(t)
	for field, change := range map[string]func(*accounts.InterceptorAuthority){
		"stake pool": func(s *accounts.InterceptorAuthority) { s.StakePool = key(66) },
		"stake pool program": func(s *accounts.InterceptorAuthority) {
			s.StakePoolProgram = key(66)
		},
		"pool mint": func(s *accounts.InterceptorAuthority) { s.PoolMint = key(66) },
	} {
		state := interceptorState()
		change(state)
		i, err := instructions.NewInterceptor(accounts.InterceptorProgram, p, state)
		requireBuildError(t, err, "interceptor", field, instructions.ErrConflictingInput)
		require.Zero(t, i)
	}

	_, err := instructions.NewInterceptor(solana.PublicKey{}, p, nil)
	requireBuildError(t, err, "interceptor", "state", accounts.ErrNil)
}
