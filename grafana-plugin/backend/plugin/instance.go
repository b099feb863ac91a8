// Package plugin is the backend of the Steptrace data source: it answers Grafana's queries out of the store.
package plugin

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/coder/quartz"
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
	clock     quartz.Clock
	login     login
	names     atomic.Pointer[knownNames]
	backend.CallResourceHandler
}

// login is what messages about the connection name.
type login struct{ address, database, username string }

var (
	_ backend.QueryDataHandler      = (*Instance)(nil)
	_ backend.CheckHealthHandler    = (*Instance)(nil)
	_ backend.CallResourceHandler   = (*Instance)(nil)
	_ backend.StreamHandler         = (*Instance)(nil)
	_ instancemgmt.InstanceDisposer = (*Instance)(nil)
)

// New makes the instance of a data source's settings. It does not connect: a store that is away fails the queries, each
// with an error that says so, until it is back.
func New(_ context.Context, settings backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	options, err := optionsOf(settings)
	if err != nil {
		return nil, backend.DownstreamError(err)
	}
	db, err := store.OpenWith(options)
	if err != nil {
		return nil, backend.DownstreamError(err)
	}
	i := &Instance{
		uid: settings.UID, name: settings.Name, db: db, prices: price.Default(), clock: quartz.NewReal(),
		login: login{options.Addr[0], options.Auth.Database, options.Auth.Username},
	}
	i.CallResourceHandler = i.resources()
	return i, nil
}

// source is what links in frames ask.
func (i *Instance) source() frame.Source { return frame.Source{UID: i.uid, Name: i.name} }

// Dispose closes the connections of an instance whose settings have changed.
func (i *Instance) Dispose() {
	if err := i.db.Close(); err != nil {
		backend.Logger.Warn(fmt.Sprintf("close the store: %v", err))
	}
}
