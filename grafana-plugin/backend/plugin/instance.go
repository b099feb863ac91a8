// Package plugin is the backend of the Steptrace data source: it answers Grafana's queries out of the store.
package plugin

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/price"
)

// Instance is one configured data source.
type Instance struct {
	uid, name string
	db        *store.DB
	prices    price.Table
	now       func() time.Time
}

var (
	_ backend.QueryDataHandler      = (*Instance)(nil)
	_ instancemgmt.InstanceDisposer = (*Instance)(nil)
)

// New makes the instance of a data source's settings.
func New(ctx context.Context, settings backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	dsn, err := dsnOf(settings)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return &Instance{uid: settings.UID, name: settings.Name, db: db, prices: price.Default(), now: time.Now}, nil
}

// source is what links in frames ask.
func (i *Instance) source() frame.Source { return frame.Source{UID: i.uid, Name: i.name} }

// Dispose closes the connections of an instance whose settings have changed.
func (i *Instance) Dispose() {
	if err := i.db.Close(); err != nil {
		backend.Logger.Warn(fmt.Sprintf("close the store: %v", err))
	}
}
