package stepfunctions

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// The types of state machines.
const (
	standard = "STANDARD"
	express  = "EXPRESS"
)

// expressARN is the ARN of an Express execution: as names may come again, it has an id besides.
func (s *Service) expressARN(machine, name, id string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:express:%s:%s:%s", s.config.Region, s.config.AccountID, machine, name, id)
}

// isExpress tells the ARN of an Express execution: a state machine may have that name, too.
func isExpress(executionARN string) bool {
	parts := strings.SplitN(executionARN, ":", 7)
	return len(parts) == 7 && parts[5] == "express"
}

// typeNotSupported is the error of operations that Express state machines do not have, or only they have.
func typeNotSupported() error {
	return awswire.Errorf("StateMachineTypeNotSupported",
		"This operation is not supported by this type of state machine")
}

// startExpress starts an Express execution. Nobody can ask for it afterwards, so nothing keeps it when it has ended.
// The caller holds the lock.
func (s *Service) startExpress(
	m *machine, v *version, in StartExecutionInput, text string, input dataflow.Value,
) *execution {
	x := s.newExecution(m, v, in, text, input)
	x.ARN = s.expressARN(m.name, in.Name, s.config.NewUUID())
	x.Observe = s.observer(x)
	s.interpreter.Begin(x.Execution)
	s.running.Go(func() { s.interpreter.Run(s.lifetime, x.Execution) })
	return x
}

type startSyncExecutionInput struct {
	StartExecutionInput
	IncludedData string `json:"includedData"` // ALL_DATA or METADATA_ONLY
}

type startSyncExecutionOutput struct {
	ExecutionARN    string            `json:"executionArn"`
	StateMachineARN string            `json:"stateMachineArn"`
	Name            string            `json:"name"`
	StartDate       interpreter.Epoch `json:"startDate"`
	StopDate        interpreter.Epoch `json:"stopDate"`
	Status          string            `json:"status"`
	Error           *string           `json:"error,omitempty"`
	Cause           *string           `json:"cause,omitempty"`
	Input           *string           `json:"input,omitempty"`
	InputDetails    *included         `json:"inputDetails,omitempty"`
	Output          *string           `json:"output,omitempty"`
	OutputDetails   *included         `json:"outputDetails,omitempty"`
	TraceHeader     string            `json:"traceHeader,omitempty"`
	BillingDetails  billingDetails    `json:"billingDetails"`
}

type billingDetails struct {
	BilledMemoryUsedInMB         int64 `json:"billedMemoryUsedInMB"`
	BilledDurationInMilliseconds int64 `json:"billedDurationInMilliseconds"`
}

// startSyncExecution runs an Express execution and answers when it has ended, however it did.
func (s *Service) startSyncExecution(
	ctx context.Context, in startSyncExecutionInput,
) (startSyncExecutionOutput, error) {
	if err := s.checkExpress(in.StateMachineARN); err != nil {
		return startSyncExecutionOutput{}, err
	}
	x, err := s.begin(in.StartExecutionInput)
	if err != nil {
		return startSyncExecutionOutput{}, err
	}
	select {
	case <-x.History.Ended():
		return x.syncOutput(in.IncludedData), nil
	case <-ctx.Done():
		return startSyncExecutionOutput{}, context.Cause(ctx)
	case <-s.lifetime.Done():
		return startSyncExecutionOutput{}, shuttingDown()
	}
}

func (s *Service) checkExpress(machineARN string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	m, _, err := s.machine(machineARN)
	if err == nil && m.kind != express {
		return typeNotSupported()
	}
	return err
}

func (x *execution) syncOutput(includedData string) startSyncExecutionOutput {
	outcome := x.History.Outcome()
	out := startSyncExecutionOutput{
		ExecutionARN: x.ARN, StateMachineARN: x.StateMachineARN, Name: x.Name, Status: outcome.Status,
		StartDate: interpreter.Epoch(x.StartTime), StopDate: interpreter.Epoch(outcome.StopTime),
		Error: outcome.Error, Cause: outcome.Cause, TraceHeader: x.TraceHeader,
		BillingDetails: billing(outcome.StopTime.Sub(x.StartTime)),
	}
	if includedData == metadataOnly {
		return out
	}
	out.Input, out.InputDetails = &x.InputText, &included{true}
	if outcome.Status == interpreter.StatusSucceeded {
		text := string(outcome.Output)
		out.Output, out.OutputDetails = &text, &included{true}
	}
	return out
}

// billing is what an execution costs: time in steps of 100 ms, memory in chunks of 64 MB, here always one.
// Source: https://aws.amazon.com/step-functions/pricing/
func billing(duration time.Duration) billingDetails {
	const step = 100
	steps := max(1, (duration.Milliseconds()+step-1)/step)
	return billingDetails{BilledMemoryUsedInMB: 64, BilledDurationInMilliseconds: steps * step}
}
