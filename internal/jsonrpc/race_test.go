//go:build race

package jsonrpc

// raceDetector reports whether the race detector watches the tests.
const raceDetector = true
