package clickhouseexporter

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"
)

func (e *storeExporter) pushTraces(ctx context.Context, td ptrace.Traces) error {
	err := e.push(ctx, spans{td})
	var again consumererror.Traces
	left := td.SpanCount()
	if errors.As(err, &again) {
		left = again.Data().SpanCount()
	}
	e.waiting.settle(td.SpanCount(), left, err)
	return err
}

func (e *storeExporter) pushLogs(ctx context.Context, ld plog.Logs) error {
	err := e.push(ctx, records{ld})
	var again consumererror.Logs
	left := ld.LogRecordCount()
	if errors.As(err, &again) {
		left = again.Data().LogRecordCount()
	}
	e.waiting.settle(ld.LogRecordCount(), left, err)
	return err
}

// push stores a batch. Rows that can never be stored are set aside and hold up no others.
func (e *storeExporter) push(ctx context.Context, b batch) error {
	rows := b.rows()
	if rows == 0 {
		return nil
	}
	err := e.send(ctx, b)
	s := &search{send: e.send, batch: b}
	var interrupted error
	switch {
	case consumererror.IsPermanent(err):
		interrupted = s.halve(ctx, 0, rows, err)
	case tooMuch(err) && rows > 1:
		interrupted = s.inHalves(ctx, 0, rows)
	default:
		return err
	}
	return e.conclude(ctx, s, interrupted)
}

// conclude sets aside what a search has found, and says what is left of its batch.
func (e *storeExporter) conclude(ctx context.Context, s *search, interrupted error) error {
	if e.letters == nil && interrupted == nil && s.stored == 0 {
		e.meters.refuse(ctx, s.batch.table(), dropped, s.batch.rows())
		return s.found[0].reason
	}
	aside := e.setAside(ctx, s.batch.table(), s.found)
	if interrupted == nil && aside == nil {
		return nil
	}
	return unfinished(s, interrupted, aside)
}

// unfinished asks for what is left to be tried again: what was not come to, and what could not be set aside.
func unfinished(s *search, interrupted, aside error) error {
	left := s.rest()
	if aside != nil {
		for _, f := range s.found {
			if left == nil {
				left = f.batch
			} else {
				left = left.join(f.batch)
			}
		}
	}
	return left.again(errors.Join(interrupted, aside))
}

// mostBytes bounds an insert before compression. ClickHouse takes a dozen times as much memory for it when its rows are
// of two days, and the embedded store gives a statement 300 MiB. A row can be larger, and goes alone.
const mostBytes = 12 << 20

// send encodes a batch and inserts it, or says that it is too much for one insert.
func (e *storeExporter) send(ctx context.Context, b batch) error {
	p, err := b.encode(e.encoders)
	if err != nil {
		return consumererror.NewPermanent(fmt.Errorf("encode %d rows of %s: %w", b.rows(), b.table(), err))
	}
	if p.raw > mostBytes && p.rows > 1 {
		return muchError{fmt.Errorf("%d rows of %s are %d bytes", p.rows, p.table, p.raw)}
	}
	return e.insert(ctx, p)
}

// setAside puts rows at fault into the dead-letter file, or else drops them.
func (e *storeExporter) setAside(ctx context.Context, table string, found []refused) error {
	if len(found) == 0 {
		return nil
	}
	rows := 0
	for _, f := range found {
		rows += f.rows()
	}
	fields := []zap.Field{zap.String("table", table), zap.Int("rows", rows), zap.NamedError("reason", found[0].reason)}
	if e.letters == nil {
		e.meters.refuse(ctx, table, dropped, rows)
		e.logger.Error("dropped rows that ClickHouse can never store; dead_letter would keep them", fields...)
		return nil
	}
	if err := e.letters.write(found); err != nil {
		return err
	}
	e.meters.refuse(ctx, table, deadLetter, rows)
	e.logger.Error("put rows that ClickHouse can never store into the dead-letter file",
		append(fields, zap.String("path", e.letters.path))...)
	return nil
}
