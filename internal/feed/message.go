package feed

import (
	"encoding/json"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

// message comes from the server: a response, or the notification of an account
// or of a slot.
type message struct {
	kind messageKind
	// id is the number of the request that a response answers.
	id uint64
	// subscription is the number that the server gave, in a response, or whose
	// notification this is.
	subscription uint64
	// slot is the slot of a notification.
	slot uint64
	// account is the account of a notification. Its address is not set.
	account Account
	// code and text are those of a refusal.
	code int
	text string
}

type messageKind uint8

const (
	// malformed is a message that cannot be read.
	malformed messageKind = iota
	subscribed
	refused
	accountChanged
	slotPassed
)

const (
	accountMethod = "accountNotification"
	slotMethod    = "slotNotification"
)

// parse reads a message. Its memory is at most proportional to the length of
// the data.
func parse(data []byte) message {
	if m, ok := parseNotification(data); ok {
		return m
	}
	return parseResponse(data)
}

// parseNotification reads a notification in one pass.
func parseNotification(data []byte) (message, bool) {
	r := jsonrpc.NewReader(data)
	var m message
	for name := range r.Fields("method", "params", "id", "result", "error") {
		switch name {
		case "method":
			r.OneOf(accountMethod, slotMethod)
		case "params":
			m.readParams(r)
		default:
			r.Refuse() // a response
		}
	}

	return m, r.Done() && m.kind != malformed
}

func (m *message) readParams(r *jsonrpc.Reader) {
	for name := range r.Fields("result", "subscription") {
		if name == "subscription" {
			m.subscription = r.Uint64()
			continue
		}

		hasValue := false
		for name := range r.Fields("context", "value", "slot") {
			switch name {
			case "context":
				m.kind = accountChanged
				for range r.Fields("slot") {
					m.slot = r.Uint64()
				}

			case "value":
				m.readAccount(r)
				hasValue = true

			case "slot":
				m.kind = slotPassed
				m.slot = r.Uint64()
			}
		}

		if m.kind == accountChanged && !hasValue {
			r.Refuse() // Without a value the account would count as gone.
		}
	}
}

// readAccount reads an account, which has all fields. Null stands for an
// account that does not exist.
func (m *message) readAccount(r *jsonrpc.Reader) {
	if r.Null() {
		return
	}

	fields := 0
	for name := range r.Fields("lamports", "owner", "data", "executable") {
		fields++
		switch name {
		case "lamports":
			m.account.Lamports = r.Uint64()
		case "owner":
			m.account.Owner = r.Key()
		case "data":
			m.account.Data = r.AccountData()
		case "executable":
			m.account.Executable = r.Bool()
		}
	}

	const all = 4
	if fields != all {
		r.Refuse()
	}
}

// maxResponse is the longest response, in bytes.
const maxResponse = 16 << 10

// parseResponse reads a response.
func parseResponse(data []byte) message {
	var r struct {
		ID     *uint64 `json:"id"`
		Method string  `json:"method"`
		Result *uint64 `json:"result"`
		Error  *struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if len(data) > maxResponse || json.Unmarshal(data, &r) != nil || r.ID == nil ||
		r.Method != "" {
		return message{}
	}

	switch {
	case r.Error != nil:
		return message{
			kind: refused,
			id:   *r.ID,
			code: r.Error.Code,
			text: r.Error.Message,
		}

	case r.Result != nil:
		return message{
			kind:         subscribed,
			id:           *r.ID,
			subscription: *r.Result,
		}
	}

	return message{}
}

// request is a call of a server.
type request struct {
	Version string `json:"jsonrpc"`
	ID      uint64 `json:"id"`
	Method  string `json:"method"`
	Params  []any  `json:"params,omitempty"`
}

func subscribeAccount(id uint64, w Want, commitment string) request {
	options := map[string]any{"encoding": "base64", "commitment": commitment}
	if w.Length > 0 {
		options["dataSlice"] = map[string]int{"offset": 0, "length": w.Length}
	}
	return request{
		Version: "2.0",
		ID:      id,
		Method:  "accountSubscribe",
		Params:  []any{w.Address, options},
	}
}

func subscribeSlots(id uint64) request {
	return request{
		Version: "2.0",
		ID:      id,
		Method:  "slotSubscribe",
	}
}

// Account is an account as a server reported it. Nothing of it is checked but
// its form.
type Account struct {
	Address    solana.PublicKey
	Owner      solana.PublicKey
	Lamports   uint64
	Data       []byte
	Executable bool
	// Slot is the slot of this state.
	Slot uint64
	// Connection is the number of the connection that reported it.
	Connection int
}
