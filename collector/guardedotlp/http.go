package guardedotlp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"go.opentelemetry.io/collector/extension/extensionmiddleware"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/steptrace/steptrace/collector/otlplimits"
)

const (
	typeProtobuf = "application/x-protobuf"
	typeJSON     = "application/json"
)

// GetHTTPHandler puts the checks before the receiver's handlers, behind decompression.
func (m *middleware) GetHTTPHandler(context.Context) (extensionmiddleware.WrapHTTPHandlerFunc, error) {
	c := m.cfg.Protocols.HTTP.Get()
	signals := map[string]otlplimits.Signal{
		string(c.TracesURLPath): otlplimits.Traces, string(c.LogsURLPath): otlplimits.Logs,
		string(c.MetricsURLPath): otlplimits.Metrics,
	}
	return func(_ context.Context, next http.Handler) (http.Handler, error) {
		return &handler{signals, next}, nil
	}, nil
}

type handler struct {
	signals map[string]otlplimits.Signal // by path
	next    http.Handler
}

// ServeHTTP leaves to the receiver what is no request of OTLP.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	signal, known := h.signals[r.URL.Path]
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // without one it is neither
	if !known || r.Method != http.MethodPost || kind != typeProtobuf && kind != typeJSON {
		h.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, kind, err)
		return
	}
	if kind == typeJSON {
		err = otlplimits.JSON(body)
	} else {
		err = otlplimits.Protobuf(signal, body)
	}
	if err != nil {
		refuse(w, kind, err)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	h.next.ServeHTTP(w, r)
}

// refuse answers as OTLP prescribes, with a status that has nobody send the same again.
func refuse(w http.ResponseWriter, kind string, err error) {
	code, why := http.StatusBadRequest, status.New(codes.InvalidArgument, "the request "+err.Error())
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		code, why = http.StatusRequestEntityTooLarge, status.Newf(codes.ResourceExhausted,
			"the request has more than %d bytes (max_request_body_size); send less at once", over.Limit)
	case errors.Is(err, otlplimits.ErrTooLarge):
		code, why = http.StatusRequestEntityTooLarge, status.New(codes.ResourceExhausted, why.Message())
	}
	encode := proto.Marshal
	if kind == typeJSON {
		encode = protojson.Marshal
	}
	text, _ := encode(why.Proto()) // it is text and a number
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(code)
	_, _ = w.Write(text) // who does not read the answer has it in the status
}
