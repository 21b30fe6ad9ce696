// Package offer declares the types that a market and its venues exchange.
//
// An [Ask] is a request as venues read it. An [Offer] has the amounts that a
// venue quotes for it. [Details] has the texts and instructions of a chosen
// offer.
package offer
