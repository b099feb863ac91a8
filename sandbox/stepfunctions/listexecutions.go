package stepfunctions

import (
	"context"
	"slices"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

type listExecutionsInput struct {
	paging
	StateMachineARN string `json:"stateMachineArn"` // or that of a version
	MapRunARN       string `json:"mapRunArn"`
	StatusFilter    string `json:"statusFilter"`
	RedriveFilter   string `json:"redriveFilter"`
}

type executionSummary struct {
	ExecutionARN           string             `json:"executionArn"`
	StateMachineARN        string             `json:"stateMachineArn"`
	StateMachineVersionARN string             `json:"stateMachineVersionArn,omitempty"`
	Name                   string             `json:"name"`
	Status                 string             `json:"status"`
	StartDate              interpreter.Epoch  `json:"startDate"`
	StopDate               *interpreter.Epoch `json:"stopDate,omitempty"`
	RedriveCount           int                `json:"redriveCount"`
	RedriveDate            *interpreter.Epoch `json:"redriveDate,omitempty"`
	MapRunARN              string             `json:"mapRunArn,omitempty"`
	ItemCount              *int               `json:"itemCount,omitempty"`
}

type listExecutionsOutput struct {
	Executions []executionSummary `json:"executions"`
	NextToken  string             `json:"nextToken,omitempty"`
}

// statusFilters are the values of statusFilter.
var statusFilters = []string{
	"", interpreter.StatusRunning, interpreter.StatusSucceeded, interpreter.StatusFailed, interpreter.StatusTimedOut,
	interpreter.StatusAborted, interpreter.StatusPendingRedrive,
}

// listExecutions lists the newest first, as they stood Config.ListDelay ago.
func (s *Service) listExecutions(_ context.Context, in listExecutionsInput) (listExecutionsOutput, error) {
	if err := in.check(); err != nil {
		return listExecutionsOutput{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.checkListed(in); err != nil {
		return listExecutionsOutput{}, err
	}
	found := s.find(in)
	query := []string{in.StateMachineARN, in.MapRunARN, in.StatusFilter, in.RedriveFilter}
	listed, next, err := page(in.paging, query, found, func(l listed) int64 { return -l.sequence })
	out := listExecutionsOutput{Executions: []executionSummary{}, NextToken: next}
	for _, l := range listed {
		out.Executions = append(out.Executions, l.executionSummary)
	}
	return out, err
}

func (in listExecutionsInput) check() error {
	switch {
	case (in.MapRunARN == "") == (in.StateMachineARN == ""):
		return awswire.Errorf("ValidationException", "Specify either a stateMachineArn or a mapRunArn, and not both")
	case in.MapRunARN == "" && in.StatusFilter == interpreter.StatusPendingRedrive:
		return awswire.Errorf("ValidationException", "The statusFilter %s needs a mapRunArn", in.StatusFilter)
	case in.RedriveFilter != "" && in.StateMachineARN != "":
		return awswire.Errorf("ValidationException", "The redriveFilter is for the executions of a Map Run: "+
			"give a mapRunArn instead of the stateMachineArn, or no redriveFilter.")
	case !slices.Contains(statusFilters, in.StatusFilter):
		return awswire.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'statusFilter' failed to "+
			"satisfy constraint: Member must satisfy enum value set: %v", in.StatusFilter, statusFilters[1:])
	}
	return nil
}

// ofRedrive tells whether the redriveFilter lets an execution through.
func (in listExecutionsInput) ofRedrive(count int) bool {
	switch in.RedriveFilter {
	case "REDRIVEN":
		return count > 0
	case "NOT_REDRIVEN":
		return count == 0
	}
	return true
}

// listed is an execution as the listing knows it.
type listed struct {
	executionSummary
	sequence int64
}

// find is what the listing knows of the query's executions, newest first.
func (s *Service) find(in listExecutionsInput) []listed {
	asOf := s.now().Add(-s.config.ListDelay)
	var found []listed
	for x := range s.listed(in) {
		summary, visible := x.summary(asOf)
		ofStatus := in.StatusFilter == "" || in.StatusFilter == summary.Status
		if visible && ofStatus && in.ofRedrive(summary.RedriveCount) {
			found = append(found, listed{summary, x.sequence})
		}
	}
	slices.SortFunc(found, func(a, b listed) int { return int(b.sequence - a.sequence) })
	return found
}

// summary is the execution as it stood at that time; false when it had not started.
func (x *execution) summary(asOf time.Time) (executionSummary, bool) {
	summary := executionSummary{
		ExecutionARN: x.ARN, StateMachineARN: x.StateMachineARN, StateMachineVersionARN: x.StateMachineVersionARN,
		Name: x.Name, StartDate: interpreter.Epoch(x.StartTime),
	}
	if x.MapRun != nil {
		summary.MapRunARN, summary.ItemCount, summary.Name = x.MapRun.ARN, &x.Items, x.listedName()
	}
	standing := x.History.Standing(asOf)
	summary.Status, summary.RedriveCount = standing.Status(), standing.RedriveCount
	if standing.Outcome != nil {
		summary.StopDate = epoch(standing.Outcome.StopTime)
	}
	if x.PendingRedrive() {
		summary.Status = interpreter.StatusPendingRedrive
	}
	if summary.RedriveCount > 0 {
		summary.RedriveDate = epoch(standing.RedriveDate)
	}
	summary.RedriveCount += x.Restarts
	return summary, !x.StartTime.After(asOf)
}
