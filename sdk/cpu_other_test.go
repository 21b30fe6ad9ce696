//go:build !unix

package sdk_test

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
