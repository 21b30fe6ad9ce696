package sdktest_test

import (
	"encoding/json"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func TestNode_Accounts(t *testing.T) {
	node := sdktest.NewNode(100, 3, some)
	type account struct {
		Lamports   uint64
		Owner      solana.PublicKey
		Data       []string
		Space      int
		Executable bool
	}

	for _, c := range []struct {
		name  string
		slice any
		want  []byte
	}{
		{"all", nil, []byte{0, 1, 2, 3, 4}},
		{"beginning", object{"offset": 0, "length": 2}, []byte{0, 1}},
		{"middle", object{"offset": 3, "length": 1}, []byte{3}},
		{"length beyond the end", object{"offset": 4, "length": 9}, []byte{4}},
		{"offset beyond the end", object{"offset": 9, "length": 9}, []byte{}},
	} {
		slot, list := result[[]*account](t,
			ask(t, node, "getMultipleAccounts", []solana.PublicKey{nowhere, some.Address},
				object{"dataSlice": c.slice}))
		require.Equal(t, uint64(100), slot)
		require.Len(t, list, 2)
		require.Nil(t, list[0])
		require.Equal(t, &account{
			Lamports: 5,
			Owner:    some.Owner,
			Data:     []string{encoded(c.want), "base64"},
			Space:    5,
		}, list[1], c.name)
	}

	keys := make([]solana.PublicKey, 101)
	require.Equal(t, -32602, ask(t, node, "getMultipleAccounts", keys).Error.Code,
		"same as a real node")
	require.Nil(t, ask(t, node, "getMultipleAccounts", keys[:100]).Error)

	a, ok := node.Account(some.Address)
	require.True(t, ok)
	require.Equal(t, some, a)
	node.Remove(some.Address)
	_, ok = node.Account(some.Address)
	require.False(t, ok)
	_, list := result[[]*account](t,
		ask(t, node, "getMultipleAccounts", []solana.PublicKey{some.Address}))
	require.Equal(t, []*account{nil}, list)
	node.Put(some)
	_, ok = node.Account(some.Address)
	require.True(t, ok)
}

func TestNode_MinContextSlot(t *testing.T) {
	node := sdktest.NewNode(100, 3, some)
	raw, _ := fake(1)
	node.OnSend(func([]byte) *sdktest.Error { return nil })
	node.OnSimulate(func([]byte) sdktest.Simulation { return sdktest.Simulation{} })
	for method, params := range map[string][]any{
		"getMultipleAccounts": {[]solana.PublicKey{}}, "getLatestBlockhash": {},
		"simulateTransaction": {encoded(raw)}, "sendTransaction": {encoded(raw)},
	} {
		at := func(slot uint64) answer {
			return ask(t, node, method, append(params, object{"minContextSlot": slot})...)
		}
		require.Nil(t, at(100).Error, method)
		require.Equal(t, -32016, at(101).Error.Code, method)
	}

	node.Advance(1)
	require.Nil(t, ask(t, node, "getLatestBlockhash", object{"minContextSlot": 101}).Error)
}

func TestNode_Settings(t *testing.T) {
	node := sdktest.NewNode(100, 3)
	_, minimum := result[uint64](t, ask(t, node, "getStakeMinimumDelegation"))
	require.Equal(t, uint64(1_000_000_000), minimum)
	node.SetMinimumDelegation(7)
	_, minimum = result[uint64](t, ask(t, node, "getStakeMinimumDelegation"))
	require.Equal(t, uint64(7), minimum)
	require.JSONEq(t, `[]`, string(ask(t, node, "getRecentPrioritizationFees").Result))
	node.SetFees(3, 1)
	require.JSONEq(t, `[{"slot":100,"prioritizationFee":3},{"slot":100,"prioritizationFee":1}]`,
		string(ask(t, node, "getRecentPrioritizationFees").Result))
	require.Equal(t, -32601, ask(t, node, "getBalance").Error.Code)
}

// TestNode_Transactions sets functions that call methods of the node.
func TestNode_Transactions(t *testing.T) {
	node := sdktest.NewNode(100, 3)
	raw, signature := fake(1)
	for _, method := range []string{"simulateTransaction", "sendTransaction"} {
		require.Equal(t, -32601, ask(t, node, method, encoded(raw)).Error.Code, "needs a function")
		require.Equal(t, -32602, ask(t, node, method, "%").Error.Code)
		require.Equal(t, -32602, ask(t, node, method, 5).Error.Code)
	}

	node.OnSimulate(func(got []byte) sdktest.Simulation {
		require.Equal(t, raw, got)
		node.Advance(1)
		return sdktest.Simulation{Err: `"AccountNotFound"`, Logs: []string{"a log"}, Units: 9}
	})

	slot, simulation := result[object](t, ask(t, node, "simulateTransaction", encoded(raw)))
	require.Equal(t, uint64(101), slot)
	require.Equal(t,
		object{"err": "AccountNotFound", "logs": []any{"a log"}, "accounts": nil,
			"unitsConsumed": 9.0},
		simulation)

	_, statuses := result[[]object](t,
		ask(t, node, "getSignatureStatuses", []solana.Signature{signature}))
	require.Equal(t, []object{nil}, statuses)
	require.Equal(t, "null", string(ask(t, node, "getTransaction", signature).Result))
	node.OnSend(func(got []byte) *sdktest.Error {
		require.Equal(t, raw, got)
		node.SetStatus(signature, sdktest.Status{
			Slot:         102,
			Confirmation: "confirmed",
			Err:          `{"InstructionError":[0,{"Custom":1}]}`,
			Logs:         []string{"x"},
			Units:        8,
			Fee:          7,
		})

		return nil
	})

	require.JSONEq(t, `"`+signature.String()+`"`,
		string(ask(t, node, "sendTransaction", encoded(raw)).Result))
	_, statuses = result[[]object](t,
		ask(t, node, "getSignatureStatuses", []solana.Signature{{9}, signature}))
	require.Nil(t, statuses[0])
	require.EqualValues(t, 102, statuses[1]["slot"])
	require.Equal(t, "confirmed", statuses[1]["confirmationStatus"])
	require.NotNil(t, statuses[1]["err"])
	var landed struct {
		Slot uint64
		Meta struct {
			Fee, ComputeUnitsConsumed uint64
			LogMessages               []string
		}
	}

	require.NoError(t, json.Unmarshal(ask(t, node, "getTransaction", signature).Result, &landed))
	require.Equal(t, uint64(102), landed.Slot)
	require.Equal(t, uint64(7), landed.Meta.Fee)
	require.Equal(t, uint64(8), landed.Meta.ComputeUnitsConsumed)
	require.Equal(t, []string{"x"}, landed.Meta.LogMessages)

	node.OnSend(func([]byte) *sdktest.Error {
		return sdktest.Preflight(`"BlockhashNotFound"`, "a log")
	})
	refused := ask(t, node, "sendTransaction", encoded(raw)).Error
	require.Equal(t, -32002, refused.Code)
	require.JSONEq(t, `{"err":"BlockhashNotFound","logs":["a log"]}`, string(refused.Data))
}

func TestNode_ProgramAccounts(t *testing.T) {
	program := solana.PublicKey{7}
	account := func(n byte, owner solana.PublicKey, data ...byte) accounts.Account {
		return accounts.Account{
			Address:  solana.PublicKey{n},
			Owner:    owner,
			Lamports: 5,
			Data:     data,
		}
	}

	node := sdktest.NewNode(100, 3, account(3, program, 1, 2, 3), account(2, program, 1, 9),
		account(1, program, 4, 2, 3), account(4, solana.PublicKey{8}, 1, 2, 3))
	first := func(filters ...object) (found []byte) {
		var list []struct{ Pubkey solana.PublicKey }
		answer := ask(t, node, "getProgramAccounts", program, object{"filters": filters})
		require.NoError(t, json.Unmarshal(answer.Result, &list))
		for _, a := range list {
			found = append(found, a.Pubkey[0])
		}

		return found
	}

	memcmp := func(offset int, of ...byte) object {
		return object{"memcmp": object{"offset": offset, "bytes": solana.Base58(of)}}
	}
	require.Equal(t, []byte{1, 2, 3}, first())
	require.Equal(t, []byte{1, 3}, first(object{"dataSize": 3}))
	require.Equal(t, []byte{2, 3}, first(memcmp(0, 1)))
	require.Equal(t, []byte{3}, first(memcmp(0, 1), memcmp(1, 2, 3)))
	require.Empty(t, first(memcmp(9, 1)))
}

// TestNode_TokenAccountsByOwner lists the token accounts of an owner by program
// and by mint.
func TestNode_TokenAccountsByOwner(t *testing.T) {
	owner, mint, other := solana.PublicKey{1}, solana.PublicKey{2}, solana.PublicKey{3}
	put := func(at byte, program, of, mint solana.PublicKey) accounts.Account {
		token := accounts.TokenAccount{Mint: mint, Owner: of, State: accounts.TokenInitialized}
		return accounts.Account{Address: solana.PublicKey{at}, Owner: program, Lamports: 1,
			Data: token.Encode()}
	}

	node := sdktest.NewNode(5, 0,
		put(10, accounts.TokenProgram, owner, mint),
		put(11, accounts.Token2022Program, owner, mint),
		put(12, accounts.TokenProgram, owner, other),
		put(13, accounts.TokenProgram, other, mint),
		put(14, accounts.StakeProgram, owner, mint))

	client, err := node.Client()
	require.NoError(t, err)
	list := func(of rpc.GetTokenAccountsConfig) (keys []byte, err error) {
		found, err := client.RPC().GetTokenAccountsByOwner(t.Context(), owner, &of,
			&rpc.GetTokenAccountsOpts{Encoding: solana.EncodingBase64})
		if err != nil {
			return nil, err
		}

		for _, a := range found.Value {
			keys = append(keys, a.Pubkey[0])
		}

		return keys, nil
	}

	program := accounts.TokenProgram
	got, err := list(rpc.GetTokenAccountsConfig{ProgramId: &program})
	require.NoError(t, err)
	require.Equal(t, []byte{10, 12}, got)
	got, err = list(rpc.GetTokenAccountsConfig{Mint: &mint})
	require.NoError(t, err)
	require.Equal(t, []byte{10, 11}, got)
	_, err = list(rpc.GetTokenAccountsConfig{})
	require.ErrorContains(t, err, "pass either a mint or a program")
}
