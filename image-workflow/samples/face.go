package samples

// face draws a head seen from the front, centred at (x, y), size high (shares of the canvas' height).
func (c *canvas) face(x, y, size float64, skin paint) {
	aspect := float64(c.height) / float64(c.width)
	put := func(dx, dy, rx, ry, soft float64, color paint, opacity float64) {
		c.fill(ellipse{x + dx*size*aspect, y + dy*size, rx * size * aspect, ry * size, soft}, color, opacity)
	}
	dark, shade, light := scale(skin, 0.12), scale(skin, 0.55), lighten(skin, 0.35)
	hair := paint{0.16, 0.11, 0.08}

	put(0, 0.55, 0.22, 0.30, 0.1, scale(skin, 0.7), 1) // neck
	put(0, 0.95, 0.62, 0.34, 0.08, paint{0.2, 0.25, 0.4}, 1)
	put(0, -0.06, 0.42, 0.53, 0.1, hair, 1)
	put(0, 0.05, 0.345, 0.46, 0.12, skin, 1)
	put(0, -0.24, 0.24, 0.1, 0.9, light, 0.6) // forehead
	for _, side := range []float64{-1, 1} {
		put(side*0.28, 0.08, 0.07, 0.22, 1, shade, 0.5)      // side of the face
		put(side*0.15, -0.03, 0.115, 0.075, 0.9, shade, 0.9) // eye socket
		put(side*0.15, -0.105, 0.1, 0.02, 0.6, dark, 0.85)   // brow
		put(side*0.15, -0.02, 0.07, 0.026, 0.5, paint{0.9, 0.9, 0.88}, 0.6)
		put(side*0.15, -0.02, 0.034, 0.034, 0.4, paint{0.06, 0.05, 0.05}, 1) // iris
		put(side*0.17, 0.15, 0.1, 0.08, 1, light, 0.7)                       // cheek
		put(side*0.045, 0.17, 0.025, 0.015, 0.8, dark, 0.7)                  // nostril
	}
	put(0, 0.04, 0.03, 0.13, 1, light, 0.8)  // bridge of the nose
	put(0, 0.185, 0.07, 0.02, 1, shade, 0.7) // below the nose
	put(0, 0.285, 0.12, 0.035, 0.5, paint{0.55, 0.2, 0.2}, 0.9)
	put(0, 0.28, 0.115, 0.01, 0.6, dark, 0.8) // between the lips
	put(0, 0.345, 0.09, 0.02, 1, shade, 0.6)  // below the lips
	put(0, 0.42, 0.1, 0.05, 1, light, 0.4)    // chin
}

func scale(p paint, by float64) paint { return paint{p.r * by, p.g * by, p.b * by} }

func lighten(p paint, by float64) paint { return mix(p, paint{1, 1, 1}, by) }
