package wrapper

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/extension"
)

// extensionName is unique among the extensions of an environment; aws-lambda-go registers another one for SIGTERM.
const extensionName = "steptrace-wrapper"

// registerTimeout bounds registration, an exchange over the environment's loopback during init.
const registerTimeout = 2 * time.Second

// beginWait is how long the handler may take to begin after its INVOKE event. It never begins if aws-lambda-go itself
// refuses the invocation (for a malformed client context); waiting on would bill the caller up to the timeout.
const beginWait = time.Second

// retryPause is the pause between attempts to reach an Extensions API that fails.
const retryPause = 100 * time.Millisecond

// nextEvent waits for the environment's next event.
type nextEvent func(context.Context) (extension.Event, error)

// extensionLoop keeps the environment thawed until spans are out. Lambda freezes it when the function and all
// extensions have asked for their next event; this one asks after the response has been handed over and the spans have
// been sent. A nil loop takes no turns, so that callers send by themselves.
type extensionLoop struct {
	next    nextEvent
	logger  *slog.Logger
	mu      sync.Mutex
	failing bool
	current *turn
	served  []*telemetry
}

// processExtension registers once per process, however many handlers are wrapped in it. It is nil where there is no
// Extensions API, or no need: an environment of several concurrent invocations is not frozen between them.
var processExtension = sync.OnceValue(func() *extensionLoop {
	api := os.Getenv("AWS_LAMBDA_RUNTIME_API")
	if api == "" || concurrent() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), registerTimeout)
	defer cancel()
	client, err := extension.Register(ctx, api, extensionName, extension.Invoke)
	if err != nil {
		slog.Warn("steptrace: no extension; spans are sent before the next invocation is asked for",
			slog.Any("error", err))
		return nil
	}
	e := &extensionLoop{next: client.Next, logger: slog.Default()}
	e.watchShutdown()
	go e.run(context.Background())
	return e
})

// concurrent tells whether the environment runs several invocations at a time (Lambda managed instances).
func concurrent() bool { return lambdacontext.MaxConcurrency() > 1 }

// serves adds a telemetry whose spans are sent once an invocation's response has been handed over.
func (e *extensionLoop) serves(t *telemetry) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.served = append(e.served, t)
}

// run serves events until ctx ends.
func (e *extensionLoop) run(ctx context.Context) {
	for ctx.Err() == nil {
		event, err := e.next(ctx)
		if err != nil {
			e.failed(ctx, err)
			continue
		}
		e.works()
		e.serve(ctx, event)
	}
}

// serve waits for the invocation's release and sends, before the loop asks for the next event.
func (e *extensionLoop) serve(ctx context.Context, event extension.Event) {
	if event.Type != extension.Invoke {
		return
	}
	ctx, cancel := context.WithDeadline(ctx, event.Deadline())
	defer cancel()
	if !e.turnOf(event.RequestID).await(ctx, beginWait) {
		return
	}
	for _, t := range e.registered() {
		t.afterResponse(ctx)
	}
}

func (e *extensionLoop) registered() []*telemetry {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.served
}

// begin is the handler's side. The turn is nil when the handler has to send by itself.
func (e *extensionLoop) begin(requestID string) *turn {
	if e == nil {
		return nil
	}
	t := e.turnOf(requestID)
	if t == nil || !t.begin() {
		return nil
	}
	return t
}

// turnOf is the meeting point of handler and extension, made by whichever comes first. One is enough: an environment
// has one invocation at a time. It is nil while the Extensions API fails.
func (e *extensionLoop) turnOf(requestID string) *turn {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failing {
		return nil
	}
	if e.current == nil || e.current.requestID != requestID {
		e.current = newTurn(requestID)
	}
	return e.current
}

// failed hands the present invocation back to its handler and pauses.
func (e *extensionLoop) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	e.mu.Lock()
	first, current := !e.failing, e.current
	e.failing = true
	e.mu.Unlock()
	if first {
		e.logger.Warn("steptrace: the Extensions API fails; invocations send their spans themselves",
			slog.Any("error", err))
	}
	if current != nil && !current.abandon() { // released already, and nobody has sent
		for _, t := range e.registered() {
			t.afterResponse(ctx)
		}
	}
	select {
	case <-ctx.Done():
	case <-time.After(retryPause):
	}
}

func (e *extensionLoop) works() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failing = false
}
