package query

import (
	"encoding/json"
	"fmt"
	"time"
)

// Duration is written like 250ms, 90s or 1h30m; empty is 0.
type Duration time.Duration

// UnmarshalJSON reads a duration.
func (d *Duration) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("a duration is text such as 90s or 1h30m: %w", err)
	}
	if s == "" {
		*d = 0
		return nil
	}
	parsed, err := time.ParseDuration(s)
	if err != nil || parsed < 0 {
		return fmt.Errorf("%.100q is not a duration such as 250ms, 90s or 1h30m", s)
	}
	*d = Duration(parsed)
	return nil
}
