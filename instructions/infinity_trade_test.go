package instructions_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// tradeCase is a case of [TestInfinityTrade_PerVersion].
type tradeCase struct {
	name     string
	version  uint8
	pricing  string
	inp, out instructions.InfinityToken
	exactOut bool
	data     string
	group    []meta
}

// tradeCases returns the cases of [TestInfinityTrade_PerVersion].
func tradeCases(t *testing.T) []tradeCase {
	t.Helper()

	wsol, jupsol, inf := wsolSide(t), jupsolSide(t), infSide()
	flatFees := readonly(flatFeeID, wsolFlatFee, jupsolFlatFee)

	return []tradeCase{
		{"V1", 1, flatSlabID, wsol, jupsol, false,
			"01 01 05 00000000 03000000 0700000000000000 0900000000000000", slabGroup()},
		{"V1, exact out", 1, flatFeeID, wsol, jupsol, true,
			"02 01 05 00000000 03000000 0700000000000000 0900000000000000", flatFees},
		{"V1, add", 1, flatSlabID, jupsol, inf, false,
			"03 05 03000000 0900000000000000 0700000000000000", slabGroup()},
		{"V1, add by flat-fee", 1, flatFeeID, jupsol, inf, false,
			"03 05 03000000 0900000000000000 0700000000000000", readonly(flatFeeID)},
		{"V1, remove", 1, flatSlabID, inf, wsol, false,
			"04 01 00000000 0900000000000000 0700000000000000", slabGroup()},
		{
			"V1, remove by flat-fee", 1, flatFeeID, inf, jupsol, false,
			"04 05 03000000 0900000000000000 0700000000000000",
			readonly(flatFeeID, flatFeeState),
		},
		{"V2", 2, flatFeeID, wsol, jupsol, false,
			"17 01 05 00000000 03000000 0700000000000000 0900000000000000", flatFees},
		{"V2, exact out", 2, flatSlabID, jupsol, wsol, true,
			"18 05 01 03000000 00000000 0700000000000000 0900000000000000", slabGroup()},
		{"V2, add", 2, flatSlabID, wsol, inf, false,
			"17 01 01 00000000 ffffffff 0700000000000000 0900000000000000", slabGroup()},
		{
			"V2, add by flat-fee", 2, flatFeeID, wsol, inf, false,
			"17 01 01 00000000 ffffffff 0700000000000000 0900000000000000",
			readonly(flatFeeID, wsolFlatFee, infFlatFee),
		},
		{
			"V2, remove by flat-fee, exact out", 2, flatFeeID, inf, jupsol, true,
			"18 01 05 ffffffff 03000000 0700000000000000 0900000000000000",
			readonly(flatFeeID, infFlatFee, jupsolFlatFee),
		},
	}
}

// TestInfinityTrade_PerVersion checks that a trade builds the instruction of
// the pool's version, with the pricing accounts of this instruction.
func TestInfinityTrade_PerVersion(t *testing.T) {
	wsol, jupsol, inf := wsolSide(t), jupsolSide(t), infSide()
	for _, test := range tradeCases(t) {
		t.Run(test.name, func(t *testing.T) {
			pool := infinity(test.version, test.pricing)
			swap := instructions.InfinitySwap{
				Controller: controller(t),
				Signer:     solana.MPK(trader),
				Inp:        test.inp,
				Out:        test.out,
				Limit:      7,
				Amount:     9,
				// Build replaces these accounts.
				Pricing: instructions.ProgramAccounts{Program: key(77)},
			}

			ix, err := instructions.InfinityTrade{InfinitySwap: swap, Pool: pool,
				ExactOut: test.exactOut}.Build()
			require.NoError(t, err)
			metas := metasOf(ix)
			require.Equal(t, test.group, metas[len(metas)-len(test.group):])
			requireInstruction(t, solana.MPK(controllerID), test.data, metas, ix)

			swap.Pricing = pricing(t, pool, test.inp, test.out)
			lst, lp := test.inp, test.out
			if test.inp.Index == instructions.LPIndex {
				lst, lp = test.out, test.inp
			}

			liquidity := instructions.InfinityLiquidity{
				Controller: swap.Controller,
				Signer:     swap.Signer,
				LST:        lst,
				LPAccount:  lp.Account,
				Pricing:    swap.Pricing,
				Amount:     9,
				MinimumOut: 7,
			}

			want, err := map[byte]builder{
				1:  instructions.InfinitySwapExactIn(swap),
				2:  instructions.InfinitySwapExactOut(swap),
				3:  instructions.InfinityAddLiquidity(liquidity),
				4:  instructions.InfinityRemoveLiquidity(liquidity),
				23: instructions.InfinitySwapExactInV2(swap),
				24: instructions.InfinitySwapExactOutV2(swap),
			}[dataOf(t, ix)[0]].Build()

			require.NoError(t, err)
			require.Equal(t, metasOf(want), metas)
			require.Equal(t, dataOf(t, want), dataOf(t, ix))
		})
	}

	for _, pair := range [][2]instructions.InfinityToken{{wsol, inf}, {inf, wsol}} {
		_, err := instructions.InfinityTrade{
			InfinitySwap: slabSwap(t, pair[0], pair[1], 1, 1),
			Pool:         infinity(1, flatSlabID),
			ExactOut:     true,
		}.Build()

		requireBuildError(t, err, "trade", "exact out", instructions.ErrConflictingInput)
	}

	unknown := instructions.InfinityTrade{InfinitySwap: slabSwap(t, wsol, jupsol, 1, 1),
		Pool: infinity(2, trader)}
	_, err := unknown.Build()
	requireBuildError(t, err, "pricing accounts", trader, instructions.ErrConflictingInput)
}

