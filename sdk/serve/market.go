package serve

import (
	"math/big"
	"net/http"
	"time"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// marketJSON is the response of /v1/market.
type marketJSON struct {
	Slot         uint64        `json:"slot"`
	Epoch        uint64        `json:"epoch"`
	Spread       uint64        `json:"spread"`
	Age          *int64        `json:"ageMilliseconds"`
	BlockTime    string        `json:"blockTime"`
	SlotTime     string        `json:"slotTimeMilliseconds"`
	SlotIndex    uint64        `json:"slotIndex"`
	SlotsInEpoch uint64        `json:"slotsInEpoch"`
	Tokens       int           `json:"tokens"`
	Venues       []route.Venue `json:"venues"`
}

// getMarket answers /v1/market.
func getMarket(x *exchange) error {
	v, err := x.plainView()
	if err != nil {
		return err
	}

	clock, schedule := v.market.Clock(), v.market.EpochSchedule()
	index := uint64(0)
	if schedule.SlotsPerEpoch > 0 && clock.Slot >= schedule.FirstNormalSlot {
		index = (clock.Slot - schedule.FirstNormalSlot) % schedule.SlotsPerEpoch
	}

	slotTime := new(big.Rat).SetFrac64(v.market.SlotTime().Nanos, 1_000_000)

	return x.json(marketJSON{
		Slot:         v.market.Slot(),
		Epoch:        clock.Epoch,
		Spread:       v.market.Spread(),
		Age:          x.h.ageMilliseconds(),
		BlockTime:    time.Unix(clock.UnixTimestamp, 0).UTC().Format(time.RFC3339),
		SlotTime:     slotTime.FloatString(3),
		SlotIndex:    index,
		SlotsInEpoch: schedule.SlotsPerEpoch,
		Tokens:       len(v.directory.tokens),
		Venues:       terms.Venues(),
	})
}

// plainView returns the market for a request that has no parameters.
func (x *exchange) plainView() (*view, error) {
	if err := x.query.parse(x.r.URL.RawQuery); err != nil {
		return nil, err
	}

	r := reader{query: &x.query}
	if r.only(); r.err != nil {
		return nil, r.err
	}
	return x.h.view()
}

// priceJSON is a price in SOL.
type priceJSON struct {
	SOL      string `json:"sol"`
	Lamports uint64 `json:"lamports,string"`
	Tokens   uint64 `json:"tokens,string"`
}

// priceOf returns a price, or nil for that of an empty pool.
func priceOf(p quote.Price) *priceJSON {
	if p.Tokens == 0 {
		return nil
	}
	return &priceJSON{
		SOL:      p.String(),
		Lamports: p.Lamports,
		Tokens:   p.Tokens,
	}
}

// decimals are the digits of a fraction after the point.
const decimals = 9

// decimal returns a fraction for display, or nothing for nil.
func decimal(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return r.FloatString(decimals)
}

// percent returns a fraction in percent: 0.0762 is "7.62 %".
func percent(r *big.Rat) string {
	return new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(2) + " %"
}

// kindWords are the words of the kinds of tokens.
var kindWords = map[lst.Kind]string{
	0:                       "sol",
	lst.KindSPL:             "spl",
	lst.KindSanctumSPL:      "sanctumSpl",
	lst.KindSanctumSPLMulti: "sanctumSplMulti",
	lst.KindMarinade:        "marinade",
	lst.KindLido:            "lido",
	lst.KindReserve:         "reserve",
	lst.KindInfinity:        "infinity",
}

// tokenJSON is a token in /v1/tokens.
type tokenJSON struct {
	Mint          string     `json:"mint"`
	Symbol        string     `json:"symbol"`
	Name          string     `json:"name"`
	Decimals      uint8      `json:"decimals"`
	TokenProgram  string     `json:"tokenProgram"`
	Kind          string     `json:"kind"`
	Program       string     `json:"program,omitempty"`
	Pool          string     `json:"pool,omitempty"`
	ValidatorList string     `json:"validatorList,omitempty"`
	VoteAccount   string     `json:"voteAccount,omitempty"`
	Price         *priceJSON `json:"price,omitempty"`
	Floor         *priceJSON `json:"floorPrice,omitempty"`
	FloorErr      string     `json:"floorUnavailable,omitempty"`
	LastUpdate    *uint64    `json:"lastUpdateEpoch,omitempty"`
	Stale         *bool      `json:"stale,omitempty"`
	Growth        string     `json:"growth,omitempty"`
	APY           string     `json:"apy,omitempty"`
	YieldErr      string     `json:"apyUnavailable,omitempty"`
	Buy           *tradeJSON `json:"buy,omitempty"`
	Sell          *tradeJSON `json:"sell,omitempty"`
	Unavailable   string     `json:"unavailable,omitempty"`
}

// tradeJSON is the best direct trade of one token.
type tradeJSON struct {
	Venue route.Venue  `json:"venue"`
	In    uint64       `json:"in,string"`
	Out   uint64       `json:"out,string"`
	Fees  []tradeJSONF `json:"fees"`
}

type tradeJSONF struct {
	Name string `json:"name"`
	Rate string `json:"rate"`
}

// tokensJSON is the response of /v1/tokens.
type tokensJSON struct {
	Slot   uint64      `json:"slot"`
	Epoch  uint64      `json:"epoch"`
	Tokens []tokenJSON `json:"tokens"`
}

// listTokens answers /v1/tokens.
func listTokens(x *exchange) error {
	v, err := x.plainView()
	if err != nil {
		return err
	}

	return x.json(tokensJSON{
		Slot:   v.market.Slot(),
		Epoch:  v.market.Clock().Epoch,
		Tokens: v.tokens(),
	})
}

// describeAll describes all tokens.
func (v *view) describeAll() []tokenJSON {
	list := make([]tokenJSON, 0, len(v.directory.tokens)+1)
	list = append(list, v.describe(v.byMint[accounts.NativeMint]))
	for _, token := range v.directory.tokens {
		if l, ok := v.byMint[token.Mint]; ok && !isSOL(token.Mint) {
			list = append(list, v.describe(l))
		}
	}
	return list
}

// getToken answers /v1/tokens/{token}.
func getToken(x *exchange) error {
	v, err := x.plainView()
	if err != nil {
		return err
	}

	l, ok := v.find(x.parameter)
	if !ok {
		return refuse(http.StatusNotFound, "NOT_FOUND",
			"the market has no token of this mint or symbol")
	}
	return x.json(v.describe(l))
}

// describe returns what is known about a token.
func (v *view) describe(l *listing) tokenJSON {
	t := tokenJSON{
		Mint:          l.mint,
		Symbol:        l.Symbol,
		Name:          l.Name,
		Decimals:      l.Decimals,
		TokenProgram:  l.TokenProgram.String(),
		Kind:          kindWords[l.Kind],
		Program:       optional(l.Program),
		Pool:          optional(l.Pool),
		ValidatorList: optional(l.ValidatorList),
		VoteAccount:   optional(l.VoteAccount),
	}

	price, err := v.market.Price(l.Mint)
	if err != nil {
		t.Unavailable = err.Error()
		return t
	}

	t.Price = priceOf(price)
	if isSOL(l.Mint) {
		return t
	}

	if l.Kind.IsStakePool() {
		v.describeYield(l, &t)
	}

	if l.Kind == lst.KindInfinity {
		if pool, err := v.infinity(); err == nil {
			t.Growth, t.APY = decimal(pool.Growth), decimal(pool.APY)
		}
	}

	one := uint64(1)
	for range min(l.Decimals, 18) {
		one *= 10
	}

	t.Buy = v.trade(route.Request{
		From:   accounts.NativeMint,
		To:     l.Mint,
		Amount: lamportsPerSOL,
	})

	t.Sell = v.trade(route.Request{
		From:   l.Mint,
		To:     accounts.NativeMint,
		Amount: one,
	})
	return t
}

const lamportsPerSOL = 1_000_000_000

// describeYield adds what only stake pools have.
func (v *view) describeYield(l *listing, t *tokenJSON) {
	info, err := v.market.TokenInfo(l.Mint)
	if err != nil {
		t.Unavailable = err.Error()
		return
	}

	t.LastUpdate, t.Stale = &info.LastUpdateEpoch, &info.Stale
	t.Growth, t.APY = decimal(info.Growth), decimal(info.APY)
	t.Floor = priceOf(info.Floor)
	if info.FloorErr != nil {
		t.Floor, t.FloorErr = nil, info.FloorErr.Error()
	}

	if info.YieldErr != nil {
		t.YieldErr = info.YieldErr.Error()
	}
}

// trade returns the best direct trade of a request, or nil.
func (v *view) trade(req route.Request) *tradeJSON {
	req.OnlyDirectRoutes = true
	q, err := v.market.Quote(req)
	if err != nil {
		return nil
	}

	trade := &tradeJSON{
		Venue: q.Venue,
		In:    q.In,
		Out:   q.Out,
		Fees:  []tradeJSONF{},
	}

	for _, fee := range q.Fees {
		trade.Fees = append(trade.Fees, tradeJSONF{Name: fee.Name, Rate: fee.Rate})
	}
	return trade
}

// optional returns the text of a key, or nothing for the zero key.
func optional(key interface {
	IsZero() bool
	String() string
}) string {
	if key.IsZero() {
		return ""
	}
	return key.String()
}
