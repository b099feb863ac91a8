package join_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/store/join"
)

const (
	ms       = int64(1_000_000)
	function = "arn:aws:lambda:eu-west-1:123456789012:function:rekognition"
)

// attempt and invocation take times in milliseconds; an end of 0 is an open attempt.
func attempt(id string, start, end int64) join.Attempt {
	return join.Attempt{
		Ref: join.Ref{TraceID: "execution", SpanID: id}, InvokedARN: function, Fingerprint: "payload",
		Start: start * ms, End: end * ms, Open: end == 0,
	}
}

func invocation(id string, start, end int64) join.Invocation {
	return join.Invocation{
		Ref: join.Ref{TraceID: "trace-" + id, SpanID: id}, InvokedARN: function, Fingerprint: "payload",
		RequestID: "request-" + id, Start: start * ms, End: end * ms,
	}
}

// drawn lists matches as "attempt-invocation method confidence".
func drawn(matches []join.Match) []string {
	lines := []string{}
	for _, m := range matches {
		lines = append(lines, m.Attempt.SpanID+"-"+m.Invocation.SpanID+" "+m.Method+" "+
			strconv.FormatFloat(m.Confidence, 'g', -1, 64))
	}
	return lines
}

func TestAssign(t *testing.T) {
	with := func(a join.Attempt, change func(*join.Attempt)) join.Attempt { change(&a); return a }
	knows := func(a join.Attempt, request string) join.Attempt {
		return with(a, func(a *join.Attempt) { a.RequestID = request })
	}
	invokes := func(a join.Attempt, arn string) join.Attempt {
		return with(a, func(a *join.Attempt) { a.InvokedARN = arn })
	}
	runs := func(i join.Invocation, arn string) join.Invocation { i.InvokedARN = arn; return i }
	receives := func(i join.Invocation, fingerprint string) join.Invocation { i.Fingerprint = fingerprint; return i }

	for _, test := range []struct {
		name        string
		attempts    []join.Attempt
		invocations []join.Invocation
		want        []string
	}{
		{
			"inside, alone",
			[]join.Attempt{attempt("A", 0, 100)},
			[]join.Invocation{invocation("1", 10, 90)},
			[]string{"A-1 fingerprint 0.9"},
		},
		{
			"inside to the millisecond, which is how exactly histories tell the time",
			[]join.Attempt{attempt("A", 10, 100)},
			[]join.Invocation{invocation("1", 9, 101)},
			[]string{"A-1 fingerprint 0.9"},
		},
		{
			"more than a millisecond after the end",
			[]join.Attempt{attempt("A", 10, 100)},
			[]join.Invocation{invocation("1", 10, 102)},
			[]string{"A-1 fingerprint 0.8"},
		},
		{
			"more than a millisecond before the start",
			[]join.Attempt{attempt("A", 10, 100)},
			[]join.Invocation{invocation("1", 8, 100)},
			[]string{"A-1 fingerprint 0.8"},
		},
		{
			"within the clocks' difference",
			[]join.Attempt{attempt("A", 50, 100)},
			[]join.Invocation{invocation("1", 40, 110)},
			[]string{"A-1 fingerprint 0.8"},
		},
		{
			"the task timed out, the function went on",
			[]join.Attempt{attempt("A", 0, 1000)},
			[]join.Invocation{invocation("1", 10, 9000)},
			[]string{"A-1 fingerprint 0.6"},
		},
		{
			"at another time",
			[]join.Attempt{attempt("A", 0, 100)},
			[]join.Invocation{invocation("1", 300, 400), invocation("2", -400, -300)},
			[]string{},
		},
		{
			"an attempt that runs still",
			[]join.Attempt{attempt("A", 0, 0)},
			[]join.Invocation{invocation("1", 5000, 6000)},
			[]string{"A-1 fingerprint 0.9"},
		},
		{
			"another payload",
			[]join.Attempt{attempt("A", 0, 100)},
			[]join.Invocation{receives(invocation("1", 10, 90), "other"), receives(invocation("2", 10, 90), "")},
			[]string{},
		},
		{
			"another function",
			[]join.Attempt{attempt("A", 0, 100)},
			[]join.Invocation{runs(invocation("1", 10, 90), function+"2")},
			[]string{},
		},
		{
			"an alias on one side only",
			[]join.Attempt{invokes(attempt("A", 0, 100), function+":live")},
			[]join.Invocation{invocation("1", 10, 90)},
			[]string{"A-1 fingerprint 0.9"},
		},
		{
			"two different aliases",
			[]join.Attempt{invokes(attempt("A", 0, 100), function+":live")},
			[]join.Invocation{runs(invocation("1", 10, 90), function+":test")},
			[]string{},
		},
		{
			"retries after a back-off are told apart by time",
			[]join.Attempt{attempt("A", 0, 1000), attempt("B", 2000, 3000), attempt("C", 5000, 6000)},
			[]join.Invocation{invocation("3", 5010, 5990), invocation("1", 10, 990), invocation("2", 2010, 2990)},
			[]string{"A-1 fingerprint 0.9", "B-2 fingerprint 0.9", "C-3 fingerprint 0.9"},
		},
		{
			"two at once with the same payload: in their order, and unsure",
			[]join.Attempt{attempt("A", 0, 1000), attempt("B", 20, 1000)},
			[]join.Invocation{invocation("2", 25, 500), invocation("1", 21, 500)},
			[]string{"A-1 fingerprint 0.45", "B-2 fingerprint 0.45"},
		},
		{
			"a tight fit is not shaken by a loose one",
			[]join.Attempt{attempt("A", 0, 100), attempt("B", 150, 300)},
			[]join.Invocation{invocation("1", 60, 95), invocation("2", 160, 290)},
			[]string{"A-1 fingerprint 0.9", "B-2 fingerprint 0.9"},
		},
		{
			"a fit of both beats the nearest start of one",
			[]join.Attempt{attempt("B", 0, 1200), attempt("A", 0, 1000)},
			[]join.Invocation{invocation("1", 5, 900), invocation("2", 6, 1150)},
			[]string{"A-1 fingerprint 0.45", "B-2 fingerprint 0.45"},
		},
		{
			"a fit of both beats the nearest start of one, the other way round",
			[]join.Attempt{attempt("A", 0, 1200), attempt("B", 0, 1000)},
			[]join.Invocation{invocation("1", 5, 900), invocation("2", 6, 1150)},
			[]string{"A-2 fingerprint 0.45", "B-1 fingerprint 0.45"},
		},
		{
			"an invocation that is missing does not shift the others",
			[]join.Attempt{attempt("A", 0, 9000), attempt("B", 5000, 9000)},
			[]join.Invocation{invocation("2", 5010, 8000)},
			[]string{"B-2 fingerprint 0.45"},
		},
		{
			"an invocation goes to one attempt only",
			[]join.Attempt{attempt("A", 0, 1000), attempt("B", 0, 1000)},
			[]join.Invocation{invocation("1", 10, 900)},
			[]string{"A-1 fingerprint 0.45"},
		},
		{
			"a request id outranks payload and time",
			[]join.Attempt{attempt("A", 0, 100), knows(attempt("B", 0, 100), "request-1")},
			[]join.Invocation{receives(invocation("1", 90_000, 90_100), "other"), invocation("2", 10, 90)},
			[]string{"B-1 request_id 1", "A-2 fingerprint 0.9"},
		},
		{
			"a known request id that is not stored takes nothing else",
			[]join.Attempt{knows(attempt("A", 0, 100), "request-9")},
			[]join.Invocation{invocation("1", 10, 90)},
			[]string{},
		},
		{
			"Lambda's own retries of an asynchronous event share the request id",
			[]join.Attempt{knows(attempt("A", 0, 100), "request-1")},
			[]join.Invocation{
				invocation("1", 10, 90),
				{Ref: join.Ref{TraceID: "trace-2", SpanID: "2"}, InvokedARN: function, RequestID: "request-1", Start: 60_000 * ms},
			},
			[]string{"A-1 request_id 1", "A-2 request_id 1"},
		},
		{"nothing", nil, nil, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, drawn(join.Assign(test.attempts, test.invocations)))
		})
	}
}

