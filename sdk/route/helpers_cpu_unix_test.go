//go:build unix

package route_test

import (
	"syscall"
	"time"
)

// cpuTime returns the CPU time of the process, which other processes do not
// affect.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
