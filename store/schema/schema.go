// Package schema holds the store's tables, one .sql file for each with the view that feeds it. The files are the
// migrations: applied in order of their number, each once, never changed after a release.
package schema

import "embed"

// Files are the migrations in goose's format.
//
//go:embed *.sql
var Files embed.FS
