package vendedlogsreceiver

import (
	"time"

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
	server.CompressionAlgorithms = []string{"", "gzip"} // those of Firehose; a zstd decoder reserves what it is told
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
