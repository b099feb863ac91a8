package rekognition

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/sandbox/awswire"
)

// FuzzPicture feeds any bytes to all that is done with an image's.
func FuzzPicture(f *testing.F) {
	for _, s := range samples.All() {
		f.Add(s.Data)
	}
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
