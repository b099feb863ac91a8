package stepfunctions

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

func TestExpressChildren(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: work})
	parent := b.start(b.machine("m", distributed("EXPRESS", "")), "run", `["a"]`)
	require.JSONEq(t, `["a"]`, *b.await(parent).Output)
	arn, run := b.mapRun(parent)
	require.EqualValues(t, 1, run.ExecutionCounts.Succeeded)
	listed := b.children(arn, types.ExecutionStatusSucceeded)
	require.Len(t, listed, 1)
	child := *listed[0].ExecutionArn
	require.Regexp(t, `^arn:aws:states:eu-west-1:123456789012:express:m/Each:[0-9a-f-]{36}:[0-9a-f-]{36}$`, child)
	out, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: &child})
	require.NoError(t, err)
	require.Equal(t, arn, *out.MapRunArn)
	require.Equal(t, `"a"`, *out.Output)
	for _, name := range []string{*out.Name, *listed[0].Name} {
		require.Regexp(t, `^[0-9a-f-]{36}:[0-9a-f-]{36}$`, name)
	}
	machine, err := b.DescribeStateMachineForExecution(b.ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &child})
	require.NoError(t, err)
	require.Equal(t, arn, *machine.MapRunArn)
	_, err = b.GetExecutionHistory(b.ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &child})
	require.ErrorContains(t, err, "InvalidArn")
}

// Nothing can stop an Express child: the Map Run waits for those that run when one has failed.
func TestExpressChildrenGoOnAfterFailure(t *testing.T) {
	failed := make(chan struct{})
	b := newBench(t, Config{InvokeLambda: func(_ context.Context, _ string, payload []byte, _ string, _ bool) (LambdaResult, error) {
		if string(payload) == `"bad"` {
			close(failed)
			return LambdaResult{}, awswire.Errorf("ServiceException", "bad")
		}
		<-failed
		return LambdaResult{Payload: payload}, nil
	}})
	parent := b.start(b.machine("m", distributed("EXPRESS", `"MaxConcurrency":2,`)), "run", `["good","bad","never"]`)
	require.Equal(t, "States.ExceedToleratedFailureThreshold", *b.await(parent).Error)
	_, run := b.mapRun(parent)
	require.EqualValues(t, 1, run.ExecutionCounts.Failed)
	require.Zero(t, run.ExecutionCounts.Aborted)
	require.EqualValues(t, 2, run.ExecutionCounts.Succeeded+run.ExecutionCounts.Pending)
	require.NotZero(t, run.ExecutionCounts.Succeeded)
}
