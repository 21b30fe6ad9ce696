package sdk

import (
	"time"
)

// WatchObserver is told what a [Watcher] does, for example to count it. The
// calls come one after the other from a goroutine of the watcher, which waits
// for them to return. They may call the methods of the watcher, except
// [Watcher.Close].
type WatchObserver interface {
	ObserveWatch(event WatchEvent)
}

// WatchEventKind is the kind of a [WatchEvent].
type WatchEventKind string

// The kinds of events.
const (
	// WatchUpdated is a market with accounts that have changed.
	WatchUpdated WatchEventKind = "updated"
	// WatchLoaded is a market that was loaded as a whole.
	WatchLoaded WatchEventKind = "loaded"
	// WatchPolled is a successful poll of accounts that no connection delivers.
	WatchPolled WatchEventKind = "polled"
	// WatchFailed is a load or a poll that failed. It is repeated after a
	// pause.
	WatchFailed WatchEventKind = "failed"
	// WatchConnected is a WebSocket connection that delivers changes.
	WatchConnected WatchEventKind = "connected"
	// WatchLost is a WebSocket connection that was lost. It is opened again
	// after a pause.
	WatchLost WatchEventKind = "lost"
	// WatchGap is a WebSocket connection that may have missed changes. Its
	// accounts are read.
	WatchGap WatchEventKind = "gap"
)

// WatchEvent is something that happened to a [Watcher].
type WatchEvent struct {
	Kind WatchEventKind
	// Slot is the slot of the market.
	Slot uint64
	// Accounts is the number of accounts that an update applied, or that a poll
	// or a connection covers.
	Accounts int
	// Took is the time of a load, a poll or an update.
	Took time.Duration
	// Reason tells why the market was loaded, for example "new epoch".
	Reason string
	// Err is the error of a failure or of a lost connection.
	Err error
}

// WatchStatus is the state of a [Watcher].
type WatchStatus struct {
	// Slot is the slot of the market. Tip is the latest slot that a connection
	// has reported, and SlotsBehind the difference, which is one or two at
	// commitment confirmed. Both are zero while polling.
	Slot, Tip, SlotsBehind uint64
	// Age is the age of the market, see [Watcher.Age].
	Age time.Duration
	// Updates is the number of markets made from changed accounts, and Changes
	// the number of these accounts. Loads and Polls are those that succeeded,
	// Failures those that did not.
	Updates, Changes, Loads, Polls, Failures uint64
	// Outdated is the number of account states that were not applied, because
	// a newer one was known: repeated or late notifications.
	Outdated uint64
	// Reconnects is the number of lost WebSocket connections. Gaps is the
	// number of other events that may have lost a change. Faults is the number
	// of messages that could not be used.
	Reconnects, Gaps, Faults uint64
	// Err is why the market cannot be used: [ErrMarketTooOld],
	// [ErrWatcherClosed], or nil.
	Err error
	// LastFailure is the error of the last load or poll, or nil if it
	// succeeded.
	LastFailure error
	// Parts are the connections, and the accounts that are polled.
	Parts []WatchPart
}

// WatchPart is a set of accounts with one source.
type WatchPart struct {
	// WebSocket reports whether a WebSocket connection delivers the accounts.
	// Otherwise they are polled.
	WebSocket bool
	// Accounts is the number of accounts.
	Accounts int
	// Live reports whether the connection delivers changes, and what it may
	// have missed was read.
	Live bool
	// Slot is the latest slot of the connection.
	Slot uint64
	// Age is the time since all these accounts were last known to be current.
	Age time.Duration
	// Err is why the connection was lost, or nil.
	Err error
}

// Status returns the state of the watcher.
func (w *Watcher) Status() WatchStatus {
	market, err := w.Market()
	if w == nil || w.current.Load() == nil {
		return WatchStatus{Err: err}
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	s := WatchStatus{
		Age:         w.Age(),
		Updates:     w.counts.updates,
		Changes:     w.counts.changed,
		Loads:       w.counts.loads,
		Polls:       w.counts.polls,
		Failures:    w.counts.failures,
		Outdated:    w.counts.outdated,
		Reconnects:  w.counts.reconnects,
		Gaps:        w.counts.gaps,
		Faults:      w.counts.faults,
		Err:         err,
		LastFailure: w.failure,
	}

	if market == nil {
		market = w.current.Load().market
	}

	s.Slot = market.Slot()
	now := time.Now()
	for _, p := range w.parts {
		s.Tip = max(s.Tip, p.Tip)
		s.Reconnects += p.Drops
		s.Gaps += p.Gaps
		s.Faults += p.Faults
		s.Parts = append(s.Parts, WatchPart{
			WebSocket: true,
			Accounts:  len(p.Accounts),
			Live:      p.isSynced(),
			Slot:      p.Slot,
			Age:       now.Sub(w.freshOf(p.fresh)),
			Err:       p.Err,
		})
	}

	if len(w.rest.accounts) > 0 {
		s.Parts = append(s.Parts, WatchPart{
			Accounts: len(w.rest.accounts),
			Age:      now.Sub(w.freshOf(w.rest.fresh)),
		})
	}

	if s.Tip > s.Slot {
		s.SlotsBehind = s.Tip - s.Slot
	}

	return s
}

// isSynced reports whether the accounts of a connection are current as of its
// last heartbeat.
func (p *watchPart) isSynced() bool { return p.Live && p.synced == p.Generation }

// freshOf returns when a part was last known to be current, by its own source
// or by a load of the whole market.
func (w *Watcher) freshOf(part time.Time) time.Time {
	if part.Before(w.loaded) {
		part = w.loaded
	}
	if !w.stale.IsZero() && w.stale.Before(part) {
		return w.stale
	}
	return part
}

// measureAge stores when the whole market was last known to be current.
func (w *Watcher) measureAge() {
	oldest := time.Now()
	if len(w.rest.accounts) > 0 {
		oldest = w.freshOf(w.rest.fresh)
	}

	for _, p := range w.parts {
		if at := w.freshOf(p.fresh); len(p.Accounts) > 0 && at.Before(oldest) {
			oldest = at
		}
	}

	w.fresh.Store(int64(oldest.Sub(w.origin)))
}
