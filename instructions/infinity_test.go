package instructions_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// controllerGoldenCase is a case of [TestInfinity_Golden].
type controllerGoldenCase struct {
	data  string
	metas []meta
}

// controllerGoldenCases returns the cases of [TestInfinity_Golden].
func controllerGoldenCases() map[string]controllerGoldenCase {
	const (
		amount = "00ca9a3b00000000"
		limit  = "cbb5603500000000" // 895,530,443
	)

	token := readonly(splToken)
	state, list := known(poolState, "w"), known(lstStateList, "w")
	groups := concat(wsolGroup(), jupsolGroup(), slabGroup())
	swapHead := []meta{known(trader, "s"), known(wsolMint, ""), known(jupsolMint, ""),
		known(traderWSOL, "w"), known(traderJupsol, "w")}
	swapTail := concat(token, token,
		[]meta{state, list, known(wsolReserves, "w"), known(jupsolStore, "w")}, groups)
	swapV1 := concat(swapHead, []meta{known(jupsolFees, "w")}, swapTail)
	liquidity := concat(
		[]meta{
			known(trader, "s"), known(jupsolMint, ""), known(traderJupsol, "w"),
			known(traderINF, "w"), known(infMint, "w"), known(jupsolFees, "w"),
		}, token, token, []meta{state, list, known(jupsolStore, "w")}, jupsolGroup(), slabGroup())

	admin := []meta{{user, "s"}, state}
	setInput := []meta{{user, "s"}, known(jupsolMint, ""), state, list}

	return map[string]controllerGoldenCase{
		"SyncSolValue": {"00 03000000",
			concat([]meta{known(jupsolMint, ""), state, list, known(jupsolStore, "")},
				jupsolGroup())},
		// In swaps the limit is before the amount.
		"SwapExactIn":  {"01 01 05 00000000 03000000" + limit + amount, swapV1},
		"SwapExactOut": {"02 01 05 00000000 03000000" + limit + amount, swapV1},
		"SwapExactInV2": {"17 01 05 00000000 03000000" + limit + amount,
			concat(swapHead, swapTail)},
		"SwapExactOutV2": {"18 01 05 00000000 03000000" + limit + amount,
			concat(swapHead, swapTail)},
		// In liquidity instructions the amount is before the limit.
		"AddLiquidity":              {"03 05 03000000" + amount + "6b5a811d00000000", liquidity},
		"RemoveLiquidity":           {"04 05 03000000" + amount + "6b5a811d00000000", liquidity},
		"DisableLstInput":           {"05 01020304", setInput},
		"EnableLstInput":            {"06 03000000", setInput},
		"SetProtocolFee":            {"0b 00ca9a3b", admin},
		"SetProtocolFee/v1":         {"0b 01 e803 01 1027", admin},
		"SetProtocolFee/v1 trading": {"0b 01 0000 00", admin},
		"SetProtocolFee/v1 LP":      {"0b 00 01 0102", admin},
		"SetProtocolFee/v1 neither": {"0b 00 00", admin},
		"SetProtocolFeeBeneficiary": {"0c", []meta{{user, "s"}, {newAuthority, ""}, state}},
		"WithdrawProtocolFees": {"0e 0500000000000000", concat(
			[]meta{{user, "s"}, {userTokens, "w"}, known(jupsolFees, "w"), known(protocolFee, "w")},
			token, []meta{state, known(jupsolMint, "")},
		)},
		"DisablePool": {"11", []meta{{user, "s"}, state, known(disableList, "")}},
		"EnablePool":  {"12", admin},
		"StartRebalance": {
			"13 05 03000000 00000000 0102030405060708 1112131415161718 2122232425262728",
			concat([]meta{
				{user, "s"}, state, list, known(rebalanceRec, "w"), known(jupsolMint, ""),
				known(wsolMint, ""), known(jupsolStore, "w"),
				known(wsolReserves, "w"), {userTokens, "w"},
			}, readonly("Sysvar1nstructions1111111111111111111111111", systemProgram, splToken),
				jupsolGroup(), wsolGroup()),
		},
		"EndRebalance": {"14", concat(
			[]meta{{user, "s"}, state, list, known(rebalanceRec, "w"), known(jupsolMint, ""),
				known(jupsolStore, "")},
			jupsolGroup(),
		)},
		"WithdrawProtocolFeesV2": {"19",
			concat([]meta{state, {user, "s"}, {userTokens, "w"}, known(infMint, "w")}, token)},
	}
}

// TestInfinity_Golden compares data and accounts of every instruction of the
// controller with the tables in its source, igneous-labs/inf-1.5,
// controller/core/src/instructions. If the flags of the two versions differ,
// the stricter ones are expected.
func TestInfinity_Golden(t *testing.T) {
	for name, want := range controllerGoldenCases() {
		t.Run(name, func(t *testing.T) {
			i, ok := controllerForms(t)[name]
			require.True(t, ok)
			ix, err := i.Build()
			require.NoError(t, err)
			requireInstruction(t, solana.MPK(controllerID), want.data, want.metas, ix)
		})
	}
}

