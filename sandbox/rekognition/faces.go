package rekognition

import (
	_ "embed"
	"fmt"
	"image"
	"math"
	"slices"

	pigo "github.com/esimov/pigo/core"
)

// cascade is pigo's face model, copied from its module (MIT, see cascade/LICENSE).
//
//go:embed cascade/facefinder
var cascade []byte

type faceFinder struct{ classifier *pigo.Pigo }

func newFaceFinder() (*faceFinder, error) {
	classifier, err := pigo.NewPigo().Unpack(cascade)
	if err != nil {
		return nil, fmt.Errorf("load the face model built into this program: %w", err)
	}
	return &faceFinder{classifier}, nil
}

// face is a detection in the working copy.
type face struct {
	area  image.Rectangle
	score float64 // pigo's, above minScore, without upper bound
}

// minScore is where pigo's authors put the border between faces and noise.
const minScore = 5

// find returns faces, the most certain first.
func (f *faceFinder) find(p *picture) []face {
	side := min(p.width, p.height)
	found := f.classifier.RunCascade(pigo.CascadeParams{
		MinSize: max(20, side/12), MaxSize: side, ShiftFactor: 0.1, ScaleFactor: 1.1,
		ImageParams: pigo.ImageParams{Pixels: p.gray, Rows: p.height, Cols: p.width, Dim: p.width},
	}, 0)
	var out []face
	for _, d := range f.classifier.ClusterDetections(found, 0.2) {
		if d.Q < minScore {
			continue
		}
		corner := image.Pt(d.Col-d.Scale/2, d.Row-d.Scale/2)
		area := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(d.Scale, d.Scale))}
		out = append(out, face{area: area.Intersect(p.bounds()), score: float64(d.Q)})
	}
	slices.SortFunc(out, func(a, b face) int {
		if a.score > b.score {
			return -1
		}
		return 1
	})
	return out
}

// confidence maps the score to percent: 50 at no evidence, towards 100; monotonic, otherwise only a convention.
func (f face) confidence() float64 { return 100 - 50*math.Exp(-f.score/10) }

// boundingBox is relative to the image's width and height.
type boundingBox struct {
	Width  float64
	Height float64
	Left   float64
	Top    float64
}

type faceDetail struct {
	BoundingBox boundingBox
	Confidence  float64
	Quality     quality
}

type quality struct {
	Brightness float64
	Sharpness  float64
}

func (p *picture) detail(f face) faceDetail {
	return faceDetail{
		BoundingBox: p.box(f.area), Confidence: f.confidence(),
		Quality: quality{Brightness: p.brightness(f.area), Sharpness: p.sharpness(f.area)},
	}
}

func (p *picture) box(area image.Rectangle) boundingBox {
	width, height := float64(p.width), float64(p.height)
	return boundingBox{
		Width: float64(area.Dx()) / width, Height: float64(area.Dy()) / height,
		Left: float64(area.Min.X) / width, Top: float64(area.Min.Y) / height,
	}
}
