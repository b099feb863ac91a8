package clickhouseexporter

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func startMetrics(t *testing.T, cfg *Config) exporter.Metrics {
	t.Helper()
	e, err := NewFactory().CreateMetrics(t.Context(), exportertest.NewNopSettings(Type), cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.Shutdown(context.Background())) })
	return e
}

// sampleMetrics has a point of a gauge, one of a sum and one of a histogram, with everything in them.
func sampleMetrics() pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.SetSchemaUrl("https://example.com/resource")
	rm.Resource().Attributes().PutStr("service.name", "steptrace")
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.SetSchemaUrl("https://example.com/scope")
	sm.Scope().SetName("steptrace/agent")
	sm.Scope().SetVersion("1.2.3")
	sm.Scope().SetDroppedAttributesCount(3)
	sm.Scope().Attributes().PutStr("k", "v")

	lag := sm.Metrics().AppendEmpty()
	lag.SetName("steptrace.agent.lag")
	lag.SetDescription("How long")
	lag.SetUnit("s")
	p := lag.SetEmptyGauge().DataPoints().AppendEmpty()
	p.SetTimestamp(pcommon.NewTimestampFromTime(start))
	p.SetDoubleValue(1.5)
	p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	p.Attributes().PutStr("cloud.region", "eu-west-1")
	x := p.Exemplars().AppendEmpty()
	x.SetTimestamp(pcommon.NewTimestampFromTime(start.Add(-time.Second)))
	x.SetIntValue(7)
	x.SetTraceID(pcommon.TraceID{0xe7, 15: 0x18})
	x.SetSpanID(pcommon.SpanID{0xe4, 7: 0x63})
	x.FilteredAttributes().PutInt("n", 1)
	p.Exemplars().AppendEmpty().SetDoubleValue(0.25)

	calls := sm.Metrics().AppendEmpty()
	calls.SetName("steptrace.agent.api.calls")
	sum := calls.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	p = sum.DataPoints().AppendEmpty()
	p.SetStartTimestamp(pcommon.NewTimestampFromTime(start.Add(-time.Hour)))
	p.SetTimestamp(pcommon.NewTimestampFromTime(start))
	p.SetIntValue(42)

	inserts := sm.Metrics().AppendEmpty()
	inserts.SetName("steptrace.store.insert.duration")
	histogram := inserts.SetEmptyHistogram()
	histogram.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	h := histogram.DataPoints().AppendEmpty()
	h.SetTimestamp(pcommon.NewTimestampFromTime(start))
	h.SetCount(3)
	h.SetSum(2.5)
	h.SetMin(0.5)
	h.SetMax(1.25)
	h.BucketCounts().FromRaw([]uint64{1, 2, 0})
	h.ExplicitBounds().FromRaw([]float64{1, 2})
	return md
}

// common are the columns that all three tables have.
type common struct {
	ResourceAttributes, ScopeAttributes, Attributes                                              map[string]string
	ResourceSchemaURL, ScopeName, ScopeVersion, ScopeSchemaURL, ServiceName, Name, Unit, Comment string
	Dropped, Flags                                                                               uint32
	Start, Time                                                                                  time.Time
}

const commonColumnNames = "ResourceAttributes, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, " +
	"ScopeDroppedAttrCount, ScopeSchemaUrl, ServiceName, MetricName, MetricDescription, MetricUnit, Attributes, " +
	"StartTimeUnix, TimeUnix, Flags"

func (c *common) columns() []any {
	return []any{
		&c.ResourceAttributes, &c.ResourceSchemaURL, &c.ScopeName, &c.ScopeVersion, &c.ScopeAttributes, &c.Dropped,
		&c.ScopeSchemaURL, &c.ServiceName, &c.Name, &c.Comment, &c.Unit, &c.Attributes, &c.Start, &c.Time, &c.Flags,
	}
}

