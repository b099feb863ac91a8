package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// asked is how often each question is asked, of another trace each time.
const asked = 41

// queryFigures fills the stores to each of the sizes and asks them what people ask. Nothing is merged for the purpose.
func queryFigures(ctx context.Context) (figures []figure, err error) {
	server, err := startEngine(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	load, err := newLoad(ctx, server, sizes[len(sizes)-1])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, load.shutdown(context.WithoutCancel(ctx))) }()
	reader, err := newReader(ctx, server)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.close()) }()
	before := make(map[string]float64)
	for _, size := range sizes {
		if err := load.to(ctx, size); err != nil {
			return nil, err
		}
		answers, err := reader.askAll(ctx, size <= peerMost)
		if err != nil {
			return nil, err
		}
		for _, f := range answers {
			name := f.name
			f.name += fmt.Sprintf("_%.0e", float64(size))
			figures = append(figures, f)
			if last, ok := before[name]; ok {
				figures = append(figures, figure{f.name + "_growth", f.ours, last, f.unit})
			}
			before[name] = f.ours
		}
	}
	return figures, nil
}

// reader asks both stores.
type reader struct {
	db   *store.DB
	ours driver.Conn
	peer driver.Conn
}

func newReader(ctx context.Context, server *engine) (*reader, error) {
	db, dbErr := store.Open(ctx, server.url+"/ours")
	ours, oursErr := server.connect("ours")
	peer, peerErr := server.connect("peer")
	return &reader{db, ours, peer}, errors.Join(dbErr, oursErr, peerErr)
}

func (r *reader) close() error { return errors.Join(r.db.Close(), r.ours.Close(), r.peer.Close()) }

// askAll asks every question, ours and the peer's in turn.
func (r *reader) askAll(ctx context.Context, withPeer bool) (figures []figure, err error) {
	samples, err := r.samples(ctx)
	if err != nil {
		return nil, err
	}
	for _, q := range r.questions() {
		var ours, peer []float64
		for _, s := range samples {
			took, err := timed(func() error { return q.ours(ctx, s) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q.name, err)
			}
			ours = append(ours, took)
			if q.peer == "" || !withPeer {
				continue
			}
			took, err = timed(func() error { return s.ask(ctx, r.peer, q.peer) })
			if err != nil {
				return nil, fmt.Errorf("%s, peer: %w", q.name, err)
			}
			peer = append(peer, took)
		}
		if len(peer) == 0 {
			peer = []float64{math.NaN()}
		}
		figures = append(figures, figure{"store." + q.name + "_p50", quantile(ours, .5), quantile(peer, .5), "ms"},
			figure{"store." + q.name + "_p95", quantile(ours, .95), quantile(peer, .95), "ms"})
	}
	return figures, nil
}

func timed(do func() error) (milliseconds float64, err error) {
	start := time.Now()
	err = do()
	return float64(time.Since(start)) / float64(time.Millisecond), err
}

// sample is what a question is asked about.
type sample struct{ traceID, requestID string }

// samples are executions from all over the store, each with an id that one of its calls has.
func (r *reader) samples(ctx context.Context) (found []sample, err error) {
	rows, err := r.ours.Query(ctx, `SELECT TraceId, any(SpanAttributes['aws.request_id']) FROM otel_traces
		WHERE Kind = 'attempt' AND SpanAttributes['aws.request_id'] != ''
		GROUP BY TraceId ORDER BY sipHash64(TraceId) LIMIT {asked:UInt32}`, clickhouse.Named("asked", asked))
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var s sample
		if err := rows.Scan(&s.traceID, &s.requestID); err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, errors.Join(rows.Err(), rows.Close())
}

func (s sample) ask(ctx context.Context, conn driver.Conn, query string) error {
	rows, err := conn.Query(ctx, query, clickhouse.Named("trace", s.traceID), clickhouse.Named("request", s.requestID))
	if err != nil {
		return err
	}
	for rows.Next() { // reading them is what is measured
	}
	return errors.Join(rows.Err(), rows.Close())
}

// question is asked of our store as its readers do, and of the peer's, where it has an answer, in SQL.
type question struct {
	name string
	ours func(context.Context, sample) error
	peer string
}

func (r *reader) questions() []question {
	db, day := r.db, time.Now().Add(-24*time.Hour)
	return []question{
		{"trace_by_id", func(ctx context.Context, s sample) error {
			_, err := db.Trace(ctx, s.traceID)
			return err
		}, peerTrace},
		{"spans_by_id", func(ctx context.Context, s sample) error {
			return s.ask(ctx, r.ours, oursTrace)
		}, peerTrace},
		{"spans_by_attribute", func(ctx context.Context, s sample) error {
			request := store.Attribute{Key: semconv.AWSRequestID, Value: s.requestID}
			_, err := db.Spans(ctx, store.SpanFilter{Attributes: []store.Attribute{request}})
			return err
		}, peerAttribute},
		{"executions_newest", func(ctx context.Context, _ sample) error {
			_, err := db.Executions(ctx, store.ExecutionFilter{})
			return err
		}, ""},
		{"executions_failed_in_24h", func(ctx context.Context, _ sample) error {
			_, err := db.Executions(ctx, store.ExecutionFilter{Statuses: []string{"FAILED"}, Since: day})
			return err
		}, ""},
		{"executions_by_name", func(ctx context.Context, s sample) error {
			_, err := db.Executions(ctx, store.ExecutionFilter{Name: s.requestID[:6], Since: day})
			return err
		}, ""},
		{"executions_by_payload_in_24h", func(ctx context.Context, s sample) error {
			_, err := db.Executions(ctx, store.ExecutionFilter{Text: s.requestID[:8], Since: day})
			return err
		}, ""},
		{"state_statistics_24h", func(ctx context.Context, _ sample) error {
			_, err := db.StateStatistics(ctx, store.StatisticsFilter{Since: day})
			return err
		}, ""},
		{"changes_of_trace", func(ctx context.Context, s sample) error {
			_, err := db.TraceCounts(ctx, s.traceID)
			return err
		}, ""},
		{"changes_of_all", func(ctx context.Context, _ sample) error {
			_, err := db.RecentCounts(ctx, time.Now().Add(-10*time.Minute))
			return err
		}, ""},
		{"failures_24h", func(ctx context.Context, _ sample) error {
			_, err := db.Failures(ctx, store.FailureFilter{Since: day})
			return err
		}, ""},
	}
}

const peerAttribute = `
SELECT * FROM otel_traces WHERE SpanAttributes['aws.request_id'] = {request:String} ORDER BY Timestamp DESC LIMIT 100`

// oursTrace is what docs/store.md recommends.
const oursTrace = `
SELECT * FROM otel_traces WHERE TraceId = {trace:String} AND toStartOfFiveMinutes(Timestamp) IN (
    SELECT FiveMinutes FROM trace_times WHERE TraceHash = toUInt32(bitAnd(sipHash64({trace:String}), 0xFFFFFFFF)))`

// peerTrace is how Grafana's ClickHouse data source reads a trace of the OpenTelemetry schema.
const peerTrace = `
WITH {trace:String} AS trace_id,
    (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE TraceId = trace_id) AS start,
    (SELECT max(End) + 1 FROM otel_traces_trace_id_ts WHERE TraceId = trace_id) AS end
SELECT * FROM otel_traces WHERE TraceId = trace_id AND Timestamp >= start AND Timestamp <= end`
