//go:build !race

package sdk_test

// raceDetector reports whether the race detector watches the tests.
const raceDetector = false
