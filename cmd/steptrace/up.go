package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	samples         bool
	listen          stack.Listen
}

func newUpCommand() *cobra.Command {
	opts := upOptions{listen: stack.DefaultListen()}
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run store, collector, agent and sandbox until interrupted, and print the addresses",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return runUp(cmd, opts) },
	}
	cmd.Flags().StringVar(&opts.data, "data", "steptrace-data", "folder of the store's files and the agent's checkpoint")
	cmd.Flags().BoolVar(&opts.samples, "samples", true, "upload the sample images once everything runs")
	cmd.Flags().StringVar(&opts.listen.Store, "store-listen", opts.listen.Store, "ClickHouse HTTP address")
	cmd.Flags().StringVar(&opts.listen.Sandbox, "sandbox-listen", opts.listen.Sandbox, "sandbox (AWS endpoint) address")
	cmd.Flags().StringVar(&opts.listen.OTLPHTTP, "otlp-http-listen", opts.listen.OTLPHTTP, "OTLP/HTTP address")
	cmd.Flags().StringVar(&opts.listen.OTLPGRPC, "otlp-grpc-listen", opts.listen.OTLPGRPC, "OTLP/gRPC address")
	cmd.Flags().StringVar(&opts.listen.Health, "health-listen", opts.listen.Health, "the collector's health check address")
	registerFunctions(cmd, &opts.functions)
	return cmd
}

func runUp(cmd *cobra.Command, opts upOptions) (err error) {
	functions, err := functionsDir(opts.functions)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "steptrace-up-")
	if err != nil {
		return fmt.Errorf("make a scratch folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	show := newProgress(cmd.ErrOrStderr())
	s, err := stack.Start(cmd.Context(), stack.Config{
		DataDir: opts.data, ScratchDir: scratch, FunctionsDir: functions, Listen: opts.listen, Version: version,
		Logger:        slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		CollectorLogs: filepath.Join(opts.data, "collector.log"),
	}, show.step)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(cmd.Context()))) }()
	show.done()
	if opts.samples {
		if err := uploadSamples(cmd.Context(), s); err != nil {
			return err
		}
	}
	if err := printAddresses(cmd, opts, s); err != nil {
		return err
	}
	select {
	case <-cmd.Context().Done():
		return nil
	case <-s.CollectorEnded():
		return fmt.Errorf("the collector has stopped; its log is %s", filepath.Join(opts.data, "collector.log"))
	}
}

func uploadSamples(ctx context.Context, s *stack.Stack) error {
	d := &demo.Demo{AWS: s.AWS(), Bucket: s.Workflow.Bucket, DB: s.DB, Clock: quartz.NewReal(), Started: time.Now()}
	return d.Upload(ctx, samples.All())
}

func printAddresses(cmd *cobra.Command, opts upOptions, s *stack.Stack) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), `Steptrace is up. Ctrl-C stops it; the data stays in %[1]s.

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
`, opts.data, s.Store.URL(), opts.listen.OTLPHTTP, opts.listen.OTLPGRPC, opts.listen.Health, s.Sandbox.URL(),
		s.AWS().Region, s.Workflow.StateMachineARN, s.Workflow.Bucket, os.Args[0])
	return err
}
