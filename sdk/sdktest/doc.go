// Package sdktest helps to test code that uses this module, without a network.
//
// Start with [Demo], a node with the embedded market of real stake pools, or
// [NewNode], a node with accounts of your own. [Node.Client] returns a client
// of the node, [Node.Fail] makes calls fail, and [NewClock] returns a clock
// that moves by waiting:
//
//	node, err := sdktest.Demo()
//	if err != nil {
//		log.Fatal(err)
//	}
//	node.AcceptAll() // simulate and send succeed
//	node.Fail("getLatestBlockhash", sdktest.Fault{Status: 503})
//	clock := sdktest.NewClock(time.Now(), nil)
//
//	client, err := node.Client(sdk.WithClock(clock))
//	if err != nil {
//		log.Fatal(err)
//	}
//	// Pass client to the code under test.
//
// [DemoClient] returns such a client together with a new key.
//
// # Transactions
//
// A [Node] serves accounts, blockhashes, fees and statuses like a real node,
// but it executes no programs. [Node.AcceptAll] makes every transaction
// succeed. [Node.OnSimulate] and [Node.OnSend] set functions that answer
// simulateTransaction and sendTransaction, and [Node.SetStatus] sets the result
// of a transaction.
//
// # Failures
//
// [Node.Fail] makes the next calls of a method fail: with a JSON-RPC error, an
// HTTP status, a malformed body, a wrong result, or without any answer. See
// [Fault]. [Preflight] returns the error of a failed simulation.
//
// # Concurrency
//
// All types are safe for concurrent use. [Node.Listen] starts a goroutine,
// which ends when the returned function is called; no other function starts
// one.
package sdktest
