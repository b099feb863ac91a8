package guardedotlp

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestRequestsTogetherAreBounded(t *testing.T) {
	var b budget
	b.left.Store(100 << 10)
	first, second := b.share(), b.share()
	data, err := first.read(iotest.OneByteReader(bytes.NewReader(make([]byte, 40<<10))))
	require.NoError(t, err)
	require.Len(t, data, 40<<10)
	_, err = second.read(bytes.NewReader(make([]byte, 40<<10)))
	require.ErrorIs(t, err, errBusy)
	second.giveBack()
	first.giveBack()
	require.EqualValues(t, 100<<10, b.left.Load())
	third := b.share()
	_, err = third.read(bytes.NewReader(make([]byte, 40<<10)))
	require.NoError(t, err)
	_, err = third.read(iotest.ErrReader(io.ErrUnexpectedEOF))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	third.giveBack()
	require.EqualValues(t, 100<<10, b.left.Load())
}
