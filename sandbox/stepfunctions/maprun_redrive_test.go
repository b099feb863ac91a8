package stepfunctions

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"
)

// healing is a bench whose function fails for bad items until it is healed.
func healing(t *testing.T) (b *bench, healed *atomic.Bool) {
	healed = new(atomic.Bool)
	return newBench(t, Config{InvokeLambda: func(
		ctx context.Context, arn string, payload []byte, header string, tail bool,
	) (LambdaResult, error) {
		if healed.Load() {
			return LambdaResult{Payload: payload}, nil
		}
		return work(ctx, arn, payload, header, tail)
	}}), healed
}

func TestRedriveMapRun(t *testing.T) {
	b, healed := healing(t)
	parent := b.start(b.machine("m", distributed("STANDARD", `"MaxConcurrency":1,`)), "run", `["a","bad","b"]`)
	require.Equal(t, types.ExecutionStatusFailed, b.await(parent).Status)
	arn, _ := b.mapRun(parent)
	failed := *b.children(arn, types.ExecutionStatusFailed)[0].ExecutionArn
	_, err := b.RedriveExecution(b.ctx, &sfn.RedriveExecutionInput{ExecutionArn: &failed})
	require.ErrorContains(t, err, "Labeled Execution ARNs are not supported for this API")

	healed.Store(true)
	b.redrive(parent, "")
	require.JSONEq(t, `["a","bad","b"]`, *b.await(parent).Output)
	require.Equal(t, []string{
		"4<-3 MapRunStarted", "5<-4 MapRunFailed", "6<-5 MapStateFailed", "7<-6 ExecutionFailed", "8<-7 ExecutionRedriven",
		"9<-3 MapRunRedriven", "10<-9 MapRunSucceeded", "11<-10 MapStateSucceeded", "12<-9 MapStateExited",
		"13<-12 ExecutionSucceeded",
	}, b.lines(parent)[3:])
	redriven := b.history(parent)[8].MapRunRedrivenEventDetails
	require.Equal(t, arn, *redriven.MapRunArn)
	require.EqualValues(t, 1, *redriven.RedriveCount)

	again, run := b.mapRun(parent)
	require.Equal(t, arn, again)
	require.Equal(t, types.MapRunStatusSucceeded, run.Status)
	require.EqualValues(t, 1, *run.RedriveCount)
	require.NotNil(t, run.RedriveDate)
	require.EqualValues(t, 3, run.ExecutionCounts.Succeeded)
	require.Len(t, b.children(arn, ""), 3, "the one that failed goes on under its own ARN")
	child := b.await(failed)
	require.Equal(t, types.ExecutionStatusSucceeded, child.Status)
	require.EqualValues(t, 1, *child.RedriveCount)
	require.Contains(t, strings.Join(b.lines(failed), " "), "ExecutionRedriven")
	list, err := b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{
		MapRunArn: &arn, RedriveFilter: types.ExecutionRedriveFilterRedriven,
	})
	require.NoError(t, err)
	require.Len(t, list.Executions, 1)
}

func TestRedriveMapRunThatFailsAgain(t *testing.T) {
	b, _ := healing(t)
	parent := b.start(b.machine("m", distributed("STANDARD", `"MaxConcurrency":1,`)), "run", `["bad 1","bad 2"]`)
	for redrives := range 3 {
		require.Equal(t, types.ExecutionStatusFailed, b.await(parent).Status)
		_, run := b.mapRun(parent)
		require.Equal(t, types.MapRunStatusFailed, run.Status)
		require.EqualValues(t, redrives, *run.RedriveCount)
		require.EqualValues(t, 1, run.ExecutionCounts.Failed)
		require.EqualValues(t, 1, run.ExecutionCounts.Pending)
		require.Zero(t, *run.ExecutionCounts.PendingRedrive)
		b.redrive(parent, "")
	}
}

