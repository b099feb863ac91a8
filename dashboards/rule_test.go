package dashboards_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/steptrace/steptrace/dashboards/board"
)

// What Grafana reads of a file in provisioning/alerting (pkg/services/provisioning/alerting/rules_types.go), and
// nothing else.
type ruleFile struct {
	APIVersion int `yaml:"apiVersion"`
	Groups     []struct {
		OrgID    int    `yaml:"orgId"`
		Name     string `yaml:"name"`
		Folder   string `yaml:"folder"`
		Interval string `yaml:"interval"`
		Rules    []rule `yaml:"rules"`
	} `yaml:"groups"`
}

type rule struct {
	UID         string            `yaml:"uid"`
	Title       string            `yaml:"title"`
	Condition   string            `yaml:"condition"`
	Data        []ruleQuery       `yaml:"data"`
	NoData      string            `yaml:"noDataState"`
	ExecErr     string            `yaml:"execErrState"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

type ruleQuery struct {
	RefID string `yaml:"refId"`
	UID   string `yaml:"datasourceUid"`
	Range struct {
		From, To int // seconds before now
	} `yaml:"relativeTimeRange"`
	Model map[string]any `yaml:"model"`
}

const expressions = "__expr__"

// strictYAML reads a file without fields that are not known.
func strictYAML(t *testing.T, into any, path ...string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(into), path)
}

func readRules(t *testing.T) map[string]rule {
	t.Helper()
	var f ruleFile
	strictYAML(t, &f, "provisioning", "alerting", "steptrace.yaml")
	require.Equal(t, 1, f.APIVersion)
	found := map[string]rule{}
	for _, g := range f.Groups {
		require.Equal(t, "Steptrace", g.Folder)
		_, err := time.ParseDuration(g.Interval)
		require.NoError(t, err)
		for _, r := range g.Rules {
			require.NotContains(t, found, r.UID)
			found[r.UID] = r
		}
	}
	return found
}

func TestRulesAreWhole(t *testing.T) {
	rules := readRules(t)
	require.Len(t, rules, 13)
	runbook, err := os.ReadFile(filepath.Join("..", "docs", "alerts.md"))
	require.NoError(t, err)
	for uid, r := range rules {
		t.Run(uid, func(t *testing.T) {
			require.LessOrEqual(t, len(uid), 40, "Grafana's limit")
			require.Contains(t, []string{"OK", "Alerting"}, r.NoData)
			require.Equal(t, "Error", r.ExecErr, "a store that does not answer is no failed execution")
			_, err := time.ParseDuration(r.For)
			require.NoError(t, err)
			require.Contains(t, []string{"info", "warning", "critical"}, r.Labels["severity"])
			require.Contains(t, []string{"step_functions", "steptrace"}, r.Labels["component"])
			for _, name := range []string{"summary", "description", "runbook_url"} {
				require.NotEmpty(t, r.Annotations[name], name)
			}
			_, anchor, _ := strings.Cut(r.Annotations["runbook_url"], "#")
			require.Contains(t, anchors(string(runbook)), anchor, "docs/alerts.md has no such section")
			checkData(t, r)
		})
	}
}

// anchors are those that GitHub gives to headings.
func anchors(markdown string) (found []string) {
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(markdown, -1) {
		kept := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		found = append(found, strings.ReplaceAll(kept, " ", "-"))
	}
	return found
}

// evaluators are those that Grafana 10.1 knows.
var evaluators = []string{"gt", "lt", "within_range", "outside_range"}

func checkData(t *testing.T, r rule) {
	t.Helper()
	known := []string{}
	for _, q := range r.Data {
		require.Equal(t, q.RefID, q.Model["refId"])
		require.NotContains(t, known, q.RefID)
		if q.UID == expressions {
			checkExpression(t, q, known)
		} else {
			require.Equal(t, board.DataSourceUID, q.UID)
			require.Equal(t, "numeric", q.Model["format"], "a threshold takes numbers, with no reduction before it")
			require.Positive(t, q.Range.From)
		}
		known = append(known, q.RefID)
	}
	require.Equal(t, expressions, r.Data[slices.Index(known, r.Condition)].UID)
}

func checkExpression(t *testing.T, q ruleQuery, known []string) {
	t.Helper()
	switch q.Model["type"] {
	case "threshold":
		require.Contains(t, known, q.Model["expression"])
		c := condition(t, q)
		require.Contains(t, evaluators, c.Type)
		require.NotEmpty(t, c.Params)
	case "math":
		for _, m := range used.FindAllStringSubmatch(q.Model["expression"].(string), -1) {
			require.Contains(t, known, m[1])
		}
	default:
		t.Fatalf("expression of type %v", q.Model["type"])
	}
}

type evaluator struct {
	Type   string    `yaml:"type"`
	Params []float64 `yaml:"params"`
}

func condition(t *testing.T, q ruleQuery) evaluator {
	t.Helper()
	text, err := yaml.Marshal(q.Model["conditions"])
	require.NoError(t, err)
	var conditions []struct {
		Evaluator evaluator `yaml:"evaluator"`
	}
	require.NoError(t, yaml.Unmarshal(text, &conditions))
	require.Len(t, conditions, 1, "Grafana takes one")
	return conditions[0].Evaluator
}
