package cloudwatchlogs

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Bounds of a subscription's deliveries.
const (
	maxPending    = 100000    // events that wait; beyond, the oldest are dropped
	maxPerMessage = 500       // events
	maxMessage    = 256 << 10 // bytes of messages, uncompressed
	firstPause    = 100 * time.Millisecond
	longestPause  = 10 * time.Second
	giveUpAfter   = 5 * time.Minute
)

// RetryTimer is the tag of the timers between a subscription's attempts, for tests that trap them.
const RetryTimer = "logs-retry"

// destination takes what a subscription delivers.
type destination interface {
	// greet is called once, before everything else.
	greet(ctx context.Context) error
	// deliver makes one attempt. The id is the same for all attempts of one delivery; again tells whether a failure may
	// pass.
	deliver(ctx context.Context, id string, compressed []byte) (again bool, err error)
}

// subscription delivers a group's events to a destination, in order and one delivery after another.
type subscription struct {
	subscriptionInput
	created int64
	service *Service
	matches pattern
	to      destination
	stop    context.CancelFunc

	mu      sync.Mutex
	pending []event
	wake    chan struct{} // has room for one
}

// subscribe starts a subscription.
func (s *Service) subscribe(in subscriptionInput, created int64, matches pattern, to destination) *subscription {
	ctx, stop := context.WithCancel(s.ctx)
	f := &subscription{
		subscriptionInput: in, created: created, service: s, matches: matches, to: to, stop: stop,
		wake: make(chan struct{}, 1),
	}
	s.deliveries.Go(func() { f.run(ctx) })
	return f
}

// offer hands events to the subscription, which takes those that match.
func (f *subscription) offer(events []event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range events {
		if f.matches(e.Message) {
			f.pending = append(f.pending, e)
		}
	}
	if over := len(f.pending) - maxPending; over > 0 {
		f.service.config.Logger.Error("CloudWatch Logs: a subscription is behind; its oldest events are dropped",
			"filter", f.FilterName, "events", over)
		f.pending = f.pending[over:]
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *subscription) run(ctx context.Context) {
	f.attempt(ctx, func() (bool, error) { return true, f.to.greet(ctx) })
	for {
		for events := f.take(); len(events) > 0; events = f.take() {
			f.send(ctx, events)
		}
		select {
		case <-f.wake:
		case <-ctx.Done():
			return
		}
	}
}

// take takes the next events of one stream.
func (f *subscription) take() []event {
	f.mu.Lock()
	defer f.mu.Unlock()
	end, size := 0, 0
	for end < len(f.pending) && end < maxPerMessage && f.pending[end].LogStreamName == f.pending[0].LogStreamName {
		if size += len(f.pending[end].Message) + overhead; size > maxMessage && end > 0 {
			break
		}
		end++
	}
	taken := f.pending[:end:end]
	f.pending = f.pending[end:]
	return taken
}

// dataMessage is what a subscription delivers.
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
type dataMessage struct {
	MessageType         string            `json:"messageType"`
	Owner               string            `json:"owner"`
	LogGroup            string            `json:"logGroup"`
	LogStream           string            `json:"logStream"`
	SubscriptionFilters []string          `json:"subscriptionFilters"`
	LogEvents           []subscribedEvent `json:"logEvents"`
}

type subscribedEvent struct {
	ID        string `json:"id"`
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

func (f *subscription) send(ctx context.Context, events []event) {
	message := dataMessage{
		MessageType: "DATA_MESSAGE", Owner: f.service.config.AccountID, LogGroup: f.LogGroupName,
		LogStream: events[0].LogStreamName, SubscriptionFilters: []string{f.FilterName},
	}
	for _, e := range events {
		message.LogEvents = append(message.LogEvents, subscribedEvent{e.EventID, e.Timestamp, e.Message})
	}
	compressed, id := compress(message), uuid.NewString()
	f.attempt(ctx, func() (bool, error) { return f.to.deliver(ctx, id, compressed) })
}

func compress(message dataMessage) []byte {
	text, _ := json.Marshal(message) // strings and numbers always marshal
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	_, _ = zipped.Write(text) // a buffer takes everything
	_ = zipped.Close()
	return out.Bytes()
}

// attempt tries until it goes well, cannot go well or has taken too long.
func (f *subscription) attempt(ctx context.Context, once func() (again bool, err error)) {
	clock := f.service.config.Clock
	deadline := clock.Now().Add(giveUpAfter)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		again, err := once()
		if err == nil || ctx.Err() != nil {
			return
		}
		if !again || !clock.Now().Before(deadline) {
			f.service.config.Logger.Error("CloudWatch Logs: a subscription's destination did not take a delivery, which is "+
				"dropped", "filter", f.FilterName, "destination", f.DestinationARN, "error", err)
			return
		}
		timer := clock.NewTimer(pause, RetryTimer)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}
