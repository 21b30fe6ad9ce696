package sdktest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// A client quotes and builds on the embedded market. Its first request for a
// blockhash fails.
func Example() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	node.AcceptAll()
	node.Fail("getLatestBlockhash", sdktest.Fault{Status: 503})
	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	owner := solana.MustPublicKeyFromBase58("BjSRrArezHSXQpv2YtH5yyCUMAWWe7nYovrVF4yqSvBS")
	_, quote, err := client.Stake(context.Background(), jitoSOL.Mint, 1_000_000_000,
		sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner}})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("1 SOL buys", jitoSOL.Format(quote.Out), "jitoSOL")
	fmt.Println(node.Calls("getLatestBlockhash"), "requests for a blockhash")
	// Output:
	// 1 SOL buys 0.829369508 jitoSOL
	// 2 requests for a blockhash
}

func ExampleDemo() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarket(context.Background(), jitoSOL.Mint)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", market.Slot(), "of epoch", market.Clock().Epoch)
	// Output: slot 342792000 of epoch 793
}

func ExampleDemoV1() {
	node, err := sdktest.DemoV1()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarket(context.Background(), accounts.INFMint)
	if err != nil {
		log.Fatal(err)
	}

	pool, err := market.InfinityPool(accounts.InfinityProgram)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("Infinity holds", len(pool.Tokens), "tokens")
	// Output: Infinity holds 18 tokens
}

func ExampleDemoClient() {
	client, key, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	receipt, quote, err := client.Execute(context.Background(), route.Request{
		From:   accounts.NativeMint,
		To:     jitoSOL.Mint,
		Amount: 1_500_000_000,
	}, sdk.BuildOptions{Owner: key.PublicKey()}, key)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("bought", jitoSOL.Format(quote.Out), "jitoSOL in slot", receipt.Slot)
	// Output: bought 1.244054262 jitoSOL in slot 342792001
}

func ExampleNewNode() {
	wallet := accounts.Account{
		Address:  solana.MustPublicKeyFromBase58("BjSRrArezHSXQpv2YtH5yyCUMAWWe7nYovrVF4yqSvBS"),
		Owner:    accounts.SystemProgram,
		Lamports: 2_000_000_000,
	}

	node := sdktest.NewNode(342_792_000, 793, wallet)

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	answer, err := client.RPC().GetMultipleAccounts(context.Background(), wallet.Address)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(answer.Value[0].Lamports, "lamports at slot", answer.Context.Slot)
	// Output: 2000000000 lamports at slot 342792000
}

func ExampleNode_Listen() {
	node := sdktest.NewNode(342_792_000, 793)
	endpoint, closeNode, err := node.Listen()
	if err != nil {
		log.Fatal(err)
	}

	client, err := sdk.New(endpoint)
	if err != nil {
		log.Fatal(err)
	}

	slot, err := client.RPC().GetSlot(context.Background(), rpc.CommitmentConfirmed)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", slot)

	if err := closeNode(); err != nil {
		log.Fatal(err)
	}
	// Output: slot 342792000
}

func ExampleNode_Put() {
	node := sdktest.NewNode(342_792_000, 793)
	address := solana.MustPublicKeyFromBase58("BjSRrArezHSXQpv2YtH5yyCUMAWWe7nYovrVF4yqSvBS")

	node.Put(accounts.Account{
		Address:  address,
		Owner:    accounts.SystemProgram,
		Lamports: 5_000,
	})

	account, ok := node.Account(address)
	fmt.Println(account.Lamports, ok)

	node.Remove(address)
	_, ok = node.Account(address)
	fmt.Println(ok)
	// Output:
	// 5000 true
	// false
}

func ExampleNode_Fund() {
	node := sdktest.NewNode(342_792_000, 793)
	wallet := solana.MustPublicKeyFromBase58("BjSRrArezHSXQpv2YtH5yyCUMAWWe7nYovrVF4yqSvBS")
	node.Fund(2_000_000_000, wallet)

	account, _ := node.Account(wallet)
	fmt.Println(account.Lamports, "lamports")
	// Output: 2000000000 lamports
}

