package rekognition

import (
	"image"
	"math"
)

// maxSide bounds the working copy that faces and colours are looked for in: time does not grow with the upload.
const maxSide = 480

// picture is an image reduced to at most maxSide × maxSide pixels, row by row.
type picture struct {
	width, height int
	gray          []uint8 // luma, 0–255
	colors        []rgb
}

type rgb struct{ r, g, b uint8 }

// sample reduces an image: each pixel of the copy is the mean of four spread over the area it stands for.
func sample(in image.Image) *picture {
	bounds := in.Bounds()
	factor := max(1, float64(max(bounds.Dx(), bounds.Dy()))/maxSide)
	p := &picture{width: int(float64(bounds.Dx()) / factor), height: int(float64(bounds.Dy()) / factor)}
	p.gray = make([]uint8, 0, p.width*p.height)
	p.colors = make([]rgb, 0, p.width*p.height)
	for y := range p.height {
		for x := range p.width {
			c := mean(in, bounds.Min, float64(x)*factor, float64(y)*factor, factor/2)
			p.colors = append(p.colors, c)
			p.gray = append(p.gray, c.luma())
		}
	}
	return p
}

func mean(in image.Image, origin image.Point, x, y, step float64) rgb {
	var red, green, blue uint32
	for _, dy := range []float64{0, step} {
		for _, dx := range []float64{0, step} {
			r, g, b, _ := in.At(origin.X+int(x+dx), origin.Y+int(y+dy)).RGBA()
			red, green, blue = red+r>>8, green+g>>8, blue+b>>8
		}
	}
	return rgb{uint8(red / 4), uint8(green / 4), uint8(blue / 4)}
}

func (c rgb) luma() uint8 {
	return uint8(0.299*float64(c.r) + 0.587*float64(c.g) + 0.114*float64(c.b))
}

// brightness is the mean luma inside a rectangle of the copy, 0–100.
func (p *picture) brightness(area image.Rectangle) float64 {
	sum := 0
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			sum += int(p.gray[y*p.width+x])
		}
	}
	return 100 * float64(sum) / 255 / float64(max(1, area.Dx()*area.Dy()))
}

// sharpness grows with the variance of the Laplacian inside a rectangle, the usual measure of focus: 0–100.
func (p *picture) sharpness(area image.Rectangle) float64 {
	area = area.Intersect(image.Rect(1, 1, p.width-1, p.height-1))
	var sum, squares float64
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			i := y*p.width + x
			laplacian := 4*float64(p.gray[i]) - float64(p.gray[i-1]) - float64(p.gray[i+1]) -
				float64(p.gray[i-p.width]) - float64(p.gray[i+p.width])
			sum += laplacian
			squares += laplacian * laplacian
		}
	}
	n := float64(max(1, area.Dx()*area.Dy()))
	variance := squares/n - (sum/n)*(sum/n)
	return 100 * (1 - math.Exp(-variance/200))
}

func (p *picture) bounds() image.Rectangle { return image.Rect(0, 0, p.width, p.height) }
