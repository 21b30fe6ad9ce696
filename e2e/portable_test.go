package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const (
	// portablesPerScene is the number of quotes that travel in a scene.
	portablesPerScene = 12
	// portableSlots and shortSlots are their slot tolerances.
	portableSlots = 400
	shortSlots    = 20
)

// TestPortable_Executes makes quotes in another process, reads them as JSON,
// and builds and executes them here. The amounts are those of a new quote of
// the same route, to the lamport. Between the two processes some trades change
// the prices, and some JSON is changed, cut, replayed, or of another market:
// that is refused with a reason.
func TestPortable_Executes(t *testing.T) {
	r := newPortableRun(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	cases := int(envUint(t, casesVariable, defaultCases))
	for i := uint64(0); r.executions() < cases; i++ {
		r.one(rand.New(rand.NewPCG(seed, i)), fmt.Sprintf("seed %d, case %d", seed, i))
	}

	r.anotherEpoch()
	t.Logf("%d executed, %d of them compared with a new quote, largest JSON %d bytes",
		r.executions(), r.compared, r.largest)
	for _, count := range []map[string]int{r.executed, r.kinds, r.refusals} {
		for _, name := range sortedNames(count) {
			t.Logf("%5d %s", count[name], name)
		}
	}

	require.NotZero(t, r.compared)
	require.Less(t, r.largest, 2_000)
}

// portableRun executes quotes of another process.
type portableRun struct {
	*updatedRun
	sender *sender
	// refusals counts the reasons of refusals, and compared the quotes that
	// equal a new one.
	refusals          map[string]int
	compared, largest int
	// sent are the quotes of the last scene, and foreign those of the one
	// before.
	sent, foreign []json.RawMessage
}

func newPortableRun(t *testing.T) *portableRun {
	return &portableRun{
		updatedRun: &updatedRun{legsRun: newLegsRun(t), executed: make(map[string]int)},
		sender:     startSender(t),
		refusals:   make(map[string]int),
	}
}

// executions returns the number of executed quotes.
func (r *portableRun) executions() (n int) {
	for _, count := range r.executed {
		n += count
	}
	return n
}

// one sends the quotes of one scene.
func (r *portableRun) one(rng *rand.Rand, name string) {
	t := r.t
	s := r.draw(rng)
	r.publish(s, solana.PublicKey{}, held, 0)
	client := r.client(s, r.endpoint)
	loader := route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address).
		WithStakeSources(route.MostStakeAccounts)
	load := func() *route.Market {
		market, err := client.LoadMarketWith(t.Context(), loader)
		require.NoError(t, err, name)
		return market
	}

	market := load()
	task := senderTask{
		Endpoint: r.endpoint,
		Tokens:   s.tokens,
		Builds:   r.buildsOf(),
		Stake:    s.stake.Address,
	}

	for range portablesPerScene {
		task.Requests = append(task.Requests, r.travelling(rng, s, market))
	}

	r.foreign, r.sent = r.sent, nil
	stake := s.stake
	for i, texts := range r.sender.quotes(task) {
		name := fmt.Sprintf("%s, quote %d", name, i)
		text, ok := r.pick(rng, texts)
		if !ok {
			continue
		}

		r.sent = append(r.sent, text)
		r.refuseChanged(rng, market, text, name)
		s.stake = stake
		r.publish(s, solana.PublicKey{}, held, 0)
		if rng.IntN(3) == 0 {
			r.move(rng, s, client, load(), name+", in between")
		}

		r.receive(s, client, load, text, name)
	}

	r.refuseForeign(load(), name)
	r.expire(client, name)
}

// move executes another trade. It does not sell the stake account to Marinade,
// which could then redeem mSOL for it.
func (r *portableRun) move(
	rng *rand.Rand, s *scene, client *sdk.Client, market *route.Market, name string,
) {
	q, ok := r.choose(rng, s, market)
	if !ok || q.Request.From == s.stake.Address {
		return
	}
	_, _ = r.carry(s, client, q, name)
}

// travelling returns a request of the sender.
func (r *portableRun) travelling(
	rng *rand.Rand, s *scene, market *route.Market,
) route.Request {
	request := r.request(rng, s)
	request.Recipient, request.Referrer = solana.PublicKey{}, solana.PublicKey{}
	request.MinGain, request.SlotTolerance = 1, portableSlots
	request.MaxPrefund = uint64(rng.IntN(2)) * 10 * sol
	switch rng.IntN(4) {
	case 0:
		request.Amount = beyond(rng, market, request)
	case 1:
		r.beyondInfinity(rng, s, &request)
	}

	if rng.IntN(6) == 0 {
		request.SlotTolerance = shortSlots
	}

	return request
}

