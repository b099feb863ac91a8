package render

import (
	"strconv"
	"strings"

	"github.com/steptrace/steptrace/store"
)

// Costs draws a table of what was spent in at most width columns, with the sum of its rows below.
func Costs(costs []store.Cost, by, currency string, width int) string {
	if len(costs) == 0 {
		return "nothing was spent\n"
	}
	what := map[string]string{store.ByState: "STATE", store.ByExecution: "EXECUTION"}[by]
	rows := [][]cell{header(
		"COST ("+printable(currency)+")", "STATE MACHINE", "TRANSITIONS", "RETRIES", "INVOCATIONS", "GB-SECONDS", what)}
	var sum store.Cost
	for _, c := range costs {
		rows = append(rows, costRow(c, machineName(c.StateMachineARN), c.State+lastPart(c.ExecutionARN)))
		sum.Total, sum.GBSeconds = sum.Total+c.Total, sum.GBSeconds+c.GBSeconds
		sum.Transitions, sum.Retries = sum.Transitions+c.Transitions, sum.Retries+c.Retries
		sum.Invocations += c.Invocations
	}
	rows = append(rows, costRow(sum, "", ""))
	columns := shrinkIn(columnWidths(rows), width, []int{len(rows[0]) - 1, 1})
	var b strings.Builder
	for _, row := range rows {
		writeRow(&b, row, columns)
	}
	return b.String()
}

func costRow(c store.Cost, machine, what string) []cell {
	return []cell{
		{Money(c.Total), plain},
		{printable(machine), plain},
		{strconv.FormatUint(c.Transitions, 10), plain},
		{strconv.FormatUint(c.Retries, 10), plain},
		{strconv.FormatUint(c.Invocations, 10), plain},
		{strconv.FormatFloat(c.GBSeconds, 'f', 3, 64), plain},
		{printable(what), plain},
	}
}

// Money is an amount to a millionth, below which one execution's seldom is.
func Money(amount float64) string { return strconv.FormatFloat(amount, 'f', 6, 64) }

func machineName(arn string) string {
	if parts := strings.SplitN(arn, ":", 7); len(parts) == 7 {
		return parts[6]
	}
	return arn
}

// lastPart is what an execution's ARN says after its state machine.
func lastPart(arn string) string {
	if parts := strings.SplitN(arn, ":", 8); len(parts) == 8 {
		return parts[7]
	}
	return arn
}
