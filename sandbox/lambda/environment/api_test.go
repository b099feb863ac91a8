package environment

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is an environment whose runtime process only stands there: the test speaks to the APIs in its place.
type bench struct {
	t       *testing.T
	base    string
	client  *http.Client
	started chan started
	output  *buffer
	folder  string
}

type started struct {
	env *Environment
	err error
}

type buffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(data)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// boot starts the init phase of an environment with the named extensions; scripts stand for all processes.
func boot(t *testing.T, extensions ...string) *bench {
	t.Helper()
	b := &bench{t: t, started: make(chan started, 1), output: &buffer{}, folder: t.TempDir()}
	b.client = &http.Client{Transport: &http.Transport{}}
	t.Cleanup(b.client.CloseIdleConnections)
	address := filepath.Join(b.folder, "address")
	spec := Spec{
		FunctionName: "f", FunctionVersion: "$LATEST", Handler: "h", AccountID: "123456789012", TaskRoot: b.folder,
		TempDir: filepath.Join(b.folder, "tmp"), Runtime: "provided.al2023", Command: []string{b.script("bootstrap")},
		Variables: map[string]string{"ADDRESS": address},
	}
	for _, name := range extensions {
		spec.Extensions = append(spec.Extensions, b.script(name))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	go func() {
		env, err := Start(ctx, ctx, spec, Options{
			Clock: quartz.NewReal(), Logger: slog.New(slog.DiscardHandler), Output: b.output,
		})
		b.started <- started{env, err}
	}()
	require.Eventually(t, func() bool {
		data, err := os.ReadFile(address)
		b.base = "http://" + strings.TrimSpace(string(data))
		return err == nil && strings.HasSuffix(string(data), "\n")
	}, 20*time.Second, time.Millisecond)
	return b
}

func (b *bench) script(name string) string {
	path := filepath.Join(b.folder, name)
	text := "#!/bin/sh\necho $AWS_LAMBDA_RUNTIME_API > $ADDRESS\necho " + name + " is up\nexec sleep 1000\n"
	require.NoError(b.t, os.WriteFile(path, []byte(text), 0o700))
	return path
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (b *bench) do(method, path, body string, header ...string) answer {
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	require.NoError(b.t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := b.client.Do(r)
	if err != nil {
		return answer{body: err.Error()}
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return answer{response.StatusCode, response.Header, string(data)}
}

func (b *bench) refused(a answer, status int, errorType string) {
	b.t.Helper()
	var body struct{ ErrorType, ErrorMessage string }
	require.NoError(b.t, json.Unmarshal([]byte(a.body), &body), a.body)
	require.Equal(b.t, status, a.status)
	require.Equal(b.t, errorType, body.ErrorType)
	require.NotEmpty(b.t, body.ErrorMessage)
}

func (b *bench) register(name, events string) answer {
	return b.do("POST", "/2020-01-01/extension/register", `{"events":[`+events+`]}`, "Lambda-Extension-Name", name)
}

// poll starts a GET in the background.
func (b *bench) poll(path string, header ...string) chan answer {
	got := make(chan answer, 1)
	go func() { got <- b.do("GET", path, "", header...) }()
	return got
}

func (b *bench) next() chan answer { return b.poll("/2018-06-01/runtime/invocation/next") }

func (b *bench) nextEvent(id string) chan answer {
	return b.poll("/2020-01-01/extension/event/next", "Lambda-Extension-Identifier", id)
}

// up is the environment after its init phase; it is shut down with the test.
func (b *bench) up() *Environment {
	b.t.Helper()
	s := <-b.started
	require.NoError(b.t, s.err)
	b.t.Cleanup(func() { s.env.Shutdown(killNow(), ReasonSpindown) })
	return s.env
}

func killNow() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func invocation() Invocation {
	return Invocation{
		RequestID: "id-1", FunctionARN: "arn", Payload: []byte(`{"a":1}`), Deadline: time.UnixMilli(1700000000123),
		TraceHeader: "Root=1;Parent=2;Sampled=0", ClientContext: `{"custom":{}}`,
	}
}

// invoke runs an invocation and tells its response and its end.
func invoke(ctx context.Context, e *Environment) (chan Response, chan error) {
	responses, end := make(chan Response, 1), make(chan error, 1)
	go func() { end <- e.Invoke(ctx, invocation(), func(r Response) { responses <- r }) }()
	return responses, end
}

func TestRuntimeAPI(t *testing.T) {
	b := boot(t)
	poll := b.next()
	e := b.up()
	responses, end := invoke(t.Context(), e)

	event := <-poll
	require.Equal(t, 200, event.status)
	require.Equal(t, `{"a":1}`, event.body)
	for name, want := range map[string]string{
		"Lambda-Runtime-Aws-Request-Id": "id-1", "Lambda-Runtime-Deadline-Ms": "1700000000123",
		"Lambda-Runtime-Invoked-Function-Arn": "arn", "Lambda-Runtime-Trace-Id": "Root=1;Parent=2;Sampled=0",
		"Lambda-Runtime-Client-Context": `{"custom":{}}`,
	} {
		require.Equal(t, want, event.header.Get(name), name)
	}
	const path = "/2018-06-01/runtime/invocation/"
	b.refused(<-b.next(), 403, "InvalidStateTransition")
	b.refused(b.do("POST", path+"id-2/response", "1"), 400, "InvalidRequestID")
	b.refused(b.do("POST", path+"id-1/response", "1", "Lambda-Runtime-Function-Response-Mode", "slow"), 400,
		"InvalidFunctionResponseMode")
	b.refused(b.do("POST", "/2018-06-01/runtime/init/error", "{}"), 403, "InvalidStateTransition")

	done := b.do("POST", path+"id-1/response", `"done"`, "Lambda-Runtime-Function-Response-Mode", "streaming")
	require.Equal(t, 202, done.status)
	require.JSONEq(t, `{"status":"OK"}`, done.body)
	require.Equal(t, Response{Payload: []byte(`"done"`)}, <-responses)
	b.refused(b.do("POST", path+"id-1/response", "1"), 403, "InvalidStateTransition")
	b.refused(b.do("POST", path+"id-1/error", "1"), 403, "InvalidStateTransition")
	require.Empty(t, end) // the runtime has not asked for the next yet
	b.next()
	require.NoError(t, <-end)
	require.Contains(t, b.output.String(), "bootstrap is up\n")
}

func TestReportedError(t *testing.T) {
	cases := []struct{ header, body, want string }{
		{"", `{"errorType":"Paint","errorMessage":"dry"}`, "Paint"},
		{"Header", `{"errorType":"Paint"}`, "Header"},
		{"", `no JSON`, "Runtime.Unknown"},
	}
	b := boot(t)
	poll := b.next()
	e := b.up()
	for _, c := range cases {
		responses, end := invoke(t.Context(), e)
		<-poll
		a := b.do("POST", "/2018-06-01/runtime/invocation/id-1/error", c.body, "Lambda-Runtime-Function-Error-Type", c.header)
		require.Equal(t, 202, a.status)
		require.Equal(t, Response{Payload: []byte(c.body), ErrorType: c.want}, <-responses)
		poll = b.next()
		require.NoError(t, <-end)
	}
}

func TestTooLargeResponse(t *testing.T) {
	b := boot(t)
	poll := b.next()
	e := b.up()
	responses, _ := invoke(t.Context(), e)
	<-poll
	a := b.do("POST", "/2018-06-01/runtime/invocation/id-1/response", strings.Repeat("x", maxPayload+1))
	b.refused(a, 413, "RequestEntityTooLarge")
	require.Equal(t, TypeResponseTooLarge, (<-responses).ErrorType)
}

func TestLostPollIsAnsweredAgain(t *testing.T) {
	b := boot(t)
	ctx, hangUp := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/2018-06-01/runtime/invocation/next", nil)
	require.NoError(t, err)
	lost := make(chan error, 1)
	go func() {
		response, err := b.client.Do(r)
		if err == nil {
			_ = response.Body.Close()
		}
		lost <- err
	}()
	e := b.up()
	hangUp()
	require.Error(t, <-lost)
	require.Eventually(t, func() bool { // the server has seen it
		e.mu.Lock()
		defer e.mu.Unlock()
		return !e.runtime.waiting()
	}, 20*time.Second, time.Millisecond)
	responses, _ := invoke(t.Context(), e)
	require.Equal(t, 200, (<-b.next()).status)
	b.do("POST", "/2018-06-01/runtime/invocation/id-1/response", "1")
	require.Equal(t, "1", string((<-responses).Payload))
}

func TestSecondPollTakesThePlace(t *testing.T) {
	b := boot(t)
	first := b.next()
	e := b.up()
	b.next()
	b.refused(<-first, 403, "InvalidStateTransition")
	require.True(t, e.Usable())
}

func TestRegistration(t *testing.T) {
	b := boot(t, "external")
	name := "Lambda-Extension-Name"
	const path = "/2020-01-01/extension/register"
	b.refused(b.do("POST", path, `{}`), 403, "Extension.InvalidExtensionName")
	b.refused(b.do("POST", path, `{`, name, "x"), 403, "InvalidRequestFormat")
	b.refused(b.do("POST", path, `{"configurationKeys":["a"]}`, name, "x"), 403, "InvalidRequestFormat")
	b.refused(b.register("internal", `"SHUTDOWN"`), 403, "Extension.InvalidEventType")
	b.refused(b.register("external", `"SLEEP"`), 403, "Extension.InvalidEventType")

	accepted := b.do("POST", path, `{"events":["INVOKE"]}`, name, "internal", "Lambda-Extension-Accept-Feature", "accountId")
	require.Equal(t, 200, accepted.status)
	require.JSONEq(t, `{"functionName":"f","functionVersion":"$LATEST","handler":"h","accountId":"123456789012"}`, accepted.body)
	b.refused(b.register("internal", `"INVOKE"`), 403, "Extension.InvalidExtensionState")
	silent := b.register("silent", "") // as aws-lambda-go does it for SIGTERM
	require.Equal(t, 200, silent.status)
	external := b.register("external", `"INVOKE","SHUTDOWN"`)
	require.Equal(t, 200, external.status)

	b.next()
	for _, a := range []answer{accepted, silent, external} {
		require.Empty(t, b.started) // all have to be ready
		b.nextEvent(a.header.Get("Lambda-Extension-Identifier"))
	}
	b.up()
	b.refused(b.register("late", `"INVOKE"`), 403, "Extension.RegistrationClosed")
}

func TestTooManyExtensions(t *testing.T) {
	b := boot(t)
	for _, name := range strings.Split("abcdefghij", "") {
		require.Equal(t, 200, b.register(name, "").status)
	}
	b.refused(b.register("k", ""), 403, "Extension.TooManyExtensions")
	b.do("POST", "/2018-06-01/runtime/init/error", "{}")
	require.Error(t, (<-b.started).err)
}

func TestExtensionIdentifier(t *testing.T) {
	b := boot(t)
	b.refused(<-b.nextEvent(""), 403, "Extension.MissingExtensionIdentifier")
	b.refused(<-b.nextEvent("me"), 403, "Extension.InvalidExtensionIdentifier")
	b.refused(<-b.nextEvent("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), 403, "Extension.UnknownExtensionIdentifier")
	a := b.register("x", `"INVOKE"`)
	id := a.header.Get("Lambda-Extension-Identifier")
	const path = "/2020-01-01/extension/init/error"
	b.refused(b.do("POST", path, "{}", "Lambda-Extension-Identifier", id), 403, "Extension.MissingHeader")
	a = b.do("POST", path, "{}", "Lambda-Extension-Identifier", id, "Lambda-Extension-Function-Error-Type", "Ext.Broken")
	require.Equal(t, 202, a.status)
	var failure *Failure
	require.ErrorAs(t, (<-b.started).err, &failure)
	require.Equal(t, TypeExtensionInit, failure.Type)
	require.Contains(t, failure.Message, "Ext.Broken")
}

func TestExtensionExitErrorEndsTheInvocation(t *testing.T) {
	b := boot(t)
	id := b.register("x", `"INVOKE"`).header.Get("Lambda-Extension-Identifier")
	b.nextEvent(id)
	b.next()
	e := b.up()
	_, end := invoke(t.Context(), e)
	b.do("POST", "/2020-01-01/extension/exit/error", "{}",
		"Lambda-Extension-Identifier", id, "Lambda-Extension-Function-Error-Type", "Ext.Gone")
	var failure *Failure
	require.ErrorAs(t, <-end, &failure)
	require.Equal(t, TypeExtensionExit, failure.Type)
	require.False(t, e.Usable())
}

func TestEnvironmentIsBusyUntilTheExtensionAsksAgain(t *testing.T) {
	b := boot(t)
	id := b.register("x", `"INVOKE"`).header.Get("Lambda-Extension-Identifier")
	event := b.nextEvent(id)
	poll := b.next()
	e := b.up()
	responses, end := invoke(t.Context(), e)
	<-poll
	require.JSONEq(t, `{"eventType":"INVOKE","deadlineMs":1700000000123,"requestId":"id-1","invokedFunctionArn":"arn",
		"tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1;Parent=2;Sampled=0"}}`, (<-event).body)
	b.do("POST", "/2018-06-01/runtime/invocation/id-1/response", "1")
	<-responses
	b.next()
	require.Empty(t, end)
	b.nextEvent(id)
	require.NoError(t, <-end)
}

func TestShutdownOfAnExternalExtension(t *testing.T) {
	b := boot(t, "external")
	id := b.register("external", `"SHUTDOWN"`).header.Get("Lambda-Extension-Identifier")
	event := b.nextEvent(id)
	b.next()
	s := <-b.started
	require.NoError(t, s.err)
	s.env.Freeze()
	ended := make(chan struct{})
	go func() {
		s.env.Shutdown(context.Background(), ReasonSpindown) // the script stays: it is killed after two seconds
		close(ended)
	}()
	var body struct {
		EventType, ShutdownReason string
		DeadlineMS                int64
	}
	require.NoError(t, json.Unmarshal([]byte((<-event).body), &body))
	require.Equal(t, "SHUTDOWN", body.EventType)
	require.Equal(t, "spindown", body.ShutdownReason)
	require.Greater(t, body.DeadlineMS, time.Now().UnixMilli())
	<-ended
	for _, p := range s.env.running() {
		<-p.exited
	}
	require.NoDirExists(t, filepath.Join(b.folder, "tmp"))
}

func TestUnknownPath(t *testing.T) {
	b := boot(t)
	require.Equal(t, 404, b.do("GET", "/2018-06-01/runtime/nothing", "").status)
	b.refused(b.do("PUT", "/2022-07-01/telemetry", "{}"), 202, "Telemetry.NotSupported")
	b.next()
	b.up()
}
