package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/collector/clickhouseexporter"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded"
)

const (
	spansPerBatch = 10_000
	batches       = 11
)

// storeFigures compares our exporter with row-wise inserts through clickhouse-go, as the OpenTelemetry exporter does
// them: the same spans, the same schema with its views, the same engine, alternating.
func storeFigures(ctx context.Context) (_ []figure, err error) {
	dir, err := os.MkdirTemp("", "steptrace-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	engine, err := embedded.Open(ctx, embedded.Config{Path: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Close(context.WithoutCancel(ctx))) }()
	ours, err := newColumnar(ctx, engine.URL()+"/ours")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ours.Shutdown(context.WithoutCancel(ctx))) }()
	peer, err := newRowWise(ctx, engine.URL()+"/peer")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, peer.Close()) }()
	return measureInserts(ctx, ours, peer)
}

func measureInserts(ctx context.Context, ours exporter.Traces, peer driver.Conn) ([]figure, error) {
	var oursCost, peerCost []float64
	for i := range batches {
		td := generateSpans(uint64(i))
		start := time.Now()
		if err := ours.ConsumeTraces(ctx, td); err != nil {
			return nil, err
		}
		oursCost = append(oursCost, perSpan(start))
		start = time.Now()
		if err := insertRows(ctx, peer, td); err != nil {
			return nil, err
		}
		peerCost = append(peerCost, perSpan(start))
	}
	return []figure{{"store.insert", median(oursCost), median(peerCost), "µs/span"}}, nil
}

func perSpan(start time.Time) float64 {
	return float64(time.Since(start)) / float64(time.Microsecond) / spansPerBatch
}

func newColumnar(ctx context.Context, endpoint string) (exporter.Traces, error) {
	factory := clickhouseexporter.NewFactory()
	cfg := factory.CreateDefaultConfig().(*clickhouseexporter.Config)
	cfg.Endpoint = clickhouseexporter.Endpoint(endpoint)
	cfg.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
	traces, err := factory.CreateTraces(ctx, exportertest.NewNopSettings(factory.Type()), cfg)
	if err != nil {
		return nil, err
	}
	return traces, traces.Start(ctx, componenttest.NewNopHost())
}

func newRowWise(ctx context.Context, dsn string) (driver.Conn, error) {
	if err := store.Migrate(ctx, dsn, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	opts, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	opts.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	return clickhouse.Open(opts)
}

const insertSpans = "INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, " +
	"SpanKind, ServiceName, ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode, " +
	"StatusMessage, `Events.Timestamp`, `Events.Name`, `Events.Attributes`, " +
	"`Links.TraceId`, `Links.SpanId`, `Links.TraceState`, `Links.Attributes`)"

func insertRows(ctx context.Context, conn driver.Conn, td ptrace.Traces) error {
	batch, err := conn.PrepareBatch(ctx, insertSpans)
	if err != nil {
		return err
	}
	for _, rs := range td.ResourceSpans().All() {
		resource := attributes(rs.Resource().Attributes())
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				duration := uint64(s.EndTimestamp() - s.StartTimestamp())
				if err := batch.Append(s.StartTimestamp().AsTime(), s.TraceID().String(), s.SpanID().String(),
					s.ParentSpanID().String(), s.TraceState().AsRaw(), s.Name(), s.Kind().String(), resource["service.name"],
					resource, ss.Scope().Name(), ss.Scope().Version(), attributes(s.Attributes()), duration,
					s.Status().Code().String(), s.Status().Message(), []time.Time{}, []string{}, []map[string]string{},
					[]string{}, []string{}, []string{}, []map[string]string{}); err != nil {
					return err
				}
			}
		}
	}
	return batch.Send()
}

func attributes(m pcommon.Map) map[string]string {
	out := make(map[string]string, m.Len())
	for k, v := range m.All() {
		out[k] = v.AsString()
	}
	return out
}

// generateSpans is one batch of spans with 8 resource and 8 span attributes, each span its own.
func generateSpans(batch uint64) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "image-workflow")
	for i := range 7 {
		rs.Resource().Attributes().PutStr(fmt.Sprintf("resource.attribute.%d", i), fmt.Sprintf("value %d", i))
	}
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	spans.EnsureCapacity(spansPerBatch)
	start := time.Now()
	for i := range uint64(spansPerBatch) {
		s := spans.AppendEmpty()
		n := batch*spansPerBatch + i + 1
		s.SetTraceID(pcommon.TraceID(binary.BigEndian.AppendUint64(make([]byte, 8, 16), n/20)))
		s.SetSpanID(pcommon.SpanID(binary.BigEndian.AppendUint64(nil, n)))
		s.SetName(fmt.Sprintf("State %d", n%50))
		s.SetKind(ptrace.SpanKindInternal)
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Duration(i) * time.Microsecond)))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Duration(i+n%1000) * time.Microsecond)))
		for k := range 8 {
			s.Attributes().PutStr(fmt.Sprintf("span.attribute.%d", k), fmt.Sprintf("value %d", n%uint64(10*(k+1))))
		}
	}
	return td
}
