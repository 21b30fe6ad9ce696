package sdk

import (
	"context"
	"time"
)

// feeGrace is how long what others pay and what the network charges is waited
// for when everything else is there.
const feeGrace = 3 * time.Second

// optional is an answer that a trade can do without.
type optional[T any] struct {
	done   chan struct{}
	cancel context.CancelFunc
	value  T
	err    error
}

// askFor begins to ask. Whoever asks must stop it in the end.
func askFor[T any](ctx context.Context, ask func(context.Context) (T, error)) *optional[T] {
	ctx, cancel := context.WithCancel(ctx)
	o := &optional[T]{done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(o.done)
		o.value, o.err = ask(ctx)
	}()
	return o
}

// wait returns the answer, or an error if it does not come within the grace.
func (o *optional[T]) wait(grace time.Duration) (T, error) {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-o.done:
	case <-timer.C:
		o.stop()
	}
	return o.value, o.err
}

// stop ends the asking. Nothing of it runs when it returns.
func (o *optional[T]) stop() {
	o.cancel()
	<-o.done
}
