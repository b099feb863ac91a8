package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// rows shows a table; its columns' units are by their names.
func rows(title, description string, queries ...Query) *dashboard.PanelBuilder {
	p := panel("table", title, description, unitFactor, queries...).Span(fullWidth).Options(table.Options{
		ShowHeader: true, CellHeight: cog.ToPtr(common.TableCellHeightSm),
		Footer: &common.TableFooterOptions{Reducer: []string{}},
	}).OverrideByName("status", []dashboard.DynamicConfigValue{
		{Id: "mappings", Value: statusTexts()},
		{Id: "custom.cellOptions", Value: map[string]any{"type": "color-text"}},
	})
	for _, c := range []struct{ names, unit string }{
		{"/_ms$/", unitMillis},
		{"/_s$/", unitSeconds},
		{"/(_rate|_share)$/", unitShare},
		{"/_cost$/", unitCurrency},
		{"/_bytes$/", unitBytes},
	} {
		p.OverrideByRegexp(c.names, []dashboard.DynamicConfigValue{{Id: "unit", Value: c.unit}})
	}
	return p
}

// hidden leaves out columns that only links need.
func hidden(p *dashboard.PanelBuilder, columns ...string) *dashboard.PanelBuilder {
	for _, c := range columns {
		p.OverrideByName(c, []dashboard.DynamicConfigValue{{Id: "custom.hidden", Value: true}})
	}
	return p
}

// linked makes a column's cells lead somewhere.
func linked(p *dashboard.PanelBuilder, column string, to ...link) *dashboard.PanelBuilder {
	return p.OverrideByName(column, []dashboard.DynamicConfigValue{{Id: "links", Value: to}})
}
