package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/cmd/steptrace/render"
	"github.com/steptrace/steptrace/store"
)

var executionStatuses = []string{"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}

func newExecutionsCommand() *cobra.Command {
	var src source
	var output, machine, status string
	var since time.Duration
	var limit int
	cmd := &cobra.Command{
		Use:   "executions",
		Short: "List executions, newest first",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			filter, err := executionFilter(machine, status, since, limit)
			if err != nil {
				return err
			}
			db, closeDB, err := src.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, closeDB()) }()
			found, err := db.Executions(cmd.Context(), filter)
			if err != nil {
				return err
			}
			if output == "json" {
				return writeJSON(cmd.OutOrStdout(), found)
			}
			_, err = io.WriteString(terminal(cmd), render.Executions(found, width()))
			return err
		},
	}
	src.register(cmd)
	cmd.Flags().StringVar(&machine, "state-machine", "", "only this state machine (name or ARN)")
	cmd.Flags().StringVar(&status, "status", "", "only this status: "+strings.Join(executionStatuses, ", "))
	cmd.Flags().DurationVar(&since, "since", 24*time.Hour, "only executions started within this time")
	cmd.Flags().IntVar(&limit, "limit", 100, "at most this many")
	outputFlag(cmd, &output, "table", "json")
	return cmd
}

func executionFilter(machine, status string, since time.Duration, limit int) (store.ExecutionFilter, error) {
	status = strings.ToUpper(status)
	if status != "" && !slices.Contains(executionStatuses, status) {
		return store.ExecutionFilter{}, usagef("--status %s: not one of %s", status, strings.Join(executionStatuses, ", "))
	}
	if since <= 0 {
		return store.ExecutionFilter{}, usagef("--since %s: must be positive, such as 24h", since)
	}
	if limit <= 0 {
		return store.ExecutionFilter{}, usagef("--limit %s: must be positive", fmt.Sprint(limit))
	}
	return store.ExecutionFilter{
		StateMachines: given(machine), Statuses: given(status), Since: time.Now().Add(-since), Limit: limit,
	}, nil
}

// given is a list of the text, or none.
func given(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
