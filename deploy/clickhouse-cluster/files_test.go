package cluster

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

type compose struct {
	Services map[string]struct {
		Image, Hostname string
		Environment     map[string]string
		Ports, Volumes  []string
	}
	Volumes map[string]any
}

func readCompose(t *testing.T) (c compose) {
	t.Helper()
	text, err := os.ReadFile("docker-compose.yaml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &c))
	return c
}

// readXML returns the texts of elements and the values of attributes, by element.
func readXML(t *testing.T, file string) map[string][]string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	found, element := map[string][]string{}, ""
	for decoder := xml.NewDecoder(f); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		require.NoError(t, err, file)
		switch token := token.(type) {
		case xml.StartElement:
			element = token.Name.Local
			for _, a := range token.Attr {
				found[a.Name.Local] = append(found[a.Name.Local], a.Value)
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" {
				found[element] = append(found[element], text)
			}
		}
	}
}

// The files are well-formed and name each other's things.
func TestTheFilesFitTogether(t *testing.T) {
	c := readCompose(t)
	require.Len(t, c.Services, 3)
	shards := map[string]bool{}
	for name, service := range c.Services {
		for _, port := range service.Ports {
			require.True(t, strings.HasPrefix(port, "127.0.0.1:"), "%s listens beyond loopback", name)
		}
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if strings.HasPrefix(source, "./") {
				require.FileExists(t, source)
				continue
			}
			require.Contains(t, c.Volumes, source)
		}
		if service.Hostname == "" {
			continue
		}
		require.Equal(t, name, service.Hostname)
		require.Equal(t, name, service.Environment["REPLICA"])
		shards[service.Environment["SHARD"]] = true
		for _, variable := range readXML(t, "cluster.xml")["from_env"] {
			require.NotEmpty(t, service.Environment[variable], "%s has no %s", name, variable)
		}
	}
	require.Equal(t, map[string]bool{"1": true, "2": true}, shards)

	cluster := readXML(t, "cluster.xml")
	require.Equal(t, []string{"clickhouse-1", "clickhouse-2", "keeper"}, cluster["host"])
	for _, host := range cluster["host"] {
		require.Contains(t, c.Services, host)
	}
	require.Equal(t, []string{"true", "true"}, cluster["internal_replication"])
	keeper := readXML(t, "keeper.xml")
	require.Equal(t, keeper["tcp_port"], cluster["port"][len(cluster["port"])-1:])
	require.Contains(t, c.Services, keeper["hostname"][0])
}
