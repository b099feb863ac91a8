// Package otlpjson turns OTLP's JSON into its protobuf without the generated classes, which link gRPC.
//
// Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
package otlpjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxDepth bounds how deep values are nested; protobuf parsers refuse what is deeper than 100.
const maxDepth = 90

// Protobuf is the protobuf of an export request that was posted to a path like /v1/traces. Members that this version
// does not know are left out, as the specification asks.
func Protobuf(path string, body []byte) ([]byte, error) {
	request, ok := requests[path]
	if !ok {
		return nil, fmt.Errorf("there is no export request for %s; OTLP/HTTP has /v1/traces, /v1/logs and /v1/metrics", path)
	}
	d := decoder{json.NewDecoder(bytes.NewReader(body))}
	d.UseNumber()
	start, err := d.Token()
	if err == nil && start != json.Delim('{') {
		err = errors.New("no object")
	}
	if err != nil {
		return nil, fmt.Errorf("the export request is no JSON of one: %w", err)
	}
	out, err := d.members(request, nil, 0)
	if err != nil {
		return nil, fmt.Errorf("the export request is no OTLP/JSON near byte %d: %w", d.InputOffset(), err)
	}
	return out, nil
}

type decoder struct{ *json.Decoder }

// members reads an object whose beginning has been read.
func (d decoder) members(m message, out []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errors.New("it is nested too deep")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		f, known := m[name.(string)] // a name, or Token would have failed
		if !known {
			f.kind = skipped
		}
		if out, err = d.member(f, out, depth); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	_, err := d.Token()
	return out, err
}

// skipped is no kind of field; its values are read and left.
const skipped kind = -1

func (d decoder) member(f field, out []byte, depth int) ([]byte, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if token != json.Delim('[') {
		return d.value(f, token, out, depth)
	}
	if f.packed() {
		return d.packedList(f, out)
	}
	for d.More() {
		if token, err = d.Token(); err != nil {
			return nil, err
		}
		if token == json.Delim('[') { // no field is a list of lists
			if f.kind != skipped {
				return nil, errors.New("a list in a list")
			}
			if err := d.skip(1); err != nil {
				return nil, err
			}
			continue
		}
		if out, err = d.value(f, token, out, depth); err != nil {
			return nil, err
		}
	}
	_, err = d.Token()
	return out, err
}

// value writes one value, whose first token has been read. A null is as no value.
func (d decoder) value(f field, token json.Token, out []byte, depth int) ([]byte, error) {
	switch {
	case f.kind == skipped && token == json.Delim('{'):
		return out, d.skip(1)
	case f.kind == skipped, token == nil && f.kind != object:
		return out, nil
	case f.kind != object:
		return appendScalar(out, f, token)
	case token == nil:
		return out, nil
	case token != json.Delim('{'):
		return nil, errors.New("no object")
	}
	inner, err := d.members(f.message, nil, depth+1)
	if err != nil {
		return nil, err
	}
	out = protowire.AppendTag(out, f.number, protowire.BytesType)
	return protowire.AppendBytes(out, inner), nil
}

// skip reads to the end of so many objects and lists that have begun.
func (d decoder) skip(depth int) error {
	for depth > 0 {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}
