package render

import (
	"strings"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

var (
	faint  = lipgloss.NewStyle().Faint(true)
	red    = lipgloss.NewStyle().Foreground(lipgloss.Red)
	green  = lipgloss.NewStyle().Foreground(lipgloss.Green)
	yellow = lipgloss.NewStyle().Foreground(lipgloss.Yellow)
	blue   = lipgloss.NewStyle().Foreground(lipgloss.Blue)
	plain  = lipgloss.NewStyle()
)

func statusStyle(status string) lipgloss.Style {
	switch status {
	case "SUCCEEDED":
		return green
	case "FAILED", "TIMED_OUT", "ABORTED":
		return red
	case "RUNNING", "PENDING_REDRIVE":
		return yellow
	default:
		return plain
	}
}

func spanStyle(s store.Span) lipgloss.Style {
	switch {
	case s.Status == statusErr:
		return red
	case s.Attributes[semconv.Open] == "true", s.Attributes[semconv.Aborted] == "true":
		return yellow
	case s.Attributes[semconv.Kind] == semconv.KindInvocation, s.Attributes[semconv.Kind] == semconv.KindCall:
		return blue
	default:
		return green
	}
}

// labelWidth gives the labels what they need, up to three fifths of the width and leaving room for the bars.
func labelWidth(lines []line, width int) int {
	w := 0
	for _, l := range lines {
		w = max(w, lipgloss.Width(l.prefix)+lipgloss.Width(label(l.span)))
	}
	return min(w, mostLabel(width))
}

// mostLabel is what of the width strokes and labels may take.
func mostLabel(width int) int { return min(width*3/5, width-durationW-3-minBar) }

// clip shortens s to w columns, with an ellipsis.
func clip(s string, w int) string {
	if lipgloss.Width(s) <= w {
		return s
	}
	return ansi.Truncate(s, max(w, 1), "…")
}

// Printable replaces what a terminal would obey instead of showing, as names and causes from outside can have it. Line
// feeds and tabs stay.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// printable is one line that a terminal only shows.
func printable(s string) string { return strings.Join(strings.Fields(Printable(s)), " ") }

// maxFailureRows bounds the error text under a span; the whole of it is in the JSON output.
const maxFailureRows = 4

func wrap(s string, width int) []string {
	rows := strings.Split(lipgloss.NewStyle().Width(max(width, 20)).Render(s), "\n")
	if len(rows) > maxFailureRows {
		rows = append(rows[:maxFailureRows-1], "…")
	}
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return rows
}

// statusMark says an execution's status without colour.
func statusMark(status string) string {
	switch status {
	case "SUCCEEDED":
		return "✓"
	case "FAILED", "TIMED_OUT", "ABORTED":
		return "✗"
	default:
		return "…"
	}
}
