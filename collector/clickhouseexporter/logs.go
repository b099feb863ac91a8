package clickhouseexporter

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

const logsTable = "otel_logs"

// logColumns are otel_logs' columns while a batch is encoded.
type logColumns struct {
	rows                                                       int
	time                                                       words
	trace, span, body, scopeName, eventName                    texts
	flags, severity                                            []byte
	severityText, service, resourceURL, scopeURL, scopeVersion terms
	resource, scope, attributes                                attributes
}

func (c *logColumns) add(ld plog.Logs) error {
	for _, rl := range ld.ResourceLogs().All() {
		before := c.rows
		for _, sl := range rl.ScopeLogs().All() {
			if err := c.addScope(sl); err != nil {
				return err
			}
		}
		rows := c.rows - before
		if rows == 0 {
			continue
		}
		c.service.addTimes(serviceName(rl.Resource()), rows)
		c.resourceURL.addTimes(rl.SchemaUrl(), rows)
		if err := c.resource.addTimes(rl.Resource().Attributes(), rows); err != nil {
			return err
		}
	}
	return nil
}

func (c *logColumns) addScope(sl plog.ScopeLogs) error {
	rows := sl.LogRecords().Len()
	if rows == 0 {
		return nil
	}
	c.rows += rows
	for i := range rows {
		c.addRecord(sl.LogRecords().At(i))
	}
	c.scopeURL.addTimes(sl.SchemaUrl(), rows)
	c.scopeVersion.addTimes(sl.Scope().Version(), rows)
	if err := c.scopeName.addTimes(sl.Scope().Name(), rows); err != nil {
		return err
	}
	return c.scope.addTimes(sl.Scope().Attributes(), rows)
}

func (c *logColumns) addRecord(r plog.LogRecord) {
	c.time.addTime(logTime(r))
	trace, span := r.TraceID(), r.SpanID()
	c.trace.addID(trace[:])
	c.span.addID(span[:])
	c.flags = append(c.flags, byte(r.Flags())) // the W3C flags are its low byte
	c.severityText.add(r.SeverityText())
	c.severity = append(c.severity, byte(r.SeverityNumber()))
	c.body.addValue(r.Body())
	c.attributes.add(r.Attributes())
	c.eventName.add(r.EventName())
}

// logTime is when it happened, or else when it was seen.
func logTime(r plog.LogRecord) pcommon.Timestamp {
	if t := r.Timestamp(); t != 0 {
		return t
	}
	return r.ObservedTimestamp()
}

func (c *logColumns) write(b *block) {
	b.begin(16, c.rows)
	b.words("Timestamp", dateTime, c.time)
	b.texts("TraceId", c.trace)
	b.texts("SpanId", c.span)
	b.octets("TraceFlags", c.flags)
	b.terms("SeverityText", &c.severityText)
	b.octets("SeverityNumber", c.severity)
	b.terms("ServiceName", &c.service)
	b.texts("Body", c.body)
	b.terms("ResourceSchemaUrl", &c.resourceURL)
	b.attributes("ResourceAttributes", &c.resource)
	b.terms("ScopeSchemaUrl", &c.scopeURL)
	b.texts("ScopeName", c.scopeName)
	b.terms("ScopeVersion", &c.scopeVersion)
	b.attributes("ScopeAttributes", &c.scope)
	b.attributes("LogAttributes", &c.attributes)
	b.texts("EventName", c.eventName)
}

func (c *logColumns) reset() {
	c.rows = 0
	resetAll(&c.time)
	resetAll(&c.trace, &c.span, &c.body, &c.scopeName, &c.eventName)
	resetAll(&c.flags, &c.severity)
	for _, t := range []*terms{&c.severityText, &c.service, &c.resourceURL, &c.scopeURL, &c.scopeVersion} {
		t.reset()
	}
	for _, a := range []*attributes{&c.resource, &c.scope, &c.attributes} {
		a.reset()
	}
}
