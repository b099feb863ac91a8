package ownmetrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// inProcess is the way of OTLP from the SDK's exporter, which knows how to write metrics, to a pipeline: no connection.
type inProcess struct{ next consumer.Metrics }

// RoundTrip answers when the pipeline has taken the metrics, or fails with its error.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return nil, err
	}
	request := pmetricotlp.NewExportRequest()
	if err := request.UnmarshalProto(body); err != nil {
		return nil, fmt.Errorf("decode own metrics: %w", err)
	}
	if err := p.next.ConsumeMetrics(r.Context(), request.Metrics()); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: r.Proto, Header: http.Header{}, Body: http.NoBody, Request: r,
	}, nil
}

type exporter struct{ *otlpmetrichttp.Exporter }

// newExporter takes nothing from OTEL_EXPORTER_OTLP_… variables that would change the way.
func newExporter(ctx context.Context, next consumer.Metrics) (sdkmetric.Exporter, error) {
	inner, err := otlpmetrichttp.New(ctx,
		otlpmetrichttp.WithEndpointURL("http://own-metrics.invalid/v1/metrics"),
		otlpmetrichttp.WithHTTPClient(&http.Client{Transport: inProcess{next}}),
		otlpmetrichttp.WithHeaders(nil),
		otlpmetrichttp.WithCompression(otlpmetrichttp.NoCompression),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{Enabled: false}),
	)
	if err != nil {
		return nil, fmt.Errorf("make the exporter of own metrics: %w", err)
	}
	return exporter{inner}, nil
}

// Export names no address in its error, for there is none.
func (e exporter) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	err := e.Exporter.Export(ctx, metrics)
	var failure *url.Error
	if errors.As(err, &failure) {
		return failure.Err
	}
	return err
}
