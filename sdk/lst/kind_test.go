package lst_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

func TestKind_Names(t *testing.T) {
	names := map[lst.Kind]string{
		lst.KindSPL: "Spl", lst.KindSanctumSPL: "SanctumSpl",
		lst.KindSanctumSPLMulti: "SanctumSplMulti", lst.KindMarinade: "Marinade",
		lst.KindLido: "Lido", lst.KindReserve: "ReservePool", lst.KindInfinity: "SPool",
	}

	require.Len(t, names, 7)
	for kind, name := range names {
		require.Equal(t, name, kind.String())
		text, err := json.Marshal(kind)
		require.NoError(t, err)
		var back lst.Kind
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, kind, back)
	}

	for i := range 256 {
		kind := lst.Kind(i)
		_, named := names[kind]
		_, err := kind.MarshalText()
		require.Equal(t, named, err == nil)
		require.Equal(t, !named, strings.HasPrefix(kind.String(), "Kind("))
		require.Equal(t, named && strings.Contains(strings.ToLower(kind.String()), "spl"),
			kind.IsStakePool())
	}

	kind := lst.KindLido
	for _, name := range []string{"", "spl", "SPL", "Infinity", "Kind(1)"} {
		require.ErrorIs(t, kind.UnmarshalText([]byte(name)), lst.ErrInvalidRegistry, "%q", name)
	}

	require.Equal(t, lst.KindLido, kind, "an error leaves the value unchanged")
}
