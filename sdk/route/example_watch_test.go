package route_test

import "fmt"

// List the accounts to watch for Market.Updated.
func ExampleMarket_Dependencies() {
	market := exampleMarket("JitoSOL", "bSOL")
	for _, account := range market.Dependencies()[:2] {
		known, err := market.Account(account.Address)
		fmt.Println(account.Address, len(known.Data), "bytes", err)
	}
	// Output:
	// SysvarC1ock11111111111111111111111111111111 40 bytes <nil>
	// SysvarRent111111111111111111111111111111111 17 bytes <nil>
}

// List the prices and the yields of all tokens.
func ExampleMarket_TokenInfos() {
	market := exampleMarket("JitoSOL", "bSOL")
	for _, info := range market.TokenInfos() {
		fmt.Println(info)
	}
	// Output:
	// JitoSOL: 1.205735188 SOL, APY 7.62 %, as of epoch 793
	// bSOL: 1.220167026 SOL, APY 7.29 %, as of epoch 793
}
