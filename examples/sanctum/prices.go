package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// prices shows the prices and yields of all LSTs.
func prices(ctx context.Context, args []string, c *console) error {
	var f flags
	set := flagSet("prices")
	f.registerNode(set)
	asCSV := set.Bool("csv", false, "print comma-separated values")
	picture := set.String("svg", "", "`file` to draw the yields to")
	if done, err := c.parse(set, args); done {
		return err
	}

	if f.JSON && *asCSV {
		return errors.New("-json and -csv exclude each other")
	}

	s, err := start(f, c)
	if err != nil {
		return err
	}

	step := s.begin(fmt.Sprintf("Loading %d LSTs", s.Registry.Len()))
	defer step.end()
	market, err := s.Client.LoadMarketTokens(ctx, s.Registry.All()...)
	if err != nil {
		return err
	}

	step.end()

	list := newPriceList(market, s.Registry)
	if *picture != "" {
		if err := writeFile(*picture, func(w io.Writer) error {
			return drawPrices(w, list)
		}); err != nil {
			return err
		}
	}

	switch {
	case f.JSON:
		return s.printJSON(list)
	case *asCSV:
		return list.writeCSV(s.out)
	case *picture != "":
		return nil
	}

	if err := s.banner(); err != nil {
		return err
	}

	s.showPrices(list)

	return nil
}

// priceList has the prices of all LSTs of a market. A price is SOL per token;
// APY and growth are fractions: 0.07 is 7 %. All are decimals as text.
type priceList struct {
	Slot     uint64     `json:"slot"`
	Epoch    uint64     `json:"epoch"`
	SlotTime string     `json:"slot_time,omitempty"`
	LSTs     []lstPrice `json:"lsts"`
	// Missing lists the LSTs of the registry that the market does not have.
	Missing []string `json:"missing,omitempty"`
}

// lstPrice is the price of one LST. Floor is the amount that its own pool pays,
// as stake. Unknown fields are omitted, and Note has the reason.
type lstPrice struct {
	Symbol string `json:"symbol"`
	Mint   string `json:"mint"`
	Price  string `json:"price"`
	Floor  string `json:"floor,omitempty"`
	Growth string `json:"growth,omitempty"`
	APY    string `json:"apy,omitempty"`
	Stale  bool   `json:"stale,omitempty"`
	Note   string `json:"note,omitempty"`

	price, floor, apy *big.Rat
}

// newPriceList reads all prices from a market, highest yield first.
func newPriceList(market *route.Market, registry *lst.Registry) *priceList {
	list := &priceList{
		Slot:  market.Slot(),
		Epoch: market.Clock().Epoch,
		LSTs:  []lstPrice{},
	}

	if slot := market.SlotTime(); slot.Measured() {
		list.SlotTime = slot.String()
	}

	known := make(map[solana.PublicKey]bool)
	for _, info := range market.TokenInfos() {
		known[info.Token.Mint] = true
		list.LSTs = append(list.LSTs, newLSTPrice(info))
	}

	for _, token := range registry.All() {
		if token.Mint != accounts.NativeMint && !known[token.Mint] {
			list.Missing = append(list.Missing, token.Symbol)
		}
	}

	slices.SortStableFunc(list.LSTs, func(a, b lstPrice) int {
		switch {
		case a.apy == nil && b.apy == nil:
			return 0
		case a.apy == nil:
			return 1
		case b.apy == nil:
			return -1
		}

		return b.apy.Cmp(a.apy)
	})

	return list
}

// newLSTPrice returns the price of an LST.
func newLSTPrice(info route.TokenInfo) lstPrice {
	p := lstPrice{
		Symbol: info.Token.Symbol,
		Mint:   info.Token.Mint.String(),
	}
	p.setInfo(info)
	return p
}

func (p *lstPrice) setInfo(info route.TokenInfo) {
	p.setPrice(info.Price.Rat())
	p.Stale = info.Stale
	if info.FloorErr == nil {
		p.floor = info.Floor.Rat()
		p.Floor = p.floor.FloatString(9)
	}

	switch kind := info.Token.Kind; {
	case info.Stale:
		p.Note = fmt.Sprintf("not updated since epoch %d", info.LastUpdateEpoch)
	case !kind.IsStakePool() && kind != lst.KindInfinity:
		p.Note = "by the values of Infinity"
	case info.YieldErr != nil:
		p.Note = info.YieldErr.Error()
	default:
		p.setYield(info.Growth, info.APY)
	}
}

func (p *lstPrice) setPrice(r *big.Rat) {
	p.price = r
	p.Price = r.FloatString(9)
}

func (p *lstPrice) setYield(growth, yield *big.Rat) {
	if growth != nil {
		p.Growth = growth.FloatString(9)
	}
	if yield != nil {
		p.apy = yield
		p.APY = yield.FloatString(6)
	}
}

// discount returns the fraction by which the floor is below the price, or nil
// if the LST has no floor.
func (p *lstPrice) discount() *big.Rat {
	if p.floor == nil || p.price.Sign() == 0 {
		return nil
	}
	r := new(big.Rat).Sub(p.price, p.floor)
	return r.Quo(r, p.price)
}

func (s *session) showPrices(list *priceList) {
	s.say("%d LSTs at slot %d (epoch %d)", len(list.LSTs), list.Slot, list.Epoch)
	rows := table{columns: []column{
		{title: "LST"},
		{title: "APY", right: true},
		{title: "price", right: true},
		{title: "floor", right: true},
		{title: "floor below price", right: true},
		{title: "note", folds: true},
	}}

	for _, p := range list.LSTs {
		yield, floor, below := "", "", ""
		if p.apy != nil {
			yield = apy(p.apy)
		}

		if p.floor != nil {
			floor = p.floor.FloatString(6) + " SOL"
		}

		if r := p.discount(); r != nil {
			below = basisPoints(r)
		}

		rows.add(p.Symbol, yield, p.price.FloatString(6)+" SOL", floor, below, s.readable(p.Note))
	}

	rows.write(s.out, s.width)

	fmt.Fprintln(s.out)
	notes := "APY is the growth of the last epoch over a year, for INF the yield that the pool " +
		"releases now. The floor is what an LST's own pool pays for it, as stake."
	if list.SlotTime != "" {
		notes += " A slot takes " + list.SlotTime + "."
	}

	if missing := len(list.Missing); missing > 0 {
		notes += fmt.Sprintf(" %d more LSTs of the list are not in this market.", missing)
	}

	s.say("%s", notes)
}

// writeCSV writes a header line and one line for each LST.
func (list *priceList) writeCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{
		"symbol", "mint", "price_sol", "floor_sol", "growth", "apy", "stale", "note", "slot",
	}); err != nil {
		return err
	}

	for _, p := range list.LSTs {
		if err := w.Write([]string{
			p.Symbol, p.Mint, p.Price, p.Floor, p.Growth, p.APY,
			strconv.FormatBool(p.Stale), p.Note, strconv.FormatUint(list.Slot, 10),
		}); err != nil {
			return err
		}
	}

	w.Flush()
	return w.Error()
}
