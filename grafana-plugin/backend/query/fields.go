package query

import (
	"fmt"
	"slices"
	"strings"
)

// dropEmpty drops empty elements of lists: variables without a value.
func (q *Query) dropEmpty() {
	for _, list := range []*[]string{
		&q.StateMachines, &q.States, &q.Statuses, &q.Errors, &q.EventTypes, &q.Services, &q.Operations, &q.Callers,
	} {
		*list = slices.DeleteFunc(*list, func(s string) bool { return s == "" })
	}
}

// validateFields checks what has few values.
func (q *Query) validateFields() error {
	for _, field := range []struct {
		name, value string
		known       []string
	}{
		{"kind", q.Kind, []string{"state", "execution"}},
		{"by", q.By, []string{"machine", "state", "execution"}},
		{"architecture", q.Architecture, []string{"x86_64", "arm64"}},
	} {
		if field.value != "" && !slices.Contains(field.known, field.value) {
			return fmt.Errorf("%w: %s %.100q is not one of %s", ErrInvalid, field.name, field.value, strings.Join(field.known, ", "))
		}
	}
	if q.Limit < 0 {
		return fmt.Errorf("%w: limit %d is less than 0", ErrInvalid, q.Limit)
	}
	if q.MaxDuration > 0 && q.MinDuration > q.MaxDuration {
		return fmt.Errorf("%w: minDuration is longer than maxDuration", ErrInvalid)
	}
	return nil
}
