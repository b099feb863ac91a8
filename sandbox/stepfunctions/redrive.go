package stepfunctions

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// The bounds of redriving.
// Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
const (
	redrivablePeriod = 14 * 24 * time.Hour  // after the end
	maxOpenTime      = 365 * 24 * time.Hour // after the start
	redriveTokens    = 10                   // that are remembered
	redriveTokenLife = 15 * time.Minute
	maxClientToken   = 64
)

type redriveExecutionInput struct {
	ExecutionARN string `json:"executionArn"`
	ClientToken  string `json:"clientToken"`
}

type redriveExecutionOutput struct {
	RedriveDate interpreter.Epoch `json:"redriveDate"`
}

// redriveToken is a clientToken with which an execution has been redriven.
type redriveToken struct {
	text string
	date time.Time
}

// redriveExecution goes on with an execution that has failed, timed out or been aborted. A clientToken that has done so
// answers again what it answered then, however the execution stands.
func (s *Service) redriveExecution(ctx context.Context, in redriveExecutionInput) (redriveExecutionOutput, error) {
	if utf8.RuneCountInString(in.ClientToken) > maxClientToken {
		return redriveExecutionOutput{}, awswire.Errorf("ValidationException", "1 validation error detected: Value '%s' at "+
			"'clientToken' failed to satisfy constraint: Member must have length less than or equal to %d",
			in.ClientToken, maxClientToken)
	}
	x, err := s.execution(in.ExecutionARN)
	if err != nil {
		return redriveExecutionOutput{}, err
	}
	x.redriveMu.Lock()
	defer x.redriveMu.Unlock()
	if date, ok := x.redrivenWith(in.ClientToken, s.now()); ok {
		return redriveExecutionOutput{RedriveDate: interpreter.Epoch(date)}, nil
	}
	date, err := s.redrive(ctx, x)
	if err != nil {
		return redriveExecutionOutput{}, err
	}
	x.remember(redriveToken{in.ClientToken, date})
	return redriveExecutionOutput{RedriveDate: interpreter.Epoch(date)}, nil
}

func (s *Service) redrive(ctx context.Context, x *execution) (time.Time, error) {
	if x.MapRun != nil {
		return time.Time{}, awswire.Errorf("ValidationException", "Labeled Execution ARNs are not supported for this API")
	}
	if reason := s.notRedrivable(x, x.History.Current()); reason != "" {
		return time.Time{}, notRedrivableError(x, reason)
	}
	date, err := s.interpreter.Redrive(ctx, x.Execution)
	if errors.Is(err, interpreter.ErrNotRedrivable) {
		return time.Time{}, notRedrivableError(x, s.notRedrivable(x, x.History.Current()))
	}
	if err != nil {
		return time.Time{}, err
	}
	return date, s.run(x)
}

func notRedrivableError(x *execution, reason string) error {
	return awswire.Errorf("ExecutionNotRedrivable", "Execution %s invalid for redrive as: %s", x.ARN, reason)
}

// run runs an execution that has been redriven.
func (s *Service) run(x *execution) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lifetime.Err() != nil {
		return shuttingDown()
	}
	s.launch(x)
	return nil
}

// launch runs an execution that is RUNNING from now on: it has begun, or been redriven. The caller holds the lock.
func (s *Service) launch(x *execution) {
	s.running.Go(func() { s.interpreter.Run(s.lifetime, x.Execution) })
}

// notRedrivable is why an execution cannot be redriven now; empty when it can.
// Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
func (s *Service) notRedrivable(x *execution, standing interpreter.Standing) string {
	if _, reason := redrivable(standing.Status()); reason != "" {
		return reason
	}
	now := s.now()
	switch {
	case s.deleted(x.machine):
		return "State machine is in DELETING status"
	case len(x.History.Events()) > interpreter.MaxRedrivable:
		return "Execution history event limit exceeded"
	case now.Sub(x.StartTime) > maxOpenTime:
		return "Execution has exceeded the max execution time"
	case now.Sub(standing.Outcome.StopTime) > redrivablePeriod:
		return "Execution redrivable period exceeded"
	}
	return ""
}

// redrivable tells whether an execution of that status can be redriven, as far as that depends on the status, and why
// not.
func redrivable(status string) (redriveStatus, reason string) {
	if status == interpreter.StatusRunning || status == interpreter.StatusSucceeded {
		return "NOT_REDRIVABLE", "Execution is " + status + " and cannot be redriven"
	}
	return "REDRIVABLE", ""
}

func (s *Service) deleted(m *machine) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.machines[m.arn] != m
}

// redrivenWith is when a clientToken has redriven the execution, if it is remembered.
func (x *execution) redrivenWith(token string, now time.Time) (time.Time, bool) {
	for _, t := range x.redriveTokens {
		if token != "" && t.text == token && now.Sub(t.date) <= redriveTokenLife {
			return t.date, true
		}
	}
	return time.Time{}, false
}

func (x *execution) remember(t redriveToken) {
	x.redriveTokens = append(x.redriveTokens, t)
	if len(x.redriveTokens) > redriveTokens {
		x.redriveTokens = x.redriveTokens[1:]
	}
}

// redriveFields are what DescribeExecution says about redriving.
type redriveFields struct {
	RedriveCount        int                `json:"redriveCount"`
	RedriveDate         *interpreter.Epoch `json:"redriveDate,omitempty"`
	RedriveStatus       string             `json:"redriveStatus"`
	RedriveStatusReason string             `json:"redriveStatusReason,omitempty"`
}

func (s *Service) redriveFields(x *execution, standing interpreter.Standing) redriveFields {
	fields := redriveFields{
		RedriveCount: standing.RedriveCount, RedriveStatus: "REDRIVABLE",
		RedriveStatusReason: s.notRedrivable(x, standing),
	}
	if standing.RedriveCount > 0 {
		fields.RedriveDate = epoch(standing.RedriveDate)
	}
	if fields.RedriveStatusReason != "" {
		fields.RedriveStatus = "NOT_REDRIVABLE"
	}
	return fields
}
