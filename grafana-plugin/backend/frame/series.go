package frame

import (
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// contract is the version of the data plane contract that the frames go by. With a type and a version, Grafana's
// expressions, and so alert rules, take them as they are.
var contract = data.FrameTypeVersion{0, 1}

// metric is what values tell.
type metric struct {
	name, unit string
	labels     []string // names
	shown      int      // how many of the labels, from the first on, name a value in legends
	counts     bool     // nothing is 0: it fills the steps of a series that have no sample
}

// sample is one value.
type sample struct {
	at     time.Time // the step's begin
	labels []string  // values, in the order of the metric's
	value  float64
}

func samplesOf[Row any](rows []Row, of func(Row) sample) []sample {
	samples := make([]sample, len(rows))
	for n, row := range rows {
		samples[n] = of(row)
	}
	return samples
}

// series is the samples with the same labels.
type series struct {
	labels  []string
	samples []sample
}

// gather puts samples together by their labels, in the order of the first of each.
func gather(samples []sample) []series {
	var all []series
	index := map[string]int{}
	for _, s := range samples {
		key := strings.Join(s.labels, "\x00")
		n, seen := index[key]
		if !seen {
			n = len(all)
			index[key] = n
			all = append(all, series{labels: s.labels})
		}
		all[n].samples = append(all[n].samples, s)
	}
	return all
}

// timeSeries is a frame for each set of labels, in their order, so that a series keeps its colour.
func (m metric) timeSeries(samples []sample, steps Steps) data.Frames {
	var frames data.Frames
	all := gather(samples)
	slices.SortFunc(all, func(a, b series) int { return slices.Compare(a.labels, b.labels) })
	for _, s := range all {
		if m.counts {
			s.samples = steps.fill(s.samples)
		}
		times := column("time", s.samples, func(s sample) time.Time { return s.at })
		// By the interval a panel sees where values are missing, and draws no line there.
		times.Config = &data.FieldConfig{Interval: float64(steps.Step / time.Millisecond)}
		frames = append(frames, m.frame(data.FrameTypeTimeSeriesMulti, times, m.values(s)))
	}
	return m.orNone(frames, data.FrameTypeTimeSeriesMulti)
}

// numeric is a frame with one value for each set of labels, the first of them, in the order of the samples.
func (m metric) numeric(samples []sample) data.Frames {
	var frames data.Frames
	for _, s := range gather(samples) {
		s.samples = s.samples[:1]
		frames = append(frames, m.frame(data.FrameTypeNumericMulti, m.values(s)))
	}
	return m.orNone(frames, data.FrameTypeNumericMulti)
}

func (m metric) values(s series) *data.Field {
	f := column(m.name, s.samples, func(s sample) float64 { return s.value })
	f.Labels = data.Labels{}
	for n, name := range m.labels {
		f.Labels[name] = s.labels[n]
	}
	f.Config = &data.FieldConfig{Unit: m.unit, DisplayNameFromDS: m.displayName(s.labels)}
	return f
}

func (m metric) displayName(labels []string) string {
	shown := slices.DeleteFunc(slices.Clone(labels[:m.shown]), func(s string) bool { return s == "" })
	return strings.Join(shown, " · ")
}

func (m metric) frame(typ data.FrameType, fields ...*data.Field) *data.Frame {
	f := data.NewFrame(m.name, fields...)
	f.Meta = &data.FrameMeta{Type: typ, TypeVersion: contract}
	return f
}

// orNone is a frame without fields where there are none: that is how "no data" is told.
func (m metric) orNone(frames data.Frames, typ data.FrameType) data.Frames {
	if len(frames) == 0 {
		return data.Frames{m.frame(typ)}
	}
	return frames
}
