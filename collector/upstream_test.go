package collector_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/steptrace/steptrace/collector"
)

// elsewhere puts what listens and writes on free addresses and into the test's own folder.
func elsewhere(t *testing.T) (web, rpc string, extensions map[string]string, uri string) {
	t.Helper()
	web, rpc = freeAddress(t), freeAddress(t)
	extensions = map[string]string{"health_check": freeAddress(t), "pprof": freeAddress(t), "zpages": freeAddress(t)}
	host, port, err := net.SplitHostPort(freeAddress(t))
	require.NoError(t, err)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	return web, rpc, extensions, overlay(t, object{
		"receivers": object{"otlp": object{"protocols": object{
			"http": object{"endpoint": web}, "grpc": object{"endpoint": rpc},
		}}},
		"extensions": object{
			"health_check": object{"endpoint": extensions["health_check"]},
			"pprof":        object{"endpoint": extensions["pprof"]},
			"zpages":       object{"endpoint": extensions["zpages"]},
		},
		"service": object{"telemetry": object{"metrics": object{"readers": []object{{
			"pull": object{"exporter": object{"prometheus": object{"host": host, "port": number}}},
		}}}}},
	})
}

// Configurations that were written for the upstream Collector, with the components that are here, too, are valid and run.
func TestUpstreamConfigurationsRun(t *testing.T) {
	for _, file := range []string{"upstream.yaml", "documented.yaml"} {
		t.Run(file, func(t *testing.T) {
			require.NoError(t, newCollector(t, "file:testdata/"+file).Validate(t.Context()))
			web, rpc, _, uri := elsewhere(t)
			uris := []string{"file:testdata/" + file, uri}
			if file == "upstream.yaml" {
				uris = append(uris, overlay(t, object{"extensions": object{"file_storage": object{"directory": t.TempDir()}}}))
			}
			running(t, uris...)
			status, answer := newWeb(web, nil).post(t, "/v1/traces", typeJSON, "", encoded(t, typeJSON, spans("s", 1)))
			require.Equal(t, http.StatusOK, status, answer)
			_, err := ptraceotlp.NewGRPCClient(dial(t, rpc, nil)).Export(t.Context(), spans("s", 1))
			require.NoError(t, err)
			status, answer = newWeb(web, nil).post(t, "/v1/metrics", typeJSON, "", []byte(`{"resourceMetrics":[]}`))
			require.Equal(t, http.StatusOK, status, answer)
		})
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

// The extensions do in a run what they are for; bearertokenauth has its own test.
func TestExtensionsWork(t *testing.T) {
	web, _, at, uri := elsewhere(t)
	queue := filepath.Join(t.TempDir(), "queue")
	stop := running(t, "yaml:"+collector.DefaultConfig, uri, overlay(t, object{
		"extensions": object{"file_storage": object{"directory": queue}},
		"exporters": object{"clickhouse": object{
			"endpoint": "http://127.0.0.1:1", "sending_queue": object{"batch": object{"flush_timeout": "10ms"}},
		}},
		"service": object{
			"extensions": []string{"file_storage", "health_check", "pprof", "zpages"},
			"pipelines": object{
				"traces": object{"receivers": []string{"otlp"}}, "logs": object{"receivers": []string{"otlp"}},
			},
		},
	}))
	for url, want := range map[string]string{
		"http://" + at["health_check"]:                        `"status":"Server available"`,
		"http://" + at["pprof"] + "/debug/pprof/":             "goroutine",
		"http://" + at["pprof"] + "/debug/pprof/heap?debug=1": "heap profile",
		"http://" + at["zpages"] + "/debug/servicez":          "steptrace",
		"http://" + at["zpages"] + "/debug/pipelinez":         "clickhouse",
		"http://" + at["zpages"] + "/debug/extensionz":        "file_storage",
		"http://" + at["zpages"] + "/debug/featurez":          "Feature Gates",
	} {
		status, body := get(t, url)
		require.Equal(t, http.StatusOK, status, url)
		require.Contains(t, body, want, url)
	}
	status, answer := newWeb(web, nil).post(t, "/v1/traces", typeJSON, "", encoded(t, typeJSON, spans("waits", 10)))
	require.Equal(t, http.StatusOK, status, answer)
	stop()
	files, err := filepath.Glob(filepath.Join(queue, "exporter_clickhouse_*traces*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	kept, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Contains(t, string(kept), "waits", "what the store has not taken is on disk")
}
