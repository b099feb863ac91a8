package frame

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Noted adds what a user is to know of the answer to its first frame.
func Noted(frames data.Frames, severity data.NoticeSeverity, text string) data.Frames {
	if len(frames) > 0 {
		frames[0].AppendNotices(data.Notice{Severity: severity, Text: text})
	}
	return frames
}

// maxNamed is how many fields of a query a notice names.
const maxNamed = 5

// NoteUnknown names the fields of a query that nothing was made of.
func NoteUnknown(frames data.Frames, fields []string) data.Frames {
	if len(fields) == 0 {
		return frames
	}
	var names []string
	for _, name := range fields[:min(len(fields), maxNamed)] {
		names = append(names, fmt.Sprintf("%.60q", name))
	}
	if len(fields) > maxNamed {
		names = append(names, fmt.Sprintf("%d more", len(fields)-maxNamed))
	}
	return Noted(frames, data.NoticeSeverityWarning, fmt.Sprintf(
		"Queries have no field %s, so that it was left out: correct its name, or remove it.", strings.Join(names, ", ")))
}
