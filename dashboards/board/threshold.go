package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Colours that the common kinds of colour-blindness tell apart; what they say stands there as text too.
const (
	calm    = "blue"
	warning = "orange"
	alarm   = "red"
	muted   = "text"
)

// step begins at a value.
type step struct {
	from  float64
	color string
}

// steps are thresholds: calm below the first step.
func steps(more ...step) *dashboard.ThresholdsConfigBuilder {
	all := []dashboard.Threshold{{Color: calm}}
	for _, s := range more {
		all = append(all, dashboard.Threshold{Value: cog.ToPtr(s.from), Color: s.color})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(all)
}

// failing are the thresholds of error rates.
func failing() *dashboard.ThresholdsConfigBuilder {
	return steps(step{0.01, warning}, step{0.05, alarm})
}

// anyIsBad are the thresholds of counts that should be 0.
func anyIsBad() *dashboard.ThresholdsConfigBuilder { return steps(step{1, alarm}) }

// byStatus gives series whose name has a status its colour.
func byStatus(p *dashboard.PanelBuilder) *dashboard.PanelBuilder {
	for _, s := range statuses {
		color := map[string]any{"mode": "fixed", "fixedColor": s.color}
		p.OverrideByRegexp("/\\b"+s.status+"$/", []dashboard.DynamicConfigValue{{Id: "color", Value: color}})
	}
	return p
}

// statuses of executions and states, by sign, word and colour.
var statuses = []struct{ status, text, color string }{
	{"RUNNING", "▶ running", calm},
	{"SUCCEEDED", "✓ succeeded", "green"},
	{"CAUGHT", "↷ caught", warning},
	{"FAILED", "✗ failed", alarm},
	{"TIMED_OUT", "⏱ timed out", "dark-red"},
	{"ABORTED", "⊘ aborted", "purple"},
	{"NOT_REACHED", "· not reached", muted},
}

// statusTexts name a status by sign, word and colour.
func statusTexts() []any {
	results := map[string]any{}
	for i, s := range statuses {
		results[s.status] = map[string]any{"text": s.text, "color": s.color, "index": i}
	}
	return []any{map[string]any{"type": "value", "options": results}}
}
