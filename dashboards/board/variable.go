package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// chosen is a variable whose values the data source lists.
func chosen(name, label, of string, machines ...string) *dashboard.QueryVariableBuilder {
	query := map[string]any{"refId": "variable", "of": of}
	if len(machines) > 0 {
		query["stateMachines"] = machines
	}
	return dashboard.NewQueryVariableBuilder(name).Label(label).Datasource(ours()).
		Description("Of the " + of + " in the time range").
		Query(dashboard.StringOrMap{Map: query}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc)
}

// several lets any number of values be chosen, all at first.
func several(v *dashboard.QueryVariableBuilder) *dashboard.QueryVariableBuilder {
	all := dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}}
	return v.Multi(true).IncludeAll(true).Current(dashboard.VariableOption{
		Selected: cog.ToPtr(true), Value: all, Text: dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
	})
}

// machines lets state machines be chosen.
func machines() *dashboard.QueryVariableBuilder {
	return several(chosen("machine", "State machine", "machines"))
}

var theMachines = []string{"$machine"}
