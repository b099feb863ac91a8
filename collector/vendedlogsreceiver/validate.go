package vendedlogsreceiver

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/steptrace/steptrace/collector/loopback"
)

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
	if !(c.QuotaShare > 0 && c.QuotaShare <= 1) { // NaN is neither
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
	if !loopback.Only(endpoint) && (c.AccessKey == "" || !c.ServerConfig.TLS.HasValue()) {
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
	if v <= 0 {
		return fmt.Errorf("%s: %v is not above 0", key, v)
	}
	if d, ok := any(v).(time.Duration); ok && d < time.Millisecond { // a number alone counts nanoseconds
		return fmt.Errorf("%s: %s is below 1ms; write times with their unit, like 5s", key, d)
	}
	return nil
}
