package awsapi

import (
	"context"
	"errors"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// meters count calls.
type meters struct {
	calls, throttles metric.Int64Counter
	place            []attribute.KeyValue
}

func newMeters(m metric.Meter, place []attribute.KeyValue) (meters, error) {
	if m == nil {
		m = noop.Meter{}
	}
	calls, err1 := m.Int64Counter(semconv.MetricAPICalls, metric.WithUnit("{call}"),
		metric.WithDescription("Calls of the AWS APIs, retries included"))
	throttles, err2 := m.Int64Counter(semconv.MetricAPIThrottles, metric.WithUnit("{call}"),
		metric.WithDescription("Calls of the AWS APIs that were refused because a quota was used up"))
	return meters{
		calls: calls, throttles: throttles, place: place,
	}, errors.Join(err1, err2)
}

func (m *meters) count(ctx context.Context, operation string, throttled bool) {
	attributes := metric.WithAttributes(append(slices.Clip(m.place), attribute.String(semconv.RPCMethod, operation))...)
	m.calls.Add(ctx, 1, attributes)
	if throttled {
		m.throttles.Add(ctx, 1, attributes)
	}
}

func rpcService(name string) attribute.KeyValue { return attribute.String(semconv.RPCService, name) }
