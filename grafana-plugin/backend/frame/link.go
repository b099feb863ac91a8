package frame

import (
	"net/url"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
)

// Source is the data source, which links to traces ask.
type Source struct{ UID, Name string }

// executionPage is the app's page of an execution, which its ARN follows.
const executionPage = "/a/steptrace-app/execution?execution="

// executionURL is the path of an execution's page.
func executionURL(arn string) string { return executionPage + url.QueryEscape(arn) }

// linkedToExecution links each value to the page of the execution in the row's execution_arn.
func linkedToExecution(f *data.Field) *data.Field {
	return linked(f, data.DataLink{
		Title: "Execution", URL: executionPage + "${__data.fields.execution_arn:percentencode}",
	})
}

// linkedToTrace links each value, a trace id, to its trace in Explore.
func (s Source) linkedToTrace(f *data.Field) *data.Field {
	ask := map[string]any{
		"refId": "A", "queryType": query.Trace, "execution": "${__value.raw}",
		"datasource": map[string]string{"type": "steptrace-datasource", "uid": s.UID},
	}
	return linked(f, data.DataLink{
		Title:    "Trace",
		Internal: &data.InternalDataLink{DatasourceUID: s.UID, DatasourceName: s.Name, Query: ask},
	})
}

func linked(f *data.Field, link data.DataLink) *data.Field {
	if f.Config == nil {
		f.Config = &data.FieldConfig{}
	}
	f.Config.Links = append(f.Config.Links, link)
	return f
}
