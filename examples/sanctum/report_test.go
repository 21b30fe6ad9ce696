package main

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestReport_Keys compares the keys of -json with golden files. Programs rely
// on them, so no key may be renamed or removed.
func TestReport_Keys(t *testing.T) {
	for name, args := range map[string][]string{
		"stake": {"stake", "-to", "bSOL", "-amount", "1.5"},
		"swap":  {"swap"},
		"unstake": {"unstake", "-from", "BNSOL", "-amount", "10", "-max-prefund",
			"2000000000"},
		"deposit-stake": {"deposit-stake", "-to", "mSOL", "-amount", "2.5"},
		"delayed":       {"delayed"},
		"liquidity":     {"liquidity"},
		"infinity":      {"infinity"},
		"prices":        {"prices"},
		"explain": {
			"explain", "-pay", "1SOL", "-receive", "0.8jitoSOL",
			"-transaction", stakeTool.report(t).Transaction,
		},
	} {
		out, err := tool(args[0]).run(t, append(args[1:], "-json")...)
		require.NoError(t, err)
		checkKeys(t, name, out)
	}
}

// TestReport_KeysOfSending compares the keys that -send adds.
func TestReport_KeysOfSending(t *testing.T) {
	const slippage = `{"InstructionError":[2,{"Custom":39}]}`

	node, endpoint := serve(t)
	key, _ := keyFile(t)
	args := []string{"-rpc", endpoint, "-keypair", key, "-send", "-json", "-to", "bSOL"}
	land(node, "")
	out, err := stakeTool.run(t, args...)
	require.NoError(t, err)
	checkKeys(t, "sent", out)

	node.OnSend(func([]byte) *sdktest.Error { return sdktest.Preflight(slippage) })
	out, err = stakeTool.run(t, args...)
	require.Error(t, err)
	checkKeys(t, "refused", out)
}

// checkKeys checks that an object has exactly the keys of a golden file.
func checkKeys(t *testing.T, name, object string) {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(object), &value), object)
	keys := make(map[string]bool)
	collectKeys("", value, keys)
	got := slices.Sorted(maps.Keys(keys))

	path := filepath.Join("testdata", "keys", name+".txt")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(strings.Join(got, "\n")+"\n"), 0o600))
	}

	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.Fields(string(want)), got, "%s: the keys of -json are a contract",
		name)
}

// collectKeys returns each key with its path: "quotes[].fees[].rate".
func collectKeys(path string, value any, keys map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			name := strings.TrimPrefix(path+"."+key, ".")
			keys[name] = true
			collectKeys(name, inner, keys)
		}

	case []any:
		for _, inner := range value {
			collectKeys(path+"[]", inner, keys)
		}
	}
}
