package plugin

import (
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/spanid"
)

// draw writes frames as text: of a table each row as lines of column and value, of a series each point. ARNs of Step
// Functions begin with @, times are since the day's begin, trace ids are named after their executions.
func draw(frames data.Frames, traces map[string]string) string {
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, "%s (%s%s)\n", f.Name, f.Meta.Type, version(f))
		for _, n := range f.Meta.Notices {
			fmt.Fprintf(&b, "  notice: %s\n", n.Text)
		}
		if f.Meta.Type != data.FrameTypeTable {
			drawSeries(&b, f)
			continue
		}
		for row := range f.Rows() {
			mark := "- "
			for _, field := range f.Fields {
				fmt.Fprintln(&b, strings.TrimRight(mark+field.Name+": "+shown(field, row, traces), " "))
				mark = "  "
			}
		}
	}
	return b.String()
}

func version(f *data.Frame) string {
	if f.Meta.TypeVersion.IsZero() {
		return ""
	}
	return fmt.Sprintf(" %d.%d", f.Meta.TypeVersion[0], f.Meta.TypeVersion[1])
}

func drawSeries(b *strings.Builder, f *data.Frame) {
	if len(f.Fields) == 0 {
		return
	}
	value := f.Fields[len(f.Fields)-1]
	fmt.Fprintf(b, "  {%s} %q\n", strings.ReplaceAll(value.Labels.String(), account, "@"), value.Config.DisplayNameFromDS)
	for row := range f.Rows() {
		var cells []string
		for _, field := range f.Fields {
			cells = append(cells, shown(field, row, nil))
		}
		fmt.Fprintf(b, "    %s\n", strings.Join(cells, " "))
	}
}

func shown(f *data.Field, row int, traces map[string]string) string {
	value, known := f.ConcreteAt(row)
	if !known {
		return "null"
	}
	switch v := value.(type) {
	case time.Time:
		return v.Sub(day).String()
	case string:
		if name := traces[v]; name != "" {
			return "trace of " + name
		}
		return strings.ReplaceAll(v, account, "@")
	case float64:
		return fmt.Sprintf("%.6g", v)
	}
	return fmt.Sprint(value)
}

// traceNames are the executions' names by their trace ids.
func traceNames(arns ...string) map[string]string {
	names := map[string]string{}
	for _, arn := range arns {
		names[spanid.Trace(arn).String()] = strings.TrimPrefix(arn, account)
	}
	return names
}
