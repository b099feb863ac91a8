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
	var prices pricing
	var since time.Duration
	var limit int
	var withCost bool
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
			if withCost {
				return writeExecutionCosts(cmd, db, prices, found, output)
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
	cmd.Flags().BoolVar(&withCost, "cost", false, "say what each cost")
	prices.register(cmd)
	outputFlag(cmd, &output, "table", "json")
	return cmd
}

// pricedExecution is an execution and what it cost.
type pricedExecution struct {
	store.Execution
	Cost store.Cost `json:"cost"`
}

func writeExecutionCosts(cmd *cobra.Command, db *store.DB, p pricing, found []store.Execution, output string) error {
	table, err := p.table()
	if err != nil {
		return err
	}
	costs, err := db.CostsOf(cmd.Context(), found, p.processor(), table)
	if err != nil {
		return err
	}
	if output == "json" {
		priced := make([]pricedExecution, 0, len(found))
		for _, e := range found {
			priced = append(priced, pricedExecution{e, costs[e.ExecutionARN]})
		}
		return writeJSON(cmd.OutOrStdout(), priced)
	}
	_, err = io.WriteString(terminal(cmd), render.ExecutionsWithCost(found, costs, table.Currency, width()))
	return err
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
