// Package embedded runs ClickHouse inside the process and serves its HTTP interface, by default on loopback.
//
// The engine is libchdb (see package chdb). curl, clickhouse-go/v2 and everything else that speaks ClickHouse's HTTP
// interface use it like a server. There is one engine per process.
package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"
)

// DefaultListen is where the server listens unless told otherwise.
const DefaultListen = "127.0.0.1:8123"

// DefaultUser is the user that a request without a name acts as.
const DefaultUser = "default"

// Config says where the engine keeps its data and who may use it. Path is required.
type Config struct {
	// Path is the data folder; it is made if it does not exist. One process at a time.
	Path string
	// Listen is host:port, by default DefaultListen; port 0 takes a free one.
	Listen string
	// Library is the path of libchdb; by default library.Locate finds it.
	Library string
	// Users may log in. None means the user "default" without a password, which only loopback may have.
	Users []User
	// MaxQueries bounds how many statements run at once, by default 16. Further ones wait.
	MaxQueries int
	// StallTimeout is how long a client may leave an upload or a result lying, by default a minute.
	StallTimeout time.Duration
	// Logger receives what goes wrong outside of a request; by default nothing is logged.
	Logger *slog.Logger
}

// User is a login of the HTTP interface.
type User struct {
	Name     string
	Password string
	ReadOnly bool // may only run statements that leave no trace, within the limits of limits.go
}

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.MaxQueries == 0 {
		c.MaxQueries = 16
	}
	if c.StallTimeout == 0 {
		c.StallTimeout = time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if len(c.Users) == 0 {
		c.Users = []User{{Name: DefaultUser}}
	}
	return c
}

func (c Config) validate() error {
	if c.Path == "" {
		return errors.New("the embedded ClickHouse needs a data folder: set its path")
	}
	if c.MaxQueries < 0 {
		return fmt.Errorf("at most %d queries at once makes no sense: use 1 or more", c.MaxQueries)
	}
	if err := validateListen(c.Listen, c.Users); err != nil {
		return err
	}
	return validateUsers(c.Users)
}

func validateListen(listen string, users []User) error {
	if strings.Contains(listen, "://") {
		return fmt.Errorf("listen address %q: give host:port without a scheme; "+
			"the embedded ClickHouse speaks no TLS, put a proxy in front of it for that", listen)
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("listen address %q is not host:port, such as %s: %w", listen, DefaultListen, err)
	}
	if isLoopback(host) {
		return nil
	}
	for _, u := range users {
		if u.Password == "" {
			return fmt.Errorf("listening on %s opens the store to the network, and user %q has no password: "+
				"set one, or listen on %s", listen, u.Name, DefaultListen)
		}
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func validateUsers(users []User) error {
	seen := map[string]bool{}
	for _, u := range users {
		if u.Name == "" || strings.ContainsAny(u.Name, ":\x00\r\n") {
			return fmt.Errorf("user name %q is empty or holds a colon or line end", u.Name)
		}
		if seen[u.Name] {
			return fmt.Errorf("user %q is there twice: give each user one password", u.Name)
		}
		seen[u.Name] = true
	}
	return nil
}
