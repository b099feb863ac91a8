package eventbridge

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Defaults of EventBridge's retry policy, and the pause between attempts (it doubles up to the longest).
const (
	defaultAttempts = 185
	defaultAge      = 24 * time.Hour
	firstPause      = 100 * time.Millisecond
	longestPause    = time.Minute
)

// delivery is one event on its way to one target.
type delivery struct {
	rule   string
	target Target
	event  Event
	body   []byte
}

// deliver hands the event to the target, again and again while the target is throttled.
func (s *Service) deliver(d delivery) {
	log := s.config.Logger.With("rule", d.rule, "target", d.target.ARN, "event_id", d.event.ID)
	input, err := s.input(d)
	if err != nil {
		log.Error("EventBridge: the target's input could not be made", "error", err)
		return
	}
	send := s.sender(d, input)
	attempts, age := d.target.RetryPolicy.bounds()
	deadline := s.config.Clock.Now().Add(age)
	pause := firstPause
	for attempt := 0; ; attempt++ {
		err := send()
		if err == nil || s.ctx.Err() != nil {
			return
		}
		if !throttled(err) || attempt >= attempts || s.config.Clock.Now().After(deadline) {
			log.Error("EventBridge: the target did not take the event, which is dropped", "attempts", attempt+1, "error", err)
			return
		}
		if !s.wait(pause) {
			return
		}
		pause = min(2*pause, longestPause)
	}
}

// sender makes one attempt. An execution has one name for all attempts: a repeated start of one that began after all is
// the same execution. A queue may get the message twice, as at AWS.
func (s *Service) sender(d delivery, input []byte) func() error {
	if isQueue(d.target.ARN) {
		return func() error { return s.config.SendMessage(s.ctx, d.target.ARN, string(input)) }
	}
	name := d.event.ID + "_" + uuid.NewString()
	return func() error { return s.config.StartExecution(s.ctx, d.target.ARN, name, input) }
}

func (p *RetryPolicy) bounds() (attempts int, age time.Duration) {
	attempts, age = defaultAttempts, defaultAge
	if p == nil {
		return attempts, age
	}
	if p.MaximumRetryAttempts != nil {
		attempts = *p.MaximumRetryAttempts
	}
	if p.MaximumEventAgeInSeconds != nil {
		age = time.Duration(*p.MaximumEventAgeInSeconds) * time.Second
	}
	return attempts, age
}

// throttled tells errors that a retry may mend.
func throttled(err error) bool {
	e := awswire.AsError(err)
	switch e.Code {
	case "ThrottlingException", "TooManyRequestsException", "ExecutionLimitExceeded", "ServiceUnavailable",
		"RequestThrottled":
		return true
	}
	return e.Status >= http.StatusInternalServerError || e.Status == http.StatusTooManyRequests
}

// wait pauses; it is false when the service closes meanwhile.
func (s *Service) wait(pause time.Duration) bool {
	timer := s.config.Clock.NewTimer(pause, "eventbridge", "retry")
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}
