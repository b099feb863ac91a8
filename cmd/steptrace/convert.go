package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/cmd/steptrace/conversion"
	"github.com/steptrace/steptrace/cmd/steptrace/render"
)

// conversionFlags are the flags of `steptrace convert`.
type conversionFlags struct {
	format, output, signal            string
	executionARN, describe, definedBy string
}

const convertLong = `Convert stored execution histories, without a store and without AWS.

A FILE is what GetExecutionHistory returned (AWS CLI or API): one page or several after one another, oldest or newest
event first, gzip or not; - is standard input. With --format vended-logs it is lines that Step Functions wrote to
CloudWatch Logs, in any order, or what FilterLogEvents, GetLogEvents or a query of Logs Insights returned.

Several files are pages of one execution as long as they agree; when two have a different event under the same id, each
is an execution of its own. Log lines name their execution.

A history does not name its execution: give --execution-arn or --describe for the ids that the agent would give. Else
the ARN is arn:aws:states:::execution:unknown:NAME, with NAME from the file's.`

func newConvertCommand() *cobra.Command {
	var flags conversionFlags
	cmd := &cobra.Command{
		Use:   "convert FILE...",
		Short: "Turn stored execution histories into a waterfall, JSON or OTLP/JSON",
		Long:  convertLong,
		Example: `  aws stepfunctions get-execution-history --execution-arn $ARN | steptrace convert --execution-arn $ARN -
  steptrace convert --definition workflow.asl.json --describe execution.json history.json.gz
  aws logs filter-log-events --log-group-name $GROUP | steptrace convert --format vended-logs -
  steptrace convert -o otlp-json history.json | \
    curl -H content-type:application/json --data-binary @- localhost:4318/v1/traces
  steptrace convert -o otlp-json --signal logs history.json > logs.json`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args) },
	}
	cmd.Flags().StringVar(&flags.format, "format", conversion.History,
		"what the files hold: "+conversion.History+" or "+conversion.VendedLogs)
	cmd.Flags().StringVar(&flags.executionARN, "execution-arn", "",
		"the execution that the history is of; of log lines, the only execution to convert")
	cmd.Flags().StringVar(&flags.describe, "describe", "",
		"file with what DescribeExecution returned: the execution's ARN, state machine, start and status")
	cmd.Flags().StringVar(&flags.definedBy, "definition", "",
		"file with the state machine's definition, or what DescribeStateMachine returned: numbers the branches")
	cmd.Flags().StringVar(&flags.signal, "signal", "traces", "what otlp-json holds: traces or logs")
	outputFlag(cmd, &flags.output, "tree", "json", "otlp-json")
	return cmd
}

func (f *conversionFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(cmd, args); err != nil {
		return err
	}
	in := inputs{stdin: cmd.InOrStdin(), limit: maxInput}
	cfg, err := f.config(&in)
	if err != nil {
		return err
	}
	files := make([]conversion.File, len(args))
	for i, arg := range args {
		if files[i], err = in.read(arg); err != nil {
			return err
		}
	}
	executions, err := conversion.Convert(files, cfg)
	if err != nil {
		return err
	}
	text, err := f.write(executions)
	if err != nil {
		return err
	}
	f.warn(cmd.ErrOrStderr(), executions)
	to := cmd.OutOrStdout()
	if f.output == "tree" {
		to = terminal(cmd)
	}
	_, err = to.Write(text)
	return err
}

func (f *conversionFlags) check(cmd *cobra.Command, args []string) error {
	formats, signals := []string{conversion.History, conversion.VendedLogs}, []string{"traces", "logs"}
	stdins := 0
	for _, arg := range append([]string{f.describe, f.definedBy}, args...) {
		if arg == "-" {
			stdins++
		}
	}
	switch {
	case !slices.Contains(formats, f.format):
		return usagef("--format %s: not one of %v", f.format, formats)
	case !slices.Contains(signals, f.signal):
		return usagef("--signal %s: not one of %v", f.signal, signals)
	case cmd.Flags().Changed("signal") && f.output != "otlp-json":
		return usagef("--signal is for --output otlp-json alone")
	case f.executionARN != "" && f.describe != "":
		return usagef("--execution-arn and --describe both name the execution: give one of them")
	case stdins > 1:
		return usagef("- is given %d times: standard input can be read once", stdins)
	case f.executionARN != "":
		if err := conversion.CheckARN(f.executionARN); err != nil {
			return usagef("--execution-arn: %w", err)
		}
	}
	return nil
}

// config reads what the flags name.
func (f *conversionFlags) config(in *inputs) (conversion.Config, error) {
	cfg := conversion.Config{Format: f.format}
	cfg.Execution.ARN = f.executionARN
	if f.describe != "" {
		file, err := in.read(f.describe)
		if err != nil {
			return cfg, err
		}
		if cfg.Execution, err = conversion.ParseDescribe(file.Name, file.Body); err != nil {
			return cfg, err
		}
	}
	if f.definedBy == "" {
		return cfg, nil
	}
	file, err := in.read(f.definedBy)
	if err != nil {
		return cfg, err
	}
	cfg.Definition, err = conversion.ParseDefinition(file.Name, file.Body)
	return cfg, err
}

// write makes the whole output before any of it is seen.
func (f *conversionFlags) write(executions []conversion.Execution) ([]byte, error) {
	if f.output == "otlp-json" {
		marshal := conversion.TracesJSON
		if f.signal == "logs" {
			marshal = conversion.LogsJSON
		}
		text, err := marshal(executions)
		return append(text, '\n'), err
	}
	var b bytes.Buffer
	for i := range executions {
		trace := executions[i].Trace()
		if f.output == "json" {
			if err := writeJSON(&b, trace); err != nil {
				return nil, err
			}
			continue
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(render.Trace(trace, width()))
	}
	return b.Bytes(), nil
}

// warn says why the traces may lack something, or have it elsewhere than it was.
func (f *conversionFlags) warn(to io.Writer, executions []conversion.Execution) {
	for i := range executions {
		arn := render.Printable(executions[i].ARN)
		if gaps := executions[i].Missing; len(gaps) > 0 {
			fmt.Fprintf(to, "steptrace: warning: %s: no event %s\n", arn, some(gaps, conversion.Range.String))
		}
		if names := executions[i].Strange; len(names) > 0 {
			fmt.Fprintf(to, "steptrace: warning: %s: %s is not the definition that it used: it does not have the state %s\n",
				arn, f.definedBy, some(names, quoted))
		}
	}
}

// some lists the first few.
func some[T any](all []T, text func(T) string) string {
	const most = 5
	texts := make([]string, 0, most+1)
	for _, each := range all[:min(len(all), most)] {
		texts = append(texts, text(each))
	}
	if len(all) > most {
		texts = append(texts, "…")
	}
	return strings.Join(texts, ", ")
}

func quoted(name string) string { return strconv.Quote(render.Printable(name)) }
