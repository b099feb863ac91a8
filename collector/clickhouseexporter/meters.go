package clickhouseexporter

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// What became of rows that ClickHouse can never store.
const (
	dropped    = "dropped"
	deadLetter = "dead_letter"
)

type meters struct{ refused metric.Int64Counter }

func newMeters(m metric.Meter) (meters, error) {
	refused, err := m.Int64Counter(semconv.MetricStoreRefused, metric.WithUnit("{row}"),
		metric.WithDescription("Rows that ClickHouse can never store, by what became of them"))
	return meters{refused}, err
}

func (m meters) add(ctx context.Context, table, outcome string, rows int) {
	m.refused.Add(ctx, int64(rows), metric.WithAttributes(
		attribute.String("table", table), attribute.String("outcome", outcome)))
}
