package query

import "encoding/json"

// durationField is the name of the field with a duration that cannot be read; encoding/json does not tell it.
func durationField(query []byte) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(query, &fields) != nil {
		return ""
	}
	for _, name := range []string{"minDuration", "maxDuration", "step"} {
		var d Duration
		if text, given := fields[name]; given && d.UnmarshalJSON(text) != nil {
			return name
		}
	}
	return ""
}
