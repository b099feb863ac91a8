package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dchest/siphash"
	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// Limits of what one read's joins weigh.
const (
	maxCandidates    = 20_000 // on either side
	maxHashesAtATime = 2000   // in one query; they travel in the URL
)

// hashes are what request ids and fingerprints are compared by; empty for none.
const hashes = `if(RequestHash = 0, '', toString(RequestHash)) AS request,
    if(FingerprintHash = 0, '', toString(FingerprintHash)) AS fingerprint`

const candidateColumns = `TraceId, SpanId, InvokedArn, request, fingerprint, toUnixTimestamp64Nano(Start),
    toUnixTimestamp64Nano(End)`

const attemptsQuery = `
SELECT ` + candidateColumns + `, Open
FROM (SELECT *, ` + hashes + ` FROM sfn_attempts {where})
ORDER BY End DESC
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}`

const invocationsQuery = `
SELECT ` + candidateColumns + `, false
FROM (SELECT *, ` + hashes + ` FROM lambda_invocations {where})
ORDER BY End DESC
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}`

// evidence is what the traces' attempts that invoke a Lambda can be joined by.
type evidence struct {
	functions              []string // without version or alias
	requests, fingerprints []string // hashes
	earliest, latest       time.Time
}

// attemptsOf are the spans of attempts in the traces as joins weigh them.
func attemptsOf(spans []Span, traceIDs []string) []join.Attempt {
	attempts := make([]join.Attempt, 0, len(spans))
	for _, s := range spans {
		trace := traceIDs[0]
		if len(traceIDs) > 1 {
			trace = spanid.Trace(s.Attributes[semconv.ExecutionARN]).String()
		}
		attempts = append(attempts, join.Attempt{
			Ref:         join.Ref{TraceID: trace, SpanID: s.SpanID},
			InvokedARN:  s.Attributes[semconv.LambdaInvokedARN],
			RequestID:   hashOf(s.Attributes[semconv.AWSRequestID]),
			Fingerprint: hashOf(s.Attributes[semconv.PayloadFingerprint]),
			Start:       s.StartUnixNano, End: s.EndUnixNano,
			Open: s.Attributes[semconv.Open] == "true",
		})
	}
	return attempts
}

// sipHash64 is ClickHouse's.
func sipHash64(text string) uint64 { return siphash.Hash(0, 0, []byte(text)) }

// hashOf is what the narrow tables keep of a text, in decimal; empty for none.
func hashOf(text string) string {
	if text == "" {
		return ""
	}
	return strconv.FormatUint(sipHash64(text), 10)
}

// candidates adds to the traces' attempts those of other executions that may claim the same invocations, for they have
// the same function and payload at the same time, and reads the invocations that they may have caused.
func (db *DB) candidates(
	ctx context.Context, traceIDs []string, attempts []join.Attempt, headers traceHeaders,
) ([]join.Attempt, []join.Invocation, error) {
	roots := headers.putOn(attempts)
	e := evidenceOf(attempts, time.Now())
	var byXRay, byRequest, byPayload []join.Invocation
	var rivals []join.Attempt
	at, ctx := errgroup.WithContext(ctx)
	at.Go(func() (err error) {
		byXRay, err = db.invocationsByXRay(ctx, e, roots)
		return err
	})
	at.Go(func() (err error) {
		byRequest, err = db.invocationsByRequest(ctx, e)
		return err
	})
	at.Go(func() (err error) {
		byPayload, err = db.invocationsByPayload(ctx, e)
		return err
	})
	at.Go(func() (err error) {
		rivals, err = db.rivals(ctx, e, traceIDs)
		return err
	})
	if err := at.Wait(); err != nil {
		return nil, nil, err
	}
	return append(attempts, rivals...), distinct(byXRay, byRequest, byPayload), nil
}

// distinct are the invocations, each once.
func distinct(lists ...[]join.Invocation) (found []join.Invocation) {
	known := map[join.Ref]bool{}
	for _, i := range slices.Concat(lists...) {
		if !known[i.Ref] && len(found) < maxCandidates {
			known[i.Ref] = true
			found = append(found, i)
		}
	}
	return found
}

