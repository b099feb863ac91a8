package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// spansOfText reads "id parent start [event id]" per line, "-" for no parent.
func spansOfText(text string) []Span {
	var spans []Span
	for line := range strings.Lines(strings.TrimSpace(text)) {
		f := strings.Fields(line)
		s := Span{SpanID: f[0], ParentSpanID: strings.Trim(f[1], "-"), StartUnixNano: int64(f[2][0] - '0')}
		if len(f) > 3 {
			s.Attributes = map[string]string{semconv.EventID: f[3]}
		}
		spans = append(spans, s)
	}
	return spans
}

func ids(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.SpanID)
	}
	return b.String()
}

func TestTreeOrder(t *testing.T) {
	for _, test := range []struct {
		name, spans, order, roots string
		connected                 bool
	}{
		{"a tree", "e b 3\nb a 2\nc a 1\na - 0\nd c 5", "acdbe", "a", true},
		{"siblings that start together, by id", "a - 0\nc a 1\nb a 1", "abc", "a", true},
		{"siblings that start together, by the events that opened them", "a - 0\nb a 1 10\nc a 1 9", "acb", "a", true},
		{"a child stored with an earlier start than its parent", "a - 5\nb a 1", "ab", "a", true},
		{"two roots", "b - 1\na - 0\nc b 2", "abc", "ab", false},
		{"a parent that is not here", "b x 1\na - 0", "ab", "ab", false},
		{"a cycle beside the tree", "a - 0\nb c 1\nc b 2", "abc", "a", false},
		{"a span that is its own parent", "a a 0", "a", "", false},
		{"nothing", "", "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			trace := Trace{Spans: InTreeOrder(spansOfText(test.spans))}
			require.Equal(t, test.order, ids(trace.Spans))
			require.Equal(t, test.roots, ids(trace.Roots()))
			require.Equal(t, test.connected, trace.Connected())
		})
	}
}

// Spans from outside may share an id; walking must end, and the first counts.
func TestSharedSpanIDsEnd(t *testing.T) {
	spans := spansOfText("a - 0\nb a 1\nb b 2\nc b 3")
	require.Equal(t, "abc", ids(InTreeOrder(spans)))
	require.False(t, Trace{Spans: spans}.Connected())
}