// TestNewInfinity_ReserveV2 checks that the addresses of another deployment are
// derived from its program id.
func TestNewInfinity_ReserveV2(t *testing.T) {
	pool := &accounts.PoolState{Version: 2, LPTokenMint: accounts.ReserveV2Mint}
	c, err := instructions.NewInfinity(accounts.ReserveV2Program, pool, accounts.TokenProgram)
	require.NoError(t, err)
	require.Equal(t, accounts.ReserveV2Mint, c.LPMint)
	require.Equal(t, accounts.TokenProgram, c.LPTokenProgram)
	ix, err := instructions.InfinitySyncSOLValue{Controller: c, LST: wsolSide(t)}.Build()
	require.NoError(t, err)
	requireInstruction(t, accounts.ReserveV2Program, "00 00000000", []meta{
		known(wsolMint, ""), known("9zMRqtjkTvUm4kVtz2MrPiJnr9spUmYsr8Uqis7y3Brv", "w"),
		known("Brg7vhSTVp76eTy3xjwRgBUfh711eH61io2Xvqj72UA5", "w"),
		known("6nBpYJ3oeraht4cFyFPj3TLFpNuy8SRMQA2KGRXVAEHY", ""), known(wsolCalc, ""),
	}, ix)
}

// controllerErrorCase is a case of [TestInfinity_BuildErrors].
type controllerErrorCase struct {
	name        string
	instruction builder
	field       string
	want        error
}

