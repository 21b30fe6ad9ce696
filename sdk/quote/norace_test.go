//go:build !race

package quote_test

const raceDetector = false
