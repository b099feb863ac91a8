// Package receiver takes what the function's own OpenTelemetry SDK exports over OTLP/HTTP, in protobuf or JSON. It
// answers at once; forwarding is somebody else's business.
//
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
package receiver

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/otlpjson"
)

// MaxRequest bounds a request, before and after its decompression. SDKs send 512 spans at a time.
const MaxRequest = 4 << 20

const jsonType = "application/json"

// Receiver is an http.Handler.
type Receiver struct {
	// Take gets each export request in protobuf. An error is the exporter's fault.
	Take func(signal otlp.Signal, request []byte) error
}

func (rc *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	signal, ok := signalOf(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	contentType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || (contentType != otlp.ContentType && contentType != jsonType) {
		refuse(w, http.StatusUnsupportedMediaType, errors.New("OTLP/HTTP is application/x-protobuf or application/json"))
		return
	}
	request, err := read(w, r)
	if err == nil && contentType == jsonType {
		request, err = otlpjson.Protobuf(r.URL.Path, request)
	}
	if err == nil {
		err = checkFrame(request)
	}
	if err == nil {
		err = rc.Take(signal, request)
	}
	if err != nil {
		refuse(w, statusOf(err), err)
		return
	}
	w.Header().Set("Content-Type", contentType)
	if contentType == jsonType {
		_, _ = io.WriteString(w, "{}") // an exporter that has gone does not read it
	}
}

func signalOf(r *http.Request) (otlp.Signal, bool) {
	for _, s := range []otlp.Signal{otlp.Traces, otlp.Logs, otlp.Metrics} {
		if r.Method == http.MethodPost && r.URL.Path == s.Path() {
			return s, true
		}
	}
	return "", false
}

// errTooLarge is more than MaxRequest.
var errTooLarge = fmt.Errorf("the request is over %d bytes; let the exporter send smaller batches", MaxRequest)

func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body := io.Reader(http.MaxBytesReader(w, r.Body, MaxRequest))
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		zipped, err := gzip.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("read the gzip header: %w", err)
		}
		body = zipped
	default:
		return nil, fmt.Errorf("the Content-Encoding %q is not known; use gzip or none", encoding)
	}
	request, err := io.ReadAll(io.LimitReader(body, MaxRequest+1))
	var over *http.MaxBytesError
	if errors.As(err, &over) || len(request) > MaxRequest {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	return request, nil
}

// checkFrame refuses what would spoil the requests that it is sent with.
func checkFrame(request []byte) error {
	for len(request) > 0 {
		_, _, size := protowire.ConsumeField(request)
		if size < 0 {
			return fmt.Errorf("the request is no protobuf: %w", protowire.ParseError(size))
		}
		request = request[size:]
	}
	return nil
}

func statusOf(err error) int {
	if errors.Is(err, errTooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

func refuse(w http.ResponseWriter, status int, err error) {
	http.Error(w, "steptrace: "+err.Error(), status)
}
