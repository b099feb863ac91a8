package dashboards_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/logs"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/dashboards/board"
)

// readDashboards reads the committed files strictly: Grafana's schemas of dashboards and of its panels' options, and
// our queries, have no field beyond those that they know.
func readDashboards(t *testing.T) map[string]board.Dashboard {
	t.Helper()
	for _, variant := range []variants.PanelcfgConfig{
		timeseries.VariantConfig(), stat.VariantConfig(), bargauge.VariantConfig(), table.VariantConfig(),
		logs.VariantConfig(),
	} {
		cog.NewRuntime().RegisterPanelcfgVariant(variant)
	}
	cog.NewRuntime().RegisterDataqueryVariant(variants.DataqueryConfig{
		Identifier: board.DataSourceType, DataqueryUnmarshaler: readQuery, StrictDataqueryUnmarshaler: readQuery,
	})
	files, err := filepath.Glob(filepath.Join("json", "*.json"))
	require.NoError(t, err)
	found := map[string]board.Dashboard{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		d := readStrictly(t, file, text)
		require.NoError(t, d.Validate(), file)
		found[*d.Uid] = d
	}
	return found
}

// strict is what reads JSON without fields that it does not know.
type strict interface{ UnmarshalJSONStrict(text []byte) error }

// fill reads into what is strict, whose error of no mistakes is an error as well.
func fill(t *testing.T, file string, text []byte, into strict) {
	t.Helper()
	var mistakes cog.BuildErrors
	require.ErrorAs(t, into.UnmarshalJSONStrict(text), &mistakes, file)
	require.Empty(t, mistakes, file)
}

// readStrictly reads the panels one by one, for together they come back empty.
func readStrictly(t *testing.T, file string, text []byte) (d board.Dashboard) {
	t.Helper()
	var whole map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &whole), file)
	var panels []json.RawMessage
	require.NoError(t, json.Unmarshal(whole["panels"], &panels), file)
	delete(whole, "panels")
	rest, err := json.Marshal(whole)
	require.NoError(t, err)
	fill(t, file, rest, &d)
	for _, text := range panels {
		var kind struct{ Type string }
		require.NoError(t, json.Unmarshal(text, &kind))
		var p dashboard.PanelOrRowPanel
		if kind.Type == "row" {
			p.RowPanel = dashboard.NewRowPanel()
			fill(t, file, text, p.RowPanel)
		} else {
			p.Panel = dashboard.NewPanel()
			fill(t, file, text, p.Panel)
		}
		d.Panels = append(d.Panels, p)
	}
	return d
}

func readQuery(text []byte) (variants.Dataquery, error) {
	var q board.Query
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&q)
	return q, err
}

// panelsOf are the panels that are no rows.
func panelsOf(d board.Dashboard) (panels []dashboard.Panel) {
	for _, p := range d.Panels {
		if p.Panel != nil {
			panels = append(panels, *p.Panel)
		}
	}
	return panels
}

// The committed JSON is what the source says: after a change run `go run ./dashboards/generate`.
func TestFilesAreGenerated(t *testing.T) {
	want, err := board.All()
	require.NoError(t, err)
	entries, err := os.ReadDir("json")
	require.NoError(t, err)
	require.Len(t, entries, len(want))
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join("json", name))
		require.NoError(t, err)
		require.Equal(t, string(text), string(got), "%s is out of date: go run ./dashboards/generate", name)
	}
}

// What Grafana's schemas do not know is found.
func TestStrangeFieldsAreFound(t *testing.T) {
	readDashboards(t)
	for _, text := range []string{
		`{"type":"stat","panels":1}`,
		`{"type":"timeseries","options":{"legend":{"displayMode":"list","placement":"bottom","showLegend":true,"calcs":[]},
			"tooltip":{"mode":"multi","sort":"none"},"strange":1}}`,
		`{"type":"stat","targets":[{"datasource":{"type":"steptrace-datasource"},"refId":"A","strange":1}]}`,
	} {
		var mistakes cog.BuildErrors
		require.ErrorAs(t, dashboard.NewPanel().UnmarshalJSONStrict([]byte(text)), &mistakes)
		require.Len(t, mistakes, 1, text)
	}
}
