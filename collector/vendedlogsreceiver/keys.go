package vendedlogsreceiver

import (
	"fmt"
	"reflect"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// Unmarshal refuses unknown keys: the server's own settings, which stand beside ours, would let them pass.
func (c *HTTPConfig) Unmarshal(conf *confmap.Conf) error {
	known := make(map[string]bool)
	keys(reflect.TypeOf(*c), known)
	for key := range conf.ToStringMap() {
		if !known[key] {
			return fmt.Errorf("has invalid keys: %s", key)
		}
	}
	return conf.Unmarshal(c)
}

// keys collects the keys of a configuration, with those of what is squashed into it.
func keys(t reflect.Type, known map[string]bool) {
	for i := range t.NumField() {
		field := t.Field(i)
		key, options, _ := strings.Cut(field.Tag.Get("mapstructure"), ",")
		if strings.Contains(options, "squash") {
			keys(field.Type, known)
		} else if key != "" {
			known[key] = true
		}
	}
}
