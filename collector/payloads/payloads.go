// Package payloads is the part of a receiver's configuration that says what of executions' payloads leaves it.
package payloads

import (
	"fmt"

	"github.com/steptrace/steptrace/agent/redact"
)

// Config says what of the payloads of executions leaves the receiver.
type Config struct {
	// Capture false keeps inputs, outputs, parameters, variables and causes back; errors' names stay.
	Capture bool `mapstructure:"capture"`
	// MaxBytes is the most of each payload that is kept; 0: all.
	MaxBytes int `mapstructure:"max_bytes"`
	// Fingerprints has attempts carry the SHA-256 of what they send to functions, by which invocations are joined.
	Fingerprints bool `mapstructure:"fingerprints"`
	// Redact says which values are replaced by [REDACTED], before the limit.
	Redact RedactConfig `mapstructure:"redact"`
}

// RedactConfig are the rules of package redact.
type RedactConfig struct {
	// Defaults are redact.DefaultKeys and the forms of secrets that are known whatever their name.
	Defaults bool `mapstructure:"defaults"`
	// Keys are regular expressions of further keys.
	Keys []string `mapstructure:"keys"`
	// Paths are JSONPath queries.
	Paths []string `mapstructure:"paths"`
}

// Default keeps payloads up to 64 KiB, without what is known to be secret.
func Default() Config {
	return Config{
		Capture: true, MaxBytes: 64 << 10, Fingerprints: true, Redact: RedactConfig{Defaults: true},
	}
}

// Validate names each key that cannot be used.
func (c *Config) Validate() error {
	if c.MaxBytes < 0 {
		return fmt.Errorf("max_bytes: %d is below 0 (0 is no limit)", c.MaxBytes)
	}
	return nil
}

// Validate names each rule that cannot be used.
func (c *RedactConfig) Validate() error {
	_, err := redact.New(redact.Rules(*c))
	return err
}

// Policy is what the rules say.
func (c *Config) Policy() (redact.Policy, error) {
	redactor, err := redact.New(redact.Rules(c.Redact))
	return redact.Policy{
		Off: !c.Capture, MaxBytes: c.MaxBytes, Redactor: redactor, NoFingerprints: !c.Fingerprints,
	}, err
}
