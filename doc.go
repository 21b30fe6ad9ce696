// Package sanctum is the root of a Go SDK for Sanctum on Solana. The SDK
// stakes, unstakes and swaps SOL, liquid staking tokens (LSTs) and stake
// accounts, and builds every transaction locally from the state of the chain.
//
// Start with package sdk: sdk.New connects to a node, Client.Stake, Client.Swap
// and Client.Unstake return a transaction with its quote, and Client.Send
// broadcasts the signed transaction.
//
//	client, err := sdk.New("https://api.mainnet-beta.solana.com")
//	if err != nil {
//		return err
//	}
//	jitoSOL, err := client.Registry().Lookup("jitoSOL")
//	if err != nil {
//		return err
//	}
//	var opts sdk.TradeOptions
//	opts.Owner = wallet.PublicKey()
//	opts.SlippageBps = 10
//	unsigned, quote, err := client.Stake(ctx, jitoSOL.Mint, 1.5e9, opts)
//	if err != nil {
//		return err
//	}
//	fmt.Println("1.5 SOL for", jitoSOL.Format(quote.Out), "jitoSOL")
//
//	signed, err := unsigned.Sign(ctx, wallet)
//	if err != nil {
//		return err
//	}
//	receipt, err := client.Send(ctx, signed)
//
// # Packages
//
// Each package can be used without the packages below it in this list:
//
//	accounts       on-chain accounts: decoding, encoding, addresses
//	instructions   one struct per program instruction, each with Build
//	sdk/quote      integer arithmetic of the programs, step by step
//	sdk/lst        the registry of LSTs; parsing and formatting of amounts
//	sdk/progerr    errors of failed transactions, with remedies
//	sdk/txn        transactions: instructions, message, signatures
//	sdk/explain    the effects of a transaction, checked against a policy
//	sdk/route      Market: all routes of a trade at one slot, best first
//	sdk            Client: load, quote, build, simulate, sign, send
//	sdk/serve      an HTTP server of quotes, transactions and tokens
//	sdk/operator   plans for those who run a stake pool
//	sdk/sdktest    a scriptable node and embedded pools, for offline tests
//	examples       one runnable program per task
//
// # Amounts
//
// Amounts are uint64 in base units: lamports, or the smallest unit of a token.
// No amount is a floating point number. An exact quote equals the payment of
// the program to the lamport; route.Quote.Assumptions lists the conditions if a
// quote is not exact.
//
// # Concurrency
//
// A Client is safe for concurrent use. The packages below sdk access no
// network, no clock and no global state.
package sanctum
