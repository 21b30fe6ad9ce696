package sdk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

// landedTransaction is the answer to getTransaction, or nil for null. It
// decodes only base64, the encoding that the client requests.
type landedTransaction struct {
	Slot        uint64               `json:"slot"`
	BlockTime   *int64               `json:"blockTime"`
	Transaction jsonrpc.List[string] `json:"transaction"`
	Meta        *landedMeta          `json:"meta"`
}

// landedMeta is what the node recorded of the execution.
type landedMeta struct {
	Err                  json.RawMessage `json:"err"`
	Fee                  uint64          `json:"fee"`
	ComputeUnitsConsumed uint64          `json:"computeUnitsConsumed"`
	LogMessages          logLines        `json:"logMessages"`
	// PreBalances and PostBalances are in lamports, one for each account of the
	// transaction.
	PreBalances       jsonrpc.List[uint64]       `json:"preBalances"`
	PostBalances      jsonrpc.List[uint64]       `json:"postBalances"`
	PreTokenBalances  jsonrpc.List[tokenBalance] `json:"preTokenBalances"`
	PostTokenBalances jsonrpc.List[tokenBalance] `json:"postTokenBalances"`
	LoadedAddresses   struct {
		Writable jsonrpc.List[base58Key] `json:"writable"`
		Readonly jsonrpc.List[base58Key] `json:"readonly"`
	} `json:"loadedAddresses"`
}

// tokenBalance is the balance of one token account.
type tokenBalance struct {
	AccountIndex int       `json:"accountIndex"`
	Mint         base58Key `json:"mint"`
	Owner        base58Key `json:"owner"`
	Amount       struct {
		Amount tokenAmount `json:"amount"`
	} `json:"uiTokenAmount"`
}

// tokenAmount is an amount in base units, which nodes write as a string.
type tokenAmount uint64

// UnmarshalJSON implements json.Unmarshaler.
func (a *tokenAmount) UnmarshalJSON(text []byte) error {
	var digits string
	if err := json.Unmarshal(text, &digits); err != nil {
		return err
	}

	amount, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: not a token amount", jsonrpc.ErrBadResponse)
	}

	*a = tokenAmount(amount)

	return nil
}

// loaded returns the accounts that the network loaded from lookup tables.
func (m *landedMeta) loaded() (writable, readonly []solana.PublicKey) {
	for _, key := range m.LoadedAddresses.Writable {
		writable = append(writable, solana.PublicKey(key))
	}

	for _, key := range m.LoadedAddresses.Readonly {
		readonly = append(readonly, solana.PublicKey(key))
	}
	return writable, readonly
}

// text returns the serialized transaction in base64.
func (t *landedTransaction) text() (string, error) {
	if len(t.Transaction) != 2 || t.Transaction[1] != "base64" {
		return "", ErrNoAnswer
	}
	return t.Transaction[0], nil
}

// bytes returns the serialized transaction.
func (t *landedTransaction) bytes() ([]byte, error) {
	text, err := t.text()
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}

// newestVersion is the newest transaction version that the client accepts.
const newestVersion = 1

// transaction requests a landed transaction from a node. It returns nil if the
// node does not have it.
func transaction(
	ctx context.Context,
	node rpc.JSONRPCClient,
	signature solana.Signature,
	commitment rpc.CommitmentType,
) (*landedTransaction, error) {
	if commitment == rpc.CommitmentProcessed {
		commitment = rpc.CommitmentConfirmed
	}
	var answer *landedTransaction
	err := node.CallForInto(ctx, &answer, "getTransaction", []any{signature, rpc.M{
		"encoding": "base64", "commitment": commitment,
		"maxSupportedTransactionVersion": newestVersion,
	}})
	return answer, err
}
