//go:build !unix

package route_test

import "time"

// cpuTime returns zero, because this system does not report CPU time.
func cpuTime() time.Duration { return 0 }
