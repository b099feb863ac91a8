package stepfunctionsreceiver

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"time"

	"go.opentelemetry.io/collector/component"
)

// Config is the receiver's configuration.
type Config struct {
	// Region is the AWS region; empty: the environment's.
	Region string `mapstructure:"region"`
	// Endpoint replaces the API's URL; empty: AWS_ENDPOINT_URL, else AWS.
	Endpoint string `mapstructure:"endpoint"`
	// Unsigned sends requests without AWS credentials, as a local Endpoint such as the sandbox takes them.
	Unsigned bool `mapstructure:"unsigned"`
	// StateMachines are the ARNs, or patterns of names (*, ?, [a-z]), of those to follow; empty: all.
	StateMachines []string `mapstructure:"state_machines"`
	// PollInterval is the time between two looks at executions.
	PollInterval time.Duration `mapstructure:"poll_interval"`
	// DiscoveryInterval is the time between two looks for state machines.
	DiscoveryInterval time.Duration `mapstructure:"discovery_interval"`
	// Lookback is how late AWS may list an execution that has started.
	Lookback time.Duration `mapstructure:"lookback"`
	// InitialHistory is how far back to read a state machine that the checkpoint does not know.
	InitialHistory time.Duration `mapstructure:"initial_history"`
	// QuotaShare is the share of the account's API quotas to use at most, above 0 and up to 1.
	QuotaShare float64 `mapstructure:"quota_share"`
	// Checkpoint is the file that remembers what the pipelines have accepted.
	Checkpoint string `mapstructure:"checkpoint"`
	// Payloads says what of executions' payloads leaves the receiver.
	Payloads PayloadsConfig `mapstructure:"payloads"`
}

func defaultConfig() component.Config {
	return &Config{
		PollInterval:      5 * time.Second,
		DiscoveryInterval: 5 * time.Second,
		Lookback:          2 * time.Minute,
		InitialHistory:    time.Hour,
		QuotaShare:        0.5,
		Checkpoint:        "steptrace-data/agent/checkpoint.json",
		Payloads:          defaultPayloads(),
	}
}

// Validate names each key that cannot be used.
func (c *Config) Validate() error {
	errs := []error{
		positive("poll_interval", c.PollInterval),
		positive("discovery_interval", c.DiscoveryInterval),
		positive("lookback", c.Lookback),
		positive("initial_history", c.InitialHistory),
	}
	if c.QuotaShare <= 0 || c.QuotaShare > 1 {
		errs = append(errs, fmt.Errorf("quota_share: %v is not above 0 and at most 1", c.QuotaShare))
	}
	if c.Checkpoint == "" {
		errs = append(errs, errors.New("checkpoint: name the file that remembers what was read"))
	}
	if c.Unsigned && c.Endpoint == "" {
		errs = append(errs, errors.New("unsigned: AWS wants signed requests; set endpoint to one that is not AWS"))
	}
	if c.Endpoint != "" {
		if u, err := url.Parse(c.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			errs = append(errs, fmt.Errorf("endpoint: %q is not a URL like http://127.0.0.1:4566", c.Endpoint))
		}
	}
	for i, pattern := range c.StateMachines {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			errs = append(errs, fmt.Errorf("state_machines::%d: %q is neither an ARN nor a pattern of names", i, pattern))
		}
	}
	return errors.Join(errs...)
}

func positive(key string, d time.Duration) error {
	if d > 0 {
		return nil
	}
	return fmt.Errorf("%s: %s is not above 0", key, d)
}