// An invocation of another execution with the same payload at the same time makes both unsure, whichever is read.
func TestRivalsFromAnotherExecution(t *testing.T) {
	other := attempt("B", 5, 1000)
	other.TraceID = "other"
	got := join.Assign([]join.Attempt{attempt("A", 0, 1000), other},
		[]join.Invocation{invocation("1", 1, 900), invocation("2", 6, 900)})
	require.Equal(t, []string{"A-1 fingerprint 0.45", "B-2 fingerprint 0.45"}, drawn(got))
}

func TestAssignIsAMatchingWhateverTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var attempts []join.Attempt
		for n, start := range rapid.SliceOfN(rapid.Int64Range(0, 500), 0, 12).Draw(t, "attempts") {
			a := attempt("a"+strconv.Itoa(n), start, start+rapid.Int64Range(1, 500).Draw(t, "lasts"))
			a.Fingerprint = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "payload")
			attempts = append(attempts, a)
		}
		if len(attempts) > 0 {
			attempts[0].RequestID = "request-i0"
		}
		var invocations []join.Invocation
		for n, start := range rapid.SliceOfN(rapid.Int64Range(0, 800), 0, 12).Draw(t, "invocations") {
			i := invocation("i"+strconv.Itoa(n), start, start+rapid.Int64Range(1, 500).Draw(t, "runs"))
			i.Fingerprint = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "payload")
			invocations = append(invocations, i)
		}
		want := drawn(join.Assign(attempts, invocations))
		used := map[string]bool{}
		for _, line := range want {
			pair, _, _ := strings.Cut(line, " ")
			a, i, _ := strings.Cut(pair, "-")
			if used[a] || used[i] {
				t.Fatalf("%s is matched twice in %v", pair, want)
			}
			used[a], used[i] = true, true
		}
		rand.Shuffle(len(attempts), func(i, j int) { attempts[i], attempts[j] = attempts[j], attempts[i] })
		rand.Shuffle(len(invocations), func(i, j int) { invocations[i], invocations[j] = invocations[j], invocations[i] })
		require.Equal(t, want, drawn(join.Assign(attempts, invocations)))
	})
}
