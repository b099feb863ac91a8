package compose

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

var passwords = []string{"ADMIN_PASSWORD", "WRITER_PASSWORD", "READER_PASSWORD", "GRAFANA_PASSWORD"}

// load reads the file as docker compose does, against its schema.
func load(t *testing.T, environment ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"docker-compose.yaml"},
		cli.WithEnv(environment), cli.WithProfiles([]string{"demo", "aws"}))
	require.NoError(t, err)
	return options.LoadProject(t.Context())
}

func project(t *testing.T) *types.Project {
	t.Helper()
	environment := []string{}
	for _, name := range passwords {
		environment = append(environment, name+"=given-"+name)
	}
	p, err := load(t, environment...)
	require.NoError(t, err)
	require.Len(t, p.Services, 5)
	return p
}

func TestEveryPasswordHasToBeGiven(t *testing.T) {
	for missing, name := range passwords {
		environment := []string{}
		for n, other := range passwords {
			if n != missing {
				environment = append(environment, other+"=x")
			}
		}
		_, err := load(t, environment...)
		require.ErrorContains(t, err, "set "+name)
	}
	for _, service := range project(t).Services {
		for name, value := range service.Environment {
			if strings.Contains(name, "PASSWORD") {
				require.True(t, strings.HasPrefix(*value, "given-"), "%s: %s", service.Name, name)
			}
		}
	}
}

func TestPortsAreOnLoopbackAndImagesPinned(t *testing.T) {
	for _, service := range project(t).Services {
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, service.Name)
		}
		if service.Build == nil {
			require.Regexp(t, `^(clickhouse/clickhouse-server|grafana/grafana):\d+\.\d+(\.\d+)?$`, service.Image)
		}
		require.Empty(t, service.NetworkMode)
		require.False(t, service.Privileged)
	}
	dockerfile, err := os.ReadFile(filepath.Join("..", "Dockerfile"))
	require.NoError(t, err)
	bases := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(dockerfile), -1)
	require.Len(t, bases, 2)
	for _, base := range bases {
		require.Regexp(t, `^\w+:\d+\.\d+`, base[1])
	}
	module, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(string(module))[1]
	require.Contains(t, bases[0][1], "golang:"+version+"-")
}

// What is mounted is there (the plugin once it is built), and what the provisioning files take from the environment is
// set.
func TestGrafanaIsProvisioned(t *testing.T) {
	grafana := project(t).Services["grafana"]
	mounted := map[string]string{}
	for _, v := range grafana.Volumes {
		if v.Type == types.VolumeTypeBind {
			require.True(t, v.ReadOnly)
			mounted[v.Target] = v.Source
		}
	}
	require.Len(t, mounted, 3)
	require.True(t, strings.HasSuffix(mounted["/var/lib/grafana/plugins/steptrace-app"], "/grafana-plugin/dist"))
	require.FileExists(t, filepath.Join(mounted["/etc/grafana/provisioning"], "alerting", "steptrace.yaml"))
	require.FileExists(t, filepath.Join(mounted["/etc/steptrace/json"], "overview.json"))
	files, err := filepath.Glob(filepath.Join(mounted["/etc/grafana/provisioning"], "*", "*.yaml"))
	require.NoError(t, err)
	wanted := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(string(text), -1) {
			require.NotEmpty(t, *grafana.Environment[m[1]], m[1])
			wanted++
		}
	}
	require.Equal(t, 5, wanted)
}

// Writers write and readers read as the users that migrate makes, into the database that it makes.
func TestServicesUseTheSameStore(t *testing.T) {
	services := project(t).Services
	require.Equal(t, types.ShellCommand{
		"migrate", "--dsn", "http://admin@clickhouse:8123/steptrace", "--users", "--writer-migrates",
	}, services["migrate"].Command)
	require.Contains(t, services["sandbox"].Command, "http://steptrace_writer@clickhouse:8123/steptrace")
	value := func(service, name string) string { return *services[service].Environment[name] }
	require.Equal(t, "given-WRITER_PASSWORD", value("sandbox", "STEPTRACE_STORE_PASSWORD"))
	require.Equal(t, "given-WRITER_PASSWORD", value("collector", "STEPTRACE_STORE_PASSWORD"))
	require.Equal(t, "given-WRITER_PASSWORD", value("migrate", "STEPTRACE_STORE_WRITER_PASSWORD"))
	require.Equal(t, "given-READER_PASSWORD", value("migrate", "STEPTRACE_STORE_READER_PASSWORD"))
	require.Equal(t, "steptrace_writer", value("collector", "STEPTRACE_CLICKHOUSE_USER"))
	require.Equal(t, "steptrace_reader", value("grafana", "STEPTRACE_STORE_READER"))
	for _, service := range []string{"collector", "grafana"} {
		require.Equal(t, "steptrace", value(service, "STEPTRACE_CLICKHOUSE_DATABASE"))
		require.Equal(t, "http://clickhouse:8123", value(service, "STEPTRACE_CLICKHOUSE_URL"))
	}
}
