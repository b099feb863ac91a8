package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/collector"
)

func newCollectorCommand() *cobra.Command {
	var configs []string
	var printDefault bool
	cmd := &cobra.Command{
		Use:   "collector",
		Short: "Run the OpenTelemetry Collector distribution: OTLP and Step Functions in, ClickHouse out",
		Long: `Run Steptrace's OpenTelemetry Collector distribution.

Without --config it runs the built-in configuration: OTLP on 127.0.0.1:4317 and :4318, the Step Functions agent with the
environment's AWS credentials, ClickHouse at $STEPTRACE_CLICKHOUSE_URL (http://127.0.0.1:8123).`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if printDefault {
				_, err := fmt.Fprint(cmd.OutOrStdout(), collector.DefaultConfig)
				return err
			}
			return runCollector(cmd, configs)
		},
	}
	cmd.PersistentFlags().StringArrayVar(&configs, "config", nil,
		"Collector YAML: a file, or file:…, env:…, yaml:…; given several times, later ones win")
	cmd.Flags().BoolVar(&printDefault, "print-default-config", false, "print the built-in configuration and stop")
	cmd.AddCommand(newCollectorValidateCommand(&configs), newCollectorPrintCommand(&configs))
	return cmd
}

func newCollectorPrintCommand(configs *[]string) *cobra.Command {
	return &cobra.Command{
		Use:   "print-config",
		Short: "Print the configuration in effect, with all defaults and without secrets",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := collectorSettings(*configs)
			if err != nil {
				return err
			}
			text, err := collector.Effective(cmd.Context(), settings)
			if err != nil {
				return fmt.Errorf("collector configuration: %w", err)
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
}

func newCollectorValidateCommand(configs *[]string) *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check a configuration without starting anything",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := newCollector(*configs)
			if err != nil {
				return err
			}
			if err := c.Validate(cmd.Context()); err != nil {
				return fmt.Errorf("collector configuration: %w", err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "the configuration is valid")
			return err
		},
	}
}

func runCollector(cmd *cobra.Command, configs []string) error {
	c, err := newCollector(configs)
	if err != nil {
		return err
	}
	return c.Run(cmd.Context())
}

func newCollector(configs []string) (*collector.Collector, error) {
	settings, err := collectorSettings(configs)
	if err != nil {
		return nil, err
	}
	return collector.New(settings)
}

func collectorSettings(configs []string) (collector.Settings, error) {
	uris := make([]string, len(configs))
	for i, c := range configs {
		uri, err := configURI(c)
		if err != nil {
			return collector.Settings{}, err
		}
		uris[i] = uri
	}
	return collector.Settings{URIs: uris, Version: version}, nil
}

// configURI lets a plain path stand for file:PATH and says early when it is not there.
func configURI(c string) (string, error) {
	for _, scheme := range []string{"file:", "env:", "yaml:"} {
		if strings.HasPrefix(c, scheme) {
			return c, nil
		}
	}
	if _, err := os.Stat(c); err != nil {
		return "", fmt.Errorf("--config: %w", err)
	}
	return "file:" + c, nil
}
