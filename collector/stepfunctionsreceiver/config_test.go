package stepfunctionsreceiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/steptrace/steptrace/collector/stepfunctionsreceiver"
)

func load(t *testing.T, file, id string) component.Config {
	t.Helper()
	conf, err := confmaptest.LoadConf(file)
	require.NoError(t, err)
	sub, err := conf.Sub(id)
	require.NoError(t, err)
	cfg := stepfunctionsreceiver.NewFactory().CreateDefaultConfig()
	require.NoError(t, sub.Unmarshal(cfg))
	return cfg
}

func TestConfig(t *testing.T) {
	defaults := load(t, "testdata/config.yaml", "stepfunctions")
	require.NoError(t, confmap.Validate(defaults))
	require.Equal(t, 5*time.Second, defaults.(*stepfunctionsreceiver.Config).PollInterval)
	require.Equal(t, stepfunctionsreceiver.PayloadsConfig{
		Capture: true, MaxBytes: 65536, Fingerprints: true, Redact: stepfunctionsreceiver.RedactConfig{Defaults: true},
	}, defaults.(*stepfunctionsreceiver.Config).Payloads)
	require.True(t, defaults.(*stepfunctionsreceiver.Config).Definitions)
	all := load(t, "testdata/config.yaml", "stepfunctions/all")
	require.NoError(t, confmap.Validate(all))
	require.Equal(t, &stepfunctionsreceiver.Config{
		Region:        "eu-west-1",
		Endpoint:      "http://127.0.0.1:4566",
		Unsigned:      true,
		StateMachines: []string{"image-workflow", "order-*", "arn:aws:states:eu-west-1:123456789012:stateMachine:payment"},
		Accounts: []stepfunctionsreceiver.AccountConfig{
			{Regions: []string{"eu-west-1"}},
			{
				RoleARN: "arn:aws:iam::210987654321:role/steptrace", ExternalID: "x",
				Regions: []string{"us-east-1", "us-west-2"},
			},
		},
		Tags: map[string]string{"team": "images"}, Watch: []string{"payment"},
		QueueURL:     "https://sqs.eu-west-1.amazonaws.com/123456789012/steptrace",
		PollInterval: time.Second, DiscoveryInterval: 30 * time.Second, Lookback: 5 * time.Minute,
		SweepInterval: 10 * time.Minute, RunningInterval: 2 * time.Minute, MapRunChildren: 50,
		Sampling: []stepfunctionsreceiver.SamplingConfig{
			{StateMachines: []string{"order-*"}, Ratio: 0.1, Statuses: []string{"SUCCEEDED"}, LongerThan: time.Minute},
		},
		InitialHistory: 24 * time.Hour, QuotaShare: 0.8, Checkpoint: "/var/lib/steptrace/checkpoint.json",
		Payloads: stepfunctionsreceiver.PayloadsConfig{
			MaxBytes: 1024,
			Redact:   stepfunctionsreceiver.RedactConfig{Keys: []string{"card.*", "iban"}, Paths: []string{"$..customer.email"}},
		},
	}, all)
}

func TestBadConfigNamesTheKey(t *testing.T) {
	for id, want := range map[string]string{
		"pause":    "poll_interval: 0s is not above 0",
		"past":     "initial_history: -1h0m0s is not above 0",
		"late":     "lookback: 0s is not above 0",
		"seldom":   "discovery_interval: 0s is not above 0",
		"share":    "quota_share: 1.5 is not above 0 and at most 1",
		"file":     "checkpoint: name the file",
		"unsigned": "unsigned: AWS wants signed requests",
		"url":      `endpoint: "localhost:4566" is not a URL`,
		"pattern":  `state_machines::1: "image-[a" is neither the ARN of a state machine nor a pattern`,
		"watch":    `watch::0: "[" is neither the ARN of a state machine nor a pattern`,
		"queue":    `queue_url: "steptrace" is not a URL like https://sqs.`,
		"role":     `accounts::1::role_arn: "steptrace" is no ARN of a role`,
		"sweep":    "sweep_interval: -1s is not above 0",
		"running":  "running_interval: 0s is not above 0",
		"children": "map_run_children: -1 is below 0",
		"ratio":    "sampling::1::ratio: 2 is not from 0 to 1",
		"status":   `sampling::0::statuses::0: "DONE" is not one of`,
		"nan":      "quota_share: NaN is not above 0 and at most 1",
		"unit":     "poll_interval: 5ns is below 1ms; write times with their unit, like 5s",
		"other":    `state_machines::0: "arn:aws:s3:::images" is neither the ARN of a state machine nor a pattern`,
		"version":  `state_machines::0: "arn:aws:states:eu-west-1:123456789012:stateMachine:m:1" is neither the ARN`,
		"star":     `state_machines::0: "arn:aws:states:eu-west-1:123456789012:stateMachine:m*" is neither the ARN`,
		"place":    `accounts::0::regions::1: "" is no region like eu-west-1`,
		"region":   `region: "eu west" is no region like eu-west-1`,
		"external": "accounts::0::external_id: is for a role; set role_arn beside it",
		"limit":    "payloads: max_bytes: -1 is below 0",
		"key":      `payloads::redact: keys::1: "card(" is not a regular expression`,
		"path":     `payloads::redact: paths::0: "customer.email" is not a JSONPath`,
	} {
		t.Run(id, func(t *testing.T) {
			require.ErrorContains(t, confmap.Validate(load(t, "testdata/bad.yaml", "stepfunctions/"+id)), want)
		})
	}
}

func TestUnknownKeysAreRefused(t *testing.T) {
	cfg := stepfunctionsreceiver.NewFactory().CreateDefaultConfig()
	err := confmap.NewFromStringMap(map[string]any{"poll_intervall": "1s"}).Unmarshal(cfg)
	require.ErrorContains(t, err, "poll_intervall")
}
