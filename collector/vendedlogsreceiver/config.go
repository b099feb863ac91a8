package vendedlogsreceiver

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/steptrace/steptrace/collector/payloads"
)

// Config is the receiver's configuration. At least one of Poll and HTTP is there.
type Config struct {
	// Poll reads log groups.
	Poll configoptional.Optional[PollConfig] `mapstructure:"poll"`
	// HTTP takes log lines from Amazon Data Firehose or a subscription's function.
	HTTP configoptional.Optional[HTTPConfig] `mapstructure:"http"`
	// Assembly says how long to wait for lines and how much to hold.
	Assembly AssemblyConfig `mapstructure:"assembly"`
	// Checkpoint is the file that remembers what the pipelines have accepted.
	Checkpoint string `mapstructure:"checkpoint"`
	// Payloads says what of executions' payloads leaves the receiver.
	Payloads payloads.Config `mapstructure:"payloads"`
}

// PollConfig says which log groups to read.
type PollConfig struct {
	// Region is the AWS region; empty: the environment's.
	Region string `mapstructure:"region"`
	// Endpoint replaces the API's URL; empty: AWS_ENDPOINT_URL, else AWS.
	Endpoint string `mapstructure:"endpoint"`
	// Unsigned sends requests without AWS credentials, as a local Endpoint such as the sandbox takes them.
	Unsigned bool `mapstructure:"unsigned"`
	// RoleARN is the role to assume for reading; empty: the credentials of the environment as they are.
	RoleARN string `mapstructure:"role_arn"`
	// ExternalID is what the role's trust policy may ask for.
	ExternalID string `mapstructure:"external_id"`
	// LogGroups are names, ARNs, or the beginning of names with * behind it.
	LogGroups []string `mapstructure:"log_groups"`
	// Interval is the time between two reads of a log group.
	Interval time.Duration `mapstructure:"interval"`
	// DiscoveryInterval is the time between two looks for log groups.
	DiscoveryInterval time.Duration `mapstructure:"discovery_interval"`
	// Overlap is how late lines may appear.
	Overlap time.Duration `mapstructure:"overlap"`
	// InitialHistory is how far back to read a log group that the checkpoint does not know.
	InitialHistory time.Duration `mapstructure:"initial_history"`
	// MaxReplay is how far a restart goes back for executions that had not ended.
	MaxReplay time.Duration `mapstructure:"max_replay"`
	// QuotaShare is the share of the account's API quotas to use at most, above 0 and up to 1.
	QuotaShare float64 `mapstructure:"quota_share"`
}

// HTTPConfig says where to listen.
type HTTPConfig struct {
	ServerConfig confighttp.ServerConfig `mapstructure:",squash"`
	// AccessKey is what senders have to send as X-Amz-Firehose-Access-Key, or as bearer token.
	AccessKey configopaque.String `mapstructure:"access_key"`
	// MaxDecompressedBytes is the most that the records of one request may have, decompressed.
	MaxDecompressedBytes int64 `mapstructure:"max_decompressed_bytes"`
	// Patience is how long a request waits for what comes of it to be accepted.
	Patience time.Duration `mapstructure:"patience"`
	// MaxRequests is how many requests are taken at the same time.
	MaxRequests int `mapstructure:"max_requests"`
	// Spool is the folder that keeps lines of executions that have not ended.
	Spool string `mapstructure:"spool"`
	// MaxSpoolBytes is how much is kept; what is older is let go.
	MaxSpoolBytes int64 `mapstructure:"max_spool_bytes"`
}

// AssemblyConfig says how executions are made of lines.
type AssemblyConfig struct {
	// ReorderWindow is how long a line waits for those before it.
	ReorderWindow time.Duration `mapstructure:"reorder_window"`
	// ExpressSilence is how long nothing may come of an Express execution before it is given up.
	ExpressSilence time.Duration `mapstructure:"express_silence"`
	// StandardSilence is the same for a Standard execution.
	StandardSilence time.Duration `mapstructure:"standard_silence"`
	// MaxExecutions is how many executions are held.
	MaxExecutions int `mapstructure:"max_executions"`
	// MaxBytes is how much of lines is held, roughly.
	MaxBytes int64 `mapstructure:"max_bytes"`
	// MaxRemembered is of how many executions that are not held any more is known what was handed over.
	MaxRemembered int `mapstructure:"max_remembered"`
}

