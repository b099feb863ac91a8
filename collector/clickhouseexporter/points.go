package clickhouseexporter

import (
	"encoding/binary"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

const (
	gaugesTable     = "otel_metrics_gauge"
	sumsTable       = "otel_metrics_sum"
	histogramsTable = "otel_metrics_histogram"
)

// pointColumns are what the tables of metrics have in common, while a batch is encoded.
type pointColumns struct {
	rows                                         int
	resource, scope, attributes                  attributes
	resourceURL, scopeName, scopeVersion         texts
	scopeURL, description, unit                  texts
	service, metric                              terms
	scopeDropped, start, time, flags, aggregated numbers
	exemplars                                    exemplarColumns
}

type exemplarColumns struct {
	ends        words // of each point, where its exemplars end
	attributes  attributes
	time        numbers
	value       words
	trace, span texts
}

// addAll appends the metrics of one kind, whose points add appends and counts.
func (c *pointColumns) addAll(md pmetric.Metrics, kind pmetric.MetricType, add func(pmetric.Metric) int) error {
	for _, rm := range md.ResourceMetrics().All() {
		before := c.rows
		for _, sm := range rm.ScopeMetrics().All() {
			if err := c.addScope(sm, kind, add); err != nil {
				return err
			}
		}
		rows := c.rows - before
		if rows == 0 {
			continue
		}
		c.service.addTimes(serviceName(rm.Resource()), rows)
		if err := c.resourceURL.addTimes(rm.SchemaUrl(), rows); err != nil {
			return err
		}
		if err := c.resource.addTimes(rm.Resource().Attributes(), rows); err != nil {
			return err
		}
	}
	return nil
}

func (c *pointColumns) addScope(sm pmetric.ScopeMetrics, kind pmetric.MetricType, add func(pmetric.Metric) int) error {
	before := c.rows
	for _, m := range sm.Metrics().All() {
		if m.Type() != kind {
			continue
		}
		if err := c.addMetric(m, add(m)); err != nil {
			return err
		}
	}
	rows := c.rows - before
	if rows == 0 {
		return nil
	}
	for range rows {
		c.scopeDropped.add(sm.Scope().DroppedAttributesCount())
	}
	for _, shared := range []struct {
		column *texts
		value  string
	}{{&c.scopeName, sm.Scope().Name()}, {&c.scopeVersion, sm.Scope().Version()}, {&c.scopeURL, sm.SchemaUrl()}} {
		if err := shared.column.addTimes(shared.value, rows); err != nil {
			return err
		}
	}
	return c.scope.addTimes(sm.Scope().Attributes(), rows)
}

func (c *pointColumns) addMetric(m pmetric.Metric, rows int) error {
	if rows == 0 {
		return nil
	}
	c.rows += rows
	c.metric.addTimes(m.Name(), rows)
	if err := c.description.addTimes(m.Description(), rows); err != nil {
		return err
	}
	return c.unit.addTimes(m.Unit(), rows)
}

func (c *pointColumns) addPoint(
	a pcommon.Map, start, time pcommon.Timestamp, flags pmetric.DataPointFlags, exemplars pmetric.ExemplarSlice,
) {
	c.attributes.add(a)
	c.start.addTime(start)
	c.time.addTime(time)
	c.flags.add(uint32(flags))
	c.exemplars.add(exemplars)
}

func (c *exemplarColumns) add(exemplars pmetric.ExemplarSlice) {
	for i := range exemplars.Len() {
		e := exemplars.At(i)
		trace, span := e.TraceID(), e.SpanID()
		c.attributes.add(e.FilteredAttributes())
		c.time.addTime(e.Timestamp())
		if e.ValueType() == pmetric.ExemplarValueTypeInt {
			c.value.addDouble(float64(e.IntValue()))
		} else {
			c.value.addDouble(e.DoubleValue())
		}
		c.trace.addID(trace[:])
		c.span.addID(span[:])
	}
	c.ends.add(uint64(len(c.value) / wordBytes))
}

// numbers is a column of 32-bit numbers.
type numbers []byte

func (c *numbers) add(v uint32) { *c = binary.LittleEndian.AppendUint32(*c, v) }

// addTime appends a DateTime, which counts seconds.
func (c *numbers) addTime(t pcommon.Timestamp) { c.add(uint32(nanos(t) / 1e9)) }

func (c *words) addDouble(v float64) { c.add(math.Float64bits(v)) }

// commonColumns is how many columns write writes; those of the table itself come after it.
const commonColumns = 20

func (c *pointColumns) write(b *block, ownColumns int) {
	b.begin(commonColumns+ownColumns, c.rows)
	b.attributes("ResourceAttributes", &c.resource)
	b.texts("ResourceSchemaUrl", c.resourceURL)
	b.texts("ScopeName", c.scopeName)
	b.texts("ScopeVersion", c.scopeVersion)
	b.attributes("ScopeAttributes", &c.scope)
	b.numbers("ScopeDroppedAttrCount", "UInt32", c.scopeDropped)
	b.texts("ScopeSchemaUrl", c.scopeURL)
	b.terms("ServiceName", &c.service)
	b.terms("MetricName", &c.metric)
	b.texts("MetricDescription", c.description)
	b.texts("MetricUnit", c.unit)
	b.attributes("Attributes", &c.attributes)
	b.numbers("StartTimeUnix", "DateTime", c.start)
	b.numbers("TimeUnix", "DateTime", c.time)
	b.numbers("Flags", "UInt32", c.flags)
	e := &c.exemplars
	b.attributeLists("Exemplars.FilteredAttributes", e.ends, &e.attributes)
	b.lists("Exemplars.TimeUnix", "DateTime", e.ends, e.time)
	b.lists("Exemplars.Value", "Float64", e.ends, e.value)
	b.textLists("Exemplars.SpanId", e.ends, e.span)
	b.textLists("Exemplars.TraceId", e.ends, e.trace)
}

func (c *pointColumns) reset() {
	c.rows = 0
	e := &c.exemplars
	resetAll(&e.ends, &e.value)
	resetAll(&c.scopeDropped, &c.start, &c.time, &c.flags, &c.aggregated, &e.time)
	resetAll(&c.resourceURL, &c.scopeName, &c.scopeVersion, &c.scopeURL, &c.description, &c.unit, &e.trace, &e.span)
	c.service.reset()
	c.metric.reset()
	for _, a := range []*attributes{&c.resource, &c.scope, &c.attributes, &e.attributes} {
		a.reset()
	}
}
