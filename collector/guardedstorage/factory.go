// Package guardedstorage is the Collector's own file_storage extension, made safe for what a sending queue keeps in it:
// what was accepted and is not stored yet. A damaged file is found before it is opened, an entry that is damaged when
// it is read, and neither is lost without a word; what was on its way when the process was killed goes back into the
// queue at once or not at all; and a disk that is full refuses what is new and drops nothing that is old. Its
// configuration is that of file_storage.
package guardedstorage

import (
	"context"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// NewFactory makes the factory of the component type "file_storage".
func NewFactory() extension.Factory {
	upstream := filestorage.NewFactory()
	return extension.NewFactory(upstream.Type(), upstream.CreateDefaultConfig,
		func(ctx context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
			inner, err := upstream.Create(ctx, set, cfg)
			if err != nil {
				return nil, err
			}
			return &guarded{Extension: inner.(storage.Extension), cfg: cfg.(*filestorage.Config), logger: set.Logger}, nil
		}, upstream.Stability())
}
