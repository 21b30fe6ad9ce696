package instructions_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// Addresses of Infinity on mainnet.
const (
	splToken      = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
	poolState     = "AYhux5gJzCoeoc1PoJ1VxwPDe22RwcvpHviLDD1oCGvW"
	lstStateList  = "Gb7m4daakbVbrFLR33FKMDVMHAprRZ66CSYt4bpFwUgS"
	protocolFee   = "6U8Ve7NuTVq9pb3xEC2ZwxBhceWULUuJn1nSKCTraq5r"
	rebalanceRec  = "GVoB1QdoqCzdSsQr7zsxyGZB1HhWpfejm6ZZduvseSNa"
	disableList   = "FJc6b3iyYaD5p24aKQ2FcM7WVATapPGq65LhY1MDKXzG"
	controllerID  = "5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx"
	wsolMint      = "So11111111111111111111111111111111111111112"
	wsolReserves  = "F2AETMoKjZgb3965ee9DiSriVmFDMA9Uf1ebuWuVzjUu"
	wsolFees      = "7owbWQ3mCKy5eqEN8kqRKKV5Wq4WC9SuzFeuQxZBD152"
	wsolCalc      = "wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE"
	jupsolMint    = "jupSoLaHXQiZZTSfEWMTRRgpnyFm8f6sZdosWBjx93v"
	jupsolPool    = "8VpRhuxa7sUUepdY3kQiTmX9rS5vx4WgaXiAnXq4KCtr"
	jupsolStore   = "ABkvEJg9sjvjeHN8tjwhHo63p4JP2Cfn3cpoT59Ehxf6"
	jupsolFees    = "9twt5sCzyPvVNnd4SXmZNyA8V8QnmU3EY7XG9wGJsBRm"
	infMint       = "5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm"
	flatFeeID     = "f1tUoNEKrDp1oeGn4zxr7bh41eN6VcfHjfrL3ZqQday"
	flatFeeState  = "DpWzqkAVNjgdiLCDVy1M3XWGBPjJ11h177kNX8NywYNE"
	wsolFlatFee   = "BgyPRzx3zzqU5RwcpG67skfFJyFYkZhAbkUqT4s3gdc8"
	jupsolFlatFee = "3rdVbjv6iKBXjjiaUT9g8QGqVB6iTgNaqR9GtWajEf5S"
	infFlatFee    = "2HuTVxGNaczZai4a4hEUBDfnKQRYJ1f2Zmm1EBG7FkHc"
	flatSlabID    = "s1b6NRXj6ygNu1QMKXh2H9LUR2aPApAAm1UQ2DjdhNV"
	flatSlab      = "4T9YzXnmQFMyYi2nrxyXjhtUANavmCkxGCsU3GKaNjwT"
	// The user of the worked examples, with token accounts.
	trader       = "Bu1aMATbqpbPrNJ5jjFY2qFLbonZBqhH7WVhChxJpcbY"
	traderWSOL   = "EFMp4AxGDwpTgkigfXE9avXWPeT5MNvEDEEJJC37n6CS"
	traderJupsol = "HEBGMxji1LQvU7ptbAKXJccaKsjD3LJ56GYH3tK7CmHq"
	traderINF    = "GwEVBmBh5nvVJuH122RCrPKQGKJ6JRYz2AVvBk9tHEvo"
)

// readonly returns accounts that are neither signers nor writable.
func readonly(addresses ...string) (metas []meta) {
	for _, a := range addresses {
		metas = append(metas, known(a, ""))
	}
	return metas
}

// jupsolGroup returns the calculator accounts of jupSOL.
func jupsolGroup() []meta {
	return readonly("ssmbu3KZxgonUtjEMCKspZzxvUQCxAFnyh1rcHUeEDo",
		"Ehcuy2BzuY9BscqcH2K43tDKqoi6xQHxChtVjzrMfvU8", jupsolPool,
		"SPMBzsVUuoHA4Jm6KunbsotaahvVikZs1JyTW6iJvbn",
		"HxBTMuB7cFBPVWVJjTi9iBF8MPd7mfY1QnrrWfLAySFd")
}

func wsolGroup() []meta { return readonly(wsolCalc) }

func infGroup() []meta { return readonly(controllerID) }

func slabGroup() []meta { return readonly(flatSlabID, flatSlab) }

// infinity returns the pool state of Infinity with a pricing program.
func infinity(version uint8, pricing string) *accounts.PoolState {
	return &accounts.PoolState{Version: version, PricingProgram: solana.MPK(pricing),
		LPTokenMint: solana.MPK(infMint)}
}

// controller returns the addresses of Infinity's controller.
func controller(t testing.TB) instructions.Infinity {
	t.Helper()
	c, err := instructions.NewInfinity(accounts.InfinityProgram, infinity(2, flatSlabID),
		accounts.TokenProgram)
	require.NoError(t, err)
	return c
}

func group(t testing.TB, calculator, pool solana.PublicKey) instructions.ProgramAccounts {
	t.Helper()
	g, err := instructions.CalculatorAccounts(calculator, pool)
	require.NoError(t, err)
	return g
}

// wsolSide returns wrapped SOL as the input or output of a trade.
func wsolSide(t testing.TB) instructions.InfinityToken {
	return instructions.InfinityToken{
		Index:        0,
		Mint:         solana.MPK(wsolMint),
		TokenProgram: solana.MPK(splToken),
		Account:      solana.MPK(traderWSOL),
		Calculator:   group(t, accounts.WrappedSOLCalculator, solana.PublicKey{}),
	}
}

