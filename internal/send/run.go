package send

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gagliardetto/solana-go"
)

const (
	// assumedSlotTime is the slowest that slots have been. Too long a slot time only makes proof of expiry take longer.
	assumedSlotTime = 400 * time.Millisecond
	// leastPace keeps a slot time that is too short to be true from flooding the nodes.
	leastPace = 100 * time.Millisecond
)

// Run broadcasts a transaction that was never handed to anyone before and waits for its end. For one that may have
// been handed out, by an earlier run or by somebody else, use [Resume]: Run takes a refusal of its first broadcast
// as proof that nothing is under way.
//
// A transaction which landed and failed is an [Outcome] with Err set and no error. Otherwise the error matches
// [ErrNotSent], [ErrExpired] or [ErrUncertain].
func Run(ctx context.Context, tx Tx, b Broadcaster, be Backend, cfg Config) (Outcome, error) {
	out := Outcome{Signature: tx.Signature}
	if b == nil {
		return out, fmt.Errorf("%w: no broadcaster", ErrNotSent)
	}
	cfg, err := prepare(tx, be, cfg)
	if err != nil {
		return out, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	if len(tx.Raw) == 0 {
		return out, fmt.Errorf("%w: no bytes to send", ErrNotSent)
	}
	return drive(ctx, newMachine(tx, cfg, false, false), tx, b, be, cfg)
}

// Resume waits for the end of a transaction that may be under way, after an [UncertainError] or a restart. It goes on
// broadcasting through b, or only looks if b is nil, in which case Raw is not needed. An error which matches none of
// the package's conditions means that it did not start.
func Resume(ctx context.Context, tx Tx, b Broadcaster, be Backend, cfg Config) (Outcome, error) {
	cfg, err := prepare(tx, be, cfg)
	if err == nil && b != nil && len(tx.Raw) == 0 {
		err = errors.New("no bytes to send")
	}
	if err != nil {
		return Outcome{Signature: tx.Signature}, fmt.Errorf("cannot resume: %w", err)
	}
	return drive(ctx, newMachine(tx, cfg, b == nil, true), tx, b, be, cfg)
}

// prepare checks what would otherwise make a proof of expiry false, and fills in defaults.
func prepare(tx Tx, be Backend, cfg Config) (Config, error) {
	switch {
	case be == nil:
		return cfg, errors.New("no backend")
	case tx.Signature == solana.Signature{}:
		return cfg, errors.New("no signature")
	case len(tx.Raw) > 0 && !bytes.Contains(tx.Raw, tx.Signature[:]):
		// Watching for another signature would prove the expiry of a transaction that lands.
		return cfg, errors.New("the signature is not part of the transaction")
	case tx.Nonce == (tx.LastValidBlockHeight != 0):
		return cfg, errors.New("want either a last valid block height or a durable nonce")
	}
	if cfg.Commitment == "" {
		cfg.Commitment = Confirmed
	}
	if cfg.Commitment.rank() == 0 {
		return cfg, fmt.Errorf("unknown commitment %q", cfg.Commitment)
	}
	if cfg.SlotTime == nil {
		cfg.SlotTime = func() time.Duration { return assumedSlotTime }
	}
	slot := max(cfg.SlotTime(), leastPace)
	for _, d := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&cfg.PollEvery, slot},
		{&cfg.PollMax, 5 * slot},
		{&cfg.ResendEvery, 5 * slot},
		{&cfg.CallTimeout, 5 * time.Second},
	} {
		if *d.value <= 0 {
			*d.value = d.standard
		}
	}
	cfg.PollMax = max(cfg.PollMax, cfg.PollEvery)
	if cfg.Clock == nil {
		cfg.Clock = systemClock{}
	}
	if cfg.Notify == nil {
		cfg.Notify = func(Event) {}
	}
	return cfg, nil
}

// drive carries out the machine's steps, one after the other. An answer is reported even if the context ended
// meanwhile: what is known by then is worth more than why the waiting stopped.
func drive(ctx context.Context, m machine, tx Tx, b Broadcaster, be Backend, cfg Config) (Outcome, error) {
	raw := bytes.Clone(tx.Raw)
	for {
		now := cfg.Clock.Now()
		s := m.next(now)
		if s.do == doStop {
			return m.result()
		}
		if err := ctx.Err(); err != nil {
			m.onInterrupt(err)
			continue
		}
		if s.do == doWait {
			wait(ctx, &m, s.until.Sub(now), &cfg)
			continue
		}
		if ev := call(ctx, &m, s, raw, b, be, cfg); ev.Kind != "" {
			cfg.Notify(ev)
		}
	}
}

// call carries out one step that talks to somebody.
func call(ctx context.Context, m *machine, s step, raw []byte, b Broadcaster, be Backend, cfg Config) Event {
	ctx, cancel := context.WithTimeout(ctx, cfg.CallTimeout)
	defer cancel()
	m.slotTime = cfg.SlotTime()
	switch s.do {
	case doSend:
		err := b.Broadcast(ctx, bytes.Clone(raw)) // a copy: the next broadcast must not depend on this one's manners
		return m.onSend(cfg.Clock.Now(), err)
	case doHeight:
		told, err := be.BlockHeight(ctx, m.proofAt)
		return m.onHeight(cfg.Clock.Now(), told, err)
	case doNonce:
		advanced, slot, err := cfg.NonceAdvanced(ctx, m.proofAt)
		return m.onNonce(cfg.Clock.Now(), advanced, slot, err)
	default:
		answer, err := be.Status(ctx, m.sig, Query{Want: m.want, History: s.history, Proof: s.proof})
		return m.onStatus(cfg.Clock.Now(), s, answer, err)
	}
}

// wait pauses until there is something to do, somebody wakes us, or the context ends.
func wait(ctx context.Context, m *machine, d time.Duration, cfg *Config) {
	timer, stop := cfg.Clock.After(d)
	defer stop()
	select {
	case <-timer:
	case <-ctx.Done():
	case _, open := <-cfg.Wake:
		if !open {
			cfg.Wake = nil // a closed channel is always ready and would turn every pause into none
			return
		}
		m.onWake(cfg.Clock.Now())
	}
}
