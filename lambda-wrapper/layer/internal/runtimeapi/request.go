package runtimeapi

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// maxReport bounds what is kept of an error's report. Lambda takes 6 MiB, of which a span shows little.
const maxReport = 256 << 10

type kind int

const (
	other kind = iota
	next
	response
	failure
	initFailure
)

// call is what a request is about.
type call struct {
	kind      kind
	requestID string
}

// callOf reads the path of any version of the API.
func callOf(r *http.Request) call {
	_, path, found := strings.Cut(r.URL.Path, "/runtime/")
	if !found {
		return call{}
	}
	switch parts := strings.Split(path, "/"); {
	case path == "invocation/next" && r.Method == http.MethodGet:
		return call{kind: next}
	case r.Method != http.MethodPost:
		return call{}
	case path == "init/error":
		return call{kind: initFailure}
	case len(parts) == 3 && parts[0] == "invocation" && parts[2] == "response":
		return call{response, parts[1]}
	case len(parts) == 3 && parts[0] == "invocation" && parts[2] == "error":
		return call{failure, parts[1]}
	}
	return call{}
}

// request is r for Lambda's API.
func (p *Proxy) request(r *http.Request, body *requestBody) *http.Request {
	// To the byte, but for targets of which Opaque would say more.
	target := &url.URL{Scheme: "http", Host: p.api, Opaque: r.RequestURI}
	if !strings.HasPrefix(r.RequestURI, "/") || strings.HasPrefix(r.RequestURI, "//") {
		target = &url.URL{
			Scheme: "http", Host: p.api, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery,
			ForceQuery: r.URL.ForceQuery,
		}
	}
	out := (&http.Request{
		Method: r.Method, URL: target, Host: p.api, Header: http.Header{},
		ContentLength: r.ContentLength, TransferEncoding: r.TransferEncoding,
		ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(r.Context())
	copyHeader(out.Header, r.Header)
	if _, ok := r.Header["User-Agent"]; !ok {
		out.Header["User-Agent"] = nil // keeps net/http from adding one
	}
	if r.ContentLength != 0 {
		out.Body = body
	}
	if r.ContentLength < 0 { // a stream may have trailers, announced or not
		out.Trailer = http.Header{}
		for name := range r.Trailer {
			out.Trailer[name] = nil
		}
		body.to = out.Trailer
	}
	return out
}

// hopByHop are about a connection and not about what is sent over it; net/http sets those of its own.
var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Te": true, "Trailer": true,
	"Transfer-Encoding": true, "Upgrade": true, "Expect": true,
}

func copyHeader(to, from http.Header) {
	for name, values := range from {
		if !hopByHop[name] {
			to[name] = values
		}
	}
}

// requestBody passes the body of a request on, and after it the trailers. The transport reads it while the answer may
// be on its way already.
type requestBody struct {
	from    *http.Request
	to      http.Header // the trailers of the request to Lambda
	reports bool        // the beginning is kept

	mu     sync.Mutex
	kept   []byte
	end    time.Time
	closed http.Header // the trailers, at the end
}

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.from.Body.Read(p)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reports {
		b.kept = append(b.kept, p[:min(n, maxReport-len(b.kept))]...)
	}
	if err == io.EOF && b.end.IsZero() {
		b.end = time.Now()
		b.closed = b.from.Trailer.Clone()
		for name, values := range b.closed {
			if b.to != nil {
				b.to[name] = values
			}
		}
	}
	return n, err
}

func (b *requestBody) Close() error { return b.from.Body.Close() }

func (b *requestBody) report() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept
}

func (b *requestBody) trailer() http.Header {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

// ended is when the body ended, or now if Lambda has not waited for that.
func (b *requestBody) ended() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end.IsZero() {
		return time.Now()
	}
	return b.end
}
