package eventbridge_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/eventbridge"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:workflow"

type started struct{ machine, name, input string }

type fixture struct {
	*client.Client
	clock   *quartz.Mock
	service *eventbridge.Service
	started chan started
	sent    chan [2]string // queue and body
	errors  chan error     // answers of StartExecution; none: nil
}

func start(t *testing.T) fixture {
	t.Helper()
	f := fixture{clock: quartz.NewMock(t), started: make(chan started, 10), errors: make(chan error, 10)}
	f.sent = make(chan [2]string, 10)
	f.clock.Set(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	f.service = eventbridge.New(eventbridge.Config{
		Region: "eu-west-1", AccountID: "123456789012", Clock: f.clock, Logger: slog.New(slog.DiscardHandler),
		StartExecution: func(_ context.Context, machine, name string, input []byte) error {
			f.started <- started{machine, name, string(input)}
			select {
			case err := <-f.errors:
				return err
			default:
				return nil
			}
		},
		SendMessage: func(_ context.Context, queue, body string) error {
			f.sent <- [2]string{queue, body}
			return nil
		},
	})
	endpoint := httptest.NewServer(f.service)
	t.Cleanup(func() {
		endpoint.Close()
		f.service.Close()
	})
	f.Client = client.New(client.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(endpoint.URL), HTTPClient: endpoint.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), RetryMaxAttempts: 1,
	})
	return f
}

func (f fixture) rule(t *testing.T, name, pattern string, target types.Target) {
	t.Helper()
	_, err := f.PutRule(t.Context(), &client.PutRuleInput{Name: &name, EventPattern: &pattern})
	require.NoError(t, err)
	if target.Arn == nil {
		target.Arn = aws.String(machine)
	}
	if target.Id == nil {
		target.Id = aws.String("workflow")
	}
	out, err := f.PutTargets(t.Context(), &client.PutTargetsInput{Rule: &name, Targets: []types.Target{target}})
	require.NoError(t, err)
	require.Zero(t, out.FailedEntryCount)
}

func (f fixture) send(t *testing.T, detail string) string {
	t.Helper()
	out, err := f.PutEvents(t.Context(), &client.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String("shop"), DetailType: aws.String("Order"), Detail: &detail, Resources: []string{"r"},
	}}})
	require.NoError(t, err)
	require.Zero(t, out.FailedEntryCount)
	return *out.Entries[0].EventId
}

func (f fixture) next(t *testing.T) started {
	t.Helper()
	select {
	case s := <-f.started:
		return s
	case <-time.After(10 * time.Second):
		t.Fatal("no execution was started")
		return started{}
	}
}

func code(t *testing.T, err error) string {
	t.Helper()
	var e smithy.APIError
	require.ErrorAs(t, err, &e)
	return e.ErrorCode()
}

func TestMatchingEventStartsExecution(t *testing.T) {
	f := start(t)
	f.rule(t, "orders", `{"source":["shop"],"detail":{"n":[{"numeric":[">",1]}]}}`, types.Target{RoleArn: aws.String("arn:aws:iam::123456789012:role/r")})
	f.send(t, `{"n":1}`)
	id := f.send(t, `{"n":2}`)
	got := f.next(t)
	require.Equal(t, machine, got.machine)
	uuid := `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	require.Regexp(t, regexp.MustCompile(`^`+id+`_`+uuid+`$`), got.name)
	require.JSONEq(t, `{"version":"0","id":"`+id+`","detail-type":"Order","source":"shop","account":"123456789012",
		"time":"2026-11-23T08:00:00Z","region":"eu-west-1","resources":["r"],"detail":{"n":2}}`, got.input)
	require.Empty(t, f.started, "the event of n=1 does not match")
}

func TestTargetInputs(t *testing.T) {
	cases := []struct {
		name   string
		target types.Target
		want   string
	}{
		{"constant", types.Target{Input: aws.String(`{"a":1}`)}, `{"a":1}`},
		{"path", types.Target{InputPath: aws.String("$.detail.who")}, `{"name":"a \"b\"","n":2}`},
		{"template", types.Target{InputTransformer: &types.InputTransformer{
			InputPathsMap: map[string]string{"name": "$.detail.who.name", "who": "$.detail.who", "none": "$.detail.missing"},
			InputTemplate: aws.String(`{"text":"<name> of <aws.events.rule-name>","name":<name>,"who":<who>,"none":<none>,"from":<aws.events.rule-arn>}`),
		}}, `{"text":"a \"b\" of orders","name":"a \"b\"","who":{"name":"a \"b\"","n":2},"none":null,
			"from":"arn:aws:events:eu-west-1:123456789012:rule/orders"}`},
		{"string", types.Target{InputTransformer: &types.InputTransformer{
			InputPathsMap: map[string]string{"n": "$.detail.who.n"}, InputTemplate: aws.String(`"n is <n>"`),
		}}, `"n is 2"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := start(t)
			f.rule(t, "orders", `{"source":["shop"]}`, c.target)
			f.send(t, `{"who":{"name":"a \"b\"","n":2}}`)
			require.JSONEq(t, c.want, f.next(t).input)
		})
	}
}

