package main

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"lianbang/bot"
)

// Metrics is what /metrics shows. Labels are closed sets: command paths, outcomes, accounts, names of incidents.
type Metrics struct {
	registry *prometheus.Registry
	handled  *prometheus.CounterVec
	took     prometheus.Histogram
	noticed  *prometheus.CounterVec
}

// NewMetrics makes an empty set.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		handled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianbang_events_total", Help: "Events handled, by command and outcome.",
		}, []string{"command", "outcome"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "lianbang_event_seconds", Help: "Time from an event to its durable effect.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}),
		noticed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianbang_platform_incidents_total", Help: "What an account's adapter met: forged or malformed pushes, reconnects and the like.",
		}, []string{"platform", "account", "what"}),
	}
	m.registry.MustRegister(m.handled, m.took, m.noticed, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handled counts one event; it is the dispatcher's Observe.
func (m *Metrics) Handled(command, outcome string, took time.Duration) {
	m.handled.WithLabelValues(command, outcome).Inc()
	m.took.Observe(took.Seconds())
}

// Noticed counts what an adapter met. what is one of the adapter's own short names.
func (m *Metrics) Noticed(platform bot.Platform, account, what string) {
	m.noticed.WithLabelValues(string(platform), account, what).Inc()
}

// Watch adds what the app's parts count themselves.
func (m *Metrics) Watch(a *App) {
	gauge := func(name, help string, read func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
	}
	counter := func(name, help string, read func() float64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
	}
	gauge("lianbang_writer_waiting", "Units that wait for the SQLite writer.", func() float64 { return float64(a.DB.Stats().Waiting) })
	counter("lianbang_commits_total", "Commits.", func() float64 { return float64(a.DB.Stats().Commits) })
	counter("lianbang_commit_failures_total", "Commits that failed.", func() float64 { return float64(a.DB.Stats().Failures) })
	counter("lianbang_units_refused_total", "Units refused because the queue was full.", func() float64 { return float64(a.DB.Stats().Refused) })
	counter("lianbang_deliveries_sent_total", "Deliveries sent.", func() float64 { return float64(a.Lanes.Stats().Sent) })
	counter("lianbang_deliveries_retried_total", "Attempts that will be repeated.", func() float64 { return float64(a.Lanes.Stats().Retried) })
	gauge("lianbang_accounts_paused", "Accounts that send nothing until somebody mends them.", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		paused, err := a.DB.Paused(ctx)
		if err != nil {
			return math.NaN()
		}
		return float64(len(paused))
	})
	gauge("lianbang_lanes_active", "Lanes being drained.", func() float64 { return float64(a.Lanes.Stats().Active) })
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
