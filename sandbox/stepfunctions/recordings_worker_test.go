package stepfunctions

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// tokenPattern matches the task tokens of the sandbox.
var tokenPattern = regexp.MustCompile(`[0-9A-Za-z+/]{150,}={0,2}`)

// worker does what somebody other than the execution did when it was recorded: it takes tasks of activities and ends
// tasks that wait for their token.
type worker struct {
	t       *testing.T
	service *Service
	x       *execution
	timeout func() // moves the clock past a task's time limit
	token   string // of the task that it has
}

// work has a worker do its part until the execution ends, and no later than that.
func (r recording) work(ctx context.Context, t *testing.T, s *Service, x *execution, timeout func()) <-chan struct{} {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		<-x.History.Ended()
		cancel()
	}()
	go func() {
		defer close(done)
		w := worker{t: t, service: s, x: x, timeout: timeout}
		for n := range r.events {
			w.follow(ctx, r, n)
		}
	}()
	return done
}

// follow does what brings about the recorded event n, if that is the worker's part.
func (w *worker) follow(ctx context.Context, r recording, n int) {
	eventType := r.events[n]["type"].(string)
	if eventType == "ActivityStarted" {
		name, _ := details(r.events[n])["workerName"].(string)
		arn, _ := details(r.events[n-1])["resource"].(string)
		task, err := w.service.getActivityTask(ctx, activityInput{ActivityARN: arn, WorkerName: name})
		assert.NoError(w.t, err)
		w.token = task.TaskToken
		return
	}
	before, _ := r.events[max(n-1, 0)]["type"].(string)
	if (before == "TaskSubmitted" || before == "ActivityStarted") && w.await(ctx, n) {
		if before == "TaskSubmitted" {
			w.token = tokenPattern.FindString(*w.x.History.Events()[n-3].Details.Parameters)
		}
		w.end(ctx, eventType, details(r.events[n]))
	}
}

// await waits until the history has n events.
func (w *worker) await(ctx context.Context, n int) bool {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(w.x.History.Events()) < n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// end ends the worker's task as it ended then. A task without a token ends by itself.
func (w *worker) end(ctx context.Context, eventType string, ending map[string]any) {
	var err error
	output, _ := ending["output"].(string)
	switch {
	case eventType == "TaskTimedOut":
		w.timeout()
	case w.token == "":
	case strings.HasSuffix(eventType, "Succeeded"):
		_, err = w.service.sendTaskSuccess(ctx, sendTaskSuccessInput{TaskToken: w.token, Output: &output})
	case strings.HasSuffix(eventType, "Failed"):
		_, err = w.service.sendTaskFailure(ctx, sendTaskFailureInput{
			TaskToken: w.token, Error: optionalText(ending["error"]), Cause: optionalText(ending["cause"]),
		})
	}
	assert.NoError(w.t, err)
}

func optionalText(value any) *string {
	text, ok := value.(string)
	if !ok {
		return nil
	}
	return &text
}
