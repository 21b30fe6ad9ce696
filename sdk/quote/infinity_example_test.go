package quote_test

import (
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// The published example of Infinity's prices. Infinity values an LST at the
// price of its stake pool less the pool's withdrawal fee: 1.1073 SOL instead of
// 1.1084 SOL. Two LSTs are swapped at the ratio of their values, less the fees
// of both.
func ExampleInfinityState_Swap() {
	stakePool := quote.StakePoolValue{TotalLamports: 2_586_658_749_561_150,
		PoolTokenSupply: 2_333_532_553_328_205}
	for _, fee := range []uint64{0, 1} {
		stakePool.WithdrawalFee = accounts.Fee{Numerator: fee, Denominator: 1000}
		worth, err := stakePool.LSTToSOL(1_000_000_000)
		if err != nil {
			log.Fatal(err)
		}

		fmt.Println("1 bSOL is worth", lst.FormatAmount(worth.Min, 9), "SOL")
	}

	const tokens = 1_000_000_000_000
	bSOL, scnSOL := solana.PublicKey{1}, solana.PublicKey{2}
	pool := quote.InfinityState{
		Pool: accounts.PoolState{Version: accounts.PoolStateV1, TotalSOLValue: 2_283_100_000_000},
		LSTs: map[solana.PublicKey]quote.InfinityLST{
			bSOL: {
				State: accounts.LSTState{Mint: bSOL, SOLValue: 1_107_300_000_000}, Reserves: tokens,
				Value: quote.StakePoolValue{TotalLamports: 11_073, PoolTokenSupply: 10_000},
			},
			scnSOL: {
				State:    accounts.LSTState{Mint: scnSOL, SOLValue: 1_175_800_000_000},
				Reserves: tokens,
				Value:    quote.StakePoolValue{TotalLamports: 11_758, PoolTokenSupply: 10_000},
			},
		},
	}

	swap := func(inp, out solana.PublicKey, inputBps, outputBps int16) string {
		pool.Pricing = quote.FlatFee{Fees: map[solana.PublicKey]accounts.FlatFeeAccount{
			inp: {InputFeeBps: inputBps}, out: {OutputFeeBps: outputBps},
		}}
		trade, err := pool.Swap(inp, out, 1_000_000_000)
		if err != nil {
			log.Fatal(err)
		}

		return lst.FormatAmount(trade.Out, 9)
	}

	fmt.Println("1 bSOL buys", swap(bSOL, scnSOL, 0, 0), "scnSOL without fees")
	fmt.Println("1 bSOL buys", swap(bSOL, scnSOL, 2, 4), "scnSOL at 2 and 4 bps")
	fmt.Println("1 bSOL buys", swap(bSOL, scnSOL, 10, 10), "scnSOL at 10 and 10 bps")
	fmt.Println("1 scnSOL buys", swap(scnSOL, bSOL, 0, 0), "bSOL without fees")
	// Output:
	// 1 bSOL is worth 1.108473394 SOL
	// 1 bSOL is worth 1.10736492 SOL
	// 1 bSOL buys 0.941741792 scnSOL without fees
	// 1 bSOL buys 0.941176747 scnSOL at 2 and 4 bps
	// 1 bSOL buys 0.939858309 scnSOL at 10 and 10 bps
	// 1 scnSOL buys 1.061862187 bSOL without fees
}
