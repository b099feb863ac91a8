package adopt

import (
	"encoding/binary"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// span is what adopting needs to know of a received span.
type span struct {
	context trace.SpanContext
	parent  trace.SpanID // zero for a root
	remote  bool         // the parent is in another process
	start   time.Time
}

// readSpan fails for what is no span with ids.
func readSpan(message []byte) (span, error) {
	var s span
	var traceID trace.TraceID
	var id trace.SpanID
	err := fields(message, func(x field) error {
		switch {
		case x.number == spanTrace && !fill(traceID[:], x),
			x.number == spanID && !fill(id[:], x),
			x.number == spanParent && len(x.value) > 0 && !fill(s.parent[:], x):
			return errMalformed
		case x.number == spanStart && x.kind == protowire.Fixed64Type:
			nanos := binary.LittleEndian.Uint64(x.whole[len(x.whole)-8:])
			s.start = time.Unix(0, int64(nanos))
		case x.number == spanFlags && x.kind == protowire.Fixed32Type:
			flags := binary.LittleEndian.Uint32(x.whole[len(x.whole)-4:])
			s.remote = flags&flagsHasRemote != 0 && flags&flagsRemote != 0
		}
		return nil
	})
	s.context = trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: traceID, SpanID: id, TraceFlags: trace.FlagsSampled,
	})
	if err == nil && !s.context.IsValid() {
		err = errMalformed
	}
	return s, err
}

// fill is false for a field of another length or kind.
func fill(id []byte, x field) bool {
	return x.kind == protowire.BytesType && copy(id, x.value) == len(x.value) && len(x.value) == len(id)
}

// placed is where a span is to be.
type placed struct {
	trace  trace.TraceID
	parent trace.SpanID           // zero leaves it
	link   trace.SpanContext      // another span to name, unless it is zero
	moved  func(id []byte) []byte // for the links it has
}

// place writes the span with another trace, parent and link. The remote bits are those of the new parent, which is in
// another process: this one.
func (p placed) place(message []byte) []byte {
	out := make([]byte, 0, len(message)+64)
	flags := uint32(trace.FlagsSampled)
	_ = fields(message, func(x field) error { // read before
		switch {
		case x.number == spanTrace:
			out = appendBytes(out, spanTrace, p.trace[:])
		case x.number == spanParent && p.parent.IsValid():
		case x.number == spanFlags && p.parent.IsValid() && x.kind == protowire.Fixed32Type:
			flags = binary.LittleEndian.Uint32(x.whole[len(x.whole)-4:])
		case x.number == spanLinks && x.kind == protowire.BytesType:
			out = appendBytes(out, spanLinks, p.relink(x.value))
		default:
			out = append(out, x.whole...)
		}
		return nil
	})
	if p.parent.IsValid() {
		out = appendBytes(out, spanParent, p.parent[:])
		out = appendFlags(out, spanFlags, flags|flagsHasRemote|flagsRemote)
	}
	if p.link.IsValid() {
		out = appendBytes(out, spanLinks, link(p.link))
	}
	return out
}

// relink lets a link to a span that has moved follow it.
func (p placed) relink(message []byte) []byte {
	return replace(message, []protowire.Number{linkTrace}, p.moved)
}

func link(to trace.SpanContext) []byte {
	traceID, id := to.TraceID(), to.SpanID()
	b := appendBytes(nil, linkTrace, traceID[:])
	b = appendBytes(b, spanID, id[:])
	return appendFlags(b, linkFlags, uint32(to.TraceFlags()))
}

func appendFlags(b []byte, number protowire.Number, flags uint32) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(b, number, protowire.Fixed32Type), flags)
}
