package main

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/store"
)

func newMigrateCommand() *cobra.Command {
	var dsn string
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring a ClickHouse store to this version's schema",
		Long: `Creates the database and tables that are missing and applies the migrations not applied yet, each once.
Migrations only go forward; a store that a newer steptrace has migrated is refused.

The password is best given in STEPTRACE_STORE_PASSWORD, or within the DSN in STEPTRACE_DSN, so that it does not show
in the process list.`,
		Example: `  steptrace migrate --dsn http://127.0.0.1:8123/default
  STEPTRACE_STORE_PASSWORD=… steptrace migrate --dsn https://writer@clickhouse.example:8443/steptrace`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			full, err := withStorePassword(storeDSN(dsn), os.Getenv("STEPTRACE_STORE_PASSWORD"))
			if err != nil {
				return err
			}
			logger := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			if err := store.Migrate(cmd.Context(), full, logger); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "the store is at this version's schema")
			return err
		},
	}
	cmd.Flags().StringVar(&dsn, "dsn", "", "ClickHouse to migrate (default $STEPTRACE_DSN, else "+defaultDSN+")")
	return cmd
}

// storeDSN is the flag's value, else the environment's, else the default.
func storeDSN(flag string) string {
	if flag != "" {
		return flag
	}
	if env := os.Getenv("STEPTRACE_DSN"); env != "" {
		return env
	}
	return defaultDSN
}

// withStorePassword puts the password into a DSN that has none.
func withStorePassword(dsn, password string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil { // url's error repeats the DSN, which may hold a password
		return "", usagef("--dsn: not a URL such as %s", defaultDSN)
	}
	if _, has := u.User.Password(); has || password == "" {
		return dsn, nil
	}
	user := "default"
	if u.User != nil {
		user = u.User.Username()
	}
	u.User = url.UserPassword(user, password)
	return u.String(), nil
}
