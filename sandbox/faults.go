package sandbox

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Service names, as requests are signed for them.
const (
	S3            = "s3"
	DynamoDB      = "dynamodb"
	Rekognition   = "rekognition"
	EventBridge   = "events"
	StepFunctions = "states"
	Lambda        = "lambda"
	SQS           = "sqs"
	Logs          = "logs"
)

// Fault makes calls slow or fail. It is applied to calls over HTTP and to those that services of the sandbox make of
// each other (EventBridge: states StartExecution, sqs SendMessage; Step Functions: lambda Invoke).
type Fault struct {
	Service     string         // one of the constants; empty: every service
	Operation   string         // AWS's name, like "PutItem"; empty: every operation
	Latency     time.Duration  // added before the call is served or fails
	Error       *awswire.Error // the call's answer; nil: it is served
	Probability float64        // that a matching call is struck; 0: each is
	Count       int            // calls struck before the fault is spent; 0: without end
}

func (f Fault) matches(service, operation string) bool {
	return (f.Service == "" || f.Service == service) && (f.Operation == "" || f.Operation == operation)
}

// active is an injected fault with what is left of its count.
type active struct {
	Fault
	left int
}

type faults struct {
	clock quartz.Clock

	mu     sync.Mutex
	random *rand.Rand
	active []*active
}

func newFaults(clock quartz.Clock, seed uint64, initial []Fault) *faults {
	f := &faults{clock: clock, random: rand.New(rand.NewPCG(seed, seed))} //nolint:gosec // repeatable on purpose
	for _, fault := range initial {
		f.inject(fault)
	}
	return f
}

func (f *faults) inject(fault Fault) (remove func()) {
	injected := &active{Fault: fault, left: fault.Count}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = append(f.active, injected)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.active = slices.DeleteFunc(f.active, func(a *active) bool { return a == injected })
	}
}

// strike applies the faults to one call: it waits and returns the error to answer with, if any.
func (f *faults) strike(ctx context.Context, service, operation string) error {
	latency, failure := f.draw(service, operation)
	if latency > 0 {
		if err := f.wait(ctx, latency); err != nil {
			return err
		}
	}
	if failure == nil {
		return nil // and not a nil *awswire.Error in an error
	}
	return failure
}

// draw takes every matching fault's turn: latencies add up, the first error counts.
func (f *faults) draw(service, operation string) (latency time.Duration, failure *awswire.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.active {
		spent := fault.Count > 0 && fault.left == 0
		if spent || !fault.matches(service, operation) || !f.hits(fault.Probability) {
			continue
		}
		fault.left--
		latency += fault.Latency
		if failure == nil {
			failure = fault.Error
		}
	}
	return latency, failure
}

func (f *faults) hits(probability float64) bool {
	return probability == 0 || f.random.Float64() < probability
}

func (f *faults) wait(ctx context.Context, latency time.Duration) error {
	timer := f.clock.NewTimer(latency, "sandbox", "latency")
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
