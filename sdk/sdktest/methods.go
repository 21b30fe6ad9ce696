package sdktest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// JSON-RPC error codes.
const (
	codeMethodNotFound = -32601
	codeInvalidParams  = -32602
	codeMinContextSlot = -32016
)

// options are the parameters that several methods share.
type options struct {
	Commitment     string     `json:"commitment"`
	MinContextSlot uint64     `json:"minContextSlot"`
	DataSlice      *dataSlice `json:"dataSlice"`
	Accounts       *struct {
		Addresses []solana.PublicKey `json:"addresses"`
	} `json:"accounts"`
}

// param decodes parameter i into out, if the request has it.
func (r request) param(i int, out any) *Error {
	if i >= len(r.Params) {
		return nil
	}
	if err := json.Unmarshal(r.Params[i], out); err != nil {
		return &Error{Code: codeInvalidParams, Message: fmt.Sprintf("invalid parameter %d", i)}
	}
	return nil
}

// handle returns the result of a call, or a JSON-RPC error.
func (n *Node) handle(r request) (any, *Error) {
	// These two call functions of the test without the lock, so that the
	// functions can use the node.
	switch r.Method {
	case "simulateTransaction":
		return n.simulateTransaction(r)
	case "sendTransaction":
		return n.sendTransaction(r)
	}

	n.mu.Lock()
	defer n.mu.Unlock()
	switch r.Method {
	case "getMultipleAccounts":
		return n.getMultipleAccounts(r)
	case "getProgramAccounts":
		return n.getProgramAccounts(r)
	case "getLatestBlockhash":
		return n.getLatestBlockhash(r)
	case "getEpochInfo":
		return map[string]any{
			"absoluteSlot": n.slot, "blockHeight": n.slot, "epoch": n.epoch, "slotIndex": uint64(0),
			"slotsInEpoch": uint64(432_000),
		}, nil

	case "getGenesisHash":
		return n.genesis, nil
	case "getStakeMinimumDelegation":
		return n.inContext(n.minimum), nil
	case "getRecentPrioritizationFees":
		fees := make([]map[string]uint64, len(n.fees))
		for i, f := range n.fees {
			fees[i] = map[string]uint64{"slot": n.slot, "prioritizationFee": f}
		}

		return fees, nil

	case "getSlot":
		return n.getSlot(r)
	case "getRecentPerformanceSamples":
		return n.getRecentPerformanceSamples(r)
	case "getFeeForMessage":
		return n.getFeeForMessage(r)
	case "getSignatureStatuses":
		return n.getSignatureStatuses(r)
	case "getTransaction":
		return n.getTransaction(r)
	}

	return nil, &Error{Code: codeMethodNotFound, Message: "method not found: " + r.Method}
}

func (n *Node) inContext(value any) any {
	return map[string]any{"context": map[string]any{"slot": n.slot}, "value": value}
}

func (n *Node) behind(o options) *Error {
	if o.MinContextSlot > n.slot {
		data, _ := json.Marshal(map[string]uint64{"contextSlot": n.slot})
		return &Error{
			Code:    codeMinContextSlot,
			Message: "Minimum context slot has not been reached",
			Data:    data,
		}
	}
	return nil
}

func (n *Node) getMultipleAccounts(r request) (any, *Error) {
	var keys []solana.PublicKey
	var o options
	if err := r.param(0, &keys); err != nil {
		return nil, err
	}

	if err := r.param(1, &o); err != nil {
		return nil, err
	}

	if err := n.behind(o); err != nil {
		return nil, err
	}

	if len(keys) > 100 {
		return nil, &Error{Code: codeInvalidParams, Message: "Too many inputs provided; max 100"}
	}

	values := make([]any, len(keys))
	for i, key := range keys {
		if a, ok := n.accounts[key]; ok {
			values[i] = encoded(a, o.DataSlice)
		}
	}

	return n.inContext(values), nil
}

