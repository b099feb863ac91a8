package stepfunctionsreceiver

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// AccountConfig is an account to follow, in some regions.
type AccountConfig struct {
	// RoleARN is the role to assume there; empty: the credentials of the environment as they are.
	RoleARN string `mapstructure:"role_arn"`
	// ExternalID is what the role's trust policy may ask for.
	ExternalID string `mapstructure:"external_id"`
	// Regions are those to follow; empty: that of the receiver.
	Regions []string `mapstructure:"regions"`
}

func (c *AccountConfig) validate() error {
	for i, region := range c.Regions {
		if err := validateRegion(fmt.Sprintf("regions::%d", i), region); err != nil {
			return err
		}
	}
	switch {
	case c.RoleARN == "" && c.ExternalID != "":
		return errors.New("external_id: is for a role; set role_arn beside it")
	case c.RoleARN == "":
		return nil
	}
	role, err := arn.Parse(c.RoleARN)
	if err != nil || role.Service != "iam" || !strings.HasPrefix(role.Resource, "role/") {
		return fmt.Errorf("role_arn: %q is no ARN of a role like arn:aws:iam::123456789012:role/steptrace", c.RoleARN)
	}
	return nil
}

// place is an account and region. The account is empty for that of the environment's credentials.
type place struct{ account, region string }

// target is what one agent follows.
type target struct {
	place
	aws        aws.Config
	checkpoint string
}

// targets are the accounts and regions to follow, each once.
func (c *Config) targets(base aws.Config) []target {
	accounts := c.Accounts
	if len(accounts) == 0 {
		accounts = []AccountConfig{{}}
	}
	var all []target
	seen := make(map[place]bool)
	for _, account := range accounts {
		for _, p := range account.places(base.Region) {
			if !seen[p] {
				seen[p] = true
				all = append(all, target{place: p, aws: account.config(base, p.region)})
			}
		}
	}
	for i := range all {
		all[i].checkpoint = c.Checkpoint
		if len(all) > 1 {
			all[i].checkpoint = all[i].file(c.Checkpoint)
		}
	}
	return all
}

var regionName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

func validateRegion(key, region string) error {
	if regionName.MatchString(region) {
		return nil
	}
	return fmt.Errorf("%s: %q is no region like eu-west-1", key, region)
}

func (c *AccountConfig) places(region string) []place {
	role, _ := arn.Parse(c.RoleARN) // Validate has looked; without a role there is no account
	regions := c.Regions
	if len(regions) == 0 {
		regions = []string{region}
	}
	places := make([]place, len(regions))
	for i, r := range regions {
		places[i] = place{role.AccountID, r}
	}
	return places
}

// config is the AWS configuration for the account in the region.
func (c *AccountConfig) config(base aws.Config, region string) aws.Config {
	cfg := base.Copy()
	if c.RoleARN != "" {
		cfg = awsapi.AssumeRole(base, c.RoleARN, c.ExternalID)
	}
	cfg.Region = region
	return cfg
}

// file puts account and region into the checkpoint's name.
func (p place) file(checkpoint string) string {
	extension := filepath.Ext(checkpoint)
	name := strings.TrimSuffix(checkpoint, extension)
	if p.account != "" {
		name += "-" + p.account
	}
	return name + "-" + p.region + extension
}

// attributes tell the place's metrics from those of others.
func (p place) attributes() []attribute.KeyValue {
	all := []attribute.KeyValue{attribute.String(semconv.CloudRegion, p.region)}
	if p.account != "" {
		all = append(all, attribute.String(semconv.CloudAccountID, p.account))
	}
	return all
}
