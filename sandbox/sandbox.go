// Package sandbox is a local AWS, just large enough to run Step Functions workflows without an account: one loopback
// HTTP endpoint (AWS_ENDPOINT_URL) for S3, SQS, EventBridge, Step Functions, Lambda, DynamoDB, Rekognition and
// CloudWatch Logs, speaking the wire protocols of unmodified AWS SDKs. It is for demonstrations and tests; the folder's
// README lists each operation.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
	"github.com/steptrace/steptrace/sandbox/dynamodb"
	"github.com/steptrace/steptrace/sandbox/eventbridge"
	"github.com/steptrace/steptrace/sandbox/lambda"
	"github.com/steptrace/steptrace/sandbox/quota"
	"github.com/steptrace/steptrace/sandbox/rekognition"
	"github.com/steptrace/steptrace/sandbox/s3"
	"github.com/steptrace/steptrace/sandbox/sqs"
	"github.com/steptrace/steptrace/sandbox/stepfunctions"
)

// Config of a sandbox. The zero value works.
type Config struct {
	Listen    string       // a loopback address; empty: 127.0.0.1 and any free port
	Dir       string       // a folder for objects and functions' code; empty: a temporary one, removed by Close
	Region    string       // empty: eu-west-1
	AccountID string       // empty: 123456789012
	Clock     quartz.Clock // nil: the real one
	Logger    *slog.Logger // nil: discards

	Environment map[string]string // added to every Lambda function's, like OTEL_EXPORTER_OTLP_ENDPOINT
	Runtimes    map[string]string // executables of managed Lambda runtimes, by name (see lambda.Config)
	ListDelay   time.Duration     // how late ListExecutions sees what happened; 0: at once

	Faults []Fault // active from the start; more with Inject
	Seed   uint64  // of the randomness behind Fault.Probability and Logs

	Logs            cloudwatchlogs.Delivery              // how Step Functions' log lines come into their groups
	DeliveryStreams map[string]cloudwatchlogs.HTTPTarget // Firehose's, that log groups can be subscribed to, by name

	Quotas quota.Rates // of API calls, like PublishedQuotas(); nil: none
}

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	if c.Region == "" {
		c.Region = "eu-west-1"
	}
	if c.AccountID == "" {
		c.AccountID = "123456789012"
	}
	if c.Clock == nil {
		c.Clock = quartz.NewReal()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Sandbox is a running local AWS.
type Sandbox struct {
	config   Config
	url      string
	faults   *faults
	meter    *quota.Meter
	server   *http.Server
	served   chan error
	tempDir  string
	services map[string]http.Handler

	objects   *s3.Service
	queues    *sqs.Service
	logs      *cloudwatchlogs.Service
	bus       *eventbridge.Service
	functions *lambda.Service
	machines  *stepfunctions.Service
	calls     *http.Client // of Step Functions' tasks to the other services
}

// Start listens and serves until Close. It refuses addresses beyond loopback: signatures are not verified, and
// Lambda runs whatever code it is given.
func Start(ctx context.Context, config Config) (*Sandbox, error) {
	s := &Sandbox{config: config.withDefaults(), served: make(chan error, 1)}
	s.faults = newFaults(s.config.Clock, s.config.Seed, s.config.Faults)
	s.meter = quota.NewMeter(s.config.Clock, s.config.Quotas)
	listener, err := listen(ctx, s.config.Listen)
	if err != nil {
		return nil, err
	}
	s.url = "http://" + listener.Addr().String()
	if err := s.open(); err != nil {
		return nil, errors.Join(err, listener.Close(), s.removeTemp())
	}
	s.server = &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelWarn),
	}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("the sandbox cannot listen on %q: give host:port, like 127.0.0.1:4566", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the sandbox does not listen on %q: it verifies no signatures and runs the code it is "+
			"given; use a loopback address, like 127.0.0.1:4566", address)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the sandbox cannot listen on %s (give another address, or stop what uses it): %w",
			address, err)
	}
	return listener, nil
}

// URL is the endpoint, for AWS_ENDPOINT_URL.
func (s *Sandbox) URL() string { return s.url }

// Inject makes calls slow or fail from now on, until remove is called or the fault's count is spent.
func (s *Sandbox) Inject(fault Fault) (remove func()) { return s.faults.inject(fault) }

// Publish puts an event on the default event bus, as AWS services do.
func (s *Sandbox) Publish(ctx context.Context, event eventbridge.Event) { s.bus.Publish(ctx, event) }

// ServeHTTP routes a request to its service.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := classify(r)
	if err := s.admit(r, in); err != nil {
		writeError(w, r, in.protocol, err)
		return
	}
	service, known := s.services[in.service]
	if !known {
		writeError(w, r, in.protocol, awswire.UnknownOperation(in.service+" "+in.operation))
		return
	}
	service.ServeHTTP(w, r)
}

func (s *Sandbox) admit(r *http.Request, in request) error {
	if err := refuse(r, in); err != nil {
		return err
	}
	return s.enter(r.Context(), in.service, in.operation)
}

// open makes the services and wires them to each other.
func (s *Sandbox) open() error {
	dir, err := s.folder()
	if err != nil {
		return err
	}
	c := s.config
	s.queues = sqs.New(sqs.Config{
		Region: c.Region, AccountID: c.AccountID, EndpointURL: s.URL, Clock: c.Clock, Logger: c.Logger,
	})
	s.bus = eventbridge.New(eventbridge.Config{
		Region: c.Region, AccountID: c.AccountID, Clock: c.Clock, Logger: c.Logger,
		StartExecution: s.startExecution, SendMessage: s.sendMessage,
	})
	s.objects, err = s3.New(s3.Config{
		Dir: dir, Region: c.Region, AccountID: c.AccountID, Clock: c.Clock, Logger: c.Logger, Publish: s.bus.Publish,
	})
	if err != nil {
		return err
	}
	images, err := rekognition.New(rekognition.Config{GetObject: s.objects.GetObject, Logger: c.Logger})
	if err != nil {
		return err
	}
	tables := dynamodb.New(dynamodb.Config{
		Region: c.Region, AccountID: c.AccountID, Clock: c.Clock, Logger: c.Logger,
	})
	s.services = map[string]http.Handler{
		S3: s.objects, SQS: s.queues, EventBridge: s.bus, Rekognition: images, DynamoDB: tables,
	}
	return s.openCompute(dir)
}

// folder is Config.Dir, made when it is missing, or a temporary folder.
func (s *Sandbox) folder() (dir string, err error) {
	if s.config.Dir == "" {
		s.tempDir, err = os.MkdirTemp("", "steptrace-sandbox-")
		return s.tempDir, err
	}
	if err := os.MkdirAll(s.config.Dir, 0o700); err != nil {
		return "", fmt.Errorf("the sandbox cannot use its folder (choose one that can be written): %w", err)
	}
	return s.config.Dir, nil
}

// Close stops everything: no new events, executions or invocations, then the endpoint. When ctx ends first, connections
// are cut.
func (s *Sandbox) Close(ctx context.Context) error {
	s.bus.Close()
	s.queues.Close()
	err := s.machines.Close(ctx)
	s.logs.Close()
	err = errors.Join(err, s.functions.Close(ctx))
	s.calls.CloseIdleConnections()
	return errors.Join(err, s.stopServing(ctx), s.objects.Close(), s.removeTemp())
}

func (s *Sandbox) stopServing(ctx context.Context) error {
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.server.Close())
	}
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func (s *Sandbox) removeTemp() error {
	if s.tempDir == "" {
		return nil
	}
	return os.RemoveAll(s.tempDir)
}