// getProgramAccounts returns the accounts of a program that all filters match,
// in the order of their addresses.
func (n *Node) getProgramAccounts(r request) (any, *Error) {
	var program solana.PublicKey
	if err := r.param(0, &program); err != nil {
		return nil, err
	}

	var o struct {
		options
		Filters []accountFilter `json:"filters"`
	}

	if err := r.param(1, &o); err != nil {
		return nil, err
	}

	keys := slices.SortedFunc(maps.Keys(n.accounts), accounts.CompareKeys)
	found := []map[string]any{}
	for _, key := range keys {
		a := n.accounts[key]
		misses := func(f accountFilter) bool { return !f.matches(a.Data) }
		if a.Owner == program && !slices.ContainsFunc(o.Filters, misses) {
			found = append(found, map[string]any{"pubkey": key, "account": encoded(a, o.DataSlice)})
		}
	}

	return found, nil
}

// accountFilter is a filter of getProgramAccounts. Bytes are in base58.
type accountFilter struct {
	DataSize *int `json:"dataSize"`
	Memcmp   *struct {
		Offset int           `json:"offset"`
		Bytes  solana.Base58 `json:"bytes"`
	} `json:"memcmp"`
}

func (f accountFilter) matches(data []byte) bool {
	if f.DataSize != nil && *f.DataSize != len(data) {
		return false
	}
	return f.Memcmp == nil ||
		bytes.HasPrefix(data[min(max(f.Memcmp.Offset, 0), len(data)):], f.Memcmp.Bytes)
}

func (n *Node) getLatestBlockhash(r request) (any, *Error) {
	var o options
	if err := r.param(0, &o); err != nil {
		return nil, err
	}
	if err := n.behind(o); err != nil {
		return nil, err
	}
	return n.inContext(map[string]any{"blockhash": blockhash(n.slot),
		"lastValidBlockHeight": n.slot + blockhashLife}), nil
}

func (n *Node) getSlot(r request) (any, *Error) {
	var o options
	if err := r.param(0, &o); err != nil {
		return nil, err
	}

	if err := n.behind(o); err != nil {
		return nil, err
	}

	if o.Commitment == "finalized" {
		return n.slot - min(n.slot, n.finality), nil
	}

	return n.slot, nil
}

// samplesKept is the number of performance samples, each over one minute.
const samplesKept = 10

func (n *Node) getRecentPerformanceSamples(r request) (any, *Error) {
	limit := samplesKept
	if err := r.param(0, &limit); err != nil {
		return nil, err
	}

	samples := []map[string]uint64{}
	if n.slotTime <= 0 {
		return samples, nil
	}

	slots := uint64(time.Minute / n.slotTime)
	for i := range uint64(min(limit, samplesKept)) {
		samples = append(samples, map[string]uint64{
			"slot":                   n.slot - min(n.slot, i*slots),
			"numSlots":               slots,
			"samplePeriodSecs":       60,
			"numTransactions":        slots * 1000,
			"numNonVoteTransactions": slots * 500,
		})
	}

	return samples, nil
}

// transaction returns the bytes of the transaction in parameter 0.
func (r request) transaction() ([]byte, *Error) {
	var text string
	if err := r.param(0, &text); err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) < 1+solana.SignatureLength {
		return nil, &Error{Code: codeInvalidParams, Message: "invalid transaction"}
	}
	return raw, nil
}

// noPrograms is the answer of a node to a transaction, unless the test sets
// another one.
func noPrograms() *Error {
	return &Error{
		Code:    codeMethodNotFound,
		Message: "this node does not execute programs (set OnSimulate, OnSend or AcceptAll)",
	}
}

func (n *Node) simulateTransaction(r request) (result any, failure *Error) {
	raw, failure := r.transaction()
	if failure != nil {
		return nil, failure
	}

	o, simulate := options{}, (func([]byte) Simulation)(nil)
	if err := r.param(1, &o); err != nil {
		return nil, err
	}

	n.lock(func() { failure, simulate = n.behind(o), n.simulate })
	if failure != nil {
		return nil, failure
	}

	if simulate == nil {
		return nil, noPrograms()
	}

	s := simulate(raw)
	n.lock(func() {
		value := map[string]any{"err": jsonOrNull(s.Err), "logs": s.Logs, "accounts": nil,
			"unitsConsumed": s.Units}
		if fee, ok := feeOf(messageOf(raw)); ok {
			value["fee"] = fee
		}

		if o.Accounts != nil {
			value["accounts"] = n.after(s, o.Accounts.Addresses)
		}

		if s.LoadedAccountsDataSize > 0 {
			value["loadedAccountsDataSize"] = s.LoadedAccountsDataSize
		}

		result = n.inContext(value)
	})

	return result, nil
}