func TestThrottledTargetIsTriedAgain(t *testing.T) {
	f := start(t)
	trap := f.clock.Trap().NewTimer("eventbridge", "retry")
	defer trap.Close()
	f.rule(t, "orders", `{"source":["shop"]}`, types.Target{})
	f.errors <- &awswire.Error{Code: "ThrottlingException", Status: 400}
	f.errors <- &awswire.Error{Code: "InternalFailure", Status: 500}
	f.send(t, `{}`)
	first := f.next(t)
	for _, pause := range []time.Duration{100 * time.Millisecond, 200 * time.Millisecond} {
		call := trap.MustWait(t.Context())
		require.Equal(t, pause, call.Duration)
		call.MustRelease(t.Context())
		f.clock.Advance(pause).MustWait(t.Context())
		require.Equal(t, first, f.next(t), "the same name: a start that did happen is not repeated")
	}
}

func TestGivingUp(t *testing.T) {
	f := start(t)
	f.rule(t, "orders", `{"source":["shop"]}`, types.Target{RetryPolicy: &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(0)}})
	f.errors <- &awswire.Error{Code: "ThrottlingException"}
	f.send(t, `{"n":1}`)
	f.next(t)
	f.errors <- &awswire.Error{Code: "StateMachineDoesNotExist", Status: 400}
	f.send(t, `{"n":2}`)
	f.next(t)
	f.service.Close() // waits for deliveries: none is left pausing
	require.Empty(t, f.started)
}

func TestRules(t *testing.T) {
	f := start(t)
	ctx := t.Context()
	f.rule(t, "a", `{"source":["shop"]}`, types.Target{})
	_, err := f.PutRule(ctx, &client.PutRuleInput{Name: aws.String("b"), EventPattern: aws.String(`{"source":["x"]}`), State: types.RuleStateDisabled, Description: aws.String("d")})
	require.NoError(t, err)

	list, err := f.ListRules(ctx, &client.ListRulesInput{Limit: aws.Int32(1)})
	require.NoError(t, err)
	require.Equal(t, "a", *list.Rules[0].Name)
	list, err = f.ListRules(ctx, &client.ListRulesInput{NextToken: list.NextToken})
	require.NoError(t, err)
	require.Len(t, list.Rules, 1)
	require.Nil(t, list.NextToken)
	require.Equal(t, "b", *list.Rules[0].Name)

	describe, err := f.DescribeRule(ctx, &client.DescribeRuleInput{Name: aws.String("b"), EventBusName: aws.String("default")})
	require.NoError(t, err)
	require.Equal(t, []string{"arn:aws:events:eu-west-1:123456789012:rule/b", "DISABLED", "d", `{"source":["x"]}`},
		[]string{*describe.Arn, string(describe.State), *describe.Description, *describe.EventPattern})

	_, err = f.DisableRule(ctx, &client.DisableRuleInput{Name: aws.String("a")})
	require.NoError(t, err)
	f.send(t, `{"n":1}`)
	_, err = f.EnableRule(ctx, &client.EnableRuleInput{Name: aws.String("a")})
	require.NoError(t, err)
	f.send(t, `{"n":2}`)
	require.Contains(t, f.next(t).input, `{"n":2}`)

	_, err = f.PutRule(ctx, &client.PutRuleInput{Name: aws.String("a"), EventPattern: aws.String(`{"source":["other"]}`)})
	require.NoError(t, err)
	targets, err := f.ListTargetsByRule(ctx, &client.ListTargetsByRuleInput{Rule: aws.String("a")})
	require.NoError(t, err)
	require.Len(t, targets.Targets, 1, "a changed rule keeps its targets")

	_, err = f.DeleteRule(ctx, &client.DeleteRuleInput{Name: aws.String("a")})
	require.Equal(t, "ValidationException", code(t, err))
	_, err = f.RemoveTargets(ctx, &client.RemoveTargetsInput{Rule: aws.String("a"), Ids: []string{"workflow"}})
	require.NoError(t, err)
	_, err = f.DeleteRule(ctx, &client.DeleteRuleInput{Name: aws.String("a")})
	require.NoError(t, err)
	_, err = f.DescribeRule(ctx, &client.DescribeRuleInput{Name: aws.String("a")})
	require.Equal(t, "ResourceNotFoundException", code(t, err))
	require.Empty(t, f.started)
}

