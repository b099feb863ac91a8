package dashboards_test

import (
	"encoding/json"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/dashboards/board"
)

// choice is what the variables of a dashboard stand for; one without values is All.
type choice map[string][]string

// interpolate is what the data source's front end does before it sends a query (src/datasource/interpolation): an
// element of a list becomes one for each value of its variable, and none for All; fields that are empty are not sent.
func (r *rig) interpolate(q board.Query, c choice) map[string]any {
	r.t.Helper()
	text, err := json.Marshal(q)
	require.NoError(r.t, err)
	var model map[string]any
	require.NoError(r.t, json.Unmarshal(text, &model))
	for field, value := range model {
		switch value := value.(type) {
		case string:
			model[field] = strings.Join(r.expand(value, c), ",")
		case []any:
			list := []string{}
			for _, element := range value {
				list = append(list, r.expand(element.(string), c)...)
			}
			model[field] = list
			if len(list) == 0 {
				delete(model, field)
			}
		}
	}
	return model
}

func (r *rig) expand(text string, c choice) []string {
	name, isVariable := strings.CutPrefix(text, "$")
	if !isVariable {
		return []string{text}
	}
	values, known := c[name]
	require.True(r.t, known, "the test chooses nothing for %s", text)
	return values
}
