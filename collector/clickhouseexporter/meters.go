package clickhouseexporter

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// What became of rows that are not stored.
const (
	dropped     = "dropped"
	deadLetter  = "dead_letter"
	unsupported = "unsupported" // points of kinds of metrics that have no table
)

// What became of an insert.
const (
	insertStored  = "stored"
	insertRefused = "refused" // for its rows
	insertFailed  = "failed"
)

type meters struct {
	meter           metric.Meter
	refused, stored metric.Int64Counter
	inserts         metric.Float64Histogram
}

func newMeters(m metric.Meter) (meters, error) {
	refused, err1 := m.Int64Counter(semconv.MetricStoreRefused, metric.WithUnit("{row}"),
		metric.WithDescription("Rows that ClickHouse can never store, by what became of them"))
	stored, err2 := m.Int64Counter(semconv.MetricStoreRows, metric.WithUnit("{row}"),
		metric.WithDescription("Rows that ClickHouse has stored"))
	inserts, err3 := m.Float64Histogram(semconv.MetricStoreInserts, metric.WithUnit("s"),
		metric.WithDescription("How long inserts took, by what became of them"),
		metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30))
	return meters{m, refused, stored, inserts}, errors.Join(err1, err2, err3)
}

func (m meters) refuse(ctx context.Context, table, outcome string, rows int) {
	m.refused.Add(ctx, int64(rows), metric.WithAttributes(
		attribute.String("table", table), attribute.String("outcome", outcome)))
}

func (m meters) inserted(ctx context.Context, p payload, took time.Duration, err error) {
	table, outcome := attribute.String("table", p.table), insertFailed
	switch {
	case err == nil:
		outcome = insertStored
		m.stored.Add(ctx, int64(p.rows), metric.WithAttributes(table))
	case consumererror.IsPermanent(err):
		outcome = insertRefused
	}
	m.inserts.Record(ctx, took.Seconds(), metric.WithAttributes(table, attribute.String("outcome", outcome)))
}

// observe tells how long the oldest row of an exporter's queue has waited, until the registration is taken back. All
// exporters of a Collector share the gauge, which knows the callbacks of its first maker only.
func (m meters) observe(w *waiting, exporter, signal string) (metric.Registration, error) {
	gauge, err := m.meter.Float64ObservableGauge(semconv.MetricStoreOldest, metric.WithUnit("s"),
		metric.WithDescription("How long the row that has waited longest for ClickHouse has done so"))
	if err != nil {
		return nil, err
	}
	of := metric.WithAttributes(attribute.String("exporter", exporter), attribute.String("data_type", signal))
	return m.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveFloat64(gauge, w.oldest().Seconds(), of)
		return nil
	}, gauge)
}
