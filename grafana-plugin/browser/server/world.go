package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/cmd/steptrace/render"
	"github.com/steptrace/steptrace/cmd/steptrace/stack"
	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/store"
)

// world is what runs in the sandbox while the tests look.
type world struct {
	*stack.Stack
	sfn        *sfn.Client
	s3         *s3.Client
	activity   string            // the ARN of what approves orders
	mutex      sync.Mutex        // of executions, while they are started
	executions map[string]string // ARNs by what they are for
}

const (
	ready     = 2 * time.Minute        // until all is stored, at the most
	lookEvery = 200 * time.Millisecond // for it

	waterfallWidth = 130 // columns
)

// newWorld writes a past of some hours, uploads the samples, one of which is no image, and starts the other workflows.
func newWorld(ctx context.Context, s *stack.Stack) (*world, error) {
	w := &world{Stack: s, sfn: sfn.NewFromConfig(s.AWS()), s3: s3.NewFromConfig(s.AWS()), executions: map[string]string{}}
	uploads, uploading := errgroup.WithContext(ctx)
	for _, sample := range samples.All() {
		uploads.Go(func() error { return w.put(uploading, sample) })
	}
	if err := uploads.Wait(); err != nil {
		return nil, err
	}
	return w, errors.Join(w.startOrders(ctx), w.startCatalogue(ctx), writePast(ctx, s.Store.URL()))
}

func (w *world) put(ctx context.Context, sample samples.Sample) error {
	_, err := w.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &w.Workflow.Bucket, Key: &sample.Name, ContentType: &sample.ContentType, Body: bytes.NewReader(sample.Data),
	})
	if err != nil {
		return fmt.Errorf("upload %s: %w", sample.Name, err)
	}
	return nil
}

// wait returns when every execution is stored as it ends, and the spans of what failed with it.
func (w *world) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ready)
	defer cancel()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		missing, err := w.missing(ctx)
		if err != nil || missing == "" {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not in the store after %s", missing, ready)
		case <-ticker.C:
		}
	}
}

// missing names what the store does not have yet.
func (w *world) missing(ctx context.Context) (string, error) {
	ended, err := w.DB.Executions(ctx, store.ExecutionFilter{
		StateMachines: []string{w.Workflow.StateMachineARN}, Since: time.Now().Add(-ready),
	})
	if err != nil {
		return "", err
	}
	if err := w.sortImages(ended); err != nil {
		return err.Error(), nil //nolint:nilerr // it is what is missing
	}
	for name, arn := range w.executions {
		t, err := w.DB.Trace(ctx, arn)
		if errors.Is(err, store.ErrNotFound) || err == nil && !complete(name, t) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", nil
}

// sortImages takes an execution of each outcome.
func (w *world) sortImages(executions []store.Execution) error {
	if len(executions) < len(samples.All()) {
		return errors.New("an execution of each image")
	}
	for _, e := range executions {
		switch e.Status {
		case "FAILED":
			w.executions["failed"] = e.ExecutionARN
		case "SUCCEEDED":
			w.executions["succeeded"] = e.ExecutionARN
		default:
			return errors.New("the end of " + e.Name)
		}
	}
	return nil
}

// complete is whether a trace has what the tests look for: of the images, what their functions did.
func complete(name string, t store.Trace) bool {
	want := map[string]int{
		"failed": 9, "succeeded": 17, "waiting": 2, "refused": 4, "order": 6, "catalogue": catalogueStates,
	}
	return len(t.Spans) >= want[name] && (name == "waiting") == (t.Status == "RUNNING")
}

// upload is POST /control/upload/NAME: of a sample, which starts an execution.
func (w *world) upload(response http.ResponseWriter, r *http.Request) {
	for _, sample := range samples.All() {
		if sample.Name == r.PathValue("name") {
			if err := w.put(r.Context(), sample); err != nil {
				fail(response, http.StatusInternalServerError, err)
			}
			return
		}
	}
	http.NotFound(response, r)
}

// approve is POST /control/approve: the order that waits goes on.
func (w *world) approve(response http.ResponseWriter, r *http.Request) {
	task, err := w.sfn.GetActivityTask(r.Context(), &sfn.GetActivityTaskInput{ActivityArn: aws.String(w.activity)})
	if err == nil {
		_, err = w.sfn.SendTaskSuccess(r.Context(), &sfn.SendTaskSuccessInput{TaskToken: task.TaskToken, Output: task.Input})
	}
	if err != nil {
		fail(response, http.StatusInternalServerError, err)
	}
}

// waterfall is GET /control/waterfall/NAME: what `steptrace trace` prints of an execution.
func (w *world) waterfall(response http.ResponseWriter, r *http.Request) {
	t, err := w.DB.Trace(r.Context(), w.executions[r.PathValue("name")])
	if err != nil {
		fail(response, http.StatusInternalServerError, err)
		return
	}
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = response.Write([]byte(render.Trace(t, waterfallWidth)))
}
