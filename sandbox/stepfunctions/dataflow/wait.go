package dataflow

import (
	"encoding/json"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

// WaitUntil is when a Wait state that was entered at the given time goes on.
func (s *Scope) WaitUntil(state *asl.State, entered time.Time) (time.Time, error) {
	if state.Wait.Timestamp != nil {
		return s.timestamp(state, state.Wait.Timestamp)
	}
	seconds, err := s.seconds(state, state.Wait.Seconds)
	return entered.Add(time.Duration(seconds) * time.Second), err
}

// maxWaitSeconds is the longest that a Wait state may take.
const maxWaitSeconds = 99999999

func (s *Scope) seconds(state *asl.State, field *asl.Int) (int64, error) {
	seconds, err := s.secondsValue(state, field)
	if err != nil {
		return 0, err
	}
	if seconds > maxWaitSeconds {
		return 0, runtimeErrorf("The %s parameter references a value over %d", field.Field, maxWaitSeconds)
	}
	return seconds, nil
}

func (s *Scope) secondsValue(state *asl.State, field *asl.Int) (int64, error) {
	if field.Path == "" {
		seconds, err := s.Int(state, field)
		if err == nil && seconds < 0 {
			return 0, queryErrorf(field.Field, "The %s field must not be negative: %d", field.Field, seconds)
		}
		return seconds, err
	}
	v, err := s.reference(state, field.Field, field.Path)
	if err != nil {
		return 0, err
	}
	n, _ := v.(json.Number)
	seconds, err := n.Int64()
	if err != nil {
		return 0, runtimeErrorf("The %s parameter cannot be parsed as a long value: %s == %s",
			field.Field, field.Path, plainText(v))
	}
	if seconds < 0 {
		return 0, runtimeErrorf("The %s parameter references a negative value: %s == %d",
			field.Field, field.Path, seconds)
	}
	return seconds, nil
}

func (s *Scope) timestamp(state *asl.State, field *asl.Text) (time.Time, error) {
	if field.Path != "" {
		return s.timestampPath(state, field)
	}
	v, err := s.textValue(state, field)
	if err != nil {
		return time.Time{}, err
	}
	text := v.(string)
	t, err := asl.ParseTimestamp(text)
	if err != nil {
		return time.Time{}, queryErrorf(field.Field,
			"The %s field cannot be parsed as an ISO-8601 extended offset date-time format string: %s", field.Field, text)
	}
	return t, nil
}

func (s *Scope) timestampPath(state *asl.State, field *asl.Text) (time.Time, error) {
	v, err := s.reference(state, field.Field, field.Path)
	if err != nil {
		return time.Time{}, err
	}
	text, _ := v.(string)
	t, err := asl.ParseTimestamp(text)
	if err != nil {
		return time.Time{}, runtimeErrorf("The %s parameter does not reference a valid ISO-8601 extended offset "+
			"date-time format string: %s == %s", field.Field, field.Path, plainText(v))
	}
	return t, nil
}
