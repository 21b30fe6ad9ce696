package lst_test

import (
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

func ExampleDefault() {
	r := lst.Default()
	pools := 0
	for _, l := range r.All() {
		if l.Kind.IsStakePool() {
			pools++
		}
	}
	fmt.Println(r.Len(), "tokens,", pools, "of stake pools")
	// Output: 240 tokens, 236 of stake pools
}

func ExampleRegistry_Lookup() {
	for _, s := range []string{"wSOL", "jitosol", "5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm",
		"pineSOL"} {
		l, err := lst.Default().Lookup(s)
		if err != nil {
			fmt.Println(err)
			continue
		}

		fmt.Println(l.Symbol, l.Kind, l.Mint)
	}
	// Output:
	// SOL ReservePool So11111111111111111111111111111111111111112
	// JitoSOL Spl J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn
	// INF SPool 5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm
	// lst: several LSTs of one name (name the mint): "pineSOL" is any of the mints sctmYgvuDE71ZMmm1x5QdXcwxsBjouS7GGioUTYa1d3, SnKAf8aNjeYz8pY8itYn3VxFhT6Q8WNdPwy17s9USgC
}

func ExampleRegistry_BySymbol() {
	_, err := lst.Default().BySymbol("pineSOL")
	var ambiguous *lst.AmbiguousError
	if errors.As(err, &ambiguous) {
		for _, mint := range ambiguous.Mints {
			l, _ := lst.Default().ByMint(mint)
			fmt.Println(l.Mint, l.Kind)
		}
	}
	// Output:
	// sctmYgvuDE71ZMmm1x5QdXcwxsBjouS7GGioUTYa1d3 SanctumSpl
	// SnKAf8aNjeYz8pY8itYn3VxFhT6Q8WNdPwy17s9USgC SanctumSplMulti
}

func ExampleRegistry_ByPool() {
	l, err := lst.Default().
		ByPool(solana.MustPublicKeyFromBase58("8szGkuLTAux9XMgZ2vtY39jVSowEcpBfFfD8hXSEqdGC"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Symbol, "of", l.Program)
	// Output: mSOL of MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD
}

func ExampleRegistry_With() {
	r, err := lst.Default().With(lst.LST{
		Symbol: "mineSOL",
		Name:   "Mine Staked SOL",
		Mint: solana.MustPublicKeyFromBase58(
			"Mint111111111111111111111111111111111111111",
		),
		Decimals:     9,
		TokenProgram: solana.TokenProgramID,
		Kind:         lst.KindSanctumSPL,
		Pool: solana.MustPublicKeyFromBase58(
			"Poo1111111111111111111111111111111111111111",
		),
		ValidatorList: solana.MustPublicKeyFromBase58(
			"List111111111111111111111111111111111111111",
		),
	})
	if err != nil {
		log.Fatal(err)
	}

	l, err := r.Lookup("mineSOL")
	fmt.Println(l.Program, err)
	// Output: SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY <nil>
}

func ExampleRead() {
	_, err := lst.Read(
		strings.NewReader(
			`[{"symbol":"newSOL","name":"New SOL","decimals":9,"pool":{"program":"Brand new"}}]`,
		),
	)

	fmt.Println(err)
	var entry *lst.EntryError
	fmt.Println(errors.As(err, &entry), errors.Is(err, lst.ErrInvalidRegistry))
	// Output:
	// lst: entry 0 (symbol "newSOL"): unknown kind "Brand new"
	// true true
}

func ExampleOpen() {
	r, err := lst.Open("lsts.json")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Len())
	// Output: 240
}

func ExampleLST_Format() {
	jito, err := lst.Default().Lookup("JitoSOL")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(jito.Format(1_500_000_000), jito.Symbol)
	// Output: 1.5 JitoSOL
}

func ExampleLST_Parse() {
	jito, err := lst.Default().Lookup("JitoSOL")
	if err != nil {
		log.Fatal(err)
	}
	amount, err := jito.Parse("1.5")
	fmt.Println(amount, err)
	// Output: 1500000000 <nil>
}

func ExampleFormatAmount() {
	fmt.Println(lst.FormatAmount(2_500_000, 6))
	fmt.Println(lst.FormatAmount(1, 9))
	// Output:
	// 2.5
	// 0.000000001
}

func ExampleParseAmount() {
	for _, s := range []string{".5", "1,5", "0.0000000001", "20000000000"} {
		amount, err := lst.ParseAmount(s, 9)
		if err != nil {
			fmt.Println(err)
			continue
		}

		fmt.Println(amount)
	}

	_, err := lst.ParseAmount("20000000000", 9)
	fmt.Println(errors.Is(err, lst.ErrAmountOverflow))
	// Output:
	// 500000000
	// lst: amount "1,5": not a plain decimal number (digits and at most one point, such as 1.5)
	// lst: amount "0.0000000001": too many decimals (9 allowed)
	// lst: amount "20000000000": too large (at most 18446744073.709551615)
	// true
}
