package clickhouseexporter

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/config/configtls"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/steptrace/steptrace/store"
)

// Config is the exporter's section of a Collector configuration.
type Config struct {
	// Timeout bounds one insert, from connecting to the answer.
	exporterhelper.TimeoutConfig `mapstructure:",squash"`

	// Endpoint is ClickHouse's HTTP interface; a path in it names the database.
	Endpoint Endpoint `mapstructure:"endpoint"`
	// Database overrides the one in Endpoint.
	Database string              `mapstructure:"database"`
	Username string              `mapstructure:"username"`
	Password configopaque.String `mapstructure:"password"`
	// TLS is used when Endpoint is https.
	TLS         configtls.ClientConfig `mapstructure:"tls"`
	Compression Compression            `mapstructure:"compression"`
	// CreateSchema migrates the store before the first insert.
	CreateSchema bool `mapstructure:"create_schema"`
	// Retention is set when migrating; tables that are not named keep theirs.
	Retention store.Retention `mapstructure:"retention"`

	Retry configretry.BackOffConfig                                `mapstructure:"retry_on_failure"`
	Queue configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
}

// Validate reports keys that do not go together.
func (c *Config) Validate() error {
	if len(c.Retention) > 0 && !c.CreateSchema {
		return errors.New("retention: is set when migrating: set create_schema to true, " +
			"or the retention with `steptrace migrate --retention`")
	}
	return nil
}

// Endpoint is an http:// or https:// URL.
type Endpoint string

// Compression is the compression of what is sent: lz4, zstd or none.
type Compression string

// methods of ClickHouse's compressed blocks by their names in the configuration.
var methods = map[Compression]compress.Method{"lz4": compress.LZ4, "zstd": compress.ZSTD, "none": compress.None}

// Validate reports an unknown compression.
func (c Compression) Validate() error {
	if _, ok := methods[c]; !ok {
		return fmt.Errorf("%q is not one of lz4, zstd, none", string(c))
	}
	return nil
}

// MarshalText hides the password, as configopaque does, from whoever prints the configuration.
func (e Endpoint) MarshalText() ([]byte, error) {
	if u, err := url.Parse(string(e)); err == nil {
		return []byte(u.Redacted()), nil
	}
	return []byte("[REDACTED]"), nil
}

// Validate reports an endpoint that is not ClickHouse's HTTP interface.
func (e Endpoint) Validate() error {
	if e == "" {
		return errors.New("is missing, set it to ClickHouse's HTTP interface such as http://127.0.0.1:8123")
	}
	u, err := url.Parse(string(e))
	if err != nil { // url's error repeats the endpoint, which may hold a password
		return errors.New("is not a URL such as http://127.0.0.1:8123")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("must be an http:// or https:// URL of ClickHouse's HTTP interface, not %q", u.Redacted())
	}
	return nil
}

func (c *Config) compressionMethod() compress.Method { return methods[c.Compression] }

// target is where to send and as whom: the endpoint with what the other keys override.
type target struct {
	url                          *url.URL // scheme and host
	database, username, password string
}

func (c *Config) target() (target, error) {
	u, err := url.Parse(string(c.Endpoint))
	if err != nil {
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

// dsn is the target for the migrations.
func (t target) dsn() string {
	u := *t.url
	u.User = url.UserPassword(t.username, t.password)
	u.Path = "/" + t.database
	return u.String()
}

const (
	defaultTimeout   = 30 * time.Second
	defaultFlush     = 2 * time.Second
	defaultBatchRows = 10_000
	largestBatchRows = 50_000
	queueRows        = 200_000
	queueConsumers   = 2
)

// createDefaultConfig retries for ever: what was accepted is given up only when ClickHouse says that it can never be
// stored.
func createDefaultConfig() component.Config {
	retry := configretry.NewDefaultBackOffConfig()
	retry.MaxElapsedTime = 0
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.Sizer, queue.QueueSize, queue.NumConsumers = exporterhelper.RequestSizerTypeItems, queueRows, queueConsumers
	queue.Batch = configoptional.Some(exporterhelper.BatchConfig{
		Sizer: exporterhelper.RequestSizerTypeItems, FlushTimeout: defaultFlush,
		MinSize: defaultBatchRows, MaxSize: largestBatchRows,
	})
	return &Config{
		TimeoutConfig: exporterhelper.TimeoutConfig{Timeout: defaultTimeout},
		Compression:   "lz4",
		CreateSchema:  true,
		TLS:           configtls.NewDefaultClientConfig(),
		Retry:         retry,
		Queue:         configoptional.Some(queue),
	}
}
