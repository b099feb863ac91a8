package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/cmd/bench/corpus"
)

const (
	spansPerBatch = 10_000
	// mergeTimeout bounds merging a table whole.
	mergeTimeout = 10 * time.Minute
	// corpusSpans is how many spans a second the corpus has: a million a day.
	corpusRate = 1_000_000
	// spansPerExecution is about what one execution has, invocations included.
	spansPerExecution = 27
)

// newCorpus makes spans that ended a while ago, a million a day.
func newCorpus(spans int) *corpus.Source {
	every := 24 * time.Hour / (corpusRate / spansPerExecution)
	from := time.Now().Add(-time.Duration(spans/spansPerExecution)*every - time.Hour)
	return corpus.New(1, from, every)
}

// storeFigures writes the same data through our exporter and through the OpenTelemetry Collector's into one engine,
// alternating.
func storeFigures(ctx context.Context) (figures []figure, err error) {
	for _, spans := range sizes {
		of, err := ingestFigures(ctx, spans)
		if err != nil {
			return nil, err
		}
		figures = append(figures, of...)
	}
	return figures, nil
}

func ingestFigures(ctx context.Context, spans int) (_ []figure, err error) {
	server, err := startEngine(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	ours, oursErr := oursInto(ctx, server.url+"/ours")
	peer, peerErr := contribInto(ctx, server.url+"/peer")
	if err := errors.Join(oursErr, peerErr); err != nil {
		return nil, err
	}
	var oursSpans, peerSpans, oursLogs, peerLogs rowCosts
	source := newCorpus(spans)
	rows, records := 0, 0
	for rows < spans {
		traces, logs := source.Batch(min(spansPerBatch, spans-rows))
		n, m := traces.SpanCount(), logs.LogRecordCount()
		err := errors.Join(
			oursSpans.add(n, func() error { return ours.traces.ConsumeTraces(ctx, traces) }),
			peerSpans.add(n, func() error { return peer.traces.ConsumeTraces(ctx, traces) }),
			oursLogs.add(m, func() error { return ours.logs.ConsumeLogs(ctx, logs) }),
			peerLogs.add(m, func() error { return peer.logs.ConsumeLogs(ctx, logs) }))
		if err != nil {
			return nil, err
		}
		rows, records = rows+n, records+m
	}
	sizes, err := measureSizes(ctx, server, rows, records)
	suffix := fmt.Sprintf("_%.0e", float64(spans))
	figures := append(compare("spans", suffix, oursSpans, peerSpans), compare("logs", suffix, oursLogs, peerLogs)...)
	for _, f := range sizes {
		f.name += suffix
		figures = append(figures, f)
	}
	return figures, errors.Join(err, ours.shutdown(ctx), peer.shutdown(ctx))
}

func compare(rows, suffix string, ours, peer rowCosts) []figure {
	return []figure{
		{"store." + rows + "_per_cpu_second" + suffix, perSecond(ours.cpu), perSecond(peer.cpu), "1/s"},
		{"store." + rows + "_per_second" + suffix, perSecond(ours.wall), perSecond(peer.wall), "1/s"},
		{"store." + rows + "_allocations" + suffix, median(ours.allocations), median(peer.allocations), "allocs/row"},
	}
}

// measureSizes merges all tables whole and measures them on disk, with their indexes.
func measureSizes(ctx context.Context, server *engine, spans, records int) (_ []figure, err error) {
	conn, err := server.connect("default")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := mergeAll(ctx, conn); err != nil {
		return nil, err
	}
	measured := func(condition string, rows int) (figure, error) {
		var f figure
		f.unit = "B"
		row := conn.QueryRow(ctx, fmt.Sprintf(`SELECT sumIf(bytes_on_disk, database = 'ours') / %d,
			sumIf(bytes_on_disk, database = 'peer') / %d FROM system.parts WHERE active AND (%s)`, rows, rows, condition))
		return f, row.Scan(&f.ours, &f.peer)
	}
	traces, tracesErr := measured("table LIKE 'otel_traces%' OR table = 'trace_times'", spans)
	traces.name = "store.bytes_per_span"
	logs, logsErr := measured("table = 'otel_logs'", records)
	logs.name = "store.bytes_per_log"
	whole, wholeErr := measured("1", spans)
	whole.name = "store.bytes_per_span_with_logs_and_domain_tables"
	return []figure{traces, logs, whole}, errors.Join(tracesErr, logsErr, wholeErr)
}

func mergeAll(ctx context.Context, conn driver.Conn) error {
	rows, err := conn.Query(ctx, `SELECT DISTINCT database, table FROM system.parts
		WHERE active AND database IN ('ours', 'peer') ORDER BY ALL`)
	if err != nil {
		return err
	}
	var statements []string
	for rows.Next() {
		var database, table string
		if err := rows.Scan(&database, &table); err != nil {
			return err
		}
		statements = append(statements, fmt.Sprintf("OPTIMIZE TABLE `%s`.`%s` FINAL", database, table))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, s := range statements {
		if err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
