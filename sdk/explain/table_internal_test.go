package explain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/idl"
)

// namesOf returns all names that the accounts of an instruction can have.
func namesOf(s *spec) map[string]bool {
	rest := s.table.Rest
	all := append(append([]idl.Account(nil), s.table.Accounts...), rest.Repeated...)
	if rest.Optional != nil {
		all = append(all, *rest.Optional)
	}

	for _, pools := range rest.Pools {
		for _, table := range [][]idl.Account{
			pools.StakePool, pools.Marinade, pools.Lido, pools.Reserve,
		} {
			all = append(all, table...)
		}
	}

	for _, group := range rest.Groups {
		all = append(all, roles(group+" program", group+" account")...)
	}

	// Only these two tell their further accounts by the data or their number.
	switch s.table.Name {
	case "Memo":
		all = append(all, roles("signer")...)
	case "CreateAccountWithSeed":
		all = append(all, roles("base account")...)
	}

	names := make(map[string]bool)
	for _, a := range all {
		names[a.Name] = true
	}

	return names
}

// TestSpec_Names checks that the rows of this package name only accounts and
// fields of the decoding table. With a typing error, an account of the owner
// would count as that of a stranger.
func TestSpec_Names(t *testing.T) {
	for _, p := range programs() {
		for at := range p.instructions {
			s := &p.instructions[at]
			t.Run(p.name+" "+s.table.Name, func(t *testing.T) {
				names := namesOf(s)
				require.NotContains(t, names, "", "an account without a name")
				for _, name := range append(append([]string(nil), s.wallets...), s.holdings...) {
					require.Contains(t, names, name)
				}

				fields := make(map[string]idl.Field)
				for _, f := range s.table.Fields {
					require.NotContains(t, fields, f.Name, "two fields of one name")
					fields[f.Name] = f
					if f.Mint != "" {
						require.Contains(t, names, f.Mint, "the mint of %s", f.Name)
					}
				}

				for _, part := range strings.Split(s.words, "{")[1:] {
					name, _, _ := strings.Cut(part, "}")
					require.True(t, names[name] || fields[name].Name != "", "{%s}", name)
				}

				for i, group := range s.table.Rest.Groups {
					if i < len(s.table.Rest.Groups)-1 {
						require.Equal(t, idl.KindU8, fields[group+" accounts"].Kind)
						require.NotEmpty(t, fields[group+" accounts"].Name, group)
					}
				}
			})
		}
	}
}
