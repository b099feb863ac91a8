package clickhouseexporter

import (
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// points are the data points of one kind of metrics, which have a table of their own.
type points struct {
	pmetric.Metrics
	kind pmetric.MetricType
}

// storedKinds are the kinds of metrics that have tables.
var storedKinds = []pmetric.MetricType{pmetric.MetricTypeGauge, pmetric.MetricTypeSum, pmetric.MetricTypeHistogram}

func (b points) table() string {
	switch b.kind {
	case pmetric.MetricTypeGauge:
		return gaugesTable
	case pmetric.MetricTypeSum:
		return sumsTable
	default:
		return histogramsTable
	}
}

func (b points) rows() (n int) {
	for _, rm := range b.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			n += b.rowsOf(sm)
		}
	}
	return n
}

func (b points) rowsOf(sm pmetric.ScopeMetrics) (n int) {
	for _, m := range sm.Metrics().All() {
		n += b.rowsIn(m)
	}
	return n
}

func (b points) rowsIn(m pmetric.Metric) int {
	if m.Type() != b.kind {
		return 0
	}
	return pointCount(m)
}

func pointCount(m pmetric.Metric) int {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return m.Gauge().DataPoints().Len()
	case pmetric.MetricTypeSum:
		return m.Sum().DataPoints().Len()
	case pmetric.MetricTypeHistogram:
		return m.Histogram().DataPoints().Len()
	case pmetric.MetricTypeExponentialHistogram:
		return m.ExponentialHistogram().DataPoints().Len()
	case pmetric.MetricTypeSummary:
		return m.Summary().DataPoints().Len()
	default:
		return 0
	}
}

func (b points) encode(e *encoders) (payload, error) {
	switch b.kind {
	case pmetric.MetricTypeGauge:
		return e.gauges(b.Metrics)
	case pmetric.MetricTypeSum:
		return e.sums(b.Metrics)
	default:
		return e.histograms(b.Metrics)
	}
}

func (b points) otlp() ([]byte, error) { return new(pmetric.JSONMarshaler).MarshalMetrics(b.Metrics) }

func (b points) again(cause error) error { return consumererror.NewMetrics(cause, b.Metrics) }

func (b points) part(from, to int) batch {
	out, row := pmetric.NewMetrics(), 0
	for _, rm := range b.ResourceMetrics().All() {
		var resource pmetric.ResourceMetrics
		inResource := false
		for _, sm := range rm.ScopeMetrics().All() {
			rows := b.rowsOf(sm)
			first, last := within(from-row, to-row, rows)
			if row += rows; first == last {
				continue
			}
			if !inResource {
				resource, inResource = out.ResourceMetrics().AppendEmpty(), true
				rm.Resource().CopyTo(resource.Resource())
				resource.SetSchemaUrl(rm.SchemaUrl())
			}
			scope := resource.ScopeMetrics().AppendEmpty()
			sm.Scope().CopyTo(scope.Scope())
			scope.SetSchemaUrl(sm.SchemaUrl())
			b.copyRows(sm, scope.Metrics(), first, last)
		}
	}
	return points{out, b.kind}
}

func (b points) copyRows(sm pmetric.ScopeMetrics, to pmetric.MetricSlice, from, end int) {
	row := 0
	for _, m := range sm.Metrics().All() {
		rows := b.rowsIn(m)
		first, last := within(from-row, end-row, rows)
		if row += rows; first == last {
			continue
		}
		out := to.AppendEmpty()
		out.SetName(m.Name())
		out.SetDescription(m.Description())
		out.SetUnit(m.Unit())
		m.Metadata().CopyTo(out.Metadata())
		copyPoints(m, out, first, last)
	}
}

func copyPoints(m, out pmetric.Metric, first, last int) {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		copyScalars(m.Gauge().DataPoints(), out.SetEmptyGauge().DataPoints(), first, last)
	case pmetric.MetricTypeSum:
		sum := out.SetEmptySum()
		sum.SetIsMonotonic(m.Sum().IsMonotonic())
		sum.SetAggregationTemporality(m.Sum().AggregationTemporality())
		copyScalars(m.Sum().DataPoints(), sum.DataPoints(), first, last)
	default:
		histogram := out.SetEmptyHistogram()
		histogram.SetAggregationTemporality(m.Histogram().AggregationTemporality())
		for i := first; i < last; i++ {
			m.Histogram().DataPoints().At(i).CopyTo(histogram.DataPoints().AppendEmpty())
		}
	}
}

func copyScalars(from, to pmetric.NumberDataPointSlice, first, last int) {
	for i := first; i < last; i++ {
		from.At(i).CopyTo(to.AppendEmpty())
	}
}

func (b points) join(other batch) batch {
	out := b.part(0, b.rows()).(points)
	other.part(0, other.rows()).(points).ResourceMetrics().MoveAndAppendTo(out.ResourceMetrics())
	return out
}
