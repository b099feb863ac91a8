package asl

import (
	"fmt"
	"regexp"
	"time"
)

// timestampForm is the profile of RFC 3339 that Step Functions takes: an uppercase T, seconds, and an uppercase Z or
// an offset.
var timestampForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$`)

// ParseTimestamp reads a timestamp as Wait states and Choice rules do.
func ParseTimestamp(s string) (time.Time, error) {
	if !timestampForm.MatchString(s) {
		return time.Time{}, fmt.Errorf("%q is not an ISO-8601 extended offset date-time such as 2030-01-31T17:00:00Z", s)
	}
	return time.Parse(time.RFC3339Nano, s)
}
