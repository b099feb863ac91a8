package board

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// link is a data link: of a cell, or of a series.
type link struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	TargetBlank bool   `json:"targetBlank"`
}

// cell is a link's placeholder for the value of another column in the same row, made fit for a URL.
func cell(column string) string { return `${__data.fields["` + column + `"]:percentencode}` }

// label is a link's placeholder for a label of the series.
func label(name string) string { return "${__field.labels." + name + ":percentencode}" }

// toExecution leads to one execution, whatever the time range.
func toExecution(reference string) []link {
	return []link{
		{Title: "Execution", URL: "/a/steptrace-app/execution?execution=" + reference},
		{Title: "Dashboard of the execution", URL: "/d/" + executionUID + "?var-execution=" + reference},
	}
}

func toMachine(name string) link {
	return link{Title: "State machine", URL: "/d/" + machineUID + "?${__url_time_range}&var-machine=" + name}
}

func toFailures(more string) link {
	return link{Title: "Failures", URL: "/d/" + failuresUID + "?${__url_time_range}&" + more}
}

// dataLink is a link of a panel's series.
func dataLink(l link) *dashboard.DashboardLinkBuilder {
	return dashboard.NewDashboardLinkBuilder(l.Title).Url(l.URL)
}
