package embedded

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/stretchr/testify/require"
)

// FuzzBlockReader checks that no upload looks complete unless it ends between two whole blocks.
func FuzzBlockReader(f *testing.F) {
	w := compress.NewWriter(compress.LevelZero, compress.LZ4)
	require.NoError(f, w.Compress([]byte("some data")))
	block := bytes.Clone(w.Data)
	for cut := range block {
		f.Add(append(bytes.Clone(block), block[:cut]...))
	}
	f.Fuzz(func(t *testing.T, upload []byte) {
		plain, err := io.ReadAll(newBlockReader(bytes.NewReader(upload)))
		if err != nil {
			require.False(t, errors.Is(err, io.EOF), "%v", err)
			return
		}
		if len(upload) > 0 {
			require.NotEmpty(t, plain)
		}
		again, err := io.ReadAll(newBlockReader(bytes.NewReader(append(bytes.Clone(upload), block...))))
		require.NoError(t, err)
		require.Equal(t, append(plain, "some data"...), again)
	})
}
