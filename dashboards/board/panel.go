package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/logs"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Units, by Grafana's ids.
const (
	unitCount    = "short"
	unitMillis   = "ms"
	unitSeconds  = "s"
	unitShare    = "percentunit"
	unitPerSec   = "cps"
	unitCurrency = "currencyUSD" // the backend's own, of the price table, comes first
	unitBytes    = "bytes"
	unitFactor   = "none"
)

// fullWidth is the grid's; panels of half and a third of it stand side by side.
const fullWidth, half, third, quarter = 24, 12, 8, 6

// panel is what all panels have. Its queries are named A, B, …
func panel(kind, title, description, unit string, queries ...Query) *dashboard.PanelBuilder {
	p := dashboard.NewPanelBuilder().Type(kind).Title(title).Description(description).Datasource(ours()).
		Unit(unit).Height(8).Span(half).Thresholds(steps())
	for i, q := range queries {
		q.Datasource, q.RefID = ours(), string(rune('A'+i))
		p.WithTarget(q)
	}
	return p
}

// lines draws series over time.
func lines(title, description, unit string, queries ...Query) *dashboard.PanelBuilder {
	return panel("timeseries", title, description, unit, queries...).Min(0).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassic)).
		Options(timeseriesOptions()).
		Custom(timeseries.FieldConfig{
			DrawStyle: cog.ToPtr(common.GraphDrawStyleLine), LineWidth: cog.ToPtr(1.0), FillOpacity: cog.ToPtr(10.0),
			ShowPoints:      cog.ToPtr(common.VisibilityModeAuto),
			ThresholdsStyle: &common.GraphThresholdsStyleConfig{Mode: common.GraphThresholdsStyleModeDashed},
		})
}

// bars draws counts over time, on top of each other.
func bars(title, description, unit string, queries ...Query) *dashboard.PanelBuilder {
	return lines(title, description, unit, queries...).Custom(timeseries.FieldConfig{
		DrawStyle: cog.ToPtr(common.GraphDrawStyleBars), LineWidth: cog.ToPtr(1.0), FillOpacity: cog.ToPtr(70.0),
		Stacking: &common.StackingConfig{Mode: cog.ToPtr(common.StackingModeNormal), Group: cog.ToPtr("A")},
	})
}

func timeseriesOptions() timeseries.Options {
	return timeseries.Options{
		Legend: common.VizLegendOptions{
			DisplayMode: common.LegendDisplayModeTable, Placement: common.LegendPlacementBottom, ShowLegend: true,
			Calcs: []string{"lastNotNull", "max"},
		},
		Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeMulti, Sort: common.SortOrderDescending},
	}
}

// stats shows the numbers of the fields (a regular expression; empty is all numbers), each reduced by calc.
func stats(title, description, unit, calc, fields string, queries ...Query) *dashboard.PanelBuilder {
	return panel("stat", title, description, unit, queries...).Height(4).NoValue("0").Options(stat.Options{
		GraphMode: common.BigValueGraphModeNone, ColorMode: common.BigValueColorModeValue,
		JustifyMode: common.BigValueJustifyModeAuto, TextMode: common.BigValueTextModeValueAndName,
		ReduceOptions: reduced(calc, fields), Orientation: common.VizOrientationAuto,
		PercentChangeColorMode: common.PercentChangeColorModeStandard, WideLayout: true,
	})
}

// ranking shows numbers as bars beside each other.
func ranking(title, description, unit string, queries ...Query) *dashboard.PanelBuilder {
	return panel("bargauge", title, description, unit, queries...).Min(0).Options(bargauge.Options{
		DisplayMode: common.BarGaugeDisplayModeBasic, ValueMode: common.BarGaugeValueModeText,
		NamePlacement: common.BarGaugeNamePlacementLeft, Sizing: common.BarGaugeSizingAuto, ShowUnfilled: true,
		ReduceOptions: reduced("lastNotNull", ""), Orientation: common.VizOrientationHorizontal,
		MinVizHeight: 16, MaxVizHeight: 40, MinVizWidth: 8,
		Legend: common.VizLegendOptions{
			DisplayMode: common.LegendDisplayModeList, Placement: common.LegendPlacementBottom, Calcs: []string{},
		},
	})
}

func reduced(calc, fields string) common.ReduceDataOptions {
	return common.ReduceDataOptions{Calcs: []string{calc}, Values: cog.ToPtr(false), Fields: cog.ToPtr(fields)}
}

// logLines shows a history's events.
func logLines(title, description string, queries ...Query) *dashboard.PanelBuilder {
	return panel("logs", title, description, unitFactor, queries...).Options(logs.Options{
		ShowTime: true, WrapLogMessage: true, EnableLogDetails: true, PrettifyLogMessage: false,
		SortOrder: common.LogsSortOrderAscending, DedupStrategy: common.LogsDedupStrategyNone,
	})
}
