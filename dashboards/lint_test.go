package dashboards_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/dashboards/board"
)

var want = []string{
	"steptrace-calls", "steptrace-cost", "steptrace-execution", "steptrace-failures", "steptrace-machine",
	"steptrace-overview", "steptrace-self",
}

func TestDashboardsAreWhole(t *testing.T) {
	all := readDashboards(t)
	require.Len(t, all, len(want))
	for _, uid := range want {
		d, ok := all[uid]
		require.True(t, ok, uid)
		require.True(t, strings.HasPrefix(*d.Title, "Steptrace: "), *d.Title)
		require.NotEmpty(t, *d.Description)
		require.Equal(t, []string{board.Tag}, d.Tags)
		require.EqualValues(t, 38, d.SchemaVersion, "newer ones Grafana 10.1 does not know")
		require.NotEmpty(t, panelsOf(d))
	}
}

func TestPanelsSayWhatTheyShow(t *testing.T) {
	for uid, d := range readDashboards(t) {
		titles := map[string]bool{}
		for _, p := range panelsOf(d) {
			where := uid + ": " + *p.Title
			require.False(t, titles[*p.Title+p.Type], "%s: twice", where)
			titles[*p.Title+p.Type] = true
			require.NotEmpty(t, *p.Title, uid)
			require.Greater(t, len(*p.Description), 15, where)
			require.NotEqual(t, strings.TrimSuffix(*p.Description, "."), *p.Title, where)
			require.NotNil(t, p.FieldConfig.Defaults.Unit, where)
			require.NotEmpty(t, p.FieldConfig.Defaults.Thresholds.Steps, where)
			ours(t, where, p.Datasource)
			refs := map[string]bool{}
			require.NotEmpty(t, p.Targets, where)
			for _, target := range p.Targets {
				q := target.(board.Query)
				ours(t, where, &q.Datasource)
				require.False(t, refs[q.RefID], where)
				refs[q.RefID] = true
			}
		}
		for _, v := range d.Templating.List {
			require.NotEmpty(t, *v.Label, uid)
			require.NotEmpty(t, *v.Description, uid)
			if v.Type == "query" {
				ours(t, uid+": "+v.Name, v.Datasource)
			}
		}
	}
}

func ours(t *testing.T, where string, ref *common.DataSourceRef) {
	t.Helper()
	require.NotNil(t, ref, where)
	require.Equal(t, board.DataSourceUID, *ref.Uid, where)
	require.Equal(t, board.DataSourceType, *ref.Type, where)
}

func TestPanelsDoNotOverlap(t *testing.T) {
	for uid, d := range readDashboards(t) {
		taken := map[[2]uint32]string{}
		ids := map[uint32]bool{}
		for _, p := range d.Panels {
			grid, title, id := placeOf(p)
			require.LessOrEqual(t, grid.X+grid.W, uint32(24), "%s: %s", uid, title)
			require.False(t, ids[id], "%s: %s", uid, title)
			ids[id] = true
			for x := grid.X; x < grid.X+grid.W; x++ {
				for y := grid.Y; y < grid.Y+grid.H; y++ {
					require.Empty(t, taken[[2]uint32{x, y}], "%s: %s lies over it", uid, title)
					taken[[2]uint32{x, y}] = title
				}
			}
		}
	}
}

func placeOf(p dashboard.PanelOrRowPanel) (dashboard.GridPos, string, uint32) {
	if p.RowPanel != nil {
		return *p.RowPanel.GridPos, *p.RowPanel.Title, p.RowPanel.Id
	}
	return *p.Panel.GridPos, *p.Panel.Title, *p.Panel.Id
}

// used finds variables of dashboards; those of Grafana begin with two underscores.
var used = regexp.MustCompile(`\$\{?([a-zA-Z_]\w*)`)

func TestVariablesExist(t *testing.T) {
	for uid, d := range readDashboards(t) {
		names := variablesOf(d)
		text, err := json.Marshal(d)
		require.NoError(t, err)
		for _, m := range used.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasPrefix(m[1], "__") {
				require.Contains(t, names, m[1], uid)
			}
		}
		for _, name := range names {
			require.Regexp(t, `\$\{?`+name+`\b`, string(text), "%s: nothing uses it", uid)
		}
	}
}

func variablesOf(d board.Dashboard) (names []string) {
	for _, v := range d.Templating.List {
		names = append(names, v.Name)
	}
	return names
}

var links = regexp.MustCompile(`"url":"(/[^"\\]*(?:\\.[^"\\]*)*)"`)

func TestLinksResolve(t *testing.T) {
	all := readDashboards(t)
	seen := 0
	for uid, d := range all {
		text, err := json.Marshal(d)
		require.NoError(t, err)
		for _, m := range links.FindAllStringSubmatch(string(text), -1) {
			var link string
			require.NoError(t, json.Unmarshal([]byte(`"`+m[1]+`"`), &link))
			require.NoError(t, resolve(link, all), "%s: %s", uid, link)
			seen++
		}
	}
	require.Greater(t, seen, 20)
	require.Error(t, resolve("/d/steptrace-nowhere", all))
	require.Error(t, resolve("/d/steptrace-machine?var-nothing=1", all))
	require.Error(t, resolve("/a/steptrace-app/nowhere", all))
}

// resolve tells why a link leads nowhere.
func resolve(link string, all map[string]board.Dashboard) error {
	path, parameters, _ := strings.Cut(link, "?")
	parameters = strings.ReplaceAll(parameters, "${__url_time_range}", "from=now-6h&to=now")
	query, err := url.ParseQuery(parameters)
	if err != nil {
		return err
	}
	if page, ok := strings.CutPrefix(path, "/a/steptrace-app/"); ok {
		return resolvePage(page)
	}
	uid, ok := strings.CutPrefix(path, "/d/")
	d, known := all[uid]
	if !ok || !known {
		return fmt.Errorf("no dashboard %q", path)
	}
	for name := range query {
		variable, isVariable := strings.CutPrefix(name, "var-")
		if isVariable && !slices.Contains(variablesOf(d), variable) {
			return fmt.Errorf("%s has no variable %q", uid, variable)
		}
	}
	return nil
}

// resolvePage looks for a page of the app; that of one execution stands in no menu.
func resolvePage(page string) error {
	text, err := os.ReadFile(filepath.Join("..", "grafana-plugin", "src", "plugin.json"))
	if err != nil {
		return err
	}
	if page != "execution" && !strings.Contains(string(text), `"/a/steptrace-app/`+page+`"`) {
		return fmt.Errorf("the app has no page %q", page)
	}
	return nil
}
