package clickhouseexporter

import (
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// target is where to send and as whom.
type target struct {
	url                          *url.URL // scheme and host
	database, username, password string
}

// targets are the endpoints with what the other keys override.
func (c *Config) targets() ([]target, error) {
	endpoints := c.Endpoints
	if len(endpoints) == 0 {
		endpoints = []Endpoint{c.Endpoint}
	}
	targets := make([]target, len(endpoints))
	for i, e := range endpoints {
		var err error
		if targets[i], err = c.target(e); err != nil {
			return nil, err
		}
	}
	return targets, nil
}

func (c *Config) target(e Endpoint) (target, error) {
	u, err := url.Parse(string(e))
	if err != nil { // url's error repeats the endpoint, which may hold a password
		return target{}, errors.New("endpoint: is not a URL such as http://127.0.0.1:8123")
	}
	t := target{
		url: &url.URL{Scheme: u.Scheme, Host: u.Host}, database: strings.Trim(u.Path, "/"), username: u.User.Username(),
	}
	t.password, _ = u.User.Password()
	t.database = firstOf(c.Database, t.database, "default")
	t.username = firstOf(c.Username, t.username, "default")
	t.password = firstOf(string(c.Password), t.password)
	return t, nil
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// options is the target for the migrations.
func (t target) options(secure *tls.Config) *clickhouse.Options {
	opts := &clickhouse.Options{
		Protocol: clickhouse.HTTP, Addr: []string{t.url.Host}, DialTimeout: dialTimeout,
		Auth: clickhouse.Auth{Database: t.database, Username: t.username, Password: t.password},
	}
	if t.url.Scheme == "https" {
		opts.TLS = secure
	}
	return opts
}

// secretInTheOpen tells whether the password would be readable on the way.
func (t target) secretInTheOpen() bool {
	return t.url.Scheme != "https" && t.password != "" && !isLoopback(t.url.Hostname())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
