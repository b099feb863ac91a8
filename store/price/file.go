package price

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"time"
)

//go:embed prices.json
var builtIn []byte

// maxFile is more than a table of all regions takes.
const maxFile = 1 << 20

// Default is the table that this binary comes with.
func Default() Table {
	t, err := decode(builtIn)
	if err != nil {
		panic("the built-in prices: " + err.Error()) // a test reads them
	}
	return t
}

// Load reads a table from a file in the form of prices.json. What it leaves out is as in Default: it may hold a single
// price of a single region.
func Load(path string) (Table, error) {
	text, err := read(path)
	if err != nil {
		return Table{}, fmt.Errorf("read prices: %w", err)
	}
	if len(text) > maxFile {
		return Table{}, fmt.Errorf("read prices: %s is larger than %d bytes", path, maxFile)
	}
	own, err := decode(text)
	if err != nil {
		return Table{}, fmt.Errorf("read prices: %s: %w; the form is that of `steptrace cost --print-prices`", path, err)
	}
	return Default().overlaid(own), nil
}

func read(path string) (text []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, maxFile+1))
}

func (t Table) overlaid(by Table) Table {
	if by.AsOf != "" {
		t.AsOf = by.AsOf
	}
	if by.Currency != "" {
		t.Currency = by.Currency
	}
	if len(by.Sources) > 0 {
		t.Sources = by.Sources
	}
	t.Regions = maps.Clone(t.Regions)
	for name, region := range by.Regions {
		t.Regions[name] = t.Regions[name].overlaid(region)
	}
	return t
}

func decode(text []byte) (Table, error) {
	var t Table
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Table{}, err
	}
	if t.AsOf != "" {
		if _, err := time.Parse(time.DateOnly, t.AsOf); err != nil {
			return Table{}, fmt.Errorf("as_of is no date such as 2026-03-14: %w", err)
		}
	}
	for name, region := range t.Regions {
		if err := region.check(); err != nil {
			return Table{}, fmt.Errorf("region %q: %w", name, err)
		}
	}
	return t, nil
}

func (r Region) check() error {
	for _, p := range []float64{r.Transition, r.ExpressRequest, r.LambdaRequest} {
		if p < 0 || math.IsNaN(p) {
			return fmt.Errorf("%g is no price", p)
		}
	}
	for _, tiers := range []Tiers{r.ExpressGBSecond, r.LambdaX86, r.LambdaARM} {
		if err := tiers.check(); err != nil {
			return err
		}
	}
	return nil
}

func (t Tiers) check() error {
	last := 0.0
	for n, tier := range t {
		if tier.Price < 0 {
			return fmt.Errorf("%g is no price", tier.Price)
		}
		if n < len(t)-1 && tier.UpTo <= last {
			return fmt.Errorf("a tier up to %g follows one up to %g: tiers must rise", tier.UpTo, last)
		}
		last = tier.UpTo
	}
	return nil
}
