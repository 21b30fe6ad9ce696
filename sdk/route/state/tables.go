package state

import "github.com/sanctum-go/sanctum/accounts"

// addTables adds the lookup tables.
func (l *Ledger) addTables() {
	for _, address := range l.scope.Tables {
		t := table{account: l.need(address, 0)}
		t.part = l.part(tableMaker{t.account})
		l.tables = append(l.tables, t)
	}
}

// tableMaker prepares an [accounts.LookupTable].
type tableMaker struct{ account Index }

func (m tableMaker) prepare(r *reader) (any, error) {
	return load(r, m.account, accounts.DecodeLookupTable)
}

// LookupTable returns the address lookup table with an index into Scope.Tables.
// Which of its addresses can be used depends on the slot. The error is an
// [*accounts.DecodeError].
func (s *Snapshot) LookupTable(number int) (*accounts.LookupTable, error) {
	if s.isZero() || number < 0 || number >= len(s.ledger.tables) {
		return nil, errNoPart
	}

	return partOf[*accounts.LookupTable](s, s.ledger.tables[number].part)
}
