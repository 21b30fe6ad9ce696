package txn

import (
	"errors"
	"fmt"
	"slices"
)

// format is a form that a transaction can have.
type format struct {
	version Version
	// tables permits lookup tables.
	tables bool
	// check only checks whether the plan fits.
	check bool
}

// mostFormats is the number of formats that a plan can permit.
const mostFormats = 3

// formats appends the formats that the plan permits, in the order in which they
// are tried: version 0 without lookup tables, or the legacy format if the plan
// does not permit version 0; version 1; version 0 with lookup tables.
//
// Version 1 comes before lookup tables because its message names every account:
// wallets can show it and [Parse] reads it without the content of a table.
func (p *Plan) formats(to []format) []format {
	zero, one := p.permits(Version0), p.permits(Version1)
	if zero && !one {
		return append(to, format{version: Version0, tables: true})
	}

	earlier := p.Budget.fitsEarlier()
	switch {
	case !earlier:
	case zero:
		to = append(to, format{version: Version0})
	case p.permits(VersionLegacy):
		to = append(to, format{version: VersionLegacy})
	}

	if one {
		to = append(to, format{version: Version1})
	}

	if earlier && zero && len(p.Tables) > 0 {
		to = append(to, format{version: Version0, tables: true})
	}

	return to
}

// checkVersions returns an error if the plan permits an unknown version, or
// none that can hold its compute budget.
func (p *Plan) checkVersions() error {
	for _, v := range p.Versions {
		if v > Version1 {
			return fmt.Errorf("%w: %d in Plan.Versions", ErrVersion, uint8(v))
		}
	}

	if !p.Budget.fitsEarlier() && !p.permits(Version1) {
		return fmt.Errorf("%w: it sets PriorityLamports or HeapSize", ErrBudget)
	}

	return nil
}

// permits reports whether the plan permits a version.
func (p *Plan) permits(v Version) bool {
	return slices.Contains(p.Versions, v) || len(p.Versions) == 0 && v == Version0
}

// fitsEarlier reports whether the legacy format and version 0 can hold the
// budget.
func (b *ComputeBudget) fitsEarlier() bool { return b.PriorityLamports == 0 && b.HeapSize == 0 }

// suggest adds the versions that the plan does not permit, but that would hold
// the transaction, to the error of one that is too large.
func (p *Plan) suggest(err error, calls planCalls) {
	var large *SizeError
	if !errors.As(err, &large) {
		return
	}

	for _, f := range [...]format{{version: Version0, tables: true}, {version: Version1}} {
		f.check = true
		if !p.permits(f.version) && (f.version == Version1 || p.Budget.fitsEarlier()) {
			if _, _, err := p.compileAs(f, calls, nil, false); err == nil {
				large.FitsIn = append(large.FitsIn, f.version)
			}
		}
	}
}
