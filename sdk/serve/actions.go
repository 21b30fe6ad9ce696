package serve

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// actionVersion is the version of the specification of Solana Actions.
var actionVersion = []string{"2.4"}

// Headers of Solana Actions, which the specification prescribes.
var (
	actionHeaders = []string{"Content-Type, Authorization, Content-Encoding, Accept-Encoding, " +
		"X-Accept-Action-Version, X-Accept-Blockchain-Ids"}
	actionExposed = []string{"X-Action-Version, X-Blockchain-Ids"}
)

// setActionHeaders sets the headers of Solana Actions.
func (x *exchange) setActionHeaders(header http.Header) {
	header["X-Action-Version"] = actionVersion
	header["Access-Control-Expose-Headers"] = actionExposed
	header["Access-Control-Allow-Headers"] = actionHeaders
	header["Access-Control-Allow-Methods"] = []string{x.endpoint.methods()}
	if id := x.h.config.BlockchainID; id != "" {
		header["X-Blockchain-Ids"] = []string{id}
	}
}

// actionJSON is what a wallet shows.
type actionJSON struct {
	Type        string       `json:"type"`
	Icon        string       `json:"icon"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Label       string       `json:"label"`
	Disabled    bool         `json:"disabled,omitempty"`
	Links       *linksJSON   `json:"links,omitempty"`
	Error       *messageJSON `json:"error,omitempty"`
}

type linksJSON struct {
	Actions []linkedJSON `json:"actions"`
}

type linkedJSON struct {
	Type       string            `json:"type"`
	Href       string            `json:"href"`
	Label      string            `json:"label"`
	Parameters []actionParameter `json:"parameters,omitempty"`
}

type actionParameter struct {
	Name               string         `json:"name"`
	Label              string         `json:"label"`
	Type               string         `json:"type"`
	Required           bool           `json:"required"`
	Pattern            string         `json:"pattern,omitempty"`
	PatternDescription string         `json:"patternDescription,omitempty"`
	Options            []actionOption `json:"options,omitempty"`
}

type actionOption struct {
	Label    string `json:"label"`
	Value    string `json:"value"`
	Selected bool   `json:"selected,omitempty"`
}

// actionTransaction is the response with a transaction.
type actionTransaction struct {
	Type        string   `json:"type"`
	Transaction string   `json:"transaction"`
	Message     string   `json:"message"`
	Links       nextLink `json:"links"`
}

type nextLink struct {
	Next nextJSON `json:"next"`
}

type nextJSON struct {
	Type string `json:"type"`
	Href string `json:"href"`
}

// way is a kind of action.
type way struct {
	name, title, verb string
	// buttons are the amounts of the buttons, in whole tokens.
	buttons []string
	// from and to are set if the user names the token to pay or to receive.
	from, to bool
}

var (
	stakeWay = way{
		name:    "stake",
		title:   "Stake SOL",
		verb:    "Stake",
		buttons: []string{"0.1", "1", "10"},
		to:      true,
	}
	swapWay = way{
		name:    "swap",
		title:   "Swap staked SOL",
		verb:    "Swap",
		buttons: []string{"0.1", "1", "10"},
		from:    true,
		to:      true,
	}
	unstakeWay = way{
		name:    "unstake",
		title:   "Sell staked SOL",
		verb:    "Sell",
		buttons: []string{"0.1", "1", "10"},
		from:    true,
	}
)

// actionEndpoints are the endpoints of Solana Actions.
func actionEndpoints() []*endpoint {
	all := []*endpoint{
		{
			path:    "/actions.json",
			get:     actionRules,
			dialect: actions,
		},
		{
			path:    "/actions/icon.svg",
			get:     actionIcon,
			dialect: actions,
		},
	}

	for _, w := range []way{stakeWay, swapWay, unstakeWay} {
		all = append(all,
			&endpoint{
				path:     "/actions/" + w.name,
				get:      w.show,
				post:     w.build,
				dialect:  actions,
				asksNode: true,
			},
			&endpoint{
				path:    "/actions/" + w.name + "/next",
				post:    w.next,
				dialect: actions,
			})
	}

	return all
}

// base returns the address of the handler for links.
func (x *exchange) base() string {
	if base := x.h.config.BaseURL; base != "" {
		return strings.TrimSuffix(base, "/")
	}

	base := url.URL{Scheme: "http", Host: x.r.Host}
	if x.r.TLS != nil {
		base.Scheme = "https"
	}
	return base.String()
}

// basePath returns the path of the handler's address, for links that must stay
// on its origin: "/sanctum" for "https://api.example.org/sanctum".
func (x *exchange) basePath() string {
	base, err := url.Parse(x.h.config.BaseURL)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(base.EscapedPath(), "/")
}

func (x *exchange) icon() string {
	if icon := x.h.config.Icon; icon != "" {
		return icon
	}
	return x.base() + "/actions/icon.svg"
}

// sides are the tokens of an action; those that the user has not chosen are
// nil.
type sides struct{ in, out *listing }

// sides reads the tokens of an action from its URL.
func (w way) sides(x *exchange, v *view) (s sides, err error) {
	if err := x.query.parse(x.r.URL.RawQuery); err != nil {
		return s, err
	}

	s = sides{in: v.byMint[accounts.NativeMint], out: v.byMint[accounts.NativeMint]}
	named := func(name string, into **listing) error {
		*into = nil
		text, ok, err := x.query.get(name)
		if err != nil || !ok || text == "" {
			return err
		}

		if *into, ok = v.find(text); !ok {
			return refuse(http.StatusBadRequest, "TOKEN_NOT_TRADABLE",
				"this server has no token "+quoted(text))
		}

		return nil
	}

	if w.from {
		if err := named("from", &s.in); err != nil {
			return s, err
		}
	}
	if w.to {
		err = named("to", &s.out)
	}
	return s, err
}

// query returns the part of a URL that names the chosen tokens.
func (w way) query(s sides) url.Values {
	values := make(url.Values)
	if w.from && s.in != nil {
		values.Set("from", s.in.mint)
	}

	if w.to && s.out != nil {
		values.Set("to", s.out.mint)
	}
	return values
}

// show answers the GET request of an action.
func (w way) show(x *exchange) error {
	v, err := x.h.view()
	if err != nil {
		return err
	}

	s, err := w.sides(x, v)
	if err != nil {
		return err
	}
	return x.json(w.action(x, v, s))
}

// action describes an action with its buttons.
func (w way) action(x *exchange, v *view, s sides) actionJSON {
	a := actionJSON{
		Type:        "action",
		Icon:        x.icon(),
		Title:       w.title,
		Description: w.describe(v, s),
		Label:       w.verb,
		Links:       &linksJSON{Actions: []linkedJSON{}},
	}

	unit := "tokens"
	if s.in != nil {
		unit = s.in.Symbol
	}

	path := x.base() + "/actions/" + w.name
	if s.in != nil && s.out != nil {
		for _, amount := range w.buttons {
			values := w.query(s)
			values.Set("amount", amount)
			a.Links.Actions = append(a.Links.Actions, linkedJSON{
				Type:  "transaction",
				Href:  path + "?" + values.Encode(),
				Label: w.verb + " " + amount + " " + unit,
			})
		}
	}

	href, parameters := path+"?amount={amount}", []actionParameter{{
		Name:               "amount",
		Label:              "Amount in " + unit,
		Type:               "text",
		Required:           true,
		Pattern:            `^[0-9]{1,12}(\.[0-9]{1,12})?$`,
		PatternDescription: "A number such as 1.5",
	}}

	if rest := w.query(s).Encode(); rest != "" {
		href += "&" + rest
	}

	if s.in == nil {
		href += "&from={from}"
		parameters = append(parameters, choice(v, "from", "Token to pay"))
	}

	if s.out == nil {
		href += "&to={to}"
		parameters = append(parameters, choice(v, "to", "Token to receive"))
	}

	a.Links.Actions = append(a.Links.Actions, linkedJSON{
		Type:       "transaction",
		Href:       href,
		Label:      w.verb,
		Parameters: parameters,
	})
	return a
}

// mostOptions is the number of tokens that a list offers.
const mostOptions = 20

// choice lets the user choose a token.
func choice(v *view, name, label string) actionParameter {
	p := actionParameter{
		Name:     name,
		Label:    label,
		Type:     "select",
		Required: true,
	}

	for _, token := range v.directory.tokens {
		if len(p.Options) == mostOptions {
			break
		}

		if isSOL(token.Mint) {
			continue
		}

		p.Options = append(p.Options, actionOption{
			Label:    token.Symbol,
			Value:    token.Mint.String(),
			Selected: len(p.Options) == 0,
		})
	}
	return p
}

// describe returns one sentence about the tokens of an action.
func (w way) describe(v *view, s sides) string {
	switch {
	case w.to && s.out != nil && !isSOL(s.out.Mint):
		return "Receive " + v.pitch(s.out)
	case w.from && s.in != nil && !isSOL(s.in.Mint):
		return "Pay with " + v.pitch(s.in)
	}
	return "Choose a token and an amount. The transaction enforces the quoted minimum."
}

// pitch returns a token with its price and its yield.
func (v *view) pitch(l *listing) string {
	text := l.Symbol
	if price, err := v.market.Price(l.Mint); err == nil && price.Tokens != 0 {
		text += ": 1 " + l.Symbol + " is worth " + price.String() + " SOL"
	}

	if info, err := v.market.TokenInfo(l.Mint); err == nil && info.APY != nil {
		text += ", and grew by " + percent(info.APY) + " a year at the rate of the last epoch"
	}
	return text + "."
}

// defaultTarget returns the token that a stake buys if the URL names none.
func (v *view) defaultTarget() *listing {
	for _, token := range v.directory.tokens {
		if l := v.byMint[token.Mint]; l != nil && !isSOL(token.Mint) {
			return l
		}
	}
	return nil
}

// actionRequest is the body of a POST request.
type actionRequest struct {
	Account string `json:"account"`
}

// account reads who signs.
func (x *exchange) account() (solana.PublicKey, error) {
	var body actionRequest
	if err := x.decode(&body); err != nil {
		return solana.PublicKey{}, err
	}

	account, err := address(body.Account)
	if err != nil || account.IsZero() {
		return account, invalid("account: %v", errAddress)
	}
	return account, nil
}

// build answers the POST request of an action with a transaction.
func (w way) build(x *exchange) error {
	if x.h.config.Client == nil {
		return errNoClient
	}

	v, err := x.h.view()
	if err != nil {
		return err
	}

	account, err := x.account()
	if err != nil {
		return err
	}

	s, err := w.sides(x, v)
	if err != nil {
		return err
	}

	if s.out == nil && w.name == stakeWay.name {
		s.out = v.defaultTarget()
	}
	if s.in == nil || s.out == nil {
		return invalid("choose the tokens of the trade")
	}

	text, _, err := x.query.get("amount")
	if err != nil {
		return err
	}

	amount, err := lst.ParseAmount(text, s.in.Decimals)
	if err != nil || len(text) > 32 {
		return invalid("the amount must be a number such as 1.5, with at most %d decimals",
			s.in.Decimals)
	}

	unsigned, q, err := x.buildAction(account, s, amount)
	if err != nil {
		return err
	}
	return x.json(actionTransaction{
		Type:        "transaction",
		Transaction: unsigned.Base64(),
		Message: w.verb + " " + s.in.Format(q.In) + " " + s.in.Symbol + " for " +
			s.out.Format(q.Out) + " " + s.out.Symbol + ", at least " +
			s.out.Format(q.MinOut),
		Links: nextLink{nextJSON{
			Type: "post",
			Href: x.basePath() + "/actions/" + w.name + "/next?" + w.query(s).Encode(),
		}},
	})
}

// buildAction builds the transaction of an action, in the legacy format if it
// fits: the library of Solana Actions reads no other.
func (x *exchange) buildAction(
	account solana.PublicKey, s sides, amount uint64,
) (*txn.Unsigned, route.Quote, error) {
	trade := swap{req: route.Request{
		From:   s.in.Mint,
		To:     s.out.Mint,
		Amount: amount,
	}}

	trade.req.User = account
	trade.req.SlippageBps = sdk.DefaultSlippageBps
	trade.opts.Owner = account
	trade.opts.Versions = []txn.Version{txn.VersionLegacy}

	unsigned, q, err := x.build(&trade)
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		trade.opts.Versions = []txn.Version{txn.Version0}
		unsigned, q, err = x.build(&trade)
	}

	return unsigned, q, err
}

// next answers what follows an action: an action that sells what was bought, or
// the end.
func (w way) next(x *exchange) error {
	v, err := x.h.view()
	if err != nil {
		return err
	}

	if _, err := x.account(); err != nil {
		return err
	}

	s, err := w.sides(x, v)
	if err != nil {
		return err
	}

	if w.to && s.out != nil && !isSOL(s.out.Mint) {
		sale := sides{in: s.out, out: v.byMint[accounts.NativeMint]}
		a := unstakeWay.action(x, v, sale)
		a.Description = "Done. You can sell " + s.out.Symbol + " at any time."
		return x.json(a)
	}

	return x.json(actionJSON{
		Type:        "completed",
		Icon:        x.icon(),
		Title:       w.title,
		Description: "Done. The transaction has landed.",
		Label:       "Done",
	})
}

// rulesJSON is the body of /actions.json.
type rulesJSON struct {
	Rules []ruleJSON `json:"rules"`
}

type ruleJSON struct {
	Pattern string `json:"pathPattern"`
	API     string `json:"apiPath"`
}

// actionRules answers /actions.json.
func actionRules(x *exchange) error {
	base := x.base()
	rules := rulesJSON{Rules: []ruleJSON{
		{Pattern: "/actions/**", API: base + "/actions/**"},
	}}
	for _, w := range []way{stakeWay, swapWay, unstakeWay} {
		rules.Rules = append(rules.Rules,
			ruleJSON{Pattern: "/" + w.name, API: base + "/actions/" + w.name})
	}
	return x.json(rules)
}

// icon is the picture of the actions: two drops that join.
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">` +
	`<rect width="64" height="64" rx="12" fill="#10243a"/>` +
	`<path d="M24 12c8 11 12 17 12 23a12 12 0 0 1-24 0c0-6 4-12 12-23z" fill="#37c2b5"/>` +
	`<path d="M42 22c7 9 10 14 10 19a10 10 0 0 1-20 0c0-5 3-10 10-19z" fill="#8fe3ff" ` +
	`fill-opacity=".85"/></svg>`

var svgType = []string{"image/svg+xml"}

// actionIcon answers /actions/icon.svg.
func actionIcon(x *exchange) error {
	x.out = append(x.out[:0], icon...)
	x.kind = svgType
	return nil
}
