package feed_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/feed"
	"github.com/sanctum-go/sanctum/internal/feedtest"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

// beat is the account that changes in every slot.
var beat = solana.PublicKey{1, 1}

const slotTime = 400 * time.Millisecond

// stage is a feed with its server.
type stage struct {
	t      *testing.T
	server *feedtest.Server
	feed   *feed.Feed
	cancel context.CancelFunc
	done   chan struct{}
	slot   uint64
	// furthest is the highest plausible slot.
	furthest atomic.Uint64
	// last is the delivery taken last, and all has the states of accounts so
	// far.
	last feed.Delivery
	all  map[solana.PublicKey]feed.Account
}

// open runs a feed of a number of accounts and the beat.
func open(t *testing.T, number int, change func(*feed.Options, *feedtest.Server)) *stage {
	t.Helper()
	s := &stage{
		t:      t,
		server: feedtest.NewServer(),
		slot:   1_000,
		done:   make(chan struct{}),
		all:    make(map[solana.PublicKey]feed.Account),
	}

	s.furthest.Store(10_000)
	socket, err := jsonrpc.NewSocket(feedtest.URL, nil, false)
	require.NoError(t, err)
	o := feed.Options{
		Socket:     socket,
		HTTPClient: s.server.Client(),
		Commitment: "confirmed",
		Beat:       beat,
		Plausible: func(slot uint64) error {
			if slot > s.furthest.Load() {
				return errors.New("too far")
			}

			return nil
		},
	}
	if change != nil {
		change(&o, s.server)
	}

	wants := []feed.Want{{Address: beat, Size: 40}}
	for i := range number {
		wants = append(wants, feed.Want{Address: key(i), Size: 100})
	}

	s.feed = feed.New(o, wants)
	ctx, cancel := context.WithCancel(t.Context())
	s.cancel = cancel
	go func() {
		defer close(s.done)
		s.feed.Run(ctx)
	}()

	synctest.Wait()

	return s
}

func (s *stage) close() {
	s.cancel()
	<-s.done
	s.server.Close()
}

func key(i int) solana.PublicKey { return solana.PublicKey{2, byte(i), byte(i >> 8)} }

func account(i int, lamports uint64) accounts.Account {
	return accounts.Account{
		Address:  key(i),
		Owner:    accounts.StakePoolProgram,
		Lamports: lamports,
		Data:     []byte{1, 2, 3},
	}
}

// pass lets slots pass.
func (s *stage) pass(slots int) {
	for range slots {
		s.slot++
		s.server.Change(s.slot, accounts.Account{Address: beat, Lamports: 1})
		s.server.Advance(s.slot + 1)
		time.Sleep(slotTime)
		synctest.Wait()
	}
	s.take()
}

func (s *stage) take() {
	s.last = s.feed.Take()
	for _, a := range s.last.Accounts {
		s.all[a.Address] = a
	}
}

// first returns the state of the first connection.
func (s *stage) first() feed.Connection { return s.last.Connections[0] }

func TestFeed_Delivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 3, nil)
		defer s.close()
		require.False(t, s.first0().Live, "no slot was notified")

		s.pass(2)
		c := s.first()
		require.True(t, c.Live)
		require.EqualValues(t, 1, c.Generation)
		require.Equal(t, uint64(1_001), c.From)
		require.Equal(t, s.slot+1, c.Tip)
		require.Len(t, c.Accounts, 4)
		require.Empty(t, s.last.Rest)

		// The latest state counts, in whatever order they come.
		s.server.Change(s.slot, account(1, 10))
		s.server.Change(s.slot+2, account(1, 12))
		s.server.Change(s.slot+1, account(1, 11), account(2, 5))
		s.server.Change(s.slot+2, account(2, 0))
		synctest.Wait()
		s.take()
		require.Equal(t, uint64(12), s.all[key(1)].Lamports)
		require.Equal(t, s.slot+2, s.all[key(1)].Slot)
		require.Equal(t, []byte{1, 2, 3}, s.all[key(1)].Data)
		require.Equal(t, accounts.StakePoolProgram, s.all[key(1)].Owner)
		require.Zero(t, s.all[key(2)].Lamports)
		require.NotContains(t, s.all, key(0))
	})
}

func (s *stage) first0() feed.Connection {
	s.take()
	return s.first()
}

// cutNotification is a notification of the first subscription.
func cutNotification(slot uint64, value string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":"accountNotification","params":{"result":`+
		`{"context":{"slot":%d}%s},"subscription":1}}`, slot, value)
}

