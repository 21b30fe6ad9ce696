package serve

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// Markets returns the market that the server quotes from. It is called for
// every request, by many goroutines. Example: the watcher of package sdk.
type Markets interface {
	// Market returns the current market, or an error if there is none that may
	// be traded on, for example because it is too old.
	Market() (*route.Market, error)
}

// Aged is implemented by Markets that know how old their market is. The age is
// part of /healthz, /v1/market and the metrics.
type Aged interface {
	// Age returns the time since the market was last known to be current.
	Age() time.Duration
}

// Fixed returns Markets with one market that never changes. It serves tests and
// demonstrations.
func Fixed(market *route.Market) Markets { return fixedMarket{market} }

type fixedMarket struct{ market *route.Market }

// Market returns the market.
func (f fixedMarket) Market() (*route.Market, error) {
	if f.market == nil {
		return nil, errNoMarket
	}
	return f.market, nil
}

// view is a market with what requests look up in it.
type view struct {
	market *route.Market
	*directory
	// checked is when the directory was compared with the tokens of a market.
	checked time.Time

	// tokens describes all tokens, once for each market.
	tokens func() []tokenJSON
}

// directoryAge is the time for which the directory of a market serves those
// that replace it. A live market is replaced a thousand times a second, and its
// tokens hardly ever change.
const directoryAge = time.Second

// directory has the tokens of a market by mint and by symbol. Markets of the
// same tokens share it.
type directory struct {
	tokens   []lst.LST
	byMint   map[solana.PublicKey]*listing
	bySymbol map[string]*listing
}

// listing is a token with the texts that responses contain.
type listing struct {
	lst.LST
	mint string
	pool string
}

var sol = lst.LST{
	Symbol:       "SOL",
	Name:         "Solana",
	Mint:         accounts.NativeMint,
	Decimals:     9,
	TokenProgram: accounts.TokenProgram,
}

// nativeStake stands for stake accounts as the output of a trade.
var nativeStake = &listing{
	LST: lst.LST{
		Symbol:   "stake",
		Name:     "stake account",
		Mint:     route.NativeStake,
		Decimals: 9,
	},
	mint: route.NativeStake.String(),
	pool: route.NativeStake.String(),
}

func newDirectory(tokens []lst.LST) *directory {
	d := &directory{
		tokens:   tokens,
		byMint:   make(map[solana.PublicKey]*listing, len(tokens)+1),
		bySymbol: make(map[string]*listing, len(tokens)+1),
	}

	for _, token := range append([]lst.LST{sol}, tokens...) {
		if _, known := d.byMint[token.Mint]; known {
			continue
		}

		l := &listing{
			LST:  token,
			mint: token.Mint.String(),
			pool: poolOf(token).String(),
		}

		d.byMint[token.Mint] = l

		symbol := strings.ToLower(token.Symbol)
		if _, taken := d.bySymbol[symbol]; taken {
			l = nil // An ambiguous symbol names neither token.
		}

		d.bySymbol[symbol] = l
	}
	return d
}

// poolOf returns the account that names the pool of a token in route plans.
func poolOf(token lst.LST) solana.PublicKey {
	switch {
	case !token.Pool.IsZero():
		return token.Pool
	case !token.Program.IsZero():
		return token.Program
	}
	return token.Mint
}

// find returns the token of a mint or a symbol.
func (d *directory) find(text string) (*listing, bool) {
	if mint, err := address(text); err == nil {
		l, ok := d.byMint[mint]
		return l, ok
	}
	l := d.bySymbol[strings.ToLower(text)]
	return l, l != nil
}

// view returns the current market with its directory.
func (h *Handler) view() (*view, error) {
	market, err := h.config.Markets.Market()
	if err != nil {
		return nil, marketError(err)
	}
	if market == nil {
		return nil, marketError(errNoMarket)
	}

	last := h.last.Load()
	if last != nil && last.market == market {
		return last, nil
	}

	next := &view{market: market, checked: h.now()}
	next.tokens = sync.OnceValue(next.describeAll)
	if last != nil && next.checked.Sub(last.checked) < directoryAge {
		next.directory, next.checked = last.directory, last.checked
	} else {
		next.directory = directoryOf(market, last)
	}

	// If another request stores a newer market meanwhile, the next request
	// makes this view again, which costs time only.
	h.last.Store(next)
	return next, nil
}

// directoryOf returns the directory of a market: that of the last view if the
// tokens are the same.
func directoryOf(market *route.Market, last *view) *directory {
	tokens := market.Tokens()
	if last != nil && slices.Equal(tokens, last.directory.tokens) {
		return last.directory
	}
	return newDirectory(tokens)
}

// age returns the age of the market, if it is known.
func (h *Handler) age() (age time.Duration, known bool) {
	aged, ok := h.config.Markets.(Aged)
	if !ok {
		return 0, false
	}
	return max(aged.Age(), 0), true
}

func isSOL(mint solana.PublicKey) bool { return mint == accounts.NativeMint }

func infinityProgram() solana.PublicKey { return accounts.InfinityProgram }

func reservePool() solana.PublicKey { return accounts.ReservePoolAddress }
