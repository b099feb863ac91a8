package frame

import "github.com/grafana/grafana-plugin-sdk-go/data"

// statuses are shown with a sign, for colour alone tells some people nothing. The colours are of Okabe and Ito's palette,
// which is told apart with any colour vision.
var statuses = data.ValueMappings{data.ValueMapper{
	"RUNNING":   {Text: "▶ RUNNING", Color: "#56B4E9", Index: 0},
	"SUCCEEDED": {Text: "✓ SUCCEEDED", Color: "#009E73", Index: 1},
	"CAUGHT":    {Text: "↷ CAUGHT", Color: "#E69F00", Index: 2},
	"FAILED":    {Text: "✕ FAILED", Color: "#D55E00", Index: 3},
	"TIMED_OUT": {Text: "⧖ TIMED_OUT", Color: "#CC79A7", Index: 4},
	"ABORTED":   {Text: "⊘ ABORTED", Color: "#999999", Index: 5},
}}

// statusColumn is a column of statuses.
func statusColumn[Row any](rows []Row, of func(Row) string) *data.Field {
	return column("status", rows, of).SetConfig(&data.FieldConfig{
		Mappings: statuses, Custom: map[string]any{"cellOptions": map[string]string{"type": "color-text"}},
	})
}
