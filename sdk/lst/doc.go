// Package lst maps the mints and symbols of liquid staking tokens (LSTs) to
// their stake pools, and converts amounts between text and integers.
//
// Start with [Default], [Registry.Lookup] and [LST.Parse]:
//
//	jitoSOL, err := lst.Default().Lookup("JitoSOL") // by symbol or mint
//	if err != nil {
//		log.Fatal(err)
//	}
//	amount, err := jitoSOL.Parse("1.5")
//	if err != nil {
//		log.Fatal(err)
//	}
//	fmt.Println(amount, jitoSOL.Format(amount)) // 1500000000 1.5
//
// # Registries
//
// [Default] returns the list of Sanctum that ships with the module. [Open] and
// [Read] load a newer list, and [Registry.With] adds tokens of your own. A list
// contains the addresses of a token's pool. It does not contain the state of
// the pool: read the pool from the chain to learn its price and its SOL.
//
// A mint is the only unique name of a token. Two tokens may share a symbol;
// looking up such a symbol fails with an [AmbiguousError] that lists the mints.
//
// # Amounts
//
// Amounts are integers in the token's smallest unit, as everywhere in this
// module. For SOL and for all LSTs of the default list that is 10^-9 of a
// token; for SOL the unit is the lamport.
//
// # Errors
//
// Test for [ErrUnknownLST], [ErrAmbiguous], [ErrInvalidRegistry] and
// [ErrAmount] with errors.Is. [AmbiguousError], [EntryError] and [AmountError]
// have the details. No error text repeats an input longer than a mint, because
// it may be a secret key pasted by mistake.
//
// # Concurrency
//
// Everything in this package is safe for concurrent use. Only [Open] and [Read]
// do any input or output; nothing uses the network.
package lst
