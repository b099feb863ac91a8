package stepfunctions

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// distributed is a definition with one Map state in distributed mode, whose children invoke the function "work".
// executionType is STANDARD or EXPRESS, fields are further fields of the state.
func distributed(executionType, fields string) string {
	return fmt.Sprintf(`{"StartAt":"M","States":{"M":{"Type":"Map","Label":"Each","End":true,%s"ItemProcessor":{
		"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":%q},"StartAt":"Work","States":{"Work":{
		"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:work","End":true}}}}}}`, fields, executionType)
}

// work answers with what it gets, fails for "bad" items and waits for ever for "slow" ones.
func work(ctx context.Context, _ string, payload []byte, _ string, _ bool) (LambdaResult, error) {
	switch {
	case strings.Contains(string(payload), "bad"):
		return LambdaResult{}, awswire.Errorf("ServiceException", "bad")
	case strings.Contains(string(payload), "slow"):
		<-ctx.Done()
		return LambdaResult{}, ctx.Err()
	}
	return LambdaResult{Payload: payload}, nil
}

// mapRun is the only Map Run of an execution.
func (b *bench) mapRun(execution string) (string, *sfn.DescribeMapRunOutput) {
	b.t.Helper()
	list, err := b.ListMapRuns(b.ctx, &sfn.ListMapRunsInput{ExecutionArn: &execution})
	require.NoError(b.t, err)
	require.Len(b.t, list.MapRuns, 1)
	out, err := b.DescribeMapRun(b.ctx, &sfn.DescribeMapRunInput{MapRunArn: list.MapRuns[0].MapRunArn})
	require.NoError(b.t, err)
	return *list.MapRuns[0].MapRunArn, out
}

// children are those of a Map Run that have a status, the newest first; all without one.
func (b *bench) children(mapRun string, status types.ExecutionStatus) []types.ExecutionListItem {
	b.t.Helper()
	var found []types.ExecutionListItem
	pages := sfn.NewListExecutionsPaginator(b.Client, &sfn.ListExecutionsInput{
		MapRunArn: &mapRun, StatusFilter: status, MaxResults: 2,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(b.ctx)
		require.NoError(b.t, err)
		found = append(found, page.Executions...)
	}
	return found
}

func TestMapRun(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: work})
	machine := b.machine("m", distributed("STANDARD", `"MaxConcurrency":2,`))
	parent := b.start(machine, "run", `["a","b","c","d","e"]`)
	require.JSONEq(t, `["a","b","c","d","e"]`, *b.await(parent).Output)
	require.Equal(t, []string{
		"1<-0 ExecutionStarted", "2<-0 MapStateEntered", "3<-2 MapStateStarted", "4<-3 MapRunStarted", "5<-4 MapRunSucceeded",
		"6<-5 MapStateSucceeded", "7<-4 MapStateExited", "8<-7 ExecutionSucceeded",
	}, b.lines(parent))

	arn, run := b.mapRun(parent)
	require.Regexp(t, `^arn:aws:states:eu-west-1:123456789012:mapRun:m/Each:[0-9a-f-]{36}$`, arn)
	require.Equal(t, arn, *b.history(parent)[3].MapRunStartedEventDetails.MapRunArn)
	require.Equal(t, types.MapRunStatusSucceeded, run.Status)
	require.Equal(t, parent, *run.ExecutionArn)
	require.EqualValues(t, 2, run.MaxConcurrency)
	require.NotNil(t, run.StopDate)
	require.Equal(t, &types.MapRunExecutionCounts{
		Succeeded: 5, Total: 5, ResultsWritten: 5, FailuresNotRedrivable: aws.Int64(0), PendingRedrive: aws.Int64(0),
	}, run.ExecutionCounts)
	require.EqualValues(t, 5, run.ItemCounts.Succeeded)

	children := b.children(arn, "")
	require.Len(t, children, 5)
	require.Empty(t, b.children(arn, types.ExecutionStatusFailed))
	first := children[4]
	require.Regexp(t, `^arn:aws:states:eu-west-1:123456789012:execution:m/Each:[0-9a-f-]{36}$`, *first.ExecutionArn)
	require.Equal(t, arn, *first.MapRunArn)
	require.EqualValues(t, 1, *first.ItemCount)
	require.Equal(t, "arn:aws:states:eu-west-1:123456789012:stateMachine:m/Each", *first.StateMachineArn)
	child, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: first.ExecutionArn})
	require.NoError(t, err)
	require.Equal(t, `"a"`, *child.Input)
	require.Equal(t, `"a"`, *child.Output)
	require.Equal(t, arn, *child.MapRunArn)
	require.Equal(t, []string{
		"1<-0 ExecutionStarted", "2<-0 TaskStateEntered", "3<-2 LambdaFunctionScheduled", "4<-3 LambdaFunctionStarted",
		"5<-4 LambdaFunctionSucceeded", "6<-5 TaskStateExited", "7<-6 ExecutionSucceeded",
	}, b.lines(*first.ExecutionArn))

	own, err := b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{StateMachineArn: &machine})
	require.NoError(t, err)
	require.Len(t, own.Executions, 1, "children are not executions of the state machine itself")
	require.Nil(t, own.Executions[0].MapRunArn)
}

