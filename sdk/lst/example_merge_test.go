package lst_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

// Join the list of Sanctum with the built-in one and the additions, and read
// what they state differently.
func ExampleMerge() {
	published, err := lst.Read(strings.NewReader(`
# the beginning of Sanctum's list, with another name
[[sanctum_lst_list]]
mint = "qW1RdJQ5SPttcYNddjGY44JPaFxh8MxkE52BFKashrk"
token_program = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
name = "BTHS Staked SOL"
symbol = "BTHSSOL"
logo_uri = "https://example.org/bths.jpg"
decimals = 9
[sanctum_lst_list.pool]
program = "SanctumSpl"
pool = "DkRxzkzBURrkVnv4S2z71B2tA8MuMjwjHFX3nGSaY88K"
validator_list = "EgEn47GFdW3MnV61vJWdFuEPct6k3jSuW2wk2ebYt8gn"
vote_account = "Ettghfhr2kQerqAyGUuifFtBX17QecRe2gwpUZTAbZuw"
`))
	if err != nil {
		log.Fatal(err)
	}

	merged, differences, err := lst.Merge(
		lst.List{Name: "published", Registry: published},
		lst.List{Name: "built in", Registry: lst.Default()},
		lst.List{Name: "additions", Registry: lst.Additions()},
	)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(merged.Len(), "tokens")
	d := differences[0]
	fmt.Println(d.Field, "in", d.List+":", d.Value)
	fmt.Println(d.Field, "in", d.OtherList+":", d.Other)
	// Output:
	// 277 tokens
	// name in published: BTHS Staked SOL
	// name in built in: BTHS SOL
}

func ExampleAdditions() {
	fwd, err := lst.Additions().Lookup("fwdSOL")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(lst.Additions().Len(), "of", lst.Additions().Date())
	fmt.Println(fwd.Name, "unverified:", fwd.Unverified)
	// Output:
	// 37 of 2026-07
	// Forward Industries Staked SOL unverified: true
}

func ExampleRegistry_Suggest() {
	for _, l := range lst.Default().Suggest("jitoSLO") {
		fmt.Println("did you mean", l.Symbol)
	}
	// Output: did you mean JitoSOL
}

// Find the tokens that an unknown one could be mistaken for. Its o is Cyrillic.
func ExampleRegistry_Resembling() {
	unknown := lst.Additions().All()[0].Mint
	for _, r := range lst.Default().Resembling(unknown, "Jit\u043eSOL", "Staked") {
		fmt.Println("the", r.Field, "looks like that of", r.Of.Symbol)
	}
	// Output: the symbol looks like that of JitoSOL
}

// Save a list of one token, and tell its date when a token is not in it.
func ExampleRegistry_Write() {
	mSOL, err := lst.Default().Lookup("mSOL")
	if err != nil {
		log.Fatal(err)
	}

	list, err := new(lst.Registry).With(mSOL)
	if err != nil {
		log.Fatal(err)
	}

	if err := list.Write(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// [
	//  {
	//   "symbol": "mSOL",
	//   "name": "Marinade staked SOL",
	//   "mint": "mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So",
	//   "decimals": 9,
	//   "token_program": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
	//   "pool": {
	//    "program": "Marinade",
	//    "program_id": "MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD",
	//    "pool": "8szGkuLTAux9XMgZ2vtY39jVSowEcpBfFfD8hXSEqdGC"
	//   }
	//  }
	// ]
}

func ExampleRegistry_WithDate() {
	var list *lst.Registry
	_, err := list.WithDate("2026-11-30").Lookup("newSOL")
	var unknown *lst.UnknownError
	if errors.As(err, &unknown) {
		fmt.Println(unknown.Input, "is not in the list of", unknown.Date)
	}
	// Output: newSOL is not in the list of 2026-11-30
}

func ExampleSkeleton() {
	for _, symbol := range []string{"JitoSOL", "J1t0-SOL", "Ji\u200bto SOL", "bSOL"} {
		fmt.Println(lst.Skeleton(symbol) == lst.Skeleton("JitoSOL"))
	}
	// Output:
	// true
	// true
	// true
	// false
}

func ExampleIsPlain() {
	fmt.Println(lst.IsPlain("JitoSOL"), lst.IsPlain("Jit\u043eSOL"))
	// Output: true false
}

func ExampleCleanSymbol() {
	mint := lst.Additions().All()[11].Mint
	fmt.Println(lst.CleanSymbol("one\u200b SOL", mint))
	fmt.Println(lst.CleanSymbol(mint.String(), mint))
	// Output:
	// one_SOL
	// LST-2cWVRi
}

func ExampleCleanName() {
	fmt.Println(lst.CleanName("One\n Staked SOL ", "oneSOL"))
	fmt.Println(lst.CleanName("", "oneSOL"))
	// Output:
	// One Staked SOL
	// oneSOL
}

func ExamplePlaceholderSymbol() {
	fmt.Println(lst.PlaceholderSymbol(lst.Additions().All()[11].Mint))
	// Output: LST-2cWVRi
}
