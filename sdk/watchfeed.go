package sdk

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/feed"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk/route"
)

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
