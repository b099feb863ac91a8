// Package cloudwatchlogs reads log groups from the CloudWatch Logs API within a share of its quotas.
package cloudwatchlogs

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/coder/quartz"
	"golang.org/x/time/rate"
)

// quotas are calls per second and account and region, which is the bucket too. The smallest of the regions is taken:
// FilterLogEvents has 25 in us-east-1, 5 in ap-northeast-3, ap-southeast-3, ca-west-1, eu-central-1 and il-central-1,
// and 10 elsewhere; it cannot be raised. Source: "CloudWatch Logs quotas" in the CloudWatch Logs user guide.
var quotas = map[string]int{
	"FilterLogEvents":   5,
	"DescribeLogGroups": 10,
}

// Client calls the API. It is safe for concurrent use.
type Client struct {
	api    *cloudwatchlogs.Client
	clock  quartz.Clock
	limits map[string]*rate.Limiter
	counts map[string]*count
}

// count is of the calls of one operation.
type count struct{ calls, throttled atomic.Int64 }

// Count tells how many calls of an operation there were, and how many of them were throttled.
func (c *Client) Count(operation string) (calls, throttled int64) {
	n := c.counts[operation]
	return n.calls.Load(), n.throttled.Load()
}

// Operations are those that are called.
func Operations() []string { return slices.Sorted(maps.Keys(quotas)) }

// New makes a client that uses the share of the quotas, above 0 and at most 1. It retries by itself, so that each
// attempt counts against the share; the SDK's retries are switched off.
func New(cfg aws.Config, endpoint string, share float64, clock quartz.Clock) *Client {
	c := &Client{clock: clock, limits: make(map[string]*rate.Limiter), counts: make(map[string]*count)}
	c.api = cloudwatchlogs.NewFromConfig(cfg, func(o *cloudwatchlogs.Options) {
		o.Retryer = aws.NopRetryer{}
		if endpoint != "" {
			o.BaseEndpoint = aws.String(endpoint)
		}
	})
	for name, perSecond := range quotas {
		c.counts[name] = &count{}
		c.limits[name] = rate.NewLimiter(rate.Limit(float64(perSecond)*share), max(1, int(float64(perSecond)*share)))
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
		c.counts[name].calls.Add(1)
		if err == nil {
			return out, nil
		}
		if throttles.IsErrorThrottle(err).Bool() {
			c.counts[name].throttled.Add(1)
		}
		if attempt == maxAttempts || !retryable(err) || ctx.Err() != nil {
			return out, &callError{operation: name, err: err}
		}
		// Between half of the pause and all of it, so that agents do not come back at once.
		jittered := backoff/2 + rand.N(backoff/2) // #nosec G404 -- nobody gains from guessing it
		if err := c.pause(ctx, jittered, name); err != nil {
			return *new(T), err
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

var (
	throttles  = retry.IsErrorThrottles(retry.DefaultThrottles)
	retryables = retry.IsErrorRetryables(retry.DefaultRetryables)
)

func retryable(err error) bool {
	return throttles.IsErrorThrottle(err).Bool() || retryables.IsErrorRetryable(err).Bool() || hasCode(err, unavailable)
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
	timer := c.clock.NewTimer(d, "cloudwatchlogs", name)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