func TestEveryMetricColumnComesBack(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, startMetrics(t, unqueued(dsn)).ConsumeMetrics(t.Context(), sampleMetrics()))
	conn := connect(t, dsn)
	whole := start.Truncate(time.Second)

	var c common
	var value float64
	var times []time.Time
	var values []float64
	var spanIDs, traceIDs []string
	var filtered []map[string]string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT "+commonColumnNames+", Value, `Exemplars.FilteredAttributes`, "+
		"`Exemplars.TimeUnix`, `Exemplars.Value`, `Exemplars.SpanId`, `Exemplars.TraceId` FROM otel_metrics_gauge").Scan(
		append(c.columns(), &value, &filtered, &times, &values, &spanIDs, &traceIDs)...))
	require.Equal(t, map[string]string{"service.name": "steptrace"}, c.ResourceAttributes)
	require.Equal(t, "https://example.com/resource", c.ResourceSchemaURL)
	require.Equal(t, "https://example.com/scope", c.ScopeSchemaURL)
	require.Equal(t, "steptrace/agent", c.ScopeName)
	require.Equal(t, "1.2.3", c.ScopeVersion)
	require.Equal(t, uint32(3), c.Dropped)
	require.Equal(t, map[string]string{"k": "v"}, c.ScopeAttributes)
	require.Equal(t, "steptrace", c.ServiceName)
	require.Equal(t, "steptrace.agent.lag", c.Name)
	require.Equal(t, "How long", c.Comment)
	require.Equal(t, "s", c.Unit)
	require.Equal(t, map[string]string{"cloud.region": "eu-west-1"}, c.Attributes)
	require.Equal(t, int64(0), c.Start.Unix())
	require.True(t, whole.Equal(c.Time), c.Time)
	require.Equal(t, uint32(1), c.Flags)
	require.InDelta(t, 1.5, value, 0)
	require.Equal(t, []map[string]string{{"n": "1"}, {}}, filtered)
	require.True(t, whole.Add(-time.Second).Equal(times[0]), times)
	require.Equal(t, []float64{7, 0.25}, values)
	require.Equal(t, []string{"e400000000000063", ""}, spanIDs)
	require.Equal(t, []string{"e7000000000000000000000000000018", ""}, traceIDs)

	var temporality int32
	var monotonic bool
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT "+commonColumnNames+", Value, AggregationTemporality, IsMonotonic "+
		"FROM otel_metrics_sum").Scan(append(c.columns(), &value, &temporality, &monotonic)...))
	require.Equal(t, "steptrace.agent.api.calls", c.Name)
	require.Equal(t, "steptrace/agent", c.ScopeName)
	require.True(t, whole.Add(-time.Hour).Equal(c.Start), c.Start)
	require.InDelta(t, 42, value, 0)
	require.Equal(t, int32(2), temporality)
	require.True(t, monotonic)

	var n uint64
	var sum, smallest, largest float64
	var buckets []uint64
	var bounds []float64
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT "+commonColumnNames+", Count, Sum, BucketCounts, ExplicitBounds, "+
		"Min, Max, AggregationTemporality FROM otel_metrics_histogram").Scan(
		append(c.columns(), &n, &sum, &buckets, &bounds, &smallest, &largest, &temporality)...))
	require.Equal(t, "steptrace.store.insert.duration", c.Name)
	require.Equal(t, uint64(3), n)
	require.Equal(t, []float64{2.5, 0.5, 1.25}, []float64{sum, smallest, largest})
	require.Equal(t, []uint64{1, 2, 0}, buckets)
	require.Equal(t, []float64{1, 2}, bounds)
	require.Equal(t, int32(1), temporality)
}

var metricTables = []string{gaugesTable, sumsTable, histogramsTable}

func TestAPointSentTwiceIsThereOnce(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	metrics := startMetrics(t, unqueued(dsn))
	more := sampleMetrics() // makes it another batch
	for _, m := range more.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		switch m.Type() {
		case pmetric.MetricTypeGauge:
			other := m.Gauge().DataPoints().AppendEmpty()
			m.Gauge().DataPoints().At(0).CopyTo(other)
			other.SetDoubleValue(2.5) // in the same second
		case pmetric.MetricTypeSum:
			other := m.Sum().DataPoints().AppendEmpty()
			m.Sum().DataPoints().At(0).CopyTo(other)
			other.Attributes().PutStr("rpc.method", "DescribeExecution")
		default:
			other := m.Histogram().DataPoints().AppendEmpty()
			m.Histogram().DataPoints().At(0).CopyTo(other)
			other.SetTimestamp(pcommon.NewTimestampFromTime(start.Add(10 * time.Second)))
		}
	}
	for _, md := range []pmetric.Metrics{sampleMetrics(), more, sampleMetrics(), more} {
		require.NoError(t, metrics.ConsumeMetrics(t.Context(), md))
	}
	conn := connect(t, dsn)
	for _, table := range metricTables {
		require.EqualValues(t, 2, count(t, conn, "SELECT count() FROM "+table+" FINAL"), table)
		require.NoError(t, conn.Exec(t.Context(), "OPTIMIZE TABLE "+table+" FINAL"))
		require.EqualValues(t, 2, count(t, conn, "SELECT count() FROM "+table), table)
	}
	require.EqualValues(t, 1, count(t, conn, "SELECT uniqExact(SeriesId) FROM otel_metrics_gauge"))
	require.EqualValues(t, 2, count(t, conn, "SELECT uniqExact(SeriesId) FROM otel_metrics_sum"))
}

