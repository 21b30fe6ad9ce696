// Package txn compiles instructions into transactions, signs them and reads
// stored transactions. It uses neither a network nor a clock.
//
// Start with [Plan.Compile], which returns an [Unsigned] transaction of known
// size, and [Unsigned.Sign], which returns a [Signed] one. Use
// [Unsigned.Partial] if several wallets sign one after the other, and [Parse]
// to read a stored transaction.
//
//	transfer, err := txn.TransferSOL(wallet.PublicKey(), recipient, amount)
//	if err != nil {
//		log.Fatal(err)
//	}
//	unsigned, err := txn.Plan{
//		Payer:    wallet.PublicKey(),
//		Steps:    []txn.Step{transfer},
//		Budget:   txn.ComputeBudget{ComputeUnitLimit: 1_000},
//		Lifetime: lifetime,
//	}.Compile()
//	if err != nil {
//		log.Fatal(err)
//	}
//	signed, err := unsigned.Sign(ctx, wallet)
//
// The package leaves instructions unchanged. An account that several
// instructions use gets all privileges that any of them requests.
//
// # Errors
//
// Compiling fails for a transaction that a node would reject: test for
// [ErrTransactionTooLarge], [ErrTooManyAccounts], [ErrNoPayer] and
// [ErrNoLifetime]. Signing fails with [ErrMissingSignature] or
// [ErrBadSignature]. Reading fails with [ErrInvalidTransaction] for text that
// is not a transaction, and merging with [ErrChanged] if a wallet returned
// another transaction than the original.
//
// # Concurrency
//
// [Unsigned], [Partial], [Signed] and [Layout] are immutable and safe for
// concurrent use. The package starts no goroutines.
package txn
