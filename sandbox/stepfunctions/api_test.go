package stepfunctions

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

const (
	passes  = `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`
	fails   = `{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"C"}}}`
	waits   = `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}`
	noState = `{"StartAt":"Missing","States":{"P":{"Type":"Pass","End":true}}}`
)

// requireCode checks that err is AWS's error of that code.
func requireCode(t *testing.T, code string, err error) {
	t.Helper()
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, code, api.ErrorCode(), api.ErrorMessage())
}

func TestCreateStateMachineKeepsWhatItIsGiven(t *testing.T) {
	b := newBench(t, Config{Clock: newMock(t)})
	in := &sfn.CreateStateMachineInput{
		Name: aws.String("m"), Definition: aws.String(passes), RoleArn: aws.String(testRole),
		Tags:                 []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}, {Key: aws.String("a"), Value: aws.String("1")}},
		LoggingConfiguration: &types.LoggingConfiguration{Level: types.LogLevelAll, IncludeExecutionData: true},
		TracingConfiguration: &types.TracingConfiguration{Enabled: true},
		Publish:              true, VersionDescription: aws.String("first"),
	}
	created, err := b.CreateStateMachine(b.ctx, in)
	require.NoError(t, err)
	require.Equal(t, "arn:aws:states:eu-west-1:123456789012:stateMachine:m", *created.StateMachineArn)
	require.Equal(t, "arn:aws:states:eu-west-1:123456789012:stateMachine:m:1", *created.StateMachineVersionArn)
	require.Equal(t, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), created.CreationDate.UTC())

	out, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: created.StateMachineArn})
	require.NoError(t, err)
	require.Equal(t, passes, *out.Definition)
	require.Equal(t, testRole, *out.RoleArn)
	require.Equal(t, types.StateMachineStatusActive, out.Status)
	require.Equal(t, types.StateMachineTypeStandard, out.Type)
	require.Equal(t, types.LogLevelAll, out.LoggingConfiguration.Level)
	require.True(t, out.TracingConfiguration.Enabled)
	require.Nil(t, out.RevisionId, "the first revision has no id")

	version, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: created.StateMachineVersionArn})
	require.NoError(t, err)
	require.Equal(t, "first", *version.Description)

	tags, err := b.ListTagsForResource(b.ctx, &sfn.ListTagsForResourceInput{ResourceArn: created.StateMachineArn})
	require.NoError(t, err)
	require.Equal(t, []string{"a=1", "b=2"}, tagTexts(tags.Tags))
}

func tagTexts(tags []types.Tag) []string {
	texts := make([]string, 0, len(tags))
	for _, tag := range tags {
		texts = append(texts, *tag.Key+"="+*tag.Value)
	}
	return texts
}

func TestTags(t *testing.T) {
	b := newBench(t, Config{})
	arn := b.machine("m", passes)
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	_, err := b.TagResource(b.ctx, &sfn.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{tag("k", "1"), tag("l", "2")}})
	require.NoError(t, err)
	_, err = b.TagResource(b.ctx, &sfn.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{tag("k", "3")}})
	require.NoError(t, err)
	_, err = b.UntagResource(b.ctx, &sfn.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"l"}})
	require.NoError(t, err)
	out, err := b.ListTagsForResource(b.ctx, &sfn.ListTagsForResourceInput{ResourceArn: &arn})
	require.NoError(t, err)
	require.Equal(t, []string{"k=3"}, tagTexts(out.Tags))

	many := make([]types.Tag, 0, 51)
	for n := range 51 {
		many = append(many, tag(fmt.Sprint(n), ""))
	}
	_, err = b.TagResource(b.ctx, &sfn.TagResourceInput{ResourceArn: &arn, Tags: many})
	requireCode(t, "TooManyTags", err)
}

func TestCreateStateMachineIsIdempotent(t *testing.T) {
	b := newBench(t, Config{})
	create := func(definition, role string) error {
		_, err := b.CreateStateMachine(b.ctx, &sfn.CreateStateMachineInput{
			Name: aws.String("m"), Definition: &definition, RoleArn: &role,
		})
		return err
	}
	require.NoError(t, create(passes, testRole))
	require.NoError(t, create(passes, testRole))
	require.NoError(t, create(passes, testRole+"2"), "another role is ignored")
	requireCode(t, "StateMachineAlreadyExists", create(fails, testRole))
	out, err := b.ListStateMachines(b.ctx, &sfn.ListStateMachinesInput{})
	require.NoError(t, err)
	require.Len(t, out.StateMachines, 1)
}