// losses are the events that may lose a change.
var losses = []struct {
	name  string
	cause func(*stage)
	drops uint64
	gaps  uint64
}{
	{
		name:  "the connection drops",
		cause: func(s *stage) { s.server.Drop() },
		drops: 1,
	},
	{
		name: "the server is down for a minute",
		cause: func(s *stage) {
			s.server.SetDown(true)
			s.server.Drop()
			time.Sleep(time.Minute)
			s.server.SetDown(false)
			// The pause before the next attempt has begun already.
			for i := 0; i < 200 && !s.first0().Live; i++ {
				s.pass(1)
			}
		},
		drops: 6,
	},
	{
		name: "the connection is half open",
		cause: func(s *stage) {
			s.server.SetMute(true)
			time.Sleep(5100 * time.Millisecond)
			s.server.SetMute(false)
		},
		drops: 1,
	},
	{
		name: "slots pass without accounts",
		cause: func(s *stage) {
			for range 70 {
				s.slot++
				s.server.Advance(s.slot)
				time.Sleep(slotTime)
			}
		},
		drops: 1,
	},
	{
		name:  "slots are skipped",
		cause: func(s *stage) { s.slot += 40 },
		gaps:  1,
	},
	{
		name:  "slots go back",
		cause: func(s *stage) { s.slot -= 100 },
		gaps:  1,
	},
	{
		name:  "a message is not JSON",
		cause: func(s *stage) { s.server.Send("hello") },
		gaps:  1,
	},
	{
		name:  "a notification without an account",
		cause: func(s *stage) { s.server.Send(cutNotification(s.slot, "")) },
		gaps:  1,
	},
	{
		name: "a notification of an account without lamports",
		cause: func(s *stage) {
			s.server.Send(cutNotification(s.slot, `,"value":{"data":["","base64"],`+
				`"owner":"11111111111111111111111111111111","executable":false}`))
		},
		gaps: 1,
	},
	{
		name: "a slot is far in the future",
		cause: func(s *stage) {
			s.server.Change(1<<60, account(1, 1))
		},
		gaps: 1,
	},
	{
		name: "a notification of no subscription",
		cause: func(s *stage) {
			s.server.Send(string(feedtest.Notification(1<<40, s.slot, account(1, 1))))
		},
		gaps: 1,
	},
	{
		name: "a message is longer than any account",
		cause: func(s *stage) {
			s.server.Send(`"` + strings.Repeat("x", 80<<10) + `"`)
		},
		drops: 1,
	},
	{
		name: "nothing can be read",
		cause: func(s *stage) {
			for i := range 20 {
				s.server.Send(fmt.Sprint(`{"jsonrpc":`, i))
			}
		},
		drops: 1,
		gaps:  1,
	},
}

// Each kind of loss ends a generation, and the next one begins when the
// connection delivers again.
func TestFeed_Losses(t *testing.T) {
	for _, c := range losses {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 3, nil)
				defer s.close()
				s.pass(3)
				require.True(t, s.first().Live)

				c.cause(s)
				synctest.Wait()
				s.take()
				s.pass(60)
				after := s.first()
				require.True(t, after.Live)
				require.NoError(t, after.Err)
				require.GreaterOrEqual(t, after.Generation, uint64(2))
				require.GreaterOrEqual(t, after.From, s.slot-60)
				require.Equal(t, c.gaps, after.Gaps)
				if c.drops <= 1 {
					require.Equal(t, c.drops, after.Drops)
				} else {
					require.Greater(t, after.Drops, c.drops)
				}

				require.Equal(t, 1, s.server.Connections())
				require.NotContains(t, s.all, key(1), "no state was made up")
				s.server.Change(s.slot, account(0, 7))
				synctest.Wait()
				s.take()
				require.Equal(t, uint64(7), s.all[key(0)].Lamports)
			})
		})
	}
}