func evidenceOf(attempts []join.Attempt, now time.Time) evidence {
	var e evidence
	earliest, latest := attempts[0].Start, attempts[0].End
	for _, a := range attempts {
		end := a.End
		if a.Open { // it may still get its invocation now
			end = max(end, now.UnixNano())
		}
		earliest, latest = min(earliest, a.Start), max(latest, end)
		e.functions = append(e.functions, functionOf(a.InvokedARN))
		if a.RequestID != "" {
			e.requests = append(e.requests, a.RequestID)
		}
		if a.Fingerprint != "" && a.RequestID == "" { // a request id is certain
			e.fingerprints = append(e.fingerprints, a.Fingerprint)
		}
	}
	for _, list := range []*[]string{&e.functions, &e.requests, &e.fingerprints} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	e.earliest, e.latest = time.Unix(0, earliest).Add(-time.Second), time.Unix(0, latest).Add(time.Second)
	return e
}

// functionOf is arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER] without the qualifier.
func functionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 8)
	return strings.Join(parts[:min(len(parts), 7)], ":")
}

// ofFunctions bounds the functions, which the primary keys begin with, unless there are too many to say.
func (q *query) ofFunctions(e evidence) {
	if len(e.functions) <= maxTexts {
		q.texts("FunctionArn IN {texts}", "functions", e.functions)
	}
}

// invocationsByRequest trusts a request id for longer than the attempt, for Lambda keeps an asynchronous event for up
// to six hours.
func (db *DB) invocationsByRequest(ctx context.Context, e evidence) (found []join.Invocation, err error) {
	for hashes := range slices.Chunk(e.requests, maxHashesAtATime) {
		var q query
		q.between("Start", 9, e.earliest, e.latest.Add(6*time.Hour))
		q.where("RequestHash IN {hashes:Array(UInt64)}")
		q.param("hashes", numbers(hashes))
		found, err = db.candidateInvocations(ctx, &q, found)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (db *DB) invocationsByPayload(ctx context.Context, e evidence) (found []join.Invocation, err error) {
	for hashes := range slices.Chunk(e.fingerprints, maxHashesAtATime) {
		var q query
		q.between("Start", 9, e.earliest, e.latest)
		q.ofFunctions(e)
		q.where("FingerprintHash IN {hashes:Array(UInt64)}")
		q.param("hashes", numbers(hashes))
		found, err = db.candidateInvocations(ctx, &q, found)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// rivals are attempts of other executions. A day bounds how long before they may have begun.
func (db *DB) rivals(ctx context.Context, e evidence, traceIDs []string) (found []join.Attempt, err error) {
	for hashes := range slices.Chunk(e.fingerprints, maxHashesAtATime) {
		var q query
		q.between("Start", 9, e.earliest.Add(-24*time.Hour), e.latest)
		q.where("TraceId NOT IN {traces:Array(String)}")
		q.param("traces", traceIDs)
		q.where("FingerprintHash IN {hashes:Array(UInt64)}")
		q.param("hashes", numbers(hashes))
		q.where("(Open OR End >= fromUnixTimestamp64Nano({earliest:Int64}))")
		q.param("earliest", e.earliest.UnixNano())
		rivals, err := db.candidateAttempts(ctx, &q)
		if err != nil {
			return nil, err
		}
		found = append(found, rivals...)
	}
	return found, nil
}

// numbers is an array of numbers that are written in decimal.
func numbers(hashes []string) string { return "[" + strings.Join(hashes, ",") + "]" }

func (db *DB) candidateAttempts(ctx context.Context, q *query) (found []join.Attempt, err error) {
	q.param("limit", maxCandidates)
	err = db.ask(ctx, "read candidate attempts", q, attemptsQuery, func(rows driver.Rows) error {
		var a join.Attempt
		err := rows.Scan(&a.TraceID, &a.SpanID, &a.InvokedARN, &a.RequestID, &a.Fingerprint, &a.Start, &a.End, &a.Open)
		found = append(found, a)
		return err
	})
	return found, err
}

// candidateInvocations adds what the query finds.
func (db *DB) candidateInvocations(
	ctx context.Context, q *query, found []join.Invocation,
) ([]join.Invocation, error) {
	q.param("limit", maxCandidates)
	err := db.ask(ctx, "read candidate invocations", q, invocationsQuery, func(rows driver.Rows) error {
		var i join.Invocation
		var open bool
		err := rows.Scan(&i.TraceID, &i.SpanID, &i.InvokedARN, &i.RequestID, &i.Fingerprint, &i.Start, &i.End, &open)
		found = append(found, i)
		return err
	})
	return found, err
}
