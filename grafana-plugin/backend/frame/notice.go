package frame

import "github.com/grafana/grafana-plugin-sdk-go/data"

// Noted adds what a user is to know of the answer to its first frame.
func Noted(frames data.Frames, severity data.NoticeSeverity, text string) data.Frames {
	if len(frames) > 0 {
		frames[0].AppendNotices(data.Notice{Severity: severity, Text: text})
	}
	return frames
}