// pick returns the JSON of a quote for one transaction. Routes with two legs
// come first.
func (r *portableRun) pick(rng *rand.Rand, texts []json.RawMessage) (json.RawMessage, bool) {
	var single, double []json.RawMessage
	for _, text := range texts {
		var p route.PortableQuote
		require.NoError(r.t, json.Unmarshal(text, &p), string(text))
		switch {
		case p.NeedsTwoTransactions || !p.Exact || p.MaxIn > held/2:
		case len(p.Legs) > 1:
			double = append(double, text)
		default:
			single = append(single, text)
		}
	}

	if len(double) > 0 && (len(single) == 0 || rng.IntN(3) > 0) {
		single = double
	}

	if len(single) == 0 {
		return nil, false
	}

	return single[rng.IntN(len(single))], true
}

// receive prices a quote again, compares it with a new one, and executes it.
func (r *portableRun) receive(
	s *scene, client *sdk.Client, load func() *route.Market, text json.RawMessage, name string,
) {
	t := r.t
	var p route.PortableQuote
	require.NoError(t, json.Unmarshal(text, &p), name)
	r.largest = max(r.largest, len(text))
	name += ": " + string(text)
	q, err := client.Requote(t.Context(), p)
	now := load()
	fresh, same := sameRoute(now, p)
	if errors.Is(err, route.ErrQuoteExpired) {
		r.refusals["too late on this machine"]++
		require.Greater(t, now.Slot(), p.ValidUntilSlot, name)
		return
	}

	if err != nil {
		r.refusals["after the prices moved: "+sentinelOf(t, err, name)]++
		requireMoved(t, p, fresh, same, err, name)
		return
	}

	if p.Request.SwapMode == route.ExactIn {
		require.Equal(t, p.MinOut, q.MinOut, name)
	}

	require.GreaterOrEqual(t, q.MinOut, p.MinOut, name)
	require.LessOrEqual(t, q.MaxIn, p.MaxIn, name)
	if same {
		r.compared++
		require.Equal(t, fresh.In, q.In, "%s: %s", name, fresh)
		require.Equal(t, fresh.Out, q.Out, "%s: %s", name, fresh)
	}

	if _, ok := r.carry(s, client, q, name); !ok {
		r.refusals["not built: too large, or the stake is sold"]++
		return
	}

	r.executed[string(q.Venue)]++
	r.kinds[fmt.Sprintf("%s, %s", p.Shape, p.Request.SwapMode)]++
	if len(p.StakeAccounts) > 1 {
		r.kinds["from several validators"]++
	}

	if p.Request.From == s.stake.Address && q.In == s.stake.Lamports {
		_, err := client.Requote(t.Context(), p)
		require.Error(t, err, name)
		r.refusals["replayed after the sale: "+sentinelOf(t, err, name)]++
	}

	if q.Out != p.Out || q.In != p.In {
		r.kinds["at another price than when it was sent"]++
	}
}

// sameRoute returns the new quote of the route of a portable quote, if the
// market offers it.
func sameRoute(m *route.Market, p route.PortableQuote) (route.Quote, bool) {
	r := &p.Request
	quotes, _ := m.Quotes(route.Request{
		From:   r.From,
		To:     r.To,
		Amount: r.Amount,
		Options: route.Options{
			SwapMode:        r.SwapMode,
			SlippageBps:     r.SlippageBps,
			AllowPoolUpdate: r.AllowPoolUpdate,
			UseWSOL:         r.UseWSOL,
			Deactivate:      r.Deactivate,
			MaxPrefund:      r.MaxPrefund,
			MinGain:         1,
		},
	})

	for _, q := range quotes {
		fresh := q.Portable()
		if fresh.Shape == p.Shape && fresh.Through == p.Through &&
			slices.EqualFunc(fresh.Legs, p.Legs, func(a, b route.PortableLeg) bool {
				return a.Venue == b.Venue && slices.Equal(a.Validators, b.Validators) &&
					(p.Shape != route.ShapeSplit || a.Amount == b.Amount)
			}) {
			return q, true
		}
	}

	return route.Quote{}, false
}

// sentinels are the reasons not to use a quote that travelled.
var sentinels = []error{
	route.ErrPortableQuote, route.ErrUnexpectedParty, route.ErrOtherEpoch, route.ErrQuoteExpired,
	route.ErrBelowMinOut, route.ErrAboveMaxIn, route.ErrRouteGone, route.ErrUnknownToken,
	lst.ErrUnknownLST,
}

