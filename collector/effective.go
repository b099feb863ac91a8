package collector

import (
	"context"
	"fmt"
	"net/url"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/otelcol"
	"go.yaml.in/yaml/v3"
)

// Effective is the configuration that a Collector of these settings runs with, as YAML: sources merged, variables
// resolved, defaults filled in, and secrets masked. A configuration that is not valid is an error, which names the key.
func Effective(ctx context.Context, s Settings) ([]byte, error) {
	provider, err := otelcol.NewConfigProvider(s.sources())
	if err != nil {
		return nil, fmt.Errorf("read collector configuration: %w", err)
	}
	components, err := s.factories()
	if err != nil {
		return nil, err
	}
	config, err := provider.Get(ctx, components)
	if err != nil {
		return nil, err
	}
	if err := confmap.Validate(config); err != nil {
		return nil, err
	}
	shown := confmap.New()
	if err := shown.Marshal(config); err != nil {
		return nil, err
	}
	return yaml.Marshal(masked(shown.ToStringMap()))
}

// masked takes passwords out of URLs, and the headers of the Collector's own telemetry; other secrets have a type that
// masks itself.
func masked(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			switch key {
			case "headers", "headers_list":
				v[key] = hidden(member)
			default:
				v[key] = masked(member)
			}
		}
	case []any:
		for i, member := range v {
			v[i] = masked(member)
		}
	case string:
		if u, err := url.Parse(v); err == nil && u.User != nil {
			return u.Redacted()
		}
	}
	return v
}

// hidden masks headers in each way of writing them: {NAME: VALUE}, [{name: NAME, value: VALUE}] and NAME=VALUE.
func hidden(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			if key != "name" {
				v[key] = hidden(member)
			}
		}
		return v
	case []any:
		for i, member := range v {
			v[i] = hidden(member)
		}
		return v
	case nil:
		return nil
	}
	return "[REDACTED]"
}
