package lst_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

func Example() {
	jitoSOL, err := lst.Default().Lookup("JitoSOL") // by symbol or mint
	if err != nil {
		log.Fatal(err)
	}
	amount, err := jitoSOL.Parse("1.5")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(amount, jitoSOL.Format(amount))
	// Output: 1500000000 1.5
}

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
		switch {
		case errors.Is(err, lst.ErrAmbiguous):
			fmt.Println(s, "is the symbol of several tokens")
		case err != nil:
			fmt.Println(err)
		default:
			fmt.Println(l.Symbol, l.Kind, l.Mint)
		}
	}
	// Output:
	// SOL ReservePool So11111111111111111111111111111111111111112
	// JitoSOL Spl J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn
	// INF SPool 5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm
	// pineSOL is the symbol of several tokens
}

func ExampleRegistry_BySymbol() {
	_, err := lst.Default().BySymbol("pineSOL")
	var ambiguous *lst.AmbiguousError
	if errors.As(err, &ambiguous) {
		for _, mint := range ambiguous.Mints {
			l, err := lst.Default().ByMint(mint)
			if err != nil {
				log.Fatal(err)
			}

			fmt.Println(l.Mint, l.Kind)
		}
	}
	// Output:
	// sctmYgvuDE71ZMmm1x5QdXcwxsBjouS7GGioUTYa1d3 SanctumSpl
	// SnKAf8aNjeYz8pY8itYn3VxFhT6Q8WNdPwy17s9USgC SanctumSplMulti
}

func ExampleRegistry_ByMint() {
	mint := solana.MustPublicKeyFromBase58("mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So")
	l, err := lst.Default().ByMint(mint)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(l.Symbol, l.Kind)

	_, err = lst.Default().ByMint(solana.TokenProgramID)
	fmt.Println(errors.Is(err, lst.ErrUnknownLST))
	// Output:
	// mSOL Marinade
	// true
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

func ExampleRegistry_All() {
	perKind := make(map[lst.Kind]int)
	for _, l := range lst.Default().All() {
		perKind[l.Kind]++
	}

	fmt.Println("Spl:", perKind[lst.KindSPL])
	fmt.Println("SanctumSpl:", perKind[lst.KindSanctumSPL])
	fmt.Println("SanctumSplMulti:", perKind[lst.KindSanctumSPLMulti])
	// Output:
	// Spl: 32
	// SanctumSpl: 161
	// SanctumSplMulti: 43
}

func ExampleRegistry_Len() {
	var empty lst.Registry
	fmt.Println(empty.Len(), lst.Default().Len())
	// Output: 0 240
}

func ExampleKind_IsStakePool() {
	fmt.Println(lst.KindSanctumSPL, lst.KindSanctumSPL.IsStakePool())
	fmt.Println(lst.KindMarinade, lst.KindMarinade.IsStakePool())
	// Output:
	// SanctumSpl true
	// Marinade false
}

func ExampleKind_String() {
	fmt.Println(lst.KindReserve, lst.KindInfinity, lst.Kind(99))
	// Output: ReservePool SPool Kind(99)
}

func ExampleKind_MarshalText() {
	text, err := json.Marshal(map[string]lst.Kind{"kind": lst.KindSPL})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
	// Output: {"kind":"Spl"}
}

func ExampleKind_UnmarshalText() {
	var kind lst.Kind
	if err := kind.UnmarshalText([]byte("SanctumSplMulti")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(kind == lst.KindSanctumSPLMulti)
	fmt.Println(kind.UnmarshalText([]byte("Jito")))
	// Output:
	// true
	// lst: invalid LST data: unknown kind "Jito"
}

func ExampleLST_String() {
	mSOL, err := lst.Default().Lookup("mSOL")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(mSOL)
	// Output: mSOL (mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So)
}

func ExampleAmountError() {
	_, err := lst.ParseAmount("1.23456789012", 9)
	var amount *lst.AmountError
	if errors.As(err, &amount) {
		fmt.Println(amount.Input, amount.Decimals)
		fmt.Println(amount.Reason)
	}
	// Output:
	// 1.23456789012 9
	// too many decimals
}

func ExampleRegistry_With() {
	r, err := lst.Default().With(lst.LST{
		Symbol:       "mineSOL",
		Name:         "Mine Staked SOL",
		Mint:         solana.MustPublicKeyFromBase58("Mint111111111111111111111111111111111111111"),
		Decimals:     9,
		TokenProgram: solana.TokenProgramID,
		Kind:         lst.KindSanctumSPL,
		Pool:         solana.MustPublicKeyFromBase58("Poo1111111111111111111111111111111111111111"),
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
