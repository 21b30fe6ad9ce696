// Package answers records the answers of the market to random requests.
//
// Each line of testdata/answers.txt is one request: the seed of its market, its
// number, the best route in short, and a digest. The digest covers everything
// on which money depends: amounts, limits, fees, costs, accounts, the bytes of
// every instruction, and the sentinel errors of every refusal. Texts are not
// part of it.
//
// The first recording was made by an independent implementation. It agreed with
// the present one on a million requests of the same generator, field by field.
// A changed line means that an answer has changed. Find the reason before you
// record it with
//
//	SANCTUM_ANSWERS_RECORD=1 go test ./internal/answers
package answers
