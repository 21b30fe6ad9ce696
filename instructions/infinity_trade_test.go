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

// TestControllerTrade: a trade takes the form of the pool's version, with the
// pricing group that form wants.
func TestInfinityTrade(t *testing.T) {
	wsol, jupsol, inf := wsolSide(t), jupsolSide(t), infSide()
	flatFees := readonly(flatFeeID, wsolFlatFee, jupsolFlatFee)
	for _, test := range []struct {
		name     string
		version  uint8
		pricing  string
		inp, out instructions.InfinityToken
		exactOut bool
		data     string
		group    []meta
	}{
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
	} {
		t.Run(test.name, func(t *testing.T) {
			pool := infinity(test.version, test.pricing)
			swap := instructions.InfinitySwap{
				Controller: controller(t),
				Signer:     solana.MPK(trader),
				Inp:        test.inp,
				Out:        test.out,
				Limit:      7,
				Amount:     9,
				// Whatever stands here, the group is the pool's.
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

// TestReserveV2 builds an instruction for another deployment: its addresses
// follow from its program id.
func TestReserveV2(t *testing.T) {
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

func TestControllerBuildErrors(t *testing.T) {
	wsol, jupsol, inf := wsolSide(t), jupsolSide(t), infSide()
	forms := controllerForms(t)
	many := jupsol
	many.Calculator.Accounts = make([]solana.PublicKey, 255)
	for i := range many.Calculator.Accounts {
		many.Calculator.Accounts[i] = key(1)
	}

	most := jupsol
	most.Calculator.Accounts = many.Calculator.Accounts[:254]
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
	for _, test := range []struct {
		name        string
		instruction builder
		field       string
		want        error
	}{
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
	} {
		t.Run(test.name+"/"+test.field, func(t *testing.T) {
			ix, err := test.instruction.Build()
			require.Nil(t, ix)
			requireBuildError(t, err, test.name, test.field, test.want)
		})
	}

	ix, err := instructions.InfinitySwapExactInV2(slabSwap(t, most, wsol, math.MaxUint64,
		math.MaxUint64)).Build()
	require.NoError(t, err)
	require.Equal(t, byte(255), dataOf(t, ix)[1])
}

// TestControllerMissingKeys leaves each key of each instruction zero in turn:
// either it is named as missing, or the instruction has no use for it and stays
// as it is. Some names are of several keys, whose field then tells the side.
func TestControllerMissingKeys(t *testing.T) {
	const program, pool, list, fees, record, disable = "Program", "PoolState", "LSTStateList", "ProtocolFee", "RebalanceRecord", "DisablePoolAuthorityList"
	names := map[string]string{
		program: "program id", pool: "pool state", list: "LST state list",
		fees: "protocol fee authority", record: "rebalance record",
		disable: "disable pool authority list", "LPMint": "LP mint",
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

	sides := []string{
		"Inp.Mint", "Inp.Account", "Inp.TokenProgram", "Inp.Calculator.Program", "Out.Mint",
		"Out.Account", "Out.TokenProgram",
		"Out.Calculator.Program", "Pricing.Program", "Signer",
	}

	swapV2 := append([]string{pool, list}, sides...)
	swapV1 := append([]string{fees}, swapV2...)
	liquidity := []string{
		pool, list, fees, "LPMint", "LPTokenProgram", "LST.Mint", "LST.Account", "LST.TokenProgram",
		"LST.Calculator.Program", "Pricing.Program",
		"Signer", "LPAccount",
	}

	for name, test := range map[string]struct {
		used []string
		// other has the names that differ from the usual ones.
		other map[string]string
	}{
		"SyncSolValue": {[]string{pool, list, "LST.Mint", "LST.TokenProgram",
			"LST.Calculator.Program"},
			map[string]string{"LST.TokenProgram": "token program"}},
		"SwapExactIn": {swapV1, nil}, "SwapExactOut": {swapV1, nil},
		"SwapExactInV2": {swapV2, nil}, "SwapExactOutV2": {swapV2, nil},
		"AddLiquidity": {liquidity, nil}, "RemoveLiquidity": {liquidity, nil},
		"EnableLstInput":            {[]string{pool, list, "Admin", "Mint"}, nil},
		"DisableLstInput":           {[]string{pool, list, "Admin", "Mint"}, nil},
		"DisablePool":               {[]string{pool, disable, "Authority"}, nil},
		"EnablePool":                {[]string{pool, "Admin"}, nil},
		"SetProtocolFee":            {[]string{pool, "Admin"}, nil},
		"SetProtocolFee/v1":         {[]string{pool, "Admin"}, nil},
		"SetProtocolFee/v1 trading": {[]string{pool, "Admin"}, nil},
		"SetProtocolFee/v1 LP":      {[]string{pool, "Admin"}, nil},
		"SetProtocolFee/v1 neither": {[]string{pool, "Admin"}, nil},
		"SetProtocolFeeBeneficiary": {[]string{pool, "Current", "New"}, nil},
		"WithdrawProtocolFees": {[]string{pool, fees, "Beneficiary", "Destination", "Mint",
			"TokenProgram"},
			nil},
		"WithdrawProtocolFeesV2": {[]string{pool, "LPMint", "LPTokenProgram", "Beneficiary",
			"Destination"},
			nil},
		"StartRebalance": {
			[]string{
				pool, list, record, "Authority", "Destination", "Inp.Mint", "Inp.TokenProgram",
				"Inp.Calculator.Program", "Out.Mint", "Out.TokenProgram",
				"Out.Calculator.Program",
			}, map[string]string{"Authority": "rebalance authority",
				"Inp.TokenProgram": "token program", "Out.TokenProgram": "token program"},
		},
		"EndRebalance": {
			[]string{pool, list, record, "Authority", "Inp.Mint", "Inp.TokenProgram",
				"Inp.Calculator.Program"},
			map[string]string{"Authority": "rebalance authority",
				"Inp.TokenProgram": "token program"},
		},
	} {
		i := controllerForms(t)[name]
		intact, err := i.Build()
		require.NoError(t, err)
		found := 0
		for path, changed := range without(i) {
			key := strings.TrimPrefix(strings.TrimPrefix(path, "Controller."), "Controller.")
			t.Run(name+"/"+path, func(t *testing.T) {
				ix, err := changed.Build()
				if key != program && !slices.Contains(test.used, key) {
					require.NoError(t, err)
					require.Equal(t, metasOf(intact), metasOf(ix))
					require.Equal(t, dataOf(t, intact), dataOf(t, ix))
					return
				}

				found++
				field := names[key]
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