// TestInfinitySwap_WorkedExamples checks data and accounts of swaps with the
// amounts of the official tests.
func TestInfinitySwap_WorkedExamples(t *testing.T) {
	wsol, jupsol, inf := wsolSide(t), jupsolSide(t), infSide()
	for _, test := range []struct {
		name  string
		swap  instructions.InfinitySwap
		data  string
		metas []meta
	}{
		{
			"1 wSOL for jupSOL", slabSwap(t, wsol, jupsol, 895_530_443, 1_000_000_000),
			"17 01 05 00000000 03000000 cbb5603500000000 00ca9a3b00000000",
			concat([]meta{
				known(trader, "s"), known(wsolMint, ""), known(jupsolMint, ""),
				known(traderWSOL, "w"), known(traderJupsol, "w"), known(splToken, ""),
				known(splToken, ""), known(poolState, "w"), known(lstStateList, "w"),
				known(wsolReserves, "w"), known(jupsolStore, "w"),
			}, wsolGroup(), jupsolGroup(), slabGroup()),
		},
		{
			// INF has no index in the list, its mint is listed twice, and the
			// program ignores its calculator account.
			"1 jupSOL for INF", slabSwap(t, jupsol, inf, 495_016_555, 1_000_000_000),
			"17 05 01 03000000 ffffffff 6b5a811d00000000 00ca9a3b00000000",
			concat([]meta{
				known(trader, "s"), known(jupsolMint, ""), known(infMint, ""),
				known(traderJupsol, "w"), known(traderINF, "w"), known(splToken, ""),
				known(splToken, ""), known(poolState, "w"), known(lstStateList, "w"),
				known(jupsolStore, "w"), known(infMint, "w"),
			}, jupsolGroup(), infGroup(), slabGroup()),
		},
		{
			"1 INF for wSOL", slabSwap(t, inf, wsol, 2_195_356_048, 1_000_000_000),
			"17 01 01 ffffffff 00000000 9079da8200000000 00ca9a3b00000000",
			concat([]meta{
				known(trader, "s"), known(infMint, ""), known(wsolMint, ""), known(traderINF, "w"),
				known(traderWSOL, "w"), known(splToken, ""),
				known(splToken, ""), known(poolState, "w"), known(lstStateList, "w"),
				known(infMint, "w"), known(wsolReserves, "w"),
			}, infGroup(), wsolGroup(), slabGroup()),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			ix, err := instructions.InfinitySwapExactInV2(test.swap).Build()
			require.NoError(t, err)
			requireInstruction(t, solana.MPK(controllerID), test.data, test.metas, ix)
			exact, err := instructions.InfinitySwapExactOutV2(test.swap).Build()
			require.NoError(t, err)
			requireInstruction(t, solana.MPK(controllerID),
				"18"+strings.TrimPrefix(test.data, "17"), test.metas, exact)
		})
	}
}

// calculatorGroupCase is a case of [TestCalculatorAccounts_PerCalculator].
type calculatorGroupCase struct {
	calculator, pool string
	rest             []string
}

// calculatorGroupCases returns the cases of
// [TestCalculatorAccounts_PerCalculator].
func calculatorGroupCases() []calculatorGroupCase {
	const (
		marinade = "8szGkuLTAux9XMgZ2vtY39jVSowEcpBfFfD8hXSEqdGC"
		lido     = "49Yi1TKkNyYjPAFdR9LBvoHcUjuPX4Df5T5yv39w2XTn"
	)

	pool := key(50)

	return []calculatorGroupCase{
		{"sp1V4h2gWorkGhVcazBc22Hfo2f5sd7jcjT4EDPrWFF", pool.String(), []string{
			"7orJ4kDhn1Ewp54j29tBzUWDFGhyimhYi7sxybZcphHd", pool.String(),
			"SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy",
			"EmiU8AQkB2sswTxVB6aCmsAJftoowZGGDXuytm6X65R3",
		}},
		{"sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy", pool.String(), []string{
			"84C2M1NcmqFiP37qHKzuz8ydyyjCrzNqY77GhvHtCpyf", pool.String(),
			"SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY",
			"Cn5fegqLh8Fmvffisr4Wk3LmuaUgMMzTFfEuidpZFsvV",
		}},
		{"ssmbu3KZxgonUtjEMCKspZzxvUQCxAFnyh1rcHUeEDo", pool.String(), []string{
			"Ehcuy2BzuY9BscqcH2K43tDKqoi6xQHxChtVjzrMfvU8", pool.String(),
			"SPMBzsVUuoHA4Jm6KunbsotaahvVikZs1JyTW6iJvbn",
			"HxBTMuB7cFBPVWVJjTi9iBF8MPd7mfY1QnrrWfLAySFd",
		}},
		{"mare3SCyfZkAndpBRBeonETmkCCB3TJTTrz8ZN2dnhP", marinade, []string{
			"FMbUjYFtqgm4Zfpg7MguZp33RQ3tvkd22NgaCCAs3M6E", marinade,
			"MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD",
			"4PQH9YmfuKrVyZaibkLYpJZPv2FPaybhq2GAuBcWMSBf",
		}},
		{"1idUSy4MGGKyKhvjSnGZ6Zc7Q4eKQcibym4BkEEw9KR", lido, []string{
			"7Dv8K2G3DqfkNNdPDx6qaQKmzGQu18fg6S7AjRnew6aX", lido,
			"CrX7kMhLC3cSsXJdT7JDgqrRVWGnUpX3gfEfxxU2NVLi",
			"CHZNLhDXKrsXBmmv947RFciquwBsn2NdABmhpxoX3wgZ",
		}},
		{wsolCalc, systemProgram, nil},
	}
}

