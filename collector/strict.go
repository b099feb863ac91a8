package collector

import (
	"context"
	"fmt"
	"maps"
	"reflect"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/extension/zpagesextension"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"

	"github.com/steptrace/steptrace/collector/configkeys"
)

// strict refuses the unknown keys that components of the Collector let pass: a limit that is misspelt is none.
type strict struct{}

func newStrict(confmap.ConverterSettings) confmap.Converter { return strict{} }

// Convert checks the sections that hold the settings of an HTTP server or client, and changes nothing.
func (strict) Convert(_ context.Context, conf *confmap.Conf) error {
	for id, settings := range section(conf, "receivers", "otlp") {
		web := maps.Clone(object(object(settings["protocols"])["http"]))
		delete(web, "enabled") // which every section that may be left out has
		if err := known("receivers::"+id+"::protocols::http", reflect.TypeFor[otlpreceiver.HTTPConfig](), web); err != nil {
			return err
		}
	}
	for id, settings := range section(conf, "exporters", "otlp_http", "otlphttp") {
		if err := known("exporters::"+id, reflect.TypeFor[otlphttpexporter.Config](), settings); err != nil {
			return err
		}
	}
	for id, settings := range section(conf, "extensions", "zpages") {
		if err := known("extensions::"+id, reflect.TypeFor[zpagesextension.Config](), settings); err != nil {
			return err
		}
	}
	return nil
}

func known(path string, t reflect.Type, settings map[string]any) error {
	if unknown := configkeys.Unknown(t, settings); len(unknown) > 0 {
		return fmt.Errorf("%s::%s: there is no such key", path, unknown[0])
	}
	return nil
}
