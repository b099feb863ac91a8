package guardedotlp

import (
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc/encoding"
)

// maxWindow is the largest window that a zstd frame may ask for: RFC 9659 has encoders of HTTP content stay below it.
// The decoder's own limit has a few bytes reserve half a gigabyte.
const maxWindow = 8 << 20

var decoders = sync.Pool{New: func() any {
	d, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow)) // both are in range
	return d
}}

// unzstd decompresses with a decoder that goes back to the others when it is closed.
func unzstd(r io.Reader) (io.ReadCloser, error) {
	d := decoders.Get().(*zstd.Decoder)
	if err := d.Reset(r); err != nil {
		decoders.Put(d)
		return nil, err
	}
	return &unzstder{d}, nil
}

type unzstder struct{ *zstd.Decoder }

func (u *unzstder) Read(p []byte) (int, error) {
	if u.Decoder == nil {
		return 0, zstd.ErrDecoderClosed
	}
	return u.Decoder.Read(p)
}

func (u *unzstder) Close() error {
	if u.Decoder == nil {
		return nil
	}
	err := u.Reset(nil)
	decoders.Put(u.Decoder)
	u.Decoder = nil
	return err
}

// init puts the bounds around what the Collector has registered for gRPC, whose registry is for the whole process.
func init() { encoding.RegisterCompressor(compressor{encoding.GetCompressor("zstd")}) }

type compressor struct{ encoding.Compressor }

// Decompress bounds the window.
func (compressor) Decompress(r io.Reader) (io.Reader, error) { return unzstd(r) }
