package collector

import (
	"errors"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/bearertokenauthextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/healthcheckextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/pprofextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/attributesprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/redactionprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/debugexporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/zpagesextension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver"

	"github.com/steptrace/steptrace/collector/clickhouseexporter"
	"github.com/steptrace/steptrace/collector/guardedotlp"
	"github.com/steptrace/steptrace/collector/guardedstorage"
	"github.com/steptrace/steptrace/collector/ownmetrics"
	"github.com/steptrace/steptrace/collector/stepfunctionsreceiver"
	"github.com/steptrace/steptrace/collector/vendedlogsreceiver"
)

// factories lists the components of this distribution.
func factories() (otelcol.Factories, error) {
	own := ownmetrics.New()
	receivers, rerr := otelcol.MakeFactoryMap[receiver.Factory](
		guardedotlp.NewFactory(),
		own.Receiver(),
		stepfunctionsreceiver.NewFactory(),
		vendedlogsreceiver.NewFactory(),
	)
	processors, perr := otelcol.MakeFactoryMap[processor.Factory](
		memorylimiterprocessor.NewFactory(),
		batchprocessor.NewFactory(),
		attributesprocessor.NewFactory(),
		redactionprocessor.NewFactory(),
		tailsamplingprocessor.NewFactory(),
	)
	exporters, xerr := otelcol.MakeFactoryMap[exporter.Factory](
		clickhouseexporter.NewFactory(),
		otlpexporter.NewFactory(),
		otlphttpexporter.NewFactory(),
		debugexporter.NewFactory(),
	)
	extensions, eerr := otelcol.MakeFactoryMap[extension.Factory](
		healthcheckextension.NewFactory(),
		guardedstorage.NewFactory(),
		bearertokenauthextension.NewFactory(),
		pprofextension.NewFactory(),
		zpagesextension.NewFactory(),
	)
	return otelcol.Factories{
		Receivers:  receivers,
		Processors: processors,
		Exporters:  exporters,
		Extensions: extensions,
		Telemetry:  own.Telemetry(),
	}, errors.Join(rerr, perr, xerr, eerr)
}

// factories are those of the distribution, with what takes their place.
func (s *Settings) factories() (otelcol.Factories, error) {
	all, err := factories()
	if err == nil && s.StepFunctions != nil {
		all.Receivers[s.StepFunctions.Type()] = s.StepFunctions
	}
	return all, err
}