// Senders write a series' attributes in the order of their maps.
func TestOrderOfAttributesDoesNotMakeASeries(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	metrics := startMetrics(t, unqueued(dsn))
	for _, keys := range [][]string{{"cloud.region", "rpc.method"}, {"rpc.method", "cloud.region"}} {
		md := gauges(1, "m")
		point := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0)
		for _, key := range keys {
			point.Attributes().PutStr(key, "of "+key)
		}
		require.NoError(t, metrics.ConsumeMetrics(t.Context(), md))
	}
	require.EqualValues(t, 1, count(t, connect(t, dsn), "SELECT uniqExact(SeriesId) FROM otel_metrics_gauge"))
}

// gauges are n points of a metric with the values 1..n.
func gauges(n int, name string) pmetric.Metrics {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(name)
	points := m.SetEmptyGauge().DataPoints()
	for i := range n {
		p := points.AppendEmpty()
		p.SetTimestamp(pcommon.NewTimestampFromTime(start))
		p.SetIntValue(int64(i + 1))
	}
	return md
}

func TestPointsAtFaultGoToTheDeadLetterFileAndTheRestIsStored(t *testing.T) {
	dsn, path := embeddedtest.DSN(t), filepath.Join(t.TempDir(), "refused.jsonl")
	metrics := startMetrics(t, withDeadLetter(unqueued(dsn), path, 1<<20))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), "ALTER TABLE otel_metrics_gauge ADD CONSTRAINT fussy CHECK Value != 7"))
	md := gauges(20, "fussy")
	sampleMetrics().ResourceMetrics().MoveAndAppendTo(md.ResourceMetrics())
	require.NoError(t, metrics.ConsumeMetrics(t.Context(), md))
	require.EqualValues(t, 20, count(t, conn, "SELECT count() FROM otel_metrics_gauge"))
	require.EqualValues(t, 1, count(t, conn, "SELECT count() FROM otel_metrics_sum"))
	require.EqualValues(t, 1, count(t, conn, "SELECT count() FROM otel_metrics_histogram"))

	letters := lines(t, path)
	require.Len(t, letters, 1)
	require.Contains(t, letters[0], `"table":"otel_metrics_gauge"`)
	again, err := new(pmetric.JSONUnmarshaler).UnmarshalMetrics([]byte(letters[0]))
	require.NoError(t, err)
	require.Equal(t, 1, again.DataPointCount())
	point := again.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0)
	require.Equal(t, "fussy", point.Name())
	require.EqualValues(t, 7, point.Gauge().DataPoints().At(0).IntValue())
}

// What one table cannot take now comes again, without what the others have stored.
func TestOnlyWhatATableCouldNotTakeComesAgain(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	metrics := startMetrics(t, unqueued(dsn))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), "RENAME TABLE otel_metrics_sum TO sums_away"))
	err := metrics.ConsumeMetrics(t.Context(), sampleMetrics())
	require.ErrorContains(t, err, "steptrace migrate")
	require.False(t, consumererror.IsPermanent(err))
	var again consumererror.Metrics
	require.ErrorAs(t, err, &again)
	left := again.Data().ResourceMetrics().At(0).ScopeMetrics().At(0)
	require.Equal(t, 1, left.Metrics().Len())
	require.Equal(t, "steptrace.agent.api.calls", left.Metrics().At(0).Name())
	require.EqualValues(t, 1, count(t, conn, "SELECT count() FROM otel_metrics_histogram"), "it is not held up")

	require.NoError(t, conn.Exec(t.Context(), "RENAME TABLE sums_away TO otel_metrics_sum"))
	require.NoError(t, metrics.ConsumeMetrics(t.Context(), again.Data()))
	require.EqualValues(t, 1, count(t, conn, "SELECT countIf(IsMonotonic AND AggregationTemporality = 2) FROM otel_metrics_sum"))
	require.EqualValues(t, 1, count(t, conn, "SELECT count() FROM otel_metrics_gauge"))
}

