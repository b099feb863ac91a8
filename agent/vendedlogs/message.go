package vendedlogs

import (
	"cmp"
	"fmt"
	"time"

	"github.com/steptrace/steptrace/agent/history"
)

// Message is one log event of CloudWatch Logs.
type Message struct {
	Group    string    `json:"group"`
	Stream   string    `json:"stream"`
	ID       string    `json:"id"`       // CloudWatch Logs' own id of the log event
	Position int       `json:"position"` // within what was delivered together, from 1
	Time     time.Time `json:"time"`     // zero: not known
	Text     string    `json:"text"`
	Arrived  time.Time `json:"-"` // of what was pushed: when
}

// maxMessage is the most that CloudWatch Logs takes for a log event ("Event size" of its quotas).
const maxMessage = 1 << 20

// Lines decodes what the message says, for a source. The error names the message's place.
func (m *Message) Lines(source string) ([]Line, error) {
	if m.Stream == history.ValidationStream {
		return nil, nil
	}
	if len(m.Text) > maxMessage {
		return nil, m.bad(fmt.Errorf("it has %d bytes, more than a log event can have", len(m.Text)))
	}
	events, err := history.DecodeLogs(cmp.Or(m.ID, "without id"), []byte(m.Text))
	if err != nil {
		return nil, m.bad(err)
	}
	lines := make([]Line, len(events))
	for i, e := range events {
		lines[i] = Line{LogEvent: e, Source: source, Placed: m.Time}
		if !m.Arrived.IsZero() {
			lines[i].Placed = m.Arrived
		}
	}
	return lines, nil
}

func (m *Message) bad(err error) error {
	return fmt.Errorf("log group %q, stream %q, number %d: %w", m.Group, m.Stream, m.Position, err)
}
