package board

import (
	"reflect"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
)

// Ids of what the dashboards are made of.
const (
	DataSourceUID  = "steptrace"
	DataSourceType = "steptrace-datasource"
	WorkflowPanel  = "steptrace-workflow-panel"
)

func ours() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr(DataSourceType), Uid: cog.ToPtr(DataSourceUID)}
}

// Query is a query of the Steptrace data source: docs/grafana-data.md describes its fields.
type Query struct {
	Datasource    common.DataSourceRef `json:"datasource"`
	RefID         string               `json:"refId"`
	Type          string               `json:"queryType"`
	Format        string               `json:"format,omitempty"`
	Metric        string               `json:"metric,omitempty"`
	Execution     string               `json:"execution,omitempty"`
	StateMachines []string             `json:"stateMachines,omitempty"`
	States        []string             `json:"states,omitempty"`
	Statuses      []string             `json:"statuses,omitempty"`
	Errors        []string             `json:"errors,omitempty"`
	Kind          string               `json:"kind,omitempty"`
	Caught        bool                 `json:"caught,omitempty"`
	Aggregate     bool                 `json:"aggregate,omitempty"`
	Services      []string             `json:"services,omitempty"`
	Operations    []string             `json:"operations,omitempty"`
	Callers       []string             `json:"callers,omitempty"`
	FailedOnly    bool                 `json:"failedOnly,omitempty"`
	Slowest       bool                 `json:"slowest,omitempty"`
	By            string               `json:"by,omitempty"`
	Architecture  string               `json:"architecture,omitempty"`
	Limit         int                  `json:"limit,omitempty"`
	RawSQL        string               `json:"rawSql,omitempty"`
	Live          bool                 `json:"live,omitempty"`
}

// Build makes the query a target of a panel.
func (q Query) Build() (variants.Dataquery, error) { return q, nil }

// ImplementsDataqueryVariant marks a data query.
func (q Query) ImplementsDataqueryVariant() {}

// DataqueryType is the data source's type.
func (q Query) DataqueryType() string { return DataSourceType }

// Equals reports whether both ask the same.
func (q Query) Equals(other variants.Dataquery) bool { return reflect.DeepEqual(q, other) }

// Validate finds nothing: the data source's backend decodes each query in the tests.
func (q Query) Validate() error { return nil }

// series is the query's metric over time.
func series(q Query, metric string) Query {
	q.Format, q.Metric = "time_series", metric
	return q
}

// numbers is the query's metric over the whole range, one number for each set of labels.
func numbers(q Query, metric string) Query {
	q.Format, q.Metric = "numeric", metric
	return q
}
