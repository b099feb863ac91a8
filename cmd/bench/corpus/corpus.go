// Package corpus makes up what a store receives: executions as AWS would have run them, converted by the agent's own
// code, and beside them what the wrapper says of the Lambda functions that they invoked. The same seed gives the same
// data.
package corpus

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/telemetry"
)

// Source makes executions, each begun a while after the one before.
type Source struct {
	random *rand.Rand
	now    time.Time     // when the next execution starts
	every  time.Duration // between two of them, on average
}

// New makes a source of executions from a time on.
func New(seed uint64, from time.Time, every time.Duration) *Source {
	random := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // made-up data, the same each time
	return &Source{random: random, now: from.Truncate(time.Millisecond).UTC(), every: every}
}

// Batch is whole executions with at least so many spans together, and the log records of their histories.
func (s *Source) Batch(spans int) (ptrace.Traces, plog.Logs) {
	traces, logs := ptrace.NewTraces(), plog.NewLogs()
	for traces.SpanCount() < spans {
		s.now = s.now.Add(time.Duration(s.random.Int64N(2*int64(s.every)+1)) / time.Millisecond * time.Millisecond)
		e := s.execution()
		out := convert.New(convert.Execution{ARN: e.arn}, nil).Feed(e.events...)
		telemetry.AppendTraces(traces, convert.Execution{ARN: e.arn}, out.Spans)
		telemetry.AppendLogs(logs, convert.Execution{ARN: e.arn}, out.Records, s.now)
		for _, i := range e.invocations {
			s.appendInvocation(traces, i)
		}
	}
	return traces, logs
}

// execution is one that has ended: its history, and what it invoked.
type execution struct {
	*Source
	arn         string
	at          time.Time // of the latest event
	events      []history.Event
	invocations []invocation
}

const (
	account = "123456789012"
	region  = "eu-west-1"
	// ofHundred executions are of the image workflow; the others are orders.
	ofHundred = 60
)

func (s *Source) execution() *execution {
	if s.random.IntN(100) < ofHundred {
		// EventBridge names the executions that it starts after two ids.
		e := s.start("image-workflow", s.uuid()+"_"+s.uuid())
		e.image()
		return e
	}
	e := s.start(fmt.Sprintf("orders-%c", 'a'+s.random.IntN(8)), s.uuid())
	e.order()
	return e
}

func (s *Source) start(machine, name string) *execution {
	return &execution{
		Source: s, at: s.now,
		arn: "arn:aws:states:" + region + ":" + account + ":execution:" + machine + ":" + name,
	}
}

// add appends an event, a while after the latest, and returns its id.
func (e *execution) add(previous int64, after time.Duration, typ string, d history.Details) int64 {
	e.at = e.at.Add(after.Truncate(time.Millisecond))
	id := int64(len(e.events) + 1)
	e.events = append(e.events, history.Event{ID: id, PreviousID: previous, Type: typ, Time: e.at, Details: d})
	return id
}

// chance is true for so many of a thousand.
func (s *Source) chance(ofThousand int) bool { return s.random.IntN(1000) < ofThousand }

// around is a duration of about d, seldom much longer.
func (s *Source) around(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.5 + s.random.ExpFloat64()/2))
}

func (s *Source) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(s.random.Uint32())
	}
	return b
}

func (s *Source) uuid() string {
	b := hex.EncodeToString(s.bytes(16))
	return b[:8] + "-" + b[8:12] + "-" + b[12:16] + "-" + b[16:20] + "-" + b[20:]
}
