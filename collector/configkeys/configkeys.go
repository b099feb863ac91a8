// Package configkeys finds the keys of a configuration that nobody reads. The Collector refuses them itself but for
// those that stand beside the settings of an HTTP server or client.
package configkeys

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Unknown are the keys, in order, that a struct of the type has no field for.
func Unknown(t reflect.Type, written map[string]any) []string {
	known := make(map[string]bool)
	collect(t, known)
	var unknown []string
	for _, key := range slices.Sorted(maps.Keys(written)) {
		if !known[key] {
			unknown = append(unknown, key)
		}
	}
	return unknown
}

// collect collects the keys of a type, with those of what is squashed into it.
func collect(t reflect.Type, known map[string]bool) {
	for i := range t.NumField() {
		field := t.Field(i)
		key, options, _ := strings.Cut(field.Tag.Get("mapstructure"), ",")
		if strings.Contains(options, "squash") {
			collect(field.Type, known)
		} else if key != "" {
			known[key] = true
		}
	}
}
