package wrapper

import (
	"reflect"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"
)

// process has what all wrappers in one binary share.
var process wrappers

// wrappers are the handlers and telemetries made by Wrap.
type wrappers struct {
	mu          sync.Mutex
	traced      []lambda.Handler
	telemetries []*telemetry
}

// has tells whether a handler is traced already: one invocation has one span, however often it is wrapped.
func (w *wrappers) has(h lambda.Handler) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, known := range w.traced {
		if known == h { // pointers, or of different types
			return true
		}
	}
	return false
}

func (w *wrappers) add(h lambda.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if reflect.TypeOf(h).Kind() == reflect.Pointer { // the other handlers cannot be compared
		w.traced = append(w.traced, h)
	}
}

// telemetryFor is the telemetry of an earlier handler with the same settings, or a new one. The first one is global,
// for spans that are made outside invocations.
func (w *wrappers) telemetryFor(cfg config) *telemetry {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.telemetries {
		if t.cfg.equal(cfg) {
			return t
		}
	}
	t := newTelemetry(cfg)
	if len(w.telemetries) == 0 {
		t.setGlobal()
	}
	t.openJournal(len(w.telemetries))
	w.telemetries = append(w.telemetries, t)
	if cfg.flush != FlushSync {
		t.attach(processExtension())
	}
	return t
}

// equal compares what a telemetry depends on. Settings that are functions are never equal.
func (c config) equal(other config) bool {
	c.handlerOptions, other.handlerOptions = nil, nil
	return reflect.DeepEqual(c, other)
}