func TestKindsWithoutATableAreCountedAsRefused(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set := exportertest.NewNopSettings(Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	e, err := newExporterAt(set, unqueued(dsn), quartz.NewReal())
	require.NoError(t, err)
	require.NoError(t, e.start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.shutdown(context.Background())) })

	md := sampleMetrics()
	all := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	exponential := all.AppendEmpty().SetEmptyExponentialHistogram().DataPoints()
	exponential.AppendEmpty()
	exponential.AppendEmpty()
	all.AppendEmpty().SetEmptySummary().DataPoints().AppendEmpty()
	all.AppendEmpty() // of no kind
	require.NoError(t, e.pushMetrics(t.Context(), md))

	got, err := telemetry.GetMetric(semconv.MetricStoreRefused)
	require.NoError(t, err)
	refused := map[string]int64{}
	for _, p := range got.Data.(metricdata.Sum[int64]).DataPoints {
		table, _ := p.Attributes.Value("table")
		outcome, _ := p.Attributes.Value("outcome")
		refused[table.AsString()+" "+outcome.AsString()] = p.Value
	}
	require.Equal(t, map[string]int64{
		"otel_metrics_exponential_histogram unsupported": 2, "otel_metrics_summary unsupported": 1,
	}, refused)
	got, err = telemetry.GetMetric(semconv.MetricStoreRows)
	require.NoError(t, err)
	stored := map[string]int64{}
	for _, p := range got.Data.(metricdata.Sum[int64]).DataPoints {
		table, _ := p.Attributes.Value("table")
		stored[table.AsString()] = p.Value
	}
	require.Equal(t, map[string]int64{gaugesTable: 1, sumsTable: 1, histogramsTable: 1}, stored)
}

// number tells points apart, of which a merge would leave one.
var number atomic.Int64

// drawMetrics gives the points of each kind the run as their value, by which the test finds them.
func drawMetrics(t *rapid.T, run int) pmetric.Metrics {
	md := pmetric.NewMetrics()
	for range rapid.IntRange(1, 3).Draw(t, "resources") {
		rm := md.ResourceMetrics().AppendEmpty()
		drawMap(t, rm.Resource().Attributes(), 1)
		rm.SetSchemaUrl(drawText(t))
		for range rapid.IntRange(0, 2).Draw(t, "scopes") {
			sm := rm.ScopeMetrics().AppendEmpty()
			sm.Scope().SetName(drawText(t))
			drawMap(t, sm.Scope().Attributes(), 1)
			for range rapid.IntRange(0, 4).Draw(t, "metrics") {
				m := sm.Metrics().AppendEmpty()
				m.SetName(drawText(t))
				m.SetDescription(drawText(t))
				drawPoints(t, m, run)
			}
		}
	}
	return md
}

func drawPoints(t *rapid.T, m pmetric.Metric, run int) {
	n := rapid.IntRange(0, 4).Draw(t, "points")
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		drawScalars(t, m.SetEmptyGauge().DataPoints(), n, run)
	case 1:
		drawScalars(t, m.SetEmptySum().DataPoints(), n, run)
	default:
		points := m.SetEmptyHistogram().DataPoints()
		for range n {
			p := points.AppendEmpty()
			p.SetTimestamp(pcommon.NewTimestampFromTime(start))
			p.SetSum(float64(run))
			drawMap(t, p.Attributes(), 2)
			p.Attributes().PutInt("number", number.Add(1))
			p.BucketCounts().FromRaw(rapid.SliceOfN(rapid.Uint64(), 0, 4).Draw(t, "buckets"))
		}
	}
}

func drawScalars(t *rapid.T, points pmetric.NumberDataPointSlice, n, run int) {
	for range n {
		p := points.AppendEmpty()
		p.SetTimestamp(pcommon.NewTimestampFromTime(start))
		p.SetDoubleValue(float64(run))
		drawMap(t, p.Attributes(), 2)
		p.Attributes().PutInt("number", number.Add(1))
		for range rapid.IntRange(0, 2).Draw(t, "exemplars") {
			drawMap(t, p.Exemplars().AppendEmpty().FilteredAttributes(), 1)
		}
	}
}

