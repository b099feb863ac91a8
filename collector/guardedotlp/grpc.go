package guardedotlp

import (
	"context"
	"errors"
	"reflect"
	"sync"

	"go.opentelemetry.io/collector/extension/extensionauth"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	encodingproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"github.com/steptrace/steptrace/collector/otlplimits"
)

// GetGRPCServerOptions puts the checks into the codec, before decoding, and authentication before everything: the
// Collector's own comes after a request was received and decoded.
func (g *guard) GetGRPCServerOptions(ctx context.Context) ([]grpc.ServerOption, error) {
	c := &codec{CodecV2: encoding.GetCodecV2(encodingproto.Name), budget: &g.budget}
	options := []grpc.ServerOption{grpc.ForceServerCodecV2(c), grpc.UnaryInterceptor(c.intercept)}
	if auth := g.cfg.Protocols.GRPC.Get().Auth.Get(); auth != nil {
		server, err := auth.GetServerAuthenticator(ctx, g.extensions)
		if err != nil {
			return nil, err
		}
		options = append(options, grpc.InTapHandle(authenticate(server)))
	}
	return options, nil
}

func authenticate(server extensionauth.Server) tap.ServerInHandle {
	return func(ctx context.Context, info *tap.Info) (context.Context, error) {
		if _, err := server.Authenticate(ctx, info.Header); err != nil {
			return nil, status.Error(codes.Unauthenticated, err.Error())
		}
		return ctx, nil // what comes of it is put into the context again, later
	}
}

// codec checks requests before they are decoded. Whatever a codec fails with, the sender is told an internal error;
// so that what is refused is left empty here, and refused by the interceptor.
type codec struct {
	encoding.CodecV2
	budget   *budget
	verdicts sync.Map // of requests, from Unmarshal to the interceptor, which follows always
}

// verdict is what becomes of a request.
type verdict struct {
	taken *share
	err   error
}

// Unmarshal decodes what passes the checks.
func (c *codec) Unmarshal(data mem.BufferSlice, v any) error {
	signal, known := signals[reflect.TypeOf(v).Elem().Name()]
	if !known {
		return c.CodecV2.Unmarshal(data, v)
	}
	taken := c.budget.share()
	c.verdicts.Store(v, &verdict{taken, c.decode(taken, signal, data, v)})
	return nil
}

func (c *codec) decode(taken *share, signal otlplimits.Signal, data mem.BufferSlice, v any) error {
	whole := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer whole.Free()
	memory, err := otlplimits.Protobuf(signal, whole.ReadOnlyData())
	if err != nil {
		return err
	}
	if err := taken.take(memory); err != nil {
		return err
	}
	return c.CodecV2.Unmarshal(mem.BufferSlice{whole}, v)
}

// signals are those of the requests by the names of their types, which are internal to pdata.
var signals = map[string]otlplimits.Signal{
	"ExportTraceServiceRequest": otlplimits.Traces, "ExportLogsServiceRequest": otlplimits.Logs,
	"ExportMetricsServiceRequest": otlplimits.Metrics,
}

func (c *codec) intercept(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	found, ok := c.verdicts.LoadAndDelete(req)
	if !ok {
		return next(ctx, req)
	}
	v := found.(*verdict)
	defer v.taken.giveBack()
	switch {
	case v.err == nil:
		return next(ctx, req)
	case errors.Is(v.err, errBusy):
		return nil, refused(codes.Unavailable, v.err)
	case errors.Is(v.err, otlplimits.ErrTooLarge):
		return nil, refused(codes.ResourceExhausted, v.err) // without a time after which to try again, nobody does
	}
	return nil, refused(codes.InvalidArgument, v.err)
}

func refused(code codes.Code, err error) error { return status.Error(code, "the request "+err.Error()) }
