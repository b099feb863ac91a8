package clickhouseexporter

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const tracesTable = "otel_traces"

// spanColumns are otel_traces' columns while a batch is encoded.
type spanColumns struct {
	rows                                   int
	time, duration                         words
	trace, span, parent, state             texts
	name, kind, service, statusCode        terms
	scopeName, scopeVersion, statusMessage texts
	resource, attributes                   attributes
	events                                 eventColumns
	links                                  linkColumns
}

type eventColumns struct {
	ends       words // of each span, where its events end
	time       words
	name       terms
	attributes attributes
}

type linkColumns struct {
	ends               words
	trace, span, state texts
	attributes         attributes
}

func (c *spanColumns) add(td ptrace.Traces) error {
	for _, rs := range td.ResourceSpans().All() {
		before := c.rows
		for _, ss := range rs.ScopeSpans().All() {
			if err := c.addScope(ss); err != nil {
				return err
			}
		}
		rows := c.rows - before
		if rows == 0 {
			continue
		}
		c.service.addTimes(serviceName(rs.Resource()), rows)
		if err := c.resource.addTimes(rs.Resource().Attributes(), rows); err != nil {
			return err
		}
	}
	return nil
}

func (c *spanColumns) addScope(ss ptrace.ScopeSpans) error {
	rows := ss.Spans().Len()
	if rows == 0 {
		return nil
	}
	c.rows += rows
	for i := range rows {
		c.addSpan(ss.Spans().At(i))
	}
	if err := c.scopeName.addTimes(ss.Scope().Name(), rows); err != nil {
		return err
	}
	return c.scopeVersion.addTimes(ss.Scope().Version(), rows)
}

func (c *spanColumns) addSpan(s ptrace.Span) {
	begin, end := s.StartTimestamp(), s.EndTimestamp()
	c.time.addTime(begin)
	c.duration.add(duration(begin, end))
	trace, span, parent := s.TraceID(), s.SpanID(), s.ParentSpanID()
	c.trace.addID(trace[:])
	c.span.addID(span[:])
	c.parent.addID(parent[:])
	c.state.add(s.TraceState().AsRaw())
	c.name.add(s.Name())
	c.kind.add(s.Kind().String())
	c.attributes.add(s.Attributes())
	c.statusCode.add(s.Status().Code().String())
	c.statusMessage.add(s.Status().Message())
	c.events.add(s.Events())
	c.links.add(s.Links())
}

// duration is in nanoseconds; a span that ends before it starts has none.
func duration(begin, end pcommon.Timestamp) uint64 {
	from, to := nanos(begin), nanos(end)
	return max(to, from) - from
}

func (c *eventColumns) add(events ptrace.SpanEventSlice) {
	for i := range events.Len() {
		e := events.At(i)
		c.time.addTime(e.Timestamp())
		c.name.add(e.Name())
		c.attributes.add(e.Attributes())
	}
	c.ends.add(uint64(len(c.name.rows)))
}

func (c *linkColumns) add(links ptrace.SpanLinkSlice) {
	for i := range links.Len() {
		l := links.At(i)
		trace, span := l.TraceID(), l.SpanID()
		c.trace.addID(trace[:])
		c.span.addID(span[:])
		c.state.add(l.TraceState().AsRaw())
		c.attributes.add(l.Attributes())
	}
	c.ends.add(uint64(len(c.attributes.ends) / wordBytes))
}

func (c *spanColumns) write(b *block) {
	b.begin(22, c.rows)
	b.words("Timestamp", dateTime, c.time)
	b.texts("TraceId", c.trace)
	b.texts("SpanId", c.span)
	b.texts("ParentSpanId", c.parent)
	b.texts("TraceState", c.state)
	b.terms("SpanName", &c.name)
	b.terms("SpanKind", &c.kind)
	b.terms("ServiceName", &c.service)
	b.attributes("ResourceAttributes", &c.resource)
	b.texts("ScopeName", c.scopeName)
	b.texts("ScopeVersion", c.scopeVersion)
	b.attributes("SpanAttributes", &c.attributes)
	b.words("Duration", "UInt64", c.duration)
	b.terms("StatusCode", &c.statusCode)
	b.texts("StatusMessage", c.statusMessage)
	b.lists("Events.Timestamp", dateTime, c.events.ends, c.events.time)
	b.termLists("Events.Name", c.events.ends, &c.events.name)
	b.attributeLists("Events.Attributes", c.events.ends, &c.events.attributes)
	b.textLists("Links.TraceId", c.links.ends, c.links.trace)
	b.textLists("Links.SpanId", c.links.ends, c.links.span)
	b.textLists("Links.TraceState", c.links.ends, c.links.state)
	b.attributeLists("Links.Attributes", c.links.ends, &c.links.attributes)
}

func (c *spanColumns) reset() {
	c.rows = 0
	e, l := &c.events, &c.links
	resetAll(&c.time, &c.duration, &e.ends, &e.time, &l.ends)
	resetAll(&c.trace, &c.span, &c.parent, &c.state, &c.scopeName, &c.scopeVersion, &c.statusMessage,
		&l.trace, &l.span, &l.state)
	for _, t := range []*terms{&c.name, &c.kind, &c.service, &c.statusCode, &e.name} {
		t.reset()
	}
	for _, a := range []*attributes{&c.resource, &c.attributes, &e.attributes, &l.attributes} {
		a.reset()
	}
}
