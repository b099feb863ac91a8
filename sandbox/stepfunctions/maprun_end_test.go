package stepfunctions

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

func TestToleratedFailures(t *testing.T) {
	const items = `["a","bad","b","c"]`
	tests := map[string]struct {
		fields string
		status types.MapRunStatus
	}{
		"none":                              {``, types.MapRunStatusFailed},
		"a count":                           {`"ToleratedFailureCount":1,`, types.MapRunStatusSucceeded},
		"a share":                           {`"ToleratedFailurePercentage":25,`, types.MapRunStatusSucceeded},
		"too small a share":                 {`"ToleratedFailurePercentage":24.9,`, types.MapRunStatusFailed},
		"either must hold":                  {`"ToleratedFailureCount":0,"ToleratedFailurePercentage":100,`, types.MapRunStatusFailed},
		"a path":                            {`"ToleratedFailureCountPath":"$$.Execution.RedriveCount",`, types.MapRunStatusFailed},
		"one batch fails for all its items": {`"ItemBatcher":{"MaxItemsPerBatch":2},"ToleratedFailureCount":1,`, types.MapRunStatusFailed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{InvokeLambda: work})
			parent := b.start(b.machine("m", distributed("STANDARD", `"MaxConcurrency":1,`+test.fields)), "run", items)
			out := b.await(parent)
			_, run := b.mapRun(parent)
			require.Equal(t, test.status, run.Status)
			counts := run.ItemCounts
			require.Equal(t, counts.Total, counts.Succeeded+counts.Failed+counts.Pending)
			require.EqualValues(t, 4, counts.Total)
			if test.status == types.MapRunStatusSucceeded {
				require.EqualValues(t, 1, counts.Failed)
				return
			}
			require.EqualValues(t, 2, counts.Pending, "nothing starts after the failure")
			require.EqualValues(t, 4, counts.ResultsWritten)
			require.Equal(t, "States.ExceedToleratedFailureThreshold", *out.Error)
			require.Equal(t, []string{
				"4<-3 MapRunStarted", "5<-4 MapRunFailed", "6<-5 MapStateFailed", "7<-6 ExecutionFailed",
			}, b.lines(parent)[3:])
			require.Equal(t, *out.Error, *b.history(parent)[4].MapRunFailedEventDetails.Error)
		})
	}
}

func TestStopAbortsMapRun(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: work})
	parent := b.start(b.machine("m", distributed("STANDARD", `"MaxConcurrency":2,`)), "run", `["slow 1","slow 2","slow 3"]`)
	require.Eventually(t, func() bool { return len(b.lines(parent)) == 4 }, 5*time.Second, time.Millisecond)
	arn, run := b.mapRun(parent)
	require.Equal(t, types.MapRunStatusRunning, run.Status)
	require.Nil(t, run.StopDate)
	require.Eventually(t, func() bool { return len(b.children(arn, "")) == 2 }, 5*time.Second, time.Millisecond)
	child := *b.children(arn, "")[0].ExecutionArn
	_, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &parent})
	require.NoError(t, err)
	require.Equal(t, []string{"4<-3 MapRunStarted", "5<-4 MapRunAborted", "6<-0 ExecutionAborted"}, b.lines(parent)[3:])
	m, err := b.service.mapRun(arn)
	require.NoError(t, err)
	<-m.Stopped()
	require.Equal(t, types.ExecutionStatusAborted, b.await(child).Status)
	_, run = b.mapRun(parent)
	require.Equal(t, types.MapRunStatusAborted, run.Status)
	require.EqualValues(t, 2, run.ExecutionCounts.Aborted)
	require.EqualValues(t, 1, run.ExecutionCounts.Pending)
}

