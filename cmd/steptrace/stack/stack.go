// Package stack runs everything on one machine: embedded store, sandbox with the image workflow, collector with the
// agent in it. `steptrace demo` and `steptrace up` are made of it.
package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/steptrace/steptrace/collector"
	"github.com/steptrace/steptrace/image-workflow/deploy"
	"github.com/steptrace/steptrace/sandbox"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded"
)

// Config of a stack. Addresses are host:port on loopback.
type Config struct {
	DataDir       string // the store's files and the agent's checkpoint; kept
	ScratchDir    string // the sandbox's files; of no use afterwards
	FunctionsDir  string // holds metadata/bootstrap and rekognition/bootstrap
	Listen        Listen
	Version       string
	Logger        *slog.Logger
	CollectorLogs string // file for the Collector's own log
	// StoreUsers may log in to the store; none is the user default without a password. The first has to have none, for
	// the stack itself is that one.
	StoreUsers []embedded.User
	// StoreDSN names a ClickHouse to use instead of the embedded one.
	StoreDSN string
}

// Listen says where each part listens.
type Listen struct{ Store, Sandbox, OTLPHTTP, OTLPGRPC, Health string }

// The sandbox's own account.
const (
	region  = "eu-west-1"
	account = "123456789012"
)

// Stack is a running stack.
type Stack struct {
	Store    *embedded.Server // nil where there is another
	StoreDSN string
	DB       *store.DB
	Sandbox  *sandbox.Sandbox
	Workflow deploy.Output

	stopCollector  context.CancelFunc
	collectorEnded chan struct{} // closed when the collector has ended
	collectorErr   error         // readable once collectorEnded is closed
}

// Start brings the parts up in the order of the data flow, backwards: what receives is there before what sends.
// On an error everything already started is stopped again.
func Start(ctx context.Context, cfg Config, progress func(step string)) (_ *Stack, err error) {
	s := &Stack{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		}
	}()
	if err := s.startStore(ctx, cfg, progress); err != nil {
		return nil, err
	}
	progress("starting the sandbox and deploying the image workflow")
	if err := s.startSandbox(ctx, cfg); err != nil {
		return nil, err
	}
	progress("starting the collector with the agent")
	if err := s.startCollector(ctx, cfg); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Stack) startStore(ctx context.Context, cfg Config, progress func(step string)) error {
	var err error
	if s.StoreDSN = cfg.StoreDSN; s.StoreDSN == "" {
		progress("starting the embedded ClickHouse")
		s.Store, err = embedded.Open(ctx, embedded.Config{
			Path: filepath.Join(cfg.DataDir, "clickhouse"), Listen: cfg.Listen.Store, Users: cfg.StoreUsers,
			Logger: cfg.Logger,
		})
		if err != nil {
			return err
		}
		s.StoreDSN = s.Store.DSN()
	}
	if err := store.Migrate(ctx, s.StoreDSN, cfg.Logger); err != nil {
		return err
	}
	s.DB, err = store.Open(ctx, s.StoreDSN)
	return err
}

func (s *Stack) startSandbox(ctx context.Context, cfg Config) error {
	var err error
	s.Sandbox, err = sandbox.Start(ctx, sandbox.Config{
		Listen: cfg.Listen.Sandbox, Dir: cfg.ScratchDir, Region: region, AccountID: account, Logger: cfg.Logger,
	})
	if err != nil {
		return err
	}
	s.Workflow, err = deploy.Deploy(ctx, s.AWS(), deploy.Input{
		MetadataBootstrap:    filepath.Join(cfg.FunctionsDir, "metadata", "bootstrap"),
		RekognitionBootstrap: filepath.Join(cfg.FunctionsDir, "rekognition", "bootstrap"),
		Environment:          map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + cfg.Listen.OTLPHTTP},
		RoleARN:              "arn:aws:iam::" + account + ":role/image-workflow",
	})
	return err
}

// AWS is an SDK configuration that points at the sandbox.
func (s *Stack) AWS() aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(s.Sandbox.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider("sandbox", "sandbox", ""),
	}
}

func (s *Stack) startCollector(ctx context.Context, cfg Config) error {
	if err := os.MkdirAll(filepath.Join(cfg.DataDir, "agent"), 0o750); err != nil {
		return fmt.Errorf("create the agent's checkpoint folder: %w", err)
	}
	overlay, err := overlayOf(s.StoreDSN, s.Sandbox.URL(), cfg)
	if err != nil {
		return err
	}
	c, err := collector.New(collector.Settings{
		URIs:    []string{"yaml:" + collector.DefaultConfig, "yaml:" + overlay},
		Version: cfg.Version,
	})
	if err != nil {
		return err
	}
	// The Collector outlives ctx's end on purpose: Close stops it after what feeds it.
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stopCollector, s.collectorEnded = stop, make(chan struct{})
	go func() {
		defer close(s.collectorEnded)
		s.collectorErr = c.Run(run)
	}()
	ready := c.WaitReady(ctx)
	if ready == nil {
		return nil
	}
	if err := s.closeCollector(); err != nil {
		ready = err // why it did not become ready
	}
	return fmt.Errorf("start collector: %w", ready)
}

// CollectorEnded is closed when the collector has ended, by itself or by Close.
func (s *Stack) CollectorEnded() <-chan struct{} { return s.collectorEnded }

// closeCollector stops the collector and returns why it ended, once.
func (s *Stack) closeCollector() error {
	if s.stopCollector == nil {
		return nil
	}
	s.stopCollector()
	s.stopCollector = nil
	<-s.collectorEnded
	return s.collectorErr
}

// Close stops the parts in the order of the data flow, so that nothing under way is lost.
func (s *Stack) Close(ctx context.Context) error {
	var errs []error
	if s.Sandbox != nil {
		errs = append(errs, s.Sandbox.Close(ctx))
	}
	errs = append(errs, s.closeCollector())
	if s.DB != nil {
		errs = append(errs, s.DB.Close())
	}
	if s.Store != nil {
		errs = append(errs, s.Store.Close(ctx))
	}
	return errors.Join(errs...)
}