// expectedPoints says in the plainest way what the store holds, one text for each point.
func expectedPoints(md pmetric.Metrics, kind pmetric.MetricType) (expected []string) {
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				for _, a := range attributesOf(m, kind) {
					resource := asText(rm.Resource().Attributes())
					expected = append(expected, fmt.Sprintf("%q", []any{
						resource, resource["service.name"], rm.SchemaUrl(), sm.Scope().Name(), asText(sm.Scope().Attributes()),
						m.Name(), m.Description(), asText(a),
					}))
				}
			}
		}
	}
	return expected
}

func attributesOf(m pmetric.Metric, kind pmetric.MetricType) (all []pcommon.Map) {
	switch {
	case m.Type() != kind:
	case kind == pmetric.MetricTypeHistogram:
		for _, p := range m.Histogram().DataPoints().All() {
			all = append(all, p.Attributes())
		}
	case kind == pmetric.MetricTypeSum:
		for _, p := range m.Sum().DataPoints().All() {
			all = append(all, p.Attributes())
		}
	default:
		for _, p := range m.Gauge().DataPoints().All() {
			all = append(all, p.Attributes())
		}
	}
	return all
}

func TestWhateverMetricsAreSentComeBack(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	metrics, conn := startMetrics(t, unqueued(dsn)), connect(t, dsn)
	engineChecks(t)
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		md := drawMetrics(t, run)
		require.NoError(t, metrics.ConsumeMetrics(context.Background(), md))
		for _, kind := range storedKinds {
			value := "Value"
			if kind == pmetric.MetricTypeHistogram {
				value = "Sum"
			}
			rows, err := conn.Query(context.Background(), "SELECT ResourceAttributes, ServiceName, ResourceSchemaUrl, ScopeName, "+
				"ScopeAttributes, MetricName, MetricDescription, Attributes FROM "+points{kind: kind}.table()+" WHERE "+value+" = ?", run)
			require.NoError(t, err)
			var stored []string
			for rows.Next() {
				var resource, scope, a map[string]string
				var service, url, scopeName, name, description string
				require.NoError(t, rows.Scan(&resource, &service, &url, &scopeName, &scope, &name, &description, &a))
				stored = append(stored, fmt.Sprintf("%q", []any{resource, service, url, scopeName, scope, name, description, a}))
			}
			require.NoError(t, rows.Err())
			require.NoError(t, rows.Close())
			require.ElementsMatch(t, expectedPoints(md, kind), stored)
		}
	})
}

func TestPartsOfMetrics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		md := drawMetrics(t, 1)
		for _, kind := range storedKinds {
			all := points{md, kind}
			middle := rapid.IntRange(0, all.rows()).Draw(t, "middle")
			first, second := all.part(0, middle).(points), all.part(middle, all.rows()).(points)
			require.Equal(t, middle, first.rows())
			require.Equal(t, first.rows(), first.DataPointCount(), "of one kind only")
			joined := first.join(second).(points)
			require.Equal(t, expectedPoints(md, kind), expectedPoints(joined.Metrics, kind))
		}
	})
}

func TestPointsAtTheEdge(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	metrics := startMetrics(t, unqueued(dsn))
	md := gauges(3, "edge")
	points := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints()
	points.At(0).SetDoubleValue(math.NaN())
	points.At(1).SetDoubleValue(math.Inf(-1))
	points.At(2).SetTimestamp(math.MaxUint64)
	points.At(2).SetStartTimestamp(math.MaxUint64)
	points.At(2).Attributes().PutStr("long", strings.Repeat("x", 1<<20))
	for range 2 {
		require.NoError(t, metrics.ConsumeMetrics(t.Context(), md))
	}
	require.NoError(t, metrics.ConsumeMetrics(t.Context(), gauges(1, "edge"))) // other parts to merge with
	require.NoError(t, metrics.ConsumeMetrics(t.Context(), md))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), "OPTIMIZE TABLE otel_metrics_gauge FINAL"))
	require.EqualValues(t, 1, count(t, conn, "SELECT countIf(isNaN(Value)) FROM otel_metrics_gauge"))
	require.EqualValues(t, 1, count(t, conn, "SELECT countIf(Value = -inf) FROM otel_metrics_gauge"))
	require.EqualValues(t, 1, count(t, conn, "SELECT countIf(toYear(TimeUnix) = 2100) FROM otel_metrics_gauge"))
	require.EqualValues(t, 4, count(t, conn, "SELECT count() FROM otel_metrics_gauge"))
}