// sentinelOf returns the text of the reason that an error wraps.
func sentinelOf(t testing.TB, err error, name string) string {
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			return sentinel.Error()
		}
	}
	require.NoError(t, err, name)
	return ""
}

// requireMoved checks that a refusal is right.
func requireMoved(
	t testing.TB, p route.PortableQuote, fresh route.Quote, same bool, err error, name string,
) {
	switch {
	case errors.Is(err, route.ErrBelowMinOut):
		require.False(t, same && fresh.MinOut >= p.MinOut, "%s: %v: %s", name, err, fresh)
	case errors.Is(err, route.ErrAboveMaxIn):
		require.False(t, same && fresh.In <= p.MaxIn, "%s: %v: %s", name, err, fresh)
	default:
		require.False(t, same, "%s: %v: %s", name, err, fresh)
	}
}

// refuseForeign prices the quotes of the scene before. Those of its own tokens
// are refused; others have limits that hold here, too.
func (r *portableRun) refuseForeign(market *route.Market, name string) {
	for _, text := range r.foreign {
		var p route.PortableQuote
		require.NoError(r.t, json.Unmarshal(text, &p), name)
		known := []solana.PublicKey{accounts.NativeMint, accounts.MSOLMint, accounts.StSOLMint,
			accounts.INFMint, route.NativeStake, {}}
		q, err := market.Requote(p)
		if err == nil && slices.Contains(known, p.Request.From) &&
			slices.Contains(known, p.Request.To) && slices.Contains(known, p.Through) {
			require.GreaterOrEqual(r.t, q.MinOut, p.MinOut, name)
			require.LessOrEqual(r.t, q.MaxIn, p.MaxIn, name)
			continue
		}

		require.Error(r.t, err, "%s: %s", name, text)
		r.refusals["of another market: "+sentinelOf(r.t, err, name)]++
	}
}

// expire replays quotes after their last slot.
func (r *portableRun) expire(client *sdk.Client, name string) {
	t := r.t
	for _, text := range r.sent {
		var p route.PortableQuote
		require.NoError(t, json.Unmarshal(text, &p), name)
		if p.ValidUntilSlot-p.Slot > shortSlots {
			continue
		}

		var now uint64
		r.must(&now, "getSlot", nil)
		if now <= p.ValidUntilSlot {
			r.must(nil, "localnet_warpToSlot", map[string]uint64{"slot": p.ValidUntilSlot + 1})
		}

		_, err := client.Requote(t.Context(), p)
		require.Error(t, err, name)
		if !errors.Is(err, lst.ErrUnknownLST) { // The stake account is gone already.
			require.ErrorIs(t, err, route.ErrQuoteExpired, name)
		}

		r.refusals["replayed: "+sentinelOf(t, err, name)]++
	}
}

// anotherEpoch replays the quotes of the last scene in the next epoch.
func (r *portableRun) anotherEpoch() {
	t := r.t
	if len(r.sent) == 0 {
		return
	}

	epoch := r.localnet.chain().Clock.Epoch
	r.must(nil, "localnet_warpToEpoch", map[string]uint64{"epoch": epoch + 1})
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarket(t.Context(), accounts.MSOLMint)
	require.NoError(t, err)
	for _, text := range r.sent {
		var p route.PortableQuote
		require.NoError(t, json.Unmarshal(text, &p))
		_, err := market.Requote(p)
		require.ErrorIs(t, err, route.ErrOtherEpoch)
		r.refusals["replayed: "+sentinelOf(t, err, "next epoch")]++
	}
}

