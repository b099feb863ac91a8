package runtimeapi

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second

const runtimePath = "/2018-06-01/runtime/"

// event is what was written, and whether it was closed.
type event struct {
	bytes.Buffer
	closed bool
}

func (e *event) Close() error {
	e.closed = true
	return nil
}

// proxied is a proxy before an API that the test plays, and what the hooks were told.
type proxied struct {
	*httptest.Server
	client  *http.Client
	asked   int
	header  http.Header
	event   event
	answers []Answer
	inits   []Answer
}

func newProxied(t testing.TB, api http.HandlerFunc) *proxied {
	t.Helper()
	upstream := httptest.NewServer(api)
	p := &proxied{}
	proxy := New(strings.TrimPrefix(upstream.URL, "http://"), Hooks{
		Asked:      func() { p.asked++ },
		Invoked:    func(h http.Header) io.WriteCloser { p.header = h; return &p.event },
		Answered:   func(a Answer) { p.answers = append(p.answers, a) },
		InitFailed: func(a Answer) { p.inits = append(p.inits, a) },
	}, slog.New(slog.DiscardHandler))
	p.Server = httptest.NewServer(proxy)
	p.client = &http.Client{Transport: &http.Transport{DisableCompression: true}}
	t.Cleanup(func() {
		p.client.CloseIdleConnections()
		p.Close() // waits for the handlers
		proxy.Close()
		upstream.CloseClientConnections()
		upstream.Close()
	})
	return p
}

// answered is what the runtime gets.
type answered struct {
	StatusCode int
	Header     http.Header
}

func (p *proxied) do(t testing.TB, r *http.Request) (answered, []byte) {
	t.Helper()
	res, err := p.client.Do(r)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return answered{res.StatusCode, res.Header}, body
}

func (p *proxied) request(t testing.TB, method, path string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.URL+path, body)
	require.NoError(t, err)
	return r
}

// awkward is 7 MB of all bytes.
func awkward() []byte {
	b := make([]byte, 7_000_001)
	for i := range b {
		b[i] = byte(i*i>>3 + i)
	}
	return b
}

func TestAnInvocationPassesToTheByte(t *testing.T) {
	payload := awkward()
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, http.MethodGet, r.Method)
		require.Equal(t, http.Header{"Accept": {"*/*"}}, r.Header)
		w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "r1")
		w.Header()["Lambda-Runtime-Cognito-Identity"] = []string{"a", "b"}
		_, _ = w.Write(payload)
	})
	r := p.request(t, http.MethodGet, runtimePath+"invocation/next", nil)
	r.Header = http.Header{"Accept": {"*/*"}, "User-Agent": nil}
	res, body := p.do(t, r)
	require.True(t, bytes.Equal(payload, body))
	require.Equal(t, http.Header{
		"Lambda-Runtime-Aws-Request-Id": {"r1"}, "Lambda-Runtime-Cognito-Identity": {"a", "b"},
	}, res.Header)
	p.Close()
	require.Equal(t, 1, p.asked)
	require.Equal(t, "r1", p.header.Get("Lambda-Runtime-Aws-Request-Id"))
	require.True(t, bytes.Equal(payload, p.event.Bytes()))
	require.True(t, p.event.closed)
}

