// Package spanid computes the identities of Steptrace's traces and spans.
//
// Every id is a pure function of what AWS says about an execution, so a span may be sent twice, from two
// processes, in any order, and is still one span. The ids are a public format: a change of meaning needs a new
// version in the domain tags.
package spanid

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// TraceID is a W3C trace id, 16 bytes.
type TraceID [16]byte

// SpanID is a W3C span id, 8 bytes.
type SpanID [8]byte

// String returns 32 lower-case hex digits.
func (t TraceID) String() string { return hex.EncodeToString(t[:]) }

// String returns 16 lower-case hex digits.
func (s SpanID) String() string { return hex.EncodeToString(s[:]) }

const version = "steptrace/v1/"

// Trace is the trace of an execution. It depends on the ARN alone: redrives stay in the same trace.
func Trace(executionARN string) TraceID {
	sum := digest("trace", executionARN)
	return TraceID(sum[:16])
}

// Span is the span of the given kind (semconv.Kind…) that history event eventID opened. Kinds are part of the
// identity because one event can open several spans: the first StateEntered of a Parallel branch opens both the
// branch and the state. Trigger spans use event id 0.
func Span(kind, executionARN string, redriveCount int, eventID int64) SpanID {
	return spanOf(digest("span", kind, executionARN, strconv.Itoa(redriveCount), strconv.FormatInt(eventID, 10)))
}

// AttemptAlias names an attempt by what a Lambda can know from the context object, without the history:
// State.EnteredTime in Unix milliseconds and State.RetryCount.
func AttemptAlias(executionARN, stateName string, enteredUnixMilli int64, retryCount int) SpanID {
	return spanOf(digest("attempt-alias", executionARN, stateName,
		strconv.FormatInt(enteredUnixMilli, 10), strconv.Itoa(retryCount)))
}

func spanOf(sum [sha256.Size]byte) SpanID { return SpanID(sum[:8]) }

// digest hashes the tag and the fields, each behind its length in 8 bytes big-endian, so that no two different
// field lists share an encoding.
func digest(tag string, fields ...string) [sha256.Size]byte {
	buf := make([]byte, 0, 256)
	buf = appendField(buf, version+tag)
	for _, f := range fields {
		buf = appendField(buf, f)
	}
	return sha256.Sum256(buf)
}

func appendField(buf []byte, f string) []byte {
	buf = binary.BigEndian.AppendUint64(buf, uint64(len(f)))
	return append(buf, f...)
}
