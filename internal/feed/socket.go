package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// openPatience limits the time to connect and to subscribe.
	openPatience = 15 * time.Second
	// steady is the time after which a connection that is lost counts as the
	// first failure in a row.
	steady = 30 * time.Second
	// longestJump is the largest number of slots between two notifications that
	// may come without a gap.
	longestJump = 32
	// longestStall is the number of slots after which a connection that has
	// delivered the beat, and does no more, counts as dead.
	longestStall = 64
	// beatPatience is the number of slots after which a connection that has not
	// delivered the beat counts as one that never will.
	beatPatience = 8
	// maxFaults is the number of refused messages that end a connection.
	maxFaults = 16
	// minMessage and maxMessage are the least and the highest limit of a
	// message, in bytes.
	minMessage = 64 << 10
	maxMessage = 32 << 20
	// growth is the factor by which an account may grow without exceeding the
	// limit of a message.
	growth = 4
)

// Reasons why a connection ended.
var (
	errSilent  = errors.New("no slot was notified for too long")
	errStalled = errors.New("slots are notified, and accounts are not any more")
	errFaulty  = errors.New("too many messages that cannot be used")
	errSlow    = errors.New("the server does not confirm the subscriptions")
)

// socket keeps one connection of a feed.
type socket struct {
	feed  *Feed
	state *Connection
	// limit is the largest message, in bytes. It doubles, up to maxMessage,
	// when a message exceeds it.
	limit int64
}

func newSocket(f *Feed, c *Connection) *socket {
	return &socket{
		feed:  f,
		state: c,
		limit: messageLimit(c.Accounts),
	}
}

// run connects again and again until the context ends.
func (s *socket) run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		started := time.Now()
		n := s.session()
		err := n.run(ctx)
		if ctx.Err() != nil {
			s.feed.update(func() { s.state.Live, s.state.Err = false, ctx.Err() })
			return
		}

		err = s.feed.opts.Socket.Fail("websocket", err)
		s.feed.opts.Logger.WarnContext(ctx, "websocket lost",
			slog.Int("connection", s.state.Number), slog.Any("error", err))
		s.feed.update(func() {
			s.state.Live = false
			s.state.Err = err
			s.state.Drops++
		})

		if len(n.accounts) == 0 {
			return // The server accepts no subscription.
		}

		if errors.Is(err, websocket.ErrMessageTooBig) {
			s.limit = min(2*s.limit, maxMessage)
		}

		if n.wasLive && time.Since(started) >= steady {
			failures = 0
		}

		failures++
		if !pause(ctx, s.backoff(failures)) {
			return
		}
	}
}

