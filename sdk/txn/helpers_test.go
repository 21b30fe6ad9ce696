package txn_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// seeded returns the signer of a name. It is the same on every run.
func seeded(t testing.TB, name string) *txn.KeySigner {
	t.Helper()
	signer, err := txn.NewKeySigner(pair(name))
	require.NoError(t, err)
	return signer
}

// pair returns the key pair of a name, as the 64 bytes of a key file.
func pair(name string) []byte {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// key returns an address for a name.
func key(name string) solana.PublicKey { return sha256.Sum256([]byte("address of " + name)) }

var (
	program   = key("program")
	blockhash = solana.Hash{7}
)

// step returns a step with the given data and accounts.
func step(data []byte, metas ...*solana.AccountMeta) txn.Step {
	return txn.Step{Description: "do something",
		Instruction: solana.NewInstruction(program, metas, data)}
}

// plan returns a valid plan.
func plan(payer solana.PublicKey, steps ...txn.Step) txn.Plan {
	return txn.Plan{Payer: payer, Steps: steps,
		Lifetime: txn.Lifetime{Blockhash: blockhash, LastValidBlockHeight: 150, Slot: 1}}
}

// legacyIf returns the versions of a plan in the legacy format, or none.
func legacyIf(legacy bool) []txn.Version {
	if legacy {
		return []txn.Version{txn.VersionLegacy}
	}
	return nil
}

func compile(t testing.TB, p txn.Plan) *txn.Unsigned {
	t.Helper()
	u, err := p.Compile()
	require.NoError(t, err)
	return u
}

// decode reads a transaction with solana-go.
func decode(t testing.TB, base64 string) *solana.Transaction {
	t.Helper()
	tx, err := solana.TransactionFromBase64(base64)
	require.NoError(t, err)
	return tx
}

// device is a signer that a test controls. It counts its calls.
type device struct {
	key   solana.PublicKey
	asked int
	sign  func(ctx context.Context, message []byte) (solana.Signature, error)
}

func (d *device) PublicKey() solana.PublicKey { return d.key }

func (d *device) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	d.asked++
	return d.sign(ctx, message)
}

// deviceOf wraps another signer.
func deviceOf(s txn.Signer) *device { return &device{key: s.PublicKey(), sign: s.Sign} }
