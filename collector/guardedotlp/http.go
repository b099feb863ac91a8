package guardedotlp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"

	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/extension/extensionmiddleware"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
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

// GetHTTPHandler puts decompression and the checks before the receiver's handlers.
func (g *guard) GetHTTPHandler(context.Context) (extensionmiddleware.WrapHTTPHandlerFunc, error) {
	c := g.cfg.Protocols.HTTP.Get()
	signals := map[string]otlplimits.Signal{
		string(c.TracesURLPath): otlplimits.Traces, string(c.LogsURLPath): otlplimits.Logs,
		string(c.MetricsURLPath): otlplimits.Metrics,
	}
	return func(ctx context.Context, next http.Handler) (http.Handler, error) {
		return g.decompressing(ctx, &handler{signals, &g.budget, next})
	}, nil
}

// decompressing is what the Collector decompresses with, which takes what else is written, but for the bounds of zstd.
func (g *guard) decompressing(ctx context.Context, next http.Handler) (http.Handler, error) {
	c := g.written.Protocols.HTTP.Get().ServerConfig
	bare := confighttp.NewDefaultServerConfig()
	bare.MaxRequestBodySize, bare.CompressionAlgorithms = c.MaxRequestBodySize, c.CompressionAlgorithms
	options := []confighttp.ToServerOption{confighttp.WithErrorHandler(
		func(w http.ResponseWriter, r *http.Request, why string, _ int) { refuse(w, typeOf(r), errors.New(why)) },
	)}
	if c.CompressionAlgorithms == nil || slices.Contains(c.CompressionAlgorithms, "zstd") {
		options = append(options, confighttp.WithDecoder("zstd", func(r io.ReadCloser) (io.ReadCloser, error) {
			return unzstd(r)
		}))
	}
	telemetry := g.telemetry // the server around has measured the request
	telemetry.TracerProvider, telemetry.MeterProvider = tracenoop.NewTracerProvider(), metricnoop.NewMeterProvider()
	server, err := bare.ToServer(ctx, nil, telemetry, next, options...)
	if err != nil {
		return nil, err
	}
	return server.Handler, nil
}

type handler struct {
	signals map[string]otlplimits.Signal // by path
	budget  *budget
	next    http.Handler
}

// typeOf is the media type of a request's body, empty when there is none.
func typeOf(r *http.Request) string {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // on an error it is empty
	return kind
}

// ServeHTTP leaves to the receiver what is no request of OTLP.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	signal, known := h.signals[r.URL.Path]
	kind := typeOf(r)
	if !known || r.Method != http.MethodPost || kind != typeProtobuf && kind != typeJSON {
		h.next.ServeHTTP(w, r)
		return
	}
	taken := h.budget.share()
	defer taken.giveBack()
	body, err := taken.read(r.Body)
	if err == nil {
		err = check(taken, signal, kind, body)
	}
	if err != nil {
		refuse(w, kind, fmt.Errorf("the request %w", err))
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	h.next.ServeHTTP(w, r)
}

func check(taken *share, signal otlplimits.Signal, kind string, body []byte) (err error) {
	var memory int64
	if kind == typeJSON {
		memory, err = otlplimits.JSON(body)
	} else {
		memory, err = otlplimits.Protobuf(signal, body)
	}
	if err != nil {
		return err
	}
	return taken.take(memory + int64(len(body))) // which the receiver copies
}

// refuse answers as OTLP prescribes, with a status that has nobody send the same again, but for what comes too early.
func refuse(w http.ResponseWriter, kind string, err error) {
	code, why := http.StatusBadRequest, status.New(codes.InvalidArgument, err.Error())
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		code, why = http.StatusRequestEntityTooLarge, status.Newf(codes.ResourceExhausted,
			"the request has more than %d bytes (max_request_body_size); send less at once", over.Limit)
	case errors.Is(err, otlplimits.ErrTooLarge):
		code, why = http.StatusRequestEntityTooLarge, status.New(codes.ResourceExhausted, why.Message())
	case errors.Is(err, errBusy):
		code, why = http.StatusServiceUnavailable, status.New(codes.Unavailable, why.Message())
		w.Header().Set("Retry-After", "1")
	}
	encode := protojson.Marshal
	if kind == typeProtobuf {
		encode = proto.Marshal
	} else {
		kind = typeJSON // whatever was sent
	}
	text, _ := encode(why.Proto()) // it is text and a number
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(code)
	_, _ = w.Write(text) // who does not read the answer has it in the status
}