// controllerErrorCases returns the cases of [TestInfinity_BuildErrors].
func controllerErrorCases(t *testing.T) []controllerErrorCase {
	t.Helper()

	wsol, jupsol, inf := wsolSide(t), jupsolSide(t), infSide()
	forms := controllerForms(t)
	many := jupsol
	many.Calculator.Accounts = slices.Repeat([]solana.PublicKey{key(1)}, 255)

	liquidity := instructions.InfinityLiquidity(
		forms["AddLiquidity"].(instructions.InfinityAddLiquidity),
	)
	noAmount, noLimit, ofLP := liquidity, liquidity, liquidity
	noAmount.Amount = 0
	noLimit.MinimumOut = 0
	ofLP.LST = inf
	start := forms["StartRebalance"].(instructions.InfinityStartRebalance)
	start.Amount = 0
	withdraw := forms["WithdrawProtocolFees"].(instructions.InfinityWithdrawProtocolFees)
	withdraw.Amount = 0
	tooMuch := uint16(10_001)

	return []controllerErrorCase{
		{"SwapExactIn", instructions.InfinitySwapExactIn(slabSwap(t, wsol, jupsol, 0, 1)), "limit",
			instructions.ErrZeroAmount},
		{"SwapExactOut", instructions.InfinitySwapExactOut(slabSwap(t, wsol, jupsol, 0, 1)),
			"limit", instructions.ErrZeroAmount},
		{"SwapExactInV2", instructions.InfinitySwapExactInV2(slabSwap(t, wsol, jupsol, 1, 0)),
			"amount", instructions.ErrZeroAmount},
		{"SwapExactOutV2", instructions.InfinitySwapExactOutV2(slabSwap(t, wsol, jupsol, 1, 0)),
			"amount", instructions.ErrZeroAmount},
		{"SwapExactInV2", instructions.InfinitySwapExactInV2(slabSwap(t, jupsol, jupsol, 1, 1)),
			"output mint", instructions.ErrConflictingInput},
		{"SwapExactOut", instructions.InfinitySwapExactOut(slabSwap(t, wsol, wsol, 1, 1)),
			"output mint", instructions.ErrConflictingInput},
		{"SwapExactOutV2", instructions.InfinitySwapExactOutV2(slabSwap(t, inf, inf, 1, 1)),
			"output mint", instructions.ErrConflictingInput},
		{"SwapExactIn", instructions.InfinitySwapExactIn(slabSwap(t, inf, wsol, 1, 1)), "index",
			instructions.ErrConflictingInput},
		{"SwapExactOut", instructions.InfinitySwapExactOut(slabSwap(t, wsol, inf, 1, 1)), "index",
			instructions.ErrConflictingInput},
		{"SwapExactInV2", instructions.InfinitySwapExactInV2(slabSwap(t, many, wsol, 1, 1)),
			"input calculator accounts", instructions.ErrConflictingInput},
		{"SwapExactInV2", instructions.InfinitySwapExactInV2(slabSwap(t, wsol, many, 1, 1)),
			"output calculator accounts", instructions.ErrConflictingInput},
		{"AddLiquidity", instructions.InfinityAddLiquidity(noAmount), "amount",
			instructions.ErrZeroAmount},
		{"RemoveLiquidity", instructions.InfinityRemoveLiquidity(noAmount), "amount",
			instructions.ErrZeroAmount},
		{"AddLiquidity", instructions.InfinityAddLiquidity(noLimit), "minimum out",
			instructions.ErrZeroAmount},
		{"RemoveLiquidity", instructions.InfinityRemoveLiquidity(noLimit), "minimum out",
			instructions.ErrZeroAmount},
		{"AddLiquidity", instructions.InfinityAddLiquidity(ofLP), "index",
			instructions.ErrConflictingInput},
		{"RemoveLiquidity", instructions.InfinityRemoveLiquidity(ofLP), "index",
			instructions.ErrConflictingInput},
		{"StartRebalance", start, "amount", instructions.ErrZeroAmount},
		{"WithdrawProtocolFees", withdraw, "amount", instructions.ErrZeroAmount},
		{"SetProtocolFee",
			instructions.InfinitySetProtocolFee{Controller: controller(t), Admin: user,
				Nanos: 1_000_000_001},
			"fee", instructions.ErrConflictingInput},
		{"SetProtocolFee",
			instructions.InfinitySetProtocolFeeV1{Controller: controller(t), Admin: user,
				TradingBps: &tooMuch},
			"fee", instructions.ErrConflictingInput},
		{"SetProtocolFee",
			instructions.InfinitySetProtocolFeeV1{Controller: controller(t), Admin: user,
				LPBps: &tooMuch},
			"fee", instructions.ErrConflictingInput},
	}
}

func TestInfinity_BuildErrors(t *testing.T) {
	for _, test := range controllerErrorCases(t) {
		t.Run(test.name+"/"+test.field, func(t *testing.T) {
			ix, err := test.instruction.Build()
			require.Nil(t, ix)
			requireBuildError(t, err, test.name, test.field, test.want)
		})
	}

	// 254 accounts and the program are the maximum.
	most := jupsolSide(t)
	most.Calculator.Accounts = slices.Repeat([]solana.PublicKey{key(1)}, 254)
	ix, err := instructions.InfinitySwapExactInV2(slabSwap(t, most, wsolSide(t), math.MaxUint64,
		math.MaxUint64)).Build()
	require.NoError(t, err)
	require.Equal(t, byte(255), dataOf(t, ix)[1])
}

// controllerKeyNames has the names of keys in errors by the path of the field.
var controllerKeyNames = map[string]string{
	"Program": "program id", "PoolState": "pool state", "LSTStateList": "LST state list",
	"ProtocolFee": "protocol fee authority", "RebalanceRecord": "rebalance record",
	"DisablePoolAuthorityList": "disable pool authority list", "LPMint": "LP mint",
	"LPTokenProgram": "LP mint token program",
	"LST.Mint":       "LST mint", "LST.Account": "LST token account",
	"LST.TokenProgram":       "LST mint token program",
	"LST.Calculator.Program": "calculator program",
	"Inp.Mint":               "input mint", "Inp.Account": "input token account",
	"Inp.TokenProgram":       "input mint token program",
	"Inp.Calculator.Program": "input calculator program", "Out.Mint": "output mint",
	"Out.Account":            "output token account",
	"Out.TokenProgram":       "output mint token program",
	"Out.Calculator.Program": "output calculator program", "Pricing.Program": "pricing program",
	"Signer": "signer", "LPAccount": "LP token account", "Admin": "admin",
	"Authority": "authority", "Mint": "LST mint",
	"Beneficiary": "beneficiary", "Destination": "destination token account",
	"Current": "current beneficiary", "New": "new beneficiary",
	"TokenProgram": "mint token program",
}

// controllerKeyCase is a case of [TestInfinity_MissingKeys].
type controllerKeyCase struct {
	used []string
	// other has the names that differ from controllerKeyNames.
	other map[string]string
}

