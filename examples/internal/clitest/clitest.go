// Package clitest is what the tests of the example programs share: a node to run against, keys, stake accounts, and a look at what was
// printed.
package clitest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/examples/internal/cli"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// Rent is that of a stake account on the embedded market, in lamports.
const Rent = 2_282_880

// Epoch is that of the embedded market.
const Epoch = 793

// SharedVote is a validator of the embedded market that hubSOL and Marinade have in common.
const SharedVote = "7K8DVxtNJGnMtUY1CQJT5jcs8sFGSZTDiG7kowvFpECh"

// Command runs an example.
type Command func(ctx context.Context, args []string, out, errOut io.Writer) error

// Run runs an example that has no reason to print errors.
func (c Command) Run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, errOut bytes.Buffer
	err := c(t.Context(), args, &out, &errOut)
	require.Empty(t, errOut.String())
	return out.String(), err
}

// Report runs an example with -json and returns its report, whose transaction must be whole and signed.
func (c Command) Report(t *testing.T, args ...string) cli.Report {
	t.Helper()
	out, err := c.Run(t, append(args, "-json")...)
	require.NoError(t, err)
	var r cli.Report
	require.NoError(t, json.Unmarshal([]byte(out), &r), out)
	Signed(t, &r)
	return r
}

// Signed checks the transaction of a report.
func Signed(t *testing.T, r *cli.Report) *solana.Transaction {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(r.Transaction)
	require.NoError(t, err)
	require.Len(t, raw, r.Size)
	tx, err := solana.TransactionFromBytes(raw)
	require.NoError(t, err)
	require.NoError(t, tx.VerifySignatures())
	require.Equal(t, tx.Signatures[0].String(), r.Signature)
	return tx
}

// Refused runs an example that must fail, with an error of one line and without printing anything that looks like a trade.
func (c Command) Refused(t *testing.T, want error, text string, args ...string) {
	t.Helper()
	out, err := c.Run(t, args...)
	require.Error(t, err, "%v", args)
	require.Empty(t, out)
	if want != nil {
		require.ErrorIs(t, err, want, "%v", args)
	}
	require.Contains(t, err.Error(), text, "%v", args)
	require.NotContains(t, err.Error(), "\n")
}

// KeyFile writes a new key as solana-keygen does.
func KeyFile(t *testing.T) (path string, owner solana.PublicKey) {
	t.Helper()
	key, err := solana.NewRandomPrivateKey()
	require.NoError(t, err)
	numbers := make([]int, len(key))
	for i, b := range key {
		numbers[i] = int(b)
	}
	text, err := json.Marshal(numbers)
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "id.json")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path, key.PublicKey()
}

// Serve is a node with the embedded market over HTTP, which simulates and takes transactions.
func Serve(t *testing.T) (node *sdktest.Node, endpoint string) {
	t.Helper()
	node, err := sdktest.Demo()
	require.NoError(t, err)
	node.OnSimulate(func([]byte) sdktest.Simulation { return sdktest.Simulation{Units: 60_000} })
	endpoint, stop, err := node.Listen()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	return node, endpoint
}

// Land lets transactions land at once, with this error if it is not empty.
func Land(node *sdktest.Node, failure string) {
	node.OnSend(func(raw []byte) *sdktest.Error {
		node.SetStatus(solana.SignatureFromBytes(raw[1:65]), sdktest.Status{
			Slot: 342792004, Confirmation: "confirmed", Units: 58_765, Fee: 5_000, Err: failure,
		})
		return nil
	})
}

// PutStake gives the node a stake account with the shared validator, delegated long ago and deactivated in an epoch, and returns its
// address.
func PutStake(t *testing.T, node *sdktest.Node, owner solana.PublicKey, staked, deactivation uint64) solana.PublicKey {
	t.Helper()
	address := solana.NewWallet().PublicKey()
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, accounts.StakeAccount{
		State: accounts.StakeDelegated, RentExemptReserve: Rent, Staker: owner, Withdrawer: owner,
		Delegation: accounts.Delegation{
			Voter: solana.MustPublicKeyFromBase58(SharedVote), Stake: staked, ActivationEpoch: 1, DeactivationEpoch: deactivation,
		},
	}.Encode())
	node.Put(accounts.Account{Address: address, Owner: accounts.StakeProgram, Lamports: staked + Rent, Data: data})
	return address
}
