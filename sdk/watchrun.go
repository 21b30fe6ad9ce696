package sdk

import (
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/feed"
)

const (
	// urgentPause is the least time between two jobs when something is known
	// to be missing.
	urgentPause = time.Second
	// maxRetryPause is the longest pause after failures.
	maxRetryPause = 30 * time.Second
)

// Reasons of a load.
const (
	reasonStart    = "start"
	reasonPeriod   = "period"
	reasonEpoch    = "new epoch"
	reasonBuild    = "new build of a program"
	reasonAccounts = "accounts that were not loaded"
)

// begin loads the first market.
func (w *Watcher) begin(ctx context.Context) error {
	job := &watchJob{reason: reasonStart, began: time.Now()}
	job.do(ctx, w.client, w.loader)
	if job.err != nil {
		return job.err
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	w.job, w.began = job, job.began
	w.finish(job)

	return nil
}

// run keeps the market fresh until the context ends.
func (w *Watcher) run(ctx context.Context) {
	defer close(w.done)
	defer w.ended.Store(true)

	f := w.startFeed(ctx)
	defer func() { f.stop() }()
	results := make(chan *watchJob, 1)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var result *watchJob
		select {
		case <-ctx.Done():
			w.ended.Store(true)
			if w.isBusy() {
				<-results // A job ends with its context.
			}

			return

		case result = <-results:
		case <-f.ready():
		case <-timer.C:
		}

		w.mu.Lock()
		w.take(f.take())
		restart := false
		if result != nil {
			restart = w.finish(result)
		}

		job, due := w.next(time.Now())
		w.measureAge()
		events := w.events
		w.events = nil
		w.mu.Unlock()

		w.report(events)
		if job != nil {
			go func() {
				job.do(ctx, w.client, w.loader)
				results <- job
			}()
		}

		if restart {
			f.stop()
			f = w.startFeed(ctx)
		}

		timer.Reset(due)
	}
}

func (w *Watcher) isBusy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.job != nil
}

// report passes events to the observer and to the log.
func (w *Watcher) report(events []WatchEvent) {
	for _, e := range events {
		level := slog.LevelDebug
		if e.Err != nil {
			level = slog.LevelWarn
		}

		w.client.logger.Log(context.Background(), level, "watch "+string(e.Kind),
			"slot", e.Slot, "accounts", e.Accounts, "took", e.Took, "reason", e.Reason,
			"error", e.Err)
		if w.opts.Observer != nil {
			w.opts.Observer.ObserveWatch(e)
		}
	}
}

// tell adds an event.
func (w *Watcher) tell(e WatchEvent) {
	if now := w.current.Load(); now != nil {
		e.Slot = now.market.Slot()
	}
	w.events = append(w.events, e)
}

// wantLoad records that the market lacks a change.
func (w *Watcher) wantLoad(reason string) {
	w.needsLoad = reason
	if w.stale.IsZero() {
		w.stale = time.Now()
	}
}

// finish adopts the result of a job. It reports whether the accounts to watch
// have changed.
func (w *Watcher) finish(j *watchJob) (restart bool) {
	w.job = nil
	w.took = time.Since(j.began)
	if j.err == nil && j.reason != "" {
		restart, j.err = w.adoptLoad(j)
	}

	if j.err != nil {
		w.failures++
		w.counts.failures++
		w.failure = j.err
		w.retry = retryPause(w.failures)
		w.tell(WatchEvent{
			Kind:   WatchFailed,
			Took:   w.took,
			Reason: j.reason,
			Err:    j.err,
		})

		return false
	}

	w.failures, w.retry, w.failure = 0, 0, nil
	if j.reason == "" {
		w.counts.polls++
		w.tell(WatchEvent{
			Kind:     WatchPolled,
			Accounts: len(j.accounts),
			Took:     w.took,
		})

		w.apply(j.accounts)
		w.clarify(j.accounts)
	}

	w.synced(j)

	return restart
}

// clarify forgets the unclear accounts that were read at a later slot.
func (w *Watcher) clarify(all []feed.Account) {
	for _, a := range all {
		if slot, ok := w.unclear[a.Address]; ok && a.Slot > slot {
			delete(w.unclear, a.Address)
		}
	}
}

// synced records that the accounts of a job were current when it began.
func (w *Watcher) synced(j *watchJob) {
	isLoad := j.reason != ""
	if isLoad {
		w.loaded = j.began
	}

	if j.withRest && j.began.After(w.rest.fresh) {
		w.rest.fresh = j.began
	}

	for i := range w.parts {
		p := &w.parts[i]
		generation, ok := j.generations[i]
		if !ok || generation != p.Generation {
			continue
		}

		if j.began.After(p.fresh) {
			p.fresh = j.began
		}

		if p.Live && j.slot >= p.From {
			p.synced = generation
		}
	}
}

