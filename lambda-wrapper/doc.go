// Package wrapper traces a Go Lambda function: one span per invocation, one per AWS SDK call, sent to an OpenTelemetry
// collector over OTLP/HTTP after the response has gone.
//
//	func main() {
//		cfg, err := config.LoadDefaultConfig(context.Background())
//		…
//		wrapper.InstrumentAWS(&cfg)
//		wrapper.Start(newHandler(s3.NewFromConfig(cfg)).Handle)
//	}
//
// Without an endpoint (OTEL_EXPORTER_OTLP_ENDPOINT or WithEndpoint) nothing is traced and the handler runs bare.
package wrapper
