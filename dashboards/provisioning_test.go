package dashboards_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/dashboards"
	"github.com/steptrace/steptrace/dashboards/board"
)

func TestDataSourceIsProvisioned(t *testing.T) {
	var f struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct {
			Name, Type, UID, Access, URL string
			Editable                     bool              `yaml:"editable"`
			JSONData                     map[string]string `yaml:"jsonData"`
			SecureJSONData               map[string]string `yaml:"secureJsonData"`
		}
	}
	strictYAML(t, &f, "provisioning", "datasources", "steptrace.yaml")
	require.Len(t, f.Datasources, 1)
	d := f.Datasources[0]
	require.Equal(t, board.DataSourceUID, d.UID)
	require.Equal(t, board.DataSourceType, d.Type)
	require.Equal(t, "proxy", d.Access)
	require.Equal(t, map[string]string{"password": "${STEPTRACE_STORE_READER_PASSWORD}"}, d.SecureJSONData)
	require.Len(t, d.JSONData, 2)
	require.Contains(t, d.JSONData, "database")
	require.Contains(t, d.JSONData, "username")
}

func TestAppIsEnabled(t *testing.T) {
	var f struct {
		APIVersion int `yaml:"apiVersion"`
		Apps       []struct {
			Type     string
			OrgID    int `yaml:"org_id"`
			Disabled bool
		}
	}
	strictYAML(t, &f, "provisioning", "plugins", "steptrace.yaml")
	require.Len(t, f.Apps, 1)
	require.Equal(t, "steptrace-app", f.Apps[0].Type)
	require.False(t, f.Apps[0].Disabled)
}

func TestDashboardsAreProvisioned(t *testing.T) {
	var f struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Folder, Type string
			OrgID              int    `yaml:"orgId"`
			FolderUID          string `yaml:"folderUid"`
			DisableDeletion    bool   `yaml:"disableDeletion"`
			AllowUIUpdates     bool   `yaml:"allowUiUpdates"`
			Interval           int    `yaml:"updateIntervalSeconds"`
			Options            map[string]string
		}
	}
	strictYAML(t, &f, "provisioning", "dashboards", "steptrace.yaml")
	require.Len(t, f.Providers, 1)
	require.Equal(t, map[string]string{"path": "${STEPTRACE_DASHBOARDS}"}, f.Providers[0].Options)
}

// receivers are the settings that the examples give to each type.
var receivers = map[string][]string{
	"webhook": {"url", "httpMethod", "authorization_scheme", "authorization_credentials"},
	"slack":   {"url", "title", "text"},
	"email":   {"addresses", "subject", "message", "singleEmail"},
}

type contactPoints struct {
	APIVersion    int `yaml:"apiVersion"`
	ContactPoints []struct {
		OrgID     int `yaml:"orgId"`
		Name      string
		Receivers []struct {
			UID, Type string
			Settings  map[string]any
		}
	} `yaml:"contactPoints"`
	Templates []struct {
		OrgID          int `yaml:"orgId"`
		Name, Template string
	}
}

// Contact points have no secret or address of their own, and their templates exist and say something.
func TestExampleContactPoints(t *testing.T) {
	var f contactPoints
	strictYAML(t, &f, "examples", "contact-points.yaml")
	require.Len(t, f.ContactPoints, 3)
	require.Len(t, f.Templates, 1)
	templates, err := template.New("").Parse(f.Templates[0].Template)
	require.NoError(t, err)
	for _, c := range f.ContactPoints {
		require.Len(t, c.Receivers, 1)
		for name, value := range c.Receivers[0].Settings {
			require.Contains(t, receivers[c.Receivers[0].Type], name, c.Name)
			text, isText := value.(string)
			if regexp.MustCompile("url|addresses|credentials").MatchString(name) {
				require.Regexp(t, `^\$\{ALERT_[A-Z_]+\}$`, text, c.Name)
			} else if isText && strings.Contains(text, "template") {
				_, err := template.Must(templates.Clone()).Parse(text)
				require.NoError(t, err, c.Name)
			}
		}
	}
	var out strings.Builder
	require.NoError(t, templates.ExecuteTemplate(&out, "steptrace.text", map[string]any{"Alerts": []any{
		map[string]any{"Annotations": map[string]string{"summary": "S", "execution": "E", "runbook_url": "R"}},
	}}))
	require.Equal(t, []string{"S", "Execution:", "E", "Runbook:", "R"}, strings.Fields(out.String()))
}

// route is a notification policy.
type route struct {
	OrgID          int         `yaml:"orgId"`
	Receiver       string      `yaml:"receiver"`
	GroupBy        []string    `yaml:"group_by"`
	ObjectMatchers [][3]string `yaml:"object_matchers"`
	GroupWait      string      `yaml:"group_wait"`
	GroupInterval  string      `yaml:"group_interval"`
	RepeatInterval string      `yaml:"repeat_interval"`
	Routes         []route     `yaml:"routes"`
}

// takes tells whether a route takes an alert.
func (r route) takes(labels map[string]string) bool {
	for _, m := range r.ObjectMatchers {
		holds := labels[m[0]] == m[2]
		if m[1] == "=~" {
			holds = regexp.MustCompile("^(?:" + m[2] + ")$").MatchString(labels[m[0]])
		}
		if !holds {
			return false
		}
	}
	return true
}

// Every rule's alerts reach a contact point of the examples: what is critical the webhook, warnings Slack.
func TestExamplePolicyRoutesEveryRule(t *testing.T) {
	var f struct {
		APIVersion int `yaml:"apiVersion"`
		Policies   []route
	}
	strictYAML(t, &f, "examples", "policies.yaml")
	require.Len(t, f.Policies, 1)
	root := f.Policies[0]
	for uid, r := range readRules(t) {
		receiver := root.Receiver
		for _, child := range root.Routes {
			if child.takes(r.Labels) {
				receiver = child.Receiver
				break
			}
		}
		require.Equal(t, map[string]string{
			"critical": "steptrace-webhook", "warning": "steptrace-slack", "info": "steptrace-email",
		}[r.Labels["severity"]], receiver, uid)
	}
}

// What is written for Grafana are the files as they are here, and those of an earlier version are gone.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "json"), 0o750))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "json", "old.json"), nil, 0o600))
	require.NoError(t, dashboards.Write(dir))
	require.NoFileExists(t, filepath.Join(dir, "json", "old.json"))
	files := 0
	for _, part := range []string{"json", "provisioning"} {
		require.NoError(t, filepath.WalkDir(part, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			files++
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			got, err := os.ReadFile(filepath.Join(dir, path))
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
			return nil
		}))
	}
	require.Equal(t, 11, files)
}
