package rekognition

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// FuzzPicture feeds any bytes to all that is done with an image's.
func FuzzPicture(f *testing.F) {
	small := image.NewNRGBA(image.Rect(0, 0, 80, 80))
	var asPNG, asJPEG bytes.Buffer
	require.NoError(f, png.Encode(&asPNG, small))
	require.NoError(f, jpeg.Encode(&asJPEG, small, nil))
	f.Add(asPNG.Bytes())
	f.Add(asJPEG.Bytes())
	f.Add([]byte("not an image"))
	faces, err := newFaceFinder()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := newPicture(data)
		if err != nil {
			var e *awswire.Error
			require.True(t, errors.As(err, &e), "%v", err)
			return
		}
		require.Len(t, p.gray, p.width*p.height)
		found := faces.find(p)
		for _, face := range found {
			box := p.detail(face).BoundingBox
			require.True(t, box.Left >= 0 && box.Top >= 0 && box.Left+box.Width <= 1.000001 && box.Top+box.Height <= 1.000001)
		}
		for _, l := range p.labels(found, 0) {
			require.True(t, l.Confidence >= 0 && l.Confidence <= 100, l.Name)
		}
	})
}
