package choose

import (
	"slices"
	"sync"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Layout is what the transaction of an offer looks like, whatever its amounts.
type Layout struct {
	// Units is how many compute units the steps need.
	Units uint32
	// reads are the accounts that the offer was made from, and writes those
	// that may change.
	reads, writes []solana.PublicKey
	// err says why it does not fit in a transaction, or why there are no steps
	// for anybody if broken is set.
	err    error
	broken bool
}

// writesAny reports whether the form writes one of the accounts another was
// made from, apart from one that it knows the state of.
func (f *Layout) writesAny(
	reads []solana.PublicKey,
	known solana.PublicKey,
) (written solana.PublicKey, ok bool) {
	for _, key := range reads {
		if key != known && slices.Contains(f.writes, key) {
			return key, true
		}
	}
	return written, false
}

// layoutKey tells layouts apart: two offers with the same key have transactions
// that differ in amounts and in the keys of people only.
type layoutKey struct {
	venue    uint16
	pick     uint16
	flags    uint16
	from, to state.Token
	// referrer and recipient are keys of the form, as they may be equal to
	// others in it.
	referrer, recipient solana.PublicKey
}

func keyOf(a *offer.Ask, o *offer.Offer) layoutKey {
	flags := uint16(a.SwapMode)
	for i, set := range [...]bool{
		a.AllowPoolUpdate, a.UseWSOL, a.Deactivate, a.MaxPrefund > 0, o.Whole, o.Follows,
		o.MinOutCheck == terms.CheckedByBalance,
	} {
		if set {
			flags |= 2 << i
		}
	}

	return layoutKey{
		venue:     o.Venue,
		pick:      o.Pick,
		flags:     flags,
		from:      a.FromToken,
		to:        a.ToToken,
		referrer:  a.Referrer,
		recipient: a.Recipient,
	}
}

// legsKey tells apart the layouts of two legs in one transaction.
type legsKey struct{ first, second layoutKey }

// layouts remembers the layouts of a market. It is bounded: when it is full, it
// begins anew, which takes time and changes no answer.
type layouts struct {
	mu     sync.RWMutex
	single map[layoutKey]*Layout
	legs   map[legsKey]*Layout
	// most is how many there may be of each, by default maxLayouts.
	most int
}

// maxLayouts bounds how many layouts a market remembers.
const maxLayouts = 8192

// cached returns the form of a key, which measure finds if it is not known.
func cached[K comparable](f *layouts, known *map[K]*Layout, key K, measure func() *Layout) *Layout {
	f.mu.RLock()
	found := (*known)[key]
	f.mu.RUnlock()
	if found != nil {
		return found
	}

	measured := measure()
	f.mu.Lock()
	defer f.mu.Unlock()
	if *known == nil || len(*known) >= f.most {
		*known = map[K]*Layout{}
	}

	(*known)[key] = measured

	return measured
}
