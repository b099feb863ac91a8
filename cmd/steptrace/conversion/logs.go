package conversion

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/steptrace/steptrace/agent/history"
)

// readLogs reads log lines, each of which names its execution. With an ARN only that execution's are taken.
func readLogs(files []File, arn string) ([]run, error) {
	events := make(map[string][]sourced)
	for _, f := range files {
		body, err := delivered(f)
		if err != nil {
			return nil, err
		}
		logged, err := history.DecodeLogs(f.Name, body)
		if errors.Is(err, history.ErrHistory) {
			return nil, fmt.Errorf("%w: read it with --format %s", err, History)
		}
		if err != nil {
			return nil, err
		}
		for _, l := range logged {
			if arn == "" || l.ExecutionARN == arn {
				events[l.ExecutionARN] = append(events[l.ExecutionARN], sourced{l.Event, f.Name})
			}
		}
	}
	if len(events) == 0 && arn != "" {
		return nil, fmt.Errorf("%s: no log line of the execution %s", names(files), arn)
	}
	if len(events) == 0 {
		return nil, fmt.Errorf("%s: no log line", names(files))
	}
	return runsByARN(events)
}

// runsByARN makes a run of each ARN's events.
func runsByARN(events map[string][]sourced) ([]run, error) {
	var runs []run
	for _, arn := range slices.Sorted(maps.Keys(events)) {
		merged, err := merge(events[arn], true)
		if err != nil {
			return nil, fmt.Errorf("execution %s: %w", arn, err)
		}
		runs = append(runs, run{arn: arn, events: merged})
	}
	return runs, nil
}
