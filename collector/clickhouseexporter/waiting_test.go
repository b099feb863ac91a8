package clickhouseexporter

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/steptrace/steptrace/spanid/semconv"
)

func TestTheOldestRowIsTheOneThatCameFirst(t *testing.T) {
	clock := quartz.NewMock(t)
	w := &waiting{clock: clock, queued: true, retries: true}
	require.Zero(t, w.oldest())
	w.accept(10)
	clock.Advance(5 * time.Second)
	w.accept(10)
	clock.Advance(5 * time.Second)
	require.Equal(t, 10*time.Second, w.oldest())

	w.settle(10, 10, errNetwork)
	require.Equal(t, 10*time.Second, w.oldest(), "all of it comes again")
	w.settle(10, 4, errNetwork)
	require.Equal(t, 10*time.Second, w.oldest(), "some of it comes again")
	w.settle(4, 4, consumererror.NewPermanent(errNetwork))
	require.Equal(t, 5*time.Second, w.oldest(), "it is given up")
	w.settle(10, 10, nil)
	require.Zero(t, w.oldest())
	w.settle(100, 100, nil) // which another process had left
	w.accept(1)
	clock.Advance(time.Second)
	require.Equal(t, time.Second, w.oldest())
}

func TestRowsThatAreNotAcceptedDoNotWait(t *testing.T) {
	clock := quartz.NewMock(t)
	w := &waiting{clock: clock, queued: true, retries: true}
	full := errors.New("the queue is full")
	require.NoError(t, w.admit(3, func() error { return nil }))
	clock.Advance(time.Minute)
	require.ErrorIs(t, w.admit(5, func() error { return full }), full)
	w.settle(3, 0, nil)
	require.Zero(t, w.oldest())
}

func TestWithoutAQueueRowsWaitUntilTheyAreStored(t *testing.T) {
	clock := quartz.NewMock(t)
	w := &waiting{clock: clock, retries: true}
	require.NoError(t, w.admit(5, func() error {
		clock.Advance(time.Second)
		require.Equal(t, time.Second, w.oldest())
		w.settle(5, 0, nil)
		return nil
	}))
	require.Zero(t, w.oldest())
}

func TestWaitingTakesLittleMemory(t *testing.T) {
	clock := quartz.NewMock(t)
	w := &waiting{clock: clock, queued: true, retries: true}
	for range 10_000 {
		w.accept(1)
		clock.Advance(time.Millisecond)
	}
	require.Len(t, w.arrivals, 10)
}

// away is a configuration of a store that takes nothing.
func away(t *testing.T) *Config {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(store.Close)
	cfg := createDefaultConfig().(*Config)
	cfg.Endpoint, cfg.CreateSchema = Endpoint(store.URL), false
	return cfg
}

func TestTheAgeIsToldOfEachQueue(t *testing.T) {
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set, cfg := exportertest.NewNopSettings(Type), away(t)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	set.ID = component.NewIDWithName(Type, "own")
	metrics, err := NewFactory().CreateMetrics(t.Context(), set, cfg)
	require.NoError(t, err)
	traces, err := NewFactory().CreateTraces(t.Context(), set, cfg)
	require.NoError(t, err)
	require.NoError(t, metrics.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, traces.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, metrics.ConsumeMetrics(t.Context(), sampleMetrics()))

	got, err := telemetry.GetMetric(semconv.MetricStoreOldest)
	require.NoError(t, err)
	require.Equal(t, "s", got.Unit)
	ages := map[string]float64{}
	for _, p := range got.Data.(metricdata.Gauge[float64]).DataPoints {
		exporter, _ := p.Attributes.Value("exporter")
		kind, _ := p.Attributes.Value("data_type")
		ages[exporter.AsString()+" "+kind.AsString()] = p.Value
	}
	require.Len(t, ages, 2)
	require.Positive(t, ages["clickhouse/own metrics"])
	require.Contains(t, ages, "clickhouse/own traces")
	require.Zero(t, ages["clickhouse/own traces"])
	require.NoError(t, traces.Shutdown(context.Background()))
	require.NoError(t, metrics.Shutdown(context.Background()))
	_, err = telemetry.GetMetric(semconv.MetricStoreOldest)
	require.Error(t, err, "there are no queues any more")
}

// What was given up after a time is not known here, so nothing is said then.
func TestTheAgeIsNotToldOfWhatMayBeGivenUp(t *testing.T) {
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set, cfg := exportertest.NewNopSettings(Type), away(t)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	cfg.Retry.MaxElapsedTime = time.Minute
	metrics, err := NewFactory().CreateMetrics(t.Context(), set, cfg)
	require.NoError(t, err)
	require.NoError(t, metrics.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, metrics.ConsumeMetrics(t.Context(), sampleMetrics()))
	_, err = telemetry.GetMetric(semconv.MetricStoreOldest)
	require.Error(t, err)
	require.NoError(t, metrics.Shutdown(context.Background()))
}

func TestInsertsAreCountedByWhatBecameOfThem(t *testing.T) {
	dsn := fussy(t)
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set := exportertest.NewNopSettings(Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	e, err := newExporterAt(set, unqueued(dsn), quartz.NewReal())
	require.NoError(t, err)
	require.NoError(t, e.start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.shutdown(context.Background())) })
	require.NoError(t, e.pushTraces(t.Context(), poisoned(4, 0))) // 4 refused, 2 refused, 1 refused, 1 stored, 2 stored
	require.NoError(t, connect(t, dsn).Exec(t.Context(), "RENAME TABLE otel_logs TO logs_away"))
	require.Error(t, e.pushLogs(t.Context(), sampleLogs()))

	got, err := telemetry.GetMetric(semconv.MetricStoreInserts)
	require.NoError(t, err)
	inserts := map[string]uint64{}
	for _, p := range got.Data.(metricdata.Histogram[float64]).DataPoints {
		table, _ := p.Attributes.Value("table")
		outcome, _ := p.Attributes.Value("outcome")
		inserts[table.AsString()+" "+outcome.AsString()] = p.Count
	}
	require.Equal(t, map[string]uint64{
		"otel_traces refused": 3, "otel_traces stored": 2, "otel_logs failed": 1,
	}, inserts)
	got, err = telemetry.GetMetric(semconv.MetricStoreRows)
	require.NoError(t, err)
	metricdatatest.AssertEqual(t, metricdata.Metrics{
		Name: semconv.MetricStoreRows, Unit: "{row}", Description: "Rows that ClickHouse has stored",
		Data: metricdata.Sum[int64]{
			Temporality: metricdata.CumulativeTemporality, IsMonotonic: true,
			DataPoints: []metricdata.DataPoint[int64]{{Value: 3, Attributes: attribute.NewSet(
				attribute.String("table", "otel_traces"))}},
		},
	}, got, metricdatatest.IgnoreTimestamp())
}
