package route_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// travelled returns a quote after it has travelled as JSON, with the parties of
// the sender.
func travelled(t testing.TB, q route.Quote) route.PortableQuote {
	t.Helper()
	text, err := json.Marshal(q)
	require.NoError(t, err)
	p := route.PortableQuote{Expected: q.Portable().Expected}
	require.NoError(t, json.Unmarshal(text, &p), string(text))
	return p
}

// TestMarket_RequoteReproduces checks that the market of a quote makes the same
// quote again, with the same instructions. Package internal/answers does the
// same with many random markets.
func TestMarket_RequoteReproduces(t *testing.T) {
	market, quotes := portableQuotes(t)
	for _, q := range quotes {
		again, err := market.Requote(travelled(t, q))
		require.NoError(t, err, q)
		want, err := plainText(withoutSearch(q))
		require.NoError(t, err)
		got, err := plainText(withoutSearch(again))
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, stepTexts(t, q), stepTexts(t, again))
	}
}

// withoutSearch returns a quote without the options that do not travel.
func withoutSearch(q route.Quote) route.Quote {
	forget := func(r *route.Request) {
		r.MinGain, r.SlotTolerance, r.OnlyDirectRoutes, r.MaxTransactions = 0, 0, false, 0
	}
	forget(&q.Request)
	q.Legs = slices.Clone(q.Legs)
	for i := range q.Legs {
		forget(&q.Legs[i].Request)
	}
	return q
}

// stepTexts returns the instructions of a quote as text.
func stepTexts(t testing.TB, q route.Quote) (all []string) {
	t.Helper()
	steps, err := q.Steps(route.BuildParams{
		Owner:      solana.PublicKey{1},
		Payer:      solana.PublicKey{2},
		NewAccount: solana.PublicKey{3},
		Seed:       "seed",
		PreBalance: new(uint64),
	})

	require.NoError(t, err)
	for _, s := range steps {
		data, err := s.Instruction.Data()
		require.NoError(t, err)
		all = append(all, s.Description, string(data))
		for _, meta := range s.Instruction.Accounts() {
			all = append(all, meta.PublicKey.String())
		}
	}

	return all
}

// TestMarket_RequoteAfterChanges prices quotes again while the market changes.
// The amounts are those of a new quote of the same route, the limits those of
// the quote that was sent, and a refusal is right.
func TestMarket_RequoteAfterChanges(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	kept, compared, refused := 0, 0, make(map[error]int)
	for n := range uint64(6) {
		m := newChangingMarket(t, seed+n)
		market := m.load(t)
		var sent []route.PortableQuote
		for _, r := range m.requests() {
			r.SlippageBps = uint16(m.rng.IntN(3) * 20)
			quotes, _ := market.Quotes(r)
			for _, q := range quotes {
				sent = append(sent, travelled(t, q))
			}
		}

		for range 8 {
			m.step()
			now, err := market.Updated(m.slot, m.touch(t)...)
			require.NoError(t, err)
			for _, p := range sent {
				q, err := now.Requote(p)
				fresh, ok := sameRoute(now, p)
				if err != nil {
					refused[refusalOf(t, err)]++
					requireBeyond(t, p, fresh, ok, err)
					continue
				}

				kept++
				requireKept(t, p, q)
				if ok {
					compared++
					require.Equal(t, fresh.In, q.In, "%s\n%s", q, fresh)
					require.Equal(t, fresh.Out, q.Out, "%s\n%s", q, fresh)
				}
			}

			market = now
		}
	}

	t.Logf("%d kept, %d of them compared, refused %v", kept, compared, refused)
	require.NotZero(t, kept)
	require.NotZero(t, compared)
	require.NotZero(t, refused[route.ErrBelowMinOut])
	require.NotZero(t, refused[route.ErrAboveMaxIn])
}

// sameRoute returns the new quote of a route, if the market offers it.
func sameRoute(m *route.Market, p route.PortableQuote) (route.Quote, bool) {
	quotes, _ := m.Quotes(route.Request{
		From:   p.Request.From,
		To:     p.Request.To,
		Amount: p.Request.Amount,
		Options: route.Options{
			SwapMode:        p.Request.SwapMode,
			SlippageBps:     p.Request.SlippageBps,
			AllowPoolUpdate: true,
			MinGain:         1,
			SlotTolerance:   p.ValidUntilSlot - m.Clock().Slot,
		},
	})

	for _, q := range quotes {
		fresh := q.Portable()
		same := fresh.Shape == p.Shape && fresh.Through == p.Through &&
			slices.EqualFunc(fresh.Legs, p.Legs, func(a, b route.PortableLeg) bool {
				return a.Venue == b.Venue && slices.Equal(a.Validators, b.Validators) &&
					(p.Shape != route.ShapeSplit || a.Amount == b.Amount)
			})
		if same {
			return q, true
		}
	}

	return route.Quote{}, false
}

