package clickhouseexporter

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/ClickHouse/ch-go/compress"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// payload is what an insert sends.
type payload struct {
	table   string
	columns []string
	rows    int
	raw     int // bytes before compression
	body    []byte
	token   string
}

const (
	tokenBytes = 16
	// keptBytes is up to which size of a batch, uncompressed, its buffers are kept for the next one.
	keptBytes    = 64 << 20
	keptEncoders = queueConsumers
)

// encoder holds the buffers of one batch.
type encoder struct {
	spans      spanColumns
	logs       logColumns
	scalars    scalarColumns
	histograms histogramColumns
	block      block
}

// encoders keeps the buffers for the next batch: a sync.Pool would lose them at every garbage collection, of which a
// Collector has several between two batches.
type encoders struct {
	method compress.Method
	free   chan *encoder
}

func newEncoders(method compress.Method) *encoders {
	return &encoders{method, make(chan *encoder, keptEncoders)}
}

func (e *encoders) get() *encoder {
	select {
	case enc := <-e.free:
		return enc
	default:
		return &encoder{block: block{writer: compress.NewWriter(compress.LevelZero, e.method)}}
	}
}

// put keeps the buffers unless they have become large or there are enough.
func (e *encoders) put(enc *encoder, used int) {
	if used > keptBytes {
		return
	}
	select {
	case e.free <- enc:
	default:
	}
}

// encode makes an insert of what fill writes, of so many rows, into the block. An encoder whose batch was refused half
// way is not used again.
func (e *encoders) encode(table string, fill func(*encoder) (int, error)) (payload, error) {
	enc := e.get()
	rows, err := fill(enc)
	if err != nil {
		return payload{}, err
	}
	p, err := enc.block.finish(table, rows)
	e.put(enc, p.raw)
	return p, err
}

func (e *encoders) traces(td ptrace.Traces) (payload, error) {
	return e.encode(tracesTable, func(enc *encoder) (int, error) {
		if err := enc.spans.add(td); err != nil {
			return 0, err
		}
		defer enc.spans.reset()
		enc.spans.write(&enc.block)
		return enc.spans.rows, nil
	})
}

func (e *encoders) records(ld plog.Logs) (payload, error) {
	return e.encode(logsTable, func(enc *encoder) (int, error) {
		if err := enc.logs.add(ld); err != nil {
			return 0, err
		}
		defer enc.logs.reset()
		enc.logs.write(&enc.block)
		return enc.logs.rows, nil
	})
}

func (e *encoders) gauges(md pmetric.Metrics) (payload, error) {
	return e.encode(gaugesTable, func(enc *encoder) (int, error) {
		if err := enc.scalars.addGauges(md); err != nil {
			return 0, err
		}
		defer enc.scalars.reset()
		enc.scalars.writeGauges(&enc.block)
		return enc.scalars.rows, nil
	})
}

func (e *encoders) sums(md pmetric.Metrics) (payload, error) {
	return e.encode(sumsTable, func(enc *encoder) (int, error) {
		if err := enc.scalars.addSums(md); err != nil {
			return 0, err
		}
		defer enc.scalars.reset()
		enc.scalars.writeSums(&enc.block)
		return enc.scalars.rows, nil
	})
}

func (e *encoders) histograms(md pmetric.Metrics) (payload, error) {
	return e.encode(histogramsTable, func(enc *encoder) (int, error) {
		if err := enc.histograms.add(md); err != nil {
			return 0, err
		}
		defer enc.histograms.reset()
		enc.histograms.writeHistograms(&enc.block)
		return enc.histograms.rows, nil
	})
}

// finish makes the block an insert and itself ready for the next.
func (b *block) finish(table string, rows int) (payload, error) {
	b.flush()
	p := payload{table: table, columns: b.names, rows: rows, raw: b.raw, body: b.body, token: token(b.body)}
	err := b.err
	b.names, b.raw, b.err = make([]string, 0, len(b.names)), 0, nil
	b.body = make([]byte, 0, len(p.body)+len(p.body)/4) // the transport may read the old one after it has answered
	return p, err
}

// token names the batch by its content: sent again as it was, it has the same. What it is computed from is compressed,
// which is a sixth of the bytes, and the same for the same content.
func token(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:tokenBytes])
}
