package route_test

import (
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// exampleMarket loads a market of the embedded tokens.
func exampleMarket(symbols ...string) *route.Market {
	var tokens []lst.LST
	for _, symbol := range symbols {
		tokens = append(tokens, exampleToken(symbol))
	}

	return loadMarket(exampleNode(), route.NewLoader(tokens...))
}

// Quote 1.5 SOL for jitoSOL and list the instructions of the trade.
func Example() {
	market := exampleMarket("jitoSOL") // client.LoadMarket(ctx, jitoSOL)
	token := exampleToken("jitoSOL")

	best, err := market.Quote(route.Request{
		From:    accounts.NativeMint,
		To:      token.Mint,
		Amount:  1_500_000_000,
		Options: route.Options{SlippageBps: 10},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(best)

	owner := solana.PublicKey{1}
	steps, err := best.Steps(route.BuildParams{Owner: owner, Payer: owner})
	if err != nil {
		log.Fatal(err)
	}

	names := strings.NewReplacer(owner.String(), "OWNER", token.Mint.String(), "JITOSOL")
	for _, step := range steps {
		fmt.Println("-", names.Replace(step.Description))
	}
	// Output:
	// swap 1.5 SOL -> 1.244054262 JitoSOL via stake pool deposit, at least 1.242810208 JitoSOL
	// - create the token account of OWNER for mint JITOSOL, unless it exists
	// - deposit 1.5 SOL into the stake pool of JitoSOL for at least 1.242810208 JitoSOL
}

func ExampleMarket_Quote() {
	market, token := exampleMarket("jitoSOL"), exampleToken("jitoSOL")

	best, err := market.Quote(route.Request{
		From:    accounts.NativeMint,
		To:      token.Mint,
		Amount:  1_500_000_000,
		Options: route.Options{SlippageBps: 10},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(best.Venue, "at slot", best.Slot)
	fmt.Println("out", token.Format(best.Out), "at least", token.Format(best.MinOut))
	fmt.Println("exact:", best.Exact)
	// Output:
	// stake pool deposit at slot 342792000
	// out 1.244054262 at least 1.242810208
	// exact: true
}

// A venue that cannot serve the request is listed with the reason.
func ExampleMarket_Quotes() {
	market, token := exampleMarket("phaseSOL"), exampleToken("phaseSOL")

	quotes, rejections := market.Quotes(route.Request{
		From:   accounts.NativeMint,
		To:     token.Mint,
		Amount: 1_000_000_000,
	})

	fmt.Println(len(quotes), "quotes")
	for _, rejection := range rejections {
		if errors.Is(rejection.Err, quote.ErrStalePool) {
			fmt.Println(rejection.Venue, "needs a pool update")
		}
	}
	// Output:
	// 0 quotes
	// stake pool deposit needs a pool update
	// Infinity needs a pool update
	// Router deposit needs a pool update
}

// A request for which no venue has an offer fails with the reason of each.
// The sale loses the pool's withdrawal fee against the fair price of the token.
func ExampleQuote_PriceImpact() {
	market, token := exampleMarket("jitoSOL"), exampleToken("jitoSOL")
	best, err := market.Quote(route.Request{
		From:   token.Mint,
		To:     accounts.NativeMint,
		Amount: 2_000_000_000,
	})
	if err != nil {
		log.Fatal(err)
	}

	impact, err := best.PriceImpact()
	if err != nil {
		log.Fatal(err)
	}

	price, err := market.Price(token.Mint)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("fair price", price, "SOL, loss", impact.FloatString(9))
	// Output: fair price 1.205735188 SOL, loss 0.001000000
}

func ExampleNoRouteError() {
	market, token := exampleMarket("phaseSOL"), exampleToken("phaseSOL")

	_, err := market.Quote(route.Request{
		From:   accounts.NativeMint,
		To:     token.Mint,
		Amount: 1_000_000_000,
	})

	var none *route.NoRouteError
	if errors.As(err, &none) {
		fmt.Println(errors.Is(err, route.ErrNoRoute), none.Rejections[0].Venue)
	}
	// Output: true stake pool deposit
}

func ExampleMarket_TokenInfo() {
	market := exampleMarket("bSOL")

	info, err := market.TokenInfo(exampleToken("bSOL").Mint)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("1", info.Token.Symbol, "=", info.Price, "SOL, as of epoch", info.LastUpdateEpoch)
	// Output: 1 bSOL = 1.220167026 SOL, as of epoch 793
}

// An account update, for example of a websocket subscription, makes a new
// market. The old one does not change.
func ExampleMarket_Updated() {
	node, token := exampleNode(), exampleToken("jitoSOL")
	market := loadMarket(node, route.NewLoader(token))

	pool, _ := node.Account(token.Pool)
	updated, err := market.Updated(market.Slot()+3, pool)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(market.Slot(), "->", updated.Slot(), "spread", updated.Spread())
	// Output: 342792000 -> 342792003 spread 3
}

// A market knows the sysvars it was loaded with.
func ExampleMarket_Clock() {
	market := exampleMarket("jitoSOL")

	fmt.Println("epoch", market.Clock().Epoch, "of", market.EpochSchedule().SlotsPerEpoch, "slots")
	fmt.Println("slot time", market.SlotTime())

	rent, err := market.Rent().MinimumBalance(accounts.TokenAccountSpace)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("a token account costs", lst.FormatAmount(rent, 9), "SOL of rent")
	// Output:
	// epoch 793 of 432000 slots
	// slot time 400.0 ms by the Clock sysvar
	// a token account costs 0.00203928 SOL of rent
}

func ExampleMarket_StakeAccount() {
	node := exampleNode()
	owner := solana.PublicKey{1}
	address := node.AddStakeAccount(owner, sdktest.DemoValidator(), 5_000_000_000, false)
	market := loadMarket(node, route.NewLoader().WithStakeAccounts(address))

	for _, address := range market.StakeAccounts() {
		account, err := market.StakeAccount(address)
		if err != nil {
			log.Fatal(err)
		}

		fmt.Println(lst.FormatAmount(account.Lamports, 9), "SOL with",
			account.Account.Delegation.Voter)
	}
	// Output: 5.00228288 SOL with 7K8DVxtNJGnMtUY1CQJT5jcs8sFGSZTDiG7kowvFpECh
}

// Marinade's program takes no minimum, so the transaction checks the balance.
func ExampleQuote_BalanceCheckAccount() {
	market := exampleMarket("mSOL")

	best, err := market.Quote(route.Request{
		From:   accounts.NativeMint,
		To:     accounts.MSOLMint,
		Amount: 1_000_000_000,
	})
	if err != nil {
		log.Fatal(err)
	}

	owner := solana.PublicKey{1}
	account, ok, err := best.BalanceCheckAccount(owner)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(best.MinOutCheck, ok, account)

	// A server derives each address only once.
	addresses := accounts.NewAddresses(1_000)
	same, _, err := best.GuardedAccountFrom(addresses, owner)
	fmt.Println(same == account, err)
	// Output:
	// balance true 7Y7UsR8U4YqnXS6qekbng1bJ4yqq1eeYp5Xoa4kCMma5
	// true <nil>
}

// The steps of a quote are the instructions of its transaction, in order.
func ExampleQuote_Steps() {
	market, token := exampleMarket("jitoSOL"), exampleToken("jitoSOL")

	best, err := market.Quote(route.Request{
		From:   accounts.NativeMint,
		To:     token.Mint,
		Amount: 1_500_000_000,
	})
	if err != nil {
		log.Fatal(err)
	}

	owner := solana.PublicKey{1}
	steps, err := best.Steps(route.BuildParams{Owner: owner, Payer: owner})
	if err != nil {
		log.Fatal(err)
	}

	names := strings.NewReplacer(owner.String(), "OWNER", token.Mint.String(), "JITOSOL")
	for _, step := range steps {
		fmt.Println(names.Replace(step.Description))
	}
	// Output:
	// create the token account of OWNER for mint JITOSOL, unless it exists
	// deposit 1.5 SOL into the stake pool of JitoSOL for at least 1.244054262 JitoSOL
}

func ExampleRequest_Check() {
	request := route.Request{
		From:    accounts.NativeMint,
		To:      accounts.MSOLMint,
		Amount:  1_000_000_000,
		Options: route.Options{SlippageBps: 20_000},
	}

	fmt.Println(request.Check())
	// Output: slippage over 10000 bps (use 0 to 10000, 50 is 0.5 %): 20000
}
