// Package stepfunctions reads executions from the Step Functions API within a share of its quotas.
package stepfunctions

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/coder/quartz"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/steptrace/steptrace/agent/quota"
)

// Client calls the API in one region of one account. It is safe for concurrent use.
type Client struct {
	api     *sfn.Client
	clock   quartz.Clock
	buckets map[string]*quota.Bucket // by operation
	meters  meters
	maxBody int64 // of an answer, in bytes
}

// Options say where and how much a client calls. Share is needed; the zero value of the others stands for a default.
type Options struct {
	Endpoint string               // default: what the AWS configuration has
	Share    float64              // of the quotas, above 0 and at most 1
	Clock    quartz.Clock         // default: the real one
	Meter    metric.Meter         // counts calls; default: nobody counts
	Place    []attribute.KeyValue // of what the meter shows
}

// New makes a client. It retries by itself, so that each attempt counts against the share; the SDK's retries are
// switched off.
func New(cfg aws.Config, o Options) (*Client, error) {
	if o.Clock == nil {
		o.Clock = quartz.NewReal()
	}
	m, err := newMeters(o.Meter, o.Place)
	if err != nil {
		return nil, err
	}
	c := &Client{clock: o.Clock, buckets: make(map[string]*quota.Bucket), meters: m, maxBody: maxBody}
	c.api = sfn.NewFromConfig(cfg, c.readWhole, func(s *sfn.Options) {
		s.Retryer = aws.NopRetryer{}
		s.Credentials = told(s.Credentials)
		if o.Endpoint != "" {
			s.BaseEndpoint = aws.String(o.Endpoint)
		}
	})
	for name, q := range Quotas(cfg.Region) {
		c.buckets[name] = quota.NewBucket(q, o.Share, o.Clock)
	}
	return c, nil
}

// Available is how many calls of the operation may be made now without waiting.
func (c *Client) Available(operation string) int { return c.buckets[operation].Available() }

// Resume takes the quotas for used up when a former process was last heard of.
func (c *Client) Resume(last time.Time) {
	for _, b := range c.buckets {
		b.Resume(last)
	}
}

// Retries of one call: those that throttling, the service or the network failed.
const (
	maxAttempts  = 5
	firstBackoff = 250 * time.Millisecond
	maxBackoff   = 20 * time.Second
)

// call makes an API call within the quota and again, after a growing, jittered pause, while it may help.
func call[T any](ctx context.Context, c *Client, name string, do func(context.Context) (T, error)) (T, error) {
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		if err := c.buckets[name].Take(ctx); err != nil {
			return *new(T), err
		}
		out, err := do(ctx)
		c.count(ctx, name, err)
		if err == nil {
			return out, nil
		}
		if attempt == maxAttempts || !retryable(err) || ctx.Err() != nil {
			return out, &callError{operation: name, err: err}
		}
		if err := c.pause(ctx, jittered(backoff), name); err != nil {
			return *new(T), err
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// count notes the call, and asks for less where AWS has refused it for being one too many.
func (c *Client) count(ctx context.Context, name string, err error) {
	throttled := err != nil && throttles.IsErrorThrottle(err).Bool()
	if throttled {
		c.buckets[name].Throttled()
	}
	c.meters.count(ctx, name, throttled)
}

// jittered is between half of the pause and all of it, so that agents do not come back at once.
func jittered(pause time.Duration) time.Duration {
	return pause/2 + rand.N(pause/2) // #nosec G404 -- nobody gains from guessing it
}

var (
	throttles  = retry.IsErrorThrottles(retry.DefaultThrottles)
	retryables = retry.IsErrorRetryables(retry.DefaultRetryables)
)

func retryable(err error) bool {
	return throttles.IsErrorThrottle(err).Bool() || retryables.IsErrorRetryable(err).Bool()
}

func (c *Client) pause(ctx context.Context, d time.Duration, name string) error {
	timer := c.clock.NewTimer(d, "stepfunctions", name)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
