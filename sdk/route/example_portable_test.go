package route_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// exampleQuote returns the quote of 1.5 SOL for jitoSOL.
func exampleQuote(market *route.Market) route.Quote {
	quote, err := market.Quote(route.Request{
		From:    accounts.NativeMint,
		To:      exampleToken("jitoSOL").Mint,
		Amount:  1_500_000_000,
		Options: route.Options{SlippageBps: 10},
	})
	if err != nil {
		log.Fatal(err)
	}

	return quote
}

func ExampleQuote_Portable() {
	quote := exampleQuote(exampleMarket("jitoSOL"))
	portable := quote.Portable()
	fmt.Println(portable.Shape, portable.Legs[0].Venue, portable.MinOut)

	text, err := json.Marshal(quote) // the same as of portable
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(len(text), "bytes")
	// Output:
	// direct stake pool deposit 1242810208
	// 626 bytes
}

// Another process reads the JSON of a quote, and prices its route with a market
// of its own.
func ExampleMarket_Requote() {
	received, err := json.Marshal(exampleQuote(exampleMarket("jitoSOL")))
	if err != nil {
		log.Fatal(err)
	}

	var portable route.PortableQuote
	if err := json.Unmarshal(received, &portable); err != nil {
		log.Fatal(err)
	}

	market := exampleMarket("jitoSOL")
	quote, err := market.Requote(portable)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(quote)

	// A recipient that the receiver does not expect is refused.
	portable.Request.Recipient = accounts.MSOLMint
	_, err = market.Requote(portable)
	fmt.Println(errors.Is(err, route.ErrUnexpectedParty))
	// Output:
	// swap 1.5 SOL -> 1.244054262 JitoSOL via stake pool deposit, at least 1.242810208 JitoSOL
	// true
}

// Keep the hashes of the accounts that a quote was made from. A verifier loads
// the accounts of that slot from an archive, and compares them.
func ExampleQuote_Evidence() {
	node, loader := exampleNode(), route.NewLoader(exampleToken("jitoSOL")).WithoutStake()
	snapshot := &route.AccountSnapshot{Accounts: accounts.NewSet(342792000)}
	fetch(node, snapshot, loader.AccountsToLoad().Accounts)
	next, err := loader.AccountsToLoadNext(snapshot)
	if err != nil {
		log.Fatal(err)
	}

	fetch(node, snapshot, next.Accounts)
	market, err := loader.Build(snapshot)
	if err != nil {
		log.Fatal(err)
	}

	evidence, err := exampleQuote(market).Evidence(market)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(evidence)
	fmt.Println("as loaded:", evidence.Check(snapshot))

	pool, err := snapshot.Accounts.Get(exampleToken("jitoSOL").Pool)
	if err != nil {
		log.Fatal(err)
	}

	pool.Lamports++
	snapshot.Accounts.Put(pool)
	err = evidence.Check(snapshot)
	fmt.Println("changed:", errors.Is(err, route.ErrEvidence))
	// Output:
	// 6 accounts of slot 342792000, epoch 793
	// as loaded: <nil>
	// changed: true
}

// Load the market of a quote with its validators.
func ExampleLoader_WithValidators() {
	token := exampleToken("jitoSOL")
	market := loadMarket(exampleNode(), route.NewLoader(token))
	withdrawal, err := market.Quote(route.Request{
		From:   token.Mint,
		To:     route.NativeStake,
		Amount: 5_000_000_000,
	})
	if err != nil {
		log.Fatal(err)
	}

	portable := withdrawal.Portable()
	loader := route.NewLoader(token).WithValidators(portable.Legs[0].Validators...)
	again, err := loadMarket(exampleNode(), loader).Requote(portable)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(again.StakeAccounts[0].Vote == withdrawal.StakeAccounts[0].Vote)
	// Output: true
}
