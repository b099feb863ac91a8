package wrapper

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// functionVariable names, in the environment of this test binary, the function that it is to be.
const functionVariable = "STEPTRACE_TEST_FUNCTION"

// patience bounds every wait of these tests; nothing waits that long unless something is broken.
const patience = 20 * time.Second

const functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:thumbnails:live"

// logbook is what happened, in order, across the function and its collector.
type logbook struct {
	mu      sync.Mutex
	entries []string
}

func (j *logbook) add(entry string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry)
}

// take returns what was added since the last call.
func (j *logbook) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	entries := j.entries
	j.entries = nil
	return entries
}

// lambdaEnv is the Runtime API and the Extensions API of one environment, and the function process in it.
type lambdaEnv struct {
	journal          *logbook
	refuseExtensions bool
	runtimeIdle      chan chan invocationEvent // asked for the next invocation
	extensionIdle    chan chan invocationEvent
	answers          chan answer
	exited           chan struct{}
	process          *exec.Cmd
	stderr           strings.Builder // valid after exited
	invocations      int
	runtime          chan invocationEvent // where the function waits for its next invocation, once idle
	extension        chan invocationEvent // where the extension waits for its next event, once idle
}

type invocationEvent struct {
	id       string
	payload  []byte
	deadline time.Time
}

type answer struct {
	path        string // response or error
	body        []byte
	contentType string
	trailer     http.Header
}

// startFunction runs a function of this test binary in a new environment.
func startFunction(t *testing.T, name string, env *lambdaEnv, variables ...string) *lambdaEnv {
	t.Helper()
	env.runtimeIdle, env.extensionIdle = make(chan chan invocationEvent), make(chan chan invocationEvent)
	env.answers, env.exited = make(chan answer, 1), make(chan struct{})
	server := httptest.NewServer(env.routes())
	env.process = exec.Command(os.Args[0])
	// A machine that is busy must not make an export look like a failed one.
	env.process.Env = append([]string{"TMPDIR=" + t.TempDir(), "OTEL_EXPORTER_OTLP_TIMEOUT=20000"}, variables...)
	env.process.Env = append(env.process.Env, functionVariable+"="+name, "AWS_LAMBDA_FUNCTION_NAME=thumbnails",
		"AWS_LAMBDA_FUNCTION_VERSION=7", "AWS_REGION=eu-west-1",
		"AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"))
	env.process.Stderr = &env.stderr
	require.NoError(t, env.process.Start())
	go func() {
		_ = env.process.Wait() // the tests look at what it did, not at how it went
		close(env.exited)
	}()
	t.Cleanup(func() {
		_ = env.process.Process.Kill()
		<-env.exited
		server.CloseClientConnections()
		server.Close()
		if t.Failed() {
			t.Logf("the function wrote:\n%s", env.stderr.String())
		}
	})
	return env
}

func (e *lambdaEnv) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		if event, ok := park(r.Context(), e.runtimeIdle); ok {
			writeInvocation(w, event)
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/{kind}", e.takeAnswer)
	mux.HandleFunc("POST /2020-01-01/extension/register", e.register)
	mux.HandleFunc("GET /2020-01-01/extension/event/next", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Lambda-Extension-Identifier") != extensionName {
			<-r.Context().Done() // aws-lambda-go's, for SIGTERM, which asked for no events
			return
		}
		if event, ok := park(r.Context(), e.extensionIdle); ok {
			_, _ = fmt.Fprintf(w, `{"eventType":"INVOKE","requestId":%q,"deadlineMs":%d,"invokedFunctionArn":%q}`,
				event.id, event.deadline.UnixMilli(), functionARN)
		}
	})
	return mux
}

func (e *lambdaEnv) register(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	name := r.Header.Get("Lambda-Extension-Name")
	if e.refuseExtensions || name == extensionName && string(body) != `{"events":["INVOKE"]}` {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	e.journal.add("register " + name)
	w.Header().Set("Lambda-Extension-Identifier", name)
	_, _ = io.WriteString(w, `{}`)
}

// park waits, as the environment does when it may be frozen, for the next event.
func park(ctx context.Context, idle chan chan invocationEvent) (invocationEvent, bool) {
	next := make(chan invocationEvent)
	select {
	case idle <- next:
	case <-ctx.Done():
		return invocationEvent{}, false
	}
	select {
	case event := <-next:
		return event, true
	case <-ctx.Done():
		return invocationEvent{}, false
	}
}

func writeInvocation(w http.ResponseWriter, event invocationEvent) {
	w.Header().Set("Lambda-Runtime-Aws-Request-Id", event.id)
	w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(event.deadline.UnixMilli()))
	w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", functionARN)
	w.Header().Set("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
	_, _ = w.Write(event.payload)
}

func (e *lambdaEnv) takeAnswer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	kind := r.PathValue("kind")
	e.journal.add(kind)
	e.answers <- answer{path: kind, body: body, contentType: r.Header.Get("Content-Type"), trailer: r.Trailer}
	w.WriteHeader(http.StatusAccepted)
}

// invoke gives the idle function an event, with a minute to go, and returns what it answers.
func (e *lambdaEnv) invoke(t *testing.T, payload string) answer {
	t.Helper()
	e.begin(t, payload, time.Minute)
	return receive(t, e.answers, "an answer")
}

func (e *lambdaEnv) begin(t *testing.T, payload string, timeout time.Duration) {
	t.Helper()
	e.idle(t)
	e.invocations++
	event := invocationEvent{
		id: fmt.Sprintf("request-%d", e.invocations), payload: []byte(payload), deadline: time.Now().Add(timeout),
	}
	if e.extension != nil {
		e.extension <- event
	}
	e.runtime <- event
	e.runtime, e.extension = nil, nil
}

// settled waits until the environment is idle and returns the journal since the last call.
func (e *lambdaEnv) settled(t *testing.T) []string {
	t.Helper()
	e.idle(t)
	return e.journal.take()
}

// idle waits until the function and its extension have asked for the next event, when Lambda would freeze the
// environment.
func (e *lambdaEnv) idle(t *testing.T) {
	t.Helper()
	if e.runtime == nil {
		e.runtime = receive(t, e.runtimeIdle, "the function to ask for an invocation")
	}
	if e.extension == nil && !e.refuseExtensions {
		e.extension = receive(t, e.extensionIdle, "the extension to ask for an event")
	}
}

func receive[T any](t *testing.T, c chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		require.FailNow(t, "waited in vain for "+what)
		panic("unreachable")
	}
}

func decodeError(t *testing.T, body []byte) (kind, message string) {
	t.Helper()
	var e struct{ ErrorType, ErrorMessage string }
	require.NoError(t, json.Unmarshal(body, &e))
	return e.ErrorType, e.ErrorMessage
}
