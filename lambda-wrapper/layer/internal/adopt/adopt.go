// Package adopt makes the spans that a function's own OpenTelemetry SDK sends descendants of the invocation that they
// belong to, though the SDK knows nothing of its span.
//
// An invocation that nothing else has placed joins the trace of the first span that the SDK made in it, so that what
// was passed on under that trace, to other services and into logs, stays right. The SDK's local roots, which have no
// parent or one that is known only to X-Ray, become children of the invocation; those that began another trace are
// moved into the invocation's with all that belongs to them, and link to where they were. A root that continues a trace
// of somebody else stays there: the invocation is put between the two if it can be, else linked.
package adopt

import (
	"maps"
	"slices"

	"go.opentelemetry.io/otel/trace"
)

// How much is remembered, for spans that arrive after the end of their invocation.
const (
	maxRecent = 128   // invocations that are over
	maxMoved  = 1024  // traces of one invocation
	maxTraces = 16384 // of all
)

// Family remembers the last invocations and what was made of their spans. It is not safe for concurrent use.
type Family struct {
	recent []*Invocation
	moved  map[trace.TraceID]*Invocation
}

// NewFamily returns an empty one.
func NewFamily() *Family { return &Family{moved: map[trace.TraceID]*Invocation{}} }

// Add makes an invocation known. Whoever calls bounds those that go on.
func (f *Family) Add(i *Invocation) {
	f.recent = append(f.recent, i)
	if len(f.recent) <= maxRecent {
		return
	}
	at := slices.IndexFunc(f.recent, func(i *Invocation) bool { return !i.End.IsZero() })
	if at < 0 {
		return // all go on, and another one's spans must not be taken for theirs
	}
	oldest := f.recent[at]
	f.recent = slices.Delete(f.recent, at, at+1)
	maps.DeleteFunc(f.moved, func(_ trace.TraceID, of *Invocation) bool { return of == oldest })
}

// Check tells whether a body is an export request of spans that have ids.
func Check(request []byte) error {
	return spans(request, func(message []byte) error {
		_, err := readSpan(message)
		return err
	})
}

// CheckLogs tells whether a body is an export request of log records.
func CheckLogs(request []byte) error {
	return spans(request, func(record []byte) error {
		return fields(record, func(field) error { return nil })
	})
}

// Follow returns export requests of log records, which have been checked, with the traces that their spans have been
// moved to.
func (f *Family) Follow(requests [][]byte) [][]byte {
	if len(f.moved) == 0 {
		return requests
	}
	out := make([][]byte, len(requests))
	for i, request := range requests {
		out[i] = replace(request, append(slices.Clone(spanPath), logTrace), f.movedID)
	}
	return out
}

// Adopt returns the requests, which have been checked, with the spans in their places. They are not changed themselves.
func (f *Family) Adopt(requests [][]byte) [][]byte {
	var all []span
	for _, request := range requests {
		_ = spans(request, func(message []byte) error {
			s, err := readSpan(message)
			all = append(all, s)
			return err
		})
	}
	slices.SortStableFunc(all, func(a, b span) int { return a.start.Compare(b.start) })
	roots := f.settle(all)
	out := make([][]byte, len(requests))
	for i, request := range requests {
		out[i] = request
		if len(roots)+len(f.moved) > 0 {
			out[i] = replace(request, spanPath, func(message []byte) []byte { return f.rewritten(message, roots) })
		}
	}
	return out
}

// identity names a span across traces.
type identity struct {
	trace trace.TraceID
	span  trace.SpanID
}

func (s span) identity() identity { return identity{s.context.TraceID(), s.context.SpanID()} }

// settle decides where the local roots go, and then the traces of invocations of which only other spans are here: their
// roots may come later.
func (f *Family) settle(all []span) map[identity]placed {
	roots := map[identity]placed{}
	for _, s := range all {
		if i := f.invocationOf(s); i != nil && i.isLocalRoot(s) {
			if p, ok := f.placeRoot(s, i); ok {
				roots[s.identity()] = p
			}
		}
	}
	for _, s := range all {
		if i := f.invocationOf(s); i != nil && !i.trace.IsValid() {
			i.trace = s.context.TraceID()
		}
	}
	return roots
}

// placeRoot decides for one local root; ok is false if it stays as it is.
func (f *Family) placeRoot(s span, i *Invocation) (p placed, ok bool) {
	foreign := s.parent.IsValid() && !i.continuesXRay(s)
	if !i.trace.IsValid() {
		i.join(s, foreign)
	}
	p = placed{trace: s.context.TraceID()}
	switch same := i.trace == s.context.TraceID(); {
	case same && foreign && s.parent != i.parent.SpanID():
		return p, false // of another message, or a child already
	case same:
		p.parent = i.Span
	case foreign:
		p.link = i.Context()
	case !f.move(s.context.TraceID(), i):
		return p, false
	default:
		p.trace, p.parent, p.link = i.trace, i.Span, s.context
	}
	return p, true
}

// move is false when an invocation has moved too many.
func (f *Family) move(from trace.TraceID, to *Invocation) bool {
	if f.moved[from] == to {
		return true
	}
	if to.moved >= maxMoved || len(f.moved) >= maxTraces {
		return false
	}
	to.moved++
	f.moved[from] = to
	return true
}

// movedTo is where a trace has gone.
func (f *Family) movedTo(id trace.TraceID) trace.TraceID {
	if i := f.moved[id]; i != nil {
		return i.trace
	}
	return id
}

// movedID is movedTo for what may be no id.
func (f *Family) movedID(id []byte) []byte {
	if len(id) != len(trace.TraceID{}) {
		return id
	}
	to := f.movedTo(trace.TraceID(id))
	return to[:]
}

func (f *Family) rewritten(message []byte, roots map[identity]placed) []byte {
	s, err := readSpan(message)
	if err != nil {
		return message // was checked
	}
	p, ok := roots[s.identity()]
	if !ok && len(f.moved) == 0 {
		return message
	}
	if !ok {
		p.trace = f.movedTo(s.context.TraceID())
	}
	p.moved = f.movedID
	return p.place(message)
}