// requireKept checks the limits of a quote that was priced again.
func requireKept(t *testing.T, p route.PortableQuote, q route.Quote) {
	t.Helper()
	require.GreaterOrEqual(t, q.Out, q.MinOut)
	require.LessOrEqual(t, q.In, q.MaxIn)
	if p.Request.SwapMode == route.ExactIn {
		require.Equal(t, p.MinOut, q.MinOut, q)
		require.Equal(t, p.MaxIn, q.MaxIn, q)
		return
	}

	require.GreaterOrEqual(t, q.MinOut, p.MinOut, q)
	require.LessOrEqual(t, q.MaxIn, p.MaxIn, q)
	if p.MaxIn > p.In && len(q.Legs) == 0 {
		require.Equal(t, p.MaxIn, q.MaxIn, "the program takes a maximum: %s", q)
	}
}

// refusalOf returns the sentinel of a refusal.
func refusalOf(t *testing.T, err error) error {
	t.Helper()
	for _, sentinel := range []error{route.ErrBelowMinOut, route.ErrAboveMaxIn,
		route.ErrRouteGone} {
		if errors.Is(err, sentinel) {
			return sentinel
		}
	}
	require.NoError(t, err)
	return nil
}

// requireBeyond checks that a new quote of the route would leave the limits.
func requireBeyond(t *testing.T, p route.PortableQuote, fresh route.Quote, ok bool, err error) {
	t.Helper()
	switch refusalOf(t, err) {
	case route.ErrBelowMinOut:
		if ok {
			require.Less(t, fresh.MinOut, p.MinOut, "%s: %v", fresh, err)
		}

	case route.ErrAboveMaxIn:
		if ok {
			require.Greater(t, fresh.In, p.MaxIn, "%s: %v", fresh, err)
		}

	default:
		require.False(t, ok, "%s: %v", fresh, err)
	}
}

// TestMarket_RequoteRefuses checks each reason not to use a portable quote.
func TestMarket_RequoteRefuses(t *testing.T) {
	w := newWorld(t)
	market := w.market(t, "JitoSOL", "bSOL")
	request := w.stake(t, "JitoSOL", 100*sol)
	request.SlippageBps, request.SlotTolerance = 50, 10
	q, err := market.Quote(request)
	require.NoError(t, err)
	good := travelled(t, q)
	for _, c := range []struct {
		name   string
		change func(p *route.PortableQuote)
		want   error
	}{
		{"a contradiction", func(p *route.PortableQuote) { p.MinOut = 0 }, route.ErrPortableQuote},
		{"a later epoch", func(p *route.PortableQuote) { p.Epoch++ }, route.ErrOtherEpoch},
		{"an earlier epoch", func(p *route.PortableQuote) { p.Epoch-- }, route.ErrOtherEpoch},
		{"expired", func(p *route.PortableQuote) {
			p.Slot, p.ValidUntilSlot = p.Slot-11, p.Slot-1
		}, route.ErrQuoteExpired},
		{"an unknown token", func(p *route.PortableQuote) {
			p.Request.To = solana.PublicKey{8}
		}, route.ErrUnknownToken},
		{"a venue of another pair", func(p *route.PortableQuote) {
			p.Legs[0].Venue = route.VenueMarinadeDeposit
		}, route.ErrRouteGone},
		{"a foreign controller", func(p *route.PortableQuote) {
			p.Legs[0].Venue = "controller x"
		}, route.ErrRouteGone},
		{"a higher minimum", func(p *route.PortableQuote) {
			p.MinOut, p.Out = p.Out+1, p.Out+1
			p.Legs[0].MinOut, p.Legs[0].Out = p.MinOut, p.Out
		}, route.ErrBelowMinOut},
		{"stake to merge", func(p *route.PortableQuote) {
			p.Request.MergeStake = []solana.PublicKey{{4}}
		}, route.ErrMergeStake},
	} {
		p := good
		p.Legs = slices.Clone(p.Legs)
		c.change(&p)
		_, err := market.Requote(p)
		require.ErrorIs(t, err, c.want, c.name)
		require.NotContains(t, err.Error(), "\n")
	}

	_, err = w.market(t, "bSOL").Requote(good)
	require.ErrorIs(t, err, route.ErrUnknownToken)
	_, err = (*route.Market)(nil).Requote(good)
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = new(route.Market).Requote(good)
	require.Error(t, err)
	_, err = market.Requote(route.PortableQuote{})
	require.ErrorIs(t, err, route.ErrPortableQuote)
}

// onCurve returns a key on the curve, like that of a wallet.
func onCurve(n byte) solana.PublicKey {
	key := ed25519.NewKeyFromSeed(append(make([]byte, 31), n))
	return solana.PublicKeyFromBytes(key.Public().(ed25519.PublicKey))
}

