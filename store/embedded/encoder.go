package embedded

import (
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
)

// encoder compresses a response: by HTTP's Content-Encoding, or in ClickHouse's own blocks (compress=1).
type encoder struct {
	name   string // of the Content-Encoding
	blocks *compress.Writer
	stream io.WriteCloser // made by the first write
}

// encodings are those offered, best first. Each is at its quickest: this is for a loopback or a local network.
var encodings = []string{"gzip", "deflate", "br"}

func newEncoder(r *http.Request, v url.Values) encoder {
	if v.Get("compress") == "1" {
		method := compress.LZ4
		if strings.EqualFold(v.Get("network_compression_method"), "zstd") {
			method = compress.ZSTD
		}
		return encoder{blocks: compress.NewWriter(compress.LevelZero, method)}
	}
	if v.Get("enable_http_compression") == "0" {
		return encoder{}
	}
	accepted := strings.Split(r.Header.Get("Accept-Encoding"), ",")
	for _, name := range encodings {
		for _, a := range accepted {
			if strings.TrimSpace(a) == name {
				return encoder{name: name}
			}
		}
	}
	return encoder{}
}

func (e *encoder) write(w io.Writer, b []byte) (int, error) {
	if e.blocks != nil {
		return e.writeBlocks(w, b)
	}
	return e.writePlain(w, b)
}

// maxBlock is what a compressed block holds at most, in bytes, as ClickHouse itself cuts them.
const maxBlock = 1 << 20

func (e *encoder) writeBlocks(w io.Writer, b []byte) (written int, err error) {
	for len(b) > 0 {
		piece := b[:min(len(b), maxBlock)]
		if err := e.blocks.Compress(piece); err != nil {
			return written, fmt.Errorf("compress the result: %w", err)
		}
		if _, err := w.Write(e.blocks.Data); err != nil {
			return written, err
		}
		written += len(piece)
		b = b[len(piece):]
	}
	return written, nil
}

// writePlain writes outside of ClickHouse's blocks, but inside of the Content-Encoding.
func (e *encoder) writePlain(w io.Writer, b []byte) (int, error) {
	if e.stream == nil {
		e.stream = newStream(w, e.name)
	}
	return e.stream.Write(b)
}

func newStream(w io.Writer, encoding string) io.WriteCloser {
	switch encoding {
	case "gzip":
		zw, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is valid
		return zw
	case "deflate":
		zw, _ := zlib.NewWriterLevel(w, zlib.BestSpeed)
		return zw
	case "br":
		return brotli.NewWriterLevel(w, brotli.BestSpeed)
	}
	return nopCloser{w}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func (e *encoder) close() error {
	if e.stream == nil {
		return nil
	}
	return e.stream.Close()
}