// after returns accounts in their state after a simulation.
func (n *Node) after(s Simulation, addresses []solana.PublicKey) []any {
	values := make([]any, len(addresses))
	for i, address := range addresses {
		a, ok := n.accounts[address]
		for _, changed := range s.After {
			if changed.Address == address {
				a, ok = changed, true
			}
		}

		if ok && !slices.Contains(s.Gone, address) {
			values[i] = encoded(a, nil)
		}
	}

	return values
}

func (n *Node) sendTransaction(r request) (any, *Error) {
	raw, failure := r.transaction()
	if failure != nil {
		return nil, failure
	}

	o, send := options{}, (func([]byte) *Error)(nil)
	if err := r.param(1, &o); err != nil {
		return nil, err
	}

	n.lock(func() { failure, send = n.behind(o), n.send })
	if failure != nil {
		return nil, failure
	}

	if send == nil {
		return nil, noPrograms()
	}

	if err := send(raw); err != nil {
		return nil, err
	}

	signature, failure := firstSignature(raw)
	if failure != nil {
		return nil, failure
	}

	n.lock(func() { n.sent[signature] = base64.StdEncoding.EncodeToString(raw) })

	return signature, nil
}

// version1 is the first byte of a version 1 transaction, whose signatures
// follow its message.
const version1 = 0x81

// firstSignature returns the signature that identifies a transaction.
func firstSignature(raw []byte) (solana.Signature, *Error) {
	at := 1
	if raw[0] == version1 {
		at = len(raw) - int(raw[1])*solana.SignatureLength
	}
	if at < 1 || at+solana.SignatureLength > len(raw) {
		return solana.Signature{}, &Error{Code: codeInvalidParams, Message: "invalid transaction"}
	}
	return solana.SignatureFromBytes(raw[at : at+solana.SignatureLength]), nil
}

func (n *Node) getSignatureStatuses(r request) (any, *Error) {
	var signatures []solana.Signature
	if err := r.param(0, &signatures); err != nil {
		return nil, err
	}

	values := make([]any, len(signatures))
	for i, signature := range signatures {
		s, ok := n.statuses[signature]
		if !ok {
			continue
		}

		values[i] = map[string]any{
			"slot": s.Slot, "confirmations": nil, "err": jsonOrNull(s.Err),
			"confirmationStatus": s.Confirmation, "status": map[string]any{"Ok": nil},
		}
	}

	return n.inContext(values), nil
}

func (n *Node) getTransaction(r request) (any, *Error) {
	var signature solana.Signature
	if err := r.param(0, &signature); err != nil {
		return nil, err
	}

	s, ok := n.statuses[signature]
	if !ok {
		return nil, nil
	}

	var blockTime *int64
	if s.BlockTime != 0 {
		blockTime = &s.BlockTime
	}

	return map[string]any{
		"slot": s.Slot, "blockTime": blockTime,
		"transaction": []string{n.sent[signature], "base64"},
		"meta": map[string]any{
			"err": jsonOrNull(s.Err), "fee": s.Fee, "logMessages": s.Logs,
			"computeUnitsConsumed": s.Units,
			"preBalances":          append([]uint64{}, s.PreBalances...),
			"postBalances":         append([]uint64{}, s.PostBalances...),
			"preTokenBalances":     tokenBalances(s.PreTokens),
			"postTokenBalances":    tokenBalances(s.PostTokens),
			"loadedAddresses": map[string]any{
				"writable": append([]solana.PublicKey{}, s.LoadedWritable...),
				"readonly": append([]solana.PublicKey{}, s.LoadedReadonly...),
			},
		},
	}, nil
}

// tokenBalances returns token balances as nodes write them.
func tokenBalances(balances []TokenBalance) []any {
	all := make([]any, len(balances))
	for i, b := range balances {
		amount := strconv.FormatUint(b.Amount, 10)
		all[i] = map[string]any{
			"accountIndex": b.Account, "mint": b.Mint, "owner": b.Owner,
			"programId":     accounts.TokenProgram,
			"uiTokenAmount": map[string]any{"amount": amount, "decimals": 9},
		}
	}
	return all
}

func jsonOrNull(text string) json.RawMessage {
	if text == "" {
		return json.RawMessage("null")
	}
	return json.RawMessage(text)
}
