package clickhouseexporter

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
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
	// Endpoints, in place of Endpoint, are several servers of one store; when one fails the next is tried.
	Endpoints []Endpoint `mapstructure:"endpoints"`
	// Database overrides the one in the endpoints, as do Username and Password.
	Database string              `mapstructure:"database"`
	Username string              `mapstructure:"username"`
	Password configopaque.String `mapstructure:"password"`
	// TLS is used for https endpoints.
	TLS         configtls.ClientConfig `mapstructure:"tls"`
	Compression Compression            `mapstructure:"compression"`
	// CreateSchema migrates the store before the first insert.
	CreateSchema bool `mapstructure:"create_schema"`
	// Retention is set when migrating; tables that are not named keep theirs.
	Retention store.Retention `mapstructure:"retention"`

	// DeadLetter keeps rows that ClickHouse can never store, which are dropped without it.
	DeadLetter configoptional.Optional[DeadLetter] `mapstructure:"dead_letter"`

	Retry configretry.BackOffConfig                                `mapstructure:"retry_on_failure"`
	Queue configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
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
	if e == "" { // whether it may be is for the Config to say
		return nil
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

// Validate reports keys that are missing or do not go together.
func (c *Config) Validate() error {
	switch {
	case c.Endpoint == "" && len(c.Endpoints) == 0:
		return errors.New("endpoint: is missing, set it to ClickHouse's HTTP interface such as http://127.0.0.1:8123")
	case c.Endpoint != "" && len(c.Endpoints) > 0:
		return errors.New("endpoints: endpoint is set too, move it into endpoints")
	}
	if i := slices.Index(c.Endpoints, ""); i >= 0 {
		return fmt.Errorf("endpoints::%d: is empty", i)
	}
	if len(c.Retention) > 0 && !c.CreateSchema {
		return errors.New("retention: is set when migrating: set create_schema to true, " +
			"or the retention with `steptrace migrate --retention`")
	}
	return nil
}

func (c *Config) compressionMethod() compress.Method { return methods[c.Compression] }

const (
	defaultTimeout   = 30 * time.Second
	defaultFlush     = 2 * time.Second
	defaultBatchRows = 10_000
	largestBatchRows = 20_000
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
		DeadLetter:    configoptional.Default(DeadLetter{MaxSize: defaultDeadLetterSize}),
		Retry:         retry,
		Queue:         configoptional.Some(queue),
	}
}
