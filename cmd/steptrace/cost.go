package main

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/cmd/steptrace/render"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/price"
)

var (
	costParts     = []string{store.ByMachine, store.ByState, store.ByExecution}
	architectures = []string{string(price.X86), string(price.ARM)}
)

// pricing is what costs are reckoned with.
type pricing struct{ file, architecture string }

func (p *pricing) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.file, "prices", "", "file of prices that replace those built in")
	cmd.Flags().StringVar(&p.architecture, "architecture", string(price.X86),
		"processor of the functions: "+strings.Join(architectures, " or "))
}

func (p *pricing) table() (price.Table, error) {
	if !slices.Contains(architectures, p.architecture) {
		return price.Table{}, usagef("--architecture %s: not one of %v", p.architecture, architectures)
	}
	if p.file == "" {
		return price.Default(), nil
	}
	table, err := price.Load(p.file)
	if err != nil {
		return price.Table{}, usagef("--prices: %w", err)
	}
	return table, nil
}

func (p *pricing) processor() price.Architecture { return price.Architecture(p.architecture) }

// costReport is the JSON output.
type costReport struct {
	AsOf     string       `json:"prices_as_of"`
	Currency string       `json:"currency"`
	Costs    []store.Cost `json:"costs"`
}

func newCostCommand() *cobra.Command {
	var src source
	var prices pricing
	var output, by, machine string
	var since time.Duration
	var limit int
	var printPrices bool
	cmd := &cobra.Command{
		Use:   "cost",
		Short: "Tell what executions, states or state machines cost at list prices",
		Example: `  steptrace cost --since 24h --by state
  steptrace cost --by execution --state-machine orders --limit 10
  steptrace cost --print-prices > prices.json    # to be changed and given as --prices`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			table, err := prices.table()
			if err != nil {
				return err
			}
			if printPrices {
				return writeJSON(cmd.OutOrStdout(), table)
			}
			if !slices.Contains(costParts, by) {
				return usagef("--by %s: not one of %s", by, strings.Join(costParts, ", "))
			}
			if since <= 0 || limit <= 0 {
				return usagef("--since %s and --limit %d: must be positive", since, limit)
			}
			db, closeDB, err := src.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, closeDB()) }()
			costs, err := db.Costs(cmd.Context(), store.CostFilter{
				By: by, StateMachines: given(machine), Since: time.Now().Add(-since),
				Architecture: prices.processor(), Limit: limit,
			}, table)
			if err != nil {
				return err
			}
			if output == "json" {
				return writeJSON(cmd.OutOrStdout(), costReport{table.AsOf, table.Currency, costs})
			}
			_, err = io.WriteString(terminal(cmd), render.Costs(costs, by, table.Currency, width()))
			return err
		},
	}
	src.register(cmd)
	prices.register(cmd)
	cmd.Flags().StringVar(&by, "by", store.ByMachine, "told for each "+strings.Join(costParts, ", "))
	cmd.Flags().StringVar(&machine, "state-machine", "", "only this state machine (name or ARN)")
	cmd.Flags().DurationVar(&since, "since", 24*time.Hour, "what began within this time")
	cmd.Flags().IntVar(&limit, "limit", 100, "at most this many, the most expensive")
	cmd.Flags().BoolVar(&printPrices, "print-prices", false, "print the prices and stop")
	outputFlag(cmd, &output, "table", "json")
	return cmd
}
