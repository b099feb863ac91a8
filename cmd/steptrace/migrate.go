package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/store"
)

type migrateFlags struct {
	dsn, cluster string
	retention    []string
	print        bool
	users        userFlags
}

func newMigrateCommand() *cobra.Command {
	var f migrateFlags
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring a ClickHouse store to this version's schema",
		Long: `Creates the database and tables that are missing and applies the migrations not applied yet, each once.
Migrations only go forward; a store is refused that a newer steptrace has migrated, or one with other migrations.
ClickHouse has to be 24.8 or newer.

The password is best given in ` + envStorePassword + `, or within the DSN in STEPTRACE_DSN, so that it does not show
in the process list. Those of --users come from files or from ` + envWriterPassword + ` and
` + envReaderPassword + `.`,
		Example: `  steptrace migrate --dsn http://127.0.0.1:8123/default
  STEPTRACE_STORE_PASSWORD=… steptrace migrate --dsn https://admin@clickhouse.example:8443/steptrace --users
  steptrace migrate --retention otel_logs=14d,sfn_executions=400d
  steptrace migrate --dsn http://ch-1:8123/steptrace --cluster main --print`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.dsn, "dsn", "", "ClickHouse to migrate (default $STEPTRACE_DSN, else "+defaultDSN+")")
	flags.StringVar(&f.cluster, "cluster", "",
		"make replicated and distributed tables on the cluster of that `name` (default as the store was made)")
	flags.StringSliceVar(&f.retention, "retention", nil,
		"how long tables keep their rows, as in `otel_traces=30d`,otel_logs=336h; 0 for ever")
	flags.BoolVar(&f.print, "print", false, "print the SQL for a new store and do nothing; needs no ClickHouse")
	f.users.register(flags)
	return cmd
}

func (f migrateFlags) run(cmd *cobra.Command) error {
	m := store.Migration{Logger: slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)), Cluster: f.cluster}
	dsn, err := withStorePassword(storeDSN(f.dsn), os.Getenv(envStorePassword))
	if err != nil {
		return err
	}
	if m.Options, err = store.ParseDSN(dsn); err != nil {
		return err
	}
	if m.Retention, err = parseRetention(f.retention); err != nil {
		return err
	}
	if m.Users, err = f.users.read(); err != nil {
		return err
	}
	if f.print {
		return printScript(cmd.OutOrStdout(), m)
	}
	if err := m.Run(cmd.Context()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), "the store is at this version's schema")
	return err
}

func printScript(w io.Writer, m store.Migration) error {
	script, err := m.Script()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, strings.Join(script, ";\n\n")+";")
	return err
}

// parseRetention reads TABLE=PERIOD.
func parseRetention(flags []string) (store.Retention, error) {
	retention := store.Retention{}
	for _, flag := range flags {
		table, text, ok := strings.Cut(flag, "=")
		if !ok {
			return nil, usagef("--retention %s: is not of the form otel_traces=30d", flag)
		}
		var period store.Period
		if err := period.UnmarshalText([]byte(text)); err != nil {
			return nil, usagef("--retention %s: %w", table, err)
		}
		retention[table] = period
	}
	if err := retention.Validate(); err != nil {
		return nil, usagef("--retention %w", err)
	}
	return retention, nil
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
