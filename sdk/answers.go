package sdk

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

// inContext is the part of an answer that holds its slot.
type inContext struct {
	Context struct {
		Slot uint64 `json:"slot"`
	} `json:"context"`
}

func (c inContext) slot() uint64 { return c.Context.Slot }

// slotted is an answer of a node about its state at a slot.
type slotted interface {
	slot() uint64
	// valid returns an error if the answer does not fit the request.
	valid() error
}

// minSlotAnswer decodes an answer. It returns an error if the answer is not
// valid or older than minSlot, because some nodes ignore minContextSlot. The
// transport then repeats the request, at another endpoint if there is one.
type minSlotAnswer[T slotted] struct {
	minSlot uint64
	answer  *T
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *minSlotAnswer[T]) UnmarshalJSON(data []byte) error {
	answer := *a.answer // with the fields that describe the request
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	return a.accept(answer)
}

// accept stores an answer, or returns an error if it is not valid or too old.
func (a *minSlotAnswer[T]) accept(answer T) error {
	if err := answer.valid(); err != nil {
		return err
	}

	switch slot := answer.slot(); {
	case slot == 0:
		return fmt.Errorf("%w: no slot", ErrNoAnswer)
	case slot < a.minSlot:
		return &jsonrpc.NodeBehindError{At: slot, Wanted: a.minSlot}
	}

	*a.answer = answer
	return nil
}

// multipleAccounts is the answer to getMultipleAccounts. It decodes only
// base64, the encoding that the client requests. solana-go's own type would
// also decompress data without a limit.
type multipleAccounts struct {
	Context struct {
		Slot uint64 `json:"slot"`
		// Highest is set if the transport joined the answers to several
		// requests. Slot is the slot of the oldest of them, Highest of the
		// latest.
		Highest uint64 `json:"highestSlot"`
	} `json:"context"`
	Value jsonrpc.List[*accountValue] `json:"value"`
	keys  []solana.PublicKey
}

// accountsAnswer is [minSlotAnswer] for accounts. The transport decodes it in
// one pass over the JSON text.
type accountsAnswer struct {
	minSlotAnswer[multipleAccounts]
	read multipleAccounts
}

// accountsAt returns a decoder that stores into answer. The caller sets
// answer.keys.
func accountsAt(minSlot uint64, answer *multipleAccounts) *accountsAnswer {
	return &accountsAnswer{
		minSlotAnswer: minSlotAnswer[multipleAccounts]{minSlot: minSlot, answer: answer},
	}
}

// ReadJSON implements jsonrpc.Answer.
func (a *accountsAnswer) ReadJSON(r *jsonrpc.Reader) {
	a.read = multipleAccounts{keys: a.answer.keys}
	a.read.readJSON(r)
}

// Accept implements jsonrpc.Answer.
func (a *accountsAnswer) Accept() error { return a.accept(a.read) }

func (m *multipleAccounts) readJSON(r *jsonrpc.Reader) {
	for name := range r.Fields("context", "value") {
		if name == "value" {
			m.Value = readAccounts(r, len(m.keys))
			continue
		}

		for name := range r.Fields("slot", "highestSlot") {
			if name == "slot" {
				m.Context.Slot = r.Uint64()
			} else {
				m.Context.Highest = r.Uint64()
			}
		}
	}
}

// readAccounts reads the accounts at a number of addresses.
func readAccounts(r *jsonrpc.Reader, addresses int) jsonrpc.List[*accountValue] {
	values := make([]accountValue, addresses)
	list := make(jsonrpc.List[*accountValue], 0, addresses)
	for i := range r.List(addresses) {
		if r.Null() {
			list = append(list, nil)
			continue
		}

		v := &values[i]
		for name := range r.Fields("lamports", "owner", "data", "executable") {
			switch name {
			case "lamports":
				v.Lamports = r.Uint64()
			case "owner":
				v.Owner = base58Key(r.Key())
			case "data":
				v.Data = r.AccountData()
			case "executable":
				v.Executable = r.Bool()
			}
		}

		list = append(list, v)
	}

	return list
}