// adoptLoad replaces the market by a loaded one, with the accounts of which a
// newer state is known.
func (w *Watcher) adoptLoad(j *watchJob) (restart bool, err error) {
	market, slot := j.market, j.market.Slot()
	if now := w.current.Load(); now != nil {
		before := now.market
		switch isReset := !w.client.seen.plausible(before.Slot()); {
		case isReset:
			// The client believes again in lower slots: the cluster has begun
			// anew, or the slots before were wrong.
			clear(w.latest)

		case market.Clock().Epoch < before.Clock().Epoch:
			return false, ErrNodeBehind
		default:
			slot = max(slot, before.Slot())
		}
	}

	var newer []accounts.Account
	isStale := false
	for address, a := range w.latest {
		switch {
		case a.Slot <= j.load.slots[address]:
			if a.Slot == j.load.slots[address] && a.Connection != polled {
				w.mistrust(a)
			}

			delete(w.latest, address)

		case isNewEpoch(market, a):
			isStale = true
		default:
			newer = append(newer, accountOf(a))
		}
	}

	if slot > market.Slot() || len(newer) > 0 {
		if market, err = market.Updated(slot, newer...); err != nil {
			return false, err
		}
	}

	w.needsLoad, w.stale = "", time.Time{}
	if isStale {
		w.wantLoad(reasonEpoch)
	}

	w.seen = make(map[solana.PublicKey]accountSighting, len(j.load.slots))
	restart = w.watch(j)
	for address, at := range j.load.slots {
		w.seen[address] = accountSighting{slot: at, source: polled}
	}

	for address, a := range w.latest {
		w.seen[address] = accountSighting{slot: a.Slot, source: a.Connection}
	}

	w.publish(market)
	w.counts.loads++
	w.tell(WatchEvent{
		Kind:   WatchLoaded,
		Took:   w.took,
		Reason: j.reason,
	})

	return restart, nil
}

// watch adopts the accounts to watch for a loaded market. It reports whether
// some of them are not watched yet.
func (w *Watcher) watch(j *watchJob) (restart bool) {
	watched := make(map[solana.PublicKey]bool, len(w.wants))
	for _, want := range w.wants {
		watched[want.Address] = true
	}

	wants, headers := wantsOf(j.market, j.load)
	for _, want := range wants {
		restart = restart || !watched[want.Address]
	}

	w.headers = headers
	w.lengths = make(map[solana.PublicKey]int)
	for _, d := range j.market.Dependencies() {
		if d.Length > 0 {
			w.lengths[d.Address] = d.Length
		}
	}

	if restart {
		w.wants = wants
		maps.DeleteFunc(w.unclear, func(address solana.PublicKey, _ uint64) bool {
			return !slices.ContainsFunc(wants,
				func(want feed.Want) bool { return want.Address == address })
		})
	}

	return restart
}

// retryPause returns the pause after a number of failures in a row, with full
// jitter.
func retryPause(failures int) time.Duration {
	ceiling := maxRetryPause
	if failures < 6 {
		ceiling = urgentPause << failures
	}
	return urgentPause + rand.N(ceiling)
}

// next returns the job to start now, or nil and the time until one is due.
func (w *Watcher) next(now time.Time) (job *watchJob, due time.Duration) {
	if w.job != nil {
		return nil, time.Hour // Its result comes first.
	}

	isMissing, isUrgent := len(w.rest.accounts) > 0, len(w.unclear) > 0 || w.needsLoad != ""
	for i := range w.parts {
		p := &w.parts[i]
		isMissing = isMissing || !w.isCurrent(p)
		isUrgent = isUrgent || p.Live && !p.isSynced()
	}

	reload := w.loaded.Add(w.opts.ReloadInterval)
	isPeriod := !now.Before(reload)
	if !isMissing && !isUrgent && !isPeriod {
		return nil, reload.Sub(now)
	}

	pause := w.opts.PollInterval
	if isUrgent || isPeriod {
		pause = min(pause, urgentPause)
	}

	// At most half of the time is spent on jobs, so that a rate limit leaves
	// room for others.
	at := w.began.Add(max(pause, w.retry, 2*w.took))
	if now.Before(at) {
		if !isPeriod && reload.Before(at) {
			at = reload
		}

		return nil, at.Sub(now)
	}

	j := &watchJob{reason: w.needsLoad, began: now}
	if j.reason == "" && isPeriod {
		j.reason = reasonPeriod
	}

	w.choose(j)
	w.job, w.began = j, now

	return j, time.Hour
}

// isCurrent reports whether a connection delivers its accounts, and does not
// lag behind what was read over HTTP.
func (w *Watcher) isCurrent(p *watchPart) bool {
	return p.isSynced() && p.Slot+maxSlotSpread >= w.client.seen.slot.Load()
}

// choose sets what a job reads: everything, or the accounts that no connection
// delivers.
func (w *Watcher) choose(j *watchJob) {
	j.withRest = true
	j.generations = make(map[int]uint64)
	j.wants = slices.Clone(w.rest.accounts)
	for i := range w.parts {
		p := &w.parts[i]
		if j.reason == "" && w.isCurrent(p) {
			continue
		}

		j.generations[i] = p.Generation
		j.wants = append(j.wants, p.Accounts...)
	}

	if len(w.unclear) == 0 {
		return
	}

	for _, want := range w.wants {
		if _, ok := w.unclear[want.Address]; ok {
			j.wants = append(j.wants, want)
		}
	}
}
