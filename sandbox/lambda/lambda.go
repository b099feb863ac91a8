// Package lambda is the sandbox's AWS Lambda: the REST-JSON API that unmodified SDKs speak, and functions that run as
// processes of their own in execution environments (see package environment). The folder's README lists the operations
// and the differences from AWS.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Config of the service. Dir keeps the functions' code; it is made when it is missing.
type Config struct {
	Dir         string
	Region      string
	AccountID   string
	EndpointURL func() string // AWS_ENDPOINT_URL of the functions, asked at each cold start; nil: not set
	Clock       quartz.Clock  // nil: the real one
	Logger      *slog.Logger  // nil: discards
	Environment map[string]string
	Runtimes    map[string]string // executables of AWS's managed runtimes, which are not here, by name: python3.13

	Concurrency int           // invocations at the same time, over all functions; 0: 100
	IdleTimeout time.Duration // after which an idle environment is shut down; 0: 10 minutes
	LogBytes    int           // kept per function; 0: 1 MiB
}

func (c Config) withDefaults() Config {
	if c.EndpointURL == nil {
		c.EndpointURL = func() string { return "" }
	}
	if c.Clock == nil {
		c.Clock = quartz.NewReal()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Concurrency == 0 {
		c.Concurrency = 100
	}
	if c.IdleTimeout == 0 {
		c.IdleTimeout = 10 * time.Minute
	}
	if c.LogBytes == 0 {
		c.LogBytes = 1 << 20
	}
	return c
}

// Service is a Lambda of one account and region. Functions live as long as it does.
type Service struct {
	cfg   Config
	mux   *http.ServeMux
	ctx   context.Context // of every run; ends with Close
	end   context.CancelCauseFunc
	hard  context.Context // ends when processes are to be killed without grace
	kill  context.CancelFunc
	tasks sync.WaitGroup // runs, asynchronous events and shutdowns

	mu        sync.Mutex
	functions map[string]*function
	layers    map[string]*layer
	inFlight  int
	queued    int // asynchronous events accepted and not yet done
	closed    bool
}

var errClosing = errors.New("the sandbox is shutting down")

// New starts a service without functions.
func New(cfg Config) (*Service, error) {
	if cfg.Dir == "" || cfg.Region == "" || cfg.AccountID == "" {
		return nil, errors.New("sandbox lambda: Dir, Region and AccountID are required in its Config")
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("sandbox lambda: make the folder for code: %w", err)
	}
	s := &Service{cfg: cfg.withDefaults(), functions: map[string]*function{}, layers: map[string]*layer{}}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	s.hard, s.kill = context.WithCancel(context.Background())
	s.mux = s.routes()
	return s, nil
}

// Close shuts all environments down as AWS does and waits for that; when ctx ends, processes are killed at once.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	functions, layers := s.functions, s.layers
	s.functions, s.layers = map[string]*function{}, map[string]*layer{}
	s.mu.Unlock()
	defer s.kill()
	defer context.AfterFunc(ctx, s.kill)()
	s.end(errClosing)
	for _, f := range functions {
		s.tasks.Go(f.retire)
	}
	s.tasks.Wait()
	s.retireLayers(layers)
	return nil
}

// enter admits one run; leave ends it.
func (s *Service) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return unavailable()
	}
	if s.inFlight >= s.cfg.Concurrency {
		return &awswire.Error{
			Code: "TooManyRequestsException", Message: "Rate Exceeded.", Status: http.StatusTooManyRequests,
		}
	}
	s.inFlight++
	s.tasks.Add(1)
	return nil
}

func (s *Service) leave() {
	s.mu.Lock()
	s.inFlight--
	s.mu.Unlock()
	s.tasks.Done()
}

func unavailable() error {
	return &awswire.Error{
		Code: "ServiceException", Message: errClosing.Error(), Status: http.StatusInternalServerError,
	}
}

// within is ctx ended with the cause after d of the service's clock.
func (s *Service) within(ctx context.Context, d time.Duration, cause error) (context.Context, func()) {
	limited, cancel := context.WithCancelCause(ctx)
	timer := s.cfg.Clock.AfterFunc(d, func() { cancel(cause) })
	return limited, func() {
		timer.Stop()
		cancel(nil)
	}
}
