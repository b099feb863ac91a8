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
	"golang.org/x/time/rate"
)

// quota is a token bucket of the API: calls at once, and refilled per second. The smaller values that AWS publishes are
// taken where regions differ. Source: "Quotas related to API action throttling" in the Step Functions developer guide.
type quota struct {
	bucket int
	refill float64
}

var quotas = map[string]quota{
	"ListStateMachines":                {bucket: 100, refill: 5},
	"ListExecutions":                   {bucket: 100, refill: 2},
	"GetExecutionHistory":              {bucket: 400, refill: 20},
	"DescribeStateMachineForExecution": {bucket: 200, refill: 1},
}

// Client calls the API. It is safe for concurrent use.
type Client struct {
	api     *sfn.Client
	clock   quartz.Clock
	limits  map[string]*rate.Limiter
	maxBody int64 // of an answer, in bytes
}

// New makes a client that uses the share of the quotas, above 0 and at most 1. It retries by itself, so that each
// attempt counts against the share; the SDK's retries are switched off.
func New(cfg aws.Config, endpoint string, share float64, clock quartz.Clock) *Client {
	c := &Client{clock: clock, limits: make(map[string]*rate.Limiter), maxBody: maxBody}
	c.api = sfn.NewFromConfig(cfg, c.readWhole, func(o *sfn.Options) {
		o.Retryer = aws.NopRetryer{}
		o.Credentials = told(o.Credentials)
		if endpoint != "" {
			o.BaseEndpoint = aws.String(endpoint)
		}
	})
	for name, q := range quotas {
		c.limits[name] = rate.NewLimiter(rate.Limit(q.refill*share), max(1, int(float64(q.bucket)*share)))
	}
	return c
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
		if err := c.acquire(ctx, name); err != nil {
			return *new(T), err
		}
		out, err := do(ctx)
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

func (c *Client) acquire(ctx context.Context, name string) error {
	now := c.clock.Now()
	delay := c.limits[name].ReserveN(now, 1).DelayFrom(now)
	if delay == 0 {
		return ctx.Err()
	}
	return c.pause(ctx, delay, name)
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
