package wrapper

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

const enduredInvocations = 1000

// order tells the function what to do.
type order struct {
	Number int
	Think  time.Duration
	End    string // as in endings
}

// endings are what orders end with and the error.type that their invocations are to have.
var endings = map[string]any{
	"": nil, "fail": "imageError", "panic": "imageError", "timeout": "Sandbox.Timedout", "exit": "Runtime.ExitError",
	"kill": "Runtime.ExitError",
}

// endure ends a span of its own and then does as it is told.
func endure(ctx context.Context, o order) (order, error) {
	trace.SpanFromContext(ctx).SetAttributes(attribute.Int("number", o.Number))
	_, span := otel.Tracer("endurance").Start(ctx, "work", trace.WithAttributes(attribute.Int("number", o.Number)))
	<-time.After(o.Think)
	span.End()
	switch o.End {
	case "fail":
		return order{}, &imageError{"as told"}
	case "panic":
		panic(&imageError{"as told"})
	case "timeout":
		<-time.After(time.Minute)
	case "exit":
		os.Exit(3)
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // as when the memory is used up
		<-time.After(time.Minute)
	}
	return o, nil
}

// A function is invoked 1,000 times in the sandbox, which freezes it in between. It thinks, fails, panics, outlives its
// timeout, exits and is killed; its collector refuses, hangs and loses answers now and then. Every span that ended
// arrives under one id, and so does every invocation, with how it ended.
func TestEverySpanArrives(t *testing.T) {
	e := newEndurance(t)
	for number := range enduredInvocations {
		e.invoke(number)
	}
	e.sink.set("")
	e.settle()
	e.sink.mu.Lock()
	defer e.sink.mu.Unlock()
	for _, o := range e.orders {
		require.Len(t, e.sink.work[o.Number], 1, "work of %+v", o)
	}
	invocations := make(map[any]int)
	for id, errorType := range e.sink.invocations {
		require.NotEmpty(t, id)
		invocations[errorType]++
	}
	// A process that has no time, on a busy machine, dies before it knows that it is about to time out.
	late := e.wanted["Sandbox.Timedout"] - invocations["Sandbox.Timedout"]
	require.GreaterOrEqual(t, late, 0)
	e.wanted["Sandbox.Timedout"] -= late
	e.wanted["Runtime.ExitError"] += late
	for errorType, n := range e.wanted {
		require.Equal(t, n, invocations[errorType], "invocations with the error %v", errorType)
	}
	t.Logf("%d invocations, %d processes ended, %d exports not taken, %d timeouts seen only by the next process",
		len(e.orders), e.ended, e.sink.failed, late)
	require.Greater(t, e.ended, 30)
}

type endurance struct {
	t        *testing.T
	random   *rand.Rand
	sink     *enduranceSink
	function *deployed
	orders   []order
	wanted   map[any]int // invocations by error.type
	ended    int         // processes
}

func newEndurance(t *testing.T) *endurance {
	e := &endurance{
		t: t, random: rand.New(rand.NewPCG(1, 2)), sink: newEnduranceSink(t), wanted: make(map[any]int),
	}
	e.function = deployFunction(t, "endure", map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": e.sink.url, "OTEL_EXPORTER_OTLP_TIMEOUT": "200", "STEPTRACE_JOURNAL": t.TempDir(),
	})
	return e
}

// invoke lets the function do something at random, and now and then something happens to the collector.
func (e *endurance) invoke(number int) {
	o := order{Number: number, Think: time.Duration(e.random.IntN(3000)) * time.Microsecond}
	switch at := e.random.IntN(1000); {
	case at < 50:
		o.End = "fail"
	case at < 75:
		o.End = "panic"
	case at < 80:
		o.End = "timeout"
	case at < 90:
		o.End = "exit"
	case at < 100:
		o.End = "kill"
	}
	if e.random.IntN(20) == 0 {
		e.sink.set([]string{"", "", "refuse", "hang", "lose answer"}[e.random.IntN(5)])
	}
	failed, answer := e.function.invoke(o)
	require.Equal(e.t, o.End != "", failed, "%+v: %s", o, answer)
	e.orders = append(e.orders, o)
	e.wanted[endings[o.End]]++
	if o.End != "" && o.End != "fail" {
		e.ended++
	}
}

// settle ends the process, so that the next one sends all that is left.
func (e *endurance) settle() {
	e.function.invoke(order{Number: enduredInvocations, End: "exit"})
	require.Eventually(e.t, func() bool {
		e.function.invoke(order{Number: enduredInvocations + 1})
		return e.sink.has(enduredInvocations) && e.sink.has(enduredInvocations-1)
	}, patience, 10*time.Millisecond)
	e.wanted["Runtime.ExitError"]++
	delete(e.wanted, nil) // it was invoked once more or oftener
}

// enduranceSink is a collector that is not always well.
type enduranceSink struct {
	url  string
	stop chan struct{}

	mu          sync.Mutex
	mode        string
	failed      int
	work        map[int]map[string]bool // span ids by number
	invocations map[string]any          // error.type by span id
}

func newEnduranceSink(t *testing.T) *enduranceSink {
	s := &enduranceSink{
		stop: make(chan struct{}), work: make(map[int]map[string]bool), invocations: make(map[string]any),
	}
	server := httptest.NewServer(s)
	s.url = server.URL
	t.Cleanup(func() {
		close(s.stop)
		server.Close()
	})
	return s
}

func (s *enduranceSink) set(mode string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
}

func (s *enduranceSink) has(number int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.work[number]) > 0
}

func (s *enduranceSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readExport(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	mode := s.mode
	if mode != "" {
		s.failed++
	}
	s.mu.Unlock()
	switch mode {
	case "refuse":
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case "hang":
		select {
		case <-s.stop:
		case <-r.Context().Done():
		}
		return
	}
	if err := s.take(body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if mode == "lose answer" {
		panic(http.ErrAbortHandler) // the connection breaks
	}
}

func (s *enduranceSink) take(body []byte) error {
	spans, err := decodeSpans(body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, span := range spans {
		if span.Name != "work" {
			s.invocations[span.id] = span.Attributes["error.type"]
			continue
		}
		number, ok := span.Attributes["number"].(int64)
		if !ok {
			return fmt.Errorf("work without a number: %v", span.Attributes)
		}
		if s.work[int(number)] == nil {
			s.work[int(number)] = make(map[string]bool)
		}
		s.work[int(number)][span.id] = true
	}
	return nil
}
