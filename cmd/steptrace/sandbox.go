package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/sandbox"
)

// sandboxCloseTimeout is how long functions have to shut down when the command is asked to end.
const sandboxCloseTimeout = 10 * time.Second

func newSandboxCommand() *cobra.Command {
	config := sandbox.Config{Listen: "127.0.0.1:4566", Region: "eu-west-1", AccountID: "123456789012"}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run the local AWS: Step Functions, Lambda, S3, DynamoDB, SQS, EventBridge, CloudWatch Logs, Rekognition",
		Long: `Runs a local AWS, just large enough for workflows, until interrupted. It verifies no signatures and runs
the code that it is given as Lambda functions, so it listens on loopback only. What it holds is gone when it ends.`,
		Example: `  steptrace sandbox
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_REGION=eu-west-1 aws s3 ls`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runSandbox(cmd.Context(), config, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&config.Listen, "listen", config.Listen, "loopback `host:port` to serve; port 0 takes a free one")
	flags.StringVar(&config.Region, "region", config.Region, "AWS `region` that it plays")
	flags.StringVar(&config.AccountID, "account", config.AccountID, "AWS `account` that it plays")
	return cmd
}

func runSandbox(ctx context.Context, config sandbox.Config, stdout, stderr io.Writer) error {
	config.Logger = slog.New(slog.NewTextHandler(stderr, nil))
	running, err := sandbox.Start(ctx, config)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "ready %s\n", running.URL())
	if err == nil {
		<-ctx.Done()
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), sandboxCloseTimeout)
	defer cancel()
	return errors.Join(err, running.Close(closing))
}
