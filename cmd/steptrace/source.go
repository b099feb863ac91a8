package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded"
)

const defaultDSN = "http://127.0.0.1:8123/default"

// source says which store a reading command reads: a server by its DSN, or a folder that no process has open.
type source struct{ dsn, data string }

func (s *source) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.dsn, "dsn", "",
		"ClickHouse to read, as a clickhouse-go DSN (default $STEPTRACE_DSN, else "+defaultDSN+
			"); its password may be in $"+envStorePassword)
	cmd.Flags().StringVar(&s.data, "data", "", "folder that `steptrace demo --keep` or `up` left, read without a server")
}

// open returns the store and what closes it.
func (s *source) open(ctx context.Context) (*store.DB, func() error, error) {
	if s.dsn != "" && s.data != "" {
		return nil, nil, usagef("--dsn and --data name two stores: give one of them")
	}
	if s.data != "" {
		return openFolder(ctx, s.data)
	}
	dsn, err := withStorePassword(storeDSN(s.dsn), os.Getenv(envStorePassword))
	if err != nil {
		return nil, nil, err
	}
	db, err := store.Open(ctx, dsn)
	if err != nil {
		return nil, nil, err
	}
	return db, db.Close, nil
}

func openFolder(ctx context.Context, dir string) (*store.DB, func() error, error) {
	path := filepath.Join(dir, "clickhouse")
	if _, err := os.ReadDir(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("read Steptrace's data: %w", err)
	} else if err != nil {
		return nil, nil, usagef("%s holds no Steptrace data: %w; name a folder that `steptrace demo --keep` left", dir, err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	engine, err := embedded.Open(ctx, embedded.Config{Path: path, Listen: "127.0.0.1:0", Logger: log})
	if err != nil {
		return nil, nil, err
	}
	closeEngine := func() error { return engine.Close(context.WithoutCancel(ctx)) }
	db, err := store.Open(ctx, engine.DSN())
	if err != nil {
		return nil, nil, errors.Join(err, closeEngine())
	}
	return db, func() error { return errors.Join(db.Close(), closeEngine()) }, nil
}
