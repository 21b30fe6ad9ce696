package serve

import "net/http"

// healthJSON is the body of /healthz.
type healthJSON struct {
	Status string `json:"status"`
	Slot   uint64 `json:"slot"`
	Age    *int64 `json:"ageMilliseconds"`
	Reason string `json:"reason,omitempty"`
}

// getHealth answers /healthz: 200 if the market can be traded on, and 503 if it
// is too old or missing.
func getHealth(x *exchange) error {
	health := healthJSON{Status: "ok", Age: x.h.ageMilliseconds()}
	switch v, err := x.h.view(); {
	case err != nil:
		x.status = http.StatusServiceUnavailable
		health.Status = "unavailable"
		health.Reason = classify(err).message
		if health.Age != nil {
			health.Status = "tooOld"
		}

	default:
		health.Slot = v.market.Slot()
	}
	return x.json(health)
}

// ageMilliseconds returns the age of the market, or nil if it is not known.
func (h *Handler) ageMilliseconds() *int64 {
	age, known := h.age()
	if !known {
		return nil
	}

	milliseconds := age.Milliseconds()
	return &milliseconds
}
