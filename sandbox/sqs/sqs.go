// Package sqs is the sandbox's SQS: standard queues in memory behind AWS JSON 1.0, with visibility timeouts, long
// polls, delays and dead-letter queues on the clock that it is given.
package sqs

import (
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

// operations is every SQS operation of the sandbox.
var operations = awswire.Operations[*Service]{
	"ChangeMessageVisibility":      awswire.Typed((*Service).changeMessageVisibility),
	"ChangeMessageVisibilityBatch": awswire.Typed((*Service).changeMessageVisibilityBatch),
	"CreateQueue":                  awswire.Typed((*Service).createQueue),
	"DeleteMessage":                awswire.Typed((*Service).deleteMessage),
	"DeleteMessageBatch":           awswire.Typed((*Service).deleteMessageBatch),
	"DeleteQueue":                  awswire.Typed((*Service).deleteQueue),
	"GetQueueAttributes":           awswire.Typed((*Service).getQueueAttributes),
	"GetQueueUrl":                  awswire.Typed((*Service).getQueueURL),
	"ListQueues":                   awswire.Typed((*Service).listQueues),
	"PurgeQueue":                   awswire.Typed((*Service).purgeQueue),
	"ReceiveMessage":               awswire.Typed((*Service).receiveMessage),
	"SendMessage":                  awswire.Typed((*Service).sendMessage),
	"SendMessageBatch":             awswire.Typed((*Service).sendMessageBatch),
	"SetQueueAttributes":           awswire.Typed((*Service).setQueueAttributes),
}

// ServeHTTP answers API calls.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := operations.Call(s, "SQS", r)
	if err != nil {
		writeError(w, err)
		return
	}
	awswire.WriteJSON(w, awswire.JSON10, out)
}

// empty is the output of operations that answer {}.
type empty struct{}
