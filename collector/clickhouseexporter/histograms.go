package clickhouseexporter

import (
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// histogramColumns are otel_metrics_histogram's columns while a batch is encoded.
type histogramColumns struct {
	pointColumns
	count, sum, smallest, largest words
	bucketEnds, buckets           words
	boundEnds, bounds             words
}

func (c *histogramColumns) add(md pmetric.Metrics) error {
	return c.addAll(md, pmetric.MetricTypeHistogram, func(m pmetric.Metric) int {
		points := m.Histogram().DataPoints()
		rows := points.Len()
		for i := range rows {
			c.addHistogram(points.At(i))
			c.aggregated.add(uint32(m.Histogram().AggregationTemporality()))
		}
		return rows
	})
}

func (c *histogramColumns) addHistogram(p pmetric.HistogramDataPoint) {
	c.addPoint(p.Attributes(), p.StartTimestamp(), p.Timestamp(), p.Flags(), p.Exemplars())
	c.count.add(p.Count())
	c.sum.addDouble(p.Sum())
	c.smallest.addDouble(p.Min())
	c.largest.addDouble(p.Max())
	for _, n := range p.BucketCounts().All() {
		c.buckets.add(n)
	}
	c.bucketEnds.add(uint64(len(c.buckets) / wordBytes))
	for _, bound := range p.ExplicitBounds().All() {
		c.bounds.addDouble(bound)
	}
	c.boundEnds.add(uint64(len(c.bounds) / wordBytes))
}

func (c *histogramColumns) writeHistograms(b *block) {
	c.write(b, 7)
	b.words("Count", "UInt64", c.count)
	b.words("Sum", "Float64", c.sum)
	b.lists("BucketCounts", "UInt64", c.bucketEnds, c.buckets)
	b.lists("ExplicitBounds", "Float64", c.boundEnds, c.bounds)
	b.words("Min", "Float64", c.smallest)
	b.words("Max", "Float64", c.largest)
	b.numbers("AggregationTemporality", "Int32", c.aggregated)
}

func (c *histogramColumns) reset() {
	c.pointColumns.reset()
	resetAll(&c.count, &c.sum, &c.smallest, &c.largest, &c.bucketEnds, &c.buckets, &c.boundEnds, &c.bounds)
}
