// Package terms declares the types of a quote that are shared by the packages
// below package route: [Fee] and [Cost], [SwapMode] and [Venue], [MinOutCheck]
// and [BuildParams].
//
// Package route exports all of them under the same names. Import package route,
// not this one.
package terms
