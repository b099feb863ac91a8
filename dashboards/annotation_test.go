package dashboards_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"
)

// labelled is a value as Grafana gives it to templates (pkg/services/ngalert/state/template): printed with two
// significant digits.
type labelled struct{ Value float64 }

func (v labelled) String() string {
	if v.Value == 0 {
		return "0"
	}
	before := int(math.Floor(math.Log10(math.Abs(v.Value)))) + 1
	return strconv.FormatFloat(v.Value, 'f', max(0, 2-before), 64)
}

// functions are those of Grafana's templates that our annotations use; the rest are Go's own.
var functions = template.FuncMap{
	"externalURL":        func() string { return "https://grafana.example/sub/" },
	"humanizePercentage": func(v float64) string { return fmt.Sprintf("%.4g%%", v*100) },
}

// render expands an annotation as Grafana does.
func render(t *testing.T, text string, i instance) string {
	t.Helper()
	parsed, err := template.New("annotation").Funcs(functions).Option("missingkey=invalid").
		Parse("{{- $labels := .Labels -}}{{- $values := .Values -}}" + text)
	require.NoError(t, err)
	values := map[string]labelled{}
	for refID, v := range i.seen {
		values[refID] = labelled{v}
	}
	var out strings.Builder
	require.NoError(t, parsed.Execute(&out, map[string]any{"Labels": map[string]string(i.labels), "Values": values}))
	require.NotContains(t, out.String(), "<no value>", text)
	return out.String()
}
