// Package render draws executions and traces for a terminal: a table, and a tree with a time bar beside each span. It
// is pure: text in a given width, with ANSI colours that the caller's writer keeps or drops.
package render

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

const (
	minBar     = 16
	durationW  = 9
	minWidth   = 60
	minTitle   = 16
	statusErr  = "ERROR"
	treeBranch = "├─ "
	treeLast   = "└─ "
	treePipe   = "│  "
	treeBlank  = "   "
)

// line is one span placed in the tree.
type line struct {
	span   store.Span
	prefix string // the tree's strokes before the label
	below  string // the strokes for text under the label

	childFailed bool
}

// Trace draws the trace into at most width columns.
func Trace(t store.Trace, width int) string {
	width = max(width, minWidth)
	lines := flatten(t.Spans, (mostLabel(width)-minTitle)/len([]rune(treeBlank)))
	var b strings.Builder
	writeHeader(&b, t, width)
	if len(lines) == 0 {
		b.WriteString("no spans yet: the execution has not ended a state\n")
		return b.String()
	}
	from, to := extent(t.Spans)
	labelW := labelWidth(lines, width)
	barW := width - labelW - durationW - 3
	writeScale(&b, labelW, barW, to-from)
	for _, l := range lines {
		writeLine(&b, l, labelW, barW, from, to)
	}
	return b.String()
}

// writeHeader breaks the ARN, which people copy, rather than cutting it.
func writeHeader(b *strings.Builder, t store.Trace, width int) {
	status, arn := t.Status, printable(t.ExecutionARN)
	if arn == "" {
		status, arn = "no execution", "in this trace"
	}
	if len(status)+2+len(arn) > width {
		fmt.Fprintf(b, "%s\n%s\n", statusStyle(status).Render(status), arn)
	} else {
		fmt.Fprintf(b, "%s  %s\n", statusStyle(status).Render(status), arn)
	}
	fmt.Fprintf(b, "%s\n\n", faint.Render("trace "+t.TraceID))
}

func writeScale(b *strings.Builder, labelW, barW int, total int64) {
	end := Duration(total)
	gap := max(1, barW-1-len(end))
	fmt.Fprintf(b, "%s\n", faint.Render(strings.Repeat(" ", labelW+durationW+3)+"0"+strings.Repeat(" ", gap)+end))
}

func writeLine(b *strings.Builder, l line, labelW, barW int, from, to int64) {
	style := spanStyle(l.span)
	label := fit(l.span, labelW-lipgloss.Width(l.prefix))
	pad := strings.Repeat(" ", max(0, labelW-lipgloss.Width(l.prefix)-lipgloss.Width(label)))
	fmt.Fprintf(b, "%s%s%s %*s  %s\n", faint.Render(l.prefix), style.Render(label), pad,
		durationW, spanDuration(l.span), style.Render(bar(l.span, from, to, barW)))
	if text := failure(l); text != "" {
		for _, row := range wrap(text, labelW+durationW+barW+3-lipgloss.Width(l.below)) {
			fmt.Fprintf(b, "%s%s\n", faint.Render(l.below), style.Render(row))
		}
	}
}

// label is the span's name behind a mark that says the status without colour, and how it was joined.
func label(s store.Span) string { return title(s) + joinNote(s) }

// fit is the label in at most w columns: the name is cut before the evidence is.
func fit(s store.Span, w int) string {
	note := joinNote(s)
	return clip(clip(title(s), max(w-lipgloss.Width(note), minTitle))+note, w)
}

func title(s store.Span) string { return mark(s) + " " + kindWord(s) + printable(s.Name) }

func mark(s store.Span) string {
	switch {
	case s.Status == statusErr:
		return "✗"
	case s.Attributes[semconv.Aborted] == "true":
		return "⊘"
	case s.Attributes[semconv.Open] == "true":
		return "…"
	default:
		return "✓"
	}
}

// kindWord names the kind where the span's own name does not tell it.
func kindWord(s store.Span) string {
	switch kind := s.Attributes[semconv.Kind]; kind {
	case semconv.KindExecution, semconv.KindAttempt, semconv.KindInvocation, semconv.KindTrigger:
		return kind + " "
	default:
		return ""
	}
}

// joinNote says by what evidence a Lambda was joined; certainty goes unsaid.
func joinNote(s store.Span) string {
	if s.Join == nil {
		return ""
	}
	if s.Join.Confidence >= 1 {
		return " ⇠ " + s.Join.Method
	}
	return fmt.Sprintf(" ⇠ %s %.0f%%", s.Join.Method, s.Join.Confidence*100)
}

// failure is the error text under a span that failed by itself, or why somebody stopped an execution: what only passes
// on a child's error stays quiet.
func failure(l line) string {
	s := l.span
	switch kind := s.Attributes[semconv.Kind]; {
	case s.Status != statusErr && s.Attributes[semconv.Aborted] != "true":
		return ""
	case kind == semconv.KindCall:
		return errorText(s.Attributes[semconv.ErrorType], s.StatusMessage)
	case kind == semconv.KindAttempt,
		(kind == semconv.KindState || kind == semconv.KindExecution) && !l.childFailed:
		return errorText(s.Attributes[semconv.Error], s.Attributes[semconv.Cause])
	default:
		return ""
	}
}

// errorText is "error: cause" in one line. Lambda's cause is a JSON object, of which people read the errorMessage.
func errorText(name, cause string) string {
	var failed struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(cause), &failed) == nil && failed.ErrorMessage != "" {
		cause = failed.ErrorMessage
	}
	return strings.Trim(printable(name+": "+cause), ": ")
}

func bar(s store.Span, from, to int64, width int) string {
	column := func(at int64) int { // a trigger can be years before what it started: in whole numbers that overflows
		return int(float64(width) * float64(at-from) / float64(max(to-from, 1)))
	}
	start, end := column(s.StartUnixNano), column(s.EndUnixNano)
	start = min(max(start, 0), width-1)
	if end <= start {
		return strings.Repeat(" ", start) + "▏"
	}
	return strings.Repeat(" ", start) + strings.Repeat("█", min(end, width)-start)
}

func spanDuration(s store.Span) string { return Duration(s.EndUnixNano - s.StartUnixNano) }

// Duration writes nanoseconds with three significant digits or so: "850µs", "12.3ms", "10.02s", "3m04s".
func Duration(nano int64) string {
	switch d := time.Duration(nano); {
	case d < time.Millisecond:
		return fmt.Sprintf("%dµs", d.Microseconds())
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.1fms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.2fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
}

func extent(spans []store.Span) (from, to int64) {
	from, to = spans[0].StartUnixNano, spans[0].EndUnixNano
	for _, s := range spans {
		from, to = min(from, s.StartUnixNano), max(to, s.EndUnixNano)
	}
	return from, to
}
