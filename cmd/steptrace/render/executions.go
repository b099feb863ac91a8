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

// Executions draws a table of executions in at most width columns, the error of a failed one under its row. The last
// column, the execution's name, is what is cut; the trace id is what `steptrace trace` takes.
func Executions(executions []store.Execution, width int) string {
	if len(executions) == 0 {
		return "no executions\n"
	}
	rows := [][]cell{header("STATUS", "STATE MACHINE", "STARTED (UTC)", "DURATION", "TRACE", "EXECUTION")}
	for _, e := range executions {
		rows = append(rows, executionRow(e))
	}
	columns := columnWidths(rows)
	var b strings.Builder
	writeRow(&b, rows[0], columns, width)
	for i, e := range executions {
		writeRow(&b, rows[i+1], columns, width)
		writeFailure(&b, e, columns[0]+gutter, width)
	}
	return b.String()
}

func executionRow(e store.Execution) []cell {
	duration := ""
	if !e.End.IsZero() {
		duration = Duration(e.End.Sub(e.Start).Nanoseconds())
	}
	return []cell{
		{statusMark(e.Status) + " " + e.Status, statusStyle(e.Status)},
		{name(e.StateMachine), plain},
		{e.Start.UTC().Format(time.DateTime), plain},
		{duration, plain},
		{e.TraceID, plain},
		{name(e.Name), plain},
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

// writeRow pads every column but the last, which is cut at the width.
func writeRow(b *strings.Builder, row []cell, columns []int, width int) {
	left := width
	for i, c := range row {
		text := clip(c.text, max(left, 1))
		b.WriteString(c.style.Render(text))
		if i == len(row)-1 {
			break
		}
		b.WriteString(strings.Repeat(" ", columns[i]-lipgloss.Width(text)+gutter))
		left -= columns[i] + gutter
	}
	b.WriteString("\n")
}

func writeFailure(b *strings.Builder, e store.Execution, indent, width int) {
	if text := errorText(e.Error, e.Cause); text != "" {
		b.WriteString(strings.Repeat(" ", indent) + red.Render(clip(text, max(width-indent, 1))) + "\n")
	}
}
