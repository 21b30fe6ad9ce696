package state

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// BenchmarkLoad measures each step of a load without the network.
func BenchmarkLoad(b *testing.B) {
	for _, size := range []int{10, 100, 1000} {
		for _, stake := range []bool{false, true} {
			w := newWorld(b, 1, worldOptions{pools: size, withoutStake: !stake})
			l := NewLedger(w.scope)
			first := w.state()
			w.fetch(first.Accounts, l.First().Accounts)
			_, both := w.load(b, l)

			name := fmt.Sprintf("%d", size)
			if stake {
				name += "/stake"
			}

			b.Run(name+"/loader", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					NewLedger(w.scope)
				}
			})

			b.Run(name+"/first", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					l.First()
				}
			})

			b.Run(name+"/second", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := l.Second(first); err != nil {
						b.Fatal(err)
					}
				}
			})

			b.Run(name+"/market", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := l.Load(both); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkUpdate measures the time from a changed account to the next snapshot
// in a market of 1,000 tokens.
func BenchmarkUpdate(b *testing.B) {
	w := newWorld(b, 1, worldOptions{pools: 1000, withoutStake: true})
	l := NewLedger(w.scope)
	s, _ := w.load(b, l)
	controller := l.controllers[0]
	pool := l.tokens[len(l.tokens)/2].lst.Pool
	reserves := l.addresses[controller.reserves[len(controller.reserves)/2].index]
	for _, c := range []struct {
		name    string
		account accounts.Account
		change  func(*accounts.Account)
	}{
		{"pool", w.accounts[pool], func(a *accounts.Account) { a.Data[258]++ }},
		{"reserves", w.accounts[reserves], func(a *accounts.Account) { a.Data[64]++ }},
		{"list", w.accounts[controller.controller.LSTStateList],
			func(a *accounts.Account) { a.Data[500*80+8]++ }},
		{"clock", w.accounts[accounts.ClockSysvar], func(a *accounts.Account) { a.Data[0]++ }},
	} {
		b.Run(c.name, func(b *testing.B) {
			var versions [2]accounts.Account
			for i := range versions {
				versions[i] = c.account
				versions[i].Data = append([]byte(nil), c.account.Data...)
			}

			c.change(&versions[1])
			now, n := s, 0
			b.ReportAllocs()
			for b.Loop() {
				n++
				var err error
				now, err = now.Updated(s.slot, versions[n%2])
				require.NoError(b, err)
			}
		})
	}
}
