package collector

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"

	"github.com/steptrace/steptrace/collector/loopback"
)

// exposure refuses configurations that take data from other machines without TLS and authentication. It sees the
// configuration as it was written, before defaults, whose endpoints are on loopback. The receiver awsvendedlogs looks
// at its own; health_check may be asked from elsewhere, which is what load balancers and orchestrators do.
type exposure struct{}

func newExposure(confmap.ConverterSettings) confmap.Converter { return exposure{} }

// Convert checks the endpoints of each otlp receiver and of the extensions that show the process's inside, and changes
// nothing.
func (exposure) Convert(_ context.Context, conf *confmap.Conf) error {
	for id, settings := range section(conf, "extensions", "pprof", "zpages") {
		endpoint, _ := settings["endpoint"].(string)
		if endpoint != "" && !loopback.Only(endpoint) {
			return fmt.Errorf("extensions::%s::endpoint: %q shows the process's inside to other machines; listen on "+
				"127.0.0.1, and reach it through a tunnel", id, endpoint)
		}
	}
	for id, settings := range section(conf, "receivers", "otlp") {
		for name, protocol := range object(settings["protocols"]) {
			if !enabled(protocol) {
				continue
			}
			if err := checkExposure(object(protocol)); err != nil {
				return fmt.Errorf("receivers::%s::protocols::%s::%w", id, name, err)
			}
		}
	}
	return nil
}

// section has the settings of the components of the kinds by their IDs.
func section(conf *confmap.Conf, name string, kinds ...string) map[string]map[string]any {
	found := make(map[string]map[string]any)
	for id, settings := range object(conf.Get(name)) {
		kind, _, _ := strings.Cut(id, "/")
		if slices.Contains(kinds, strings.TrimSpace(kind)) {
			found[id] = object(settings)
		}
	}
	return found
}

func checkExposure(settings map[string]any) error {
	endpoint, _ := settings["endpoint"].(string)
	if endpoint == "" || loopback.Only(endpoint) || enabled(settings["tls"]) && enabled(settings["auth"]) {
		return nil
	}
	return fmt.Errorf("endpoint: %q takes data from other machines: set tls and auth (extension bearertokenauth) beside "+
		"it, or listen on 127.0.0.1", endpoint)
}

// enabled tells a section that is there and not switched off, as the Collector lets it be.
func enabled(v any) bool {
	on, written := object(v)["enabled"]
	return v != nil && (!written || on == true)
}

// object is v when it is a mapping, else an empty one: the shapes are checked later, with the Collector's own words.
func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
