package rekognition

import (
	"bytes"
	"errors"
	"image"
	_ "image/jpeg" // the two formats of Rekognition
	_ "image/png"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Rekognition's bounds on images, and one of the sandbox's own: an image is decoded whole.
const (
	maxBytes     = 5 << 20  // of an image in the request
	maxObject    = 15 << 20 // of an image in S3
	minDimension = 80
	maxDimension = 10_000
	maxPixels    = 25_000_000
)

var (
	invalidParameter = awswire.Errorf("InvalidParameterException", "Request has invalid parameters")
	invalidFormat    = awswire.Errorf("InvalidImageFormatException", "Request has invalid image format")
	invalidObject    = awswire.Errorf("InvalidS3ObjectException",
		"Unable to get object metadata from S3. Check object key, region and/or access permissions.")
	tooLarge = awswire.Errorf("ImageTooLargeException", "The input image size exceeds the allowed limit.")
)

type imageInput struct {
	Bytes    []byte // Base64 in JSON
	S3Object *struct {
		Bucket  string
		Name    string
		Version string
	}
}

// picture reads and decodes the image of a request.
func (s *Service) picture(r *http.Request, in *imageInput) (*picture, error) {
	data, err := s.data(in)
	if err != nil {
		return nil, err
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return newPicture(data)
}

func (s *Service) data(in *imageInput) ([]byte, error) {
	switch {
	case in == nil || (in.S3Object == nil) == (len(in.Bytes) == 0):
		return nil, invalidParameter
	case len(in.Bytes) > maxBytes:
		return nil, tooLarge
	case in.S3Object == nil:
		return in.Bytes, nil
	}
	data, err := s.config.GetObject(in.S3Object.Bucket, in.S3Object.Name, in.S3Object.Version, maxObject)
	var e *awswire.Error
	switch {
	case errors.As(err, &e) && e.Code == "EntityTooLarge":
		return nil, tooLarge
	case errors.As(err, &e) && e.Status < http.StatusInternalServerError:
		return nil, invalidObject
	}
	return data, err
}

// newPicture decodes PNG or JPEG, looking at the dimensions first: a small file may claim to be huge.
func newPicture(data []byte) (*picture, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || (format != "png" && format != "jpeg") {
		return nil, invalidFormat
	}
	switch {
	case config.Width > maxDimension || config.Height > maxDimension:
		return nil, awswire.Errorf(tooLarge.Code, "Input image dimensions %d x %d exceed maximum dimension size of %d pixels",
			config.Width, config.Height, maxDimension)
	case config.Width*config.Height > maxPixels:
		return nil, awswire.Errorf(tooLarge.Code, "Input image has %d pixels, more than the sandbox's maximum of %d",
			config.Width*config.Height, maxPixels)
	case config.Width < minDimension || config.Height < minDimension:
		return nil, invalidParameter
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, invalidFormat
	}
	return sample(decoded), nil
}
