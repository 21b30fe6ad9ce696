package choose

import (
	"slices"
	"sync"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Layout describes the transaction of an offer as far as it does not depend on
// amounts.
type Layout struct {
	// Units is the compute unit limit of the steps.
	Units uint32
	// reads are the accounts that the offer was computed from, and writes the
	// accounts that the transaction may change.
	reads, writes []solana.PublicKey
	// err is the reason why the transaction cannot be built. With broken it
	// cannot be built for any accounts; otherwise it is too large for version
	// 0, and err1 is the reason why it cannot be built in version 1, if any.
	err, err1 error
	broken    bool
}

// refusal returns the reason why the transaction cannot be built in the
// versions that a request allows.
func (f *Layout) refusal(s *Search) error {
	if s.Version1 && !f.broken {
		return f.err1
	}
	return f.err
}

// writesAny returns the first of the given accounts, except known, that the
// transaction may change.
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

// layoutKey identifies a layout: transactions of offers with the same key
// differ only in amounts and in the addresses of the user's accounts.
type layoutKey struct {
	venue    uint16
	pick     uint16
	flags    uint16
	parts    uint8
	from, to state.Token
	// referrer and recipient are included because they may equal other accounts
	// of the transaction.
	referrer, recipient solana.PublicKey
	// source and destination are the named token accounts. Without them, the
	// transaction derives the accounts and creates the destination.
	source, destination solana.PublicKey
}

func keyOf(a *offer.Ask, o *offer.Offer) layoutKey {
	flags := uint16(a.SwapMode)
	for i, set := range [...]bool{
		a.AllowPoolUpdate, a.UseWSOL, a.Deactivate, a.MaxPrefund > 0, o.Whole, o.Follows,
		o.MinOutCheck == terms.CheckedByBalance, o.MinOutCheck == terms.CheckedByReceipt,
	} {
		if set {
			flags |= 2 << i
		}
	}

	return layoutKey{
		venue:     o.Venue,
		pick:      o.Pick,
		flags:     flags,
		parts:     o.Parts,
		from:      a.FromToken,
		to:        a.ToToken,
		referrer:  a.Referrer,
		recipient: a.Recipient,

		source:      a.SourceAccount,
		destination: a.DestinationAccount,
	}
}

// legsKey identifies the layout of two legs in one transaction.
type legsKey struct{ first, second layoutKey }

// layouts caches the layouts of a market. When it is full, it starts empty
// again, which costs time but changes no result.
type layouts struct {
	mu     sync.RWMutex
	single map[layoutKey]*Layout
	legs   map[legsKey]*Layout
	// most is the capacity of each map, by default maxLayouts.
	most int
}

// maxLayouts is the default capacity of layouts.
const maxLayouts = 8192

// cached returns the layout of a key, and computes it with measure on the first
// call.
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