func ExampleNode_AddStakeAccount() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	owner := solana.MustPublicKeyFromBase58("BjSRrArezHSXQpv2YtH5yyCUMAWWe7nYovrVF4yqSvBS")
	stake := node.AddStakeAccount(owner, sdktest.DemoValidator(), 5_000_000_000, false)

	account, _ := node.Account(stake)
	fmt.Println(account.Lamports, "lamports with rent")
	// Output: 5002282880 lamports with rent
}

func ExampleNode_Client() {
	node := sdktest.NewNode(342_792_000, 793)

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	slot, err := client.RPC().GetSlot(context.Background(), rpc.CommitmentConfirmed)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", slot)
	// Output: slot 342792000
}

func ExampleNode_AcceptAll() {
	node := sdktest.NewNode(342_792_000, 793)
	node.AcceptAll()

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	raw := append([]byte{1}, make([]byte, 100)...)
	signature, err := client.RPC().SendRawTransaction(context.Background(), raw)
	if err != nil {
		log.Fatal(err)
	}

	statuses, err := client.RPC().GetSignatureStatuses(context.Background(), false, signature)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(statuses.Value[0].ConfirmationStatus, "in slot", statuses.Value[0].Slot)
	// Output: confirmed in slot 342792001
}

func ExampleNode_Advance() {
	node := sdktest.NewNode(342_792_000, 793)
	node.Advance(10)

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	info, err := client.RPC().GetEpochInfo(context.Background(), rpc.CommitmentConfirmed)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", info.AbsoluteSlot, "height", info.BlockHeight)
	// Output: slot 342792010 height 342792010
}

func ExampleNode_SetFinality() {
	node := sdktest.NewNode(342_792_000, 793)
	node.SetFinality(40)

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	slot, err := client.RPC().GetSlot(context.Background(), rpc.CommitmentFinalized)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", slot, "is finalized")
	// Output: slot 342791960 is finalized
}

