package rekognition_test

import (
	"encoding/binary"
	"hash/crc32"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/rekognition"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bucket is the S3 behind the service: objects by key; "huge" is over every limit.
func bucket(objects map[string][]byte) rekognition.GetObject {
	return func(_, key, _ string, limit int64) ([]byte, error) {
		data, ok := objects[key]
		switch {
		case key == "huge" && limit == 15<<20:
			return nil, awswire.Errorf("EntityTooLarge", "too large")
		case !ok:
			return nil, &awswire.Error{Code: "NoSuchKey", Message: "none", Status: 404}
		}
		return data, nil
	}
}

func start(t *testing.T) *client.Client {
	t.Helper()
	objects := map[string][]byte{}
	for _, s := range samples.All() {
		objects[s.Name] = s.Data
	}
	service, err := rekognition.New(rekognition.Config{GetObject: bucket(objects), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	endpoint := httptest.NewServer(service)
	t.Cleanup(endpoint.Close)
	return client.New(client.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(endpoint.URL), HTTPClient: endpoint.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), RetryMaxAttempts: 1,
	})
}

func object(key string) *types.Image {
	return &types.Image{S3Object: &types.S3Object{Bucket: aws.String("images"), Name: &key}}
}

func TestFindsTheDrawnFaces(t *testing.T) {
	c := start(t)
	for _, s := range samples.All() {
		if !s.IsImage {
			continue
		}
		out, err := c.DetectFaces(t.Context(), &client.DetectFacesInput{Image: object(s.Name)})
		require.NoError(t, err, s.Name)
		require.Len(t, out.FaceDetails, s.Faces, s.Name)
		for _, face := range out.FaceDetails {
			box := face.BoundingBox
			require.Greater(t, *face.Confidence, float32(90))
			require.LessOrEqual(t, *face.Confidence, float32(100))
			require.InDelta(t, 0.45, *box.Top+*box.Height/2, 0.15, "the faces are drawn at this height")
			require.True(t, *box.Left >= 0 && *box.Top >= 0 && *box.Left+*box.Width <= 1 && *box.Top+*box.Height <= 1)
			require.Greater(t, *face.Quality.Brightness, float32(20))
			require.Greater(t, *face.Quality.Sharpness, float32(0))
			require.Nil(t, face.Pose, "nothing is told that was not measured")
			require.Empty(t, face.Landmarks)
		}
	}
}

func TestFaceIsWhereItIsDrawn(t *testing.T) {
	out, err := start(t).DetectFaces(t.Context(), &client.DetectFacesInput{Image: object("portrait.jpeg")})
	require.NoError(t, err)
	box := out.FaceDetails[0].BoundingBox
	require.InDelta(t, 0.5, *box.Left+*box.Width/2, 0.06)
	require.InDelta(t, 0.48, *box.Top+*box.Height/2, 0.06)
	require.InDelta(t, 0.55, *box.Height, 0.12)
}

func names(labels []types.Label) (out []string) {
	for _, l := range labels {
		out = append(out, *l.Name)
	}
	return out
}

func TestLabels(t *testing.T) {
	c := start(t)
	ctx := t.Context()
	out, err := c.DetectLabels(ctx, &client.DetectLabelsInput{Image: object("portrait.jpeg")})
	require.NoError(t, err)
	require.Equal(t, "steptrace-sandbox-1", *out.LabelModelVersion)
	require.Equal(t, []string{"Face", "Person"}, names(out.Labels)[:2])
	require.Len(t, out.Labels[0].Instances, 1)
	require.Equal(t, "Head", *out.Labels[0].Parents[0].Name)

	out, err = c.DetectLabels(ctx, &client.DetectLabelsInput{Image: object("night.png")})
	require.NoError(t, err)
	require.Contains(t, names(out.Labels), "Dark")
	require.NotContains(t, names(out.Labels), "Person")

	tiles, err := c.DetectLabels(ctx, &client.DetectLabelsInput{Image: object("tiles.png")})
	require.NoError(t, err)
	require.Subset(t, names(tiles.Labels), []string{"Red", "Yellow", "Green", "Blue"})
	for _, l := range tiles.Labels[:4] {
		require.InDelta(t, 62.5, *l.Confidence, 0.01, "a quarter of the image each")
	}
	limited, err := c.DetectLabels(ctx, &client.DetectLabelsInput{Image: object("tiles.png"), MaxLabels: aws.Int32(2)})
	require.NoError(t, err)
	require.Equal(t, tiles.Labels[:2], limited.Labels)
	sure, err := c.DetectLabels(ctx, &client.DetectLabelsInput{Image: object("tiles.png"), MinConfidence: aws.Float32(99)})
	require.NoError(t, err)
	require.Empty(t, sure.Labels)
}

// claims is a PNG whose header claims dimensions that its data does not have.
func claims(width, height uint32) []byte {
	header := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(header[4:], width)
	binary.BigEndian.PutUint32(header[8:], height)
	header[12], header[13] = 8, 2
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(header))
}

func TestErrors(t *testing.T) {
	c := start(t)
	portrait := samples.All()[0].Data
	cases := []struct {
		name    string
		image   *types.Image
		code    string
		message string
	}{
		{"text", object("not-an-image.jpg"), "InvalidImageFormatException", "Request has invalid image format"},
		{"cut off", &types.Image{Bytes: portrait[:len(portrait)/2]}, "InvalidImageFormatException", "Request has invalid image format"},
		{"gif", &types.Image{Bytes: []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;")}, "InvalidImageFormatException", "Request has invalid image format"},
		{"missing", object("missing"), "InvalidS3ObjectException", "Unable to get object metadata from S3. Check object key, region and/or access permissions."},
		{"huge object", object("huge"), "ImageTooLargeException", "The input image size exceeds the allowed limit."},
		{"huge bytes", &types.Image{Bytes: make([]byte, 5<<20+1)}, "ImageTooLargeException", "The input image size exceeds the allowed limit."},
		{"wide", &types.Image{Bytes: claims(10800, 5400)}, "ImageTooLargeException", "Input image dimensions 10800 x 5400 exceed maximum dimension size of 10000 pixels"},
		{"bomb", &types.Image{Bytes: claims(9999, 9999)}, "ImageTooLargeException", "Input image has 99980001 pixels, more than the sandbox's maximum of 25000000"},
		{"tiny", &types.Image{Bytes: claims(79, 200)}, "InvalidParameterException", "Request has invalid parameters"},
		{"nothing", &types.Image{}, "InvalidParameterException", "Request has invalid parameters"},
		{"both", &types.Image{Bytes: portrait, S3Object: object("x").S3Object}, "InvalidParameterException", "Request has invalid parameters"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			_, faces := c.DetectFaces(t.Context(), &client.DetectFacesInput{Image: test.image})
			_, labels := c.DetectLabels(t.Context(), &client.DetectLabelsInput{Image: test.image})
			for _, err := range []error{faces, labels} {
				var e smithy.APIError
				require.ErrorAs(t, err, &e)
				require.Equal(t, []string{test.code, test.message}, []string{e.ErrorCode(), e.ErrorMessage()})
			}
		})
	}
	_, err := c.DetectLabels(t.Context(), &client.DetectLabelsInput{Image: object("tiles.png"), MaxLabels: aws.Int32(-1)})
	require.ErrorContains(t, err, "InvalidParameterException")
	_, err = c.DetectText(t.Context(), &client.DetectTextInput{Image: object("tiles.png")})
	require.ErrorContains(t, err, "UnknownOperationException")
}
