package stepfunctions

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// maxActivities is how many activities an account can have.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const maxActivities = 10000

// maxWorkerName is the length of a worker's name.
const maxWorkerName = 80

// activity is an activity, whose tasks workers poll for.
type activity struct {
	arn, name string
	sequence  int64
	created   time.Time
	tags      []Tag
}

type createActivityInput struct {
	Name string `json:"name"`
	Tags []Tag  `json:"tags"`
}

type createActivityOutput struct {
	ActivityARN  string            `json:"activityArn"`
	CreationDate interpreter.Epoch `json:"creationDate"`
}

// createActivity makes an activity, or finds the one of that name.
func (s *Service) createActivity(_ context.Context, in createActivityInput) (createActivityOutput, error) {
	if err := checkName(in.Name); err != nil {
		return createActivityOutput{}, err
	}
	tags, err := mergeTags(nil, in.Tags)
	if err != nil {
		return createActivityOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	arn := s.activityARN(in.Name)
	a, ok := s.activities[arn]
	if !ok {
		if len(s.activities) == maxActivities {
			return createActivityOutput{}, awswire.Errorf("ActivityLimitExceeded",
				"The account has %d activities: delete one first.", maxActivities)
		}
		s.sequence++
		a = &activity{arn: arn, name: in.Name, sequence: s.sequence, created: s.now(), tags: tags}
		s.activities[arn] = a
		s.interpreter.AddActivity(arn)
	}
	return createActivityOutput{ActivityARN: a.arn, CreationDate: interpreter.Epoch(a.created)}, nil
}

type activityInput struct {
	ActivityARN string `json:"activityArn"`
	WorkerName  string `json:"workerName"`
}

type activityDescription struct {
	ActivityARN  string            `json:"activityArn"`
	Name         string            `json:"name"`
	CreationDate interpreter.Epoch `json:"creationDate"`
}

func (a *activity) describe() activityDescription {
	return activityDescription{ActivityARN: a.arn, Name: a.name, CreationDate: interpreter.Epoch(a.created)}
}

func (s *Service) describeActivity(_ context.Context, in activityInput) (activityDescription, error) {
	if err := checkARN(in.ActivityARN, "activity"); err != nil {
		return activityDescription{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	a, ok := s.activities[in.ActivityARN]
	if !ok {
		return activityDescription{}, activityDoesNotExist(in.ActivityARN)
	}
	return a.describe(), nil
}

type listActivitiesOutput struct {
	Activities []activityDescription `json:"activities"`
	NextToken  string                `json:"nextToken,omitempty"`
}

func (s *Service) listActivities(_ context.Context, in paging) (listActivitiesOutput, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := slices.SortedFunc(maps.Values(s.activities), func(a, b *activity) int { return int(a.sequence - b.sequence) })
	listed, next, err := page(in, "ListActivities", all, func(a *activity) int64 { return a.sequence })
	out := listActivitiesOutput{Activities: []activityDescription{}, NextToken: next}
	for _, a := range listed {
		out.Activities = append(out.Activities, a.describe())
	}
	return out, err
}

// deleteActivity removes an activity. There is no error when it does not exist.
func (s *Service) deleteActivity(_ context.Context, in activityInput) (empty, error) {
	if err := checkARN(in.ActivityARN, "activity"); err != nil {
		return empty{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.activities, in.ActivityARN)
	s.interpreter.RemoveActivity(in.ActivityARN)
	return empty{}, nil
}

type getActivityTaskOutput struct {
	TaskToken string `json:"taskToken,omitempty"`
	Input     string `json:"input,omitempty"`
}

// getActivityTask gives a worker a task, waiting a minute for one; nothing when none came.
func (s *Service) getActivityTask(ctx context.Context, in activityInput) (getActivityTaskOutput, error) {
	if err := checkARN(in.ActivityARN, "activity"); err != nil {
		return getActivityTaskOutput{}, err
	}
	if err := checkLength("workerName", in.WorkerName, 0, maxWorkerName); err != nil {
		return getActivityTaskOutput{}, err
	}
	task, err := s.interpreter.PollActivity(ctx, s.lifetime.Done(), in.ActivityARN, in.WorkerName)
	switch {
	case errors.Is(err, interpreter.ErrNoActivity):
		return getActivityTaskOutput{}, activityDoesNotExist(in.ActivityARN)
	case errors.Is(err, interpreter.ErrTooManyPollers):
		return getActivityTaskOutput{}, awswire.Errorf("ActivityWorkerLimitExceeded", "Activity Worker Limit Exceeded: '%s'",
			in.ActivityARN)
	case err != nil || task == nil:
		return getActivityTaskOutput{}, err
	}
	return getActivityTaskOutput{TaskToken: task.Token, Input: task.Input}, nil
}

func activityDoesNotExist(arn string) error {
	return awswire.Errorf("ActivityDoesNotExist", "Activity Does Not Exist: '%s'", arn)
}
