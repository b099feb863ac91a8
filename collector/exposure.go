package collector

import (
	"context"
	"fmt"
	"net"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// exposure refuses configurations that take data from other machines without TLS and authentication. It sees the
// configuration as it was written, before defaults, whose endpoints are on loopback.
type exposure struct{}

func newExposure(confmap.ConverterSettings) confmap.Converter { return exposure{} }

// Convert checks the endpoints of each otlp receiver and of the extensions that show the process's inside, and changes
// nothing.
func (exposure) Convert(_ context.Context, conf *confmap.Conf) error {
	extensions, _ := conf.Get("extensions").(map[string]any)
	for id, settings := range extensions {
		endpoint, _ := object(settings)["endpoint"].(string)
		kind, _, _ := strings.Cut(id, "/")
		if (kind == "pprof" || kind == "zpages") && endpoint != "" && !loopback(endpoint) {
			return fmt.Errorf("extensions::%s::endpoint: %q shows the process's inside to other machines; listen on "+
				"127.0.0.1, and reach it through a tunnel", id, endpoint)
		}
	}
	receivers, _ := conf.Get("receivers").(map[string]any)
	for id, section := range receivers {
		if kind, _, _ := strings.Cut(id, "/"); kind != "otlp" {
			continue
		}
		protocols := object(object(section)["protocols"])
		for name, settings := range protocols {
			if err := checkExposure(object(settings)); err != nil {
				return fmt.Errorf("receivers::%s::protocols::%s::%w", id, name, err)
			}
		}
	}
	return nil
}

func checkExposure(settings map[string]any) error {
	endpoint, _ := settings["endpoint"].(string)
	if endpoint == "" || loopback(endpoint) || settings["tls"] != nil && settings["auth"] != nil {
		return nil
	}
	return fmt.Errorf("endpoint: %q takes data from other machines: set tls and auth (extension bearertokenauth) beside "+
		"it, or listen on 127.0.0.1", endpoint)
}

// loopback tells a host:port, or a Unix socket's path, that only this machine reaches.
func loopback(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return strings.HasPrefix(endpoint, "/") // what is neither is refused by the receiver
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// object is v when it is a mapping, else an empty one: the shapes are checked later, with the Collector's own words.
func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
