package e2e

import (
	"encoding/json"
	"os"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/explain"
)

// recordedAttack is a transaction that cost the owner more than the policy.
type recordedAttack struct {
	Name        string         `json:"name"`
	Transaction string         `json:"transaction"`
	Policy      explain.Policy `json:"policy"`
}

// record keeps some of the harmful transactions.
func (c *campaign) record(b *base, policy explain.Policy, s step) {
	if !s.accepted && len(c.recorded) < 600 && c.harmful%7 == 0 {
		c.recorded = append(
			c.recorded,
			recordedAttack{Name: s.harm, Transaction: s.text, Policy: policy},
		)
	}
}

// write stores the recorded transactions.
func (c *campaign) write() {
	file := os.Getenv(hostileFile)
	if file == "" {
		return
	}
	text, err := json.Marshal(c.recorded)
	require.NoError(c.t, err)
	require.NoError(c.t, os.WriteFile(file, text, 0o600))
	c.t.Logf("%d recorded at %s", len(c.recorded), time.Now().UTC().Format(time.DateOnly))
}
