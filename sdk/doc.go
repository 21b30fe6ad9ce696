// Package sdk is a client for staking, unstaking and swapping SOL and liquid
// staking tokens (LSTs) on Solana, through Sanctum, Marinade and SPL stake
// pools.
//
// Start with [New], with a trade such as [Client.Stake], and with
// [Client.Send]:
//
//	// stakeSOL stakes 1.5 SOL for jitoSOL.
//	func stakeSOL(ctx context.Context, url string, wallet txn.Signer) error {
//		const amount = 1_500_000_000 // lamports
//
//		client, err := sdk.New(url)
//		if err != nil {
//			return err
//		}
//		jitoSOL, err := client.Registry().Lookup("jitoSOL")
//		if err != nil {
//			return err
//		}
//
//		// Load the market, select the best route, build and simulate.
//		var opts sdk.TradeOptions
//		opts.Owner = wallet.PublicKey()
//		opts.SlippageBps = 10 // at least 99.9 % of the quoted amount
//		unsigned, quote, err := client.Stake(ctx, jitoSOL.Mint, amount, opts)
//		if err != nil {
//			return err
//		}
//
//		// Sign, and send until the transaction has landed or has expired.
//		signed, err := unsigned.Sign(ctx, wallet)
//		if err != nil {
//			return err
//		}
//		receipt, err := client.Send(ctx, signed)
//		if err != nil {
//			return err
//		}
//
//		fmt.Println(jitoSOL.Format(quote.Out), "in slot", receipt.Slot)
//		return nil
//	}
//
// Amounts are integers in base units, for example lamports.
//
// # Trades
//
// [Client.Stake], [Client.Swap], [Client.Unstake], [Client.DepositStake] and
// [Client.WithdrawStake] load the market, select the best quote and build its
// transaction. [TradeOptions] set slippage, recipient, fee payer, priority fee
// and more. [Client.Execute] also signs and sends.
//
// To compare quotes before building, load a market with [Client.LoadMarket],
// call [route.Market.Quotes], and pass a quote to [Client.Build].
//
// A service that quotes all the time does not load a market for each quote:
// [Client.Watch] keeps one fresh.
//
// # Transactions from elsewhere
//
// [Client.Review] explains a transaction that another program built and
// verifies it against a policy. [Client.Witness] simulates it as well.
// [Client.Policy] returns the policy for a quote.
//
// # Errors
//
// After [Client.Send], use errors.Is to decide what to do:
//
//   - [ErrNotSent] and [ErrExpired]: the transaction has not landed and never
//     will. It is safe to build and sign another one.
//   - [ErrUncertain]: the transaction may still land. Do not sign another one;
//     call [Client.Resume].
//
// If the transaction landed and failed, or if it fails in the simulation of
// [Client.Build], errors.As finds a *progerr.TransactionError. A failed call to
// a node is an [RPCError], or an [EndpointsError] with several endpoints.
//
// # Endpoints
//
// [WithFallback] adds endpoints. Reads then go to the first one that answers,
// transactions are broadcast to all of them, and a majority must confirm the
// result.
//
// # Concurrency
//
// A Client is safe for concurrent use. No goroutine outlives the call that
// started it, except those of [Client.Watch], which end with its context or
// with [Watcher.Close]. Nothing is logged without [WithLogger].
package sdk
