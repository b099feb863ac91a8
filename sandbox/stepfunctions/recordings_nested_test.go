package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// idle is the activity of executions that do nothing until their parents end.
const idle = "idle"

// around makes what the recorded execution found: activities, and the state machines that it starts, in their accounts.
func (s *script) around(ctx context.Context, t *testing.T, r recording, service *Service) {
	s.accounts = map[string]*Service{service.config.AccountID: service}
	service.interpreter.AwaitExecution = func(ctx context.Context, arn string) ([]byte, error) {
		return s.accounts[account(arn)].awaitExecution(ctx, arn)
	}
	for n, e := range r.events {
		resource, _ := details(e)["resource"].(string)
		switch {
		case e["type"] == "ActivityScheduled":
			_, err := service.createActivity(ctx, createActivityInput{Name: resource[strings.LastIndexByte(resource, ':')+1:]})
			require.NoError(t, err)
		case e["type"] == "TaskScheduled" && strings.HasPrefix(resource, "startExecution"):
			s.nested(ctx, t, r, n)
		}
	}
}

// nested makes the state machine that a recorded task has started, so that its executions end as then.
func (s *script) nested(ctx context.Context, t *testing.T, r recording, scheduled int) {
	var parameters struct{ StateMachineArn string }
	require.NoError(t, json.Unmarshal([]byte(details(r.events[scheduled])["parameters"].(string)), &parameters))
	arn := parameters.StateMachineArn
	service := s.accounts[account(arn)]
	if service == nil {
		service = New(Config{Region: "us-east-1", AccountID: account(arn)})
		s.accounts[account(arn)] = service
		t.Cleanup(func() { require.NoError(t, service.Close(context.WithoutCancel(ctx))) })
	}
	_, err := service.createActivity(ctx, createActivityInput{Name: idle})
	require.NoError(t, err)
	_, err = service.createStateMachine(ctx, createStateMachineInput{
		Name: arn[strings.LastIndexByte(arn, ':')+1:], Definition: nestedDefinition(r, scheduled), RoleARN: testRole,
	})
	require.NoError(t, err)
}

// nestedDefinition is a state machine that ends as the recorded one did.
func nestedDefinition(r recording, scheduled int) string {
	var ended struct{ Status, Output, Error, Cause string }
	for _, e := range r.events[scheduled:] {
		if e["type"] == "TaskSucceeded" || e["type"] == "TaskFailed" {
			text, _ := details(e)["output"].(string)
			cause, _ := details(e)["cause"].(string)
			var description map[string]any
			_ = json.Unmarshal([]byte(text+cause), &description) // then it was not waited for
			ended.Status, _ = description["Status"].(string)
			ended.Output = asText(description["Output"])
			ended.Error, ended.Cause = asText(description["Error"]), asText(description["Cause"])
			break
		}
	}
	switch ended.Status {
	case interpreter.StatusSucceeded:
		return fmt.Sprintf(`{"StartAt":"S","States":{"S":{"Type":"Pass","Result":%s,"End":true}}}`, ended.Output)
	case interpreter.StatusFailed:
		return fmt.Sprintf(`{"StartAt":"S","States":{"S":{"Type":"Fail","Error":%q,"Cause":%q}}}`, ended.Error, ended.Cause)
	default:
		return `{"StartAt":"S","States":{"S":{"Type":"Task","Resource":"arn:aws:states:us-east-1:111111111111:activity:idle","End":true}}}`
	}
}

func asText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, _ := json.Marshal(value)
	return string(text)
}

func account(arn string) string {
	parts := strings.Split(arn, ":")
	return parts[min(4, len(parts)-1)]
}

// forward has Step Functions itself answer.
func (s *script) forward(w http.ResponseWriter, r *http.Request, a answer) {
	var output struct{ ExecutionArn string }
	_ = json.Unmarshal([]byte(a.text("output")), &output) // then there is no such account
	service, ok := s.accounts[account(output.ExecutionArn)]
	if !ok {
		s.t.Errorf("the recording has no execution in the output %s", a.text("output"))
		return
	}
	answered := httptest.NewRecorder()
	service.ServeHTTP(answered, r)
	for name, values := range answered.Header() {
		w.Header()[name] = slices.Clone(values)
	}
	a.write(w, answered.Body.Bytes())
}
