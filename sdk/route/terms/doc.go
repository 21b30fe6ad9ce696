// Package terms has the types of a quote that venues make as well as the market:
// [Fee], [Cost], [Guard], [Parties]. Package route names them all, so import
// that.
package terms
