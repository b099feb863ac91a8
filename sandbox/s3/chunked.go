package s3

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

var errChunk = errors.New("the aws-chunked body is malformed")

// maxLine bounds a chunk header or a trailer line; both are far shorter in real requests.
const maxLine = 4 << 10

// chunkedReader decodes the content encoding aws-chunked: chunks of "size[;chunk-signature=…]\r\n" data "\r\n", one of
// size 0, then trailers (checksum and signature) until an empty line or the end. Signatures are not verified.
type chunkedReader struct {
	in      *bufio.Reader
	trailer http.Header
	left    int64
	begun   bool
	done    bool
}

func newChunkedReader(body io.Reader) *chunkedReader {
	return &chunkedReader{in: bufio.NewReaderSize(body, maxLine), trailer: http.Header{}}
}

// Read implements io.Reader; after io.EOF the trailer is complete.
func (c *chunkedReader) Read(p []byte) (int, error) {
	if c.left == 0 && !c.done {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if c.done {
		return 0, io.EOF
	}
	n, err := c.in.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: it ends inside a chunk", errChunk)
	}
	return n, err
}

func (c *chunkedReader) next() error {
	if c.begun {
		if line, err := c.line(); err != nil || line != "" {
			return fmt.Errorf("%w: a chunk does not end with a line break", errChunk)
		}
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return fmt.Errorf("%w: a chunk has no header", errChunk)
	}
	size, _, _ := strings.Cut(line, ";")
	if c.left, err = strconv.ParseInt(size, 16, 63); err != nil || c.left < 0 {
		return fmt.Errorf("%w: %.20q is not a chunk size", errChunk, size)
	}
	if c.left > 0 {
		return nil
	}
	c.done = true
	return c.readTrailer()
}

func (c *chunkedReader) readTrailer() error {
	for range 16 {
		line, err := c.line()
		if errors.Is(err, io.EOF) || (err == nil && line == "") {
			return nil
		}
		name, value, ok := strings.Cut(line, ":")
		if err != nil || !ok {
			return fmt.Errorf("%w: its trailer is not a list of headers", errChunk)
		}
		c.trailer.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return fmt.Errorf("%w: it has too many trailers", errChunk)
}

// line reads up to a line break, without it. At the very end of the body it returns io.EOF.
func (c *chunkedReader) line() (string, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)) {
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}
