package jsonrpc

import (
	"bytes"
	"encoding/json"
)

// findDistance records in failure the number of slots that the node must catch
// up with before it can answer.
func (c *core) findDistance(failure *Error, params []any) {
	var data struct {
		ContextSlot    uint64 `json:"contextSlot"`
		NumSlotsBehind uint64 `json:"numSlotsBehind"`
	}
	if failure.Data == nil || json.Unmarshal(failure.Data, &data) != nil {
		return
	}

	switch failure.Code {
	case codeNodeUnhealthy:
		failure.distance = data.NumSlotsBehind
	case codeMinContextSlot:
		wanted := minContextSlot(params)
		if data.ContextSlot == 0 || data.ContextSlot >= wanted {
			return
		}

		failure.distance = wanted - data.ContextSlot
		_ = c.opts.OnSlot(data.ContextSlot) // the answer is refused anyway
	}
}

// minContextSlot returns the slot that a request asks for. Options are the last
// parameter of all methods.
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

// checkSlot passes the slot of a result to Options.OnSlot.
func (c *core) checkSlot(result json.RawMessage) error {
	slot := slotOf(result)
	if slot == 0 {
		return nil
	}
	return c.opts.OnSlot(slot)
}

// slotOf returns the slot at which a result was read, or zero if the result has
// none. For a joined result it is the highest slot.
func slotOf(result json.RawMessage) uint64 {
	var at struct {
		Context      slotContext `json:"context"`
		AbsoluteSlot uint64      `json:"absoluteSlot"` // of getEpochInfo
	}
	if !bytes.HasPrefix(result, []byte("{")) {
		return 0
	}

	// The context comes first. The rest, which may be large, is not read.
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
