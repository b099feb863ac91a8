package ownmetrics

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configtelemetry"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// provider is a meter provider of the source, without readers of its own.
func provider(t *testing.T, s *Source, level configtelemetry.Level) metric.MeterProvider {
	t.Helper()
	factory := s.Telemetry()
	cfg := factory.CreateDefaultConfig().(*Config)
	cfg.Metrics.Level, cfg.Metrics.Readers = level, nil
	require.NoError(t, cfg.Validate())
	resource := pcommon.NewResource()
	resource.Attributes().PutStr("service.name", "steptrace")
	made, err := factory.CreateMeterProvider(t.Context(), telemetry.MeterSettings{
		Settings: telemetry.Settings{Resource: &resource}, Logger: zap.NewNop(),
	}, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, made.Shutdown(context.Background())) })
	return made
}

func started(t *testing.T, s *Source, logger *zap.Logger, next consumer.Metrics) (*reader, *quartz.Mock) {
	t.Helper()
	clock := quartz.NewMock(t)
	r, err := newReader(t.Context(), s, logger, 15*time.Second, clock, next)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
	return r, clock
}

// received waits for the next reading.
type received chan pmetric.Metrics

func (c received) consumer(t *testing.T) consumer.Metrics {
	next, err := consumer.NewMetrics(func(_ context.Context, md pmetric.Metrics) error {
		c <- md
		return nil
	})
	require.NoError(t, err)
	return next
}

func (c received) next(t *testing.T) pmetric.Metrics {
	t.Helper()
	select {
	case md := <-c:
		return md
	case <-time.After(10 * time.Second):
		require.Fail(t, "nothing was read")
		return pmetric.Metrics{}
	}
}

// Neither the variables of SDKs nor their kinds of instruments keep metrics from arriving as they are.
func TestMetricsAreReadAtEachInterval(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://tempo.example.org")
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=x")
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta")
	s := New()
	meter := provider(t, s, configtelemetry.LevelNormal).Meter("steptrace/agent")
	calls, err := meter.Int64Counter("calls", metric.WithUnit("{call}"))
	require.NoError(t, err)
	took, err := meter.Float64Histogram("took", metric.WithExplicitBucketBoundaries(1, 2))
	require.NoError(t, err)
	calls.Add(t.Context(), 3, metric.WithAttributes(attribute.String("rpc.method", "ListExecutions")))
	took.Record(t.Context(), 1.5)

	readings := make(received, 3)
	_, clock := started(t, s, zap.NewNop(), readings.consumer(t))
	clock.Advance(15 * time.Second).MustWait(t.Context())
	md := readings.next(t)
	require.Equal(t, 2, md.DataPointCount())
	rm := md.ResourceMetrics().At(0)
	require.Equal(t, map[string]any{"service.name": "steptrace"}, rm.Resource().Attributes().AsRaw())
	require.Equal(t, "steptrace/agent", rm.ScopeMetrics().At(0).Scope().Name())
	metrics := map[string]pmetric.Metric{}
	for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
		metrics[m.Name()] = m
	}
	sum := metrics["calls"].Sum()
	require.Equal(t, "{call}", metrics["calls"].Unit())
	require.Equal(t, pmetric.AggregationTemporalityCumulative, sum.AggregationTemporality())
	require.True(t, sum.IsMonotonic())
	require.EqualValues(t, 3, sum.DataPoints().At(0).IntValue())
	require.Equal(t, map[string]any{"rpc.method": "ListExecutions"}, sum.DataPoints().At(0).Attributes().AsRaw())
	require.Equal(t, []uint64{0, 1, 0}, metrics["took"].Histogram().DataPoints().At(0).BucketCounts().AsRaw())

	calls.Add(t.Context(), 1, metric.WithAttributes(attribute.String("rpc.method", "ListExecutions")))
	clock.Advance(15 * time.Second).MustWait(t.Context())
	require.Equal(t, 2, readings.next(t).DataPointCount())
}

func TestTheLastReadingIsAtShutdown(t *testing.T) {
	s := New()
	calls, err := provider(t, s, configtelemetry.LevelBasic).Meter("m").Int64Counter("calls")
	require.NoError(t, err)
	sink := new(consumertest.MetricsSink)
	r, _ := started(t, s, zap.NewNop(), sink)
	calls.Add(t.Context(), 1)
	require.Empty(t, sink.AllMetrics())
	require.NoError(t, r.Shutdown(context.Background()))
	require.NoError(t, r.Shutdown(context.Background()), "again")
	require.Equal(t, 1, sink.DataPointCount())
}

// A pipeline that takes nothing, for its queue is full, neither stops the readings nor fills the log.
func TestAPipelineThatRefusesIsSaidOnce(t *testing.T) {
	s := New()
	calls, err := provider(t, s, configtelemetry.LevelNormal).Meter("m").Int64Counter("calls")
	require.NoError(t, err)
	calls.Add(t.Context(), 1)
	core, logs := observer.New(zap.InfoLevel)
	answers := make(chan error, 4)
	for _, err := range []error{errors.New("the queue is full"), errors.New("the queue is full"), nil, nil} {
		answers <- err
	}
	next, err := consumer.NewMetrics(func(context.Context, pmetric.Metrics) error { return <-answers })
	require.NoError(t, err)
	r, _ := started(t, s, zap.New(core), next)
	for range 3 {
		r.read(t.Context())
	}
	entries := logs.All()
	require.Len(t, entries, 2)
	require.Equal(t, "the queue is full", entries[0].ContextMap()["error"])
	require.Equal(t, zap.InfoLevel, entries[1].Level)
}

// A pipeline that blocks, as one with block_on_overflow may, is left at the shutdown.
func TestAPipelineThatBlocksDoesNotHoldUpTheShutdown(t *testing.T) {
	s := New()
	calls, err := provider(t, s, configtelemetry.LevelNormal).Meter("m").Int64Counter("calls")
	require.NoError(t, err)
	calls.Add(t.Context(), 1)
	blocked := make(chan struct{}, 2)
	next, err := consumer.NewMetrics(func(ctx context.Context, _ pmetric.Metrics) error {
		blocked <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})
	require.NoError(t, err)
	r, clock := started(t, s, zap.NewNop(), next)
	clock.Advance(15 * time.Second).MustWait(t.Context())
	<-blocked
	begin := time.Now()
	require.NoError(t, r.Shutdown(context.Background()))
	require.Less(t, time.Since(begin), 5*time.Second)
}

func TestWithoutMetricsThereIsNothingToRead(t *testing.T) {
	s := New()
	provider(t, s, configtelemetry.LevelNone)
	r, err := newReader(t.Context(), s, zap.NewNop(), time.Second, quartz.NewMock(t), consumertest.NewNop())
	require.NoError(t, err)
	require.ErrorContains(t, r.Start(t.Context(), componenttest.NewNopHost()), "service::telemetry::metrics::level")
	require.NoError(t, r.Shutdown(context.Background()))
}

func TestIntervals(t *testing.T) {
	require.NoError(t, New().Receiver().CreateDefaultConfig().(*ReceiverConfig).Validate())
	require.ErrorContains(t, (&ReceiverConfig{Interval: time.Millisecond}).Validate(), "collection_interval: must be 1s")
}
