package embedded

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// upload returns the request's body without its compression: HTTP's Content-Encoding outside, ClickHouse's own
// compressed blocks inside. It ends with io.EOF only where the client ended it.
func upload(r *http.Request, v url.Values) (io.Reader, func(), error) {
	body, release, err := decoded(r.Body, r.Header.Get("Content-Encoding"))
	if err != nil {
		return nil, nil, exceptionf(codeCannotReadAllData, "The body is not in its Content-Encoding %s: %s. "+
			"(CANNOT_READ_ALL_DATA)", r.Header.Get("Content-Encoding"), err)
	}
	if v.Get("decompress") == "1" {
		body = newBlockReader(body)
	}
	return &drainingReader{Reader: body, source: r.Body}, release, nil
}

// drainingReader reads its source to the end once it has ended itself, as decoders stop at their own end. Only then
// does the server read along and notice that the client goes away.
type drainingReader struct {
	io.Reader
	source io.Reader
}

// maxTrailer bounds what may follow the end of an encoding, in bytes.
const maxTrailer = 1 << 10

func (d *drainingReader) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err == io.EOF {
		_, broken := io.Copy(io.Discard, io.LimitReader(d.source, maxTrailer))
		if broken != nil {
			return n, broken
		}
	}
	return n, err
}

func decoded(body io.Reader, encoding string) (io.Reader, func(), error) {
	switch encoding {
	case "", "identity":
		return body, func() {}, nil
	case "gzip":
		zr, err := gzip.NewReader(body)
		return zr, func() {}, err
	case "deflate":
		zr, err := zlib.NewReader(body)
		return zr, func() {}, err
	case "br":
		return brotli.NewReader(body), func() {}, nil
	case "zstd":
		zr, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, nil, err
		}
		return zr, zr.Close, nil
	}
	return nil, nil, fmt.Errorf("unknown encoding; use gzip, deflate, br or zstd")
}

// blockReader reads ClickHouse's compressed blocks and tells an end between blocks from one inside of a block.
type blockReader struct {
	source *countingReader
	blocks *compress.Reader
	whole  int64 // bytes of source up to the end of the last block
}

func newBlockReader(r io.Reader) *blockReader {
	source := &countingReader{Reader: r}
	return &blockReader{source: source, blocks: compress.NewReader(source)}
}

func (b *blockReader) Read(p []byte) (int, error) {
	n, err := b.blocks.Read(p)
	switch {
	case err == nil:
		b.whole = b.source.read
		return n, nil
	case errors.Is(err, io.EOF) && b.source.read == b.whole:
		return n, io.EOF
	case errors.Is(err, io.EOF):
		return n, fmt.Errorf("inside of a compressed block: %w", io.ErrUnexpectedEOF)
	}
	return n, err
}

type countingReader struct {
	io.Reader
	read int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	return n, err
}
