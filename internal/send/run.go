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
	// assumedSlotTime is the longest slot time that was ever usual. A slot time
	// that is too long only delays the proof of expiry.
	assumedSlotTime = 400 * time.Millisecond
	// leastPace is the shortest slot time that paces queries, so that an
	// implausible measurement does not flood the nodes.
	leastPace = 100 * time.Millisecond
)

// Run broadcasts a transaction for the first time and waits until it lands or
// expires. Use [Resume] for a transaction that an earlier run or another
// program may have sent: Run takes a refusal of its first broadcast as proof
// that no copy is on its way.
//
// If the transaction landed and failed, Run returns an [Outcome] with Err set
// and no error. Any other error matches [ErrNotSent], [ErrExpired] or
// [ErrUncertain].
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

// Resume waits until a transaction that may be on its way lands or expires,
// after an [UncertainError] or a restart. It continues to broadcast through b.
// If b is nil it only queries, and tx.Raw is not needed. An error that matches
// none of the package's conditions means that Resume did not start.
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

// prepare refuses input that would make a proof of expiry false, and fills in
// the defaults.
func prepare(tx Tx, be Backend, cfg Config) (Config, error) {
	switch {
	case be == nil:
		return cfg, errors.New("no backend")
	case tx.Signature == solana.Signature{}:
		return cfg, errors.New("no signature")
	case len(tx.Raw) > 0 && !bytes.Contains(tx.Raw, tx.Signature[:]):
		// Watching another signature would prove the expiry of a transaction
		// that lands.
		return cfg, errors.New("the signature is not that of the transaction")

	case tx.Nonce == (tx.LastValidBlockHeight != 0):
		return cfg, errors.New("either a last valid block height or a durable nonce is needed")
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

// drive carries out the machine's steps one after the other. The machine gets
// an answer even if the context has ended meanwhile: a result is worth more
// than the reason why the wait ended.
func drive(
	ctx context.Context,
	m machine,
	tx Tx,
	b Broadcaster,
	be Backend,
	cfg Config,
) (Outcome, error) {
	raw := bytes.Clone(tx.Raw)
	for {
		now := cfg.Clock.Now()
		s := m.next(now)
		if s.action == actionStop {
			return m.result()
		}

		if err := ctx.Err(); err != nil {
			m.onInterrupt(err)
			continue
		}

		if s.action == actionWait {
			wait(ctx, &m, s.until.Sub(now), &cfg)
			continue
		}

		if ev := call(ctx, &m, s, raw, b, be, cfg); ev.Kind != "" {
			cfg.Notify(ev)
		}
	}
}

// call carries out one step that talks to a node or a delivery service.
func call(
	ctx context.Context,
	m *machine,
	s step,
	raw []byte,
	b Broadcaster,
	be Backend,
	cfg Config,
) Event {
	ctx, cancel := context.WithTimeout(ctx, cfg.CallTimeout)
	defer cancel()
	m.slotTime = cfg.SlotTime()
	switch s.action {
	case actionSend:
		// A copy, since the broadcaster may change its argument.
		err := b.Broadcast(ctx, bytes.Clone(raw))
		return m.onSend(cfg.Clock.Now(), err)

	case actionHeight:
		told, err := be.BlockHeight(ctx, m.proofAt)
		return m.onHeight(cfg.Clock.Now(), told, err)
	case actionNonce:
		advanced, slot, err := cfg.NonceAdvanced(ctx, m.proofAt)
		return m.onNonce(cfg.Clock.Now(), advanced, slot, err)
	default:
		answer, err := be.Status(ctx, m.sig, Query{
			Want:    m.want,
			History: s.history,
			Proof:   s.proof,
		})

		return m.onStatus(cfg.Clock.Now(), s, answer, err)
	}
}

// wait pauses for d, or until Wake fires or the context ends.
func wait(ctx context.Context, m *machine, d time.Duration, cfg *Config) {
	timer, stop := cfg.Clock.After(d)
	defer stop()
	select {
	case <-timer:
	case <-ctx.Done():
	case _, open := <-cfg.Wake:
		if !open {
			cfg.Wake = nil // a closed channel is always ready and would end every pause
			return
		}

		m.onWake(cfg.Clock.Now())
	}
}
