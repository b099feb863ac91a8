package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// usageError marks a wrong call (exit status 2) as against a failed one (1).
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func (e usageError) Unwrap() error { return e.error }

func exitStatus(err error) int {
	if errors.As(err, &usageError{}) {
		return 2
	}
	return 1
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:     "steptrace",
		Short:   "End-to-end traces of AWS Step Functions executions",
		Version: version,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q (see 'steptrace --help')", args[0])
			}
			return cmd.Help()
		},
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w (see '%s --help')", err, cmd.CommandPath())
	})
	root.AddCommand(
		newDemoCommand(), newUpCommand(),
		newExecutionsCommand(), newTraceCommand(), newCostCommand(), newConvertCommand(),
		newCollectorCommand(), newAgentCommand(), newBackfillCommand(),
		newStoreCommand(), newMigrateCommand(), newSandboxCommand(),
	)
	return root
}
