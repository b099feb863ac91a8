package awswire

import (
	"context"
	"net/http"
)

// Operation answers one call of a JSON API of the service S.
type Operation[S any] func(service S, r *http.Request) (any, error)

// Typed reads the request for a method's own type.
func Typed[S, In, Out any](method func(S, context.Context, In) (Out, error)) Operation[S] {
	return func(service S, r *http.Request) (any, error) {
		var in In
		if err := Decode(r, &in); err != nil {
			return nil, err
		}
		return method(service, r.Context(), in)
	}
}

// Operations are those of a service, by their name in X-Amz-Target.
type Operations[S any] map[string]Operation[S]

// Call answers the request for the service; name is the service's in sentences.
func (o Operations[S]) Call(service S, name string, r *http.Request) (any, error) {
	_, operation := Target(r)
	call, ok := o[operation]
	if !ok {
		return nil, UnknownOperation(name + " " + operation)
	}
	return call(service, r)
}

// Serve writes the answer in the protocol, JSON10 or JSON11.
func (o Operations[S]) Serve(w http.ResponseWriter, r *http.Request, service S, name, protocol string) {
	out, err := o.Call(service, name, r)
	if err != nil {
		WriteError(w, protocol, err)
		return
	}
	WriteJSON(w, protocol, out)
}