func jupsolSide(t testing.TB) instructions.InfinityToken {
	return instructions.InfinityToken{
		Index:        3,
		Mint:         solana.MPK(jupsolMint),
		TokenProgram: solana.MPK(splToken),
		Account:      solana.MPK(traderJupsol),
		Calculator:   group(t, accounts.SanctumSPLMultiCalculator, solana.MPK(jupsolPool)),
	}
}

func infSide() instructions.InfinityToken {
	return instructions.InfinityToken{
		Index:        instructions.LPIndex,
		Mint:         solana.MPK(infMint),
		TokenProgram: solana.MPK(splToken),
		Account:      solana.MPK(traderINF),
	}
}

// pricing returns the pricing accounts of a trade.
func pricing(
	t testing.TB,
	pool *accounts.PoolState,
	inp, out instructions.InfinityToken,
) instructions.ProgramAccounts {
	t.Helper()
	g, err := instructions.PricingAccounts(pool, inp.Mint, out.Mint)
	require.NoError(t, err)
	return g
}

// slabSwap returns a swap priced by the flatslab program.
func slabSwap(
	t testing.TB,
	inp, out instructions.InfinityToken,
	limit, amount uint64,
) instructions.InfinitySwap {
	return instructions.InfinitySwap{
		Controller: controller(t),
		Signer:     solana.MPK(trader),
		Inp:        inp,
		Out:        out,
		Pricing:    pricing(t, infinity(2, flatSlabID), inp, out),
		Limit:      limit,
		Amount:     amount,
	}
}

// concat joins accounts.
func concat(lists ...[]meta) (all []meta) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// controllerForms returns all instructions of the controller by name.
func controllerForms(t testing.TB) map[string]builder {
	c := controller(t)
	swap := slabSwap(t, wsolSide(t), jupsolSide(t), 895_530_443, 1_000_000_000)
	liquidity := instructions.InfinityLiquidity{
		Controller: c,
		Signer:     solana.MPK(trader),
		LST:        jupsolSide(t),
		LPAccount:  solana.MPK(traderINF),
		Pricing:    swap.Pricing,
		Amount:     1_000_000_000,
		MinimumOut: 495_016_555,
	}

	bps := func(n uint16) *uint16 { return &n }
	return map[string]builder{
		"SyncSolValue":    instructions.InfinitySyncSOLValue{Controller: c, LST: jupsolSide(t)},
		"SwapExactIn":     instructions.InfinitySwapExactIn(swap),
		"SwapExactOut":    instructions.InfinitySwapExactOut(swap),
		"SwapExactInV2":   instructions.InfinitySwapExactInV2(swap),
		"SwapExactOutV2":  instructions.InfinitySwapExactOutV2(swap),
		"AddLiquidity":    instructions.InfinityAddLiquidity(liquidity),
		"RemoveLiquidity": instructions.InfinityRemoveLiquidity(liquidity),
		"EnableLstInput": instructions.InfinitySetLSTInput{
			Controller: c,
			Admin:      user,
			Index:      3,
			Mint:       solana.MPK(jupsolMint),
			Enable:     true,
		},
		"DisableLstInput": instructions.InfinitySetLSTInput{
			Controller: c,
			Admin:      user,
			Index:      0x04030201,
			Mint:       solana.MPK(jupsolMint),
		},
		"DisablePool": instructions.InfinityDisablePool{Controller: c, Authority: user},
		"EnablePool":  instructions.InfinityEnablePool{Controller: c, Admin: user},
		"SetProtocolFee": instructions.InfinitySetProtocolFee{Controller: c, Admin: user,
			Nanos: 1_000_000_000},
		"SetProtocolFee/v1": instructions.InfinitySetProtocolFeeV1{
			Controller: c,
			Admin:      user,
			TradingBps: bps(1000),
			LPBps:      bps(10_000),
		},
		"SetProtocolFee/v1 trading": instructions.InfinitySetProtocolFeeV1{Controller: c,
			Admin: user, TradingBps: bps(0)},
		"SetProtocolFee/v1 LP": instructions.InfinitySetProtocolFeeV1{Controller: c,
			Admin: user, LPBps: bps(0x0201)},
		"SetProtocolFee/v1 neither": instructions.InfinitySetProtocolFeeV1{Controller: c,
			Admin: user},
		"SetProtocolFeeBeneficiary": instructions.InfinitySetProtocolFeeBeneficiary{Controller: c,
			Current: user, New: newAuthority},
		"WithdrawProtocolFees": instructions.InfinityWithdrawProtocolFees{
			Controller:   c,
			Beneficiary:  user,
			Destination:  userTokens,
			Mint:         solana.MPK(jupsolMint),
			TokenProgram: solana.MPK(splToken),
			Amount:       5,
		},
		"WithdrawProtocolFeesV2": instructions.InfinityWithdrawProtocolFeesV2{Controller: c,
			Beneficiary: user, Destination: userTokens},
		"StartRebalance": instructions.InfinityStartRebalance{
			Controller:     c,
			Authority:      user,
			Out:            jupsolSide(t),
			Inp:            wsolSide(t),
			Destination:    userTokens,
			Amount:         0x0807060504030201,
			MinStartingOut: 0x1817161514131211,
			MaxStartingInp: 0x2827262524232221,
		},
		"EndRebalance": instructions.InfinityEndRebalance{Controller: c, Authority: user,
			Inp: jupsolSide(t)},
	}
}
