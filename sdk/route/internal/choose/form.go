package choose

import (
	"slices"
	"sync"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Form is what the transaction of an offer looks like, whatever its amounts.
type Form struct {
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
func (f *Form) writesAny(
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

// formKey tells forms apart: two offers with the same key have transactions
// that differ in amounts and in the keys of people only.
type formKey struct {
	venue    uint16
	pick     uint16
	flags    uint16
	from, to state.Token
	// referrer and recipient are keys of the form, as they may be equal to
	// others in it.
	referrer, recipient solana.PublicKey
}

func keyOf(a *offer.Ask, o *offer.Offer) formKey {
	flags := uint16(a.SwapMode)
	for i, set := range [...]bool{
		a.AllowPoolUpdate, a.UseWSOL, a.Deactivate, a.MaxPrefund > 0, o.Whole, o.Follows,
		o.MinOutCheck == terms.CheckedByBalance,
	} {
		if set {
			flags |= 2 << i
		}
	}

	return formKey{
		venue:     o.Venue,
		pick:      o.Pick,
		flags:     flags,
		from:      a.FromToken,
		to:        a.ToToken,
		referrer:  a.Referrer,
		recipient: a.Recipient,
	}
}

// legsKey tells apart the forms of two legs in one transaction.
type legsKey struct{ first, second formKey }

// forms remembers the forms of a market. It is bounded: when it is full, it
// begins anew, which takes time and changes no answer.
type forms struct {
	mu     sync.RWMutex
	single map[formKey]*Form
	legs   map[legsKey]*Form
	// most is how many there may be of each, by default mostForms.
	most int
}

// mostForms bounds how many forms a market remembers.
const mostForms = 8192

// remembered returns the form of a key, which measure finds if it is not known.
func remembered[K comparable](f *forms, known *map[K]*Form, key K, measure func() *Form) *Form {
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
		*known = map[K]*Form{}
	}

	(*known)[key] = measured

	return measured
}
