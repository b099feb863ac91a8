package conversion

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/agent/history"
)

// readHistories reads pages of histories and finds out which of them are of one execution:
//
//   - with an ARN given all are of that execution;
//   - a page with a member executionArn says so itself;
//   - else the files are pages of one execution as long as no two have a different event under the same id; when some
//     do, each file is an execution of its own and must have its first event.
func readHistories(files []File, arn string) ([]run, error) {
	named, unnamed := make(map[string][]sourced), make([][]sourced, 0, len(files))
	for _, f := range files {
		pages, err := history.DecodePages(f.Name, f.Body)
		if errors.Is(err, history.ErrLogLines) {
			return nil, fmt.Errorf("%w: read them with --format %s", err, VendedLogs)
		}
		if err != nil {
			return nil, err
		}
		byARN, err := sortPages(f.Name, pages, arn)
		if err != nil {
			return nil, err
		}
		for arn, events := range byARN {
			if arn == "" {
				unnamed = append(unnamed, events)
			} else {
				named[arn] = append(named[arn], events...)
			}
		}
	}
	runs, err := runsByARN(named)
	if err != nil {
		return nil, err
	}
	derived, err := derive(unnamed)
	if err != nil {
		return nil, err
	}
	if runs = append(runs, derived...); len(runs) == 0 {
		return nil, fmt.Errorf("%s: no events", names(files))
	}
	return runs, nil
}

// sortPages puts the events of one file's pages under the ARN of their execution, which is the given one or that of the
// page, and empty when there is neither. Pages without events count for nothing.
func sortPages(file string, pages []history.Page, given string) (map[string][]sourced, error) {
	byARN := make(map[string][]sourced)
	for _, p := range pages {
		if given != "" && p.ExecutionARN != "" && p.ExecutionARN != given {
			return nil, fmt.Errorf("%s: executionArn is %s, not the execution given, %s", file, p.ExecutionARN, given)
		}
		arn := cmp.Or(given, p.ExecutionARN)
		for i := range p.Events {
			byARN[arn] = append(byARN[arn], sourced{p.Events[i], file})
		}
	}
	return byARN, nil
}

// derive tells apart the executions of files that do not name any.
func derive(files [][]sourced) ([]run, error) {
	if len(files) == 0 {
		return nil, nil
	}
	if one, err := merge(slices.Concat(files...), false); err == nil {
		return []run{{arn: derivedARN(one[0].file), events: one}}, nil
	}
	var runs []run
	by := make(map[string]string)
	for _, events := range files {
		r, err := alone(events)
		if err != nil {
			return nil, err
		}
		name := events[0].file
		if other, ok := by[r.arn]; ok {
			return nil, fmt.Errorf("%s and %s are different executions but would both get the ARN %s, "+
				"which comes from the file's name: rename one", other, name, r.arn)
		}
		by[r.arn] = name
		runs = append(runs, r)
	}
	return runs, nil
}

// alone makes an execution of one file.
func alone(events []sourced) (run, error) {
	merged, err := merge(events, false)
	if err != nil {
		return run{}, fmt.Errorf("%s holds more than one execution, for %w: give each its own file", events[0].file, err)
	}
	if merged[0].ID != 1 {
		return run{}, fmt.Errorf("the files are of different executions, and %s begins with event %d: "+
			"put the pages of an execution after one another into one file", merged[0].file, merged[0].ID)
	}
	return run{arn: derivedARN(merged[0].file), events: merged}, nil
}

// derivedARN stands for the ARN of an execution of which nothing but the file is known:
// arn:aws:states:::execution:unknown:NAME, where NAME is the file's without .gz, .json, .jsonl and .history.
func derivedARN(file string) string {
	name := filepath.Base(file)
	for _, suffix := range []string{".gz", ".json", ".jsonl", ".history"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return "arn:aws:states:::execution:unknown:" + strings.ToValidUTF8(name, "\ufffd")
}

func names(files []File) string {
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = f.Name
	}
	return strings.Join(list, ", ")
}
