// Package sqs is the sandbox's SQS: standard queues in memory behind AWS JSON 1.0, with visibility timeouts, long
// polls, delays and dead-letter queues on the clock that it is given.
package sqs

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// TargetPrefix is the service part of the X-Amz-Target header.
const TargetPrefix = "AmazonSQS"

// ReceiveTimer is the tag of the timers of long polls, for tests that trap them.
const ReceiveTimer = "sqs-receive"

// Config of the service; all fields are required.
type Config struct {
	Region      string
	AccountID   string
	EndpointURL func() string // what queue URLs begin with
	Clock       quartz.Clock
	Logger      *slog.Logger
}

// Service is SQS in one region of one account. It is safe for concurrent use.
type Service struct {
	config Config
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex // of everything below, messages included
	queues  map[string]*queue
	deleted map[string]time.Time // when queues were deleted: their names are not free at once
}

// New makes a service without queues.
func New(config Config) *Service {
	return &Service{
		config: config, closed: make(chan struct{}), queues: map[string]*queue{}, deleted: map[string]time.Time{},
	}
}

// Close ends the long polls, which answer without messages.
func (s *Service) Close() { s.once.Do(func() { close(s.closed) }) }

// operation answers one API call.
type operation func(s *Service, ctx context.Context, body []byte) (any, error)

// typed reads the request for a method's own type.
func typed[In any](serve func(*Service, context.Context, In) (any, error)) operation {
	return func(s *Service, ctx context.Context, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, awswire.Errorf("SerializationException", "%v", err)
		}
		return serve(s, ctx, in)
	}
}

// operations is every SQS operation of the sandbox.
var operations = map[string]operation{
	"ChangeMessageVisibility":      typed((*Service).changeMessageVisibility),
	"ChangeMessageVisibilityBatch": typed((*Service).changeMessageVisibilityBatch),
	"CreateQueue":                  typed((*Service).createQueue),
	"DeleteMessage":                typed((*Service).deleteMessage),
	"DeleteMessageBatch":           typed((*Service).deleteMessageBatch),
	"DeleteQueue":                  typed((*Service).deleteQueue),
	"GetQueueAttributes":           typed((*Service).getQueueAttributes),
	"GetQueueUrl":                  typed((*Service).getQueueURL),
	"ListQueues":                   typed((*Service).listQueues),
	"PurgeQueue":                   typed((*Service).purgeQueue),
	"ReceiveMessage":               typed((*Service).receiveMessage),
	"SendMessage":                  typed((*Service).sendMessage),
	"SendMessageBatch":             typed((*Service).sendMessageBatch),
	"SetQueueAttributes":           typed((*Service).setQueueAttributes),
}

// ServeHTTP answers API calls.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := s.serve(r)
	if err != nil {
		writeError(w, err)
		return
	}
	awswire.WriteJSON(w, awswire.JSON10, out)
}

func (s *Service) serve(r *http.Request) (any, error) {
	_, name := awswire.Target(r)
	serve, ok := operations[name]
	if !ok {
		return nil, awswire.UnknownOperation("SQS " + name)
	}
	body, err := awswire.Body(r)
	if err != nil {
		return nil, err
	}
	return serve(s, r.Context(), body)
}

// empty is the output of operations that answer {}.
type empty struct{}
