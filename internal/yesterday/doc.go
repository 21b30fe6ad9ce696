// Package yesterday keeps the market engine as it was before its redesign, in
// packages quote and route below it, as the judge of the new one: its tests ask
// both engines the same of the same accounts, and compare every word and byte
// of the answers.
//
// Nothing but these tests may import the copy. It does not change, except where
// a fault is mended on purpose in both engines, and it goes when the redesign
// is done; what the tests recorded of its answers stays.
//
// # Longer runs
//
// SANCTUM_YESTERDAY_CASES is how many requests are compared, and
// SANCTUM_YESTERDAY_SEED where the random worlds begin. A difference is printed
// with the seed that shows it again as the first world.
//
// testdata/answers.txt are answers of the copy, a line each. With
// SANCTUM_YESTERDAY_RECORD set, the test of them writes today's instead.
package yesterday
