// Package join decides which Lambda invocation belongs to which attempt of a Step Functions task. It is pure: the store
// fetches the candidates, this package weighs them.
//
// Evidence, best first: the same request id (certain); else the same function, the same payload fingerprint and the
// invocation's time within the attempt's. An attempt or invocation that fits several others lowers the confidence.
package join

import (
	"slices"
	"strings"
)

// Methods name the evidence.
const (
	Context     = "context"     // the invocation itself named the attempt, by the alias that a Lambda can compute
	RequestID   = "request_id"  // the attempt's response carries the invocation's request id
	XRay        = "xray"        // same X-Ray root, same function, fitting time; perhaps the same parent
	Fingerprint = "fingerprint" // same function, same payload, fitting time
	ARN         = "arn"         // what started an execution names it, or its Map Run
	Object      = "object"      // the upload's bucket, key and ETag or version are the trigger's
)

// Ref names a span.
type Ref struct{ TraceID, SpanID string }

// Attempt is an attempt of a task that invokes a Lambda.
type Attempt struct {
	Ref
	InvokedARN  string // the function as the task named it, with or without a version or alias
	RequestID   string // empty when the history does not tell
	Fingerprint string // of the payload sent
	XRay        TraceHeader
	Start, End  int64 // Unix nanoseconds
	Open        bool  // End is not known yet
}

// Invocation is one run of a Lambda.
type Invocation struct {
	Ref
	InvokedARN  string
	RequestID   string
	Fingerprint string // of the payload received
	XRay        TraceHeader
	Start, End  int64 // Unix nanoseconds
}

// Match says that an invocation belongs to an attempt, by what method and how sure that is (above 0, at most 1).
type Match struct {
	Attempt    Ref
	Invocation Ref
	Method     string
	Confidence float64
}

// Assign gives each invocation to at most one attempt. Request ids go first; an attempt whose request id is known takes
// no other invocation. By X-Ray or fingerprint an attempt takes at most one. The result does not depend on the order
// of the arguments.
func Assign(attempts []Attempt, invocations []Invocation) []Match {
	matches, left := byRequestID(attempts, invocations)
	traced, attempts, left := byXRay(attempts, left)
	return append(append(matches, traced...), byFingerprint(attempts, left)...)
}

// byRequestID matches what shares a request id and returns the invocations left. An asynchronous invocation that
// Lambda retries keeps its request id, so an attempt may get several.
func byRequestID(attempts []Attempt, invocations []Invocation) (matches []Match, left []Invocation) {
	owner := map[string]Attempt{}
	for _, a := range attempts {
		if known, ok := owner[a.RequestID]; a.RequestID != "" && (!ok || compareAttempts(a, known) < 0) {
			owner[a.RequestID] = a
		}
	}
	for _, i := range invocations {
		if a, ok := owner[i.RequestID]; ok {
			matches = append(matches, Match{Attempt: a.Ref, Invocation: i.Ref, Method: RequestID, Confidence: 1})
		} else {
			left = append(left, i)
		}
	}
	slices.SortFunc(matches, func(a, b Match) int { return compareRefs(a.Invocation, b.Invocation) })
	return matches, left
}

// arnParts is the number of parts of a function's ARN without a version or alias.
const arnParts = 7

// sameFunction compares two ARNs; a version or alias counts only when both name one.
func sameFunction(a, b string) bool {
	return a == b || unqualified(a) == unqualified(b) && (unqualified(a) == a || unqualified(b) == b)
}

func unqualified(arn string) string {
	parts := strings.SplitN(arn, ":", arnParts+1)
	return strings.Join(parts[:min(len(parts), arnParts)], ":")
}
