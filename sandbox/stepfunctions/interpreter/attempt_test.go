package interpreter

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

func TestDelay(t *testing.T) {
	half := func() float64 { return 0.5 }
	tests := map[string]struct {
		retrier asl.Retrier
		delays  []time.Duration // of the first attempts
	}{
		"defaults": {
			asl.Retrier{IntervalSeconds: 1, BackoffRate: 2, JitterStrategy: "NONE"},
			[]time.Duration{time.Second, 2 * time.Second, 4 * time.Second},
		},
		"a rate that is not whole": {
			asl.Retrier{IntervalSeconds: 3, BackoffRate: 1.5},
			[]time.Duration{3 * time.Second, 4500 * time.Millisecond, 6750 * time.Millisecond},
		},
		"MaxDelaySeconds": {
			asl.Retrier{IntervalSeconds: 3, BackoffRate: 2, MaxDelaySeconds: 5},
			[]time.Duration{3 * time.Second, 5 * time.Second, 5 * time.Second},
		},
		"full jitter, after the cap": {
			asl.Retrier{IntervalSeconds: 3, BackoffRate: 2, MaxDelaySeconds: 5, JitterStrategy: "FULL"},
			[]time.Duration{1500 * time.Millisecond, 2500 * time.Millisecond, 2500 * time.Millisecond},
		},
	}
	for name, test := range tests {
		for n, want := range test.delays {
			require.Equal(t, want, delay(test.retrier, int64(n+1), half), "%s, attempt %d", name, n+1)
		}
	}
}

func TestDelayNeverOverflows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := asl.Retrier{
			IntervalSeconds: rapid.Int64Range(1, 99999999).Draw(t, "interval"),
			BackoffRate:     rapid.Float64Range(1, 1e6).Draw(t, "rate"),
		}
		attempt := rapid.Int64Range(1, 99999999).Draw(t, "attempt")
		require.Positive(t, delay(r, attempt, nil))
	})
}

func TestMatches(t *testing.T) {
	tests := []struct {
		names []string
		err   string
		want  bool
	}{
		{[]string{"States.ALL"}, "Custom", true},
		{[]string{"States.ALL"}, "States.Timeout", true},
		{[]string{"States.ALL"}, "States.DataLimitExceeded", false},
		{[]string{"States.DataLimitExceeded"}, "States.DataLimitExceeded", true},
		{[]string{"States.ALL"}, "States.Runtime", false},
		{[]string{"States.Runtime"}, "States.Runtime", false},
		{[]string{"States.TaskFailed"}, "Lambda.Unknown", true},
		{[]string{"States.TaskFailed"}, "States.Timeout", false},
		{[]string{"States.TaskFailed"}, "States.DataLimitExceeded", false},
		{[]string{"States.Timeout"}, "States.Timeout", true},
		{[]string{"Other", "Custom"}, "Custom", true},
		{[]string{"Custom"}, "custom", false},
		{nil, "Custom", false},
	}
	for _, test := range tests {
		e := &stateError{failure: Failure{Error: &test.err}}
		require.Equal(t, test.want, matches(test.names, e), "%v, %s", test.names, test.err)
	}
	require.True(t, matches([]string{"States.ALL"}, &stateError{}), "an error without a name")
	require.False(t, matches([]string{""}, &stateError{}), "an error without a name")
}

func TestTraceHeader(t *testing.T) {
	i := &Interpreter{NewUUID: func() string { return "01234567-89ab-cdef-0123-456789abcdef" }}
	started := time.Unix(0x6a000000, 0)
	tests := map[string]string{
		"":                                 "Root=1-6a000000-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0",
		"Root=1-5-a;Parent=b;Sampled=1":    "Root=1-5-a;Parent=0123456789abcdef;Sampled=1",
		"Root=1-5-a":                       "Root=1-5-a;Parent=0123456789abcdef;Sampled=0",
		"Sampled=?; Root=1-5-a;;x=y;Lone;": "Root=1-5-a;Parent=0123456789abcdef;Sampled=0",
	}
	for given, want := range tests {
		root := newTraceRoot(i, &Execution{TraceHeader: given, StartTime: started})
		require.Equal(t, want, (&run{Interpreter: i, traceRoot: root}).traceHeader(), given)
	}
}
