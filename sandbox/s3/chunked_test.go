package s3

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzChunked(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n"))
	f.Add([]byte("5;chunk-signature=aa\r\nhello\r\n0;chunk-signature=bb\r\n\r\n"))
	f.Add([]byte("fffffffffffffff\r\nx"))
	f.Fuzz(func(t *testing.T, body []byte) {
		out, err := io.ReadAll(newChunkedReader(bytes.NewReader(body)))
		if err != nil {
			require.True(t, errors.Is(err, errChunk), "%v", err)
		}
		require.LessOrEqual(t, len(out), len(body))
		encoded := fmt.Appendf(nil, "%x\r\n%s\r\n0\r\n\r\n", len(body), body)
		if len(body) == 0 {
			return
		}
		out, err = io.ReadAll(newChunkedReader(bytes.NewReader(encoded)))
		require.NoError(t, err)
		require.Equal(t, body, out)
	})
}
