package convert

import (
	"log/slog"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// recordAttributes is the most attributes that a record has, but for the failure of a Map Run's child.
const recordAttributes = 9

func (c *Converter) record(e *history.Event, n *node) {
	details := e.Details
	if c.payloads.expose != nil {
		details = c.payloads.expose(details)
	}
	attrs := append(c.records.take(recordAttributes),
		c.named[0], c.named[1], attribute.Int(semconv.RedriveCount, c.redrive),
		attribute.Int64(semconv.EventID, e.ID),
		attribute.String(semconv.EventType, e.Type),
		attribute.Int64(semconv.PreviousEventID, e.PreviousID),
		attribute.String(semconv.Kind, n.span.Kind),
	)
	if n.state != "" {
		attrs = append(attrs, attribute.String(semconv.StateName, n.state))
	}
	if e.Details.Error != "" {
		attrs = append(attrs, attribute.String(semconv.Error, e.Details.Error))
	}
	switch e.Type {
	case "ExecutionStarted", "ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted",
		"ExecutionRedriven":
		attrs = c.appendLife(attrs)
	}
	c.scratch = details.AppendJSON(c.scratch[:0])
	c.out.Records = append(c.out.Records, Record{
		Span: n.span.ID, EventName: e.Type, Time: e.Time, Severity: severity(e), Attributes: attrs,
		Body: string(c.scratch),
	})
	if cap(c.scratch) > maxScratch {
		c.scratch = nil
	}
}

// appendLife adds what is the same for the whole life of an execution: each of its ends tells the start, too, so that
// nobody has to look for both.
func (c *Converter) appendLife(attrs []attribute.KeyValue) []attribute.KeyValue {
	attrs = append(attrs, attribute.Int64(semconv.ExecutionStartTime, c.root.span.Start.UnixMilli()))
	if c.mapRun != "" {
		attrs = append(attrs, attribute.String(semconv.MapRunARN, c.mapRun))
	}
	return attrs
}

// maxScratch bounds what is kept from event to event; a payload can be 256 KiB, and twice that as JSON.
const maxScratch = 64 << 10

func severity(e *history.Event) slog.Level {
	switch {
	case e.Failed():
		return slog.LevelError
	case e.Aborted():
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// slab cuts small lists of attributes from large ones, which costs less than making each.
type slab struct {
	free []attribute.KeyValue
	size int // of all lists together, as far as can be foreseen
}

// take returns an empty list with room for n attributes. One that outgrows it moves elsewhere.
func (s *slab) take(n int) []attribute.KeyValue {
	const most = 512
	if len(s.free) < n {
		s.free = make([]attribute.KeyValue, max(n, min(s.size, most)))
	}
	taken := s.free[:0:n]
	s.free = s.free[n:]
	return taken
}
