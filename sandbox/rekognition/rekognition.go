// Package rekognition is the sandbox's Rekognition: DetectFaces and DetectLabels on the pixels of real images. Faces
// are found by github.com/esimov/pigo; labels are a stand-in computed from colours, brightness and faces.
package rekognition

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// GetObject reads an S3 object of at most limit bytes. An object over it is an awswire.Error EntityTooLarge.
type GetObject func(bucket, key, versionID string, limit int64) ([]byte, error)

// Config of the service; all fields are required.
type Config struct {
	GetObject GetObject
	Logger    *slog.Logger
}

// Service is a Rekognition without collections or projects.
type Service struct {
	config Config
	faces  *faceFinder
	slots  chan struct{} // bounds the images decoded at a time
}

// maxAnalyses bounds memory: an analysis holds one decoded image, of up to maxPixels.
const maxAnalyses = 2

// New loads the face model.
func New(config Config) (*Service, error) {
	faces, err := newFaceFinder()
	if err != nil {
		return nil, err
	}
	return &Service{config: config, faces: faces, slots: make(chan struct{}, maxAnalyses)}, nil
}

// operations is every Rekognition operation of the sandbox.
var operations = awswire.Operations[*Service]{
	"DetectFaces":  (*Service).detectFaces,
	"DetectLabels": (*Service).detectLabels,
}

// ServeHTTP implements http.Handler: AWS JSON 1.1.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operations.Serve(w, r, s, "Rekognition", awswire.JSON11)
}

type detectFacesInput struct {
	Image      *imageInput
	Attributes []string
}

type detectFacesOutput struct {
	FaceDetails []faceDetail
}

func (s *Service) detectFaces(r *http.Request) (any, error) {
	var in detectFacesInput
	if err := awswire.Decode(r, &in); err != nil {
		return nil, err
	}
	p, err := s.picture(r, in.Image)
	if err != nil {
		return nil, err
	}
	out := detectFacesOutput{FaceDetails: []faceDetail{}}
	for _, face := range s.faces.find(p) {
		out.FaceDetails = append(out.FaceDetails, p.detail(face))
	}
	return out, nil
}

type detectLabelsInput struct {
	Image         *imageInput
	MaxLabels     *int
	MinConfidence *float64
	Features      []string
	Settings      json.RawMessage
}

type detectLabelsOutput struct {
	Labels            []label
	LabelModelVersion string
}

// labelModelVersion says whose labels these are.
const labelModelVersion = "steptrace-sandbox-1"

// Rekognition's defaults for DetectLabels.
const (
	defaultMaxLabels     = 1000
	defaultMinConfidence = 55
)

func (s *Service) detectLabels(r *http.Request) (any, error) {
	in := detectLabelsInput{}
	if err := awswire.Decode(r, &in); err != nil {
		return nil, err
	}
	limit, confidence, err := in.bounds()
	if err != nil {
		return nil, err
	}
	p, err := s.picture(r, in.Image)
	if err != nil {
		return nil, err
	}
	labels := p.labels(s.faces.find(p), confidence)
	return detectLabelsOutput{labels[:min(limit, len(labels))], labelModelVersion}, nil
}

func (in detectLabelsInput) bounds() (limit int, confidence float64, err error) {
	limit, confidence = defaultMaxLabels, defaultMinConfidence
	if in.MaxLabels != nil {
		limit = *in.MaxLabels
	}
	if in.MinConfidence != nil {
		confidence = *in.MinConfidence
	}
	general := len(in.Features) == 0 || (len(in.Features) == 1 && in.Features[0] == "GENERAL_LABELS")
	if limit < 0 || confidence < 0 || confidence > 100 || !general || len(in.Settings) > 0 {
		return 0, 0, invalidParameter
	}
	return limit, confidence, nil
}
