// Package samples draws the images that the reference workflow is shown with. They are made by this program alone:
// nobody's photograph, and the same on every call.
package samples

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
)

// Sample is a file to upload.
type Sample struct {
	Name        string // the file's name, with extension
	ContentType string
	Data        []byte
	IsImage     bool // false: the name and the content type lie, and Rekognition refuses it
	Faces       int  // drawn faces
}

// All gives every sample.
func All() []Sample {
	return []Sample{
		encodeJPEG("portrait.jpeg", portrait(), 1),
		encodePNG("group.png", group(), 3),
		encodeJPEG("landscape.jpeg", landscape(), 0),
		encodePNG("night.png", night(), 0),
		encodePNG("tiles.png", tiles(), 0),
		{
			Name: "not-an-image.jpg", ContentType: "image/jpeg",
			Data: []byte("This file says that it is a JPEG. It is a line of text.\n"),
		},
	}
}

func encodeJPEG(name string, c *canvas, faces int) Sample {
	return sample(name, "image/jpeg", c, faces, func(out *bytes.Buffer, in image.Image) error {
		return jpeg.Encode(out, in, &jpeg.Options{Quality: 90})
	})
}

func encodePNG(name string, c *canvas, faces int) Sample {
	return sample(name, "image/png", c, faces, func(out *bytes.Buffer, in image.Image) error {
		return png.Encode(out, in)
	})
}

func sample(
	name, contentType string, c *canvas, faces int, encode func(*bytes.Buffer, image.Image) error,
) Sample {
	var out bytes.Buffer
	if err := encode(&out, c.image()); err != nil {
		panic(fmt.Sprintf("encode sample %s: %v", name, err)) // into memory, of a size that both formats have
	}
	return Sample{Name: name, ContentType: contentType, Data: out.Bytes(), IsImage: true, Faces: faces}
}

func portrait() *canvas {
	c := newCanvas(480, 480, func(_, y float64) paint { return mix(paint{0.75, 0.8, 0.85}, paint{0.55, 0.6, 0.7}, y) })
	c.face(0.5, 0.45, 0.6, paint{0.87, 0.68, 0.56})
	return c
}

func group() *canvas {
	c := newCanvas(900, 500, func(_, y float64) paint { return mix(paint{0.85, 0.86, 0.78}, paint{0.5, 0.62, 0.45}, y) })
	c.face(0.2, 0.45, 0.44, paint{0.92, 0.76, 0.64})
	c.face(0.5, 0.42, 0.5, paint{0.72, 0.52, 0.4})
	c.face(0.8, 0.46, 0.42, paint{0.84, 0.66, 0.52})
	return c
}

// landscape is a sky with a sun over a lake and two ranges of hills.
func landscape() *canvas {
	c := newCanvas(720, 480, func(x, y float64) paint {
		switch {
		case y > 0.72:
			return mix(paint{0.2, 0.45, 0.7}, paint{0.1, 0.25, 0.5}, (y-0.72)/0.28)
		case y > 0.6+0.08*math.Sin(9*x):
			return paint{0.15, 0.4, 0.15}
		case y > 0.5+0.1*math.Sin(5*x+1):
			return paint{0.3, 0.55, 0.3}
		}
		return mix(paint{0.35, 0.6, 0.95}, paint{0.8, 0.9, 1}, y/0.6)
	})
	c.fill(ellipse{0.75, 0.18, 0.06, 0.09, 0.3}, paint{1, 0.95, 0.6}, 1)
	return c
}

// night is a moon and stars.
func night() *canvas {
	c := newCanvas(640, 400, func(_, y float64) paint { return mix(paint{0.01, 0.01, 0.06}, paint{0.05, 0.05, 0.2}, y) })
	for i := range 150 {
		x, y := fraction(float64(i)*0.6180339887), fraction(float64(i)*float64(i)*0.0737)
		c.fill(ellipse{x, y, 0.003, 0.0045, 0.8}, paint{0.9, 0.9, 1}, 0.5+0.5*fraction(float64(i)*0.37))
	}
	c.fill(ellipse{0.8, 0.25, 0.06, 0.096, 0.1}, paint{0.95, 0.95, 0.85}, 1)
	return c
}

// tiles is a board of the strong colours.
func tiles() *canvas {
	colors := []paint{{0.9, 0.1, 0.1}, {0.95, 0.85, 0.1}, {0.1, 0.7, 0.2}, {0.1, 0.3, 0.9}}
	return newCanvas(320, 320, func(x, y float64) paint { return colors[(int(x*4)+int(y*4))%len(colors)] })
}

func fraction(v float64) float64 { return v - math.Floor(v) }
