package clickhouseexporter

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"
)

func (e *storeExporter) pushMetrics(ctx context.Context, md pmetric.Metrics) error {
	err := e.pushKinds(ctx, md)
	var again consumererror.Metrics
	left := md.DataPointCount()
	if errors.As(err, &again) {
		left = again.Data().DataPointCount()
	}
	e.waiting.settle(md.DataPointCount(), left, err)
	return err
}

// pushKinds stores each kind of metrics in its own table. What is to be tried again is only what was not stored.
func (e *storeExporter) pushKinds(ctx context.Context, md pmetric.Metrics) error {
	left := pmetric.NewMetrics()
	var interrupted, refusals []error
	stored := false
	for _, kind := range storedKinds {
		b := points{md, kind}
		if b.rows() == 0 {
			continue
		}
		err := e.push(ctx, b)
		switch {
		case err == nil:
			stored = true
		case consumererror.IsPermanent(err):
			refusals = append(refusals, err)
		default:
			interrupted = append(interrupted, err)
			rest(b, err).ResourceMetrics().MoveAndAppendTo(left.ResourceMetrics())
		}
	}
	// What is tried again has none of these, so that they are counted once.
	e.leaveOut(ctx, md)
	if len(interrupted) > 0 {
		e.logRefusals(refusals)
		return consumererror.NewMetrics(errors.Join(interrupted...), left)
	}
	if stored {
		e.logRefusals(refusals)
		return nil
	}
	return errors.Join(refusals...)
}

// rest is what of a batch is to be tried again after the error.
func rest(b points, err error) pmetric.Metrics {
	var again consumererror.Metrics
	if errors.As(err, &again) {
		return again.Data()
	}
	return b.part(0, b.rows()).(points).Metrics
}

// logRefusals tells of tables that refused all of their rows, which are dropped, when the batch as a whole goes on.
func (e *storeExporter) logRefusals(refusals []error) {
	for _, err := range refusals {
		e.logger.Error("dropped rows that ClickHouse can never store; dead_letter would keep them", zap.Error(err))
	}
}

// unstored are the tables that the OpenTelemetry Collector's exporter has for kinds of metrics that have none here.
var unstored = map[pmetric.MetricType]string{
	pmetric.MetricTypeExponentialHistogram: "otel_metrics_exponential_histogram",
	pmetric.MetricTypeSummary:              "otel_metrics_summary",
}

// leaveOut counts points of the kinds that have no table, and says so once for each kind. They do not go to the
// dead-letter file: it would fill with what nothing is wrong with, and a full one holds up the others.
func (e *storeExporter) leaveOut(ctx context.Context, md pmetric.Metrics) {
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				if table, is := unstored[m.Type()]; is {
					e.meters.refuse(ctx, table, unsupported, pointCount(m))
					e.sayUnsupported(m)
				}
			}
		}
	}
}

func (e *storeExporter) sayUnsupported(m pmetric.Metric) {
	if _, said := e.unsupported.LoadOrStore(m.Type(), true); !said {
		e.logger.Warn("metrics of this kind are not stored, and counted in steptrace.store.refused_rows: have the sender "+
			"aggregate explicit buckets", zap.Stringer("kind", m.Type()), zap.String("metric", m.Name()))
	}
}
