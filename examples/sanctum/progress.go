package main

import (
	"fmt"
	"sync"
	"time"
)

// progress shows a long step on the terminal, with the seconds that have
// passed. It rewrites one line and removes it at the end.
type progress struct {
	console *console
	started time.Time
	done    chan struct{}
	ended   sync.WaitGroup

	mu    sync.Mutex
	text  string
	shown bool
}

// begin starts to show a step. The caller ends it.
func (c *console) begin(text string) *progress {
	p := &progress{
		console: c,
		text:    text,
		started: time.Now(),
		done:    make(chan struct{}),
	}
	if !c.live {
		return p
	}

	p.ended.Go(func() {
		wait := time.NewTimer(c.patience)
		defer wait.Stop()
		for {
			select {
			case <-p.done:
				return
			case <-wait.C:
				p.show()
				wait.Reset(c.patience)
			}
		}
	})

	return p
}

// note changes the text of the step.
func (p *progress) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = text
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()

	line := fmt.Sprintf("%s, %s", p.text, time.Since(p.started).Round(time.Second))
	fmt.Fprintf(p.console.err, "\r\x1b[K%s", cut(line, p.console.width-1))
	p.shown = true
}

// end stops showing the step and clears its line. It may be called twice.
func (p *progress) end() {
	select {
	case <-p.done:
		return
	default:
	}

	close(p.done)
	p.ended.Wait()
	if p.shown {
		fmt.Fprint(p.console.err, "\r\x1b[K")
	}
}

// cut shortens a text to a number of columns.
func cut(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:width-1]) + "…"
}
