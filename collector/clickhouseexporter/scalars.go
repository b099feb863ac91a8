package clickhouseexporter

import "go.opentelemetry.io/collector/pdata/pmetric"

// scalarColumns are those of otel_metrics_gauge and otel_metrics_sum, while a batch is encoded.
type scalarColumns struct {
	pointColumns
	value     words
	monotonic []byte
}

func (c *scalarColumns) addGauges(md pmetric.Metrics) error {
	return c.addAll(md, pmetric.MetricTypeGauge, func(m pmetric.Metric) int {
		return c.addPoints(m.Gauge().DataPoints())
	})
}

func (c *scalarColumns) addSums(md pmetric.Metrics) error {
	return c.addAll(md, pmetric.MetricTypeSum, func(m pmetric.Metric) int {
		sum, monotonic := m.Sum(), byte(0)
		if sum.IsMonotonic() {
			monotonic = 1
		}
		rows := c.addPoints(sum.DataPoints())
		for range rows {
			c.aggregated.add(uint32(sum.AggregationTemporality()))
			c.monotonic = append(c.monotonic, monotonic)
		}
		return rows
	})
}

func (c *scalarColumns) addPoints(points pmetric.NumberDataPointSlice) int {
	rows := points.Len()
	for i := range rows {
		p := points.At(i)
		c.addPoint(p.Attributes(), p.StartTimestamp(), p.Timestamp(), p.Flags(), p.Exemplars())
		if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
			c.value.addDouble(float64(p.IntValue()))
		} else {
			c.value.addDouble(p.DoubleValue())
		}
	}
	return rows
}

func (c *scalarColumns) writeGauges(b *block) {
	c.write(b, 1)
	b.words("Value", "Float64", c.value)
}

func (c *scalarColumns) writeSums(b *block) {
	c.write(b, 3)
	b.words("Value", "Float64", c.value)
	b.numbers("AggregationTemporality", "Int32", c.aggregated)
	b.bools("IsMonotonic", c.monotonic)
}

func (c *scalarColumns) reset() {
	c.pointColumns.reset()
	resetAll(&c.value)
	resetAll(&c.monotonic)
}
