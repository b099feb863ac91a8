package samples

import (
	"image"
	"image/color"
	"math"
)

// canvas is a picture in linear steps of 0–1 per channel, drawn by blending soft shapes over each other.
type canvas struct {
	width, height int
	pixels        []paint
}

type paint struct{ r, g, b float64 }

func newCanvas(width, height int, background func(x, y float64) paint) *canvas {
	c := &canvas{width: width, height: height, pixels: make([]paint, width*height)}
	c.each(func(x, y float64, p *paint) { *p = background(x, y) })
	return c
}

// each visits the pixels; x and y run from 0 to 1.
func (c *canvas) each(visit func(x, y float64, p *paint)) {
	for row := range c.height {
		for column := range c.width {
			visit(float64(column)/float64(c.width), float64(row)/float64(c.height), &c.pixels[row*c.width+column])
		}
	}
}

// ellipse is a shape around (x, y) with half axes (rx, ry); its edge fades over the share soft of its radius.
type ellipse struct{ x, y, rx, ry, soft float64 }

func (e ellipse) cover(x, y float64) float64 {
	distance := math.Hypot((x-e.x)/e.rx, (y-e.y)/e.ry)
	return clamp((1-distance)/max(e.soft, 1e-3) + 0.5)
}

func (c *canvas) fill(e ellipse, color paint, opacity float64) {
	reach := 1 + e.soft/2
	for row := c.row(e.y - e.ry*reach); row < c.row(e.y+e.ry*reach+1/float64(c.height)); row++ {
		for column := c.column(e.x - e.rx*reach); column < c.column(e.x+e.rx*reach+1/float64(c.width)); column++ {
			p := &c.pixels[row*c.width+column]
			x, y := float64(column)/float64(c.width), float64(row)/float64(c.height)
			*p = mix(*p, color, opacity*e.cover(x, y))
		}
	}
}

func (c *canvas) row(y float64) int    { return int(clamp(y) * float64(c.height)) }
func (c *canvas) column(x float64) int { return int(clamp(x) * float64(c.width)) }

func mix(a, b paint, share float64) paint {
	return paint{a.r + (b.r-a.r)*share, a.g + (b.g-a.g)*share, a.b + (b.b-a.b)*share}
}

func clamp(v float64) float64 { return min(max(v, 0), 1) }

func (c *canvas) image() image.Image {
	out := image.NewNRGBA(image.Rect(0, 0, c.width, c.height))
	for i, p := range c.pixels {
		out.SetNRGBA(i%c.width, i/c.width, color.NRGBA{level(p.r), level(p.g), level(p.b), 255})
	}
	return out
}

func level(v float64) uint8 { return uint8(math.Round(255 * clamp(v))) }
