package query_test

import (
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
)

// What Grafana 10.1 to 13 and its apps put into a query besides what its author wrote.
var sentByGrafana = map[string]string{
	"panel": `{"refId":"A","datasource":{"type":"steptrace-datasource","uid":"steptrace"},"datasourceId":7,"intervalMs":30000,
		"maxDataPoints":1043,"queryType":"failures","hide":false}`,
	"panel with query caching of Enterprise": `{"refId":"A","queryType":"failures","datasource":{"uid":"steptrace"},
		"datasourceId":7,"intervalMs":30000,"maxDataPoints":1043,"queryCachingTTL":300000,"cacheTimeout":"60"}`,
	"panel of scenes with ad hoc filters and scopes": `{"refId":"A","queryType":"failures","datasource":{"uid":"steptrace"},
		"adhocFilters":[{"key":"team","operator":"=","value":"a"}],"filters":[],"groupByKeys":[],
		"scopes":[{"title":"s","filters":[]}],"timeRange":{"from":"now-6h","to":"now"}}`,
	"Explore": `{"refId":"A","key":"Q-0b6c7d9a-7d0f-4f0e-8c1e-000000000001-0","queryType":"failures",
		"datasource":{"type":"steptrace-datasource","uid":"steptrace"},"datasourceId":7,"intervalMs":5000,"maxDataPoints":1500,
		"requestId":"explore_left","withStreaming":true,"supportingQueryType":"logsVolume"}`,
	"alert rule": `{"refId":"A","queryType":"failures","datasource":{"type":"steptrace-datasource","uid":"steptrace"},
		"intervalMs":1000,"maxDataPoints":43200,"hide":false,"instant":true,"range":false}`,
	"alert rule, provisioned with little": `{"queryType":"failures","refId":"A","intervalMs":1000,"maxDataPoints":43200}`,
	"alert preview": `{"refId":"A","queryType":"failures","datasourceUid":"steptrace","relativeTimeRange":{"from":600,"to":0},
		"intervalMs":1000,"maxDataPoints":43200,"orgId":1}`,
	"annotation":            `{"refId":"Anno","queryType":"failures","fromAnnotations":true,"datasource":{"uid":"steptrace"}}`,
	"query service":         `{"refId":"A","queryType":"failures","resultAssertions":{"typeVersion":[0,0]},"timeRange":{"from":"1","to":"2"}}`,
	"old forms of a source": `{"refId":"A","queryType":"failures","datasource":null,"hide":null,"key":null,"datasourceId":null}`,
	"a source by its name":  `{"refId":"A","queryType":"failures","datasource":"Steptrace","intervalMs":"1000","maxDataPoints":"100","hide":"false"}`,
}

func TestWhatGrafanaAddsSaysNothing(t *testing.T) {
	for name, sent := range sentByGrafana {
		t.Run(name, func(t *testing.T) {
			q, err := query.Decode(backend.DataQuery{RefID: "A", JSON: []byte(sent)})
			require.NoError(t, err)
			require.Equal(t, query.Failures, q.Type)
			require.Equal(t, "A", q.RefID)
			require.Empty(t, q.Unknown)
		})
	}
}

// A field of a newer Grafana must not end an alert rule; it is told, for it may be a typing error, too.
func TestUnknownFieldsAreTold(t *testing.T) {
	q, err := query.Decode(backend.DataQuery{
		RefID: "A", JSON: []byte(`{"queryType":"failures","stateMachine":["a"],"zeta":{"a":[1]},"States":["b"],"aNew":null}`),
	})
	require.NoError(t, err)
	require.Equal(t, []string{"aNew", "stateMachine", "zeta"}, q.Unknown)
	require.Equal(t, []string{"b"}, q.States)
}

// An alert rule keeps the type of its query beside it, too, and one that is provisioned may have it only there.
func TestTheTypeBesideTheQuery(t *testing.T) {
	q, err := query.Decode(backend.DataQuery{RefID: "A", QueryType: "failures", JSON: []byte(`{"format":"numeric"}`)})
	require.NoError(t, err)
	require.Equal(t, query.Failures, q.Type)
	require.Equal(t, "count", q.Metric)
	q, err = query.Decode(backend.DataQuery{RefID: "A", QueryType: "failures", JSON: []byte(`{"queryType":"cost"}`)})
	require.NoError(t, err)
	require.Equal(t, query.Cost, q.Type)
}
