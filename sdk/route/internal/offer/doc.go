// Package offer is the language that a market and its venues speak: an [Ask] is
// a request as venues see it, an [Offer] what a venue would do with an amount,
// in numbers, and a [Details] what a chosen offer is made of, in words and
// instructions.
package offer
