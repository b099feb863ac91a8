package lambda

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Asynchronous invocation, as "How Lambda handles errors and retries with asynchronous invocation" has it.
const (
	maxQueued       = 10000
	maxEventAge     = 6 * time.Hour
	maxThrottleWait = 5 * time.Minute
)

// retryWaits come after the first and the second failure of an event; after the third it is dropped.
var retryWaits = []time.Duration{time.Minute, 2 * time.Minute}

// InvokeEvent accepts an event for a function, as an invocation of type Event does: the function is invoked in the
// background. Errors are *awswire.Error.
func (s *Service) InvokeEvent(in InvokeInput) error {
	ref, err := s.parseReference(in.FunctionARN, "")
	if err != nil {
		return err
	}
	return s.enqueue(ref, in)
}

// enqueue accepts an event; the function is tried until it succeeds, fails three times, or the service closes.
func (s *Service) enqueue(ref reference, in InvokeInput) error {
	in, err := s.complete(ref, in)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, _, err := s.lookup(ref); err != nil {
		return err
	}
	if s.queued >= maxQueued {
		return &awswire.Error{
			Code: "TooManyRequestsException", Message: "Rate Exceeded.", Status: http.StatusTooManyRequests,
		}
	}
	s.queued++
	s.tasks.Go(func() {
		s.process(ref, in)
		s.mu.Lock()
		s.queued--
		s.mu.Unlock()
	})
	return nil
}

// process tries one event.
func (s *Service) process(ref reference, in InvokeInput) {
	accepted := s.cfg.Clock.Now()
	failures, throttleWait := 0, time.Second
	for {
		out, err := s.invoke(s.ctx, ref, in)
		var wait time.Duration
		switch {
		case err == nil && out.FunctionError == "":
			return
		case isThrottle(err):
			wait = throttleWait
			throttleWait = min(2*throttleWait, maxThrottleWait)
		case failures < len(retryWaits) && !isGone(err):
			wait = retryWaits[failures]
			failures++
		default:
			s.dropped(in, out, err)
			return
		}
		if s.cfg.Clock.Since(accepted)+wait > maxEventAge || !s.sleep(s.ctx, wait) {
			s.dropped(in, out, err)
			return
		}
	}
}

// sleep is false when ctx ended first.
func (s *Service) sleep(ctx context.Context, d time.Duration) bool {
	timer := s.cfg.Clock.NewTimer(d, "async")
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Service) dropped(in InvokeInput, out InvokeOutput, err error) {
	s.cfg.Logger.Warn("An asynchronous event was dropped: its function did not succeed",
		"function", in.FunctionARN, "request_id", in.requestID, "function_error", out.FunctionError, "error", err)
}

func isThrottle(err error) bool { return hasCode(err, "TooManyRequestsException") }

// isGone: no further try can succeed.
func isGone(err error) bool {
	return hasCode(err, "ResourceNotFoundException") || hasCode(err, "ServiceException")
}

func hasCode(err error, code string) bool {
	var e *awswire.Error
	return errors.As(err, &e) && e.Code == code
}
