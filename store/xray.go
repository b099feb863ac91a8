package store

import (
	"context"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// traceHeaders are the X-Ray headers that spans of executions tell, by span id of attempts and by trace id of
// executions.
type traceHeaders struct{ ofAttempt, ofExecution map[string]join.TraceHeader }

func headersIn(spans []Span) traceHeaders {
	h := traceHeaders{map[string]join.TraceHeader{}, map[string]join.TraceHeader{}}
	for _, s := range spans {
		header := join.ParseTraceHeader(s.Attributes[semconv.XRayTraceHeader])
		switch {
		case header.Root == "":
		case s.Attributes[semconv.Kind] == semconv.KindAttempt:
			h.ofAttempt[s.SpanID] = header
		case s.Attributes[semconv.Kind] == semconv.KindExecution:
			h.ofExecution[spanid.Trace(s.Attributes[semconv.ExecutionARN]).String()] = header
		}
	}
	return h
}

// putOn tells the attempts their headers, or their execution's, and returns the roots.
func (h traceHeaders) putOn(attempts []join.Attempt) (roots []string) {
	for n := range attempts {
		a := &attempts[n]
		header, own := h.ofAttempt[a.SpanID]
		if !own {
			header = h.ofExecution[a.TraceID]
		}
		if a.XRay = header; header.Root != "" {
			roots = append(roots, header.Root)
		}
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

// The header is in the invocation's span only; the narrow table says where to look.
const xrayQuery = `
SELECT TraceId, SpanId, SpanAttributes['aws.lambda.invoked_arn'], request, fingerprint,
    toUnixTimestamp64Nano(Timestamp) AS start, start + toInt64(Duration), header
FROM (
    SELECT *, SpanAttributes['aws.xray.trace_header'] AS header,
        SpanAttributes['faas.invocation_id'] AS id, SpanAttributes['steptrace.payload.fingerprint'] AS payload,
        if(id = '', '', toString(sipHash64(id))) AS request,
        if(payload = '', '', toString(sipHash64(payload))) AS fingerprint
    FROM otel_traces
    {where}
)
ORDER BY Duration DESC
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}`

// invocationsByXRay reads the invocations of the attempts' functions whose header has one of the roots.
func (db *DB) invocationsByXRay(ctx context.Context, e evidence, roots []string) (found []join.Invocation, err error) {
	for chunk := range slices.Chunk(roots, maxTexts) {
		var q, narrow query
		narrow.between("Start", 9, e.earliest, e.latest)
		narrow.ofFunctions(e)
		q.between("Timestamp", 9, e.earliest, e.latest)
		q.where("Kind = 'invocation'")
		q.where("TraceId IN (SELECT TraceId FROM lambda_invocations WHERE " + narrow.joined() + ")")
		q.texts("extract(header, 'Root=([^;]+)') IN {texts}", "roots", chunk)
		q.params = append(q.params, narrow.params...)
		q.param("limit", maxCandidates)
		err := db.ask(ctx, "read candidate invocations", &q, xrayQuery, func(rows driver.Rows) error {
			var i join.Invocation
			var header string
			err := rows.Scan(&i.TraceID, &i.SpanID, &i.InvokedARN, &i.RequestID, &i.Fingerprint, &i.Start, &i.End, &header)
			i.XRay = join.ParseTraceHeader(header)
			found = append(found, i)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