// backoff returns the pause after a number of failures in a row, with full
// jitter so that clients of a restarted server do not come back all at once.
func (s *socket) backoff(failures int) time.Duration {
	o := &s.feed.opts
	ceiling := o.MaxDelay
	if doublings := failures - 1; doublings < 32 && o.BaseDelay < ceiling>>doublings {
		ceiling = o.BaseDelay << doublings
	}
	return o.BaseDelay/2 + rand.N(ceiling)
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// session is one connection from the handshake to its end.
type session struct {
	*socket
	// requested are the accounts in the order of the requests, and accounts
	// those of them that the server does not refuse.
	requested, accounts []Want
	// answered has the requests that were answered. The last one is that of the
	// slots.
	answered []bool
	open     int
	refused  []Want
	// byID has the account of each subscription. slots is the subscription of
	// the slots.
	byID     map[uint64]int
	slots    uint64
	hasSlots bool

	watch   *time.Timer
	wasLive bool
	faults  int
	// beats reports whether the beat is delivered, and beat is its last slot.
	// since is the tip at the first notification of a slot.
	beats     bool
	beat      uint64
	tip       uint64
	since     uint64
	beatIndex int
}

func (s *socket) session() *session {
	n := &session{
		socket:    s,
		byID:      make(map[uint64]int),
		beatIndex: -1,
	}

	s.feed.mu.Lock()
	n.accounts = s.state.Accounts
	s.feed.mu.Unlock()

	n.requested = n.accounts
	n.answered = make([]bool, len(n.requested)+1)
	n.open = len(n.answered)
	for i, w := range n.requested {
		if w.Address == s.feed.opts.Beat {
			n.beatIndex = i
		}
	}

	return n
}

// messageLimit returns the largest message that accounts of these sizes cause.
func messageLimit(accounts []Want) int64 {
	longest := 0
	for _, w := range accounts {
		size := w.Size
		if w.Length > 0 {
			size = min(size, w.Length)
		}
		longest = max(longest, size)
	}
	return min(max(growth*int64(longest), minMessage), maxMessage)
}

// run connects, subscribes, and reads until the connection ends. It returns
// why.
func (n *session) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	conn, err := n.dial(ctx)
	if err != nil {
		return err
	}

	var group sync.WaitGroup
	defer group.Wait()
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(n.limit)

	n.watch = time.AfterFunc(openPatience, func() { cancel(errSlow) })
	defer n.watch.Stop()
	group.Go(func() {
		if err := n.subscribe(ctx, conn); err != nil {
			cancel(err)
		}
	})

	silence := time.AfterFunc(openPatience, func() { cancel(errSilent) })
	defer silence.Stop()
	for {
		_, data, err := conn.Read(ctx)
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}

		if err != nil {
			return err
		}

		heard, err := n.receive(data)
		if err != nil {
			return err
		}

		if heard && n.wasLive {
			silence.Reset(n.feed.opts.Silence)
		}
	}
}

func (n *session) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()

	address, header := n.feed.opts.Socket.Dial()
	client := *n.feed.opts.HTTPClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // A key belongs to one host.
	}

	// The library closes the body of the response.
	conn, response, err := websocket.Dial(ctx, address, &websocket.DialOptions{ //nolint:bodyclose
		HTTPClient: &client,
		HTTPHeader: header,
	})
	if err != nil && response != nil {
		return nil, fmt.Errorf("http status %d instead of a websocket", response.StatusCode)
	}

	return conn, err
}

// subscribe sends all requests. The answers come later.
func (n *session) subscribe(ctx context.Context, conn *websocket.Conn) error {
	for i, w := range n.requested {
		request := subscribeAccount(uint64(i+1), w, n.feed.opts.Commitment)
		if err := write(ctx, conn, request); err != nil {
			return err
		}
	}
	return write(ctx, conn, subscribeSlots(uint64(len(n.answered))))
}

func write(ctx context.Context, conn *websocket.Conn, r request) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return conn.Write(ctx, websocket.MessageText, text)
}

// receive handles a message. heard reports whether it is a heartbeat. The
// connection ends with an error.
func (n *session) receive(data []byte) (heard bool, err error) {
	m := parse(data)
	switch m.kind {
	case subscribed, refused:
		return false, n.answer(m)
	case accountChanged:
		return n.account(m)
	case slotPassed:
		return n.slot(m)
	}
	return false, n.fault("a message that cannot be read")
}

// answer handles the response to a subscription.
func (n *session) answer(m message) error {
	if m.id == 0 || m.id > uint64(len(n.answered)) || n.answered[m.id-1] {
		return n.fault("a response to no request")
	}

	i := int(m.id - 1)
	n.answered[i] = true
	n.open--
	switch isSlots := i == len(n.requested); {
	case m.kind == subscribed && isSlots:
		n.slots, n.hasSlots = m.subscription, true
	case m.kind == subscribed:
		n.byID[m.subscription] = i
	case !isSlots:
		n.refused = append(n.refused, n.requested[i])
		if i == n.beatIndex {
			n.beatIndex = -1
		}

		n.feed.opts.Logger.Warn("subscription refused",
			slog.String("account", n.requested[i].Address.String()),
			slog.Int("code", m.code), slog.String("message", n.feed.opts.Socket.Clean(m.text)))
	}

	if n.open > 0 {
		return nil
	}

	n.watch.Stop()
	if len(n.refused) > 0 {
		n.feed.update(func() {
			n.feed.refuse(n.state, n.refused)
			n.accounts = n.state.Accounts
		})
		if len(n.accounts) == 0 {
			return errors.New("the server refuses all subscriptions")
		}
	}

	return nil
}

