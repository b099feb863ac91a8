// Package runtimeapi passes the Lambda Runtime API on to a function's runtime and tells what goes through. Not a byte
// of a body is changed, bodies of any size pass in little memory, and streams and their trailers stay streams.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package runtimeapi

import (
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// Hooks are told what goes through. They are called in the way of the runtime and must not wait for anything. A panic
// in one stays with it: what the runtime asked for passes.
type Hooks struct {
	// Asked is called when the runtime asks for its next invocation.
	Asked func()
	// Invoked is called with the headers of an invocation before the runtime sees any of it. The event is written to what
	// it returns, which is closed when there is no more of it.
	Invoked func(http.Header) io.WriteCloser
	// Answered is called when Lambda has taken the runtime's answer, or refused it, and before the runtime knows.
	Answered func(Answer)
	// InitFailed is called when the runtime has reported that it cannot start.
	InitFailed func(Answer)
}

// Answer is what the runtime posted.
type Answer struct {
	RequestID string
	Failed    bool // posted as an error
	Header    http.Header
	Trailer   http.Header
	Body      []byte    // of an error; the first maxReport bytes
	End       time.Time // when the last byte had been read from the runtime
	Status    int       // Lambda's
}

// Proxy is an http.Handler that forwards to Lambda's API, extensions' and telemetry's paths included.
type Proxy struct {
	api       string // host:port
	hooks     Hooks
	transport *http.Transport
	logger    *slog.Logger
}

// New forwards to the API of AWS_LAMBDA_RUNTIME_API.
func New(api string, hooks Hooks, logger *slog.Logger) *Proxy {
	return &Proxy{api: api, hooks: hooks, logger: logger, transport: &http.Transport{
		// Nothing is added, asked for or decoded that the runtime has not asked for.
		DisableCompression: true, MaxIdleConnsPerHost: 4, WriteBufferSize: bufferSize, ReadBufferSize: bufferSize,
	}}
}

// Close drops idle connections.
func (p *Proxy) Close() { p.transport.CloseIdleConnections() }

const bufferSize = 32 << 10

var buffers = sync.Pool{New: func() any { b := make([]byte, bufferSize); return &b }}

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	if c.kind == next {
		p.tell(p.hooks.Asked)
	}
	body := &requestBody{from: r, reports: c.kind == failure || c.kind == initFailure}
	out := p.request(r, body)
	_ = http.NewResponseController(w).EnableFullDuplex() // HTTP/1 has it; an answer may come before a stream's end
	res, err := p.transport.RoundTrip(out)
	if err != nil {
		if r.Context().Err() == nil {
			p.logger.Warn("steptrace: the Runtime API cannot be reached", slog.Any("error", err))
		}
		panic(http.ErrAbortHandler) // to the runtime this is a broken connection, as it would have been without proxy
	}
	defer res.Body.Close()
	p.tell(func() { p.passed(c, body, r, res.StatusCode) })
	if c.kind != next || res.StatusCode != http.StatusOK {
		err = answer(w, res, io.Discard)
	} else {
		err = p.invocation(w, res)
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

// invocation passes Lambda's next one on.
func (p *Proxy) invocation(w http.ResponseWriter, res *http.Response) error {
	var event io.WriteCloser
	p.tell(func() { event = p.hooks.Invoked(res.Header) })
	if event == nil {
		return answer(w, res, io.Discard)
	}
	defer p.tell(func() { _ = event.Close() }) // keeps what it wants
	return answer(w, res, event)
}

// tell calls a hook. Its faults are none of the function's.
func (p *Proxy) tell(hook func()) {
	defer func() {
		if fault := recover(); fault != nil {
			p.logger.Error("steptrace: a fault of the layer; an invocation may be missing, the function is not concerned",
				slog.Any("fault", fault), slog.String("stack", string(debug.Stack())))
		}
	}()
	hook()
}

// passed tells the hooks of an answer.
func (p *Proxy) passed(c call, body *requestBody, r *http.Request, status int) {
	a := Answer{
		RequestID: c.requestID, Failed: c.kind == failure, Header: r.Header,
		Trailer: body.trailer(), Body: body.report(), End: body.ended(), Status: status,
	}
	switch c.kind {
	case response, failure:
		p.hooks.Answered(a)
	case initFailure:
		p.hooks.InitFailed(a)
	case next, other:
	}
}

// answer copies Lambda's answer.
func answer(w http.ResponseWriter, res *http.Response, also io.Writer) error {
	copyHeader(w.Header(), res.Header)
	for _, added := range []string{"Date", "Content-Type"} { // by net/http, if they were not set
		if _, ok := res.Header[added]; !ok {
			w.Header()[added] = nil
		}
	}
	w.WriteHeader(res.StatusCode)
	flush := func() error { return nil }
	if res.ContentLength < 0 {
		flush = http.NewResponseController(w).Flush
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for {
		n, err := res.Body.Read(*buffer)
		if n > 0 {
			_, _ = also.Write((*buffer)[:n]) // keeps what it wants and cannot fail
			if _, err := w.Write((*buffer)[:n]); err != nil {
				return err
			}
			if err := flush(); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
