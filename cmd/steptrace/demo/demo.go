// Package demo uploads the sample images to a running stack and follows them into ClickHouse.
package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/coder/quartz"
	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/cmd/steptrace/render"
	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/store"
)

// Demo follows uploads through a stack.
type Demo struct {
	AWS     aws.Config
	Bucket  string
	DB      *store.DB
	Clock   quartz.Clock
	Out     io.Writer    // the report
	Status  func(string) // progress, one line at a time
	Width   int          // columns of the report
	Started time.Time    // executions before it are none of ours
}

const (
	pollEvery = 250 * time.Millisecond
	// Patience is how long the traces may take after the upload: the Wait is 10 s, a failed execution needs no more.
	Patience = 45 * time.Second
)

// Upload puts all samples at once, as people do.
func (d *Demo) Upload(ctx context.Context, all []samples.Sample) error {
	client := s3.NewFromConfig(d.AWS)
	group, ctx := errgroup.WithContext(ctx)
	for _, sample := range all {
		group.Go(func() error {
			_, err := client.PutObject(ctx, &s3.PutObjectInput{
				Bucket: aws.String(d.Bucket), Key: aws.String(sample.Name),
				ContentType: aws.String(sample.ContentType), Body: bytes.NewReader(sample.Data),
			})
			if err != nil {
				return fmt.Errorf("upload %s: %w", sample.Name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// result is what the store says of one upload.
type result struct {
	sample   samples.Sample
	trace    store.Trace
	found    bool
	problems []string
}

// follow waits until every upload's trace is as it must be, or Patience ends, and returns the last state seen.
func (d *Demo) follow(ctx context.Context, all []samples.Sample) ([]result, error) {
	ticker := d.Clock.NewTicker(pollEvery, "follow")
	defer ticker.Stop()
	deadline := d.Clock.NewTimer(Patience, "follow")
	defer deadline.Stop()
	settled := map[string]store.Trace{}
	for {
		results, err := d.look(ctx, all, settled)
		if err != nil {
			return nil, err
		}
		d.Status(summary(results))
		if pending(results) == 0 {
			return results, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-deadline.C:
			return results, nil
		case <-ticker.C:
		}
	}
}

// Run uploads, follows and reports. The error says how many traces are not as they must be.
func (d *Demo) Run(ctx context.Context) error {
	all := samples.All()
	d.Status(fmt.Sprintf("uploading %d objects at once, one of them not an image", len(all)))
	if err := d.Upload(ctx, all); err != nil {
		return err
	}
	results, err := d.follow(ctx, all)
	if err != nil {
		return err
	}
	if err := d.report(ctx, results); err != nil {
		return err
	}
	return verdict(results)
}

func verdict(results []result) error {
	bad := 0
	for _, r := range results {
		if len(r.problems) > 0 {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d uploads did not leave the trace they must; see above", bad, len(results))
	}
	return nil
}

func (d *Demo) report(ctx context.Context, results []result) error {
	executions, err := d.DB.Executions(ctx, store.ExecutionFilter{Since: d.Started})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "\n%s\n", render.Executions(executions, d.Width))
	for _, image := range []bool{true, false} {
		for _, r := range results {
			if r.found && r.sample.IsImage == image {
				fmt.Fprintf(d.Out, "%s\n%s\n", title(r.sample), render.Trace(r.trace, d.Width))
				break
			}
		}
	}
	for _, r := range results {
		for _, p := range r.problems {
			fmt.Fprintf(d.Out, "%s: %s\n", r.sample.Name, p)
		}
	}
	return nil
}

func title(s samples.Sample) string {
	if s.IsImage {
		return "An image: " + s.Name
	}
	return "Not an image: " + s.Name
}
