//go:build !race

package yesterday_test

const raceDetector = false