func TestErrorCodes(t *testing.T) {
	b := newBench(t, Config{})
	machine := b.machine("m", passes)
	unknownMachine, unknownExecution := machine+"-gone", "arn:aws:states:eu-west-1:123456789012:execution:m:gone"
	tooLong := `"` + strings.Repeat("x", 262143) + `"`
	calls := map[string]struct {
		code string
		call func(context.Context) error
	}{
		"create with a bad name": {"InvalidName", func(ctx context.Context) error {
			_, err := b.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
				Name: aws.String("a b"), Definition: aws.String(passes), RoleArn: aws.String(testRole),
			})
			return err
		}},
		"create with a dangling StartAt": {"InvalidDefinition", func(ctx context.Context) error {
			_, err := b.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
				Name: aws.String("n"), Definition: aws.String(noState), RoleArn: aws.String(testRole),
			})
			return err
		}},
		"create with what is not JSON": {"InvalidDefinition", func(ctx context.Context) error {
			_, err := b.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
				Name: aws.String("n"), Definition: aws.String("{"), RoleArn: aws.String(testRole),
			})
			return err
		}},
		"create with a bad role": {"InvalidArn", func(ctx context.Context) error {
			_, err := b.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
				Name: aws.String("n"), Definition: aws.String(passes), RoleArn: aws.String("role"),
			})
			return err
		}},
		"create a machine of an unknown type": {"ValidationException", func(ctx context.Context) error {
			_, err := b.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
				Name: aws.String("n"), Definition: aws.String(passes), RoleArn: aws.String(testRole), Type: "SLOW",
			})
			return err
		}},
		"update nothing": {"MissingRequiredParameter", func(ctx context.Context) error {
			_, err := b.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &machine})
			return err
		}},
		"describe an unknown machine": {"StateMachineDoesNotExist", func(ctx context.Context) error {
			_, err := b.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &unknownMachine})
			return err
		}},
		"describe what is no machine": {"InvalidArn", func(ctx context.Context) error {
			_, err := b.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: aws.String("m")})
			return err
		}},
		"start an unknown machine": {"StateMachineDoesNotExist", func(ctx context.Context) error {
			_, err := b.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &unknownMachine})
			return err
		}},
		"start with a bad name": {"InvalidName", func(ctx context.Context) error {
			_, err := b.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine, Name: aws.String("a/b")})
			return err
		}},
		"start with what is not JSON": {"InvalidExecutionInput", func(ctx context.Context) error {
			_, err := b.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine, Input: aws.String("{]")})
			return err
		}},
		"start with an input over the quota": {"InvalidExecutionInput", func(ctx context.Context) error {
			_, err := b.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine, Input: &tooLong})
			return err
		}},
		"describe an unknown execution": {"ExecutionDoesNotExist", func(ctx context.Context) error {
			_, err := b.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &unknownExecution})
			return err
		}},
		"history of an unknown execution": {"ExecutionDoesNotExist", func(ctx context.Context) error {
			_, err := b.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &unknownExecution})
			return err
		}},
		"history of what is no execution": {"InvalidArn", func(ctx context.Context) error {
			_, err := b.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &machine})
			return err
		}},
		"stop an unknown execution": {"ExecutionDoesNotExist", func(ctx context.Context) error {
			_, err := b.StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: &unknownExecution})
			return err
		}},
		"list with a bad token": {"InvalidToken", func(ctx context.Context) error {
			_, err := b.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &machine, NextToken: aws.String("x")})
			return err
		}},
		"list too many": {"ValidationException", func(ctx context.Context) error {
			_, err := b.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &machine, MaxResults: 1001})
			return err
		}},
		"tags of an unknown machine": {"ResourceNotFound", func(ctx context.Context) error {
			_, err := b.ListTagsForResource(ctx, &sfn.ListTagsForResourceInput{ResourceArn: &unknownMachine})
			return err
		}},
		"an operation that the sandbox does not have": {"UnknownOperationException", func(ctx context.Context) error {
			_, err := b.ListStateMachineAliases(ctx, &sfn.ListStateMachineAliasesInput{StateMachineArn: &machine})
			return err
		}},
	}
	for name, c := range calls {
		t.Run(name, func(t *testing.T) { requireCode(t, c.code, c.call(b.ctx)) })
	}
}

