// Package eventbridge is the sandbox's EventBridge: rules on the default bus whose targets are state machines and
// queues.
package eventbridge

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"

	"github.com/coder/quartz"
	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// StartExecution starts an execution of a state machine (by ARN) with a JSON input.
type StartExecution func(ctx context.Context, stateMachineARN, name string, input []byte) error

// SendMessage puts a message in a queue (by ARN).
type SendMessage func(ctx context.Context, queueARN, body string) error

// Config of the service; all fields are required.
type Config struct {
	Region         string
	AccountID      string
	Clock          quartz.Clock
	Logger         *slog.Logger
	StartExecution StartExecution
	SendMessage    SendMessage
}

// Service is an EventBridge with one bus, "default".
type Service struct {
	config     Config
	deliveries sync.WaitGroup
	ctx        context.Context //nolint:containedctx // the life of deliveries, which outlive their requests
	cancel     context.CancelFunc

	mu     sync.RWMutex
	closed bool
	rules  map[string]*rule
}

// New makes a bus without rules.
func New(config Config) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	return &Service{config: config, ctx: ctx, cancel: cancel, rules: map[string]*rule{}}
}

// Close gives up what is not delivered yet and waits until no delivery runs.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.deliveries.Wait()
}

// operations is every EventBridge operation of the sandbox.
var operations = awswire.Operations[*Service]{
	"DeleteRule":        awswire.Typed((*Service).deleteRule),
	"DescribeRule":      awswire.Typed((*Service).describeRule),
	"DisableRule":       awswire.Typed((*Service).disableRule),
	"EnableRule":        awswire.Typed((*Service).enableRule),
	"ListRules":         awswire.Typed((*Service).listRules),
	"ListTargetsByRule": awswire.Typed((*Service).listTargets),
	"PutEvents":         awswire.Typed((*Service).putEvents),
	"PutRule":           awswire.Typed((*Service).putRule),
	"PutTargets":        awswire.Typed((*Service).putTargets),
	"RemoveTargets":     awswire.Typed((*Service).removeTargets),
	"TestEventPattern":  awswire.Typed((*Service).testPattern),
}

// ServeHTTP implements http.Handler: AWS JSON 1.1.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operations.Serve(w, r, s, "EventBridge", awswire.JSON11)
}

// Publish puts an event on the bus and returns at once; it is a Publisher.
func (s *Service) Publish(_ context.Context, event Event) {
	s.complete(&event)
	body, err := json.Marshal(event)
	if err != nil {
		s.config.Logger.Error("EventBridge: an event is not JSON", "detail_type", event.DetailType, "error", err)
		return
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return
	}
	for _, rule := range s.rules {
		if !rule.enabled || rule.pattern == nil || !rule.pattern.Matches(body) {
			continue
		}
		for _, target := range rule.targets {
			s.deliveries.Go(func() { s.deliver(delivery{rule: rule.name, target: target, event: event, body: body}) })
		}
	}
}

func (s *Service) complete(event *Event) {
	event.Version = "0"
	if event.ID == "" {
		event.ID = uuid.NewString()
	}
	if event.Account == "" {
		event.Account = s.config.AccountID
	}
	if event.Region == "" {
		event.Region = s.config.Region
	}
	if event.Time == "" {
		event.Time = FormatTime(s.config.Clock.Now())
	}
	if event.Resources == nil {
		event.Resources = []string{}
	}
	if event.Detail == nil {
		event.Detail = json.RawMessage("{}")
	}
}
