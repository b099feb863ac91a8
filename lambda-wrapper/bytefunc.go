package wrapper

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"unsafe"

	"github.com/aws/aws-lambda-go/lambda"
)

// byteFunc is what aws-lambda-go's invoke loop calls. A lambda.Handler has only Invoke, whose result is a byte slice:
// a streamed response would be collected in memory, its content type lost, and nothing would tell when it was sent.
type byteFunc = func(ctx context.Context, payload []byte) (io.Reader, error)

// byteFuncField is the embedded field of aws-lambda-go's unexported handler type (lambda/handler.go, unchanged since
// v1.38.0) that holds its byte function. A test fails when the pinned version has no such field.
const byteFuncField = "handlerFunc"

// byteFuncOf returns the byte function inside a handler made by lambda.NewHandler.
func byteFuncOf(h lambda.Handler) (byteFunc, bool) {
	place, ok := byteFuncPlace(reflect.ValueOf(h))
	if !ok {
		return nil, false
	}
	return *place, true
}

// withByteFunc returns a copy of a handler made by lambda.NewHandler, options and base context included, that calls f.
func withByteFunc(h lambda.Handler, f byteFunc) (lambda.Handler, bool) {
	original := reflect.ValueOf(h)
	if _, ok := byteFuncPlace(original); !ok {
		return nil, false
	}
	clone := reflect.New(original.Type().Elem())
	clone.Elem().Set(original.Elem())
	place, _ := byteFuncPlace(clone)
	*place = f
	traced, ok := clone.Interface().(lambda.Handler)
	return traced, ok
}

// byteFuncPlace finds the field by name and checks its type, so that the conversion below is one between identical
// underlying types.
func byteFuncPlace(handler reflect.Value) (*byteFunc, bool) {
	if handler.Kind() != reflect.Pointer || handler.Elem().Kind() != reflect.Struct {
		return nil, false
	}
	field := handler.Elem().FieldByName(byteFuncField)
	if !field.IsValid() || !field.Type().ConvertibleTo(reflect.TypeFor[byteFunc]()) {
		return nil, false
	}
	return (*byteFunc)(unsafe.Pointer(field.UnsafeAddr())), true
}

// invokeOf and buffered translate between byte functions and handlers that only have Invoke.
func invokeOf(h lambda.Handler) byteFunc {
	return func(ctx context.Context, payload []byte) (io.Reader, error) {
		answer, err := h.Invoke(ctx, payload)
		if err != nil {
			return nil, err
		}
		return bytes.NewBuffer(answer), nil
	}
}

type buffered byteFunc

func (f buffered) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	answer, err := f(ctx, payload)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer)
	if closer, ok := answer.(io.Closer); ok {
		_ = closer.Close() // what was read stands
	}
	return body, err
}
