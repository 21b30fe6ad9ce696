package explain_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// quoted matches bytes of a transaction in a text.
var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// FuzzInstructions explains and verifies hostile instructions. The bytes select
// programs and accounts, the owner included, and are the data of all
// instructions. The seeds are in testdata/fuzz/FuzzInstructions.
func FuzzInstructions(f *testing.F) {
	programs := append(explain.DefaultPrograms(), solana.PublicKey{0xff})
	f.Fuzz(func(t *testing.T, data []byte, program, metas uint8, more []byte, programAfter uint8) {
		build := func(program uint8, n int, data []byte) solana.Instruction {
			var list solana.AccountMetaSlice
			for i := range n {
				list = append(list, solana.NewAccountMeta(key(byte(i%7)), i%2 == 0, i%3 == 0))
			}

			return solana.NewInstruction(programs[int(program)%len(programs)], list, data)
		}

		ixs := []solana.Instruction{build(program, int(metas)%80, data),
			build(programAfter, int(metas)%80, more)}
		e := explain.Instructions(key(0), ixs, lst.Default())
		require.Len(t, e.Instructions, 2)
		for i, in := range e.Instructions {
			raw, _ := ixs[i].Data()
			require.Equal(t, len(raw), in.DataLength)
			require.Len(t, in.Accounts, len(ixs[i].Accounts()))
			require.NotEmpty(t, in.Summary)
			require.NotContains(t, quoted.ReplaceAllString(in.Summary, ""), "{",
				"a gap that is to be filled")
			for _, r := range in.Summary {
				require.True(t, unicode.IsPrint(r), "%q", in.Summary)
			}

			require.Equal(t, in.Known(), in.Name != explain.Unknown)
			if !in.Known() {
				require.Empty(t, in.Amounts)
				require.Empty(t, in.Values)
			}
		}

		require.NotEmpty(t, e.String())
		for _, owner := range []solana.PublicKey{key(0), key(1), {}} {
			err := explain.Verify(e, explain.Policy{Owner: owner})
			if err != nil {
				require.False(t, strings.ContainsAny(err.Error(), "\n\r"))
			}

			if len(e.Unknown()) > 0 {
				require.Error(t, err)
			}
		}
	})
}

// key returns an example address. The last one is the system program.
func key(n byte) (k solana.PublicKey) {
	if n == 6 {
		return k
	}
	for i := range k {
		k[i] = n + 1
	}
	return k
}
