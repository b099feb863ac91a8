// Package cloudwatchlogs is the sandbox's CloudWatch Logs: log groups in memory behind AWS JSON 1.1, with subscriptions
// of Lambda functions and of HTTP endpoints as Firehose calls them.
package cloudwatchlogs

import (
	"context"
	"encoding/json"
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

// operation answers one API call.
type operation func(s *Service, body []byte) (any, error)

// typed reads the request for a method's own type.
func typed[In any](serve func(*Service, In) (any, error)) operation {
	return func(s *Service, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, awswire.Errorf("SerializationException", "%v", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return serve(s, in)
	}
}

// operations is every operation of the sandbox's CloudWatch Logs. Each runs within the service's lock.
var operations = map[string]operation{
	"CreateLogGroup":              typed((*Service).createLogGroup),
	"CreateLogStream":             typed((*Service).createLogStream),
	"DeleteLogGroup":              typed((*Service).deleteLogGroup),
	"DeleteSubscriptionFilter":    typed((*Service).deleteSubscriptionFilter),
	"DescribeLogGroups":           typed((*Service).describeLogGroups),
	"DescribeLogStreams":          typed((*Service).describeLogStreams),
	"DescribeSubscriptionFilters": typed((*Service).describeSubscriptionFilters),
	"FilterLogEvents":             typed((*Service).filterLogEvents),
	"GetLogEvents":                typed((*Service).getLogEvents),
	"PutLogEvents":                typed((*Service).putLogEvents),
	"PutSubscriptionFilter":       typed((*Service).putSubscriptionFilter),
}

// ServeHTTP answers API calls.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := s.serve(r)
	if err != nil {
		awswire.WriteError(w, awswire.JSON11, err)
		return
	}
	awswire.WriteJSON(w, awswire.JSON11, out)
}

func (s *Service) serve(r *http.Request) (any, error) {
	_, name := awswire.Target(r)
	serve, ok := operations[name]
	if !ok {
		return nil, awswire.UnknownOperation("CloudWatch Logs " + name)
	}
	body, err := awswire.Body(r)
	if err != nil {
		return nil, err
	}
	return serve(s, body)
}

// empty is the output of operations that answer {}.
type empty struct{}

func invalid(format string, args ...any) *awswire.Error {
	return awswire.Errorf("InvalidParameterException", format, args...)
}

func (s *Service) now() int64 { return s.config.Clock.Now().UnixMilli() }
