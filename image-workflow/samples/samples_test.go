package samples_test

import (
	"bytes"
	"image"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/image-workflow/samples"
)

func TestAll(t *testing.T) {
	all, again := samples.All(), samples.All()
	require.Equal(t, all, again, "drawn the same every time")
	images, formats, faces := 0, map[string]int{}, 0
	for _, s := range all {
		config, format, err := image.DecodeConfig(bytes.NewReader(s.Data))
		if !s.IsImage {
			require.Error(t, err, s.Name)
			require.Equal(t, "text/plain; charset=utf-8", http.DetectContentType(s.Data))
			continue
		}
		require.NoError(t, err, s.Name)
		require.Equal(t, s.ContentType, "image/"+format)
		require.Less(t, len(s.Data), 1<<20, s.Name)
		require.GreaterOrEqual(t, min(config.Width, config.Height), 80, "Rekognition's least dimension")
		images, faces = images+1, faces+s.Faces
		formats[format]++
	}
	require.Equal(t, 5, images)
	require.Len(t, all, 6)
	require.Equal(t, map[string]int{"png": 3, "jpeg": 2}, formats)
	require.Equal(t, 4, faces)
}