func TestAResponsePassesToTheByte(t *testing.T) {
	payload := awkward()
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.True(t, bytes.Equal(payload, body))
		require.Equal(t, int64(len(payload)), r.ContentLength)
		require.Equal(t, http.Header{"Content-Type": {"image/png"}, "Content-Length": {"7000001"}, "X-A": {"1", "2"}, "User-Agent": {"ric"}}, r.Header)
		require.Equal(t, runtimePath+"invocation/r1/response?a=%2F", r.RequestURI)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"status":"OK"}`)
	})
	r := p.request(t, http.MethodPost, runtimePath+"invocation/r1/response?a=%2F", bytes.NewReader(payload))
	r.Header = http.Header{"Content-Type": {"image/png"}, "X-A": {"1", "2"}, "User-Agent": {"ric"}}
	res, body := p.do(t, r)
	require.Equal(t, http.StatusAccepted, res.StatusCode)
	require.JSONEq(t, `{"status":"OK"}`, string(body))
	p.Close()
	require.Len(t, p.answers, 1)
	a := p.answers[0]
	require.Equal(t, "r1", a.RequestID)
	require.False(t, a.Failed)
	require.Empty(t, a.Body, "a response is not kept")
	require.Equal(t, http.StatusAccepted, a.Status)
	require.WithinDuration(t, time.Now(), a.End, patience)
}

func TestAStreamStaysAStreamAndKeepsItsTrailers(t *testing.T) {
	arrived := make(chan string)
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "streaming", r.Header.Get("Lambda-Runtime-Function-Response-Mode"))
		require.Equal(t, []string{"chunked"}, r.TransferEncoding)
		buffer := make([]byte, 100)
		for {
			n, err := r.Body.Read(buffer)
			if n > 0 {
				arrived <- string(buffer[:n])
			}
			if err != nil {
				break
			}
		}
		require.Equal(t, http.Header{
			"Lambda-Runtime-Function-Error-Type": {"Boom"}, "Lambda-Runtime-Function-Error-Body": {"e30="},
		}, r.Trailer)
		w.WriteHeader(http.StatusAccepted)
	})
	reader, writer := io.Pipe()
	r := p.request(t, http.MethodPost, runtimePath+"invocation/r1/response", reader)
	r.Header.Set("Lambda-Runtime-Function-Response-Mode", "streaming")
	r.Trailer = http.Header{"Lambda-Runtime-Function-Error-Type": nil, "Lambda-Runtime-Function-Error-Body": nil}
	done := make(chan int, 1)
	go func() {
		res, _ := p.do(t, r)
		done <- res.StatusCode
	}()
	for _, part := range []string{"one", "two", "three"} { // each arrives before the next is sent
		_, err := io.WriteString(writer, part)
		require.NoError(t, err)
		require.Equal(t, part, receive(t, arrived))
	}
	r.Trailer.Set("Lambda-Runtime-Function-Error-Type", "Boom")
	r.Trailer.Set("Lambda-Runtime-Function-Error-Body", "e30=")
	require.NoError(t, writer.Close())
	require.Equal(t, http.StatusAccepted, receive(t, done))
	p.client.CloseIdleConnections()
	p.Close()
	require.Equal(t, "Boom", p.answers[0].Trailer.Get("Lambda-Runtime-Function-Error-Type"))
}

func receive[T any](t *testing.T, c chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		require.FailNow(t, "waited in vain")
	}
	return v
}

// Node.js announces no trailers if it does not know them yet.
func TestTrailersThatWereNotAnnouncedPass(t *testing.T) {
	got := make(chan http.Header, 1)
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got <- r.Trailer
		w.WriteHeader(http.StatusAccepted)
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST "+runtimePath+"invocation/r1/response HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+
		"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\nLambda-Runtime-Function-Error-Type: Boom\r\n\r\n")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(answer), "HTTP/1.1 202 Accepted\r\n")
	require.Equal(t, http.Header{"Lambda-Runtime-Function-Error-Type": {"Boom"}}, receive(t, got))
}

func TestErrorsAreTold(t *testing.T) {
	report := `{"errorMessage":"no","errorType":"E"}`
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		require.Equal(t, report, string(body))
		w.WriteHeader(http.StatusAccepted)
	})
	for _, path := range []string{"invocation/r1/error", "init/error"} {
		r := p.request(t, http.MethodPost, runtimePath+path, strings.NewReader(report))
		r.Header.Set("Lambda-Runtime-Function-Error-Type", "Unhandled")
		p.do(t, r)
	}
	p.client.CloseIdleConnections()
	p.Close()
	for _, a := range []Answer{p.answers[0], p.inits[0]} {
		require.Equal(t, report, string(a.Body))
		require.Equal(t, "Unhandled", a.Header.Get("Lambda-Runtime-Function-Error-Type"))
	}
	require.True(t, p.answers[0].Failed)
}

func TestLittleIsKeptOfALargeReport(t *testing.T) {
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		require.EqualValues(t, 7_000_001, n)
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	})
	res, _ := p.do(t, p.request(t, http.MethodPost, runtimePath+"invocation/r1/error", bytes.NewReader(awkward())))
	require.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)
	p.Close()
	require.Len(t, p.answers[0].Body, maxReport)
	require.Equal(t, http.StatusRequestEntityTooLarge, p.answers[0].Status)
}

func TestOtherPathsPassUntold(t *testing.T) {
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Lambda-Extension-Identifier", "id")
		_, _ = io.WriteString(w, r.Method+" "+r.RequestURI)
	})
	for _, tc := range []struct{ method, path string }{
		{http.MethodPost, "/2020-01-01/extension/register"},
		{http.MethodPut, "/2022-07-01/telemetry"},
		{http.MethodGet, runtimePath + "restore/next"},
		{http.MethodPost, runtimePath + "invocation/next"},
		{http.MethodGet, "//a/../b%2Fc"},
		{http.MethodPost, runtimePath + "invocation/r1/other"},
	} {
		res, body := p.do(t, p.request(t, tc.method, tc.path, nil))
		require.Equal(t, tc.method+" "+tc.path, string(body))
		require.Equal(t, "id", res.Header.Get("Lambda-Extension-Identifier"))
	}
	p.Close()
	require.Zero(t, p.asked)
	require.Empty(t, p.answers)
}

// raw is what the API gets of what a runtime has written, and what the runtime reads back.
func raw(t *testing.T, request string) (seen, answer string) {
	t.Helper()
	got := make(chan string, 1)
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- fmt.Sprintf("%s %s %s %v %d %q", r.Method, r.RequestURI, r.Proto, r.TransferEncoding, r.ContentLength, body)
		w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
		_, _ = io.WriteString(w, "ok")
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	all, err := io.ReadAll(conn)
	require.NoError(t, err)
	return receive(t, got), string(all)
}

func TestOddRequestsPass(t *testing.T) {
	const end = "Connection: close\r\n\r\n"
	for _, tc := range []struct{ name, request, seen string }{
		{"characters that no URL has", "GET /a|b\"c#d?e|f HTTP/1.1\r\nHost: x\r\n" + end, `GET /a|b"c#d?e|f HTTP/1.1 [] 0 ""`},
		{"an empty query", "GET /a? HTTP/1.1\r\nHost: x\r\n" + end, `GET /a? HTTP/1.1 [] 0 ""`},
		{"an absolute URL", "GET http://x/a%2Fb?c HTTP/1.1\r\nHost: x\r\n" + end, `GET /a%2Fb?c HTTP/1.1 [] 0 ""`},
		{"HTTP/1.0", "POST " + runtimePath + "invocation/r/response HTTP/1.0\r\nContent-Length: 2\r\n\r\nab", `POST ` + runtimePath + `invocation/r/response HTTP/1.1 [] 2 "ab"`},
		{"no body", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" + end, `POST /a HTTP/1.1 [] 0 ""`},
		{"an empty stream", "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + end + "0\r\n\r\n", `POST /a HTTP/1.1 [chunked] -1 ""`},
		{"the casing of headers", "post /a HTTP/1.1\r\nhOST: x\r\ncONTENT-lENGTH: 2\r\n" + end + "ab", `post /a HTTP/1.1 [] 2 "ab"`},
		{"a body with a GET", "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n" + end + "ab", `GET /a HTTP/1.1 [] 2 "ab"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			seen, answer := raw(t, tc.request)
			require.Equal(t, tc.seen, seen)
			require.True(t, strings.HasPrefix(answer, "HTTP/1.") && strings.HasSuffix(answer, "\r\n\r\nok"), answer)
		})
	}
}

// A response whose runtime exits must not look whole to Lambda.
func TestAResponseThatBreaksOffStaysBroken(t *testing.T) {
	for name, rest := range map[string]string{
		"stream": "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n", "sized": "Content-Length: 6\r\n\r\none",
	} {
		t.Run(name, func(t *testing.T) {
			begun, broke := make(chan struct{}), make(chan error, 1)
			p := newProxied(t, func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.ReadFull(r.Body, make([]byte, 3))
				require.NoError(t, err)
				close(begun)
				_, err = io.ReadAll(r.Body)
				broke <- err
			})
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
			require.NoError(t, err)
			_, err = io.WriteString(conn, "POST "+runtimePath+"invocation/r1/response HTTP/1.1\r\nHost: x\r\n"+rest)
			require.NoError(t, err)
			<-begun
			require.NoError(t, conn.Close())
			require.Error(t, receive(t, broke))
			p.Close()
			require.Empty(t, p.answers)
		})
	}
}

// A runtime that has gone must get no invocation.
func TestAPollEndsWithItsRuntime(t *testing.T) {
	polls, gone := make(chan struct{}), make(chan struct{})
	p := newProxied(t, func(_ http.ResponseWriter, r *http.Request) {
		polls <- struct{}{}
		<-r.Context().Done()
		gone <- struct{}{}
	})
	for range 2 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET "+runtimePath+"invocation/next HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		receive(t, polls)
		require.NoError(t, conn.Close())
		receive(t, gone)
	}
}

// Java's and others' runtimes put what X-Ray is to know into a header of up to 1 MiB.
func TestALargeHeaderPasses(t *testing.T) {
	cause := strings.Repeat("x", 1<<20)
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, cause, r.Header.Get("Lambda-Runtime-Function-Xray-Error-Cause"))
		w.WriteHeader(http.StatusAccepted)
	})
	r := p.request(t, http.MethodPost, runtimePath+"invocation/r1/error", strings.NewReader("{}"))
	r.Header.Set("Lambda-Runtime-Function-XRay-Error-Cause", cause)
	res, _ := p.do(t, r)
	require.Equal(t, http.StatusAccepted, res.StatusCode)
}

func TestAFaultOfTheLayerIsNotTheFunctions(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, io.MultiReader(strings.NewReader("got "), r.Body))
	}))
	var log bytes.Buffer
	proxy := New(strings.TrimPrefix(api.URL, "http://"), Hooks{
		Asked: func() { panic("asked") }, Invoked: func(http.Header) io.WriteCloser { panic("invoked") },
		Answered: func(Answer) { panic("answered") }, InitFailed: func(Answer) { panic("init") },
	}, slog.New(slog.NewTextHandler(&log, nil)))
	p := &proxied{Server: httptest.NewServer(proxy), client: &http.Client{}}
	for _, path := range []string{"invocation/next", "invocation/r1/response", "invocation/r1/error", "init/error"} {
		method := http.MethodPost
		if strings.HasSuffix(path, "next") {
			method = http.MethodGet
		}
		res, body := p.do(t, p.request(t, method, runtimePath+path, strings.NewReader("all")))
		require.Equal(t, http.StatusOK, res.StatusCode)
		require.Equal(t, "got all", string(body))
	}
	p.client.CloseIdleConnections()
	p.Close()
	proxy.Close()
	api.Close()
	require.Equal(t, 5, strings.Count(log.String(), "a fault of the layer"), log.String())
}

// A runtime may exit as soon as it knows that Lambda has its answer.
func TestAnAnswerIsToldBeforeTheRuntimeKnows(t *testing.T) {
	written := make(chan struct{})
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
		_ = http.NewResponseController(w).Flush()
		<-written
	})
	told := make(chan Answer, 1)
	p.Config.Handler.(*Proxy).hooks.Answered = func(a Answer) { told <- a }
	go func() {
		defer close(written)
		select {
		case <-told:
		case <-time.After(patience):
			t.Error("it waited for the end of Lambda's answer")
		}
	}()
	p.do(t, p.request(t, http.MethodPost, runtimePath+"invocation/r1/response", strings.NewReader("x")))
}

// A broken connection is what the runtime would have seen without the proxy.
func TestABrokenAPIIsABrokenConnection(t *testing.T) {
	p := newProxied(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.HasSuffix(r.URL.Path, "next") { // in the middle of an event
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	})
	_, err := p.client.Do(p.request(t, http.MethodPost, runtimePath+"invocation/r1/response", strings.NewReader("x"))) //nolint:bodyclose // there is none
	require.Error(t, err)
	require.Empty(t, p.answers)
	res, err := p.client.Do(p.request(t, http.MethodGet, runtimePath+"invocation/next", nil))
	if err == nil {
		_, err = io.ReadAll(res.Body)
		require.NoError(t, res.Body.Close())
	}
	require.Error(t, err)
}

func FuzzPassThrough(f *testing.F) {
	f.Add([]byte(`{"n":9007199254740993}`))
	f.Add([]byte{0, 0xff, '\r', '\n'})
	var got []byte
	p := newProxied(f, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			got, _ = io.ReadAll(r.Body)
		}
		_, _ = w.Write(got)
	})
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, echoed := p.do(t, p.request(t, http.MethodPost, runtimePath+"invocation/r1/response", bytes.NewReader(payload)))
		require.True(t, bytes.Equal(payload, echoed))
		_, event := p.do(t, p.request(t, http.MethodGet, runtimePath+"invocation/next", nil))
		require.True(t, bytes.Equal(payload, event))
	})
}

// BenchmarkRoundTrip is what an invocation costs through the proxy, and without it.
func BenchmarkRoundTrip(b *testing.B) {
	event := bytes.Repeat([]byte("x"), 1024)
	p := newProxied(b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write(event)
	})
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write(event)
	}))
	b.Cleanup(bare.Close)
	for name, url := range map[string]string{"proxy": p.URL, "bare": bare.URL} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				next, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, url+runtimePath+"invocation/next", nil)
				p.do(b, next)
				answer, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, url+runtimePath+"invocation/r1/response", bytes.NewReader(event))
				p.do(b, answer)
				p.event.Reset()
				p.answers = p.answers[:0]
			}
		})
	}
}
