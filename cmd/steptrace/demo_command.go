package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/coder/quartz"
	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/cmd/steptrace/demo"
	"github.com/steptrace/steptrace/cmd/steptrace/stack"
)

func newDemoCommand() *cobra.Command {
	var keep, functions string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the image workflow for real, without AWS, and print its traces out of ClickHouse",
		Long: `Upload sample images, one of them not an image, to a local S3; let the state machine, its Lambda functions and
their DynamoDB and Rekognition calls run for real in the sandbox; read the traces back from the embedded ClickHouse.
It takes about 15 seconds, 10 of which are the workflow's Wait state. The exit status is 0 only if every upload left
one connected trace.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd, keep, functions)
		},
	}
	cmd.Flags().StringVar(&keep, "keep", "", "leave the data in this folder, for `steptrace trace --data FOLDER latest`")
	registerFunctions(cmd, &functions)
	return cmd
}

func registerFunctions(cmd *cobra.Command, functions *string) {
	cmd.Flags().StringVar(functions, "functions", "",
		"folder with the workflow's built functions (default: functions/ beside this program)")
}

func runDemo(cmd *cobra.Command, keep, functions string) (err error) {
	scratch, err := os.MkdirTemp("", "steptrace-demo-")
	if err != nil {
		return fmt.Errorf("make a scratch folder: %w", err)
	}
	ran := false
	defer func() {
		if ran && err != nil && keep == "" && cmd.Context().Err() == nil {
			err = fmt.Errorf("%w; the data and the collector's log are left in %s", err, scratch)
			return
		}
		err = errors.Join(err, os.RemoveAll(scratch))
	}()
	cfg, err := demoConfig(cmd.Context(), scratch, keep, functions)
	if err != nil {
		return err
	}
	show := newProgress(cmd.ErrOrStderr())
	started := time.Now()
	s, err := stack.Start(cmd.Context(), cfg, show.step)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(cmd.Context()))) }()
	ran = true
	d := &demo.Demo{
		AWS: s.AWS(), Bucket: s.Workflow.Bucket, DB: s.DB, Clock: quartz.NewReal(), Out: terminal(cmd),
		Status: show.step, Width: width(), Started: started,
	}
	err = d.Run(cmd.Context())
	show.done()
	if err != nil {
		return err
	}
	return demoEpilogue(cmd.OutOrStdout(), time.Since(started), keep)
}

func demoConfig(ctx context.Context, scratch, keep, functions string) (stack.Config, error) {
	functions, err := functionsDir(functions)
	if err != nil {
		return stack.Config{}, err
	}
	listen, err := stack.FreeListen(ctx)
	if err != nil {
		return stack.Config{}, err
	}
	data := scratch
	if keep != "" {
		data = keep
	}
	return stack.Config{
		DataDir: data, ScratchDir: filepath.Join(scratch, "sandbox"), FunctionsDir: functions, Listen: listen,
		Version: version, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		CollectorLogs: filepath.Join(data, "collector.log"),
	}, nil
}

// functionsDir finds the workflow's Lambda binaries, which `make build` puts beside the program.
func functionsDir(dir string) (string, error) {
	if dir == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("find this program's folder: %w; name the functions' folder with --functions", err)
		}
		dir = filepath.Join(filepath.Dir(self), "functions")
	}
	for _, name := range []string{"metadata", "rekognition"} {
		path := filepath.Join(dir, name, "bootstrap")
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("the workflow's function is not built: %w; run `make functions` or name --functions", err)
		}
	}
	return dir, nil
}

func demoEpilogue(w io.Writer, took time.Duration, keep string) error {
	self := os.Args[0]
	next := []string{self + " demo --keep ./kept", self + " trace --data ./kept latest", self + " up"}
	if keep != "" {
		next = []string{
			self + " trace --data " + keep + " latest",
			self + " trace --data " + keep + " --output json latest",
			self + " executions --data " + keep + " --status FAILED",
		}
	}
	_, err := fmt.Fprintf(w, "Every upload left one connected trace (%s).\n\nWhere to look next:\n  %s\n",
		took.Round(time.Second/10), strings.Join(next, "\n  "))
	return err
}
