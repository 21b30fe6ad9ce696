package txn_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

func TestMemo(t *testing.T) {
	for _, text := range []string{"x", "\x00", "two\nlines", "🐆", strings.Repeat("m", 900)} {
		s, err := txn.Memo(text)
		require.NoError(t, err)
		require.Equal(t, accounts.MemoProgram, s.Instruction.ProgramID())
		require.Empty(t, s.Instruction.Accounts())
		data, err := s.Instruction.Data()
		require.NoError(t, err)
		require.Equal(t, text, string(data), "the text and nothing else")
		require.NotContains(t, s.Description, "\n")
		require.Equal(t, uint32(3_000+400*len(text)), s.ComputeUnits)
	}

	for _, text := range []string{"", "\xff", "cut \xf0\x9f\x90"} {
		s, err := txn.Memo(text)
		require.ErrorIs(t, err, txn.ErrMemo)
		require.Zero(t, s)
	}

	s, err := txn.Memo(strings.Repeat("m", 1_200))
	require.NoError(t, err)
	_, err = plan(key("payer"), s).Compile()
	require.ErrorIs(t, err, txn.ErrTransactionTooLarge, "the size is the limit")
}
