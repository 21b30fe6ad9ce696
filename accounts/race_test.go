//go:build race

package accounts_test

// raceDetector reports whether the race detector is enabled.
const raceDetector = true