func TestFailedBranchAbortsMapRun(t *testing.T) {
	started := make(chan struct{})
	b := newBench(t, Config{InvokeLambda: func(ctx context.Context, arn string, payload []byte, h string, tail bool) (LambdaResult, error) {
		if strings.HasSuffix(arn, ":gate") {
			<-started
			return LambdaResult{}, awswire.Errorf("ServiceException", "the other branch fails")
		}
		close(started)
		return work(ctx, arn, payload, h, tail)
	}})
	var inner map[string]any
	require.NoError(t, json.Unmarshal([]byte(distributed("STANDARD", "")), &inner))
	outer, err := json.Marshal(map[string]any{"StartAt": "Both", "States": map[string]any{"Both": map[string]any{
		"Type": "Parallel", "End": true, "Branches": []any{inner, map[string]any{"StartAt": "Gate", "States": map[string]any{
			"Gate": map[string]any{"Type": "Task", "End": true, "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:gate"},
		}}},
	}}})
	require.NoError(t, err)
	parent := b.start(b.machine("m", string(outer)), "run", `["slow"]`)
	b.await(parent)
	arn, run := b.mapRun(parent)
	require.Equal(t, types.MapRunStatusAborted, run.Status)
	require.Len(t, b.children(arn, types.ExecutionStatusAborted), 1)
	var last []string
	for _, e := range b.history(parent) {
		last = append(last, string(e.Type))
	}
	require.Equal(t, []string{
		"MapStateAborted", "MapRunAborted", "TaskStateAborted", "ParallelStateFailed", "ExecutionFailed",
	}, last[len(last)-5:])
}

func TestUpdateMapRun(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: work})
	fields := `"MaxConcurrency":1,"ToleratedFailureCount":5,`
	parent := b.start(b.machine("m", distributed("STANDARD", fields)), "run", `["bad","slow 1","slow 2"]`)
	require.Eventually(t, func() bool { return len(b.lines(parent)) == 4 }, 5*time.Second, time.Millisecond)
	arn, _ := b.mapRun(parent)
	require.Eventually(t, func() bool { return len(b.children(arn, "")) == 2 }, 5*time.Second, time.Millisecond)
	_, err := b.UpdateMapRun(b.ctx, &sfn.UpdateMapRunInput{MapRunArn: &arn, MaxConcurrency: aws.Int32(2)})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(b.children(arn, "")) == 3 }, 5*time.Second, time.Millisecond)
	_, err = b.UpdateMapRun(b.ctx, &sfn.UpdateMapRunInput{MapRunArn: &arn, ToleratedFailureCount: aws.Int64(0)})
	require.NoError(t, err)
	require.Equal(t, types.ExecutionStatusFailed, b.await(parent).Status)
	_, run := b.mapRun(parent)
	require.EqualValues(t, 1, run.ExecutionCounts.Failed)
	require.EqualValues(t, 2, run.ExecutionCounts.Aborted)
	require.EqualValues(t, 2, run.MaxConcurrency)
	_, err = b.UpdateMapRun(b.ctx, &sfn.UpdateMapRunInput{MapRunArn: &arn, ToleratedFailurePercentage: aws.Float32(101)})
	require.ErrorContains(t, err, "must be from 0 to 100")
	_, err = b.UpdateMapRun(b.ctx, &sfn.UpdateMapRunInput{MapRunArn: &arn, MaxConcurrency: aws.Int32(3)})
	require.ErrorContains(t, err, "has ended")
}

// Closing the service leaves Map Runs and their children as they are.
func TestCloseLeavesMapRunOpen(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	began := make(chan struct{}, 1)
	s := New(Config{InvokeLambda: func(ctx context.Context, arn string, payload []byte, h string, tail bool) (LambdaResult, error) {
		began <- struct{}{}
		return work(ctx, arn, payload, h, tail)
	}})
	machine, valid := create(s, distributed("STANDARD", `"MaxConcurrency":1,`))
	require.True(t, valid)
	input := `["slow 1","slow 2"]`
	started, err := s.StartExecution(ctx, StartExecutionInput{StateMachineARN: machine, Input: &input})
	require.NoError(t, err)
	<-began
	require.NoError(t, s.Close(ctx))
	runs := s.mapRunsOf(started.ExecutionARN)
	require.Len(t, runs, 1)
	info := runs[0].Info()
	require.Equal(t, "RUNNING", info.Status)
	require.Equal(t, 1, info.Executions.Running)
	require.Equal(t, 1, info.Executions.Pending)
}
