package main

import (
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/term"
)

const (
	// widest is how many columns a line of text has at most, and narrowest how
	// many it has at least, however narrow the terminal is.
	widest    = 100
	narrowest = 40
	// patience is how long a step takes before its progress is shown.
	patience = time.Second
)

// console is where the command writes, and in which form.
type console struct {
	in       io.Reader
	out, err io.Writer
	// width is how many columns a line of text may have.
	width int
	// live reports whether progress is shown, and patience is how long a step
	// takes before it is.
	live     bool
	patience time.Duration
	now      func() time.Time
}

// newConsole returns the console of this process. A line has as many columns
// as COLUMNS or the terminal has, 100 at most. Progress is for terminals only.
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

// columns returns how many columns a line may have.
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
