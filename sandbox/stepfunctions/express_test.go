package stepfunctions

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history"
)

// noHostPrefix keeps the SDK from calling sync-127.0.0.1.
func noHostPrefix(o *sfn.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("NoHostPrefix", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
	})
}

func (b *bench) express(name, definition string, logging *types.LoggingConfiguration) string {
	b.t.Helper()
	return b.logged(sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, Type: types.StateMachineTypeExpress, LoggingConfiguration: logging,
	})
}

func apiCode(t *testing.T, err error) string {
	t.Helper()
	var e smithy.APIError
	require.ErrorAs(t, err, &e)
	return e.ErrorCode()
}

func TestExpress(t *testing.T) {
	clock := newMock(t)
	group := newLogGroup(t, "eu-west-1", "123456789012", clock)
	events := make(published, 10)
	b := newBench(t, Config{Clock: clock, Logs: group.service, Publish: events.publish})
	machine := b.express("fast", `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`,
		group.configuration(types.LogLevelAll, true))
	described, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &machine})
	require.NoError(t, err)
	require.Equal(t, types.StateMachineTypeExpress, described.Type)

	first, second := b.start(machine, "same", `{"n":1}`), b.start(machine, "same", `{"n":2}`)
	require.NotEqual(t, first, second, "names may come again")
	require.Regexp(t, `^arn:aws:states:eu-west-1:123456789012:express:fast:same:[0-9a-f-]{36}$`, first)
	var decoded []history.LogEvent
	require.Eventually(t, func() bool {
		decoded, err = history.DecodeLogs("lines", []byte(strings.Join(group.lines(t), "\n")))
		return err == nil && len(decoded) == 8
	}, 10*time.Second, 5*time.Millisecond)
	types := map[string][]string{}
	for _, e := range decoded {
		types[e.ExecutionARN] = append(types[e.ExecutionARN], fmt.Sprint(e.ID, e.Type))
	}
	want := []string{"1ExecutionStarted", "2PassStateEntered", "3PassStateExited", "4ExecutionSucceeded"}
	require.Equal(t, map[string][]string{first: want, second: want}, types)
	require.Empty(t, events, "Express executions have no status changes")
}

func TestExpressHasNoHistory(t *testing.T) {
	b := newBench(t, Config{})
	machine := b.express("fast", `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`, nil)
	arn := b.start(machine, "x", `{}`)
	_, err := b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{StateMachineArn: &machine})
	require.Equal(t, "StateMachineTypeNotSupported", apiCode(t, err))
	for name, ask := range map[string]func() error{
		"describe": func() error {
			_, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
			return err
		},
		"history": func() error {
			_, err := b.GetExecutionHistory(b.ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn})
			return err
		},
		"stop": func() error {
			_, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &arn})
			return err
		},
	} {
		require.ErrorContains(t, ask(), "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'", name)
	}
	require.Empty(t, b.service.executions, "nothing is kept")
}

func TestStartSyncExecution(t *testing.T) {
	b := newBench(t, Config{})
	machine := b.express("fast", `{"StartAt":"C","States":{
		"C":{"Type":"Choice","Choices":[{"Variable":"$.fail","IsPresent":true,"Next":"F"}],"Default":"P"},
		"P":{"Type":"Pass","Result":7,"End":true},"F":{"Type":"Fail","Error":"Broken","Cause":"by design"}}}`, nil)
	run := func(input string, included types.IncludedData) *sfn.StartSyncExecutionOutput {
		out, err := b.StartSyncExecution(b.ctx, &sfn.StartSyncExecutionInput{
			StateMachineArn: &machine, Name: aws.String("x"), Input: &input, IncludedData: included,
		}, noHostPrefix)
		require.NoError(t, err)
		return out
	}
	out := run(`{}`, "")
	require.Equal(t, types.SyncExecutionStatusSucceeded, out.Status)
	require.Equal(t, "7", *out.Output)
	require.Equal(t, "{}", *out.Input)
	require.True(t, out.OutputDetails.Included)
	require.Equal(t, machine, *out.StateMachineArn)
	require.Equal(t, int64(64), out.BillingDetails.BilledMemoryUsedInMB)
	require.Positive(t, out.BillingDetails.BilledDurationInMilliseconds)
	require.Zero(t, out.BillingDetails.BilledDurationInMilliseconds%100)

	out = run(`{"fail":1}`, types.IncludedDataMetadataOnly)
	require.Equal(t, types.SyncExecutionStatusFailed, out.Status)
	require.Equal(t, "Broken", *out.Error)
	require.Nil(t, out.Input)

	standard := b.machine("slow", `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`)
	_, err := b.StartSyncExecution(b.ctx, &sfn.StartSyncExecutionInput{StateMachineArn: &standard}, noHostPrefix)
	require.Equal(t, "StateMachineTypeNotSupported", apiCode(t, err))
}

func TestExpressTakesFiveMinutesAtMost(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock})
	machine := b.express("slow", `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}`, nil)
	trap := clock.Trap().NewTimer()
	out := make(chan *sfn.StartSyncExecutionOutput)
	go func() {
		result, err := b.StartSyncExecution(b.ctx, &sfn.StartSyncExecutionInput{StateMachineArn: &machine}, noHostPrefix)
		if err != nil {
			t.Error(err)
		}
		out <- result
	}()
	trap.MustWait(b.ctx).MustRelease(b.ctx)
	trap.Close()
	clock.Advance(5 * time.Minute).MustWait(b.ctx)
	result := <-out
	require.Equal(t, types.SyncExecutionStatusTimedOut, result.Status)
	require.Equal(t, int64(300000), result.BillingDetails.BilledDurationInMilliseconds)
}

func TestExpressDefinitions(t *testing.T) {
	b := newBench(t, Config{Clock: quartz.NewReal()})
	task := `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"%s","End":true}}}`
	inMap := `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":` + task + `}}}`
	for definition, want := range map[string]string{
		fmt.Sprintf(task, "arn:aws:states:::sqs:sendMessage.waitForTaskToken"): "'.waitForTaskToken' service integration at /States/T/Resource",
		fmt.Sprintf(inMap, "arn:aws:states:::states:startExecution.sync:2"):    "'.sync:2' service integration at /States/M/ItemProcessor/States/T/Resource",
		fmt.Sprintf(task, "arn:aws:states:eu-west-1:123456789012:activity:a"):  "activities at /States/T/Resource",
		`{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED",
			"ExecutionType":"EXPRESS"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}`: "a Map state in DISTRIBUTED mode at /States/M",
	} {
		_, err := b.CreateStateMachine(b.ctx, &sfn.CreateStateMachineInput{
			Name: aws.String("m"), Definition: &definition, RoleArn: aws.String(testRole), Type: types.StateMachineTypeExpress,
		})
		require.ErrorContains(t, err, "Express state machine does not support "+want)
	}
	b.express("m", `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`, nil)
	_, err := b.CreateStateMachine(b.ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("m"), RoleArn: aws.String(testRole),
		Definition: aws.String(`{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`),
	})
	require.Equal(t, "StateMachineAlreadyExists", apiCode(t, err), "with another type")
}
