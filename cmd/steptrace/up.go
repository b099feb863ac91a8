package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/coder/quartz"
	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/cmd/steptrace/demo"
	"github.com/steptrace/steptrace/cmd/steptrace/stack"
	"github.com/steptrace/steptrace/image-workflow/samples"
)

type upOptions struct {
	data, functions string
	dsn             string
	samples         bool
	trickle         time.Duration
	listen          stack.Listen
	grafana         grafanaOptions
}

func newUpCommand() *cobra.Command {
	opts := upOptions{listen: stack.DefaultListen()}
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run store, collector, agent, sandbox and Grafana until interrupted, and print the addresses",
		Long: `Runs store, collector, agent and sandbox until interrupted, uploads images to the sandbox all the time, and
prints the addresses. Grafana is started too where one is installed: unpacked at $GRAFANA_HOME, or on the PATH as
grafana or grafana-server.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runUp(cmd, opts) },
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.data, "data", "steptrace-data", "folder of the store's files and the agent's checkpoint")
	flags.StringVar(&opts.dsn, "dsn", "", "ClickHouse to use instead of the embedded one, as a clickhouse-go DSN; its "+
		"password may be in $"+envStorePassword)
	flags.BoolVar(&opts.samples, "samples", true, "upload the sample images once everything runs")
	flags.DurationVar(&opts.trickle, "trickle", 5*time.Second, "upload one more image each time this has passed; 0: none")
	flags.StringVar(&opts.listen.Store, "store-listen", opts.listen.Store, "ClickHouse HTTP address")
	flags.StringVar(&opts.listen.Sandbox, "sandbox-listen", opts.listen.Sandbox, "sandbox (AWS endpoint) address")
	flags.StringVar(&opts.listen.OTLPHTTP, "otlp-http-listen", opts.listen.OTLPHTTP, "OTLP/HTTP address")
	flags.StringVar(&opts.listen.OTLPGRPC, "otlp-grpc-listen", opts.listen.OTLPGRPC, "OTLP/gRPC address")
	flags.StringVar(&opts.listen.Health, "health-listen", opts.listen.Health, "the collector's health check address")
	opts.grafana.register(flags)
	registerFunctions(cmd, &opts.functions)
	return cmd
}

func runUp(cmd *cobra.Command, opts upOptions) (err error) {
	if opts.trickle < 0 {
		return usagef("--trickle %s: must not be negative", opts.trickle)
	}
	functions, err := functionsDir(opts.functions)
	if err != nil {
		return err
	}
	if opts.dsn != "" {
		if opts.dsn, err = withStorePassword(opts.dsn, os.Getenv(envStorePassword)); err != nil {
			return err
		}
	}
	scratch, err := os.MkdirTemp("", "steptrace-up-")
	if err != nil {
		return fmt.Errorf("make a scratch folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	show := newProgress(cmd.ErrOrStderr())
	users := opts.grafana.storeUsers()
	s, err := stack.Start(cmd.Context(), stack.Config{
		DataDir: opts.data, ScratchDir: scratch, FunctionsDir: functions, Listen: opts.listen, Version: version,
		Logger:        slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		CollectorLogs: filepath.Join(opts.data, "collector.log"), StoreUsers: users, StoreDSN: opts.dsn,
	}, show.step)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(cmd.Context()))) }()
	g, err := opts.startGrafana(cmd.Context(), s, users, show.step)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	show.done()
	return serveUp(cmd, opts, s, g)
}

// serveUp uploads and prints, and waits for the end of whatever ends first.
func serveUp(cmd *cobra.Command, opts upOptions, s *stack.Stack, g grafanaRun) error {
	d := &demo.Demo{AWS: s.AWS(), Bucket: s.Workflow.Bucket, DB: s.DB, Clock: quartz.NewReal(), Started: time.Now()}
	if opts.samples {
		if err := d.Upload(cmd.Context(), samples.All()); err != nil {
			return err
		}
	}
	if err := printAddresses(cmd, opts, s, g); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(cmd.Context())
	trickled := make(chan error, 1)
	go func() { trickled <- trickle(ctx, d, opts.trickle) }()
	select {
	case <-ctx.Done():
	case err := <-trickled:
		stop()
		return err
	case <-s.CollectorEnded():
		stop()
		return errors.Join(<-trickled,
			fmt.Errorf("the collector has stopped; its log is %s", filepath.Join(opts.data, "collector.log")))
	case <-g.ended():
		stop()
		return errors.Join(<-trickled, fmt.Errorf("the process of Grafana has stopped; its log is %s", g.process.Log))
	}
	stop()
	return <-trickled
}

func trickle(ctx context.Context, d *demo.Demo, every time.Duration) error {
	if every == 0 {
		<-ctx.Done()
		return nil
	}
	return d.Trickle(ctx, samples.All(), every)
}

func printAddresses(cmd *cobra.Command, opts upOptions, s *stack.Stack, g grafanaRun) error {
	address, err := withoutPassword(s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), `Steptrace is up. Ctrl-C stops it; the data stays in %[1]s.

%[11]s
  ClickHouse (HTTP)   %[2]s
  OTLP                http://%[3]s (HTTP), %[4]s (gRPC)
  collector health    http://%[5]s
  AWS sandbox         %[6]s (any credentials, region %[7]s)
  state machine       %[8]s

In another terminal:
  %[10]s executions --dsn %[2]s
  %[10]s trace --dsn %[2]s latest
  aws --endpoint-url %[6]s s3 cp picture.jpg s3://%[9]s/
  curl %[2]s --data-binary 'SELECT SpanName, count() FROM otel_traces GROUP BY SpanName'
`, opts.data, address, opts.listen.OTLPHTTP, opts.listen.OTLPGRPC, opts.listen.Health, s.Sandbox.URL(),
		s.AWS().Region, s.Workflow.StateMachineARN, s.Workflow.Bucket, os.Args[0], g.describe())
	return err
}

// withoutPassword is the store's address as it is printed.
func withoutPassword(s *stack.Stack) (string, error) {
	if s.Store != nil {
		return s.Store.URL(), nil
	}
	u, err := url.Parse(s.StoreDSN)
	if err != nil {
		return "", errors.New("the store's DSN is not a URL")
	}
	u.User = url.User(u.User.Username())
	return u.String(), nil
}
