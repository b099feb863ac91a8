package clickhouseexporter

import (
	"encoding/binary"

	"github.com/ClickHouse/ch-go/compress"
)

// block writes columns as one block of ClickHouse's Native format (protocol revision 0, which is what the HTTP
// interface reads), compressed as they come.
type block struct {
	names  []string
	writer *compress.Writer
	small  []byte // pieces too small to be compressed on their own
	body   []byte
	raw    int // how many bytes the body is without compression
	err    error
}

const (
	// frameBytes are compressed at once: no more than the processor's cache holds.
	frameBytes = 256 << 10
	// ownFrame is from how many bytes on a piece gets frames of its own, which spares copying it.
	ownFrame = 64 << 10
)

func (b *block) begin(columns, rows int) {
	b.number(uint64(columns))
	b.number(uint64(rows))
}

// column starts a column.
func (b *block) column(name, kind string) {
	b.names = append(b.names, name)
	b.small = appendText(appendText(b.small, name), kind)
}

func (b *block) words(name, kind string, data words) {
	b.column(name, kind)
	b.write(data)
}

func (b *block) octets(name string, data []byte) {
	b.column(name, "UInt8")
	b.write(data)
}

func (b *block) bools(name string, data []byte) {
	b.column(name, "Bool")
	b.write(data)
}

func (b *block) numbers(name, kind string, data numbers) {
	b.column(name, kind)
	b.write(data)
}

func (b *block) texts(name string, data texts) {
	b.column(name, "String")
	b.write(data)
}

func (b *block) terms(name string, data *terms) {
	b.column(name, "LowCardinality(String)")
	b.word(sharedDictionary)
	b.termRows(data)
}

func (b *block) attributes(name string, data *attributes) {
	b.column(name, "Map(LowCardinality(String), String)")
	b.word(sharedDictionary)
	b.entries(data)
}

// lists, textLists, termLists and attributeLists write arrays: ends says of each row where its elements end.
func (b *block) lists(name, kind string, ends words, data []byte) {
	b.column(name, "Array("+kind+")")
	b.write(ends)
	b.write(data)
}

func (b *block) textLists(name string, ends words, data texts) {
	b.column(name, "Array(String)")
	b.write(ends)
	b.write(data)
}

func (b *block) termLists(name string, ends words, data *terms) {
	b.column(name, "Array(LowCardinality(String))")
	b.word(sharedDictionary)
	b.write(ends)
	b.termRows(data)
}

func (b *block) attributeLists(name string, ends words, data *attributes) {
	b.column(name, "Array(Map(LowCardinality(String), String))")
	b.word(sharedDictionary)
	b.write(ends)
	b.entries(data)
}

func (b *block) entries(data *attributes) {
	b.write(data.ends)
	b.termRows(&data.keys)
	b.write(data.values)
}

// termRows writes nothing for a column without rows, as ClickHouse reads it.
func (b *block) termRows(data *terms) {
	if len(data.rows) == 0 {
		return
	}
	indexType, indexes := data.narrowed()
	b.word(ownDictionary | indexType)
	b.word(uint64(len(data.texts)))
	b.write(data.dictionary)
	b.word(uint64(len(data.rows)))
	b.write(indexes)
}

func (b *block) number(v uint64) { b.small = binary.AppendUvarint(b.small, v) }

func (b *block) word(v uint64) { b.small = binary.LittleEndian.AppendUint64(b.small, v) }

// write appends a piece of the block.
func (b *block) write(p []byte) {
	if len(p) < ownFrame {
		b.small = append(b.small, p...)
		if len(b.small) >= ownFrame {
			b.flush()
		}
		return
	}
	b.flush()
	for len(p) > 0 {
		n := min(len(p), frameBytes)
		b.frame(p[:n])
		p = p[n:]
	}
}

func (b *block) flush() {
	if len(b.small) > 0 {
		b.frame(b.small)
		b.small = b.small[:0]
	}
}

func (b *block) frame(p []byte) {
	if b.err != nil {
		return
	}
	if b.err = b.writer.Compress(p); b.err == nil {
		b.body = append(b.body, b.writer.Data...)
		b.raw += len(p)
	}
}
