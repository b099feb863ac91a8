package cloudwatchlogs

import (
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// DeliveryTimer is the tag of the timers of lines on their way.
const DeliveryTimer = "logs-delivery"

// validationStream is where AWS tries a log group, with that message, before a service writes to it.
const (
	validationStream  = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions"
	validationMessage = "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while " +
		"creating a subscription."
)

// Delivery is how lines of AWS's services come into their group: AWS promises no more than its best effort. The zero
// value delivers each at once, once and in order.
type Delivery struct {
	Delay     time.Duration // how late
	Shuffle   bool          // each line is late by a time of its own, up to Delay, so that they overtake each other
	Duplicate float64       // the probability that a line comes twice
	Lose      float64       // the probability that it never comes
}

// Validate writes the line with which AWS tries a log group; it fails when there is no such group.
func (s *Service) Validate(groupARN string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.find(groupARN)
	if err != nil {
		return err
	}
	if _, done := g.streams[validationStream]; !done {
		s.put(g, g.ensure(validationStream, s.now()), []Line{{Timestamp: s.now(), Message: validationMessage}})
	}
	return nil
}

// Deliver writes a line as AWS's services do. The stream is made if it is missing; a line for a group that does not
// exist is lost.
func (s *Service) Deliver(groupARN, streamName string, line Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil || s.hits(s.config.Delivery.Lose) {
		return
	}
	copies := 1
	if s.hits(s.config.Delivery.Duplicate) {
		copies = 2
	}
	for range copies {
		s.deliver(groupARN, streamName, line)
	}
}

func (s *Service) hits(probability float64) bool {
	return probability > 0 && s.random.Float64() < probability
}

func (s *Service) deliver(groupARN, streamName string, line Line) {
	delay := s.config.Delivery.Delay
	if s.config.Delivery.Shuffle && delay > 0 {
		delay = time.Duration(s.random.Int64N(int64(delay) + 1))
	}
	if delay == 0 {
		s.arrive(groupARN, streamName, line)
		return
	}
	var timer *quartz.Timer
	timer = s.config.Clock.AfterFunc(delay, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, waiting := s.late[timer]; waiting {
			delete(s.late, timer)
			s.arrive(groupARN, streamName, line)
		}
	}, DeliveryTimer)
	s.late[timer] = struct{}{}
}

func (s *Service) arrive(groupARN, streamName string, line Line) {
	g, err := s.find(groupARN)
	if err != nil {
		s.config.Logger.Debug("CloudWatch Logs: a line is lost", "group", groupARN, "error", awswire.AsError(err).Message)
		return
	}
	s.put(g, g.ensure(streamName, s.now()), []Line{line})
}

// ensure finds a stream or makes it.
func (g *group) ensure(name string, now int64) *stream {
	found, ok := g.streams[name]
	if !ok {
		found = &stream{name: name, created: now}
		g.streams[name] = found
	}
	return found
}
