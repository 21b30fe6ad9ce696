package sdk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// buildMode selects how a transaction is built: with a durable nonce or a
// recent blockhash, and with or without a memo that makes it too large without
// a lookup table.
type buildMode struct {
	name         string
	nonce, table bool
}

// buildModes are all build modes.
var buildModes = []buildMode{
	{name: "plain"},
	{name: "nonce", nonce: true},
	{name: "table", table: true},
	{name: "nonce and table", nonce: true, table: true},
}

// build builds the transaction of a quote. It returns nil if the transaction is
// too large.
func (f *verifying) build(
	t *testing.T, q route.Quote, payer solana.PublicKey, how buildMode, name string,
) (*txn.Unsigned, route.Quote, sdk.BuildOptions) {
	t.Helper()
	lifetime := txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1}
	o := sdk.BuildOptions{
		Owner:          f.owner,
		Payer:          payer,
		Seed:           "seed",
		Lifetime:       &lifetime,
		SkipSimulation: true,
		SkipPayerCheck: true,
		Priority:       sdk.PriorityFee{ComputeUnitPrice: 1},
	}
	if how.nonce {
		o.Lifetime, o.Nonce = nil, nonceAddress
	}

	if how.table {
		tables := append(slices.Clone(q.Tables), tableOf(t, q, o))
		q.Tables = nil
		plain, err := f.client.Build(t.Context(), q, o)
		if !errors.Is(err, txn.ErrTransactionTooLarge) {
			require.NoError(t, err, name)
			o.Memo = strings.Repeat("x", max(txn.MaxSize-plain.Size(), 1))
		}

		q.Tables = tables
	}

	u, err := f.client.Build(t.Context(), q, o)
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		return nil, q, o
	}

	require.NoError(t, err, name)
	require.Equal(t, how.nonce, u.Lifetime().Durable(), name)
	if how.table {
		require.NotEmpty(t, u.LookupTables(), name)
	}

	return u, q, o
}

// tableOf returns a lookup table with all accounts in the instructions of a
// quote.
func tableOf(t *testing.T, q route.Quote, o sdk.BuildOptions) txn.LookupTable {
	t.Helper()
	parties := route.BuildParams{
		Owner:      o.Owner,
		Payer:      o.Payer,
		Seed:       o.Seed,
		PreBalance: new(uint64),
	}
	if q.NeedsStakeKeypair {
		parties.NewAccount = newSigner(t).PublicKey()
	}

	steps, err := q.Steps(parties)
	require.NoError(t, err)
	table := txn.LookupTable{Address: solana.PublicKey{0x7a, 1}}
	for _, s := range steps {
		for _, m := range s.Instruction.Accounts() {
			if !slices.Contains(table.Addresses, m.PublicKey) {
				table.Addresses = append(table.Addresses, m.PublicKey)
			}
		}
	}

	return table
}