func TestUpdateStateMachineMakesRevisions(t *testing.T) {
	b := newBench(t, Config{Clock: newMock(t)})
	arn := b.machine("m", waits)
	running := b.start(arn, "before", `{}`)
	updated, err := b.UpdateStateMachine(b.ctx, &sfn.UpdateStateMachineInput{
		StateMachineArn: &arn, Definition: aws.String(passes), Publish: true,
	})
	require.NoError(t, err)
	require.NotEmpty(t, *updated.RevisionId)
	require.Equal(t, arn+":1", *updated.StateMachineVersionArn)

	now, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	require.NoError(t, err)
	require.Equal(t, passes, *now.Definition)
	require.Equal(t, *updated.RevisionId, *now.RevisionId)
	then, err := b.DescribeStateMachineForExecution(b.ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &running})
	require.NoError(t, err)
	require.Equal(t, waits, *then.Definition, "the definition with which the execution started")
	require.NotNil(t, then.UpdateDate)

	out := b.await(b.start(*updated.StateMachineVersionArn, "of-version", `{}`))
	require.Equal(t, arn+":1", *out.StateMachineVersionArn)
	require.Equal(t, arn, *out.StateMachineArn)
	started := b.history(*out.ExecutionArn)[0].ExecutionStartedEventDetails
	require.Equal(t, arn+":1", *started.StateMachineVersionArn)
	listed, err := b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{StateMachineArn: updated.StateMachineVersionArn})
	require.NoError(t, err)
	require.Equal(t, []string{"of-version"}, executionNames(listed.Executions))
	versions, err := b.ListStateMachineVersions(b.ctx, &sfn.ListStateMachineVersionsInput{StateMachineArn: &arn})
	require.NoError(t, err)
	require.Len(t, versions.StateMachineVersions, 1)
}

func TestDeleteStateMachineStopsItsExecutions(t *testing.T) {
	b := newBench(t, Config{Clock: newMock(t)})
	arn := b.machine("m", waits)
	running := b.start(arn, "x", `{}`)
	_, err := b.DeleteStateMachine(b.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &arn})
	require.NoError(t, err)
	_, err = b.DeleteStateMachine(b.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &arn})
	require.NoError(t, err, "deleting again is no error")
	require.Equal(t, types.ExecutionStatusAborted, b.await(running).Status)
	_, err = b.StartExecution(b.ctx, &sfn.StartExecutionInput{StateMachineArn: &arn})
	requireCode(t, "StateMachineDoesNotExist", err)
}

func TestStartExecutionNames(t *testing.T) {
	b := newBench(t, Config{Clock: newMock(t)})
	waiting, passing := b.machine("waiting", waits), b.machine("passing", passes)
	start := func(machine, input string) error {
		_, err := b.StartExecution(b.ctx, &sfn.StartExecutionInput{StateMachineArn: &machine, Name: aws.String("x"), Input: &input})
		return err
	}
	require.NoError(t, start(waiting, `{}`))
	require.NoError(t, start(waiting, `{}`), "the same again while it runs")
	first := b.history(b.service.executionARN("waiting", "x"))[0]
	require.Equal(t, types.HistoryEventTypeExecutionStarted, first.Type, "it is there at once")
	requireCode(t, "ExecutionAlreadyExists", start(waiting, `{"other":1}`))
	b.await(b.start(passing, "x", `{}`))
	requireCode(t, "ExecutionAlreadyExists", start(passing, `{}`))

	unnamed, err := b.StartExecution(b.ctx, &sfn.StartExecutionInput{StateMachineArn: &passing, TraceHeader: aws.String("Root=1-2-3;Sampled=1")})
	require.NoError(t, err)
	out := b.await(*unnamed.ExecutionArn)
	require.Regexp(t, `^[0-9a-f-]{36}$`, *out.Name)
	require.Equal(t, "{}", *out.Input)
	require.Equal(t, "Root=1-2-3;Sampled=1", *out.TraceHeader)
}

func TestListStateMachinesPages(t *testing.T) {
	b := newBench(t, Config{})
	for n := range 5 {
		b.machine(fmt.Sprintf("m%d", n), passes)
	}
	var names []string
	pages := sfn.NewListStateMachinesPaginator(b.Client, &sfn.ListStateMachinesInput{MaxResults: 2})
	for pages.HasMorePages() {
		page, err := pages.NextPage(b.ctx)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.StateMachines), 2)
		for _, m := range page.StateMachines {
			names = append(names, *m.Name)
		}
	}
	require.Equal(t, []string{"m0", "m1", "m2", "m3", "m4"}, names)
}

