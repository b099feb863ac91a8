package wrapper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"runtime/debug"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
)

// invocation is one call of the handler, from the payload to the moment its response has been handed to Lambda.
type invocation struct {
	t        *telemetry
	ctx      context.Context // the handler's; it lives exactly as long as the invocation
	span     trace.Span
	turn     *turn
	alarm    *time.Timer // before the deadline; nil without a deadline
	ended    sync.Once
	released sync.Once
	response response
}

// begin is nil if a propagator or sampler that the function brings panics: the handler is not to suffer for it.
func (t *telemetry) begin(ctx context.Context, payload []byte) (inv *invocation) {
	lc, ok := lambdacontext.FromContext(ctx)
	if !ok {
		lc = &lambdacontext.LambdaContext{} // called outside Lambda, from a test say
	}
	begun := &invocation{t: t, turn: t.extension.begin(lc.AwsRequestID)}
	defer func() {
		if fault := recover(); fault != nil {
			begun.turn.end()
			t.cfg.logger.Error("steptrace: tracing has failed; this invocation goes on without",
				slog.Any("fault", fault), slog.String("stack", string(debug.Stack())))
			inv = nil
		}
	}()
	begun.start(ctx, lc, payload)
	return begun
}

func (inv *invocation) start(ctx context.Context, lc *lambdacontext.LambdaContext, payload []byte) {
	t := inv.t
	c := faas.CauseOf(ctx, t.cfg.propagator, payload)
	options := make([]trace.SpanStartOption, 0, 3)
	options = append(options, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(c.AppendAttributes(t.invocationAttributes(ctx, lc, payload))...))
	if len(c.Links) > 0 {
		options = append(options, trace.WithLinks(c.Links...))
	}
	inv.ctx, inv.span = t.tracer.Start(c.Context, t.functionName, options...)
	inv.recordPayload("request", payload)
	if !t.concurrent {
		t.sender.queue.hold(inv.span, died)
	}
	inv.setAlarm(ctx)
}

// setAlarm arranges that an invocation which Lambda is about to kill is seen nevertheless.
func (inv *invocation) setAlarm(ctx context.Context) {
	deadline, ok := ctx.Deadline()
	if !ok || !inv.span.IsRecording() {
		return
	}
	left := time.Until(deadline)
	margin := min(inv.t.cfg.timeoutMargin, left/4)
	inv.alarm = time.AfterFunc(left-margin, func() {
		if !inv.t.concurrent {
			inv.t.sender.queue.hold(inv.span, timedOut)
		}
		inv.t.sender.sendUnfinished(inv.ctx, inv.span.SpanContext())
	})
}

// answered ends the invocation with the handler's answer: at once for one in memory, at its last byte for a stream.
func (inv *invocation) answered(answer io.Reader) io.Reader {
	_, inMemory := answer.(interface{ Bytes() []byte })
	if inMemory || answer == nil {
		inv.recordResponse(answer)
		inv.end()
	}
	inv.response = response{answer: answer, inv: inv}
	return &inv.response
}

// failed ends the invocation with the handler's error. Nothing tells when Lambda has taken an error, so that sending
// starts now, beside it.
func (inv *invocation) failed(err error) {
	inv.recordError(describe(err))
	inv.end()
	if exits(err) {
		inv.t.sender.flushLast(inv.ctx)
	}
	inv.release()
}

// panicked records a panic and sends at once: aws-lambda-go reports it and ends the process.
func (inv *invocation) panicked(value any) {
	faas.RecordError(inv.span, faas.Error{
		Type: typeName(value), Message: fmt.Sprint(value), Stack: string(debug.Stack()),
	})
	inv.end()
	inv.t.sender.flushLast(inv.ctx)
	inv.release()
}

func (inv *invocation) recordError(name, message string) {
	faas.RecordError(inv.span, faas.Error{Type: name, Message: message})
}

// end closes the span. It may be called again.
func (inv *invocation) end() {
	inv.ended.Do(func() {
		if inv.alarm != nil {
			inv.alarm.Stop()
		}
		inv.span.End()
	})
}

// release is the moment from which sending disturbs nobody: the response has been handed over. It may be called again.
func (inv *invocation) release() {
	inv.released.Do(func() {
		inv.end()
		if !inv.turn.end() {
			inv.t.afterResponse(inv.ctx)
		}
	})
}

// describe returns errorType and errorMessage as Lambda reports them for an error: the name of its Go type and its
// text.
func describe(err error) (name, message string) {
	if own, ok := err.(messages.InvokeResponse_Error); ok { //nolint:errorlint // as aws-lambda-go does
		return own.Type, own.Message
	}
	return typeName(err), err.Error()
}

func typeName(value any) string {
	t := reflect.TypeOf(value)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// exits tells whether aws-lambda-go ends the process after reporting this error.
func exits(err error) bool {
	var own messages.InvokeResponse_Error
	return errors.As(err, &own) && own.ShouldExit
}
