package collector

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pipeline"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/collector/service/telemetry"

	"github.com/steptrace/steptrace/collector/loopback"
	"github.com/steptrace/steptrace/collector/ownmetrics"
)

// maker makes a component for one signal.
type maker func(component.Config) (component.Component, error)

// makers are those of a distribution's component, of all signals that it has.
type makers struct {
	factory component.Factory
	signals map[string]maker
}

func everyComponent(ctx context.Context, t *testing.T) map[string]makers {
	t.Helper()
	all, err := factories()
	require.NoError(t, err)
	withoutReaders := all.Telemetry.CreateDefaultConfig()
	withoutReaders.(*ownmetrics.Config).Metrics.Readers = nil // which listen
	_, err = all.Telemetry.CreateMeterProvider(ctx, telemetry.MeterSettings{
		Settings: telemetry.Settings{Resource: new(pcommon.NewResource())},
	}, withoutReaders) // for own_metrics to read
	require.NoError(t, err)
	next := consumertest.NewNop()
	found := make(map[string]makers)
	for id, f := range all.Receivers {
		set := receivertest.NewNopSettings(id)
		found["receivers/"+id.String()] = makers{f, map[string]maker{
			"traces":  func(c component.Config) (component.Component, error) { return f.CreateTraces(ctx, set, c, next) },
			"logs":    func(c component.Config) (component.Component, error) { return f.CreateLogs(ctx, set, c, next) },
			"metrics": func(c component.Config) (component.Component, error) { return f.CreateMetrics(ctx, set, c, next) },
		}}
	}
	for id, f := range all.Processors {
		set := processortest.NewNopSettings(id)
		found["processors/"+id.String()] = makers{f, map[string]maker{
			"traces":  func(c component.Config) (component.Component, error) { return f.CreateTraces(ctx, set, c, next) },
			"logs":    func(c component.Config) (component.Component, error) { return f.CreateLogs(ctx, set, c, next) },
			"metrics": func(c component.Config) (component.Component, error) { return f.CreateMetrics(ctx, set, c, next) },
		}}
	}
	for id, f := range all.Exporters {
		set := exportertest.NewNopSettings(id)
		found["exporters/"+id.String()] = makers{f, map[string]maker{
			"traces":  func(c component.Config) (component.Component, error) { return f.CreateTraces(ctx, set, c) },
			"logs":    func(c component.Config) (component.Component, error) { return f.CreateLogs(ctx, set, c) },
			"metrics": func(c component.Config) (component.Component, error) { return f.CreateMetrics(ctx, set, c) },
		}}
	}
	for id, f := range all.Extensions {
		set := extensiontest.NewNopSettings(id)
		found["extensions/"+id.String()] = makers{f, map[string]maker{
			"": func(c component.Config) (component.Component, error) { return f.Create(ctx, set, c) },
		}}
	}
	return found
}

// needed is what a component cannot start without.
func needed(t *testing.T, name string) map[string]any {
	t.Helper()
	type object = map[string]any
	address := func() string {
		a, err := loopback.FreeAddress(t.Context())
		require.NoError(t, err)
		return a
	}
	dir := t.TempDir()
	switch name {
	case "receivers/otlp":
		return object{"protocols": object{"grpc": object{"endpoint": address()}, "http": object{"endpoint": address()}}}
	case "receivers/stepfunctions":
		return object{
			"region": "eu-west-1", "endpoint": "http://127.0.0.1:1", "unsigned": true,
			"checkpoint": filepath.Join(dir, "checkpoint.json"),
		}
	case "receivers/awsvendedlogs":
		return object{
			"http":       object{"endpoint": address(), "spool": filepath.Join(dir, "spool")},
			"checkpoint": filepath.Join(dir, "vendedlogs.json"),
		}
	case "processors/memory_limiter":
		return object{"check_interval": "1s", "limit_mib": 100_000}
	case "processors/attributes":
		return object{"actions": []any{object{"key": "a", "action": "delete"}}}
	case "processors/tail_sampling":
		return object{"policies": []any{object{"name": "all", "type": "always_sample"}}}
	case "exporters/clickhouse", "exporters/otlp_http", "exporters/otlphttp":
		return object{"endpoint": "http://127.0.0.1:1"}
	case "exporters/otlp_grpc", "exporters/otlp":
		return object{"endpoint": "127.0.0.1:1"}
	case "extensions/health_check", "extensions/pprof", "extensions/zpages":
		return object{"endpoint": address()}
	case "extensions/file_storage":
		return object{"directory": dir}
	case "extensions/bearertokenauth":
		return object{"token": "x"}
	}
	return nil
}

// own are those of which a second shutdown is wanted to be harmless, too. The Collector asks nobody for it, and its own
// exporter helper panics then.
var own = map[string]bool{
	"receivers/otlp": true, "receivers/stepfunctions": true, "receivers/awsvendedlogs": true,
	"receivers/own_metrics": true,
}

// What upstream's generated tests want of each of its components is wanted of each component here.
func TestLifecycles(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "x")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
	for name, m := range everyComponent(t.Context(), t) {
		require.NoError(t, componenttest.CheckConfigStruct(m.factory.CreateDefaultConfig()), name)
		started := 0
		for signal, create := range m.signals {
			config := func(t *testing.T) component.Config {
				c := m.factory.CreateDefaultConfig()
				require.NoError(t, confmap.NewFromStringMap(needed(t, name)).Unmarshal(c))
				require.NoError(t, confmap.Validate(c))
				return c
			}
			if _, err := create(config(t)); errors.Is(err, pipeline.ErrSignalNotSupported) {
				continue
			}
			started++
			t.Run(fmt.Sprintf("%s %s", name, signal), func(t *testing.T) { checkLifecycle(t, create, config, own[name]) })
		}
		require.Positive(t, started, name)
	}
}

func checkLifecycle(
	t *testing.T, create maker, config func(*testing.T) component.Config, twice bool,
) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	unstarted, err := create(config(t))
	require.NoError(t, err)
	require.NoError(t, unstarted.Shutdown(ctx), "without start")
	c := config(t)
	for range 2 { // the same configuration, again
		started, err := create(c)
		require.NoError(t, err)
		require.NoError(t, started.Start(ctx, componenttest.NewNopHost()))
		require.NoError(t, started.Shutdown(ctx))
		if twice {
			require.NoError(t, started.Shutdown(ctx))
		}
	}
}
