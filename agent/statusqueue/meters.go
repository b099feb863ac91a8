package statusqueue

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/steptrace/steptrace/spanid/semconv"
)

type meters struct{ received, bad metric.Int64Counter }

func newMeters(m metric.Meter) (meters, error) {
	if m == nil {
		m = noop.Meter{}
	}
	received, err1 := m.Int64Counter(semconv.MetricQueueMessages, metric.WithUnit("{message}"),
		metric.WithDescription("Status changes received from the queue, repeated ones included"))
	bad, err2 := m.Int64Counter(semconv.MetricQueueBad, metric.WithUnit("{message}"),
		metric.WithDescription("Messages received from the queue that are no status changes"))
	return meters{received: received, bad: bad}, errors.Join(err1, err2)
}
