package stepfunctions

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"
)

// Standard children change their status in public as their parent does.
func TestStatusChangesOfChildren(t *testing.T) {
	events := make(published, 10)
	b := newBench(t, Config{InvokeLambda: work, Publish: events.publish})
	parent := b.start(b.machine("express", distributed("STANDARD", "")), "run", `["a"]`)
	b.await(parent)
	arn, _ := b.mapRun(parent)
	child := b.children(arn, "")[0]
	var got []string
	for range 4 {
		var detail struct{ ExecutionARN, StateMachineARN, Status string }
		require.NoError(t, json.Unmarshal((<-events).Detail, &detail))
		got = append(got, detail.Status+" "+detail.ExecutionARN)
		if detail.ExecutionARN == *child.ExecutionArn {
			require.Equal(t, *child.StateMachineArn, detail.StateMachineARN)
		}
	}
	require.Equal(t, []string{
		"RUNNING " + parent, "RUNNING " + *child.ExecutionArn, "SUCCEEDED " + *child.ExecutionArn, "SUCCEEDED " + parent,
	}, got)
}

// Express children leave nothing but their log lines, where the state machine's go.
func TestLogLinesOfExpressChildren(t *testing.T) {
	clock := newMock(t)
	group := newLogGroup(t, "eu-west-1", "123456789012", clock)
	b := newBench(t, Config{Clock: clock, Logs: group.service, InvokeLambda: work})
	machine := b.logged(sfn.CreateStateMachineInput{
		Name: aws.String("m"), Definition: aws.String(distributed("EXPRESS", "")),
		LoggingConfiguration: group.configuration(types.LogLevelAll, true),
	})
	parent := b.start(machine, "run", `["a"]`)
	b.await(parent)
	var lines []string
	require.Eventually(t, func() bool {
		lines = group.lines(t)
		return len(lines) == 8+7
	}, 10*time.Second, 5*time.Millisecond)
	children := 0
	for _, line := range lines {
		if strings.Contains(line, `"execution_arn":"arn:aws:states:eu-west-1:123456789012:express:m/Each:`) {
			children++
		}
	}
	require.Equal(t, 7, children)
}

// An Express child has five minutes, as any Express execution.
func TestExpressChildTimesOut(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock, InvokeLambda: work})
	trap := clock.Trap().AfterFunc()
	defer trap.Close()
	parent := b.start(b.machine("m", distributed("EXPRESS", "")), "run", `["slow"]`)
	trap.MustWait(b.ctx).MustRelease(b.ctx)
	clock.Advance(5 * time.Minute).MustWait(b.ctx)
	require.Equal(t, "States.ExceedToleratedFailureThreshold", *b.await(parent).Error)
	_, run := b.mapRun(parent)
	require.EqualValues(t, 1, run.ExecutionCounts.TimedOut)
}
