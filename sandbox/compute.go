package sandbox

import (
	"context"
	"encoding/base64"
	"net/http"
	"path/filepath"

	"github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
	"github.com/steptrace/steptrace/sandbox/lambda"
	"github.com/steptrace/steptrace/sandbox/stepfunctions"
)

// openCompute makes Lambda and Step Functions; what they call of the sandbox goes through its endpoint.
func (s *Sandbox) openCompute(dir string) (err error) {
	c := s.config
	s.functions, err = lambda.New(lambda.Config{
		Dir: filepath.Join(dir, "functions"), Region: c.Region, AccountID: c.AccountID, EndpointURL: s.URL,
		Clock: c.Clock, Logger: c.Logger, Environment: c.Environment, Runtimes: c.Runtimes,
	})
	if err != nil {
		return err
	}
	s.calls = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	s.logs = cloudwatchlogs.New(cloudwatchlogs.Config{
		Region: c.Region, AccountID: c.AccountID, Clock: c.Clock, Logger: c.Logger, InvokeLambda: s.invokeEvent,
		Delivery: c.Logs, Seed: c.Seed, DeliveryStreams: c.DeliveryStreams, HTTPClient: s.calls,
	})
	s.machines = stepfunctions.New(stepfunctions.Config{
		Region: c.Region, AccountID: c.AccountID, InvokeLambda: s.invokeLambda, EndpointURL: s.URL, HTTPClient: s.calls,
		ListDelay: c.ListDelay, Publish: s.bus.Publish, Logs: s.logs, Clock: c.Clock, Logger: c.Logger,
	})
	s.services[Lambda], s.services[StepFunctions], s.services[Logs] = s.functions, s.machines, s.logs
	return nil
}

// invokeLambda is how Step Functions invokes a function.
func (s *Sandbox) invokeLambda(
	ctx context.Context, arn string, payload []byte, traceHeader string, logTail bool,
) (stepfunctions.LambdaResult, error) {
	if err := s.enter(ctx, Lambda, "Invoke"); err != nil {
		return stepfunctions.LambdaResult{}, err
	}
	out, err := s.functions.Invoke(ctx, lambda.InvokeInput{
		FunctionARN: arn, Payload: payload, TraceHeader: traceHeader, LogTail: logTail,
	})
	return stepfunctions.LambdaResult{
		Payload: out.Payload, FunctionError: out.FunctionError, RequestID: out.RequestID,
		ExecutedVersion: out.ExecutedVersion, LogTail: base64.StdEncoding.EncodeToString([]byte(out.LogTail)),
	}, err
}

// invokeEvent is how CloudWatch Logs invokes a function.
func (s *Sandbox) invokeEvent(ctx context.Context, arn string, payload []byte) error {
	if err := s.enter(ctx, Lambda, "Invoke"); err != nil {
		return err
	}
	return s.functions.InvokeEvent(lambda.InvokeInput{FunctionARN: arn, Payload: payload})
}

// sendMessage is how EventBridge puts an event in a queue.
func (s *Sandbox) sendMessage(ctx context.Context, queue, body string) error {
	if err := s.enter(ctx, SQS, "SendMessage"); err != nil {
		return err
	}
	return s.queues.Send(ctx, queue, body)
}

// startExecution is how EventBridge starts one.
func (s *Sandbox) startExecution(ctx context.Context, machine, name string, input []byte) error {
	if err := s.enter(ctx, StepFunctions, "StartExecution"); err != nil {
		return err
	}
	text := string(input)
	_, err := s.machines.StartExecution(ctx, stepfunctions.StartExecutionInput{
		StateMachineARN: machine, Name: name, Input: &text,
	})
	return err
}