func ExampleNode_SetSlotTime() {
	node := sdktest.NewNode(342_792_000, 793)
	node.SetSlotTime(400 * time.Millisecond)

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	samples, err := client.RPC().GetRecentPerformanceSamples(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(samples[0].NumSlots, "slots in", samples[0].SamplePeriodSecs, "seconds")
	// Output: 150 slots in 60 seconds
}

func ExampleNode_SetGenesis() {
	node := sdktest.NewNode(342_792_000, 793)
	node.SetGenesis(solana.Hash{1})

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	hash, err := client.RPC().GetGenesisHash(context.Background())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(hash == solana.Hash{1})
	// Output: true
}

func ExampleNode_SetMinimumDelegation() {
	node := sdktest.NewNode(342_792_000, 793)
	node.SetMinimumDelegation(1_000_000)

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	minimum, err := client.RPC().GetStakeMinimumDelegation(context.Background(), "")
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(minimum.Value, "lamports")
	// Output: 1000000 lamports
}

func ExampleNode_SetFees() {
	node := sdktest.NewNode(342_792_000, 793)
	node.SetFees(1_000, 25_000)

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	fees, err := client.RPC().GetRecentPrioritizationFees(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(fees[1].PrioritizationFee, "micro-lamports per compute unit")
	// Output: 25000 micro-lamports per compute unit
}

// Any server can serve a node.
func ExampleNode_ServeHTTP() {
	node := sdktest.NewNode(342_792_000, 793)
	server := httptest.NewServer(node)
	defer server.Close()

	client, err := sdk.New(server.URL)
	if err != nil {
		log.Fatal(err)
	}

	slot, err := client.RPC().GetSlot(context.Background(), rpc.CommitmentConfirmed)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", slot)
	// Output: slot 342792000
}

// A request without a client.
func ExampleNode_Do() {
	node := sdktest.NewNode(342_792_000, 793)
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost,
		"http://node.invalid", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"getSlot"}`))
	if err != nil {
		log.Fatal(err)
	}

	response, err := node.Do(request)
	if err != nil {
		log.Fatal(err)
	}

	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Print(string(answer))
	// Output: {"id":1,"jsonrpc":"2.0","result":342792000}
}

// A node refuses a transaction whose blockhash it does not know.
func ExampleNode_OnSend() {
	node := sdktest.NewNode(342_792_000, 793)
	node.OnSend(func([]byte) *sdktest.Error {
		return sdktest.Preflight(`"BlockhashNotFound"`)
	})

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	raw := append([]byte{1}, make([]byte, 100)...)
	_, err = client.RPC().SendRawTransaction(context.Background(), raw)
	fmt.Println(err)
	// Output:
	// rpc sendTransaction at http://node.invalid: code -32002: Transaction simulation failed
}

// A transaction lands one slot after the node accepted it, and fails.
func ExampleNode_SetStatus() {
	node := sdktest.NewNode(342_792_000, 793)
	node.OnSend(func(raw []byte) *sdktest.Error {
		node.Advance(1)
		node.SetStatus(solana.SignatureFromBytes(raw[1:65]), sdktest.Status{
			Slot:         342_792_001,
			Err:          `{"InstructionError":[0,{"Custom":1}]}`,
			Confirmation: "confirmed",
			Fee:          5_000,
		})

		return nil
	})

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	signature, err := client.RPC().SendRawTransaction(ctx, append([]byte{1}, make([]byte, 100)...))
	if err != nil {
		log.Fatal(err)
	}

	statuses, err := client.RPC().GetSignatureStatuses(ctx, false, signature)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(statuses.Value[0].Slot, statuses.Value[0].ConfirmationStatus)
	// Output: 342792001 confirmed
}

// A simulation runs out of compute units.
func ExampleNode_OnSimulate() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	node.OnSimulate(func([]byte) sdktest.Simulation {
		return sdktest.Simulation{
			Err:   `{"InstructionError":[3,"ComputationalBudgetExceeded"]}`,
			Units: 1_400_000,
		}
	})

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	owner := solana.MustPublicKeyFromBase58("BjSRrArezHSXQpv2YtH5yyCUMAWWe7nYovrVF4yqSvBS")
	_, _, err = client.Stake(context.Background(), accounts.INFMint, 1_000_000_000,
		sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner}})
	fmt.Println(errors.Is(err, sdk.ErrSimulation), sdk.ErrSimulation)

	var failure *progerr.TransactionError
	if errors.As(err, &failure) {
		fmt.Println(failure.Detail, "in instruction", failure.Instruction)
	}
	// Output:
	// true simulation failed
	// ComputationalBudgetExceeded in instruction 3
}

// The first call passes, the second fails, and the third passes again.
func ExampleNode_Fail() {
	node := sdktest.NewNode(342_792_000, 793)
	node.Fail("getEpochInfo", sdktest.Fault{Pass: true},
		sdktest.Fault{Error: &sdktest.Error{Code: -32602, Message: "invalid parameter 0"}})

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	for range 3 {
		_, err := client.RPC().GetEpochInfo(context.Background(), rpc.CommitmentConfirmed)
		fmt.Println(err != nil)
	}

	fmt.Println(node.Calls("getEpochInfo"), "calls")
	// Output:
	// false
	// true
	// false
	// 3 calls
}

// Loading a market takes two rounds of concurrent requests.
func ExampleNode_Rounds() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	node.SetLatency(20 * time.Millisecond) // so that requests overlap
	node.ResetCounts()

	if _, err := client.LoadMarket(context.Background(), accounts.INFMint); err != nil {
		log.Fatal(err)
	}

	fmt.Println(node.Rounds(), "rounds")
	// Output: 2 rounds
}

// Slots pass while the code under test waits, and no time is lost.
func ExampleNewClock() {
	node := sdktest.NewNode(342_792_000, 793)
	start := time.Date(2025, time.May, 26, 0, 0, 0, 0, time.UTC)
	clock := sdktest.NewClock(start, func(wait time.Duration) {
		node.Advance(uint64(wait / (400 * time.Millisecond)))
	})

	done, _ := clock.After(time.Minute)
	fmt.Println(<-done)
	fmt.Println(clock.Now().Sub(start))
	// Output:
	// 2025-05-26 00:01:00 +0000 UTC
	// 1m0s
}
