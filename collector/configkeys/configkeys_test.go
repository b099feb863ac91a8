package configkeys_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"

	"github.com/steptrace/steptrace/collector/configkeys"
)

func TestUnknown(t *testing.T) {
	require.Equal(t, []string{"auht", "endpont"}, configkeys.Unknown(reflect.TypeFor[otlpreceiver.HTTPConfig](),
		map[string]any{
			"endpont": "x", "endpoint": "x", "tls": nil, "max_request_body_size": 1, "traces_url_path": "/", "auht": nil,
		}))
	require.Empty(t, configkeys.Unknown(reflect.TypeFor[otlpreceiver.Config](), nil))
}
