package demo

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// traceOf builds a trace from lines "id parent kind name [ERROR]", spaces in names written as "_".
func traceOf(status, text string) store.Trace {
	t := store.Trace{Status: status}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		f := append(strings.Fields(line), "")
		if len(f) < 2 {
			continue
		}
		name := strings.ReplaceAll(f[3], "_", " ")
		s := store.Span{SpanID: f[0], ParentSpanID: strings.Trim(f[1], "-"), Name: name, Status: "UNSET"}
		s.Attributes = map[string]string{semconv.Kind: f[2], semconv.StateName: name, semconv.RPCMethod: name}
		if f[4] == "ERROR" {
			s.Status = "ERROR"
			s.Attributes[semconv.Error], s.Attributes[semconv.Cause] = "InvalidImageFormatException", "not an image"
		}
		t.Spans = append(t.Spans, s)
	}
	return t
}

const success = `
1  -  trigger    S3_PutObject
2  1  execution  image-workflow
3  2  state      Parallel
4  3  branch     branch_0
5  3  branch     branch_1
6  4  state      Lambda-Image_metadata
7  6  attempt    lambda
8  7  invocation metadata
9  8  call       GetObject
10 8  call       PutItem
11 5  state      Wait_10s
12 5  state      Lambda-Rekognition
13 12 attempt    lambda
14 13 invocation rekognition
15 14 call       DetectFaces
16 14 call       DetectLabels
17 14 call       UpdateItem`

const failure = `
1  -  trigger    S3_PutObject
2  1  execution  image-workflow ERROR
3  2  state      Parallel ERROR
4  3  branch     branch_0
5  3  branch     branch_1 ERROR
6  4  state      Lambda-Image_metadata
7  6  attempt    lambda
8  7  invocation metadata
9  8  call       GetObject
10 8  call       PutItem
11 5  state      Wait_10s
12 5  state      Lambda-Rekognition ERROR
13 12 attempt    lambda ERROR
14 13 invocation rekognition ERROR
15 14 call       DetectFaces ERROR`

func TestCheckAcceptsWhatTheWorkflowLeaves(t *testing.T) {
	require.Empty(t, Check(traceOf("SUCCEEDED", success), true))
	require.Empty(t, Check(traceOf("FAILED", failure), false))
}

func TestCheckAcceptsBranchesInEitherOrder(t *testing.T) {
	trace := traceOf("SUCCEEDED", success)
	slices.Reverse(trace.Spans)
	require.Empty(t, Check(trace, true))
}

func TestCheckNamesWhatIsMissing(t *testing.T) {
	cases := []struct {
		name, from, to string
		image          bool
		want           string
	}{
		{"no call", "17 14 call       UpdateItem", "", true, "has no call UpdateItem below it"},
		{"call under the wrong invocation", "10 8  call", "10 14 call", true, "has no call PutItem below it"},
		{"unjoined invocation", "8  7  invocation", "8  -  invocation", true, "2 roots among 17 spans, not 1"},
		{"unexpected error", "PutItem", "PutItem ERROR", true, `"PutItem" is an error in a success`},
		{"no wait", "11 5  state      Wait_10s", "", true, "has no state Wait 10s below it"},
		{"error not passed up", "branch_1 ERROR", "branch_1", false, "/branch 1 has status UNSET"},
		{"attempt not failed", "attempt    lambda ERROR", "attempt    lambda", false, "/lambda has status UNSET"},
		{"a single branch", "5  3  branch     branch_1", "5  3  state      branch_1", true, "has no branch  below it"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text, status := success, "SUCCEEDED"
			if !c.image {
				text, status = failure, "FAILED"
			}
			require.Contains(t, text, c.from)
			problems := Check(traceOf(status, strings.Replace(text, c.from, c.to, 1)), c.image)
			require.Contains(t, strings.Join(problems, "\n"), c.want)
		})
	}
}

func TestCheckWantsTheRightStatus(t *testing.T) {
	require.Contains(t, Check(traceOf("RUNNING", success), true)[0], `execution status is "RUNNING", not SUCCEEDED`)
}

func TestCheckWantsErrorAndCauseOnTheAttempt(t *testing.T) {
	trace := traceOf("FAILED", failure)
	for _, s := range trace.Spans {
		delete(s.Attributes, semconv.Cause)
	}
	require.Equal(t, []string{`the failed attempt "lambda" lacks error or cause`}, Check(trace, false))
}

func TestCheckOfNothing(t *testing.T) {
	require.NotEmpty(t, Check(store.Trace{}, true))
}