// controllerKeyCases returns the cases of [TestInfinity_MissingKeys].
func controllerKeyCases() map[string]controllerKeyCase {
	sides := []string{
		"Inp.Mint", "Inp.Account", "Inp.TokenProgram", "Inp.Calculator.Program", "Out.Mint",
		"Out.Account", "Out.TokenProgram",
		"Out.Calculator.Program", "Pricing.Program", "Signer",
	}

	swapV2 := append([]string{"PoolState", "LSTStateList"}, sides...)
	swapV1 := append([]string{"ProtocolFee"}, swapV2...)
	liquidity := []string{
		"PoolState", "LSTStateList", "ProtocolFee", "LPMint", "LPTokenProgram", "LST.Mint",
		"LST.Account", "LST.TokenProgram",
		"LST.Calculator.Program", "Pricing.Program",
		"Signer", "LPAccount",
	}

	return map[string]controllerKeyCase{
		"SyncSolValue": {[]string{"PoolState", "LSTStateList", "LST.Mint", "LST.TokenProgram",
			"LST.Calculator.Program"},
			map[string]string{"LST.TokenProgram": "token program"}},
		"SwapExactIn": {swapV1, nil}, "SwapExactOut": {swapV1, nil},
		"SwapExactInV2": {swapV2, nil}, "SwapExactOutV2": {swapV2, nil},
		"AddLiquidity": {liquidity, nil}, "RemoveLiquidity": {liquidity, nil},
		"EnableLstInput":  {[]string{"PoolState", "LSTStateList", "Admin", "Mint"}, nil},
		"DisableLstInput": {[]string{"PoolState", "LSTStateList", "Admin", "Mint"}, nil},
		"DisablePool": {[]string{"PoolState", "DisablePoolAuthorityList", "Authority"},
			nil},
		"EnablePool":                {[]string{"PoolState", "Admin"}, nil},
		"SetProtocolFee":            {[]string{"PoolState", "Admin"}, nil},
		"SetProtocolFee/v1":         {[]string{"PoolState", "Admin"}, nil},
		"SetProtocolFee/v1 trading": {[]string{"PoolState", "Admin"}, nil},
		"SetProtocolFee/v1 LP":      {[]string{"PoolState", "Admin"}, nil},
		"SetProtocolFee/v1 neither": {[]string{"PoolState", "Admin"}, nil},
		"SetProtocolFeeBeneficiary": {[]string{"PoolState", "Current", "New"}, nil},
		"WithdrawProtocolFees": {[]string{"PoolState", "ProtocolFee", "Beneficiary", "Destination",
			"Mint",
			"TokenProgram"},
			nil},
		"WithdrawProtocolFeesV2": {[]string{"PoolState", "LPMint", "LPTokenProgram", "Beneficiary",
			"Destination"},
			nil},
		"StartRebalance": {
			[]string{
				"PoolState", "LSTStateList", "RebalanceRecord", "Authority", "Destination",
				"Inp.Mint", "Inp.TokenProgram",
				"Inp.Calculator.Program", "Out.Mint", "Out.TokenProgram",
				"Out.Calculator.Program",
			}, map[string]string{"Authority": "rebalance authority",
				"Inp.TokenProgram": "token program", "Out.TokenProgram": "token program"},
		},
		"EndRebalance": {
			[]string{"PoolState", "LSTStateList", "RebalanceRecord", "Authority", "Inp.Mint",
				"Inp.TokenProgram",
				"Inp.Calculator.Program"},
			map[string]string{"Authority": "rebalance authority",
				"Inp.TokenProgram": "token program"},
		},
	}
}

// TestInfinity_MissingKeys sets each key of each instruction to zero. Build
// reports the key as missing, or the instruction does not use it and does not
// change.
func TestInfinity_MissingKeys(t *testing.T) {
	for name, test := range controllerKeyCases() {
		i := controllerForms(t)[name]
		intact, err := i.Build()
		require.NoError(t, err)
		found := 0
		for path, changed := range without(i) {
			key := strings.TrimPrefix(strings.TrimPrefix(path, "Controller."), "Controller.")
			t.Run(name+"/"+path, func(t *testing.T) {
				ix, err := changed.Build()
				if key != "Program" && !slices.Contains(test.used, key) {
					require.NoError(t, err)
					require.Equal(t, metasOf(intact), metasOf(ix))
					require.Equal(t, dataOf(t, intact), dataOf(t, ix))
					return
				}

				found++
				field := controllerKeyNames[key]
				if other, ok := test.other[key]; ok {
					field = other
				}

				instruction, _, _ := strings.Cut(name, "/")
				requireBuildError(t, err, instruction, field, instructions.ErrMissing)
			})
		}

		require.Equal(t, 1+len(test.used), found, "keys of %s", name)
	}

	require.Len(t, controllerForms(t), 21)
}
