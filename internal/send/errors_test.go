package send

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrors_Text(t *testing.T) {
	dump := errors.New("a\n  dump\twith " + strings.Repeat("é", 300))
	for _, err := range []error{
		&ExpiredError{Signature: testSig, LastValidBlockHeight: 100, Last: dump},
		&UncertainError{
			Signature:            testSig,
			LastValidBlockHeight: 100,
			Cause:                context.Canceled,
			Last:                 dump,
		},
		&PreflightError{Message: dump.Error(), Err: []byte("{\n}"), Logs: []string{"x\ny"}},
	} {
		require.NotContains(t, err.Error(), "\n")
		require.Less(t, len(err.Error()), 500)
		require.Equal(t, strings.ToValidUTF8(err.Error(), "?"), err.Error())
	}

	sig := testSig.String()
	require.EqualError(t, &ExpiredError{Signature: testSig, LastValidBlockHeight: 100},
		"transaction expired (another one may be signed): "+sig+
			" did not land and last valid block height 100 has passed")
	require.EqualError(t, &UncertainError{
		Signature:            testSig,
		LastValidBlockHeight: 100,
		Cause:                context.Canceled,
		Last:                 errLost,
	},
		"transaction may still land (do not sign another one, resume it): "+sig+
			", until block height 100: context canceled (last failed call: connection reset)")

	require.EqualError(t,
		&PreflightError{Message: "Blockhash not found", Err: []byte(`"BlockhashNotFound"`)},
		`refused in simulation: Blockhash not found ("BlockhashNotFound")`)
}
