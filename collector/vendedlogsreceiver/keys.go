package vendedlogsreceiver

import (
	"fmt"
	"reflect"
	"strings"

	"go.opentelemetry.io/collector/confmap"

	"github.com/steptrace/steptrace/collector/configkeys"
)

// Unmarshal refuses unknown keys: the server's own settings, which stand beside ours, would let them pass.
func (c *HTTPConfig) Unmarshal(conf *confmap.Conf) error {
	if unknown := configkeys.Unknown(reflect.TypeOf(*c), conf.ToStringMap()); len(unknown) > 0 {
		return fmt.Errorf("has invalid keys: %s", strings.Join(unknown, ", "))
	}
	return conf.Unmarshal(c)
}