// Accounts that a server refuses go to other connections, as far as there may
// be more, and then to the rest.
func TestFeed_Limits(t *testing.T) {
	for _, c := range []struct {
		name                  string
		accounts, most        int
		connections           int
		wantOpen, wantRest    int
		perConnection, wanted int
	}{
		{
			name:          "several connections",
			accounts:      25,
			perConnection: 10,
			wantOpen:      3,
		},
		{
			name:     "the server has a limit",
			accounts: 25,
			most:     10,
			wantOpen: 3,
		},
		{
			name:        "too many accounts for all connections",
			accounts:    25,
			most:        10,
			connections: 2,
			wantOpen:    2,
			wantRest:    26 - 10 - 9,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, c.accounts, func(o *feed.Options, server *feedtest.Server) {
					server.Limit(c.most)
					o.Connections = c.connections
					o.PerConnection = c.perConnection
				})

				defer s.close()
				s.pass(5)
				require.Equal(t, c.wantOpen, s.server.Connections())
				require.Len(t, s.last.Rest, c.wantRest)
				covered := map[solana.PublicKey]bool{}
				for _, w := range s.last.Rest {
					covered[w.Address] = true
				}

				for _, n := range s.last.Connections {
					require.True(t, n.Live)
					require.NoError(t, n.Err)
					for _, w := range n.Accounts {
						require.True(t, w.Address == beat || !covered[w.Address], "twice")
						covered[w.Address] = true
					}
				}

				require.Len(t, covered, c.accounts+1)
			})
		})
	}
}

// A server that refuses every account leaves all of them to others.
func TestFeed_RefusesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 3, func(_ *feed.Options, server *feedtest.Server) { server.Limit(-1) })
		defer s.close()
		time.Sleep(time.Minute)
		s.take()
		require.Zero(t, s.server.Connections())
		require.Equal(t, 1, s.server.Opened(), "it is not asked again")
		require.Len(t, s.last.Rest, 4)
		require.ErrorContains(t, s.first().Err, "refuses all")
	})
}

// Where the server does not notify the beat, slots are the heartbeat and the
// beat is left to others.
func TestFeed_WithoutBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 3, nil)
		defer s.close()
		for range 12 {
			s.slot++
			s.server.Advance(s.slot)
			time.Sleep(slotTime)
		}

		s.take()
		require.True(t, s.first().Live)
		require.Equal(t, []feed.Want{{Address: beat, Size: 40}}, s.last.Rest)
		require.Len(t, s.first().Accounts, 3)

		// It stays with others after a reconnect.
		s.server.Drop()
		time.Sleep(time.Second)
		s.slot++
		s.server.Advance(s.slot)
		synctest.Wait()
		s.take()
		require.True(t, s.first().Live)
		require.Len(t, s.last.Rest, 1)
	})
}

// Where the server does not notify slots, the beat is the heartbeat.
func TestFeed_WithoutSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 3, func(_ *feed.Options, server *feedtest.Server) { server.RefuseSlots() })
		defer s.close()
		s.pass(100)
		require.True(t, s.first().Live)
		require.Zero(t, s.first().Tip)
		require.Zero(t, s.first().Drops)
		require.Equal(t, s.slot, s.first().Slot)
	})
}

// A server that accepts the connection and answers nothing is left after a
// while.
func TestFeed_Deaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 3, func(_ *feed.Options, server *feedtest.Server) { server.SetDeaf(true) })
		defer s.close()
		time.Sleep(20 * time.Second)
		s.take()
		require.False(t, s.first().Live)
		require.EqualValues(t, 1, s.first().Drops)
		require.Error(t, s.first().Err)
		require.NotContains(t, s.first().Err.Error(), "/key")
		require.NotContains(t, s.first().Err.Error(), "\n")
	})
}

// What waits to be taken is one state of each account, however many come.
func TestFeed_IsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 2, nil)
		defer s.close()
		s.pass(2)
		for i := range 20_000 {
			s.server.Change(s.slot, account(i%2, uint64(i)))
		}

		synctest.Wait()
		s.take()
		require.Len(t, s.last.Accounts, 2)
		require.Equal(t, uint64(19_998), s.all[key(0)].Lamports)
		require.Equal(t, uint64(19_999), s.all[key(1)].Lamports)
		require.Zero(t, s.first().Drops)
	})
}

// Between two attempts there is a pause that grows, so that a server that is
// down is not asked often.
func TestFeed_Backoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1, func(o *feed.Options, server *feedtest.Server) {
			o.BaseDelay, o.MaxDelay = 100*time.Millisecond, 10*time.Second
			server.SetDown(true)
		})

		defer s.close()
		time.Sleep(5 * time.Minute)
		s.take()
		// 30 pauses of 10 s with full jitter last 150 s on average.
		require.Greater(t, s.first().Drops, uint64(30))
		require.Less(t, s.first().Drops, uint64(150))
		require.ErrorContains(t, s.first().Err, "503")
		require.ErrorContains(t, s.first().Err, "ws://feed.invalid")
		require.NotContains(t, s.first().Err.Error(), "/key")
	})
}