func TestDescribeStateMachineForChild(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: work})
	definition := `{"QueryLanguage":"JSONata","StartAt":"M","States":{"M":{"Type":"Map","Items":"{% $states.input %}","End":true,
		"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{
		"Type":"Pass","Output":"{% $states.input + 1 %}","End":true}}}}}}`
	machine := b.machine("m", definition)
	parent := b.start(machine, "run", `[1]`)
	require.JSONEq(t, `[2]`, *b.await(parent).Output)
	arn, _ := b.mapRun(parent)
	out, err := b.DescribeStateMachineForExecution(b.ctx, &sfn.DescribeStateMachineForExecutionInput{
		ExecutionArn: b.children(arn, "")[0].ExecutionArn,
	})
	require.NoError(t, err)
	require.Equal(t, arn, *out.MapRunArn)
	require.Regexp(t, `^[0-9a-f-]{36}$`, *out.Label, "made up")
	require.Equal(t, machine+"/"+*out.Label, *out.StateMachineArn)
	require.Equal(t, "m", *out.Name)
	require.JSONEq(t, `{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","Output":"{% $states.input + 1 %}","End":true}}}`, *out.Definition)

	again := b.start(machine, "again", `[1]`)
	b.await(again)
	other, _ := b.mapRun(again)
	require.NotEqual(t, arn, other)
	require.Equal(t, arn[:strings.LastIndexByte(arn, ':')], other[:strings.LastIndexByte(other, ':')], "the same label")
}

func TestMapRunsThatDoNotExist(t *testing.T) {
	b := newBench(t, Config{})
	none := "arn:aws:states:eu-west-1:123456789012:mapRun:m/Each:00000000-0000-0000-0000-000000000000"
	_, err := b.DescribeMapRun(b.ctx, &sfn.DescribeMapRunInput{MapRunArn: &none})
	require.ErrorContains(t, err, "ResourceNotFound")
	_, err = b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{MapRunArn: &none})
	require.ErrorContains(t, err, "ResourceNotFound")
	_, err = b.DescribeMapRun(b.ctx, &sfn.DescribeMapRunInput{MapRunArn: aws.String("m")})
	require.ErrorContains(t, err, "InvalidArn")
	_, err = b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{})
	require.ErrorContains(t, err, "ValidationException")
	_, err = b.ListMapRuns(b.ctx, &sfn.ListMapRunsInput{ExecutionArn: &none})
	require.ErrorContains(t, err, "InvalidArn")
}

func TestNestedMapRuns(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: work})
	nested := func(executionType string) string {
		return fmt.Sprintf(`{"StartAt":"Outer","States":{"Outer":{"Type":"Map","Label":"O","End":true,"ItemProcessor":{
			"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":%q},"StartAt":"M","States":{"M":{"Type":"Map",
			"Label":"I","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
			"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}}}}`, executionType)
	}
	parent := b.start(b.machine("m", nested("STANDARD")), "run", `[[1,2],[3]]`)
	require.JSONEq(t, `[[1,2],[3]]`, *b.await(parent).Output)
	outer, _ := b.mapRun(parent)
	require.Contains(t, outer, ":mapRun:m/O:")
	child := b.children(outer, "")[1]
	inner, run := b.mapRun(*child.ExecutionArn)
	require.Contains(t, inner, ":mapRun:m/I:")
	require.EqualValues(t, 2, run.ItemCounts.Succeeded)
	require.Equal(t, *child.ExecutionArn, *run.ExecutionArn)
	require.Contains(t, *b.children(inner, "")[0].ExecutionArn, ":execution:m/I:")

	parent = b.start(b.machine("express", nested("EXPRESS")), "run", `[[1]]`)
	require.Equal(t, "States.ExceedToleratedFailureThreshold", *b.await(parent).Error, "Express executions have no Map Runs")
}
