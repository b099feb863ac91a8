package convert_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const childARN = "arn:aws:states:eu-west-1:123456789012:execution:child:7"

func TestAttemptsNameTheExecutionTheyStarted(t *testing.T) {
	response := " output=`{\"ExecutionArn\":\"" + childARN + "\",\"StartDate\":1}`"
	const of = " resourceType=states resource=startExecution.sync:2"
	cases := map[string]struct {
		scheduled, ends string
		want            []string
	}{
		"fire and forget": {
			" resourceType=states resource=startExecution",
			"TaskSucceeded resourceType=states resource=startExecution" + response,
			[]string{childARN},
		},
		"through the SDK": {
			" resourceType=aws-sdk:sfn resource=startExecution",
			"TaskSucceeded resourceType=aws-sdk:sfn resource=startExecution" + response,
			[]string{childARN},
		},
		"for its end": {
			of, "TaskSubmitted" + of + response + "\n5 <- 4 +4 TaskSucceeded" + of + response, []string{childARN},
		},
		"failed": {
			of, "TaskFailed" + of + " error=States.TaskFailed cause=`{\"ExecutionArn\":\"" + childARN + "\"}`",
			[]string{childARN},
		},
		"what the token came back with": {
			" resourceType=states resource=startExecution.waitForTaskToken",
			"TaskSucceeded resourceType=states resource=startExecution.waitForTaskToken" + response, nil,
		},
		"no execution":   {of, "TaskSubmitted" + of + " output=`{\"ExecutionArn\":\"arn:aws:sqs:eu-west-1:1:q\"}`", nil},
		"not an ARN":     {of, "TaskSubmitted" + of + " output=`{\"ExecutionArn\":{\"a\":1}}`", nil},
		"not included":   {of, "TaskSubmitted" + of, nil},
		"another action": {" resourceType=aws-sdk:sfn resource=describeExecution", "TaskSucceeded resourceType=aws-sdk:sfn resource=describeExecution" + response, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			converter := convert.New(convert.Execution{ARN: workflow}, nil)
			out := converter.Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted
2 <- 0 +1 TaskStateEntered name=Call
3 <- 2 +1 TaskScheduled`+c.scheduled+`
4 <- 3 +3 `+c.ends)...)
			require.Equal(t, c.want, out.Children)
			spans := append(out.Spans, converter.Open(historytest.Epoch)...)
			var named any
			if c.want != nil {
				named = c.want[0]
			}
			for _, s := range spans {
				if s.Kind == semconv.KindAttempt {
					require.Equal(t, named, attr(s.Attributes, semconv.ChildExecutionARN))
				}
			}
		})
	}
}

func TestAChildIsNamedWithoutItsAttempt(t *testing.T) {
	out := convert.New(convert.Execution{ARN: workflow}, nil).Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted
4 <- 3 +3 TaskSubmitted resourceType=states resource=startExecution.sync output=`+"`{\"ExecutionArn\":\""+childARN+"\"}`")...)
	require.Equal(t, []string{childARN}, out.Children)
}

func TestMapRunsAreNamed(t *testing.T) {
	const run = "arn:aws:states:eu-west-1:123456789012:mapRun:image-workflow/All:1"
	converter := convert.New(convert.Execution{ARN: workflow}, nil)
	out := converter.Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted
2 <- 0 +1 MapStateEntered name=All
3 <- 2 +1 MapStateStarted length=0
4 <- 3 +2 MapRunStarted mapRunArn=`+run+`
5 <- 4 +3 MapRunFailed error=States.ExceedToleratedFailureThreshold
6 <- 5 +3 MapStateFailed
7 <- 6 +4 ExecutionFailed`)...)
	require.Equal(t, []string{run}, out.MapRuns)
	out = converter.Feed(historytest.Parse(t, `
8 <- 7 +100 ExecutionRedriven redriveCount=1
9 <- 8 +101 MapRunRedriven mapRunArn=`+run+` redriveCount=1`)...)
	require.Equal(t, []string{run}, out.MapRuns, "its children run again")
}
