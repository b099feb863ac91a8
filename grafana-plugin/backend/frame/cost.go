package frame

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// currency is the unit of an amount in a currency of ISO 4217.
func currency(code string) string {
	if code == "USD" || code == "EUR" || code == "GBP" {
		return "currency" + code
	}
	return "currency:" + code + " "
}

// Costs is a row for each state machine, state or execution, with the columns that it has.
func Costs(found []store.Cost, by, currencyCode string) data.Frames {
	type c = store.Cost
	unit := currency(currencyCode)
	fields := []*data.Field{column("state_machine", found, func(c c) string { return nameOf(c.StateMachineARN) })}
	switch by {
	case store.ByState:
		fields = append(fields, column("state", found, func(c c) string { return c.State }))
	case store.ByExecution:
		name := column("name", found, func(c c) string { return executionName(c.ExecutionARN) })
		fields = append(fields, linkedToExecution(name))
	}
	fields = append(
		fields,
		column("executions", found, func(c c) uint64 { return c.Executions }),
		column("transitions", found, func(c c) uint64 { return c.Transitions }),
		column("retries", found, func(c c) uint64 { return c.Retries }),
		column("express_requests", found, func(c c) uint64 { return c.ExpressRequests }),
		column("express_gb_seconds", found, func(c c) float64 { return c.ExpressGBSeconds }),
		column("invocations", found, func(c c) uint64 { return c.Invocations }),
		column("gb_seconds", found, func(c c) float64 { return c.GBSeconds }),
		measured("step_functions_cost", unit, found, func(c c) float64 { return c.StepFunctions }),
		measured("lambda_cost", unit, found, func(c c) float64 { return c.Lambda }),
		measured("total_cost", unit, found, func(c c) float64 { return c.Total }),
		column("execution_arn", found, func(c c) string { return c.ExecutionARN }),
		column("state_machine_arn", found, func(c c) string { return c.StateMachineARN }),
	)
	return data.Frames{table(query.Cost, fields...)}
}

// CostSeries is a metric of costs over time.
func CostSeries(name, by, currencyCode string, found []store.Cost, names Names, steps Steps) data.Frames {
	return costMetric(name, by, currencyCode).timeSeries(costSamples(name, by, found, names), steps)
}

// CostNumbers is a metric of costs in a range.
func CostNumbers(name, by, currencyCode string, found []store.Cost, names Names) data.Frames {
	return costMetric(name, by, currencyCode).numeric(costSamples(name, by, found, names))
}

func costMetric(name, by, currencyCode string) metric {
	m := metric{name: name, unit: currency(currencyCode), labels: []string{"state_machine"}, counts: true}
	switch by {
	case store.ByState:
		m.labels = append(m.labels, "state")
	case store.ByExecution:
		m.labels = append(m.labels, "execution_arn", "execution_url")
	}
	m.shown = min(2, len(m.labels))
	return m
}

func costSamples(name, by string, found []store.Cost, names Names) []sample {
	nameOf := labelled(found, names, func(c store.Cost) machine { return machineOf(c.StateMachineARN) })
	return samplesOf(found, func(c store.Cost) sample {
		labels := []string{nameOf(c)}
		switch by {
		case store.ByState:
			labels = append(labels, c.State)
		case store.ByExecution:
			labels = append(labels, c.ExecutionARN, executionURL(c.ExecutionARN))
		}
		return sample{c.Time, labels, costValue(name, c)}
	})
}

func costValue(name string, c store.Cost) float64 {
	switch name {
	case "step_functions":
		return c.StepFunctions
	case "lambda":
		return c.Lambda
	}
	return c.Total
}