// refuseChanged changes the JSON of a quote in each of many kinds, and checks
// that it is refused with a reason, or where a change is harmless, that the
// trade is the one that the JSON names.
func (r *portableRun) refuseChanged(
	rng *rand.Rand, market *route.Market, text json.RawMessage, name string,
) {
	t := r.t
	for _, kind := range sortedNames(textChanges) {
		changed := textChanges[kind](rng, string(text))
		var p route.PortableQuote
		err := json.Unmarshal([]byte(changed), &p)
		if err == nil {
			err = p.UnmarshalJSON([]byte(changed))
		}

		require.Error(t, err, "%s: %s: %s", name, kind, changed)
		r.refusals["changed, "+kind]++
	}

	for _, kind := range sortedNames(valueChanges) {
		var p route.PortableQuote
		require.NoError(t, json.Unmarshal(text, &p), name)
		valueChanges[kind](rng, &p)
		_, err := market.Requote(p)
		require.Error(t, err, "%s: %s: %s", name, kind, text)
		r.refusals["changed, "+kind+": "+sentinelOf(t, err, name)]++
	}

	at := rng.IntN(len(text))
	flipped := slices.Clone(text)
	flipped[at] ^= 1 << rng.IntN(8)
	var p route.PortableQuote
	if err := p.UnmarshalJSON(flipped); err != nil {
		r.refusals["changed, one bit: "+sentinelOf(t, err, name)]++
		return
	}

	if q, err := market.Requote(p); err != nil {
		r.refusals["changed, one bit: "+sentinelOf(t, err, name)]++
	} else {
		r.kinds["one bit changed nothing that counts"]++
		require.True(t, q.Request.Recipient.IsZero(), string(flipped))
		require.GreaterOrEqual(t, q.MinOut, p.MinOut, string(flipped))
		require.LessOrEqual(t, q.MaxIn, p.MaxIn, string(flipped))
	}
}

// textChanges change the text of a quote.
var textChanges = map[string]func(rng *rand.Rand, text string) string{
	"cut": func(rng *rand.Rand, text string) string {
		return text[:rng.IntN(len(text))]
	},
	"text behind it": func(_ *rand.Rand, text string) string { return text + "{}" },
	"another version": func(_ *rand.Rand, text string) string {
		return strings.Replace(text, `"version":1`, `"version":2`, 1)
	},
	"a field twice": func(_ *rand.Rand, text string) string {
		return strings.Replace(text, `"slot":`, `"slot":1,"slot":`, 1)
	},
	"another case": func(_ *rand.Rand, text string) string {
		return strings.Replace(text, `"maxIn"`, `"MaxIn"`, 1)
	},
	"an unknown field": func(_ *rand.Rand, text string) string {
		return strings.Replace(text, `{"version"`, `{"owner":"x","version"`, 1)
	},
	"a number as amount": func(_ *rand.Rand, text string) string {
		return strings.Replace(text, `"minOut":"`, `"minOut":1,"x":"`, 1)
	},
}

// valueChanges change a quote so that its JSON is valid.
var valueChanges = map[string]func(rng *rand.Rand, p *route.PortableQuote){
	"a recipient": func(rng *rand.Rand, p *route.PortableQuote) {
		p.Request.Recipient = newRecipientKey(rng)
	},
	"a fee": func(rng *rand.Rand, p *route.PortableQuote) {
		p.Request.IntegratorFee = route.IntegratorFee{
			BPS:     100,
			Account: figures.RandomKey(rng),
		}
	},
	"a referrer": func(rng *rand.Rand, p *route.PortableQuote) {
		p.Request.Referrer = figures.RandomKey(rng)
	},
	"the epoch": func(_ *rand.Rand, p *route.PortableQuote) { p.Epoch++ },
	"the last slot": func(_ *rand.Rand, p *route.PortableQuote) {
		p.Slot, p.ValidUntilSlot = 1, 1
	},
	"the validators": changeValidators,
	"the token": func(rng *rand.Rand, p *route.PortableQuote) {
		p.Request.From = figures.RandomKey(rng)
	},
	"the minimum": func(_ *rand.Rand, p *route.PortableQuote) { p.MinOut = p.Out + 1 },
	"the amount":  func(_ *rand.Rand, p *route.PortableQuote) { p.Request.Amount *= 2 },
	"an amount of a leg": func(rng *rand.Rand, p *route.PortableQuote) {
		p.Legs[rng.IntN(len(p.Legs))].Out += 1 + rng.Uint64N(1_000)
	},
	"a leg less": func(_ *rand.Rand, p *route.PortableQuote) { p.Legs = p.Legs[1:] },
}

// changeValidators names another validator. A route that moves no stake gets
// one that it cannot have.
func changeValidators(rng *rand.Rand, p *route.PortableQuote) {
	last := &p.Legs[len(p.Legs)-1]
	if len(last.Validators) == 0 {
		last.Venue = route.VenueStakeWithdrawalToReserve
	}
	last.Validators = []solana.PublicKey{figures.RandomKey(rng)}
}

// newRecipientKey returns the address of a wallet.
func newRecipientKey(rng *rand.Rand) (key solana.PublicKey) {
	for key = figures.RandomKey(rng); !solana.IsOnCurve(key[:]); {
		key = figures.RandomKey(rng)
	}
	return key
}
