package eventbridge

import (
	"context"
	"encoding/json"
	"time"
)

// Event is the envelope of every event on a bus, as targets receive it.
type Event struct {
	Version    string          `json:"version"` // "0"
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"` // RFC 3339, seconds, UTC
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// Publisher puts an event on the default bus. It fills in what the sender leaves empty: version, id, account, region
// and time. It never blocks on targets.
type Publisher func(ctx context.Context, event Event)

// FormatTime is how events write times.
func FormatTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
