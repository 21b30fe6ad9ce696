package lst

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gagliardetto/solana-go"
)

// List is a list with its name, for [Merge].
type List struct {
	// Name is the name of the list in differences, for example "built in".
	Name string
	*Registry
}

// DifferenceKind is the kind of a [Difference].
type DifferenceKind uint8

// The kinds of differences.
const (
	// DifferentValue is a field of one token that two lists state differently.
	// The value of the first list is used.
	DifferentValue DifferenceKind = iota + 1
	// SamePool is a pool that two lists give different tokens. A pool has one
	// token: the entry of the second list is left out.
	SamePool
	// SameSymbol is a symbol that tokens of two lists share, ignoring case.
	// Both are kept, and looking the symbol up fails with an [AmbiguousError],
	// unless the case is exact.
	SameSymbol
	// Imitation is a token of one list whose symbol, name or mint looks like
	// that of another list's token, see [Registry.Resembling]. Both are kept.
	Imitation
)

// Difference is what two lists state differently.
type Difference struct {
	Kind DifferenceKind
	// Mint is the mint of the entry in the first list, and OtherMint in the
	// second list. For DifferentValue they are the same.
	Mint, OtherMint solana.PublicKey
	// Field is the field that differs or that is alike, for example "pool".
	Field string
	// Value is the value of the first list, and Other that of the second.
	Value, Other string
	// List is the name of the first list, and OtherList of the second.
	List, OtherList string
}

// String returns one line, for example "stacheSOL: symbol of Ha… in a and of
// 5L… in b".
func (d Difference) String() string {
	switch d.Kind {
	case DifferentValue:
		return fmt.Sprintf("%s: %s is %s in %s and %s in %s (the first is used)", d.Mint, d.Field,
			quote(d.Value), d.List, quote(d.Other), d.OtherList)
	case SamePool:
		return fmt.Sprintf("pool %s: its mint is %s in %s and %s in %s (the first is used)",
			d.Value, d.Mint, d.List, d.OtherMint, d.OtherList)
	case SameSymbol:
		return fmt.Sprintf("symbol %s: of %s in %s and of %s in %s (name the mint)",
			quote(d.Value), d.Mint, d.List, d.OtherMint, d.OtherList)
	}

	return fmt.Sprintf("%s %s in %s looks like %s in %s", d.Field, quote(d.Other), d.OtherList,
		quote(d.Value), d.List)
}

// Merge joins lists into one. Of a token in several lists, the entry of the
// first list is kept: name the list that you trust most first. A field that is
// empty there is filled from later lists if the entries name the same pool. An
// unverified entry counts as verified if a later list has it verified with the
// same addresses and decimals. The date is that of the first list.
//
// The differences are all contradictions and all tokens that could be mistaken
// for one of an earlier list. Read them before the list is used:
//
//	merged, differences, err := lst.Merge(
//		lst.List{Name: "published", Registry: published},
//		lst.List{Name: "built in", Registry: lst.Default()},
//		lst.List{Name: "additions", Registry: lst.Additions()},
//	)
func Merge(lists ...List) (*Registry, []Difference, error) {
	m := merger{
		byMint: make(map[solana.PublicKey]int),
		byPool: make(map[solana.PublicKey]int),
	}

	for _, list := range lists {
		m.add(list)
	}

	merged, err := newRegistry(m.all)
	if err != nil {
		return nil, nil, err
	}

	if len(lists) > 0 {
		merged.date = lists[0].Date()
	}
	return merged, m.differences, nil
}

// merger is the state of [Merge]: the entries, and the list of each.
type merger struct {
	all            []LST
	from           []string
	byMint, byPool map[solana.PublicKey]int
	differences    []Difference
}

func (m *merger) add(list List) {
	// The tokens of one list are not compared with each other.
	before := Registry{all: m.all[:len(m.all):len(m.all)]}
	for _, l := range list.All() {
		if i, ok := m.byMint[l.Mint]; ok {
			m.compare(i, l, list.Name)
			continue
		}

		if i, ok := m.byPool[l.Pool]; ok {
			m.differences = append(m.differences, Difference{
				Kind:      SamePool,
				Mint:      m.all[i].Mint,
				OtherMint: l.Mint,
				Field:     "pool",
				Value:     l.Pool.String(),
				Other:     l.Pool.String(),
				List:      m.from[i],
				OtherList: list.Name,
			})

			continue
		}

		m.resemble(&before, l, list.Name)
		m.byMint[l.Mint], m.byPool[l.Pool] = len(m.all), len(m.all)
		m.all = append(m.all, l)
		m.from = append(m.from, list.Name)
	}
}

// resemble records the tokens of earlier lists that a token resembles.
func (m *merger) resemble(before *Registry, l LST, list string) {
	for _, r := range before.Resembling(l.Mint, l.Symbol, l.Name) {
		d := Difference{
			Kind:      Imitation,
			Mint:      r.Of.Mint,
			OtherMint: l.Mint,
			Field:     r.Field,
			List:      m.from[m.byMint[r.Of.Mint]],
			OtherList: list,
		}

		switch r.Field {
		case fieldSymbol:
			d.Value, d.Other = r.Of.Symbol, l.Symbol
			if r.Same {
				d.Kind = SameSymbol
			}

		case fieldName:
			d.Value, d.Other = r.Of.Name, l.Name
		default:
			d.Value, d.Other = r.Of.Mint.String(), l.Mint.String()
		}

		m.differences = append(m.differences, d)
	}
}

// compare records what a list states differently about the entry at i, and
// completes the entry.
func (m *merger) compare(i int, other LST, list string) {
	kept := &m.all[i]
	mayDiffer := func(field string) bool { return field == "symbol" || field == "name" }
	agrees, confirms := true, true
	theirs := other.fields()
	for j, mine := range kept.fields() {
		their := theirs[j]
		if mine.text == their.text || mine.text == "" {
			continue
		}

		if their.text == "" {
			confirms = confirms && mayDiffer(mine.name)
			continue
		}

		agrees = agrees && mayDiffer(mine.name)
		m.differences = append(m.differences, Difference{
			Kind:      DifferentValue,
			Mint:      kept.Mint,
			OtherMint: kept.Mint,
			Field:     mine.name,
			Value:     mine.text,
			Other:     their.text,
			List:      m.from[i],
			OtherList: list,
		})
	}

	if !agrees {
		return
	}

	if kept.VoteAccount.IsZero() {
		kept.VoteAccount = other.VoteAccount
	}

	// A list that lacks a value does not verify it.
	kept.Unverified = kept.Unverified && (other.Unverified || !confirms)
}

// namedField is a field of an entry as text, empty if it is not set.
type namedField struct{ name, text string }

// fields returns the fields of an entry but the mint and the mark, as in lists.
func (l LST) fields() []namedField {
	key := func(name string, key solana.PublicKey) namedField {
		if key.IsZero() {
			return namedField{name: name}
		}
		return namedField{name: name, text: key.String()}
	}

	return []namedField{
		{"symbol", strings.TrimSpace(l.Symbol)},
		{"name", strings.TrimSpace(l.Name)},
		{"decimals", strconv.Itoa(int(l.Decimals))},
		key("token_program", l.TokenProgram),
		{"program", l.Kind.String()},
		key("program_id", l.Program),
		key("pool", l.Pool),
		key("validator_list", l.ValidatorList),
		key("vote_account", l.VoteAccount),
	}
}
