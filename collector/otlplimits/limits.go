// Package otlplimits checks encoded OTLP requests before they are decoded. The Collector's own limits are on bytes: of
// twenty megabytes a decoder can be made to nest two million values, which overflows the stack and ends the process, or
// to build gigabytes of empty spans.
package otlplimits

import (
	"errors"
	"fmt"
)

const (
	// MaxDepth is how deep arrays and maps may be nested in an attribute's value or a log record's body.
	MaxDepth = 64
	// MaxMemory is what a request may take when it is decoded, roughly, in bytes.
	MaxMemory = 128 << 20
)

// What a request is refused for. A sender that sends it again is refused again.
var (
	ErrMalformed = errors.New("is not what OTLP prescribes")
	ErrTooDeep   = fmt.Errorf("nests values deeper than %d levels; send them as text", MaxDepth)
	ErrNotUTF8   = errors.New("has text that is not UTF-8; send it as bytes, or replace what is not")
	ErrTooLarge  = fmt.Errorf("takes more than %d bytes when it is decoded; send less at once", MaxMemory)
)

// Signal says what a request carries.
type Signal int

// The signals of OTLP.
const (
	Traces Signal = iota
	Logs
	Metrics
)