type accountValue struct {
	Lamports   uint64      `json:"lamports"`
	Owner      base58Key   `json:"owner"`
	Data       accountData `json:"data"`
	Executable bool        `json:"executable"`
}

// base58Key is an address or a blockhash in an answer. solana-go's own types
// would decode a text of any length, and the time to decode grows with the
// square of the length.
type base58Key [32]byte

// maxBase58 is the length of the longest base58 text of 32 bytes.
const maxBase58 = 44

// UnmarshalJSON implements json.Unmarshaler.
func (k *base58Key) UnmarshalJSON(text []byte) error {
	var encoded string
	if err := json.Unmarshal(text, &encoded); err != nil {
		return err
	}

	if len(encoded) > maxBase58 {
		return fmt.Errorf("%w: %d characters for 32 bytes in base58", jsonrpc.ErrBadResponse,
			len(encoded))
	}

	key, err := solana.PublicKeyFromBase58(encoded)
	*k = base58Key(key)

	return err
}

// accountData is the data of an account, or nil if the answer is not in base64.
type accountData []byte

// UnmarshalJSON implements json.Unmarshaler.
func (d *accountData) UnmarshalJSON(text []byte) error {
	var encoded [2]string
	if err := json.Unmarshal(text, &encoded); err != nil {
		return err
	}

	*d = nil
	if encoded[1] != "base64" {
		return nil
	}

	if data, err := base64.StdEncoding.DecodeString(encoded[0]); err == nil {
		*d = data // not nil, even if empty
	}

	return nil
}

func (m multipleAccounts) slot() uint64 { return m.Context.Slot }

func (m multipleAccounts) highestSlot() uint64 { return max(m.Context.Slot, m.Context.Highest) }

func (m multipleAccounts) valid() error { return m.check(m.keys) }

// check returns an error if the answer does not fit these addresses.
func (m multipleAccounts) check(keys []solana.PublicKey) error {
	if m.Context.Slot == 0 {
		return fmt.Errorf("%w: no slot", ErrBadAccount)
	}

	if len(m.Value) != len(keys) {
		return fmt.Errorf("%w: %d accounts for %d addresses", ErrBadAccount, len(m.Value),
			len(keys))
	}

	for i, v := range m.Value {
		if v != nil && v.Data == nil {
			return fmt.Errorf("%w: %s is not in base64", ErrBadAccount, keys[i])
		}
	}

	return nil
}

// into adds the accounts to a set.
func (m multipleAccounts) into(set *accounts.Set, keys []solana.PublicKey) error {
	if err := m.check(keys); err != nil {
		return err
	}

	for i, v := range m.Value {
		if v == nil {
			set.PutMissing(keys[i])
			continue
		}

		set.Put(accounts.Account{
			Address:    keys[i],
			Owner:      solana.PublicKey(v.Owner),
			Lamports:   v.Lamports,
			Data:       v.Data,
			Executable: v.Executable,
		})
	}

	return nil
}

// minimumDelegation is the answer to getStakeMinimumDelegation.
type minimumDelegation struct {
	inContext
	Value *uint64 `json:"value"`
}

func (m minimumDelegation) valid() error {
	if m.Value == nil {
		return ErrNoAnswer
	}
	return nil
}

func (b latestBlockhash) valid() error {
	if b.Value == nil || b.Value.Blockhash == (base58Key{}) || b.Value.LastValidBlockHeight == 0 {
		return fmt.Errorf("blockhash: %w", ErrNoAnswer)
	}
	return nil
}

func (s signatureStatuses) valid() error {
	if len(s.Value) != 1 { // The request has one signature.
		return ErrNoAnswer
	}
	return nil
}

func (e epochInfo) valid() error {
	if e.BlockHeight == 0 {
		return ErrNoAnswer
	}
	return nil
}
