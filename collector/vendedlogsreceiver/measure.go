package vendedlogsreceiver

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// measure shows the intake's figures as metrics.
func measure(meter metric.Meter, in *intake.Intake) (metric.Registration, error) {
	var errs []error
	counter := func(name, unit, about string) metric.Int64ObservableCounter {
		c, err := meter.Int64ObservableCounter(name,
			metric.WithUnit(unit), metric.WithDescription(about))
		errs = append(errs, err)
		return c
	}
	gauge := func(name, unit, about string) metric.Int64ObservableGauge {
		g, err := meter.Int64ObservableGauge(name,
			metric.WithUnit(unit), metric.WithDescription(about))
		errs = append(errs, err)
		return g
	}
	lines := counter(semconv.MetricLogLines, "{line}", "Log lines taken, repeated ones included")
	duplicates := counter(semconv.MetricLogDuplicates, "{line}", "Log lines that were known already")
	bad := counter(semconv.MetricLogBad, "{event}", "Log events that are no line of Step Functions")
	missing := counter(semconv.MetricLogMissing, "{event}", "History events that others did not wait for any longer")
	late := counter(semconv.MetricLogLate, "{line}", "Log lines that came after they had been counted as missing")
	givenUp := counter(semconv.MetricLogGivenUp, "{execution}", "Executions given up before their end was seen")
	executions := gauge(semconv.MetricLogExecutions, "{execution}", "Executions held")
	waiting := gauge(semconv.MetricLogWaiting, "{line}", "Log lines that wait for those before them")
	held := gauge(semconv.MetricLogHeld, "By", "Memory that held lines take, roughly")
	lag, err := meter.Float64ObservableGauge(semconv.MetricLogLag, metric.WithUnit("s"),
		metric.WithDescription("From when the latest line was logged to when it was taken"))
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	reason := func(r string) metric.MeasurementOption { return metric.WithAttributes(attribute.String("reason", r)) }
	return meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s := in.Stats()
		o.ObserveInt64(lines, s.Lines)
		o.ObserveInt64(duplicates, s.Duplicates)
		o.ObserveInt64(bad, s.Bad)
		o.ObserveInt64(missing, s.Missing)
		o.ObserveInt64(late, s.Late)
		o.ObserveInt64(givenUp, s.Silent, reason("silent"))
		o.ObserveInt64(givenUp, s.Evicted, reason("memory"))
		o.ObserveInt64(executions, int64(s.Executions))
		o.ObserveInt64(waiting, int64(s.Waiting))
		o.ObserveInt64(held, s.Bytes)
		o.ObserveFloat64(lag, s.Lag.Seconds())
		return nil
	}, lines, duplicates, bad, missing, late, givenUp, executions, waiting, held, lag)
}
