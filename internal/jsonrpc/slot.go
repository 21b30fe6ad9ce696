package jsonrpc

import (
	"bytes"
	"encoding/json"
)

// findDistance enters in a failure how many slots a node says it has to catch
// up with before it can answer a request.
func (c *core) findDistance(failure *Error, params []any) {
	var said struct {
		ContextSlot    uint64 `json:"contextSlot"`
		NumSlotsBehind uint64 `json:"numSlotsBehind"`
	}
	if failure.Data == nil || json.Unmarshal(failure.Data, &said) != nil {
		return
	}

	switch failure.Code {
	case codeNodeUnhealthy:
		failure.distance = said.NumSlotsBehind
	case codeMinContextSlot:
		wanted := minContextSlot(params)
		if said.ContextSlot == 0 || said.ContextSlot >= wanted {
			return
		}

		failure.distance = wanted - said.ContextSlot
		_ = c.opts.OnSlot(said.ContextSlot) // refused it is already
	}
}

// minContextSlot is the slot that a request asks for in its options, which are
// the last parameter of all methods.
func minContextSlot(params []any) uint64 {
	var options struct {
		MinContextSlot uint64 `json:"minContextSlot"`
	}
	if len(params) == 0 {
		return 0
	}

	text, err := json.Marshal(params[len(params)-1])
	if err != nil || json.Unmarshal(text, &options) != nil {
		return 0
	}

	return options.MinContextSlot
}

// heed has the slot of a result looked at.
func (c *core) heed(result json.RawMessage) error {
	slot := slotOf(result)
	if slot == 0 {
		return nil
	}
	return c.opts.OnSlot(slot)
}

// slotOf is the slot that a result was read at, the latest if it was joined,
// and zero if it does not say so.
func slotOf(result json.RawMessage) uint64 {
	var at struct {
		Context      slotContext `json:"context"`
		AbsoluteSlot uint64      `json:"absoluteSlot"` // of getEpochInfo
	}
	if !bytes.HasPrefix(result, []byte("{")) {
		return 0
	}

	// The context comes first, and the rest, which may be large, is not read.
	dec := json.NewDecoder(bytes.NewReader(result))
	for range 2 {
		if key, _ := dec.Token(); key != "context" {
			continue
		}

		if dec.Decode(&at.Context) != nil {
			return 0
		}

		return at.Context.latest()
	}

	if json.Unmarshal(result, &at) != nil {
		return 0
	}

	return max(at.Context.latest(), at.AbsoluteSlot)
}

type slotContext struct {
	Slot    uint64 `json:"slot"`
	Highest uint64 `json:"highestSlot"`
}

func (c slotContext) latest() uint64 { return max(c.Slot, c.Highest) }
