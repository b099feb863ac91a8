package main

import (
	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/collector"
)

func newAgentCommand() *cobra.Command {
	var configs []string
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "Read execution histories and send them as OTLP, without a store",
		Long: `Read execution histories with the environment's AWS credentials and send spans and log records as OTLP/HTTP to
$OTEL_EXPORTER_OTLP_ENDPOINT (default http://127.0.0.1:4318): a Steptrace collector, or any OTLP backend.

--config adds Collector YAML over the built-in agent configuration. AWS_ENDPOINT_URL points it at another endpoint.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runCollector(cmd, append([]string{"yaml:" + collector.AgentConfig}, configs...))
		},
	}
	cmd.Flags().StringArrayVar(&configs, "config", nil, "Collector YAML that changes the built-in agent configuration")
	return cmd
}
