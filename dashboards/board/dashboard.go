// Package board describes Steptrace's dashboards; dashboards/generate writes them as the JSON that Grafana reads.
package board

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// schemaVersion is Grafana 10.1's: newer ones migrate it when they load it.
const schemaVersion = 38

// Tag is on each of the dashboards, which link to each other by it.
const Tag = "steptrace"

// Dashboard is one as Grafana 10.1 reads it, and all newer ones do; the schema that is newer 10.1 does not know.
type Dashboard = dashboard.Dashboard //nolint:staticcheck // not for everybody outdated

type builder = dashboard.DashboardBuilder //nolint:staticcheck // as above

var newBuilder = dashboard.NewDashboardBuilder //nolint:staticcheck // as above

// begin is what all dashboards have.
func begin(uid, title, description string) *builder {
	return newBuilder(title).Uid(uid).Description(description).Tags([]string{Tag}).
		Timezone("browser").Tooltip(dashboard.DashboardCursorSyncCrosshair).Time("now-6h", "now").Refresh("30s").
		Link(dashboard.NewDashboardLinkBuilder("Steptrace").Type(dashboard.DashboardLinkTypeDashboards).
			Tags([]string{Tag}).AsDropdown(true).IncludeVars(true).KeepTime(true)).
		Link(dashboard.NewDashboardLinkBuilder("Executions").Type(dashboard.DashboardLinkTypeLink).Icon("external link").
			Url("/a/steptrace-app/executions").KeepTime(true))
}

// All gives the dashboards, by the name of their file.
func All() (map[string][]byte, error) {
	files := map[string][]byte{}
	for name, build := range map[string]*builder{
		"overview": overview(), "machine": machine(), "execution": execution(), "calls": calls(),
		"failures": failures(), "cost": cost(), "steptrace": itself(),
	} {
		d, err := build.Build()
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", name, err)
		}
		d.SchemaVersion = schemaVersion
		number(d.Panels)
		text, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", name, err)
		}
		files[name+".json"] = append(text, '\n')
	}
	return files, nil
}

// number gives each panel its id, by which links and alert rules name it.
func number(panels []dashboard.PanelOrRowPanel) {
	for i, p := range panels {
		id := uint32(i + 1)
		if p.Panel != nil {
			p.Panel.Id = cog.ToPtr(id)
		} else {
			p.RowPanel.Id = id
		}
	}
}
