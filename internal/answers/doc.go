// Package answers records what the market engine answers to random requests.
//
// testdata/answers.txt holds one line per request: the seed of its world, its
// number, the best route in short, and a digest of everything that money
// depends on - amounts, limits, fees, costs, accounts, the bytes of every
// instruction, and the conditions of every refusal. Texts are not part of it.
//
// The first recording was made by an engine of independent design, which
// agreed with the present one on a million requests of the same generator,
// field by field. A line that changes is a changed answer: find out why before
// recording it anew with
//
//	SANCTUM_ANSWERS_RECORD=1 go test ./internal/answers
package answers
