// Package route knows every way to get from one token to another: it says which accounts a market needs, quotes each way from
// them, picks the best, and turns a quote into the instructions that carry it out.
//
// A [Market] is the state of some tokens at one slot and never changes. It is loaded in at most two rounds, see [Loader]; package
// sdk does so over RPC. Each way is a venue, in a file of its own. The package knows no network and no clock.
package route
