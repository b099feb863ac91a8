package agent_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	sandbox "github.com/steptrace/steptrace/sandbox/stepfunctions"
)

// family is an execution that starts others: the children of a distributed Map, of which one fails at first, and one by
// a task, which fails at first too.
const family = `{"StartAt":"Each","States":{
	"Each":{"Type":"Map","Next":"Nest","ItemsPath":"$.items","ToleratedFailurePercentage":100,"ItemProcessor":{
		"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
		"StartAt":"Odd","States":{
			"Odd":{"Type":"Choice","Default":"Good","Choices":[{"Variable":"$","NumericEquals":3,"Next":"Bad"}]},
			"Good":{"Type":"Pass","End":true},"Bad":{"Type":"Fail","Error":"Odd"}}}},
	"Nest":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","End":true,
		"Parameters":{"StateMachineArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:nested","Input":{"a":1}}}}}`

const nested = `{"StartAt":"Call","States":{"Call":{"Type":"Task","End":true,
	"Resource":"arn:aws:lambda:eu-west-1:123456789012:function:f"}}}`

// TestAnExecutionsFamilyIsFollowed reads all that the sandbox has: only the parent's state machine is named.
func TestAnExecutionsFamilyIsFollowed(t *testing.T) {
	api, url, parent, mend := startFamily(t)
	w := newWorld(t)
	w.config.StateMachines, w.config.Lookback = selector.Machines{"family"}, 100*time.Millisecond
	w.config.RunningInterval = 10 * time.Millisecond
	a, s := followReal(t, w.config, url)
	readAll := func() {
		t.Helper()
		require.Eventually(t, func() bool {
			require.NoError(t, a.Poll(t.Context()))
			return len(missing(t, api, parent, s)) == 0
		}, 20*time.Second, 5*time.Millisecond, "%v", missing(t, api, parent, s))
	}
	ended(t, api, parent, types.ExecutionStatusFailed)
	readAll()
	mend()
	ended(t, api, parent, types.ExecutionStatusSucceeded)
	readAll()
	require.Len(t, s.executions(), 1+5+2, "the parent, the Map's children, and two by the task")
}

// startFamily starts the execution and returns its ARN, and what redrives it so that it succeeds.
func startFamily(t *testing.T) (api *sfn.Client, url, parent string, mend func()) {
	t.Helper()
	var web *httptest.Server
	var broken atomic.Bool
	broken.Store(true)
	service := sandbox.New(sandbox.Config{
		EndpointURL: func() string { return web.URL },
		InvokeLambda: func(context.Context, string, []byte, string, bool) (sandbox.LambdaResult, error) {
			if broken.Load() {
				return sandbox.LambdaResult{FunctionError: "Unhandled", Payload: []byte(`{"errorType":"Broken"}`)}, nil
			}
			return sandbox.LambdaResult{Payload: []byte(`{}`)}, nil
		},
	})
	web = httptest.NewServer(service)
	t.Cleanup(web.Close)
	t.Cleanup(func() { require.NoError(t, service.Close(context.Background())) })
	api = sfn.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &web.URL, Credentials: testCredentials,
		HTTPClient: stepfunctionstest.HTTPClient(t),
	})
	create(t, api, "nested", nested)
	machine := create(t, api, "family", family)
	started, err := api.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &machine, Name: aws.String("parent"), Input: aws.String(`{"items":[1,2,3,4,5]}`),
	})
	require.NoError(t, err)
	return api, web.URL, *started.ExecutionArn, func() {
		broken.Store(false)
		_, err := api.RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: started.ExecutionArn})
		require.NoError(t, err)
	}
}

func create(t *testing.T, api *sfn.Client, name, definition string) string {
	t.Helper()
	out, err := api.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String("arn:aws:iam::123456789012:role/any"),
	})
	require.NoError(t, err)
	return *out.StateMachineArn
}

func ended(t *testing.T, api *sfn.Client, arn string, status types.ExecutionStatus) {
	t.Helper()
	require.Eventually(t, func() bool {
		out, err := api.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		require.NoError(t, err)
		return out.Status == status
	}, 10*time.Second, 5*time.Millisecond)
}

// missing names the events of the execution and of those that it started which have not arrived.
func missing(t *testing.T, api *sfn.Client, arn string, s *sink) (names []string) {
	t.Helper()
	out, err := api.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &arn})
	require.NoError(t, err)
	name := arn[strings.LastIndexByte(arn, ':')+1:]
	arrived := make(map[int64]bool)
	for _, id := range s.ids(name) {
		arrived[id] = true
	}
	for _, e := range out.Events {
		if !arrived[e.Id] {
			names = append(names, fmt.Sprint(name, " ", e.Id, " ", e.Type))
		}
		if run := e.MapRunStartedEventDetails; run != nil {
			for _, child := range children(t, api, run.MapRunArn) {
				names = append(names, missing(t, api, child, s)...)
			}
		}
		if d := e.TaskSubmittedEventDetails; d != nil {
			names = append(names, missing(t, api, executionARN(t, *d.Output), s)...)
		}
	}
	return names
}

func children(t *testing.T, api *sfn.Client, mapRun *string) (arns []string) {
	t.Helper()
	out, err := api.ListExecutions(t.Context(), &sfn.ListExecutionsInput{MapRunArn: mapRun})
	require.NoError(t, err)
	for _, e := range out.Executions {
		arns = append(arns, *e.ExecutionArn)
	}
	return arns
}

func executionARN(t *testing.T, output string) string {
	t.Helper()
	_, rest, ok := strings.Cut(output, `"ExecutionArn":"`)
	require.True(t, ok, output)
	arn, _, _ := strings.Cut(rest, `"`)
	return arn
}

// executions are the names of those of which something has arrived.
func (s *sink) executions() map[string]bool {
	names := make(map[string]bool)
	for _, e := range s.events {
		names[e.execution] = true
	}
	return names
}