func TestRefusals(t *testing.T) {
	f := start(t)
	ctx := t.Context()
	rule := func(in client.PutRuleInput) error {
		_, err := f.PutRule(ctx, &in)
		return err
	}
	require.Equal(t, "InvalidEventPatternException", code(t, rule(client.PutRuleInput{Name: aws.String("a"), EventPattern: aws.String("{")})))
	require.Equal(t, "ValidationException", code(t, rule(client.PutRuleInput{Name: aws.String("a b"), EventPattern: aws.String(`{"source":["a"]}`)})))
	require.Equal(t, "ValidationException", code(t, rule(client.PutRuleInput{Name: aws.String("a"), ScheduleExpression: aws.String("rate(1 minute)")})))
	require.Equal(t, "ResourceNotFoundException", code(t, rule(client.PutRuleInput{Name: aws.String("a"), EventBusName: aws.String("mine"), EventPattern: aws.String(`{"source":["a"]}`)})))

	f.rule(t, "a", `{"source":["shop"]}`, types.Target{})
	for name, target := range map[string]types.Target{
		"topic": {Arn: aws.String("arn:aws:sns:eu-west-1:123456789012:t")},
		"FIFO queue": {
			Arn:           aws.String("arn:aws:sqs:eu-west-1:123456789012:q"),
			SqsParameters: &types.SqsParameters{MessageGroupId: aws.String("g")},
		},
		"two inputs":  {Arn: aws.String(machine), Input: aws.String("{}"), InputPath: aws.String("$")},
		"not JSON":    {Arn: aws.String(machine), Input: aws.String("{")},
		"bad path":    {Arn: aws.String(machine), InputPath: aws.String("detail")},
		"dead letter": {Arn: aws.String(machine), DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String("q")}},
		"unknown name": {Arn: aws.String(machine), InputTransformer: &types.InputTransformer{
			InputTemplate: aws.String(`{"a":<b>}`),
		}},
	} {
		target.Id = aws.String("t")
		_, err := f.PutTargets(ctx, &client.PutTargetsInput{Rule: aws.String("a"), Targets: []types.Target{target}})
		require.Equal(t, "ValidationException", code(t, err), name)
	}
	out, err := f.PutEvents(ctx, &client.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		{Source: aws.String("shop"), DetailType: aws.String("Order"), Detail: aws.String("[]")},
		{Source: aws.String("shop"), Detail: aws.String("{}")},
	}})
	require.NoError(t, err)
	require.Equal(t, int32(2), out.FailedEntryCount)
	require.Equal(t, []string{"MalformedDetail", "InvalidArgument"}, []string{*out.Entries[0].ErrorCode, *out.Entries[1].ErrorCode})
	_, err = f.CreateEventBus(ctx, &client.CreateEventBusInput{Name: aws.String("mine")})
	require.Equal(t, "UnknownOperationException", code(t, err))
}

func TestPublish(t *testing.T) {
	f := start(t)
	f.rule(t, "status", `{"source":["aws.states"]}`, types.Target{InputPath: aws.String("$.detail.status")})
	f.service.Publish(t.Context(), eventbridge.Event{
		Source: "aws.states", DetailType: "Step Functions Execution Status Change", Detail: json.RawMessage(`{"status":"RUNNING"}`),
	})
	require.Equal(t, `"RUNNING"`, f.next(t).input)
}

func TestPatternTester(t *testing.T) {
	f := start(t)
	out, err := f.TestEventPattern(t.Context(), &client.TestEventPatternInput{
		EventPattern: aws.String(`{"source":["a"]}`), Event: aws.String(`{"source":"a"}`),
	})
	require.NoError(t, err)
	require.True(t, out.Result)
}

func TestQueueTargets(t *testing.T) {
	f := start(t)
	queue := "arn:aws:sqs:eu-west-1:123456789012:changes"
	f.rule(t, "changes", `{"detail":{"n":[1]}}`, types.Target{
		Arn: &queue, InputTransformer: &types.InputTransformer{
			InputPathsMap: map[string]string{"n": "$.detail.n"}, InputTemplate: aws.String(`{"number":<n>}`),
		},
	})
	f.send(t, `{"n":1}`)
	require.Equal(t, [2]string{queue, `{"number":1}`}, <-f.sent)
}
