package wire_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// TestInstruction_AnySize checks that an instruction of any size has the
// appended accounts and data, and that appending to the result does not change
// it.
func TestInstruction_AnySize(t *testing.T) {
	program := solana.PublicKey{7}
	for _, room := range []int{0, 3, 6, 12, 16, 26, 40} {
		for _, size := range []int{0, 1, 20, 21, 60} {
			ix := wire.NewInstruction(program, room)
			var metas []*solana.AccountMeta
			var data []byte
			for i := range size {
				key := solana.PublicKey{1, byte(i)}
				ix.Account(key, i%2 == 0, i%3 == 0)
				metas = append(metas, solana.NewAccountMeta(key, i%2 == 0, i%3 == 0))
				ix.U8(uint8(i))
				data = append(data, byte(i))
			}

			made := ix.Done()
			_ = append(made.Accounts(), solana.Meta(program))
			_ = append(made.DataBytes, 9)
			require.Equal(t, program, made.ProgramID())
			require.Len(t, made.Accounts(), size)
			for i, want := range metas {
				require.Equal(t, want, made.Accounts()[i])
			}

			got, err := made.Data()
			require.NoError(t, err)
			require.Equal(t, data, append([]byte(nil), got...))
		}
	}
}
