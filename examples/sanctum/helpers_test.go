package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// stakeRent is the rent of a stake account on the embedded market, in lamports.
const stakeRent = 2_282_880

// epoch is the epoch of the embedded market.
const epoch = 793

// tool returns a command by its name.
type tool string

// today is the current time of the tests.
var today = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// testConsole returns a console of 100 columns that is not a terminal.
func testConsole(out *bytes.Buffer) *console {
	return &console{
		in:       strings.NewReader(""),
		out:      out,
		err:      out,
		width:    widest,
		patience: time.Minute,
		now:      func() time.Time { return today },
	}
}

// run runs a command that must not print errors.
func (c tool) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, errOut bytes.Buffer
	console := testConsole(&out)
	console.err = &errOut
	err := run(t.Context(), append([]string{string(c)}, args...), console)
	require.Empty(t, errOut.String())
	return out.String(), err
}

// report runs a command with -json and returns its report. The transaction must
// be complete and signed.
func (c tool) report(t *testing.T, args ...string) tradeReport {
	t.Helper()
	out, err := c.run(t, append(args, "-json")...)
	require.NoError(t, err)
	var r tradeReport
	require.NoError(t, json.Unmarshal([]byte(out), &r), out)
	checkSigned(t, &r)
	return r
}

// checkSigned checks the transaction of a report.
func checkSigned(t *testing.T, r *tradeReport) *solana.Transaction {
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

// refused runs a command that must fail with an error of one line, and must not
// print a trade.
func (c tool) refused(t *testing.T, want error, text string, args ...string) {
	t.Helper()
	out, err := c.run(t, args...)
	require.Error(t, err, "%v", args)
	require.Empty(t, out)
	if want != nil {
		require.ErrorIs(t, err, want, "%v", args)
	}
	require.Contains(t, err.Error(), text, "%v", args)
	require.NotContains(t, err.Error(), "\n")
}

// keyFile writes a new key in the format of solana-keygen.
func keyFile(t *testing.T) (path string, owner solana.PublicKey) {
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

// serve starts a node with the embedded market over HTTP that simulates and
// accepts transactions.
func serve(t *testing.T) (node *sdktest.Node, endpoint string) {
	t.Helper()
	node, err := sdktest.Demo()
	require.NoError(t, err)
	node.OnSimulate(func([]byte) sdktest.Simulation { return sdktest.Simulation{Units: 60_000} })
	endpoint, stop, err := node.Listen()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	return node, endpoint
}

// land lets transactions land immediately, with the given error if it is not
// empty.
func land(node *sdktest.Node, failure string) {
	node.OnSend(func(raw []byte) *sdktest.Error {
		node.SetStatus(solana.SignatureFromBytes(raw[1:65]), sdktest.Status{
			Slot: 342792004, Confirmation: "confirmed", Units: 58_765, Fee: 5_000, Err: failure,
		})
		return nil
	})
}

// putStake adds a stake account with the shared validator to the node,
// delegated long ago and deactivated in the given epoch. It returns the
// address.
func putStake(
	t *testing.T,
	node *sdktest.Node,
	owner solana.PublicKey,
	staked, deactivation uint64,
) solana.PublicKey {
	t.Helper()
	address := solana.NewWallet().PublicKey()
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, accounts.StakeAccount{
		State:             accounts.StakeDelegated,
		RentExemptReserve: stakeRent,
		Staker:            owner,
		Withdrawer:        owner,
		Delegation: accounts.Delegation{
			Voter: sharedVote, Stake: staked, ActivationEpoch: 1, DeactivationEpoch: deactivation,
		},
	}.Encode())

	node.Put(accounts.Account{
		Address:  address,
		Owner:    accounts.StakeProgram,
		Lamports: staked + stakeRent,
		Data:     data,
	})

	return address
}

var folds = regexp.MustCompile(`\n {4,}`)

// unfold joins wrapped lines, because the wrapping depends on the length of
// random addresses.
func unfold(text string) string { return folds.ReplaceAllString(text, " ") }

// containsAll checks that a text contains all parts, wrapped or not.
func containsAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	text = unfold(text)
	for _, part := range parts {
		require.Contains(t, text, unfold(part))
	}
}
