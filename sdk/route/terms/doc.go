// Package terms is the language that a market and its venues speak: an [Ask] is
// a request as venues see it, an [Offer] what a venue would do with an amount,
// in numbers, and a [Deed] what a chosen offer is made of, in words and
// instructions.
//
// Package route makes quotes of these, and names the types that are part of a
// quote: [Fee], [Cost], [Guard], [Parties].
package terms
