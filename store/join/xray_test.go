package join_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/join"
)

func TestParseTraceHeader(t *testing.T) {
	for text, want := range map[string]join.TraceHeader{
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1": {
			Root: "1-5759e988-bd862e3fe1be46a994272793", Parent: "53995c3f42cd8ad8",
		},
		"Sampled=0; Root=r": {Root: "r"},
		"":                  {}, ";=;;": {}, "root": {},
	} {
		require.Equal(t, want, join.ParseTraceHeader(text), text)
	}
}

func TestAssignByXRay(t *testing.T) {
	header := func(root, parent string) join.TraceHeader { return join.TraceHeader{Root: root, Parent: parent} }
	sends := func(a join.Attempt, h join.TraceHeader) join.Attempt { a.XRay, a.Fingerprint = h, ""; return a }
	gets := func(i join.Invocation, h join.TraceHeader) join.Invocation { i.XRay = h; return i }
	for name, test := range map[string]struct {
		attempts    []join.Attempt
		invocations []join.Invocation
		want        []string
	}{
		"the parent tells which": {
			[]join.Attempt{sends(attempt("a", 0, 100), header("r", "p")), sends(attempt("b", 0, 100), header("r", "q"))},
			[]join.Invocation{gets(invocation("i", 5, 90), header("r", "q"))},
			[]string{"b-i xray 0.95"},
		},
		"the root, function and time do": {
			[]join.Attempt{sends(attempt("a", 0, 100), header("r", "")), sends(attempt("b", 200, 300), header("r", ""))},
			[]join.Invocation{gets(invocation("i", 210, 290), header("r", "x"))},
			[]string{"b-i xray 0.9"},
		},
		"two fit": {
			[]join.Attempt{sends(attempt("a", 0, 100), header("r", "")), sends(attempt("b", 4, 100), header("r", ""))},
			[]join.Invocation{gets(invocation("i", 5, 90), header("r", "x"))},
			[]string{"b-i xray 0.45"},
		},
		"another root": {
			[]join.Attempt{sends(attempt("a", 0, 100), header("r", ""))},
			[]join.Invocation{gets(invocation("i", 5, 90), header("s", "")), gets(invocation("j", 5, 90), header("", ""))},
			[]string{},
		},
		"another time": {
			[]join.Attempt{sends(attempt("a", 0, 100), header("r", "p"))},
			[]join.Invocation{gets(invocation("i", 500, 900), header("r", "p"))},
			[]string{},
		},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, drawn(join.Assign(test.attempts, test.invocations))) })
	}
}
