package sdk

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/feed"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk/route"
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

// runningFeed is a feed that runs, or none if there is no WebSocket.
type runningFeed struct {
	feed   *feed.Feed
	cancel context.CancelFunc
	done   chan struct{}
}

func (w *Watcher) startFeed(ctx context.Context) runningFeed {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.parts {
		w.counts.reconnects += p.Drops
		w.counts.gaps += p.Gaps
		w.counts.faults += p.Faults
	}

	w.parts = nil
	w.rest = restPart{}
	if w.socket == nil {
		w.rest.accounts = w.wants
		return runningFeed{}
	}

	ctx, cancel := context.WithCancel(ctx)
	r := runningFeed{
		feed: feed.New(feed.Options{
			Socket:        w.socket,
			HTTPClient:    w.opts.HTTPClient,
			Commitment:    string(w.client.commitment),
			Beat:          accounts.ClockSysvar,
			PerConnection: w.opts.MaxSubscriptions,
			Connections:   w.opts.MaxConnections,
			Plausible:     w.plausible,
			Logger:        w.client.logger,
		}, w.wants),
		cancel: cancel,
		done:   make(chan struct{}),
	}

	w.take(r.take())
	go func() {
		defer close(r.done)
		r.feed.Run(ctx)
	}()

	return r
}

// plausible returns an error for a slot that is further ahead of those that
// nodes report over HTTP than the elapsed time allows.
func (w *Watcher) plausible(slot uint64) error {
	if !w.client.seen.plausible(slot) {
		return jsonrpc.ErrNodeAhead
	}
	return nil
}

func (r runningFeed) stop() {
	if r.feed != nil {
		r.cancel()
		<-r.done
	}
}

func (r runningFeed) ready() <-chan struct{} {
	if r.feed == nil {
		return nil
	}
	return r.feed.Ready()
}

func (r runningFeed) take() *feed.Delivery {
	if r.feed == nil {
		return nil
	}
	d := r.feed.Take()
	return &d
}

// take adopts what a feed has delivered.
func (w *Watcher) take(d *feed.Delivery) {
	if d == nil {
		return
	}

	for i, c := range d.Connections {
		if i == len(w.parts) {
			w.parts = append(w.parts, watchPart{})
		}

		p := &w.parts[i]
		w.compare(p.Connection, c)
		p.Connection = c

		// A server that lags is alive, and what it delivers is old.
		if w.isCurrent(p) && c.Heard.After(p.fresh) {
			p.fresh = c.Heard
		}
	}

	w.rest.accounts = d.Rest
	w.apply(d.Accounts)
}

// compare tells the difference between two states of a connection.
func (w *Watcher) compare(before, now feed.Connection) {
	switch {
	case now.Drops > before.Drops:
		w.tell(WatchEvent{
			Kind:     WatchLost,
			Accounts: len(now.Accounts),
			Err:      now.Err,
		})

	case now.Gaps > before.Gaps:
		w.tell(WatchEvent{Kind: WatchGap, Accounts: len(now.Accounts)})
	}

	if now.Live && now.Generation > before.Generation {
		w.tell(WatchEvent{Kind: WatchConnected, Accounts: len(now.Accounts)})
	}
}

// apply updates the market with accounts that are not older than those it has.
func (w *Watcher) apply(all []feed.Account) {
	began := time.Now()
	market := w.current.Load().market
	var changed []accounts.Account
	slot := uint64(0)
	for _, a := range all {
		if !w.adopt(a) {
			continue
		}

		if isNewEpoch(market, a) {
			w.latest[a.Address] = a
			w.wantLoad(reasonEpoch)
			continue
		}

		if w.isSame(market, a) {
			continue
		}

		w.latest[a.Address] = a

		changed = append(changed, accountOf(a))
		slot = max(slot, a.Slot)
	}

	if len(changed) == 0 {
		return
	}

	next, err := market.Updated(slot, changed...)
	if err != nil {
		if !errors.Is(err, route.ErrReload) {
			w.failure = err
		}

		w.wantLoad(reasonAccounts)

		return
	}

	w.publish(next)
	w.counts.updates++
	w.counts.changed += uint64(len(changed))
	w.tell(WatchEvent{
		Kind:     WatchUpdated,
		Accounts: len(changed),
		Took:     time.Since(began),
	})
}

// isSame reports whether a market has this state of an account already, or does
// not depend on it.
func (w *Watcher) isSame(market *route.Market, a feed.Account) bool {
	known, err := market.Account(a.Address)
	if err != nil {
		return a.Lamports == 0 || errors.Is(err, accounts.ErrNotLoaded)
	}

	data := a.Data
	if length := w.lengths[a.Address]; length > 0 {
		data = data[:min(length, len(data))]
	}

	return known.Lamports == a.Lamports && known.Owner == a.Owner &&
		known.Executable == a.Executable && bytes.Equal(known.Data, data)
}

// adopt records the slot of an account's state. It reports whether the market
// depends on the account, and the state is not older than the known one.
func (w *Watcher) adopt(a feed.Account) bool {
	known, ok := w.seen[a.Address]
	if !ok || a.Slot < known.slot || !isSound(a) {
		w.counts.outdated++
		return false
	}

	now := accountSighting{slot: a.Slot, source: a.Connection}
	if known.slot == now.slot && known.source != now.source {
		w.mistrust(a)
	}

	w.seen[a.Address] = now
	deployed, isHeader := w.headers[a.Address]
	if !isHeader {
		return true
	}

	if header, err := accounts.DecodeProgramData(accountOf(a)); err != nil && deployed != 0 ||
		err == nil && header.DeploySlot != deployed {
		w.wantLoad(reasonBuild)
	}

	return true
}

// mistrust records that two sources reported states of the same slot, which may
// differ if they come from different forks. The account is read again.
func (w *Watcher) mistrust(a feed.Account) {
	if a.Address != accounts.ClockSysvar {
		w.unclear[a.Address] = a.Slot
	}
}

// isSound reports whether a sysvar can be decoded. The market could not be
// updated otherwise. Other accounts are checked by the venues that read them.
func isSound(a feed.Account) bool {
	var err error
	switch account := accountOf(a); a.Address {
	case accounts.ClockSysvar:
		_, err = accounts.DecodeClock(account)
	case accounts.RentSysvar:
		_, err = accounts.DecodeRent(account)
	case accounts.EpochScheduleSysvar:
		_, err = accounts.DecodeEpochSchedule(account)
	case accounts.EpochRewardsSysvar:
		if a.Lamports > 0 {
			_, err = accounts.DecodeEpochRewards(account)
		}
	}

	return err == nil
}

// isNewEpoch reports whether an account's state is of another epoch than a
// market.
func isNewEpoch(market *route.Market, a feed.Account) bool {
	clock := market.Clock()
	if a.Address == accounts.ClockSysvar {
		if now, err := accounts.DecodeClock(accountOf(a)); err == nil && now.Epoch != clock.Epoch {
			return true
		}
	}

	schedule := market.EpochSchedule()
	if schedule.SlotsPerEpoch == 0 || clock.Slot < schedule.FirstNormalSlot {
		return false
	}

	epoch := func(slot uint64) uint64 {
		return (slot - schedule.FirstNormalSlot) / schedule.SlotsPerEpoch
	}

	return a.Slot >= clock.Slot && epoch(a.Slot) != epoch(clock.Slot)
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
