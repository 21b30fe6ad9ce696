package explain_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/explain"
)

// TestVerify_Hostile refuses transactions that cost an owner more than the
// policy allows, or brought less, when the real programs executed them. The
// end-to-end campaign recorded them. Their names state the cost.
func TestVerify_Hostile(t *testing.T) {
	file, err := os.Open("testdata/hostile.json.gz")
	require.NoError(t, err)
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	require.NoError(t, err)
	var all []recorded
	require.NoError(t, json.NewDecoder(unpacked).Decode(&all))
	require.Greater(t, len(all), 100)
	for _, r := range all {
		e := explain.Transaction(r.unsigned(t), nil)
		err := explain.Verify(e, r.Policy)
		var refused *explain.VerifyError
		require.ErrorAs(t, err, &refused, "%s\n%s", r.Name, e)
	}

	t.Logf("%d refused", len(all))
}
