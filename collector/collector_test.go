package collector_test

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/steptrace/steptrace/collector"
	"github.com/steptrace/steptrace/collector/loopback"
)

func newCollector(t *testing.T, uris ...string) *collector.Collector {
	t.Helper()
	c, err := collector.New(collector.Settings{
		URIs: uris, Version: "test", Logging: []zap.Option{zap.IncreaseLevel(zap.FatalLevel)},
	})
	require.NoError(t, err)
	return c
}

func TestBuiltInConfigurationsAreValid(t *testing.T) {
	for name, config := range map[string]string{"default": collector.DefaultConfig, "agent": collector.AgentConfig} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, newCollector(t, "yaml:"+config).Validate(t.Context()))
		})
	}
	require.NoError(t, newCollector(t).Validate(t.Context()))
}

// Data from other machines needs TLS and a token.
func TestOpenListenersAreRefused(t *testing.T) {
	protected := `"tls": {"cert_file": "c.pem", "key_file": "k.pem"}, "auth": {"authenticator": "bearertokenauth"}`
	cases := []struct{ name, settings, want string }{
		{"everywhere", `{"endpoint": "0.0.0.0:4318"}`, "receivers::otlp::protocols::http::endpoint"},
		{"no host", `{"endpoint": ":4318"}`, "takes data from other machines"},
		{"a name", `{"endpoint": "collector.internal:4318"}`, "takes data from other machines"},
		{"tls alone", `{"endpoint": "10.0.0.1:4318", "tls": {"cert_file": "c.pem", "key_file": "k.pem"}}`, "bearertokenauth"},
		{"loopback", `{"endpoint": "127.0.0.1:4318"}`, ""},
		{"localhost", `{"endpoint": "localhost:4318"}`, ""},
		{"loopback, IPv6", `{"endpoint": "[::1]:4318"}`, ""},
		{"protected", `{"endpoint": "0.0.0.0:4318", ` + protected + `}`, ""},
		{"auth switched off", `{"endpoint": "0.0.0.0:4318", ` + strings.Replace(protected, `"auth": {`, `"auth": {"enabled": false, `, 1) + `}`, "takes data from other machines"},
		{"tls switched off", `{"endpoint": "0.0.0.0:4318", ` + strings.Replace(protected, `"tls": {`, `"tls": {"enabled": false, `, 1) + `}`, "takes data from other machines"},
		{"tls of nothing", `{"endpoint": "0.0.0.0:4318", "tls": null, "auth": {"authenticator": "bearertokenauth"}}`, "takes data from other machines"},
		{"switched off itself", `{"endpoint": "0.0.0.0:4318", "enabled": false}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			overlay := `yaml:{"extensions": {"bearertokenauth": {"token": "x"}},
				"receivers": {"otlp": {"protocols": {"http": ` + c.settings + `}}}}`
			err := newCollector(t, "yaml:"+collector.DefaultConfig, overlay).Validate(t.Context())
			if c.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.want)
			}
		})
	}
}

func TestProfilesAreForThisMachineOnly(t *testing.T) {
	for _, kind := range []string{"pprof", "zpages/inside"} {
		overlay := `yaml:{"extensions": {"` + kind + `": {"endpoint": "0.0.0.0:1777"}}}`
		err := newCollector(t, "yaml:"+collector.DefaultConfig, overlay).Validate(t.Context())
		require.ErrorContains(t, err, "extensions::"+kind+"::endpoint")
	}
}

func TestMissingConfigurationFileIsNamed(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "absent.yaml")
	require.ErrorContains(t, newCollector(t, "file:"+missing).Validate(t.Context()), "absent.yaml")
}

// otlpOnly takes OTLP on the address and drops it.
func otlpOnly(address string) string {
	return fmt.Sprintf(`yaml:{
		"receivers": {"otlp": {"protocols": {"http": {"endpoint": %q}}}},
		"exporters": {"debug": {}},
		"service": {"telemetry": {"metrics": {"level": "none"}},
			"pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["debug"]}}}}`, address)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := loopback.FreeAddress(t.Context())
	require.NoError(t, err)
	return address
}

func TestRunServesOTLPUntilItsContextEnds(t *testing.T) {
	address := freeAddress(t)
	stop := running(t, otlpOnly(address))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Post("http://"+address+"/v1/traces", "application/json", strings.NewReader(`{"resourceSpans":[]}`))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	stop()
}

func TestABusyPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	c := newCollector(t, otlpOnly(l.Addr().String()))
	err = c.Run(t.Context())
	require.ErrorContains(t, err, l.Addr().String())
	require.ErrorContains(t, err, "address already in use")
	require.ErrorContains(t, err, "change that endpoint")
	require.ErrorContains(t, c.WaitReady(t.Context()), "stopped before it was ready")
}
