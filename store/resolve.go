package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/steptrace/steptrace/spanid"
)

// Latest is the reference to the execution with the newest start.
const Latest = "latest"

// resolve finds the execution that ref names. A trace without one is an Execution of which only the trace id is known.
func (db *DB) resolve(ctx context.Context, ref string) (Execution, error) {
	switch {
	case ref == Latest:
		return db.latestExecution(ctx)
	case strings.HasPrefix(ref, "arn:"):
		// Its spans may have come before its history events.
		unseen := Execution{ExecutionARN: ref, TraceID: spanid.Trace(ref).String()}
		return db.oneExecution(ctx, selection{arn: ref}, unseen)
	case isTraceID(ref):
		return db.executionOfTrace(ctx, strings.ToLower(ref))
	default:
		return Execution{}, fmt.Errorf("trace %.200q: %w: neither an execution ARN, a trace id of 32 hex digits nor %q",
			ref, ErrArgument, Latest)
	}
}

// traceIDOf is the trace id that a reference tells by itself; empty when only the store knows it.
func traceIDOf(ref string) string {
	switch {
	case strings.HasPrefix(ref, "arn:"):
		return spanid.Trace(ref).String()
	case isTraceID(ref):
		return strings.ToLower(ref)
	}
	return ""
}

func (db *DB) latestExecution(ctx context.Context) (Execution, error) {
	e, err := db.oneExecution(ctx, selection{latest: true}, Execution{})
	if err == nil && e.ExecutionARN == "" {
		return Execution{}, fmt.Errorf("the latest execution: %w, for the store at %s holds none", ErrNotFound, db.addr)
	}
	return e, err
}

func (db *DB) executionOfTrace(ctx context.Context, traceID string) (Execution, error) {
	return db.oneExecution(ctx, selection{traceID: traceID}, Execution{TraceID: traceID})
}

// oneExecution is the newest execution selected, or unseen without one.
func (db *DB) oneExecution(ctx context.Context, s selection, unseen Execution) (Execution, error) {
	s.Limit = 1
	found, err := db.selectExecutions(ctx, s)
	if err != nil || len(found) == 0 {
		return unseen, err
	}
	return found[0], nil
}

func isTraceID(s string) bool {
	const digits = "0123456789abcdefABCDEF"
	return len(s) == 2*len(spanid.TraceID{}) && strings.Trim(s, digits) == ""
}
