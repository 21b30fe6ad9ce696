// Package serve answers quotes, builds transactions and tells what liquid
// staking tokens are worth, over HTTP. [New] returns an http.Handler that any
// Go server can mount:
//
//	handler, err := serve.New(serve.Config{
//		Markets: serve.Fixed(market), // or a watcher, which keeps it fresh
//		Client:  client,
//	})
//	if err != nil {
//		return err
//	}
//	return http.ListenAndServe("127.0.0.1:8080", handler)
//
// It speaks three languages:
//
//   - the interface that Jupiter's self-hosted API made common, under /swap/v1
//     and /swap/v2, so that existing clients work by changing their base URL;
//   - Solana Actions for staking, swapping and unstaking, under /actions, with
//     /actions.json;
//   - plain JSON under /v1: the market, tokens with prices and yields,
//     Infinity's composition, all quotes with the reasons of the venues that
//     have none, transactions, and what a transaction does.
//
// /openapi.json describes all of them. /healthz and /metrics serve operators.
//
// # Trust
//
// What a client posts is hostile. A quote that a client returns to have its
// transaction built is never trusted: the server prices the trade again, and
// the transaction enforces the limits of that quote or tighter ones. No error
// text contains the URL of a node. The server keeps no state that a restart
// loses, holds no keys of users, and sends a transaction only if
// [Config.AllowExecute] permits it.
//
// # Limits
//
// The handler limits bodies, queries, concurrent requests and, if configured,
// the rate per client. Set timeouts and header limits in the http.Server, as
// examples/server does.
package serve
