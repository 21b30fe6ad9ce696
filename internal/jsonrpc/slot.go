package jsonrpc

import (
	"bytes"
	"encoding/json"
)

// findDistance enters in a failure how many slots a node says it has to catch up
// with before it can answer a request.
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

// slotOf is the slot that a result was read at, the latest if it was joined, and
// zero if it does not say so. What follows the context is not read.
func slotOf(result json.RawMessage) uint64 {
	dec := json.NewDecoder(bytes.NewReader(result))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return 0
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return 0
		}
		switch key {
		case "context":
			var context struct {
				Slot    uint64 `json:"slot"`
				Highest uint64 `json:"highestSlot"`
			}
			if dec.Decode(&context) != nil {
				return 0
			}
			return max(context.Slot, context.Highest)
		case "absoluteSlot": // of getEpochInfo
			var slot uint64
			if dec.Decode(&slot) != nil {
				return 0
			}
			return slot
		}
		var other json.RawMessage
		if dec.Decode(&other) != nil {
			return 0
		}
	}
	return 0
}
