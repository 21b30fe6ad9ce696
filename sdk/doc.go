// Package sdk is the high-level client: it loads the chain's state, quotes, composes the transaction, lets any signer sign it,
// sends it at most once, and explains what happened.
//
//	client, err := sdk.New("https://api.mainnet-beta.solana.com")
//	receipt, quote, err := client.Execute(ctx, route.Request{From: accounts.NativeMint, To: jitoSOL.Mint, Amount: 1_500_000_000}, sdk.BuildOptions{Owner: wallet.PublicKey()}, wallet)
//
// Each of these steps is also a method of its own: [Client.Market] for the state, route.Market for quotes, [Client.Build] for a
// transaction, txn.Unsigned for signing, [Client.Send] for sending. Nobody has to use the client: the packages below it work
// alone.
//
// A Client is safe for concurrent use, starts no goroutine that outlives a call, and logs nothing unless it is given a logger.
package sdk
