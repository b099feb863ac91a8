package stepfunctions

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// FuzzServeHTTP sends any body to any operation: the answer is a result or a client's error, never a fault.
func FuzzServeHTTP(f *testing.F) {
	names := slices.Sorted(maps.Keys(operations))
	machine, run := "arn:aws:states:eu-west-1:123456789012:stateMachine:m", "arn:aws:states:eu-west-1:123456789012:execution:m:x"
	for n := range names {
		f.Add(uint8(n), `{"stateMachineArn":"`+machine+`","executionArn":"`+run+`","resourceArn":"`+machine+`"}`)
		f.Add(uint8(n), `{"name":"m","roleArn":"arn:","definition":"{}","nextToken":"e30=","maxResults":-1}`)
	}
	f.Fuzz(func(t *testing.T, operation uint8, body string) {
		s := New(Config{Clock: quartz.NewMock(t).WithLogger(quartz.NoOpLogger)})
		create(s, passes)
		request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(body))
		request.Header.Set("X-Amz-Target", TargetPrefix+"."+names[int(operation)%len(names)])
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, request)
		if answer.Code >= http.StatusInternalServerError {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func create(s *Service, definition string) (arn string, valid bool) {
	out, err := s.createStateMachine(context.Background(), createStateMachineInput{
		Name: "m", RoleARN: testRole, Definition: definition,
	})
	return out.StateMachineARN, err == nil
}

// FuzzExecution runs any valid definition on any input: it ends, or is still running when it is stopped, and its
// history is sound, also when it goes on after a redrive.
func FuzzExecution(f *testing.F) {
	f.Add(passes, `{}`)
	f.Add(fails, `{}`)
	f.Add(waits, `{}`)
	f.Add(referenceWorkflow, `{"detail":{}}`)
	f.Add(`{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":2,"ItemProcessor":{"StartAt":"C","States":{
		"C":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":3,"Next":"F"}],"Default":"P"},
		"F":{"Type":"Fail"},"P":{"Type":"Pass","End":true}}},"Retry":[{"ErrorEquals":["States.ALL"]}],
		"Catch":[{"ErrorEquals":["States.ALL"],"Next":"S"}],"End":true},"S":{"Type":"Succeed"}}}`, `[1,2,3,4]`)
	f.Add(`{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","Output":"{% $states.input.a + 1 %}",
		"Assign":{"b":"{% $states.context.Execution.Name %}"},"End":true}}}`, `{"a":"x"}`)
	f.Add(waitingTask(`,"HeartbeatSeconds":1`), `{}`)
	f.Add(activityTask(`,"TimeoutSeconds":1`), `[1]`)
	f.Add(parentOf("arn:aws:states:eu-west-1:123456789012:stateMachine:m", ".sync:2", ""), `{}`)
	f.Add(distributed("STANDARD", `"ItemBatcher":{"MaxItemsPerBatch":2},"ItemSelector":{"a.$":"$$.Map.Item.Value"},`), `[1,2,3]`)
	f.Add(distributed("EXPRESS", `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"}},`), `{}`)
	f.Fuzz(func(t *testing.T, definition, input string) {
		s := New(Config{
			Clock: quartz.NewMock(t).WithLogger(quartz.NoOpLogger),
			InvokeLambda: func(_ context.Context, _ string, payload []byte, _ string, _ bool) (LambdaResult, error) {
				return LambdaResult{Payload: payload}, nil
			},
			EndpointURL: func() string { return "http://127.0.0.1:0" }, // nothing listens there
		})
		defer func() {
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		machine, valid := create(s, definition)
		if !valid {
			return
		}
		started, err := s.StartExecution(context.Background(), StartExecutionInput{StateMachineARN: machine, Input: &input})
		if err != nil {
			return
		}
		x, _ := s.execution(started.ExecutionARN)
		endSoon(x)
		checkHistory(t, x.History.Events())
		if _, err := s.redriveExecution(context.Background(), redriveExecutionInput{ExecutionARN: x.ARN}); err == nil {
			endSoon(x)
			checkLinks(t, x.History.Events())
		}
	})
}

// endSoon stops an execution that has not ended soon: it waits for the clock, which stands still, or for a caller.
func endSoon(x *execution) {
	select {
	case <-x.History.Ended():
	case <-time.After(100 * time.Millisecond):
		x.abort(interpreter.Failure{})
	}
}

// checkHistory tells whether ids count up from 1, events point to earlier ones, and the one last event is the end.
func checkHistory(t *testing.T, events []interpreter.Event) {
	for n, e := range events {
		if e.ID != int64(n+1) || e.PreviousID >= e.ID || e.PreviousID < 0 {
			t.Fatalf("event %d has id %d and points to %d", n+1, e.ID, e.PreviousID)
		}
		last := strings.HasPrefix(e.Type, "Execution") && e.Type != "ExecutionStarted"
		if last != (n == len(events)-1) {
			t.Fatalf("event %d of %d is %s", n+1, len(events), e.Type)
		}
		if e.Details != nil && e.Details.Output != nil {
			if _, err := jsonvalue.Decode([]byte(*e.Details.Output)); err != nil {
				t.Fatalf("event %d has the output %q: %v", n+1, *e.Details.Output, err)
			}
		}
	}
}
