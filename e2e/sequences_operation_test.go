package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/figures"
)

// operation is one step of a sequence. It refers to owners, tokens and stake
// accounts by number, and to amounts by their share of what there is. So it has
// a meaning in every state, and every part of a sequence is a sequence.
type operation struct {
	// id differs within a sequence. It determines the addresses of new
	// accounts.
	id   int
	kind operationKind
	// owner, from and to are reduced modulo the number of owners, and of the
	// tokens or accounts that there are.
	owner, from, to int
	// size is the share of the balance, in millionths. pick selects among
	// several quotes.
	size uint64
	pick int
	// with are the switches.
	with switches
}

// operationKind is the kind of an operation.
type operationKind string

// The kinds of operations.
const (
	opTrade      operationKind = "trade"
	opMost       operationKind = "most"
	opToStake    operationKind = "to-stake"
	opFromStake  operationKind = "from-stake"
	opDeactivate operationKind = "deactivate"
	opDraw       operationKind = "draw"
	opSplit      operationKind = "split"
	opMerge      operationKind = "merge"
	opTip        operationKind = "tip"
	opFund       operationKind = "fund"
	opUpdate     operationKind = "update"
	opUpdatePart operationKind = "update-part"
	opLido       operationKind = "lido-update"
	opSync       operationKind = "sync"
	opOrder      operationKind = "order"
	opClaim      operationKind = "claim"
	opAdd        operationKind = "add-reserve"
	opRemove     operationKind = "remove-reserve"
	opSlots      operationKind = "slots"
	opEpoch      operationKind = "epoch"
)

// weights are the relative frequencies of the kinds.
var weights = []struct {
	kind   operationKind
	weight int
}{
	{opTrade, 36}, {opMost, 3}, {opToStake, 10}, {opFromStake, 12},
	{opDeactivate, 3}, {opDraw, 4}, {opSplit, 3}, {opMerge, 3}, {opTip, 4}, {opFund, 4},
	{opUpdate, 5}, {opUpdatePart, 3}, {opLido, 2}, {opSync, 2},
	{opOrder, 2}, {opClaim, 2}, {opAdd, 2}, {opRemove, 2},
	{opSlots, 2}, {opEpoch, 3},
}

// switches are the options of an operation.
type switches uint16

// The switches. Each has a letter in the text of an operation.
const (
	exactOut switches = 1 << iota
	updates
	wrapped
	sponsored
	direct
	deactivates
	prefunds
	toAnother
	whole
	rewards
)

// switchLetters has the letter of each switch, in order.
const switchLetters = "ouwsdapnhr"

// String returns the letters of the switches, or a dash.
func (s switches) String() string {
	var text strings.Builder
	for i, letter := range switchLetters {
		if s&(1<<i) != 0 {
			text.WriteRune(letter)
		}
	}
	if text.Len() == 0 {
		return "-"
	}
	return text.String()
}

// has reports whether a switch is on.
func (s switches) has(one switches) bool { return s&one != 0 }

// String returns the operation as a text that parseOperation reads.
func (o operation) String() string {
	return fmt.Sprintf("%s %d: owner %d, from %d, to %d, size %d, pick %d, with %s",
		o.kind, o.id, o.owner, o.from, o.to, o.size, o.pick, o.with)
}

// parseOperation reads the text of an operation.
func parseOperation(t testing.TB, text string) (o operation) {
	t.Helper()
	var kind, with string
	_, err := fmt.Sscanf(text, "%s %d: owner %d, from %d, to %d, size %d, pick %d, with %s",
		&kind, &o.id, &o.owner, &o.from, &o.to, &o.size, &o.pick, &with)
	require.NoError(t, err, "operation %q", text)
	o.kind = operationKind(kind)
	for i, letter := range switchLetters {
		if strings.ContainsRune(with, letter) {
			o.with |= 1 << i
		}
	}

	require.Equal(t, text, o.String())

	return o
}

// randomOperation draws an operation.
func randomOperation(rng *rand.Rand, id int) operation {
	total := 0
	for _, w := range weights {
		total += w.weight
	}

	o := operation{
		id:    id,
		owner: rng.IntN(owners),
		from:  rng.IntN(64),
		to:    rng.IntN(64),
		size:  figures.RandomAmount(rng, 1_000_000),
		pick:  rng.IntN(8),
		with:  switches(rng.Uint32N(1 << len(switchLetters))),
	}

	drawn := rng.IntN(total)
	for _, w := range weights {
		if drawn -= w.weight; drawn < 0 {
			o.kind = w.kind
			break
		}
	}

	if rng.IntN(2) == 0 {
		o.size = rng.Uint64N(1_000_000) + 1
	}

	if rng.IntN(2) == 0 {
		// Most traders take the best quote.
		o.pick = 0
	}

	if rng.IntN(2) == 0 {
		o.with |= updates
	}

	// Some options are rare.
	for _, rare := range []switches{wrapped, sponsored, direct, toAnother} {
		if rng.IntN(3) > 0 {
			o.with &^= rare
		}
	}

	return o
}

// randomOperations draws a sequence.
func randomOperations(rng *rand.Rand, count int) []operation {
	all := make([]operation, count)
	for i := range all {
		all[i] = randomOperation(rng, i)
	}
	return all
}

// sequence is a world, which its seed determines, with operations in it.
type sequence struct {
	seed       uint64
	operations []operation
}

// String returns the sequence as a text that parseSequence reads.
func (s sequence) String() string {
	lines := []string{fmt.Sprintf("seed %d", s.seed)}
	for _, o := range s.operations {
		lines = append(lines, o.String())
	}
	return strings.Join(lines, "\n")
}

// parseSequence reads the text of a sequence, one operation in each line.
func parseSequence(t testing.TB, text string) (s sequence) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	_, err := fmt.Sscanf(lines[0], "seed %d", &s.seed)
	require.NoError(t, err, "sequence %q", lines[0])
	for _, line := range lines[1:] {
		s.operations = append(s.operations, parseOperation(t, strings.TrimSpace(line)))
	}
	return s
}
