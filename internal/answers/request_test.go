package answers_test

import (
	"crypto/ed25519"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// wallet returns a key on the curve, like that of a wallet.
func wallet(n byte) solana.PublicKey {
	key := ed25519.NewKeyFromSeed(append(make([]byte, 31), n))
	return solana.PublicKeyFromBytes(key.Public().(ed25519.PublicKey))
}

// draws draws the requests to one market, from its own seed.
type draws struct {
	*world
	rng *rand.Rand
	// keys are the keys that can be From or To.
	keys []solana.PublicKey
	// seen are amounts of earlier answers, by pair of tokens.
	seen map[[2]solana.PublicKey][]uint64
}

func (w *world) draws(seed uint64) *draws {
	d := &draws{
		world: w,
		rng:   rand.New(rand.NewPCG(seed, 1)),
		seen:  make(map[[2]solana.PublicKey][]uint64),
	}

	d.keys = []solana.PublicKey{accounts.NativeMint, route.NativeStake}
	for _, t := range w.tokens {
		d.keys = append(d.keys, t.Mint)
	}

	d.keys = append(d.keys, w.stakes...)
	return d
}

// pairs returns all pairs of keys in random order. If odd is true, it adds
// pairs that make no sense.
func (d *draws) pairs(odd bool) (pairs [][2]solana.PublicKey) {
	for _, from := range d.keys {
		for _, to := range d.keys {
			if from != to && from != route.NativeStake && !slices.Contains(d.stakes, to) {
				pairs = append(pairs, [2]solana.PublicKey{from, to})
			}
		}
	}

	for _, stake := range d.stakes {
		pairs = append(pairs, [2]solana.PublicKey{stake, accounts.NativeMint})
	}

	if stake := route.NativeStake; odd {
		pairs = append(
			pairs,
			[2]solana.PublicKey{{3}, accounts.NativeMint},
			[2]solana.PublicKey{accounts.NativeMint, {3}},
			[2]solana.PublicKey{stake, accounts.NativeMint},
			[2]solana.PublicKey{stake, stake},
		)
	}

	d.rng.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	return pairs
}

// request draws a request for a pair.
func (d *draws) request(pair [2]solana.PublicKey) route.Request {
	rng := d.rng
	if one(rng, 4) {
		return d.usual(pair)
	}

	r := route.Request{
		From:   pair[0],
		To:     pair[1],
		Amount: d.amount(pair),
		Options: route.Options{
			SwapMode:         route.SwapMode(rng.IntN(2)),
			OnlyDirectRoutes: !one(rng, 6),
		},
	}
	if !one(rng, 3) {
		r.SlippageBps = pick(rng, []uint16{1, 30, 100, 9_999, 10_000, uint16(rng.IntN(10_001))})
	}

	r.AllowPoolUpdate = one(rng, 3)
	r.UseWSOL = one(rng, 6)
	r.Deactivate = one(rng, 6)
	if one(rng, 4) {
		r.SlotTolerance = pick(
			rng,
			[]uint64{1, 10, 240, 5_000, math.MaxUint64 - 1_000_000, rng.Uint64N(1_000_000)},
		)
	}

	if one(rng, 2) {
		r.MaxPrefund = pick(rng, []uint64{1, 1_000_000, sol, 1 << 60})
	}

	if one(rng, 4) {
		r.MinGain = pick(rng, []uint64{1, 1, 5_000, sol})
	}

	if one(rng, 3) {
		r.MaxTransactions = uint8(rng.IntN(4))
	}

	if one(rng, 4) {
		r.ComputeUnitPrice = pick(rng, []uint64{1, 1_000, 1_000_000, 5_000_000_000, math.MaxUint64})
	}

	if one(rng, 6) {
		r.Referrer = solana.PublicKey{66}
	}

	if one(rng, 6) {
		r.Recipient = d.recipient(pair)
	}

	if one(rng, 60) {
		// With two faults, the result shows the order of the checks.
		for range 1 + rng.IntN(3) {
			d.spoil(&r)
		}
	}

	return r
}

// usual draws a common request: the best route for an ordinary amount.
func (d *draws) usual(pair [2]solana.PublicKey) route.Request {
	amount := figures.RandomAmount(d.rng, 5_000*sol)
	if balance, ok := d.accounts[pair[0]]; ok && slices.Contains(d.stakes, pair[0]) &&
		!one(d.rng, 3) {
		amount = balance.Lamports
	}

	return route.Request{
		From:   pair[0],
		To:     pair[1],
		Amount: max(amount, sol/1000),
		Options: route.Options{
			SwapMode:         route.SwapMode(d.rng.IntN(2)),
			SlippageBps:      30,
			MaxPrefund:       1 << 60,
			MinGain:          uint64(d.rng.IntN(2)),
			MaxTransactions:  uint8(1 + d.rng.IntN(2)),
			AllowPoolUpdate:  one(d.rng, 2),
			ComputeUnitPrice: uint64(d.rng.IntN(2)) * 1_000_000,
		},
	}
}

// recipient draws a recipient. Most are wallets.
func (d *draws) recipient(pair [2]solana.PublicKey) solana.PublicKey {
	switch d.rng.IntN(12) {
	case 0:
		return pair[1]
	case 1:
		return d.tokens[0].Pool
	case 2:
		return d.StakePools[0].State.Manager
	case 3:
		return solana.PublicKey{2, 2}
	}

	return wallet(7)
}

// spoil makes a request invalid.
func (d *draws) spoil(r *route.Request) {
	switch d.rng.IntN(4) {
	case 0:
		r.Amount = 0
	case 1:
		r.SlippageBps = 10_001 + uint16(d.rng.IntN(1_000))
	case 2:
		r.SwapMode = 2 + route.SwapMode(d.rng.IntN(3))
	case 3:
		r.From = r.To
	}
}

// amount draws an amount: an edge case, a typical amount, or any.
func (d *draws) amount(pair [2]solana.PublicKey) uint64 {
	rng := d.rng
	near := func(amount uint64) uint64 { return max(1, amount+rng.Uint64N(3)-1) }
	switch rng.IntN(12) {
	case 0:
		return 1 + rng.Uint64N(3)
	case 1:
		return near(1 << rng.IntN(64))
	case 2:
		return math.MaxUint64 - rng.Uint64N(2)
	case 3, 4:
		return near(pick(rng, d.facts))
	case 5, 6:
		if balance, ok := d.accounts[pair[0]]; ok && slices.Contains(d.stakes, pair[0]) {
			return near(balance.Lamports)
		}

		if seen := d.seen[pair]; len(seen) > 0 {
			return near(pick(rng, seen))
		}

	case 7:
		return figures.RandomAmount(rng, math.MaxUint64)
	case 8:
		return figures.RandomAmount(rng, 100_000*sol)
	}

	return pick(
		rng,
		[]uint64{
			sol / 1000,
			sol / 10,
			sol,
			7*sol + 333_333_333,
			100 * sol,
			500*sol + figures.StoredRent,
			3_000 * sol,
		},
	)
}

// learn keeps the amounts of an answer, so that later requests use them and
// amounts close to them.
func (d *draws) learn(r route.Request, quotes []route.Quote) {
	pair := [2]solana.PublicKey{r.From, r.To}
	for _, q := range quotes[:min(len(quotes), 3)] {
		seen := append(d.seen[pair], q.In, q.Out, q.MinOut, q.MaxIn)
		d.seen[pair] = seen[max(0, len(seen)-32):]
	}
}

// plainFields returns the fields of a struct. Embedded structs are replaced by
// their fields.
func plainFields(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
		return f.Anonymous
	})
}

// spell formats a request as a Go literal without zero fields, as if the
// options were not embedded.
func spell(r route.Request) string {
	var s strings.Builder
	v := reflect.ValueOf(r)
	for _, field := range plainFields(v.Type()) {
		f := v.FieldByIndex(field.Index)
		switch {
		case f.IsZero():
		case f.CanUint():
			fmt.Fprintf(&s, "%s: %d, ", field.Name, f.Uint())
		default:
			fmt.Fprintf(&s, "%s: %v, ", field.Name, f.Interface())
		}
	}

	return "route.Request{" + strings.TrimSuffix(s.String(), ", ") + "}"
}