// TestMarket_RequoteParties checks that JSON does not decide who is paid.
func TestMarket_RequoteParties(t *testing.T) {
	w := newWorld(t)
	market := w.market(t, "JitoSOL")
	request := w.stake(t, "JitoSOL", 100*sol)
	alice, mallory := onCurve(1), onCurve(2)
	request.Recipient, request.Referrer = alice, solana.PublicKey{3}
	request.DestinationAccount = solana.PublicKey{4}
	request.IntegratorFee = route.IntegratorFee{
		BPS:     10,
		OnInput: true,
		Account: solana.PublicKey{5},
	}

	q, err := market.Quote(request)
	require.NoError(t, err)
	good := travelled(t, q)
	again, err := market.Requote(good)
	require.NoError(t, err)
	require.Equal(t, q.String(), again.String())
	require.Equal(t, alice, again.Request.Recipient)

	for name, change := range map[string]func(p *route.PortableQuote){
		"recipient": func(p *route.PortableQuote) { p.Request.Recipient = mallory },
		"referrer":  func(p *route.PortableQuote) { p.Request.Referrer = mallory },
		"destinationAccount": func(p *route.PortableQuote) {
			p.Request.DestinationAccount = mallory
		},
		"integratorFee": func(p *route.PortableQuote) {
			p.Request.IntegratorFee.Account = mallory
		},
		"recipient is none": func(p *route.PortableQuote) {
			p.Expected.Recipient, p.Expected.DestinationAccount = solana.PublicKey{}, mallory
			p.Request.Recipient, p.Request.DestinationAccount = alice, mallory
		},
		"recipient is": func(p *route.PortableQuote) { p.Expected = route.Parties{} },
	} {
		p := good
		change(&p)
		_, err := market.Requote(p)
		require.ErrorIs(t, err, route.ErrUnexpectedParty, name)
	}
}

// TestMarket_RequoteUser checks that the receiver's own wallet counts: a
// manager who deposits gets his fee.
func TestMarket_RequoteUser(t *testing.T) {
	w := newStakeWorld(t)
	manage(t, w)
	market := w.market(t)
	request := venueTrade{poolDeposits, "SOL", target}.request(t, w, 100*sol, route.ExactIn)
	request.User, request.OnlyDirectRoutes = params.Owner, true
	q, err := of(t, market, poolDeposits, request)
	require.NoError(t, err)
	p := travelled(t, q)
	again, err := market.Requote(p)
	require.NoError(t, err)
	require.Equal(t, q.Out, again.Out)

	p.Expected.User = solana.PublicKey{}
	other, err := market.Requote(p)
	require.NoError(t, err)
	require.Less(t, other.Out, q.Out)
	require.Equal(t, q.MinOut, other.MinOut)
}

// TestMarket_RequoteValidator checks that stake comes from the validator of the
// quote, also if a new quote would take another one.
func TestMarket_RequoteValidator(t *testing.T) {
	market, quotes := portableQuotes(t)
	moved := make(map[route.Shape]int)
	for _, q := range quotes {
		if q.Request.To != route.NativeStake || len(q.StakeAccounts) > 1 {
			continue
		}

		p := travelled(t, q)
		last := &p.Legs[len(p.Legs)-1]
		for _, vote := range votesOf(quotes) {
			last.Validators, p.StakeAccounts[0].Vote = []solana.PublicKey{vote}, vote
			again, err := market.Requote(p)
			if err != nil {
				require.ErrorIs(t, err, route.ErrRouteGone)
				continue
			}

			require.Equal(t, vote, again.StakeAccounts[0].Vote)
			require.Equal(t, q.Out, again.Out)
			if vote != q.StakeAccounts[0].Vote {
				moved[p.Shape]++
			}
		}
	}

	t.Log(moved)
	require.NotZero(t, moved[route.ShapeDirect])
}

// votesOf returns the validators that quotes take stake from, and one more.
func votesOf(quotes []route.Quote) []solana.PublicKey {
	votes := []solana.PublicKey{{0xaa}}
	for _, q := range quotes {
		for _, leg := range q.Portable().Legs {
			for _, vote := range leg.Validators {
				if !slices.Contains(votes, vote) {
					votes = append(votes, vote)
				}
			}
		}
	}

	return votes
}

// TestMarket_RequoteINF checks the price of INF, which rises with each slot: a
// buyer gets what the last slot of the quote gives.
func TestMarket_RequoteINF(t *testing.T) {
	m := newChangingMarket(t, 5)
	market := m.load(t)
	request := route.Request{
		From:    accounts.NativeMint,
		To:      accounts.INFMint,
		Amount:  50 * sol,
		Options: route.Options{SlotTolerance: 20, OnlyDirectRoutes: true},
	}

	q, err := market.Quote(request)
	require.NoError(t, err)
	require.Equal(t, market.Clock().Slot+20, q.ValidUntilSlot)
	p := travelled(t, q)
	for range 20 {
		m.Chain.Clock.Slot++
		m.slot = m.Chain.Clock.Slot
		market, err = market.Updated(m.slot, m.touch(t)...)
		require.NoError(t, err)
		again, err := market.Requote(p)
		require.NoError(t, err)
		require.Equal(t, q.ExactAtSlot, again.ExactAtSlot)
		require.Equal(t, q.ValidUntilSlot, again.ValidUntilSlot)
		require.Equal(t, q.MinOut, again.MinOut)
		require.Equal(t, q.Out, again.Out)
	}

	m.Chain.Clock.Slot++
	market, err = market.Updated(m.slot+1, m.touch(t)...)
	require.NoError(t, err)
	_, err = market.Requote(p)
	require.ErrorIs(t, err, route.ErrQuoteExpired)
}