func defaultConfig() component.Config {
	server := confighttp.NewDefaultServerConfig()
	server.NetAddr.Endpoint = "127.0.0.1:8090"
	server.MaxRequestBodySize = 16 << 20
	server.ReadTimeout = time.Minute
	server.WriteTimeout = 3 * time.Minute // Firehose waits no longer
	return &Config{
		Poll: configoptional.Default(PollConfig{
			Interval: 5 * time.Second, DiscoveryInterval: time.Minute, Overlap: 30 * time.Second,
			InitialHistory: 10 * time.Minute, MaxReplay: 15 * time.Minute, QuotaShare: 0.5,
		}),
		HTTP: configoptional.Default(HTTPConfig{
			ServerConfig: server, MaxDecompressedBytes: 64 << 20, Patience: 2 * time.Minute, MaxRequests: 16,
			Spool: "steptrace-data/agent/vendedlogs-spool", MaxSpoolBytes: 1 << 30,
		}),
		Assembly: AssemblyConfig{
			ReorderWindow: 30 * time.Second, ExpressSilence: 6 * time.Minute, StandardSilence: 24 * time.Hour,
			MaxExecutions: 10_000, MaxBytes: 256 << 20, MaxRemembered: 100_000,
		},
		Checkpoint: "steptrace-data/agent/vendedlogs.json",
		Payloads:   payloads.Default(),
	}
}

// Validate names each key that cannot be used.
func (c *Config) Validate() error {
	var errs []error
	if !c.Poll.HasValue() && !c.HTTP.HasValue() {
		errs = append(errs, errors.New("name a source of log lines: poll with log_groups, http, or both"))
	}
	if c.Checkpoint == "" {
		errs = append(errs, errors.New("checkpoint: name the file that remembers what was read"))
	}
	return errors.Join(errs...)
}

// Validate names each key that cannot be used.
func (c *PollConfig) Validate() error {
	errs := []error{
		positive("interval", c.Interval), positive("discovery_interval", c.DiscoveryInterval),
		positive("overlap", c.Overlap), positive("initial_history", c.InitialHistory), positive("max_replay", c.MaxReplay),
	}
	if c.QuotaShare <= 0 || c.QuotaShare > 1 {
		errs = append(errs, fmt.Errorf("quota_share: %v is not above 0 and at most 1", c.QuotaShare))
	}
	if len(c.LogGroups) == 0 {
		errs = append(errs, errors.New("log_groups: name the log groups that state machines log to, as in "+
			"/aws/vendedlogs/states/*"))
	}
	for i, group := range c.LogGroups {
		name := strings.TrimSuffix(group, "*")
		if group == "" || strings.Contains(name, "*") {
			errs = append(errs, fmt.Errorf("log_groups::%d: %q is neither a name, an ARN, nor the beginning of names with * "+
				"behind it", i, group))
		}
	}
	if role, err := arn.Parse(c.RoleARN); c.RoleARN != "" &&
		(err != nil || role.Service != "iam" || !strings.HasPrefix(role.Resource, "role/")) {
		errs = append(errs, fmt.Errorf("role_arn: %q is no ARN of a role like arn:aws:iam::123456789012:role/steptrace",
			c.RoleARN))
	}
	if c.Unsigned && c.Endpoint == "" {
		errs = append(errs, errors.New("unsigned: AWS wants signed requests; set endpoint to one that is not AWS"))
	}
	if c.Endpoint != "" {
		if u, err := url.Parse(c.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			errs = append(errs, fmt.Errorf("endpoint: %q is not a URL like http://127.0.0.1:4566", c.Endpoint))
		}
	}
	return errors.Join(errs...)
}

// Validate names each key that cannot be used.
func (c *HTTPConfig) Validate() error {
	errs := []error{
		positive("patience", c.Patience), positive("max_decompressed_bytes", c.MaxDecompressedBytes),
		positive("max_requests", c.MaxRequests), positive("max_request_body_size", c.ServerConfig.MaxRequestBodySize),
		positive("max_spool_bytes", c.MaxSpoolBytes),
	}
	if c.Spool == "" {
		errs = append(errs, errors.New("spool: name the folder that keeps lines of executions that have not ended"))
	}
	if t := c.ServerConfig.WriteTimeout; t > 0 && t <= c.Patience {
		errs = append(errs, fmt.Errorf("write_timeout: %s ends the answer before patience does (%s)", t, c.Patience))
	}
	endpoint := c.ServerConfig.NetAddr.Endpoint
	if !loopback(endpoint) && (c.AccessKey == "" || !c.ServerConfig.TLS.HasValue()) {
		errs = append(errs, fmt.Errorf("endpoint: %q takes data from other machines: set tls and access_key beside it, or "+
			"listen on 127.0.0.1", endpoint))
	}
	return errors.Join(errs...)
}

// Validate names each key that cannot be used.
func (c *AssemblyConfig) Validate() error {
	return errors.Join(
		positive("reorder_window", c.ReorderWindow), positive("express_silence", c.ExpressSilence),
		positive("standard_silence", c.StandardSilence), positive("max_executions", c.MaxExecutions),
		positive("max_bytes", c.MaxBytes), positive("max_remembered", c.MaxRemembered),
	)
}

func positive[T time.Duration | int | int64](key string, v T) error {
	if v > 0 {
		return nil
	}
	return fmt.Errorf("%s: %v is not above 0", key, v)
}

// loopback tells a host:port that only this machine reaches.
func loopback(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return strings.HasPrefix(endpoint, "/") // a Unix socket
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