// Pages of executions, newest first, neither repeat nor miss one when another starts in between.
func TestListExecutionsPages(t *testing.T) {
	b := newBench(t, Config{})
	passing := b.machine("passing", passes)
	for n := range 5 {
		b.await(b.start(passing, fmt.Sprintf("x%d", n), `{}`))
	}
	list := func(in sfn.ListExecutionsInput) *sfn.ListExecutionsOutput {
		in.StateMachineArn = &passing
		out, err := b.ListExecutions(b.ctx, &in)
		require.NoError(t, err)
		return out
	}
	first := list(sfn.ListExecutionsInput{MaxResults: 2})
	require.Equal(t, []string{"x4", "x3"}, executionNames(first.Executions))
	b.await(b.start(passing, "late", `{}`))
	second := list(sfn.ListExecutionsInput{MaxResults: 2, NextToken: first.NextToken})
	require.Equal(t, []string{"x2", "x1"}, executionNames(second.Executions))
	third := list(sfn.ListExecutionsInput{MaxResults: 1000, NextToken: second.NextToken})
	require.Equal(t, []string{"x0"}, executionNames(third.Executions))
	require.Nil(t, third.NextToken)

	_, err := b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{
		StateMachineArn: &passing, StatusFilter: types.ExecutionStatusFailed, NextToken: first.NextToken,
	})
	requireCode(t, "InvalidToken", err)
}

func executionNames(executions []types.ExecutionListItem) []string {
	names := make([]string, 0, len(executions))
	for _, x := range executions {
		names = append(names, *x.Name)
	}
	return names
}

func TestListExecutionsFiltersByStatus(t *testing.T) {
	b := newBench(t, Config{Clock: newMock(t)})
	arn := b.machine("m", `{"StartAt":"C","States":{
		"C":{"Type":"Choice","Choices":[{"Variable":"$.fail","BooleanEquals":true,"Next":"F"}],"Default":"W"},
		"F":{"Type":"Fail"},"W":{"Type":"Wait","Seconds":60,"End":true}}}`)
	b.await(b.start(arn, "failed", `{"fail":true}`))
	b.start(arn, "running", `{"fail":false}`)
	for status, want := range map[types.ExecutionStatus][]string{
		"": {"running", "failed"}, types.ExecutionStatusFailed: {"failed"}, types.ExecutionStatusRunning: {"running"},
		types.ExecutionStatusSucceeded: {},
	} {
		out, err := b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{StateMachineArn: &arn, StatusFilter: status})
		require.NoError(t, err)
		require.Equal(t, want, executionNames(out.Executions), "%q", status)
	}
}

func TestListDelayHidesWhatIsNew(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock, ListDelay: 5 * time.Second})
	arn := b.machine("m", waits)
	x := b.start(arn, "x", `{}`)
	statuses := func() []string {
		out, err := b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{StateMachineArn: &arn})
		require.NoError(t, err)
		texts := make([]string, 0, len(out.Executions))
		for _, e := range out.Executions {
			texts = append(texts, string(e.Status))
		}
		return texts
	}
	require.Empty(t, statuses())
	clock.Advance(5 * time.Second).MustWait(b.ctx)
	require.Equal(t, []string{"RUNNING"}, statuses())
	_, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &x})
	require.NoError(t, err)
	require.Equal(t, types.ExecutionStatusAborted, b.await(x).Status, "DescribeExecution sees it at once")
	require.Equal(t, []string{"RUNNING"}, statuses())
	clock.Advance(5 * time.Second).MustWait(b.ctx)
	require.Equal(t, []string{"ABORTED"}, statuses())
}

