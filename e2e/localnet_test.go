// Package e2e runs the module's transactions with the real programs behind an
// RPC address, and compares every amount.
//
// The environment variable SANCTUM_E2E_RPC has the address; without it the
// tests are skipped. The server must be a test validator with the programs
// under test whose accounts and clock can be set (methods localnet_*).
// CONTRIBUTING.md explains how to run one.
package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// rpcVariable names the environment variable with the server's address.
const rpcVariable = "SANCTUM_E2E_RPC"

// localnet is a test validator.
type localnet struct {
	t        testing.TB
	endpoint string
	http     *http.Client
}

func connect(t testing.TB) *localnet {
	endpoint := os.Getenv(rpcVariable)
	if endpoint == "" {
		t.Skipf("set %s to the address of a test validator with the real programs to run this",
			rpcVariable)
	}
	return &localnet{t: t, endpoint: endpoint, http: &http.Client{Timeout: time.Minute}}
}

// call is one JSON-RPC call of a batch.
type call struct {
	Version string `json:"jsonrpc"`
	ID      int    `json:"id"`
	Method  string `json:"method"`
	Params  any    `json:"params,omitempty"`
}

type rpcError struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

type reply struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *rpcError       `json:"error"`
}

// batch makes calls in order and returns their replies in the same order.
func (l *localnet) batch(calls ...call) []reply {
	l.t.Helper()
	for i := range calls {
		calls[i].Version, calls[i].ID = "2.0", i
	}

	body, err := json.Marshal(calls)
	require.NoError(l.t, err)
	res, err := l.http.Post(l.endpoint, "application/json", bytes.NewReader(body))
	require.NoError(l.t, err)
	defer res.Body.Close()
	var replies []reply
	require.NoError(l.t, json.NewDecoder(res.Body).Decode(&replies))
	ordered := make([]reply, len(calls))
	for _, r := range replies {
		ordered[r.ID] = r
	}

	return ordered
}

// must makes one call that must succeed.
func (l *localnet) must(out any, method string, params any) {
	l.t.Helper()
	r := l.batch(call{Method: method, Params: params})[0]
	require.Nil(l.t, r.Error, "%s: %+v", method, r.Error)
	if out != nil {
		require.NoError(l.t, json.Unmarshal(r.Result, out))
	}
}

func setAccount(a accounts.Account) call {
	return call{
		Method: "localnet_setAccount",
		Params: map[string]any{
			"pubkey": a.Address,
			"account": map[string]any{
				"lamports": a.Lamports, "owner": a.Owner,
				"data":       []string{base64.StdEncoding.EncodeToString(a.Data), "base64"},
				"executable": false, "rentEpoch": 0,
			},
		},
	}
}

func dropAccount(address solana.PublicKey) call {
	return call{Method: "localnet_setAccount",
		Params: map[string]any{"pubkey": address, "account": nil}}
}

// get reads accounts and records missing ones as missing.
func (l *localnet) get(keys ...solana.PublicKey) *accounts.Set {
	l.t.Helper()
	var out struct {
		Context struct{ Slot uint64 }
		Value   []*struct {
			Lamports   uint64
			Owner      solana.PublicKey
			Data       []string
			Executable bool
		}
	}

	l.must(&out, "getMultipleAccounts", []any{keys, map[string]string{"encoding": "base64"}})
	set := accounts.NewSet(out.Context.Slot)
	for i, v := range out.Value {
		if v == nil {
			set.PutMissing(keys[i])
			continue
		}

		data, err := base64.StdEncoding.DecodeString(v.Data[0])
		require.NoError(l.t, err)
		set.Put(accounts.Account{
			Address:    keys[i],
			Owner:      v.Owner,
			Lamports:   v.Lamports,
			Data:       data,
			Executable: v.Executable,
		})
	}

	return set
}

// chain reads the state of the network.
func (l *localnet) chain() figures.Chain {
	l.t.Helper()
	set := l.get(accounts.ClockSysvar, accounts.RentSysvar, accounts.EpochScheduleSysvar)
	clock, err := accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	require.NoError(l.t, err)
	rent, err := accounts.Load(set, accounts.RentSysvar, accounts.DecodeRent)
	require.NoError(l.t, err)
	schedule, err := accounts.Load(set, accounts.EpochScheduleSysvar, accounts.DecodeEpochSchedule)
	require.NoError(l.t, err)
	var minimum struct{ Value uint64 }
	l.must(&minimum, "getStakeMinimumDelegation", []any{})

	return figures.Chain{
		Clock:             *clock,
		Rent:              *rent,
		EpochSchedule:     *schedule,
		MinimumDelegation: minimum.Value,
	}
}

// rents returns the rent, in lamports, of an account without data and of a
// token account.
func rents(t testing.TB, chain figures.Chain) (empty, token uint64) {
	t.Helper()
	empty, err := chain.Rent.MinimumBalance(0)
	require.NoError(t, err)
	token, err = chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	return empty, token
}

// programHash identifies the build of a program, or is empty if it is not
// deployed.
func (l *localnet) programHash(program solana.PublicKey) string {
	l.t.Helper()
	address, err := accounts.ProgramDataAddress(program)
	require.NoError(l.t, err)
	a, err := l.get(address).Get(address)
	if err != nil {
		return ""
	}
	return accounts.ProgramHash(a.Data)
}

// lifetime returns a blockhash to build with.
func lifetime(t testing.TB, r reply) txn.Lifetime {
	t.Helper()
	var latest struct {
		Value struct {
			Blockhash            solana.Hash
			LastValidBlockHeight uint64
		}
	}

	require.Nil(t, r.Error)
	require.NoError(t, json.Unmarshal(r.Result, &latest))
	return txn.Lifetime{Blockhash: latest.Value.Blockhash,
		LastValidBlockHeight: latest.Value.LastValidBlockHeight}
}

var latestBlockhash = call{Method: "getLatestBlockhash"}

// execute sends a transaction. It returns the failure as a typed error, or nil
// if it landed.
func (l *localnet) execute(tx *txn.Signed) error {
	l.t.Helper()
	return l.executeText(tx.Base64(), tx.Unsigned().Programs())
}

// executeText does the same for a transaction in base64 with instructions of
// the given programs.
func (l *localnet) executeText(tx string, programs []solana.PublicKey) error {
	l.t.Helper()
	r := l.batch(call{Method: "sendTransaction",
		Params: []any{tx, map[string]string{"encoding": "base64"}}})[0]
	if r.Error == nil {
		return nil
	}

	var data struct {
		Err  json.RawMessage
		Logs []string
	}

	require.NoError(l.t, json.Unmarshal(r.Error.Data, &data), "%s", r.Error.Message)
	if failure := progerr.Parse(data.Err, programs, data.Logs); failure != nil {
		return failure
	}

	return fmt.Errorf("send: %s", r.Error.Message)
}

// units simulates a transaction and returns its compute units.
func (l *localnet) units(tx *txn.Signed) uint64 {
	l.t.Helper()
	var out struct {
		Value struct{ UnitsConsumed uint64 }
	}
	l.must(&out, "simulateTransaction", []any{tx.Base64(), map[string]any{"encoding": "base64"}})
	return out.Value.UnitsConsumed
}
