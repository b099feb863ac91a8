package render

import (
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/steptrace/steptrace/store"
)

// cell is a table cell: its text, and how it is coloured once padded.
type cell struct {
	text  string
	style lipgloss.Style
}

// Executions draws a table of executions in at most width columns, the error of a failed one under its row. Where room
// is short the names are cut, the execution's first, and never the trace id, which `steptrace trace` takes.
func Executions(executions []store.Execution, width int) string {
	return executionTable(executions, width, "", func(store.Execution) string { return "" })
}

// ExecutionsWithCost is Executions with what each cost, by ARN, at the end of its row.
func ExecutionsWithCost(
	executions []store.Execution, costs map[string]store.Cost, currency string, width int,
) string {
	return executionTable(executions, width, "COST ("+printable(currency)+")", func(e store.Execution) string {
		return Money(costs[e.ExecutionARN].Total)
	})
}

func executionTable(executions []store.Execution, width int, last string, of func(store.Execution) string) string {
	if len(executions) == 0 {
		return "no executions\n"
	}
	rows := [][]cell{header("STATUS", "STATE MACHINE", "STARTED (UTC)", "TOOK", "TRACE", "EXECUTION")}
	for _, e := range executions {
		rows = append(rows, executionRow(e, startedFormat(width)))
	}
	if last != "" {
		rows[0] = append(rows[0], header(last)...)
		for i, e := range executions {
			rows[i+1] = append(rows[i+1], cell{of(e), plain})
		}
	}
	columns := shrink(columnWidths(rows), width)
	var b strings.Builder
	writeRow(&b, rows[0], columns)
	for i, e := range executions {
		writeRow(&b, rows[i+1], columns)
		writeFailure(&b, e, columns[0]+gutter, width)
	}
	return b.String()
}

// startedFormat leaves the year out on a narrow terminal.
func startedFormat(width int) string {
	if width < roomy {
		return "01-02 15:04:05"
	}
	return time.DateTime
}

func executionRow(e store.Execution, started string) []cell {
	duration := ""
	if !e.End.IsZero() {
		duration = Duration(e.End.Sub(e.Start).Nanoseconds())
	}
	return []cell{
		{statusMark(e.Status) + " " + e.Status, statusStyle(e.Status)},
		{printable(e.StateMachine), plain},
		{e.Start.UTC().Format(started), plain},
		{duration, plain},
		{printable(e.TraceID), plain},
		{printable(e.Name), plain},
	}
}

func header(names ...string) []cell {
	row := make([]cell, len(names))
	for i, n := range names {
		row[i] = cell{n, faint}
	}
	return row
}

// gutter is the space between columns.
const gutter = 2

func columnWidths(rows [][]cell) []int {
	columns := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			columns[i] = max(columns[i], lipgloss.Width(c.text))
		}
	}
	return columns
}

// roomy is the width from which times have a year.
const roomy = 100

// Columns whose text may be cut, and to how much.
const (
	machineColumn   = 1
	executionColumn = 5
	minColumn       = 3
)

// shrink takes what is too much for the width from the execution's name, then from the state machine's.
func shrink(columns []int, width int) []int {
	return shrinkIn(columns, width, []int{executionColumn, machineColumn})
}

// shrinkIn takes what is too much from the columns named, in their order.
func shrinkIn(columns []int, width int, from []int) []int {
	excess := -width - gutter
	for _, w := range columns {
		excess += w + gutter
	}
	for _, i := range from {
		if cut := min(excess, columns[i]-minColumn); cut > 0 {
			columns[i] -= cut
			excess -= cut
		}
	}
	return columns
}

func writeRow(b *strings.Builder, row []cell, columns []int) {
	for i, c := range row {
		text := clip(c.text, columns[i])
		b.WriteString(c.style.Render(text))
		if i < len(row)-1 {
			b.WriteString(strings.Repeat(" ", columns[i]-lipgloss.Width(text)+gutter))
		}
	}
	b.WriteString("\n")
}

func writeFailure(b *strings.Builder, e store.Execution, indent, width int) {
	if text := errorText(e.Error, e.Cause); text != "" {
		b.WriteString(strings.Repeat(" ", indent) + red.Render(clip(text, max(width-indent, 1))) + "\n")
	}
}
