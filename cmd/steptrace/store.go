package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/store/embedded"
)

// The passwords' environment variables. A password never stands in the arguments, where every process could read it.
const (
	envStorePassword  = "STEPTRACE_STORE_PASSWORD"
	envReaderPassword = "STEPTRACE_STORE_READER_PASSWORD"
)

// storeCloseTimeout is how long running statements may go on after the command is asked to end.
const storeCloseTimeout = 10 * time.Second

type storeFlags struct {
	path, listen               string
	user, passwordFile         string
	reader, readerPasswordFile string
}

func newStoreCommand() *cobra.Command {
	var f storeFlags
	cmd := &cobra.Command{
		Use:   "store --path DIR",
		Short: "Run the embedded ClickHouse and serve its HTTP interface",
		Long: `Runs ClickHouse inside this process and serves its HTTP interface until interrupted.

Passwords come from a file or from $` + envStorePassword + ` and $` + envReaderPassword + `.
Listening beyond loopback takes a password for every user.`,
		Example: `  steptrace store --path ./data
  curl 'http://127.0.0.1:8123/?query=SELECT+version()'`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runStore(cmd.Context(), f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.path, "path", "", "data `folder`, made if missing (required)")
	flags.StringVar(&f.listen, "listen", embedded.DefaultListen, "`host:port` to serve; port 0 takes a free one")
	flags.StringVar(&f.user, "user", embedded.DefaultUser, "`name` of the user who may do everything")
	flags.StringVar(&f.passwordFile, "password-file", "", "`file` with that user's password")
	flags.StringVar(&f.reader, "reader", "", "`name` of a second user who may only read, for Grafana")
	flags.StringVar(&f.readerPasswordFile, "reader-password-file", "", "`file` with the reader's password")
	return cmd
}

func runStore(ctx context.Context, f storeFlags, stdout, stderr io.Writer) error {
	users, err := f.users()
	if err != nil {
		return err
	}
	server, err := embedded.Open(ctx, embedded.Config{
		Path: f.path, Listen: f.listen, Users: users, Logger: slog.New(slog.NewTextHandler(stderr, nil)),
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "ready %s\n", server.URL())
	if err == nil {
		<-ctx.Done()
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeCloseTimeout)
	defer cancel()
	return errors.Join(err, server.Close(closing))
}

func (f storeFlags) users() ([]embedded.User, error) {
	if f.path == "" {
		return nil, usagef("store needs --path, the folder for its data")
	}
	password, err := readPassword(f.passwordFile, envStorePassword)
	if err != nil {
		return nil, err
	}
	users := []embedded.User{{Name: f.user, Password: password}}
	if f.reader == "" {
		return users, nil
	}
	password, err = readPassword(f.readerPasswordFile, envReaderPassword)
	return append(users, embedded.User{Name: f.reader, Password: password, ReadOnly: true}), err
}

// readPassword takes a password from a file, without its line end, or from the environment. "" means none was given.
func readPassword(file, env string) (string, error) {
	if file == "" {
		return os.Getenv(env), nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimRight(string(content), "\r\n")
	if password == "" {
		return "", fmt.Errorf("the password file %s is empty: write the password into it", file)
	}
	return password, nil
}
