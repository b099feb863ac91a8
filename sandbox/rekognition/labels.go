package rekognition

import (
	"cmp"
	"slices"
)

type label struct {
	Name       string
	Confidence float64
	Instances  []instance
	Parents    []parent
	Aliases    []parent
	Categories []parent
}

type instance struct {
	BoundingBox boundingBox
	Confidence  float64
}

type parent struct{ Name string }

// labels says what the pixels show, the most certain first: faces and the persons they belong to, the colours by their
// share of the image, and how bright it is. It is no recognition of things.
func (p *picture) labels(faces []face, minConfidence float64) []label {
	out := append(p.faceLabels(faces), p.colorLabels()...)
	out = append(out, p.brightnessLabel())
	out = slices.DeleteFunc(out, func(l label) bool { return l.Confidence < minConfidence })
	slices.SortStableFunc(out, func(a, b label) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return out
}

func newLabel(name string, confidence float64, category string, parents ...parent) label {
	return label{
		Name: name, Confidence: confidence, Instances: []instance{}, Aliases: []parent{},
		Parents: append([]parent{}, parents...), Categories: []parent{{category}},
	}
}

func (p *picture) faceLabels(faces []face) []label {
	if len(faces) == 0 {
		return nil
	}
	certain := faces[0].confidence()
	person := newLabel("Person", certain, "Person Description")
	head := newLabel("Face", certain, "Person Description", parent{"Head"}, parent{"Person"})
	for _, f := range faces {
		person.Instances = append(person.Instances, instance{p.box(f.area), f.confidence()})
		head.Instances = append(head.Instances, instance{p.box(f.area), f.confidence()})
	}
	return []label{head, person}
}

// colorLabels gives each colour that covers a tenth of the image; its confidence is its share in percent, taken from 50
// upwards so that the usual threshold keeps it.
func (p *picture) colorLabels() []label {
	count := map[string]int{}
	for _, c := range p.colors {
		count[c.name()]++
	}
	var out []label
	for _, name := range colorNames {
		if share := float64(count[name]) / float64(len(p.colors)); share >= 0.1 {
			out = append(out, newLabel(name, 50+50*share, "Colors and Visual Composition"))
		}
	}
	return out
}

func (p *picture) brightnessLabel() label {
	bright := p.brightness(p.bounds())
	if bright < 50 {
		return newLabel("Dark", 100-bright, "Colors and Visual Composition")
	}
	return newLabel("Bright", bright, "Colors and Visual Composition")
}

var colorNames = []string{"Black", "Gray", "White", "Red", "Yellow", "Green", "Cyan", "Blue", "Magenta"}

// name sorts a colour into one of colorNames: by lightness if it has little colour, else by hue.
func (c rgb) name() string {
	r, g, b := int(c.r), int(c.g), int(c.b)
	high, low := max(r, g, b), min(r, g, b)
	switch {
	case high < 48:
		return "Black"
	case high-low < 32 && low > 208:
		return "White"
	case high-low < 32:
		return "Gray"
	}
	return colorNames[3+(hue(r, g, b, high, high-low)+30)/60%6]
}

// hue is the angle of a colour in degrees: red at 0, green at 120, blue at 240.
func hue(r, g, b, high, spread int) int {
	switch high {
	case r:
		return (60*(g-b)/spread + 360) % 360
	case g:
		return 60*(b-r)/spread + 120
	}
	return 60*(r-g)/spread + 240
}
