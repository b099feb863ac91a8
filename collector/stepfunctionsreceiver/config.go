package stepfunctionsreceiver

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/collector/payloads"
)

// Config is the receiver's configuration.
type Config struct {
	// Region is the AWS region; empty: the environment's.
	Region string `mapstructure:"region"`
	// Endpoint replaces the URL of the APIs; empty: AWS_ENDPOINT_URL, else AWS.
	Endpoint string `mapstructure:"endpoint"`
	// Unsigned sends requests without AWS credentials, as a local Endpoint such as the sandbox takes them.
	Unsigned bool `mapstructure:"unsigned"`
	// Accounts are the accounts and regions to follow; empty: that of the credentials, in Region.
	Accounts []AccountConfig `mapstructure:"accounts"`
	// StateMachines are the ARNs, or patterns of names (*, ?, [a-z]), of those to follow; empty: all.
	StateMachines []string `mapstructure:"state_machines"`
	// Tags are those that a state machine must have to be followed.
	Tags map[string]string `mapstructure:"tags"`
	// Watch are the ARNs, or patterns of names, of those whose executions are read before others when quotas are short.
	Watch []string `mapstructure:"watch"`
	// QueueURL is the SQS queue of EventBridge's "Step Functions Execution Status Change" events; empty: none.
	QueueURL string `mapstructure:"queue_url"`
	// PollInterval is the time between two looks at executions.
	PollInterval time.Duration `mapstructure:"poll_interval"`
	// DiscoveryInterval is the time between two looks for state machines.
	DiscoveryInterval time.Duration `mapstructure:"discovery_interval"`
	// SweepInterval is the time between two listings of a state machine's executions; 0: PollInterval, or 5m with a queue.
	SweepInterval time.Duration `mapstructure:"sweep_interval"`
	// RunningInterval is the time between two listings of a state machine's running executions, however old.
	RunningInterval time.Duration `mapstructure:"running_interval"`
	// Lookback is how late AWS may list an execution that has started.
	Lookback time.Duration `mapstructure:"lookback"`
	// InitialHistory is how far back to read a state machine that the checkpoint does not know.
	InitialHistory time.Duration `mapstructure:"initial_history"`
	// MapRunChildren is how many children of a Map Run are followed; of more only those that failed.
	MapRunChildren int `mapstructure:"map_run_children"`
	// Definitions says state machines' definitions, too, as log records.
	Definitions bool `mapstructure:"definitions"`
	// Sampling are rules by which executions are left out; empty: none are.
	Sampling []SamplingConfig `mapstructure:"sampling"`
	// QuotaShare is the share of the account's API quotas to use at most, above 0 and up to 1.
	QuotaShare float64 `mapstructure:"quota_share"`
	// Checkpoint is the file that remembers what the pipelines have accepted; with several accounts or regions one each,
	// with account and region in its name.
	Checkpoint string `mapstructure:"checkpoint"`
	// Payloads says what of executions' payloads leaves the receiver.
	Payloads PayloadsConfig `mapstructure:"payloads"`
}

// SamplingConfig is a rule of package sampling.
type SamplingConfig struct {
	// StateMachines are the ARNs, or patterns of names, that the rule is for; empty: all.
	StateMachines []string `mapstructure:"state_machines"`
	// Ratio is the part of the executions that is kept, from 0 to 1.
	Ratio float64 `mapstructure:"ratio"`
	// Statuses are kept whatever the ratio, beside FAILED, TIMED_OUT and ABORTED.
	Statuses []string `mapstructure:"statuses"`
	// LongerThan keeps executions that last so long whatever the ratio; 0: none.
	LongerThan time.Duration `mapstructure:"longer_than"`
}

func defaultConfig() component.Config {
	return &Config{
		PollInterval:      5 * time.Second,
		DiscoveryInterval: 5 * time.Second,
		RunningInterval:   time.Minute,
		Lookback:          2 * time.Minute,
		InitialHistory:    time.Hour,
		MapRunChildren:    1000,
		Definitions:       true,
		QuotaShare:        0.5,
		Checkpoint:        "steptrace-data/agent/checkpoint.json",
		Payloads:          payloads.Default(),
	}
}

// Validate names each key that cannot be used.
func (c *Config) Validate() error {
	errs := []error{
		positive("poll_interval", c.PollInterval),
		positive("discovery_interval", c.DiscoveryInterval),
		positive("running_interval", c.RunningInterval),
		positive("lookback", c.Lookback),
		positive("initial_history", c.InitialHistory),
		positive("sweep_interval", c.sweepInterval()),
		c.validatePlace(),
		keyed("state_machines", selector.Machines(c.StateMachines).Validate()),
		keyed("watch", selector.Machines(c.Watch).Validate()),
		keyed("sampling", c.rules().Validate()),
	}
	if c.MapRunChildren < 0 {
		errs = append(errs, fmt.Errorf("map_run_children: %d is below 0", c.MapRunChildren))
	}
	if !(c.QuotaShare > 0 && c.QuotaShare <= 1) { // NaN is neither
		errs = append(errs, fmt.Errorf("quota_share: %v is not above 0 and at most 1", c.QuotaShare))
	}
	if c.Checkpoint == "" {
		errs = append(errs, errors.New("checkpoint: name the file that remembers what was read"))
	}
	return errors.Join(errs...)
}

func (c *Config) validatePlace() error {
	var errs []error
	if c.Region != "" {
		errs = append(errs, validateRegion("region", c.Region))
	}
	if c.Unsigned && c.Endpoint == "" {
		errs = append(errs, errors.New("unsigned: AWS wants signed requests; set endpoint to one that is not AWS"))
	}
	for key, value := range map[string]string{"endpoint": c.Endpoint, "queue_url": c.QueueURL} {
		if value == "" {
			continue
		}
		if u, err := url.Parse(value); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			errs = append(errs, fmt.Errorf("%s: %q is not a URL like %s", key, value, urlExamples[key]))
		}
	}
	for i := range c.Accounts {
		errs = append(errs, keyed(fmt.Sprintf("accounts::%d", i), c.Accounts[i].validate()))
	}
	return errors.Join(errs...)
}

var urlExamples = map[string]string{
	"endpoint":  "http://127.0.0.1:4566",
	"queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/steptrace",
}

func positive(key string, d time.Duration) error {
	switch {
	case d <= 0:
		return fmt.Errorf("%s: %s is not above 0", key, d)
	case d < time.Millisecond: // a number alone counts nanoseconds
		return fmt.Errorf("%s: %s is below 1ms; write times with their unit, like 5s", key, d)
	}
	return nil
}

// keyed gives an error the key that it is about, in the way of the Collector: parts are joined by two colons.
func keyed(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s::%w", key, err)
}

// sweepInterval is short while nothing but listings tells of executions.
func (c *Config) sweepInterval() time.Duration {
	switch {
	case c.SweepInterval != 0:
		return c.SweepInterval
	case c.QueueURL != "":
		return 5 * time.Minute
	}
	return c.PollInterval
}

func (c *Config) rules() sampling.Rules {
	rules := make(sampling.Rules, len(c.Sampling))
	for i, r := range c.Sampling {
		rules[i] = sampling.Rule{
			Machines: r.StateMachines, Ratio: r.Ratio, Statuses: r.Statuses, LongerThan: r.LongerThan,
		}
	}
	return rules
}
