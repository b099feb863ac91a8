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

// Executions draws a table of executions in at most width columns; error texts are what is shortened.
func Executions(executions []store.Execution, width int) string {
	if len(executions) == 0 {
		return "no executions\n"
	}
	rows := [][]cell{header("STATUS", "STATE MACHINE", "EXECUTION", "STARTED (UTC)", "DURATION", "ERROR")}
	for _, e := range executions {
		rows = append(rows, executionRow(e))
	}
	return table(rows, width)
}

func executionRow(e store.Execution) []cell {
	duration := ""
	if !e.End.IsZero() {
		duration = Duration(e.End.Sub(e.Start).Nanoseconds())
	}
	failure := oneLine(strings.TrimSuffix(e.Error+": "+e.Cause, ": "))
	return []cell{
		{statusMark(e.Status) + " " + e.Status, statusStyle(e.Status)},
		{e.StateMachine, plain},
		{e.Name, plain},
		{e.Start.UTC().Format(time.DateTime), plain},
		{duration, plain},
		{strings.TrimPrefix(failure, ": "), red},
	}
}

func header(names ...string) []cell {
	row := make([]cell, len(names))
	for i, n := range names {
		row[i] = cell{n, faint}
	}
	return row
}

// table pads every column to its widest cell; the last one is cut at the width.
func table(rows [][]cell, width int) string {
	columns := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			columns[i] = max(columns[i], lipgloss.Width(c.text))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		left := width
		for i, c := range row {
			last := i == len(row)-1
			text := c.text
			if last {
				text = clip(text, max(left, 0))
			}
			b.WriteString(c.style.Render(text))
			if !last {
				b.WriteString(strings.Repeat(" ", columns[i]-lipgloss.Width(text)+2))
			}
			left -= columns[i] + 2
		}
		b.WriteString("\n")
	}
	return b.String()
}
