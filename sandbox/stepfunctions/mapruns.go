package stepfunctions

import (
	"context"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// mapRun is a Map Run in the order in which it was started.
type mapRun struct {
	*interpreter.MapRun
	sequence int64
	revision *revision // of its children's state machine
	machine  *machine
	children []*execution // that are listed; guarded by Service.mu
}

// mapRunStarted makes a Map Run known.
func (s *Service) mapRunStarted(m *interpreter.MapRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parent := s.executions[m.Parent.ARN] // Express executions have no Map Runs
	s.sequence++
	s.mapRuns[m.ARN] = &mapRun{
		MapRun: m, sequence: s.sequence, machine: parent.machine, revision: parent.revision.ofProcessor(m.Processor),
	}
}

type mapRunInput struct {
	MapRunARN string `json:"mapRunArn"`
}

func (s *Service) mapRun(arn string) (*mapRun, error) {
	if err := checkARN(arn, "mapRun"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.knownMapRun(arn)
}

// knownMapRun is mapRun for callers that hold the lock.
func (s *Service) knownMapRun(arn string) (*mapRun, error) {
	m, ok := s.mapRuns[arn]
	if !ok {
		return nil, awswire.Errorf("ResourceNotFound", "Resource not found: '%s'", arn)
	}
	return m, nil
}

type listMapRunsInput struct {
	paging
	ExecutionARN string `json:"executionArn"`
}

type mapRunSummary struct {
	ExecutionARN    string             `json:"executionArn"`
	MapRunARN       string             `json:"mapRunArn"`
	StateMachineARN string             `json:"stateMachineArn"`
	StartDate       interpreter.Epoch  `json:"startDate"`
	StopDate        *interpreter.Epoch `json:"stopDate,omitempty"`
}

type listMapRunsOutput struct {
	MapRuns   []mapRunSummary `json:"mapRuns"`
	NextToken string          `json:"nextToken,omitempty"`
}

// listMapRuns lists the newest first.
func (s *Service) listMapRuns(_ context.Context, in listMapRunsInput) (listMapRunsOutput, error) {
	if _, err := s.execution(in.ExecutionARN); err != nil {
		return listMapRunsOutput{}, err
	}
	runs, next, err := page(in.paging, in.ExecutionARN, s.mapRunsOf(in.ExecutionARN),
		func(m *mapRun) int64 { return -m.sequence })
	out := listMapRunsOutput{MapRuns: []mapRunSummary{}, NextToken: next}
	for _, m := range runs {
		out.MapRuns = append(out.MapRuns, m.summary())
	}
	return out, err
}

func (m *mapRun) summary() mapRunSummary {
	summary := mapRunSummary{
		ExecutionARN: m.Parent.ARN, MapRunARN: m.ARN, StateMachineARN: m.MachineARN(),
		StartDate: interpreter.Epoch(m.StartTime),
	}
	if info := m.Info(); !info.StopTime.IsZero() {
		summary.StopDate = epoch(info.StopTime)
	}
	return summary
}

type describeMapRunOutput struct {
	MapRunARN                  string                   `json:"mapRunArn"`
	ExecutionARN               string                   `json:"executionArn"`
	Status                     string                   `json:"status"`
	StartDate                  interpreter.Epoch        `json:"startDate"`
	StopDate                   *interpreter.Epoch       `json:"stopDate,omitempty"`
	MaxConcurrency             int64                    `json:"maxConcurrency"`
	ToleratedFailurePercentage float64                  `json:"toleratedFailurePercentage"`
	ToleratedFailureCount      int64                    `json:"toleratedFailureCount"`
	ItemCounts                 interpreter.MapRunCounts `json:"itemCounts"`
	ExecutionCounts            interpreter.MapRunCounts `json:"executionCounts"`
	RedriveCount               int                      `json:"redriveCount"`
	RedriveDate                *interpreter.Epoch       `json:"redriveDate,omitempty"`
}

func (s *Service) describeMapRun(_ context.Context, in mapRunInput) (describeMapRunOutput, error) {
	m, err := s.mapRun(in.MapRunARN)
	if err != nil {
		return describeMapRunOutput{}, err
	}
	info := m.Info()
	out := describeMapRunOutput{
		MapRunARN: m.ARN, ExecutionARN: m.Parent.ARN, Status: info.Status, StartDate: interpreter.Epoch(m.StartTime),
		MaxConcurrency: info.Limits.MaxConcurrency, ItemCounts: info.Items, ExecutionCounts: info.Executions,
		RedriveCount: info.Redrives,
	}
	if info.Limits.ToleratedFailureCount != nil {
		out.ToleratedFailureCount = *info.Limits.ToleratedFailureCount
	}
	if info.Limits.ToleratedFailurePercentage != nil {
		out.ToleratedFailurePercentage = *info.Limits.ToleratedFailurePercentage
	}
	if !info.StopTime.IsZero() {
		out.StopDate = epoch(info.StopTime)
	}
	if !info.RedriveTime.IsZero() {
		out.RedriveDate = epoch(info.RedriveTime)
	}
	return out, nil
}

type updateMapRunInput struct {
	MapRunARN                  string   `json:"mapRunArn"`
	MaxConcurrency             *int64   `json:"maxConcurrency"`
	ToleratedFailureCount      *int64   `json:"toleratedFailureCount"`
	ToleratedFailurePercentage *float64 `json:"toleratedFailurePercentage"`
}

func (s *Service) updateMapRun(_ context.Context, in updateMapRunInput) (empty, error) {
	m, err := s.mapRun(in.MapRunARN)
	if err != nil {
		return empty{}, err
	}
	if err := in.check(); err != nil {
		return empty{}, err
	}
	if !m.Update(in.MaxConcurrency, in.ToleratedFailureCount, in.ToleratedFailurePercentage) {
		return empty{}, awswire.Errorf("ValidationException", "The Map Run has ended and cannot be updated: %s", m.ARN)
	}
	return empty{}, nil
}

func (in updateMapRunInput) check() error {
	negative := func(n *int64) bool { return n != nil && *n < 0 }
	share := in.ToleratedFailurePercentage
	switch {
	case negative(in.MaxConcurrency):
		return awswire.Errorf("ValidationException", "'maxConcurrency' must not be negative: %d", *in.MaxConcurrency)
	case negative(in.ToleratedFailureCount):
		return awswire.Errorf("ValidationException", "'toleratedFailureCount' must not be negative: %d",
			*in.ToleratedFailureCount)
	case share != nil && (*share < 0 || *share > 100):
		return awswire.Errorf("ValidationException", "'toleratedFailurePercentage' must be from 0 to 100: %v", *share)
	}
	return nil
}
