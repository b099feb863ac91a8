package agent_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	sandbox "github.com/steptrace/steptrace/sandbox/stepfunctions"
)

const reference = `{"StartAt": "Parallel", "States": {"Parallel": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "Lambda-Image metadata", "States": {"Lambda-Image metadata": {
		"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:metadata", "End": true}}},
	{"StartAt": "Wait", "States": {
		"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Lambda-Rekognition"},
		"Lambda-Rekognition": {
			"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:rekognition", "End": true}}}]}}}`

const upload = `{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created",
	"source":"aws.s3","time":"2021-11-12T00:00:00Z","region":"eu-west-1",
	"detail":{"bucket":{"name":"images"},"object":{"key":"a.png"},"reason":"PutObject"}}`

// TestTheReferenceWorkflowInTheSandbox follows executions that really run, while they run.
func TestTheReferenceWorkflowInTheSandbox(t *testing.T) {
	service := sandbox.New(sandbox.Config{
		ListDelay: 100 * time.Millisecond,
		InvokeLambda: func(_ context.Context, arn string, payload []byte, _ string, _ bool) (sandbox.LambdaResult, error) {
			if strings.HasSuffix(arn, "rekognition") && strings.Contains(string(payload), "notes.txt") {
				return sandbox.LambdaResult{
					FunctionError: "Unhandled",
					Payload:       []byte(`{"errorMessage":"no image","errorType":"InvalidImageFormatException"}`),
				}, nil
			}
			return sandbox.LambdaResult{Payload: []byte(`{"id":"1"}`)}, nil
		},
	})
	web := httptest.NewServer(service)
	t.Cleanup(web.Close)
	t.Cleanup(func() { require.NoError(t, service.Close(context.Background())) })
	good := run(t, web, upload)
	bad := run(t, web, strings.ReplaceAll(upload, "a.png", "notes.txt"))

	w := newWorld(t)
	a, s := followReal(t, w.config, web.URL)
	polls := 0
	require.Eventually(t, func() bool {
		polls++
		require.NoError(t, a.Poll(t.Context()))
		state := w.checkpoint()
		return state.Executions[good].Finished && state.Executions[bad].Finished
	}, 10*time.Second, 20*time.Millisecond)
	require.Greater(t, polls, 3, "they were followed while they ran")

	lines := s.tree()
	require.Equal(t, strings.Split(strings.TrimSpace(`
trigger S3 PutObject Unset
  execution image-workflow Error
    state Parallel Error
      branch branch 0 Unset
        state Lambda-Image metadata Unset
          attempt lambda invoke metadata Unset
      branch branch 1 Error
        state Lambda-Rekognition Error
          attempt lambda invoke rekognition Error
        state Wait Unset
trigger S3 PutObject Unset
  execution image-workflow Unset
    state Parallel Unset
      branch branch 0 Unset
        state Lambda-Image metadata Unset
          attempt lambda invoke metadata Unset
      branch branch 1 Unset
        state Lambda-Rekognition Unset
          attempt lambda invoke rekognition Unset
        state Wait Unset`), "\n"), lines)
}

// run starts an execution of the reference workflow and returns its ARN.
func run(t *testing.T, web *httptest.Server, input string) string {
	t.Helper()
	client := sfn.New(sfn.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(web.URL), Credentials: testCredentials, HTTPClient: web.Client(),
	})
	machine, err := client.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("image-workflow"), Definition: aws.String(reference), RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
	})
	require.NoError(t, err)
	out, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: machine.StateMachineArn, Input: aws.String(input),
	})
	require.NoError(t, err)
	return *out.ExecutionArn
}

func followReal(t *testing.T, config agent.Config, url string) (*agent.Agent, *sink) {
	t.Helper()
	s := &sink{}
	clock := quartz.NewReal()
	cfg := aws.Config{Region: "eu-west-1", HTTPClient: stepfunctionstest.HTTPClient(t), Credentials: testCredentials}
	config.DiscoveryInterval = time.Millisecond
	a, err := agent.New(config, agent.Parts{
		Client: newClient(t, cfg, url, clock), Traces: tracesSink{s}, Logs: logsSink{s}, Clock: clock,
		Logger: discard,
	})
	require.NoError(t, err)
	return a, s
}

// tree draws the spans by parent: kind, name and status, siblings by name.
func (s *sink) tree() []string {
	children := make(map[string][]span)
	for _, sp := range s.spans {
		children[sp.parent] = append(children[sp.parent], sp)
	}
	var draw func(parent, indent string) []string
	draw = func(parent, indent string) []string {
		groups := make([][]string, 0, len(children[parent]))
		for _, sp := range children[parent] {
			line := indent + sp.kind + " " + sp.name + " " + sp.status
			groups = append(groups, append([]string{line}, draw(sp.id, indent+"  ")...))
		}
		slices.SortFunc(groups, func(a, b []string) int { return slices.Compare(a, b) })
		return slices.Concat(groups...)
	}
	return draw("", "")
}
