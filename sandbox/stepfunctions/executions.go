package stepfunctions

import (
	"context"
	"sync"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// metadataOnly is the includedData that leaves inputs, outputs and definitions out.
const metadataOnly = "METADATA_ONLY"

// execution is an execution and what it was started from.
type execution struct {
	*interpreter.Execution
	sequence int64
	machine  *machine
	revision *revision

	redriveMu     sync.Mutex     // held while it is redriven
	redriveTokens []redriveToken // guarded by redriveMu
}

// status is how the execution stands, and its outcome once it has one.
func (x *execution) status() (string, *interpreter.Outcome) {
	outcome := x.History.Outcome()
	if outcome == nil {
		return interpreter.StatusRunning, nil
	}
	return outcome.Status, outcome
}

// abort ends the execution unless it has ended.
func (x *execution) abort(failure interpreter.Failure) {
	x.History.End(0, "ExecutionAborted", interpreter.Outcome{Status: interpreter.StatusAborted, Failure: failure})
}

// StartExecutionInput is the input of StartExecution, as AWS has it.
type StartExecutionInput struct {
	StateMachineARN string  `json:"stateMachineArn"` // or that of a version
	Name            string  `json:"name"`            // default: a new UUID
	Input           *string `json:"input"`           // JSON; default {}
	TraceHeader     string  `json:"traceHeader"`     // X-Ray: Root=…;Parent=…;Sampled=…
}

// StartExecutionOutput is the output of StartExecution, as AWS has it.
type StartExecutionOutput struct {
	ExecutionARN string            `json:"executionArn"`
	StartDate    interpreter.Epoch `json:"startDate"`
}

// StartExecution starts an execution, or finds the running one of the same name and input. Errors are *awswire.Error.
func (s *Service) StartExecution(_ context.Context, in StartExecutionInput) (StartExecutionOutput, error) {
	x, err := s.begin(in)
	if err != nil {
		return StartExecutionOutput{}, err
	}
	return StartExecutionOutput{ExecutionARN: x.ARN, StartDate: interpreter.Epoch(x.StartTime)}, nil
}

// begin is StartExecution up to its answer.
func (s *Service) begin(in StartExecutionInput) (*execution, error) {
	if in.Name == "" {
		in.Name = s.config.NewUUID()
	}
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	text, input, err := readInput(in.Input)
	if err != nil {
		return nil, err
	}
	return s.start(in, text, input)
}

func readInput(given *string) (string, dataflow.Value, error) {
	text := "{}"
	if given != nil {
		text = *given
	}
	if len(text) > dataflow.MaxDataBytes {
		return "", nil, awswire.Errorf("InvalidExecutionInput",
			"Invalid State Machine Execution Input: 'the input has %d bytes, the quota is %d'",
			len(text), dataflow.MaxDataBytes)
	}
	input, err := jsonvalue.Decode([]byte(text))
	if err != nil {
		return "", nil, awswire.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input: '%v'", err)
	}
	return text, input, nil
}

func (s *Service) start(in StartExecutionInput, text string, input dataflow.Value) (*execution, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lifetime.Err() != nil {
		return nil, shuttingDown()
	}
	m, v, err := s.machine(in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	if m.kind == express {
		return s.startExpress(m, v, in, text, input), nil
	}
	arn := s.executionARN(m.name, in.Name)
	if old, ok := s.executions[arn]; ok {
		return old, old.sameStart(text)
	}
	x := s.newExecution(m, v, in, text, input)
	x.Observe = s.observer(x)
	s.executions[arn] = x
	s.interpreter.Begin(x.Execution)
	s.launch(x)
	return x, nil
}

func shuttingDown() error {
	return &awswire.Error{Code: "ServiceUnavailable", Message: "The sandbox is shutting down.", Status: 503}
}

// sameStart is nil when starting the execution again with that input is the same request.
func (x *execution) sameStart(input string) error {
	if status, _ := x.status(); status == interpreter.StatusRunning && x.InputText == input {
		return nil
	}
	return awswire.Errorf("ExecutionAlreadyExists", "Execution Already Exists: '%s'", x.ARN)
}

func (s *Service) newExecution(
	m *machine, v *version, in StartExecutionInput, text string, input dataflow.Value,
) *execution {
	r := m.current()
	if v != nil {
		r = v.revision
	}
	s.sequence++
	x := &execution{
		sequence: s.sequence, machine: m, revision: r,
		Execution: &interpreter.Execution{
			ARN: s.executionARN(m.name, in.Name), Name: in.Name,
			StateMachineARN: m.arn, StateMachineName: m.name, RoleARN: r.roleARN,
			Definition: r.definition, Input: input, InputText: text,
			TraceHeader: in.TraceHeader,
		},
	}
	if v != nil {
		x.StateMachineVersionARN = v.arn(m)
	}
	return x
}

type executionInput struct {
	ExecutionARN string `json:"executionArn"`
	IncludedData string `json:"includedData"` // ALL_DATA or METADATA_ONLY
}

func (s *Service) execution(arn string) (*execution, error) {
	if err := checkARN(arn, "execution"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	x, ok := s.executions[arn]
	if !ok {
		return nil, awswire.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
	}
	return x, nil
}

type stopExecutionInput struct {
	ExecutionARN string  `json:"executionArn"`
	Error        *string `json:"error"`
	Cause        *string `json:"cause"`
}

type stopExecutionOutput struct {
	StopDate interpreter.Epoch `json:"stopDate"`
}

// stopExecution aborts a running execution; one that has ended stays as it is.
func (s *Service) stopExecution(_ context.Context, in stopExecutionInput) (stopExecutionOutput, error) {
	x, err := s.execution(in.ExecutionARN)
	if err != nil {
		return stopExecutionOutput{}, err
	}
	x.abort(interpreter.Failure{Error: in.Error, Cause: in.Cause})
	return stopExecutionOutput{StopDate: interpreter.Epoch(x.History.StopTime())}, nil
}

type describeExecutionOutput struct {
	ExecutionARN           string             `json:"executionArn"`
	StateMachineARN        string             `json:"stateMachineArn"`
	StateMachineVersionARN string             `json:"stateMachineVersionArn,omitempty"`
	Name                   string             `json:"name"`
	Status                 string             `json:"status"`
	StartDate              interpreter.Epoch  `json:"startDate"`
	StopDate               *interpreter.Epoch `json:"stopDate,omitempty"`
	Input                  *string            `json:"input,omitempty"`
	InputDetails           *included          `json:"inputDetails,omitempty"`
	Output                 *string            `json:"output,omitempty"`
	OutputDetails          *included          `json:"outputDetails,omitempty"`
	TraceHeader            string             `json:"traceHeader,omitempty"`
	MapRunARN              string             `json:"mapRunArn,omitempty"`
	Error                  *string            `json:"error,omitempty"`
	Cause                  *string            `json:"cause,omitempty"`
	redriveFields
}

type included struct {
	Included bool `json:"included"`
}

func (s *Service) describeExecution(_ context.Context, in executionInput) (describeExecutionOutput, error) {
	x, err := s.describable(in.ExecutionARN)
	if err != nil {
		return describeExecutionOutput{}, err
	}
	out := s.describe(x)
	if in.IncludedData == metadataOnly {
		out.Input, out.Output, out.Error, out.Cause = nil, nil, nil, nil
		out.InputDetails, out.OutputDetails = nil, nil
	}
	return out, nil
}

func (s *Service) describe(x *execution) describeExecutionOutput {
	standing := x.History.Current()
	out := describeExecutionOutput{
		ExecutionARN: x.ARN, StateMachineARN: x.StateMachineARN, StateMachineVersionARN: x.StateMachineVersionARN,
		Name: x.Name, Status: standing.Status(), StartDate: interpreter.Epoch(x.StartTime),
		Input: &x.InputText, InputDetails: &included{true}, TraceHeader: x.TraceHeader,
		redriveFields: s.redriveFields(x, standing),
	}
	x.describeChild(&out)
	outcome := standing.Outcome
	if outcome == nil {
		return out
	}
	out.StopDate, out.Error, out.Cause = epoch(outcome.StopTime), outcome.Error, outcome.Cause
	if outcome.Status == interpreter.StatusSucceeded {
		text := string(outcome.Output)
		out.Output, out.OutputDetails = &text, &included{true}
	}
	return out
}
