// Package cloudwatchlogs is the sandbox's CloudWatch Logs: log groups in memory behind AWS JSON 1.1, with subscriptions
// of Lambda functions and of HTTP endpoints as Firehose calls them.
package cloudwatchlogs

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// TargetPrefix is the service part of the X-Amz-Target header.
const TargetPrefix = "Logs_20140328"

// InvokeLambda invokes a function by its ARN without waiting for what it answers.
type InvokeLambda func(ctx context.Context, arn string, payload []byte) error

// Config of the service. The zero values of the last group stand for a default.
type Config struct {
	Region       string
	AccountID    string
	Clock        quartz.Clock
	Logger       *slog.Logger
	InvokeLambda InvokeLambda // for subscriptions of functions

	Delivery        Delivery              // of the lines that AWS's services write
	Seed            uint64                // of the randomness in it
	DeliveryStreams map[string]HTTPTarget // Firehose's, by name
	HTTPClient      *http.Client          // of these; default http.DefaultClient
	ScanLimit       int                   // how many events one FilterLogEvents looks at; default 10,000
}

// Service is CloudWatch Logs in one region of one account. It is safe for concurrent use.
type Service struct {
	config     Config
	ctx        context.Context //nolint:containedctx // the life of deliveries, which outlive their requests
	cancel     context.CancelFunc
	deliveries sync.WaitGroup

	mu       sync.Mutex
	random   *rand.Rand
	sequence uint64 // of the last event
	groups   map[string]*group
	late     map[*quartz.Timer]struct{} // lines on their way
}

// New makes a service without log groups.
func New(config Config) *Service {
	if config.HTTPClient == nil {
		config.HTTPClient = http.DefaultClient
	}
	if config.ScanLimit == 0 {
		config.ScanLimit = maxEvents
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Service{
		config: config, ctx: ctx, cancel: cancel, groups: map[string]*group{}, late: map[*quartz.Timer]struct{}{},
		random: rand.New(rand.NewPCG(config.Seed, config.Seed)), //nolint:gosec // repeatable on purpose
	}
}

// Close drops what is not delivered yet and waits until no delivery runs.
func (s *Service) Close() {
	s.cancel()
	s.mu.Lock()
	for timer := range s.late {
		timer.Stop()
	}
	clear(s.late)
	s.mu.Unlock()
	s.deliveries.Wait()
}

// locked is a call within the service's lock.
func locked[In any](serve func(*Service, In) (any, error)) awswire.Operation[*Service] {
	return awswire.Typed(func(s *Service, _ context.Context, in In) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return serve(s, in)
	})
}

// operations is every operation of the sandbox's CloudWatch Logs.
var operations = awswire.Operations[*Service]{
	"CreateLogGroup":              locked((*Service).createLogGroup),
	"CreateLogStream":             locked((*Service).createLogStream),
	"DeleteLogGroup":              locked((*Service).deleteLogGroup),
	"DeleteSubscriptionFilter":    locked((*Service).deleteSubscriptionFilter),
	"DescribeLogGroups":           locked((*Service).describeLogGroups),
	"DescribeLogStreams":          locked((*Service).describeLogStreams),
	"DescribeSubscriptionFilters": locked((*Service).describeSubscriptionFilters),
	"FilterLogEvents":             locked((*Service).filterLogEvents),
	"GetLogEvents":                locked((*Service).getLogEvents),
	"PutLogEvents":                locked((*Service).putLogEvents),
	"PutSubscriptionFilter":       locked((*Service).putSubscriptionFilter),
}

// ServeHTTP answers API calls.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operations.Serve(w, r, s, "CloudWatch Logs", awswire.JSON11)
}

// empty is the output of operations that answer {}.
type empty struct{}

func invalid(format string, args ...any) *awswire.Error {
	return awswire.Errorf("InvalidParameterException", format, args...)
}

func (s *Service) now() int64 { return s.config.Clock.Now().UnixMilli() }
