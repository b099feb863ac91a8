package stepfunctions

import (
	"context"
	"fmt"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// The lengths that SendTask… calls may have.
// Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html
const (
	maxTaskToken = 2048
	maxTaskError = 256
	maxTaskCause = 32768
)

type sendTaskSuccessInput struct {
	TaskToken string  `json:"taskToken"`
	Output    *string `json:"output"`
}

// sendTaskSuccess ends a task that waits for its token with its result.
func (s *Service) sendTaskSuccess(_ context.Context, in sendTaskSuccessInput) (empty, error) {
	if in.Output == nil {
		return empty{}, required("output", "")
	}
	if err := checkLength("output", *in.Output, 0, dataflow.MaxDataBytes); err != nil {
		return empty{}, err
	}
	token, err := s.readToken(in.TaskToken)
	if err != nil {
		return empty{}, err
	}
	output, err := jsonvalue.Decode([]byte(*in.Output))
	if err != nil {
		return empty{}, awswire.Errorf("InvalidOutput", "Invalid Output: '%s' is not valid JSON.", *in.Output)
	}
	return empty{}, s.open(token, s.interpreter.CompleteTask(in.TaskToken, output))
}

type sendTaskFailureInput struct {
	TaskToken string  `json:"taskToken"`
	Error     *string `json:"error"`
	Cause     *string `json:"cause"`
}

// sendTaskFailure ends a task that waits for its token with an error.
func (s *Service) sendTaskFailure(_ context.Context, in sendTaskFailureInput) (empty, error) {
	if in.Error != nil {
		if err := checkLength("error", *in.Error, 0, maxTaskError); err != nil {
			return empty{}, err
		}
	}
	if in.Cause != nil {
		if err := checkLength("cause", *in.Cause, 0, maxTaskCause); err != nil {
			return empty{}, err
		}
	}
	token, err := s.readToken(in.TaskToken)
	if err != nil {
		return empty{}, err
	}
	failure := interpreter.Failure{Error: in.Error, Cause: in.Cause}
	return empty{}, s.open(token, s.interpreter.FailTask(in.TaskToken, failure))
}

type sendTaskHeartbeatInput struct {
	TaskToken string `json:"taskToken"`
}

// sendTaskHeartbeat says that a task is being worked on.
func (s *Service) sendTaskHeartbeat(_ context.Context, in sendTaskHeartbeatInput) (empty, error) {
	token, err := s.readToken(in.TaskToken)
	if err != nil {
		return empty{}, err
	}
	return empty{}, s.open(token, s.interpreter.Heartbeat(in.TaskToken))
}

func (s *Service) readToken(text string) (interpreter.TaskToken, error) {
	if err := checkLength("taskToken", text, 1, maxTaskToken); err != nil {
		return interpreter.TaskToken{}, err
	}
	token, ok := s.interpreter.ReadToken(text)
	if !ok {
		return token, awswire.Errorf("InvalidToken", "Invalid Token: 'Invalid token'")
	}
	return token, nil
}

// open is nil when the task of a token was still waiting. A token whose execution is unknown is from before the sandbox
// was started.
func (s *Service) open(token interpreter.TaskToken, waiting bool) error {
	if waiting {
		return nil
	}
	s.mu.RLock()
	_, known := s.executions[token.ExecutionARN]
	s.mu.RUnlock()
	what := "Provided task does not exist anymore"
	if token.ActivityARN != "" {
		what = token.ActivityARN
	}
	if !known {
		return awswire.Errorf("TaskDoesNotExist", "Task Does Not Exist: '%s'", what)
	}
	return awswire.Errorf("TaskTimedOut", "Task Timed Out: '%s'", what)
}

// checkLength tells whether a text has as many characters as it may.
func checkLength(name, text string, least, most int) error {
	var problem string
	switch {
	case len(text) < least:
		problem = fmt.Sprintf("greater than or equal to %d", least)
	case len(text) > most:
		problem = fmt.Sprintf("less than or equal to %d", most)
	default:
		return nil
	}
	return awswire.Errorf("ValidationException", "1 validation error detected: Value '%.100s' at '%s' failed to satisfy "+
		"constraint: Member must have length %s", text, name, problem)
}
