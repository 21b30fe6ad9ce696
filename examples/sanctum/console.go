package main

import (
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/term"
)

const (
	// widest and narrowest bound the number of columns of a text line.
	// narrowest holds on narrower terminals, too.
	widest    = 100
	narrowest = 40
	// patience is the time after which a step shows its progress.
	patience = time.Second
)

// console holds the output streams and the format of the output.
type console struct {
	in       io.Reader
	out, err io.Writer
	// width is the maximum number of columns of a text line.
	width int
	// live reports whether progress is shown; patience is the delay before it
	// is.
	live     bool
	patience time.Duration
	now      func() time.Time
}

// newConsole returns the console of this process. Lines are as wide as COLUMNS
// or the terminal, at most 100 columns. Progress is shown on terminals only.
func newConsole() *console {
	return &console{
		in:       os.Stdin,
		out:      os.Stdout,
		err:      os.Stderr,
		width:    columns(os.Getenv("COLUMNS"), int(os.Stdout.Fd())),
		live:     term.IsTerminal(int(os.Stderr.Fd())),
		patience: patience,
		now:      time.Now,
	}
}

// columns returns the maximum number of columns of a line.
func columns(setting string, fd int) int {
	if width, err := strconv.Atoi(setting); err == nil && width > 0 {
		return fit(width)
	}
	if width, _, err := term.GetSize(fd); err == nil && width > 0 {
		return fit(width)
	}
	return widest
}

func fit(width int) int { return max(narrowest, min(width, widest)) }
