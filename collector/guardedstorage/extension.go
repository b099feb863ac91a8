package guardedstorage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
)

// guarded is one file_storage extension.
type guarded struct {
	storage.Extension
	cfg    *filestorage.Config
	logger *zap.Logger
	host   component.Host
}

func (g *guarded) Start(ctx context.Context, host component.Host) error {
	g.host = host
	return g.Extension.Start(ctx, host)
}

// GetClient opens the file of a component. Only exporters keep queues.
func (g *guarded) GetClient(
	ctx context.Context, kind component.Kind, id component.ID, name string,
) (storage.Client, error) {
	path := filepath.Join(g.cfg.Directory, fileName(kind, id, name))
	logger := g.logger.With(zap.String("file", path))
	if err := g.checkFile(path, logger); err != nil {
		return nil, err
	}
	inner, err := g.open(ctx, kind, id, name)
	if err != nil {
		return nil, explainOpen(path, err)
	}
	if kind != component.KindExporter {
		return inner, nil
	}
	c := &client{Client: inner, path: path, logger: logger, fatal: g.fatal}
	if err := c.restore(ctx); err != nil {
		return nil, errors.Join(c.explain(err), inner.Close(ctx))
	}
	return c, nil
}

// open turns a panic into an error: there may be damage that checkFile does not know.
func (g *guarded) open(
	ctx context.Context, kind component.Kind, id component.ID, name string,
) (c storage.Client, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%w: %v", errDamaged, reason)
		}
	}()
	return g.Extension.GetClient(ctx, kind, id, name)
}

// fatal has the Collector end with the error.
func (g *guarded) fatal(err error) {
	if g.host != nil {
		componentstatus.ReportStatus(g.host, componentstatus.NewFatalErrorEvent(err))
	}
}

// fileName is upstream's for the component.
func fileName(kind component.Kind, id component.ID, name string) string {
	parts := []string{strings.ToLower(kind.String()), id.Type().String(), id.Name()}
	if name != "" {
		parts = append(parts, name)
	}
	var out strings.Builder
	for _, c := range strings.Join(parts, "_") {
		if c == '.' || c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			out.WriteRune(c)
		} else {
			fmt.Fprintf(&out, "~%04X", c)
		}
	}
	return out.String()
}