// fault records a message that cannot be used. What it would have told may be
// missing.
func (n *session) fault(what string) error {
	n.faults++
	n.feed.opts.Logger.Warn("websocket message refused", slog.String("reason", what),
		slog.Int("connection", n.state.Number))
	n.feed.update(func() {
		n.state.Faults++
		n.gap()
	})
	if n.faults >= maxFaults {
		return errFaulty
	}

	return nil
}

// gap ends a generation. The next heartbeat begins another one. The lock must
// be held.
func (n *session) gap() {
	if n.state.Live {
		n.state.Live = false
		n.state.Gaps++
	}
}

// account handles the notification of an account.
func (n *session) account(m message) (heard bool, err error) {
	i, ok := n.byID[m.subscription]
	if !ok {
		if n.open > 0 {
			return false, nil // Its response may follow.
		}

		return false, n.fault("a notification of no subscription")
	}

	if err := n.feed.opts.Plausible(m.slot); err != nil || m.slot == 0 {
		return false, n.fault("an impossible slot")
	}

	m.account.Slot = m.slot
	m.account.Address = n.requested[i].Address
	m.account.Connection = n.state.Number
	heard = i == n.beatIndex
	n.feed.update(func() {
		n.feed.deliver(m.account)
		if heard {
			n.beats = true
			n.beat = max(n.beat, m.slot)
			n.heartbeat(m.slot, true)
		}
	})

	return heard, nil
}

// slot handles the notification of a slot.
func (n *session) slot(m message) (heard bool, err error) {
	switch {
	case !n.hasSlots || m.subscription != n.slots:
		if n.open > 0 {
			return false, nil
		}

		return false, n.fault("a notification of no subscription")

	case n.feed.opts.Plausible(m.slot) != nil || m.slot == 0:
		return false, n.fault("an impossible slot")
	}

	if n.since == 0 {
		n.since = m.slot
	}

	before := n.tip
	n.tip = m.slot
	if n.beats && m.slot > n.beat+longestStall {
		return false, errStalled
	}

	n.feed.update(func() {
		n.state.Tip = m.slot
		if before > 0 && (m.slot > before+longestJump || before > m.slot+longestJump) {
			n.gap()
		}

		if !n.beats && n.beatIndex >= 0 && n.open == 0 && m.slot > n.since+beatPatience {
			n.dropBeat()
		}

		n.heartbeat(m.slot, n.beatIndex < 0)
	})

	return true, nil
}

// heartbeat records that the connection delivers. begins reports whether it can
// begin a generation: the notification of a slot comes before those of the
// accounts in it, so it can do so only where there is no beat. The lock must be
// held.
func (n *session) heartbeat(slot uint64, begins bool) {
	if n.open > 0 {
		return
	}

	n.state.Heard = time.Now()
	n.state.Slot = slot
	if n.state.Live || !begins {
		return
	}

	n.wasLive = true
	n.state.Live = true
	n.state.Err = nil
	n.state.Generation++
	n.state.From = slot
}

// dropBeat leaves the beat to others, since the server does not notify it. The
// lock must be held.
func (n *session) dropBeat() {
	beat := n.requested[n.beatIndex]
	n.beatIndex = -1
	n.state.Accounts = without(n.state.Accounts, []Want{beat})
	if n.state.Number == 0 {
		n.feed.rest = append(n.feed.rest, beat)
	}
}