func TestGetExecutionHistoryPages(t *testing.T) {
	b := newBench(t, Config{})
	arn := b.start(b.machine("m", passes), "x", `{"a":1}`)
	b.await(arn)
	get := func(in sfn.GetExecutionHistoryInput) *sfn.GetExecutionHistoryOutput {
		in.ExecutionArn = &arn
		out, err := b.GetExecutionHistory(b.ctx, &in)
		require.NoError(t, err)
		return out
	}
	forward := get(sfn.GetExecutionHistoryInput{MaxResults: 3})
	require.Equal(t, []string{"1<-0 ExecutionStarted", "2<-0 PassStateEntered", "3<-2 PassStateExited"}, lines(forward.Events))
	rest := get(sfn.GetExecutionHistoryInput{MaxResults: 3, NextToken: forward.NextToken})
	require.Equal(t, []string{"4<-3 ExecutionSucceeded"}, lines(rest.Events))
	require.Nil(t, rest.NextToken)

	reverse := get(sfn.GetExecutionHistoryInput{MaxResults: 3, ReverseOrder: true})
	require.Equal(t, []string{"4<-3 ExecutionSucceeded", "3<-2 PassStateExited", "2<-0 PassStateEntered"}, lines(reverse.Events))
	rest = get(sfn.GetExecutionHistoryInput{MaxResults: 3, ReverseOrder: true, NextToken: reverse.NextToken})
	require.Equal(t, []string{"1<-0 ExecutionStarted"}, lines(rest.Events))
	_, err := b.GetExecutionHistory(b.ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, NextToken: reverse.NextToken})
	requireCode(t, "InvalidToken", err)

	require.Equal(t, `{"a":1}`, *forward.Events[1].StateEnteredEventDetails.Input)
	bare := get(sfn.GetExecutionHistoryInput{IncludeExecutionData: aws.Bool(false)})
	require.Nil(t, bare.Events[0].ExecutionStartedEventDetails.Input)
	require.Equal(t, testRole, *bare.Events[0].ExecutionStartedEventDetails.RoleArn)
	require.Equal(t, "P", *bare.Events[1].StateEnteredEventDetails.Name)
	require.Nil(t, bare.Events[1].StateEnteredEventDetails.Input)
	require.Nil(t, bare.Events[2].StateExitedEventDetails.Output)
	require.Nil(t, bare.Events[3].ExecutionSucceededEventDetails.Output)
}

func TestDescribeExecutionWithoutData(t *testing.T) {
	b := newBench(t, Config{})
	arn := b.start(b.machine("m", fails), "x", `{}`)
	full := b.await(arn)
	require.Equal(t, []string{"FAILED", "E", "C", "{}"}, []string{string(full.Status), *full.Error, *full.Cause, *full.Input})
	require.NotNil(t, full.StopDate)
	require.Equal(t, types.ExecutionRedriveStatusRedrivable, full.RedriveStatus)
	bare, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{
		ExecutionArn: &arn, IncludedData: types.IncludedDataMetadataOnly,
	})
	require.NoError(t, err)
	require.Nil(t, bare.Input)
	require.Nil(t, bare.Error)
}

func TestValidateStateMachineDefinition(t *testing.T) {
	b := newBench(t, Config{})
	ok, err := b.ValidateStateMachineDefinition(b.ctx, &sfn.ValidateStateMachineDefinitionInput{Definition: aws.String(passes)})
	require.NoError(t, err)
	require.Equal(t, types.ValidateStateMachineDefinitionResultCodeOk, ok.Result)
	bad, err := b.ValidateStateMachineDefinition(b.ctx, &sfn.ValidateStateMachineDefinitionInput{Definition: aws.String(noState)})
	require.NoError(t, err)
	require.Equal(t, types.ValidateStateMachineDefinitionResultCodeFail, bad.Result)
	require.NotEmpty(t, bad.Diagnostics)
}

func TestMalformedRequests(t *testing.T) {
	b := newBench(t, Config{})
	for body, code := range map[string]string{
		`{`: "SerializationException", `[]`: "SerializationException", `{"name":1}`: "SerializationException", ``: "InvalidName",
	} {
		request, err := http.NewRequestWithContext(b.ctx, http.MethodPost, b.url, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("X-Amz-Target", TargetPrefix+".CreateStateMachine")
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		answer, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusBadRequest, response.StatusCode)
		require.Contains(t, string(answer), code, "%q", body)
	}
	http.DefaultClient.CloseIdleConnections()
}

// The unmodified AWS CLI, where it is installed.
func TestAWSCommandLine(t *testing.T) {
	cli, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	b := newBench(t, Config{})
	machine := b.machine("m", passes)
	run := func(args ...string) string {
		command := exec.CommandContext(b.ctx, cli, append([]string{"--endpoint-url", b.url, "--output", "text", "stepfunctions"}, args...)...)
		command.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=eu-west-1")
		out, err := command.CombinedOutput()
		require.NoError(t, err, string(out))
		return strings.TrimSpace(string(out))
	}
	arn := run("start-execution", "--state-machine-arn", machine, "--name", "cli", "--input", `{"a":1}`, "--query", "executionArn")
	require.Equal(t, interpreter.StatusSucceeded, string(b.await(arn).Status))
	require.Equal(t, "4", run("get-execution-history", "--execution-arn", arn, "--query", "length(events)"))
	require.Equal(t, "cli", run("list-executions", "--state-machine-arn", machine, "--query", "executions[].name"))
}
