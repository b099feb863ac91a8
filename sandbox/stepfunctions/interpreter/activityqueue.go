package interpreter

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// pollTime is how long GetActivityTask waits for a task.
// Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html
const pollTime = time.Minute

// maxPollers is how many may wait for tasks of one activity at once.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const maxPollers = 1000

// What PollActivity may say.
var (
	ErrNoActivity     = errors.New("the activity does not exist")
	ErrTooManyPollers = errors.New("too many workers are polling for tasks of the activity")
)

// activities are the activities there are, by ARN.
type activities struct {
	mu    sync.Mutex
	queue map[string]*activityQueue
}

// activityQueue has the tasks of one activity that no worker has taken. Guarded by activities.mu.
type activityQueue struct {
	tasks   []*assignment
	pollers []chan *assignment // waiting, each with room for one
}

// assignment is an attempt of a Task state that waits for a worker.
type assignment struct {
	token, input string
	taken        chan string // the name of the worker that has taken it
	started      chan bool   // whether the attempt was still on then, and ActivityStarted has been written
}

// ActivityTask is what a worker gets.
type ActivityTask struct {
	Token, Input string
}

// AddActivity lets Task states name an activity.
func (i *Interpreter) AddActivity(arn string) {
	i.activities.mu.Lock()
	defer i.activities.mu.Unlock()
	if i.activities.queue == nil {
		i.activities.queue = map[string]*activityQueue{}
	}
	if i.activities.queue[arn] == nil {
		i.activities.queue[arn] = &activityQueue{}
	}
}

// RemoveActivity makes an activity unknown. Tasks that wait for a worker go on waiting.
func (i *Interpreter) RemoveActivity(arn string) {
	i.activities.mu.Lock()
	defer i.activities.mu.Unlock()
	delete(i.activities.queue, arn)
}

// PollActivity takes the oldest task of an activity for a worker, and waits a minute for one, or until closed; nil when
// none came.
func (i *Interpreter) PollActivity(
	ctx context.Context, closed <-chan struct{}, arn, worker string,
) (*ActivityTask, error) {
	end := i.Clock.NewTimer(pollTime, PollTimer)
	defer end.Stop()
	for {
		mine := make(chan *assignment, 1)
		if err := i.activities.poll(arn, mine); err != nil {
			return nil, err
		}
		select {
		case a := <-mine:
			if a.take(worker) {
				return &ActivityTask{Token: a.token, Input: a.input}, nil
			}
		case <-end.C:
			i.activities.leave(arn, mine)
			return nil, nil
		case <-closed:
			i.activities.leave(arn, mine)
			return nil, nil
		case <-ctx.Done():
			i.activities.leave(arn, mine)
			return nil, context.Cause(ctx)
		}
	}
}

// take reports whether the attempt is the worker's: it may have ended meanwhile.
func (a *assignment) take(worker string) bool {
	a.taken <- worker
	return <-a.started
}

// poll puts the oldest task into mine, or has the next one put there.
func (a *activities) poll(arn string, mine chan *assignment) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	q, ok := a.queue[arn]
	switch {
	case !ok:
		return ErrNoActivity
	case len(q.tasks) > 0:
		mine <- q.tasks[0]
		q.tasks = q.tasks[1:]
	case len(q.pollers) == maxPollers:
		return ErrTooManyPollers
	default:
		q.pollers = append(q.pollers, mine)
	}
	return nil
}

// leave ends a poll. A task that has come in the last moment goes to the next worker.
func (a *activities) leave(arn string, mine chan *assignment) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q, ok := a.queue[arn]
	if !ok {
		return
	}
	q.pollers = slices.DeleteFunc(q.pollers, func(p chan *assignment) bool { return p == mine })
	select {
	case task := <-mine:
		q.offer(task, true)
	default:
	}
}

// offer gives a task to the worker who has waited longest, or queues it.
func (q *activityQueue) offer(task *assignment, first bool) {
	switch {
	case len(q.pollers) > 0:
		q.pollers[0] <- task
		q.pollers = q.pollers[1:]
	case first:
		q.tasks = append([]*assignment{task}, q.tasks...)
	default:
		q.tasks = append(q.tasks, task)
	}
}

// schedule offers a task to an activity's workers; false when there is no such activity.
func (a *activities) schedule(arn string, task *assignment) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	q, ok := a.queue[arn]
	if ok {
		q.offer(task, false)
	}
	return ok
}

// withdraw takes a task back that nobody has taken.
func (a *activities) withdraw(arn string, task *assignment) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if q, ok := a.queue[arn]; ok {
		q.tasks = slices.DeleteFunc(q.tasks, func(t *assignment) bool { return t == task })
	}
	task.started <- false // for whoever has just taken it
}

func (a *activities) exist(arn string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.queue[arn] != nil
}
