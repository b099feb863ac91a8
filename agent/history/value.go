package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// maxNesting is how deep JSON may be nested. AWS nests members three deep; payloads are texts.
const maxNesting = 1000

// check says what is wrong with the body as JSON.
func check(body []byte) error {
	if tooDeep(body) {
		return fmt.Errorf("JSON nested more than %d deep", maxNesting)
	}
	if gjson.ValidBytes(body) {
		return nil
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil { // says where
		return err
	}
	return errors.New("invalid JSON")
}

// tooDeep bounds the recursion of what reads the body next.
func tooDeep(body []byte) bool {
	depth, inText := 0, false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case inText && b == '\\':
			i++
		case b == '"':
			inText = !inText
		case inText:
		case b == '{' || b == '[':
			if depth++; depth > maxNesting {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return false
}

// text is a JSON string's text, apart from the body that it was in. What is not UTF-8 becomes U+FFFD.
func text(v gjson.Result) string {
	if strings.Contains(v.Raw, `\u`) || !utf8.ValidString(v.Raw) {
		var s string
		if json.Unmarshal([]byte(v.Raw), &s) == nil { // halves of surrogates, too
			return s
		}
	}
	return strings.Clone(v.Str)
}

func readText(v gjson.Result, to *string) error {
	switch {
	case !v.Exists():
		return errors.New("is missing")
	case v.Type == gjson.Null:
		*to = ""
		return nil
	case v.Type != gjson.String:
		return fmt.Errorf("want a string, have %s", excerpt(v))
	}
	*to = text(v)
	return nil
}

// readType reads an event's type. There is one text of each that is known, however many events have it.
func readType(v gjson.Result, to *string) error {
	if known, ok := eventTypes[v.Str]; ok && v.Type == gjson.String {
		*to = known
		return nil
	}
	if err := readText(v, to); err != nil {
		return err
	}
	if *to == "" {
		return errors.New("want the event's type, have \"\"")
	}
	return nil
}

func readID(v gjson.Result, least int64, to *int64) error {
	if !v.Exists() {
		return errors.New("is missing")
	}
	return readInteger(v.Raw, least, to)
}

func readInteger(text string, least int64, to *int64) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least {
		return fmt.Errorf("want an integer from %d, have %s", least, clipped(text))
	}
	*to = n
	return nil
}

// readPrevious lets the member be absent or null, as 0 may be.
func readPrevious(v gjson.Result, to *int64) error {
	if !v.Exists() || v.Type == gjson.Null {
		return nil
	}
	return readID(v, 0, to)
}

// ParseTime reads a JSON value as the API writes times, epoch seconds with a fraction, or as the AWS CLI does, an ISO
// 8601 string.
func ParseTime(v json.RawMessage) (time.Time, error) {
	var t time.Time
	err := readTime(gjson.ParseBytes(v), &t)
	return t, err
}

// maxEpochSeconds is the year 2255: below the end of 64-bit nanoseconds, and small enough for float64 to tell
// milliseconds apart.
const maxEpochSeconds = 9e9

// isoLayouts are the forms of ISO 8601 that tools write: with T or, as Python does, a space, and an offset with or
// without a colon. Fractions are read in any case.
var isoLayouts = [...]string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00"}

// readTime reads epoch seconds with a fraction, or an ISO 8601 string.
func readTime(v gjson.Result, to *time.Time) error {
	if !v.Exists() {
		return errors.New("is missing")
	}
	if v.Type == gjson.String {
		for _, layout := range isoLayouts {
			t, err := time.Parse(layout, v.Str)
			if err == nil && t.Unix() >= 0 && t.Unix() < maxEpochSeconds {
				*to = t.UTC().Round(time.Millisecond)
				return nil
			}
		}
	}
	seconds, err := strconv.ParseFloat(v.Raw, 64)
	if err != nil || !(seconds >= 0 && seconds < maxEpochSeconds) {
		return fmt.Errorf("want epoch seconds or an ISO 8601 time, have %s", excerpt(v))
	}
	*to = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}

func excerpt(v gjson.Result) string { return clipped(v.Raw) }

func clipped(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
