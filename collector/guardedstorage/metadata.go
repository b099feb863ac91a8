package guardedstorage

import (
	"encoding/binary"
	"errors"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// metadataKey is where the queue keeps what it knows of itself, and the others where it did before.
const metadataKey = "qmv0"

// metadata is PersistentMetadata of the Collector's exporterhelper/internal/queue.
type metadata struct {
	items, bytes uint64
	read, write  uint64 // the next index to read and to write
	dispatched   []uint64
}

const (
	fieldItems protowire.Number = iota + 1
	fieldBytes
	fieldRead
	fieldWrite
	fieldDispatched
)

var errMetadata = errors.New("it is not the state of a queue")

func parseMetadata(in []byte) (m metadata, err error) {
	for len(in) > 0 {
		field, kind, n := protowire.ConsumeTag(in)
		if n < 0 {
			return m, errMetadata
		}
		in = in[n:]
		values, n := fixed(kind, in)
		if n < 0 {
			return m, errMetadata
		}
		in = in[n:]
		if field == fieldDispatched {
			m.dispatched = append(m.dispatched, values...)
		} else if len(values) == 1 {
			switch field {
			case fieldItems:
				m.items = values[0]
			case fieldBytes:
				m.bytes = values[0]
			case fieldRead:
				m.read = values[0]
			case fieldWrite:
				m.write = values[0]
			default:
			}
		}
	}
	return m, nil
}

// fixed reads one number, or several that are packed.
func fixed(kind protowire.Type, in []byte) (values []uint64, n int) {
	switch kind {
	case protowire.Fixed64Type:
		value, n := protowire.ConsumeFixed64(in)
		return []uint64{value}, n
	case protowire.BytesType:
		packed, n := protowire.ConsumeBytes(in)
		if len(packed)%8 != 0 {
			return nil, -1
		}
		for chunk := range slices.Chunk(packed, 8) {
			values = append(values, binary.LittleEndian.Uint64(chunk))
		}
		return values, n
	default:
		return nil, -1
	}
}

// marshal leaves the dispatched ones out: there are none when a queue starts.
func (m metadata) marshal() []byte {
	var out []byte
	for field, value := range []uint64{m.items, m.bytes, m.read, m.write} {
		out = protowire.AppendTag(out, protowire.Number(field+1), protowire.Fixed64Type)
		out = protowire.AppendFixed64(out, value)
	}
	return out
}
