package yesterday_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	oldroute "github.com/sanctum-go/sanctum/internal/yesterday/route"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// depth is how much of an answer is compared.
type depth struct {
	// steps compares the instructions, of legs as well if legs is set.
	steps, legs bool
	// best compares what Market.Quote says as well.
	best bool
}

var everything = depth{steps: true, legs: true, best: true}

// ask asks both engines the same, and compares the answers.
func (e *engines) ask(c *comparison, r route.Request, deep depth) []route.Quote {
	old := convert[oldroute.Request](r)
	was, wasRejected := e.yesterday.Quotes(old)
	is, isRejected := e.today.Quotes(r)

	if y, n := venues(was), venuesToday(is); y != n {
		c.differs("venues that quote, best first", y, n)
	} else {
		for i := range was {
			e.compareQuote(c, fmt.Sprintf("Quotes[%d], %s", i, is[i].Venue), was[i], is[i], deep)
		}
	}
	if y, n := rejected(wasRejected), rejectedToday(isRejected); y != n {
		c.differs("rejected, in order", y, n)
	} else {
		for i := range wasRejected {
			c.errors("rejected, "+string(isRejected[i].Venue), wasRejected[i].Err, isRejected[i].Err)
		}
	}
	if deep.best {
		oldBest, oldErr := e.yesterday.Quote(old)
		best, err := e.today.Quote(r)
		c.errors("Quote", oldErr, err)
		e.compareQuote(c, "Quote", oldBest, best, depth{})
	}
	c.seen.count(r, is, isRejected)
	return is
}

func venues(quotes []oldroute.Quote) string {
	var names []string
	for _, q := range quotes {
		names = append(names, q.Venue)
	}
	return strings.Join(names, "; ")
}

func venuesToday(quotes []route.Quote) string {
	var names []string
	for _, q := range quotes {
		names = append(names, string(q.Venue))
	}
	return strings.Join(names, "; ")
}

func rejected(list []oldroute.Rejected) string {
	var names []string
	for _, r := range list {
		names = append(names, r.Venue+": "+r.Err.Error())
	}
	return strings.Join(names, "\n        ")
}

func rejectedToday(list []route.Rejected) string {
	var names []string
	for _, r := range list {
		names = append(names, string(r.Venue)+": "+r.Err.Error())
	}
	return strings.Join(names, "\n        ")
}

// compareQuote compares all that a quote tells, and what it would do.
func (e *engines) compareQuote(
	c *comparison,
	at string,
	was oldroute.Quote,
	is route.Quote,
	deep depth,
) {
	c.both(at, was, is)
	oldAccount, oldOK, oldErr := was.GuardedAccount(owner)
	account, ok, err := is.GuardedAccount(owner)
	plain(c, at+", GuardedAccount", fmt.Sprint(oldAccount, oldOK), fmt.Sprint(account, ok))
	c.errors(at+", GuardedAccount", oldErr, err)
	if !deep.steps {
		return
	}

	for _, p := range parties {
		oldSteps, oldErr := was.Steps(convert[oldroute.Parties](p.Parties))
		steps, err := is.Steps(p.Parties)
		c.errors(at+", Steps for "+p.name, oldErr, err)
		compareSteps(c, at+", Steps for "+p.name, oldSteps, steps)
	}
	if !deep.legs || len(was.Legs) != len(is.Legs) {
		return
	}
	for i := range was.Legs {
		e.compareQuote(c, fmt.Sprintf("%s, leg %d", at, i), was.Legs[i], is.Legs[i], deep)
	}
}

// named are the parties of a trade.
type named struct {
	name string
	route.Parties
}

// parties are those of a trade: the owner alone, with a sponsor, and incomplete.
var parties = func() []named {
	held, none := uint64(123_456_789), uint64(0)
	whole := route.Parties{
		Owner:      owner,
		Payer:      owner,
		Seed:       "seed",
		NewAccount: solana.PublicKey{77, 77},
		Held:       &none,
	}
	sponsored := route.Parties{
		Owner:      owner,
		Payer:      wallet(8),
		Seed:       "0123456789",
		NewAccount: solana.PublicKey{78},
		Held:       &held,
	}
	return []named{
		{"the owner alone", whole},
		{"an owner with a sponsor", sponsored},
		{"an owner who names nothing else", route.Parties{Owner: owner, Payer: owner}},
	}
}()

// compareSteps compares instructions byte by byte.
func compareSteps(c *comparison, at string, yesterday, today []txn.Step) {
	if len(yesterday) != len(today) {
		c.differs(at+" (number)", len(yesterday), len(today))
		return
	}
	for i := range yesterday {
		c.seen.steps++
		if !sameStep(yesterday[i], today[i]) {
			c.differs(fmt.Sprintf("%s[%d]", at, i), written(yesterday[i]), written(today[i]))
		}
	}
}

func sameStep(a, b txn.Step) bool {
	if a.Words != b.Words || a.Units != b.Units ||
		(a.Instruction == nil) != (b.Instruction == nil) {
		return false
	}
	if a.Instruction == nil {
		return true
	}
	was, oldErr := a.Instruction.Data()
	is, err := b.Instruction.Data()
	sameMeta := func(x, y *solana.AccountMeta) bool { return *x == *y }
	return oldErr == nil && err == nil && bytes.Equal(was, is) &&
		a.Instruction.ProgramID() == b.Instruction.ProgramID() &&
		slices.EqualFunc(a.Instruction.Accounts(), b.Instruction.Accounts(), sameMeta)
}

// written is all that a step says.
func written(s txn.Step) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q, %d units, ", s.Words, s.Units)
	if s.Instruction == nil {
		return b.String() + "no instruction"
	}
	data, err := s.Instruction.Data()
	fmt.Fprintf(&b, "program %s, data %x, error %v, accounts", s.Instruction.ProgramID(), data, err)
	for _, m := range s.Instruction.Accounts() {
		fmt.Fprintf(&b, " %s %t %t", m.PublicKey, m.IsSigner, m.IsWritable)
	}
	return b.String()
}
