//go:build !race

package txn_test

// raceDetector reports whether the race detector watches the tests.
const raceDetector = false
