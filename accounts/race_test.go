//go:build race

package accounts_test

// raceDetector reports whether the race detector watches the tests.
const raceDetector = true
