package route

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// String returns one line, for example "swap 1.5 SOL -> 1.203 jitoSOL via
// Infinity, at least 1.197 jitoSOL". Amounts of tokens that are not in the
// quote's market are in base units.
func (q Quote) String() string {
	if q.Venue == "" {
		return "no quote"
	}

	r := &q.Request
	var text strings.Builder
	fmt.Fprintf(&text, "swap %s -> %s via %s", q.paid(q.In), q.received(q.Out), q.Venue)
	if r.SwapMode == ExactOut {
		fmt.Fprintf(&text, ", at most %s", q.paid(q.MaxIn))
	} else {
		fmt.Fprintf(&text, ", at least %s", q.received(q.MinOut))
	}

	if q.ReturnedSOL > 0 {
		fmt.Fprintf(&text, ", and %s SOL back", lst.FormatAmount(q.ReturnedSOL, 9))
	}

	if !r.Recipient.IsZero() {
		fmt.Fprintf(&text, ", paid to %s", r.Recipient)
	}

	if !r.SourceAccount.IsZero() {
		fmt.Fprintf(&text, ", paid from the token account %s", r.SourceAccount)
	}

	if !r.DestinationAccount.IsZero() {
		fmt.Fprintf(&text, ", paid into the token account %s", r.DestinationAccount)
	}

	if q.NeedsTwoTransactions {
		text.WriteString(", in two transactions")
	}

	return text.String()
}

// paid formats an amount of the input.
func (q *Quote) paid(amount uint64) string {
	from := q.Request.From
	if from == NativeStake || q.hasToken(from) {
		return q.amount(amount, from)
	}
	if len(q.tokens) > 0 {
		return lst.FormatAmount(amount, 9) + " SOL of stake account " + from.String()
	}
	return q.amount(amount, from)
}

// received formats an amount of the output.
func (q *Quote) received(amount uint64) string { return q.amount(amount, q.Request.To) }

// hasToken reports whether the symbol and the decimals of a mint are known.
func (q *Quote) hasToken(mint solana.PublicKey) bool {
	return mint == accounts.NativeMint || q.token(mint) >= 0
}

// token returns the index of a mint in q.tokens, or a negative number.
func (q *Quote) token(mint solana.PublicKey) int {
	return slices.IndexFunc(q.tokens, func(token lst.LST) bool { return token.Mint == mint })
}

// amount formats an amount with its symbol, or in base units of the mint.
func (q *Quote) amount(amount uint64, mint solana.PublicKey) string {
	switch {
	case mint == NativeStake:
		return lst.FormatAmount(amount, 9) + " SOL of stake"
	case mint == accounts.NativeMint && q.Request.UseWSOL:
		return lst.FormatAmount(amount, 9) + " wSOL"
	case mint == accounts.NativeMint:
		return lst.FormatAmount(amount, 9) + " SOL"
	}

	if at := q.token(mint); at >= 0 {
		return q.tokens[at].Format(amount) + " " + q.tokens[at].Symbol
	}

	return fmt.Sprintf("%d base units of %s", amount, mint)
}

// GoString returns [Quote.String], so that %#v does not print closures.
func (q Quote) GoString() string { return q.String() }

// String returns one line, for example "Infinity: pool is disabled".
func (r Rejection) String() string {
	if r.Err == nil {
		return string(r.Venue)
	}
	return fmt.Sprintf("%s: %v", r.Venue, r.Err)
}

// String returns one line, for example "1.5 SOL for J1toso…, exact
// in, 50 bps of slippage". A request does not know the decimals of tokens other
// than SOL, so it has their amounts in base units.
func (r Request) String() string {
	q := Quote{Request: r}
	to, _ := strings.CutPrefix(q.received(0), "0 ")
	to, _ = strings.CutPrefix(to, "base units of ")
	from, _ := strings.CutPrefix(q.paid(0), "0 ")
	from, _ = strings.CutPrefix(from, "base units of ")

	text := fmt.Sprintf("%s for %s", q.paid(r.Amount), to)
	if r.SwapMode == ExactOut {
		text = fmt.Sprintf("%s for %s", q.received(r.Amount), from)
	}

	return fmt.Sprintf("%s, %s, %d bps of slippage", text, r.SwapMode, r.SlippageBps)
}
