// Package awsapi calls AWS APIs as the agent has to: within a share of the account's quotas, again while that may help,
// and counted.
package awsapi

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/coder/quartz"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/steptrace/steptrace/agent/pause"
	"github.com/steptrace/steptrace/agent/quota"
)

// Service is an AWS API.
type Service struct {
	Name    string                 // in sentences: Step Functions
	RPCName string                 // rpc.service, the SDK's id: SFN
	Actions string                 // prefix of its IAM actions: states
	Quotas  map[string]quota.Quota // by operation: all that are called
	// Remedy says how to mend an error, as the end of its sentence; empty: as for any service. It may be nil.
	Remedy func(operation string, err error) string
}

// Options say how much a caller calls. Share is needed; the zero value of the others stands for a default.
type Options struct {
	Share float64              // of the quotas, above 0 and at most 1
	Clock quartz.Clock         // default: the real one
	Meter metric.Meter         // counts calls; default: nobody counts
	Place []attribute.KeyValue // of what the meter shows
}

// Caller makes the calls of one service in one region of one account. It is safe for concurrent use. It retries by
// itself, so that each attempt counts against the share: the SDK's retries are to be switched off.
type Caller struct {
	service Service
	clock   quartz.Clock
	buckets map[string]*quota.Bucket // by operation
	meters  meters
}

// New makes a caller. It fails when the meter does.
func New(s Service, o Options) (*Caller, error) {
	if o.Clock == nil {
		o.Clock = quartz.NewReal()
	}
	m, err := newMeters(o.Meter, append(o.Place[:len(o.Place):len(o.Place)], rpcService(s.RPCName)))
	if err != nil {
		return nil, err
	}
	c := &Caller{service: s, clock: o.Clock, buckets: make(map[string]*quota.Bucket), meters: m}
	for name, q := range s.Quotas {
		c.buckets[name] = quota.NewBucket(q, o.Share, o.Clock)
	}
	return c, nil
}

// Available is how many calls of the operation may be made now without waiting.
func (c *Caller) Available(operation string) int { return c.buckets[operation].Available() }

// Resume takes the quotas for used up when a former process was last heard of.
func (c *Caller) Resume(last time.Time) {
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

// Call makes an API call, a method of the SDK's client, within the operation's quota and again, after a growing,
// jittered pause, while it may help.
func Call[In, Out, Option any](
	ctx context.Context, c *Caller, operation string, do func(context.Context, In, ...Option) (Out, error), in In,
	options ...Option,
) (Out, error) {
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		if err := c.buckets[operation].Take(ctx); err != nil {
			return *new(Out), err
		}
		out, err := do(ctx, in, options...)
		c.count(ctx, operation, err)
		if err == nil {
			return out, nil
		}
		if attempt == maxAttempts || !retryable(err) || ctx.Err() != nil {
			return out, &callError{service: &c.service, operation: operation, err: err}
		}
		if err := pause.For(ctx, c.clock, jittered(backoff), "awsapi", operation); err != nil {
			return *new(Out), err
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// count notes the call, and asks for less where AWS has refused it for being one too many.
func (c *Caller) count(ctx context.Context, operation string, err error) {
	throttled := err != nil && throttles.IsErrorThrottle(err).Bool()
	if throttled {
		c.buckets[operation].Throttled()
	}
	c.meters.count(ctx, operation, throttled)
}

// jittered is between half of the pause and all of it, so that agents do not come back at once.
func jittered(pause time.Duration) time.Duration {
	return pause/2 + rand.N(pause/2) // #nosec G404 -- nobody gains from guessing it
}

var (
	throttles  = retry.IsErrorThrottles(retry.DefaultThrottles)
	retryables = retry.IsErrorRetryables(retry.DefaultRetryables)
)

// unavailable is what CloudWatch Logs answers, as a client's error, when it is to be asked again.
const unavailable = "ServiceUnavailableException"

func retryable(err error) bool {
	return throttles.IsErrorThrottle(err).Bool() || retryables.IsErrorRetryable(err).Bool() || HasCode(err, unavailable)
}
