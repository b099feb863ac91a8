package wrapper

import (
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/redact"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// recordPayload adds an event or a response to the span, if that is wanted, redacted and cut. What the redaction does
// not let through is known by its size.
func (inv *invocation) recordPayload(direction string, payload []byte) {
	cfg := &inv.t.cfg
	if cfg.payloadLimit <= 0 || !inv.span.IsRecording() {
		return
	}
	attributes := []attribute.KeyValue{
		attribute.String(semconv.PayloadDirection, direction),
		attribute.Int(semconv.PayloadSize, len(payload)),
	}
	if text := cfg.redacted(payload); len(text) > cfg.payloadLimit {
		attributes = append(attributes, attribute.String(semconv.PayloadBody, faas.Truncate(text, cfg.payloadLimit)),
			attribute.Bool(semconv.PayloadTruncated, true))
	} else {
		attributes = faas.AppendText(attributes, semconv.PayloadBody, text)
	}
	inv.span.AddEvent("payload", trace.WithAttributes(attributes...))
}

func (c *config) redacted(payload []byte) string {
	if c.redaction != nil {
		return c.redactedByOwn(payload)
	}
	redacted, _ := redact.New(c.redactedNames).JSON(payload) // nothing if it is no JSON
	return string(redacted)
}

// redactedByOwn is nothing if the function's redaction panics.
func (c *config) redactedByOwn(payload []byte) (text string) {
	defer func() {
		if fault := recover(); fault != nil {
			c.logger.Error("steptrace: the function given by WithRedaction panics; a payload is not recorded",
				slog.Any("fault", fault))
			text = ""
		}
	}()
	return c.redaction(string(payload))
}

// recordResponse records an answer that is in memory, without reading it.
func (inv *invocation) recordResponse(answer io.Reader) {
	if whole, ok := answer.(interface{ Bytes() []byte }); ok {
		inv.recordPayload("response", whole.Bytes())
	}
}
