package plugin

import "github.com/grafana/grafana-plugin-sdk-go/backend"

func (i *Instance) resources() backend.CallResourceHandler { return nil }