// TestCalculatorAccounts_PerCalculator checks the accounts of each calculator.
// The number of accounts in the instruction data includes its program.
func TestCalculatorAccounts_PerCalculator(t *testing.T) {
	pool := key(50)
	for _, test := range calculatorGroupCases() {
		t.Run(test.calculator, func(t *testing.T) {
			g, err := instructions.CalculatorAccounts(solana.MPK(test.calculator),
				solana.MPK(test.pool))
			require.NoError(t, err)
			require.Equal(t, test.calculator, g.Program.String())
			require.Len(t, g.Accounts, len(test.rest))
			for i, want := range test.rest {
				require.Equal(t, want, g.Accounts[i].String())
			}

			side := jupsolSide(t)
			side.Calculator = g
			for at, swap := range []instructions.InfinitySwap{slabSwap(t, side, wsolSide(t), 1, 1),
				slabSwap(t, infSide(), side, 1, 1)} {
				ix, err := instructions.InfinitySwapExactInV2(swap).Build()
				require.NoError(t, err)
				counts := [2]byte{byte(1 + len(test.rest)), 1}
				if at == 1 {
					counts = [2]byte{1, byte(1 + len(test.rest))}
				}

				require.Equal(t, counts[:], dataOf(t, ix)[1:3])
				require.Len(t, ix.Accounts(), 11+int(counts[0])+int(counts[1])+2)
			}
		})
	}

	for _, unknown := range []solana.PublicKey{{}, pool,
		solana.MPK("1nf7dspGYz1CTALJbtNgjvcSYWiFz5N3c2EuUZLSWCL")} {
		g, err := instructions.CalculatorAccounts(unknown, pool)
		requireBuildError(t, err, "calculator accounts", unknown.String(),
			instructions.ErrConflictingInput)
		require.Zero(t, g)
	}
}

// TestInfinitySwap_AccountCounts checks the number of accounts for each kind of
// pair.
func TestInfinitySwap_AccountCounts(t *testing.T) {
	lst := func(calculator solana.PublicKey, n byte) instructions.InfinityToken {
		return instructions.InfinityToken{
			Index:        uint32(n),
			Mint:         key(n),
			TokenProgram: accounts.TokenProgram,
			Account:      key(100 + n),
			Calculator:   group(t, calculator, key(50+n)),
		}
	}

	one, two := lst(accounts.SPLCalculator, 1), lst(accounts.SanctumSPLCalculator, 2)
	marinade, lido := lst(accounts.MarinadeCalculator, 3), lst(accounts.LidoCalculator, 4)
	wsol, inf := wsolSide(t), infSide()
	for name, test := range map[string]struct {
		inp, out instructions.InfinityToken
		counts   [2]byte
		total    int
	}{
		"SPL, SPL":       {one, two, [2]byte{5, 5}, 23},
		"SPL, Marinade":  {one, marinade, [2]byte{5, 5}, 23},
		"Lido, Marinade": {lido, marinade, [2]byte{5, 5}, 23},
		"wSOL, SPL":      {wsol, one, [2]byte{1, 5}, 19},
		"Lido, wSOL":     {lido, wsol, [2]byte{5, 1}, 19},
		"SPL, INF":       {one, inf, [2]byte{5, 1}, 19},
		"INF, Marinade":  {inf, marinade, [2]byte{1, 5}, 19},
		"wSOL, INF":      {wsol, inf, [2]byte{1, 1}, 15},
		"INF, wSOL":      {inf, wsol, [2]byte{1, 1}, 15},
	} {
		t.Run(name, func(t *testing.T) {
			swap := slabSwap(t, test.inp, test.out, 1, 1)
			ix, err := instructions.InfinitySwapExactInV2(swap).Build()
			require.NoError(t, err)
			require.Equal(t, test.counts[:], dataOf(t, ix)[1:3])
			require.Len(t, ix.Accounts(), test.total)
			old, err := instructions.InfinitySwapExactIn(swap).Build()
			if test.inp.Index == instructions.LPIndex || test.out.Index == instructions.LPIndex {
				requireBuildError(t, err, "SwapExactIn", "index", instructions.ErrConflictingInput)
				return
			}

			require.NoError(t, err)
			require.Len(t, old.Accounts(), test.total+1, "the fee accumulator")
			require.Equal(t, hex.EncodeToString(dataOf(t, ix)[1:]),
				hex.EncodeToString(dataOf(t, old)[1:]))
		})
	}
}