func TestRedriveAbortedMapRun(t *testing.T) {
	b, healed := healing(t)
	fields := `"MaxConcurrency":1,"ToleratedFailureCount":1,`
	parent := b.start(b.machine("m", distributed("STANDARD", fields)), "run", `["bad","slow 1","slow 2"]`)
	require.Eventually(t, func() bool { return len(b.lines(parent)) == 4 }, 5*time.Second, time.Millisecond)
	arn, _ := b.mapRun(parent)
	require.Eventually(t, func() bool { return len(b.children(arn, "")) == 2 }, 5*time.Second, time.Millisecond)
	stop := func() {
		_, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &parent})
		require.NoError(t, err)
		m, err := b.service.mapRun(arn)
		require.NoError(t, err)
		<-m.Stopped()
	}
	stop()
	b.redrive(parent, "")
	require.Eventually(t, func() bool {
		_, run := b.mapRun(parent)
		return run.ExecutionCounts.Running == 1 && run.ExecutionCounts.Failed == 1
	}, 5*time.Second, time.Millisecond)
	_, run := b.mapRun(parent)
	require.EqualValues(t, 1, run.ExecutionCounts.Pending)
	stop()
	healed.Store(true)
	b.redrive(parent, "")
	require.JSONEq(t, `["bad","slow 1","slow 2"]`, *b.await(parent).Output)
	_, run = b.mapRun(parent)
	require.EqualValues(t, 3, run.ItemCounts.Succeeded)
	require.EqualValues(t, 2, *run.RedriveCount)
}

func TestChildrenPendingRedrive(t *testing.T) {
	gate := make(chan struct{})
	var calls atomic.Int64
	b := newBench(t, Config{InvokeLambda: func(
		ctx context.Context, arn string, payload []byte, header string, tail bool,
	) (LambdaResult, error) {
		if calls.Add(1) <= 2 {
			return work(ctx, arn, payload, header, tail)
		}
		<-gate
		return LambdaResult{Payload: payload}, nil
	}})
	fields := `"MaxConcurrency":1,"ToleratedFailureCount":1,`
	parent := b.start(b.machine("m", distributed("STANDARD", fields)), "run", `["bad 1","bad 2"]`)
	require.Equal(t, types.ExecutionStatusFailed, b.await(parent).Status)
	arn, _ := b.mapRun(parent)
	b.redrive(parent, "")
	require.Eventually(t, func() bool { return calls.Load() == 3 }, 5*time.Second, time.Millisecond)
	waiting := b.children(arn, types.ExecutionStatusPendingRedrive)
	require.Len(t, waiting, 1)
	_, run := b.mapRun(parent)
	require.EqualValues(t, 1, *run.ExecutionCounts.PendingRedrive)
	require.EqualValues(t, 1, run.ExecutionCounts.Running)
	require.EqualValues(t, 2, run.ExecutionCounts.Total)
	out, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: waiting[0].ExecutionArn})
	require.NoError(t, err)
	require.Equal(t, types.ExecutionStatusPendingRedrive, out.Status)
	close(gate)
	require.Equal(t, types.ExecutionStatusSucceeded, b.await(parent).Status)
}

func TestRedriveStartsExpressChildrenAgain(t *testing.T) {
	b, healed := healing(t)
	parent := b.start(b.machine("m", distributed("EXPRESS", "")), "run", `["bad"]`)
	require.Equal(t, types.ExecutionStatusFailed, b.await(parent).Status)
	run, _ := b.mapRun(parent)
	before := *b.children(run, "")[0].ExecutionArn
	healed.Store(true)
	b.redrive(parent, "")
	require.JSONEq(t, `["bad"]`, *b.await(parent).Output)
	arn, _ := b.mapRun(parent)
	children := b.children(arn, types.ExecutionStatusSucceeded)
	require.Len(t, children, 1)
	require.Equal(t, before, *children[0].ExecutionArn)
	require.EqualValues(t, 1, *children[0].RedriveCount)
	require.Nil(t, children[0].RedriveDate)
}

// A Map Run that has read no items is not redriven: there is a new one.
func TestRedriveStartsMapRunThatHasNotRead(t *testing.T) {
	b, _ := healing(t)
	reader := `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"}},`
	parent := b.start(b.machine("m", distributed("STANDARD", reader)), "run", `{}`)
	require.Equal(t, "States.ItemReaderFailed", aws.ToString(b.await(parent).Error))
	b.redrive(parent, "")
	b.await(parent)
	list, err := b.ListMapRuns(b.ctx, &sfn.ListMapRunsInput{ExecutionArn: &parent})
	require.NoError(t, err)
	require.Len(t, list.MapRuns, 2)
	require.NotContains(t, strings.Join(b.lines(parent), " "), "MapRunRedriven")
}
