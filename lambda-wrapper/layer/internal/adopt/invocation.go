package adopt

import (
	"encoding/hex"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

var spanPath = []protowire.Number{requestResources, resourceScopes, scopeSpans}

// Invocation is what adopting needs to know of an invocation.
type Invocation struct {
	Span  trace.SpanID
	Start time.Time
	End   time.Time         // zero while it goes on
	XRay  trace.SpanContext // what X-Ray's header names, which the SDK may have continued

	trace  trace.TraceID // zero until it is decided
	parent trace.SpanContext
	moved  int
}

// Decide places the invocation below the span that caused it, or in a trace of its own. Once placed it stays.
func (i *Invocation) Decide(id trace.TraceID, parent trace.SpanContext) {
	if i.trace.IsValid() {
		return
	}
	i.trace, i.parent = id, parent
}

// Decided tells whether it has its place.
func (i *Invocation) Decided() bool { return i.trace.IsValid() }

// Context is the invocation's span, once it is decided.
func (i *Invocation) Context() trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: i.trace, SpanID: i.Span, TraceFlags: trace.FlagsSampled,
	})
}

// Parent is the span above it, if there is one.
func (i *Invocation) Parent() trace.SpanContext { return i.parent }

// off is how far a time is from the invocation's; 0 if it went on then.
func (i *Invocation) off(at time.Time) time.Duration {
	switch {
	case at.Before(i.Start):
		return i.Start.Sub(at)
	case !i.End.IsZero() && at.After(i.End):
		return at.Sub(i.End)
	default:
		return 0
	}
}

// continuesXRay tells whether the span has the parent that X-Ray's header names, of which there is no span in OTLP.
func (i *Invocation) continuesXRay(s span) bool {
	return i.XRay.IsValid() && s.parent == i.XRay.SpanID() && s.context.TraceID() == i.XRay.TraceID()
}

func (i *Invocation) isLocalRoot(s span) bool {
	return !s.parent.IsValid() || s.remote && s.parent != i.Span || i.continuesXRay(s) ||
		s.parent == i.parent.SpanID() && s.context.TraceID() == i.trace // an SDK that does not tell what is remote
}

// join takes the place above a root in the root's trace.
func (i *Invocation) join(root span, foreign bool) {
	i.trace = root.context.TraceID()
	if foreign {
		i.parent = trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: i.trace, SpanID: root.parent, TraceFlags: trace.FlagsSampled, Remote: true,
		})
	}
}

// ParseXRay reads Root=1-EPOCH-ID;Parent=ID;… as OpenTelemetry's propagators do. It is invalid if one is missing.
func ParseXRay(header string) trace.SpanContext {
	var c trace.SpanContextConfig
	for part := range strings.SplitSeq(header, ";") {
		switch key, value, _ := strings.Cut(strings.TrimSpace(part), "="); key {
		case "Root":
			decode(c.TraceID[:], strings.ReplaceAll(strings.TrimPrefix(value, "1-"), "-", ""))
		case "Parent":
			decode(c.SpanID[:], value)
		}
	}
	return trace.NewSpanContext(c)
}

// decode leaves id zero when text is not its hex form.
func decode(id []byte, text string) {
	if b, err := hex.DecodeString(text); err == nil && len(b) == len(id) {
		copy(id, b)
	}
}
