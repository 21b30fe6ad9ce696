// Package feedtest has a WebSocket server with the subscriptions of a node, in
// memory, which does what a test tells it to.
package feedtest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// URL is the address of each server for its own client, see [Server.Client].
const URL = "ws://feed.invalid/key"

// Server is a WebSocket server. It is safe for concurrent use.
type Server struct {
	http     *http.Server
	listener *pipes
	served   chan struct{}

	mu       sync.Mutex
	sessions map[*session]struct{}
	lastID   uint64
	slot     uint64
	// Mangle, if not nil, replaces each notification of an account by any
	// number of messages.
	mangle func(message []byte) [][]byte
	// most is the number of accounts that a connection may have, or zero.
	most    int
	deaf    bool
	mute    bool
	down    bool
	noSlots bool
	opened  int
}

// session is a connection.
type session struct {
	conn   *websocket.Conn
	out    chan []byte
	cancel context.CancelFunc
	byKey  map[solana.PublicKey]uint64
	slices map[solana.PublicKey]int
	slots  uint64
}

// NewServer returns a running server. Close ends it.
func NewServer() *Server {
	s := &Server{
		listener: newPipes(),
		served:   make(chan struct{}),
		sessions: make(map[*session]struct{}),
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}

	go func() {
		defer close(s.served)
		_ = s.http.Serve(s.listener)
	}()

	return s
}

// Client returns an HTTP client whose connections go to the server.
func (s *Server) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return s.listener.dial(ctx)
		},
		DisableKeepAlives: true,
	}}
}

// Close ends the server and all connections.
func (s *Server) Close() {
	s.Drop()
	_ = s.http.Close()
	<-s.served
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	down := s.down
	s.mu.Unlock()
	if down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}

	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	n := &session{
		conn:   conn,
		out:    make(chan []byte, 1<<17),
		cancel: cancel,
		byKey:  make(map[solana.PublicKey]uint64),
		slices: make(map[solana.PublicKey]int),
	}
	s.mu.Lock()
	s.opened++
	s.sessions[n] = struct{}{}
	s.mu.Unlock()

	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case message := <-n.out:
				if conn.Write(ctx, websocket.MessageText, message) != nil {
					cancel()
					return
				}
			}
		}
	})

	s.read(ctx, n)
	s.mu.Lock()
	delete(s.sessions, n)
	s.mu.Unlock()
	cancel()
	_ = conn.CloseNow()
	group.Wait()
}

// read answers the requests of a connection until it ends.
func (s *Server) read(ctx context.Context, n *session) {
	for {
		_, data, err := n.conn.Read(ctx)
		if err != nil {
			return
		}

		var r struct {
			ID     uint64            `json:"id"`
			Method string            `json:"method"`
			Params []json.RawMessage `json:"params"`
		}
		if json.Unmarshal(data, &r) != nil {
			return
		}

		s.mu.Lock()
		s.answer(n, r.ID, r.Method, r.Params)
		s.mu.Unlock()
	}
}

// answer answers a request. The lock must be held.
func (s *Server) answer(n *session, id uint64, method string, params []json.RawMessage) {
	if s.deaf {
		return
	}

	s.lastID++
	switch {
	case method == "slotSubscribe" && s.noSlots,
		method == "accountSubscribe" && s.most != 0 && len(n.byKey) >= s.most:
		n.send(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"error":`+
			`{"code":-32005,"message":"too many subscriptions"}}`, id))
		return
	case method == "slotSubscribe":
		n.slots = s.lastID
	default:
		var key solana.PublicKey
		_ = json.Unmarshal(params[0], &key)
		var options struct {
			DataSlice struct{ Length int }
		}
		_ = json.Unmarshal(params[1], &options)
		n.byKey[key] = s.lastID
		n.slices[key] = options.DataSlice.Length
	}

	n.send(fmt.Appendf(nil, `{"jsonrpc":"2.0","result":%d,"id":%d}`, s.lastID, id))
}

func (n *session) send(message []byte) {
	select {
	case n.out <- message:
	default:
		n.cancel() // The client does not read.
	}
}

// Change notifies the new state of accounts, in a slot. An account without
// lamports is gone.
func (s *Server) Change(slot uint64, all ...accounts.Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mute {
		return
	}

	for n := range s.sessions {
		for _, a := range all {
			id, ok := n.byKey[a.Address]
			if !ok {
				continue
			}

			if length := n.slices[a.Address]; length > 0 {
				a.Data = a.Data[:min(length, len(a.Data))]
			}

			message := Notification(id, slot, a)
			if s.mangle == nil {
				n.send(message)
				continue
			}

			for _, m := range s.mangle(message) {
				n.send(m)
			}
		}
	}
}

// Notification returns the notification of an account.
func Notification(subscription, slot uint64, a accounts.Account) []byte {
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","method":"accountNotification","params":{"result":`+
		`{"context":{"slot":%d},"value":{"lamports":%d,"data":["%s","base64"],"owner":"%s",`+
		`"executable":%t,"rentEpoch":18446744073709551615,"space":%d}},"subscription":%d}}`,
		slot, a.Lamports, base64.StdEncoding.EncodeToString(a.Data), a.Owner, a.Executable,
		len(a.Data), subscription)
}

// Advance notifies a slot.
func (s *Server) Advance(slot uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slot = slot
	if s.mute {
		return
	}

	for n := range s.sessions {
		if n.slots != 0 {
			n.send(fmt.Appendf(nil, `{"jsonrpc":"2.0","method":"slotNotification","params":`+
				`{"result":{"parent":%d,"root":%d,"slot":%d},"subscription":%d}}`,
				slot-1, slot-min(slot, 32), slot, n.slots))
		}
	}
}

// Send sends a message to all connections.
func (s *Server) Send(message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range s.sessions {
		n.send([]byte(message))
	}
}

// Drop ends all connections without a word.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range s.sessions {
		n.cancel()
	}
}

// Mangle replaces each notification of an account by what f returns. Nil ends
// that. f must not call the server.
func (s *Server) Mangle(f func(message []byte) [][]byte) { s.set(func() { s.mangle = f }) }

// Limit sets the number of accounts that a connection may have. Zero is no
// limit, and -1 refuses all.
func (s *Server) Limit(most int) { s.set(func() { s.most = most }) }

// SetMute sets whether notifications are lost while connections stay open, as
// on a half-open connection.
func (s *Server) SetMute(mute bool) { s.set(func() { s.mute = mute }) }

// SetDeaf sets whether requests are not answered.
func (s *Server) SetDeaf(deaf bool) { s.set(func() { s.deaf = deaf }) }

// SetDown sets whether new connections are refused.
func (s *Server) SetDown(down bool) { s.set(func() { s.down = down }) }

// RefuseSlots makes the server refuse the subscription to slots.
func (s *Server) RefuseSlots() { s.set(func() { s.noSlots = true }) }

func (s *Server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// Connections returns the number of open connections, and Opened that of all
// that were opened so far.
func (s *Server) Connections() (open int) {
	s.set(func() { open = len(s.sessions) })
	return open
}

// Opened returns the number of connections that were opened so far.
func (s *Server) Opened() (n int) {
	s.set(func() { n = s.opened })
	return n
}

// Subscribed returns the number of accounts that are subscribed to.
func (s *Server) Subscribed() (n int) {
	s.set(func() {
		for session := range s.sessions {
			n += len(session.byKey)
		}
	})
	return n
}

// pipes is a listener whose connections are within the process.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
