package interpreter

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEventOnTheWire(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 5_999_999, time.UTC)
	index := 0
	tests := map[string]Event{
		`{"id":1,"previousEventId":0,"timestamp":1795420800.005,"type":"LambdaFunctionStarted"}`: {
			ID: 1, Type: "LambdaFunctionStarted",
		},
		`{"id":2,"previousEventId":1,"timestamp":1795420800.005,"type":"PassStateEntered",
			"stateEnteredEventDetails":{"name":"P","input":"{}","inputDetails":{"truncated":false}}}`: {
			ID: 2, PreviousID: 1, Type: "PassStateEntered",
			Details: &Details{Name: "P", Input: ptr("{}"), InputDetails: &Truncation{}},
		},
		`{"id":3,"previousEventId":2,"timestamp":1795420800.005,"type":"MapIterationStarted",
			"mapIterationStartedEventDetails":{"name":"M","index":0}}`: {
			ID: 3, PreviousID: 2, Type: "MapIterationStarted", Details: &Details{Name: "M", Index: &index},
		},
		`{"id":4,"previousEventId":0,"timestamp":1795420800.005,"type":"ExecutionAborted",
			"executionAbortedEventDetails":{}}`: {ID: 4, Type: "ExecutionAborted", Details: &Details{}},
	}
	for want, event := range tests {
		event.Time = at
		got, err := json.Marshal(event)
		require.NoError(t, err)
		require.JSONEq(t, want, string(got))
	}
}

func ptr(s string) *string { return &s }

func TestHistoryEndsOnce(t *testing.T) {
	h := newHistory(quartz.NewMock(t))
	require.True(t, h.End(0, "ExecutionAborted", Outcome{Status: StatusAborted}))
	require.False(t, h.End(0, "ExecutionSucceeded", Outcome{Status: StatusSucceeded}))
	_, err := h.append(context.Background(), 1, "PassStateEntered", nil)
	require.ErrorIs(t, err, errClosed)
	require.Len(t, h.Events(), 1)
	require.Equal(t, StatusAborted, h.Outcome().Status)
	<-h.Ended()
}

// The last event of the largest history may be how the execution ended by itself, and is a failure otherwise.
func TestHistoryIsBounded(t *testing.T) {
	fill := func() *History {
		h := newHistory(quartz.NewReal())
		for range MaxEvents - 1 {
			_, err := h.append(context.Background(), 0, "PassStateEntered", nil)
			require.NoError(t, err)
		}
		return h
	}
	over := fill()
	_, err := over.append(context.Background(), 7, "PassStateExited", nil)
	require.ErrorIs(t, err, errClosed)
	events := over.Events()
	require.Len(t, events, MaxEvents)
	require.Equal(t, "ExecutionFailed", events[MaxEvents-1].Type)
	require.Equal(t, "States.Runtime", *over.Outcome().Error)
	require.Contains(t, *over.Outcome().Cause, "maximum number of history events (25000)")

	just := fill()
	require.True(t, just.End(0, "ExecutionSucceeded", Outcome{Status: StatusSucceeded, Output: []byte("{}")}))
	require.Len(t, just.Events(), MaxEvents)
}
