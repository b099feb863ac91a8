package otlplimits

import (
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Protobuf checks an export request of the signal in its binary form, and says what it takes when it is decoded,
// roughly, in bytes.
func Protobuf(signal Signal, data []byte) (memory int64, err error) {
	c := checker{memory: MaxMemory - int64(len(data))}
	err = c.message(requests[signal], data, MaxDepth)
	return MaxMemory - c.memory, err
}

// checker has what may still be taken.
type checker struct{ memory int64 }

func (c *checker) message(m *message, data []byte, depth int) error {
	if c.memory -= m.memory; c.memory < 0 {
		return ErrTooLarge
	}
	if m.nesting {
		if depth--; depth < 0 {
			return ErrTooDeep
		}
	}
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return malformed(n)
		}
		data = data[n:]
		if kind != protowire.BytesType {
			if n = skip(kind, number, data); n < 0 {
				return malformed(n)
			}
			data = data[n:]
			continue
		}
		content, n := protowire.ConsumeBytes(data)
		if n < 0 {
			return malformed(n)
		}
		data = data[n:]
		if m.isText(int32(number)) {
			if !utf8.Valid(content) {
				return ErrNotUTF8
			}
		} else if field := m.field(int32(number)); field != nil {
			if err := c.message(field, content, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// skip refuses groups, which OTLP has none of: decoders differ in what they take for the end of one that they do not
// know, and would read what was passed over here.
func skip(kind protowire.Type, number protowire.Number, data []byte) int {
	if kind == protowire.StartGroupType || kind == protowire.EndGroupType {
		return -1
	}
	return protowire.ConsumeFieldValue(number, kind, data)
}

func malformed(n int) error {
	return fmt.Errorf("%w: %w", ErrMalformed, protowire.ParseError(n))
}
