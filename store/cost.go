package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/store/price"
)

// What costs are told by.
const (
	ByMachine   = "machine"
	ByState     = "state"
	ByExecution = "execution"
)

const (
	defaultCostLimit = 100
	maxCostLimit     = 10_000
)

// CostFilter selects what costs are told of; zero fields select all.
type CostFilter struct {
	By            string             // ByMachine, ByState or ByExecution; empty is ByMachine
	StateMachines []string           // names or ARNs
	Since, Until  time.Time          // when executions, states and attempts began; zero: the last 24 hours
	Architecture  price.Architecture // of the functions; empty is x86_64
	Step          time.Duration      // whole seconds; 0 is all of the range at once
	Limit         int                // the most expensive ones; 0 is 100, 10,000 the most
	traces        []string
}

// Cost is what was used and what that costs at list prices, in the table's currency. Of Lambda it is what the wrapper
// or the layer measured: the invocations that an attempt is joined with, without their initialisation.
type Cost struct {
	Time            time.Time `json:"time,omitzero"` // the step's begin
	StateMachineARN string    `json:"state_machine_arn"`
	State           string    `json:"state,omitempty"`         // by state
	ExecutionARN    string    `json:"execution_arn,omitempty"` // by execution
	Executions      uint64    `json:"executions"`              // that started; 0 by state
	// Transitions are the entries of states that have ended, and the retries of tasks, in Standard workflows.
	Transitions      uint64  `json:"transitions"`
	Retries          uint64  `json:"retries"`            // of the transitions
	ExpressRequests  uint64  `json:"express_requests"`   // executions of Express workflows
	ExpressGBSeconds float64 `json:"express_gb_seconds"` // with the least memory there is, for no history tells it
	Invocations      uint64  `json:"invocations"`        // of Lambda functions, by tasks
	ColdStarts       uint64  `json:"cold_starts"`        // of these; their initialisation is billed and not in the cost
	UnknownMemory    uint64  `json:"unknown_memory"`     // of these, not in GB-seconds
	GBSeconds        float64 `json:"gb_seconds"`         // of Lambda
	StepFunctions    float64 `json:"step_functions_cost"`
	Lambda           float64 `json:"lambda_cost"`
	Total            float64 `json:"total_cost"`
}

// Costs tells what was spent, the most expensive first; with a step in the order of time, and the limit is of steps of
// all together.
func (db *DB) Costs(ctx context.Context, filter CostFilter, prices price.Table) ([]Cost, error) {
	f := filter.complete(time.Now())
	q, text := f.query(prices.Of(""))
	q.limit(f.Limit, defaultCostLimit, maxCostLimit)
	found := []Cost{}
	err := db.ask(ctx, "sum up what was used", &q, text, func(rows driver.Rows) error {
		c, err := scanCost(rows)
		c.apply(prices.OfARN(c.StateMachineARN), f.Architecture)
		found = append(found, c)
		return err
	})
	slices.SortStableFunc(found, func(a, b Cost) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(b.Total, a.Total))
	})
	return found, err
}

// CostsOf tells what executions cost, by their ARNs.
func (db *DB) CostsOf(
	ctx context.Context, executions []Execution, architecture price.Architecture, prices price.Table,
) (map[string]Cost, error) {
	costs := make(map[string]Cost, len(executions))
	for chunk := range slices.Chunk(executions, maxTracesAtOnce) {
		f := costFilterOf(chunk)
		f.Architecture = architecture
		found, err := db.Costs(ctx, f, prices)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			costs[c.ExecutionARN] = c
		}
	}
	return costs, nil
}

// longestExecution is AWS's limit for Standard workflows, a year, and a day.
const longestExecution = 366 * 24 * time.Hour

// costFilterOf selects executions, and says of them what spares ClickHouse other times and state machines.
func costFilterOf(executions []Execution) CostFilter {
	f := CostFilter{By: ByExecution, Limit: len(executions)}
	for _, e := range executions {
		f.traces = append(f.traces, e.TraceID)
		f.StateMachines = append(f.StateMachines, e.StateMachineARN)
		end := e.End
		if end.IsZero() {
			end = e.Start.Add(longestExecution)
		}
		if f.Since.IsZero() || e.Start.Before(f.Since) {
			f.Since = e.Start
		}
		if end.After(f.Until) {
			f.Until = end
		}
	}
	f.Until = f.Until.Add(time.Second)
	slices.Sort(f.StateMachines)
	f.StateMachines = slices.Compact(f.StateMachines)
	return f
}

func scanCost(rows driver.Rows) (Cost, error) {
	var c Cost
	var at int64
	err := rows.Scan(&at, &c.StateMachineARN, &c.State, &c.ExecutionARN, &c.Executions, &c.Transitions, &c.Retries,
		&c.ExpressRequests, &c.ExpressGBSeconds, &c.Invocations, &c.ColdStarts, &c.UnknownMemory, &c.GBSeconds)
	c.Time = knownTime(at)
	return c, err
}

// apply prices what was used. The first tier holds for all: what else the account uses is not known.
func (c *Cost) apply(r price.Region, a price.Architecture) {
	c.StepFunctions = float64(c.Transitions)*r.Transition + float64(c.ExpressRequests)*r.ExpressRequest +
		c.ExpressGBSeconds*r.ExpressGBSecond.First()
	c.Lambda = float64(c.Invocations)*r.LambdaRequest + c.GBSeconds*r.Lambda(a).First()
	c.Total = c.StepFunctions + c.Lambda
}

func (f CostFilter) complete(now time.Time) CostFilter {
	if f.By == "" {
		f.By = ByMachine
	}
	if f.Until.IsZero() {
		f.Until = now
	}
	if f.Since.IsZero() {
		f.Since = f.Until.Add(-24 * time.Hour)
	}
	return f
}
