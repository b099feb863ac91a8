package plugin

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// jsonData are the settings that are no secret.
type jsonData struct {
	Database          string `json:"database"`          // empty is default
	Username          string `json:"username"`          // empty is default
	TLSAuthWithCACert bool   `json:"tlsAuthWithCACert"` // the secret tlsCACert signs the server's certificate
	TLSSkipVerify     bool   `json:"tlsSkipVerify"`
}

// maxConnections is as many queries as the embedded store runs at once.
const maxConnections = 16

// optionsOf reads how to reach the store out of a data source's settings: URL, jsonData, and the secrets password and
// tlsCACert, neither of which its errors tell.
func optionsOf(settings backend.DataSourceInstanceSettings) (*clickhouse.Options, error) {
	var d jsonData
	if len(settings.JSONData) > 0 {
		if err := json.Unmarshal(settings.JSONData, &d); err != nil {
			return nil, fmt.Errorf("the data source's jsonData: %w", err)
		}
	}
	u, err := addressOf(settings.URL)
	if err != nil {
		return nil, err
	}
	options := &clickhouse.Options{
		Protocol: clickhouse.HTTP,
		Addr:     []string{u.Host},
		Auth: clickhouse.Auth{
			Database: orDefault(d.Database), Username: orDefault(d.Username),
			Password: settings.DecryptedSecureJSONData["password"],
		},
		HttpUrlPath:  strings.Trim(u.Path, "/"),
		Compression:  &clickhouse.Compression{Method: clickhouse.CompressionLZ4},
		MaxOpenConns: maxConnections,
	}
	if u.Scheme == "https" {
		options.TLS, err = d.tls(settings.DecryptedSecureJSONData["tlsCACert"])
	}
	return options, err
}

func orDefault(name string) string {
	if name == "" {
		return "default"
	}
	return name
}

// addressOf checks the URL. Others who may see the settings see it, so it must not have the password.
func addressOf(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil { // it repeats the URL, which may hold a password
		return nil, errors.New("the data source's URL is not of the form http://host:8123")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("the data source's URL holds a user: put it into the settings Username and Password")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("the data source's URL %.200q is not of the form http://host:8123", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("the data source's URL %.200q holds parameters: leave them out", u.Redacted())
	}
	if u.Port() == "" {
		u.Host += map[string]string{"http": ":8123", "https": ":8443"}[u.Scheme]
	}
	return u, nil
}

func (d jsonData) tls(certificate string) (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: d.TLSSkipVerify, //nolint:gosec // whoever sets the data source up asks for it
	}
	if !d.TLSAuthWithCACert {
		return config, nil
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM([]byte(certificate)) {
		return nil, errors.New("the data source's CA certificate holds no certificate in PEM form " +
			"(-----BEGIN CERTIFICATE-----)")
	}
	return config, nil
}
