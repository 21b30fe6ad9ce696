package serve

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the metrics of a handler.
type metrics struct {
	duration *prometheus.HistogramVec
	requests *prometheus.CounterVec
	refused  *prometheus.CounterVec
	panics   prometheus.Counter
	inFlight prometheus.Gauge
	// unknown stands for all paths that do not exist.
	unknown *endpoint
}

// statuses are the statuses that the handler sends often. Their counters are
// looked up once.
var statuses = []int{200, 204, 400, 404, 405, 409, 413, 415, 429, 500, 503, 504}

func newMetrics(h *Handler) (*metrics, error) {
	m := &metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sanctum_serve_request_duration_seconds",
			Help: "The time to answer a request, by path.",
			Buckets: []float64{
				.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .05, .1, .5, 1, 5, 15,
			},
		}, []string{"path"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sanctum_serve_requests_total",
			Help: "The requests, by path and status.",
		}, []string{"path", "status"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sanctum_serve_refused_total",
			Help: "The requests that a limit refused: rate or busy.",
		}, []string{"limit"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sanctum_serve_panics_total",
			Help: "The requests that panicked. Each of them is a defect.",
		}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sanctum_serve_requests_in_flight",
			Help: "The requests that are being answered.",
		}),
		unknown: &endpoint{},
	}

	collectors := append(h.marketMetrics(), m.duration, m.requests, m.refused, m.panics, m.inFlight)
	for _, c := range collectors {
		if err := h.config.Registry.Register(c); err != nil {
			return nil, err
		}
	}

	for _, e := range h.endpoints {
		m.prepare(e)
	}

	m.prepare(m.unknown)

	return m, nil
}

// prepare looks up the metrics of an endpoint.
func (m *metrics) prepare(e *endpoint) {
	path := e.path
	if path == "" {
		path = "unknown"
	}

	e.duration = m.duration.WithLabelValues(path)
	e.requests = make(map[int]prometheus.Counter, len(statuses))
	for _, status := range statuses {
		e.requests[status] = m.requests.WithLabelValues(path, strconv.Itoa(status))
	}
}

func (e *endpoint) observe(status int, took time.Duration) {
	e.duration.Observe(took.Seconds())
	if counter, ok := e.requests[status]; ok {
		counter.Inc()
	}
}

// marketMetrics are read when the metrics are collected.
func (h *Handler) marketMetrics() []prometheus.Collector {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}

	return []prometheus.Collector{
		gauge("sanctum_serve_market_slot", "The slot of the market, or 0 without one.",
			func() float64 {
				if market, err := h.config.Markets.Market(); err == nil {
					return float64(market.Slot())
				}

				return 0
			}),
		gauge("sanctum_serve_market_age_seconds",
			"The age of the market, or -1 if it is not known.",
			func() float64 {
				if age, known := h.age(); known {
					return age.Seconds()
				}

				return -1
			}),
	}
}

// getMetrics answers /metrics.
func getMetrics(x *exchange) error {
	x.setHeaders(x.w.Header())
	x.written = true
	promhttp.HandlerFor(x.h.config.Registry, promhttp.HandlerOpts{}).ServeHTTP(x.w, x.r)
	return nil
}
