// Package stepfunctions is Step Functions as the sandbox has it: the API over AWS JSON 1.0 (one POST with the header
// X-Amz-Target: AWSStepFunctions.Operation) and Standard and Express executions that really run, held in memory.
//
// Package interpreter runs the executions, package asl reads their definitions, package dataflow evaluates what those
// say about data. The README lists what is supported; the rest gets UnknownOperationException.
package stepfunctions

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/coder/quartz"
	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
	"github.com/steptrace/steptrace/sandbox/eventbridge"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// InvokeLambda is how executions reach Lambda functions.
type InvokeLambda = interpreter.InvokeLambda

// LambdaResult is the answer of a function.
type LambdaResult = interpreter.LambdaResult

// Config says where the service is and what it reaches. The zero value of every member but InvokeLambda and
// EndpointURL stands for a default.
type Config struct {
	Region    string // default eu-west-1
	AccountID string // default 123456789012

	// InvokeLambda runs a function; without it tasks that invoke one fail.
	InvokeLambda InvokeLambda
	// EndpointURL is where tasks find DynamoDB, S3 and Rekognition; without it such tasks fail.
	EndpointURL func() string
	// HTTPClient makes those calls; default http.DefaultClient.
	HTTPClient *http.Client

	// ListDelay is how much later than in truth ListExecutions sees that an execution started or ended: AWS promises
	// no more than eventual consistency there.
	ListDelay time.Duration

	// Publish takes the events "Step Functions Execution Status Change"; without it there are none.
	Publish eventbridge.Publisher
	// Logs has the log groups of loggingConfigurations; without it nothing is logged.
	Logs *cloudwatchlogs.Service

	Clock   quartz.Clock   // default the real one
	Random  func() float64 // in [0,1), safe for concurrent use; default random
	NewUUID func() string  // safe for concurrent use; default random
	Logger  *slog.Logger   // default slog.Default()
}

// Service is Step Functions in one region of one account. It is safe for concurrent use.
type Service struct {
	config      Config
	interpreter *interpreter.Interpreter
	running     sync.WaitGroup
	lifetime    context.Context
	stop        context.CancelFunc

	mu         sync.RWMutex
	sequence   int64                 // of the last machine or execution; the order of listings
	machines   map[string]*machine   // by ARN
	executions map[string]*execution // by ARN
	activities map[string]*activity  // by ARN
	mapRuns    map[string]*mapRun    // by ARN
	express    map[string]*execution // by ARN: the Express children of Map Runs
}

// New makes a service without state machines.
func New(config Config) *Service {
	config = config.withDefaults()
	lifetime, stop := context.WithCancel(context.Background())
	s := &Service{
		config: config,
		interpreter: &interpreter.Interpreter{
			Region: config.Region, AccountID: config.AccountID,
			InvokeLambda: config.InvokeLambda, EndpointURL: config.EndpointURL, HTTP: config.HTTPClient,
			Clock: config.Clock, Random: config.Random, NewUUID: config.NewUUID,
		},
		lifetime: lifetime, stop: stop,
		machines: map[string]*machine{}, executions: map[string]*execution{}, activities: map[string]*activity{},
		mapRuns: map[string]*mapRun{}, express: map[string]*execution{},
	}
	s.interpreter.AwaitExecution = s.awaitExecution
	s.interpreter.MapRunStarted, s.interpreter.BeginChild = s.mapRunStarted, s.beginChild
	return s
}

// Close stops all executions where they are and waits for them, and for the calls that they have made. Their
// histories stay as they are, without a last event.
func (s *Service) Close(ctx context.Context) error {
	s.stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.running.Wait()
		s.interpreter.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Service) now() time.Time { return interpreter.Milliseconds(s.config.Clock.Now()) }

func (c Config) withDefaults() Config {
	setDefault(&c.Region, "eu-west-1")
	setDefault(&c.AccountID, "123456789012")
	setDefault(&c.HTTPClient, http.DefaultClient)
	setDefault(&c.Logger, slog.Default())
	if c.Clock == nil {
		c.Clock = quartz.NewReal()
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if c.NewUUID == nil {
		c.NewUUID = uuid.NewString
	}
	if c.InvokeLambda == nil {
		c.InvokeLambda = noLambda
	}
	if c.EndpointURL == nil {
		c.EndpointURL = func() string { return "" }
	}
	return c
}

func setDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}
