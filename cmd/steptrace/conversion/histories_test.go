package conversion_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/cmd/steptrace/conversion"
)

const (
	first  = "1 <- 0 +0 ExecutionStarted\n2 <- 0 +5 PassStateEntered name=P\n"
	second = "3 <- 2 +6 PassStateExited name=P\n4 <- 3 +7 ExecutionSucceeded\n"
	other  = "1 <- 0 +100 ExecutionStarted\n2 <- 1 +101 ExecutionAborted\n"
)

// unknown is the ARN of an execution that only its file names.
func unknown(name string) string { return "arn:aws:states:::execution:unknown:" + name }

// TestExecutionsAreToldApart lists ARN, status and number of events of what the files hold, by start.
func TestExecutionsAreToldApart(t *testing.T) {
	whole := file(t, "in/whole.history.json.gz", first+second)
	newest := file(t, "newest.json", "4 <- 3 +7 ExecutionSucceeded\n3 <- 2 +6 PassStateExited name=P\n")
	named := conversion.File{Name: "n.json", Body: append([]byte(`{"executionArn":"`+arn+`",`), page(t, other)[1:]...)}
	cases := []struct {
		name  string
		files []conversion.File
		cfg   conversion.Described
		want  []string
	}{
		{"one file", []conversion.File{whole}, conversion.Described{}, []string{unknown("whole") + " SUCCEEDED 4"}},
		{"one file, ARN given", []conversion.File{whole}, known, []string{arn + " SUCCEEDED 4"}},
		{
			"pages in files",
			[]conversion.File{file(t, "b.json", first), file(t, "a.json", second)},
			conversion.Described{},
			[]string{unknown("b") + " SUCCEEDED 4"},
		},
		{
			"pages in files, newest first",
			[]conversion.File{newest, file(t, "oldest.json", first)},
			conversion.Described{},
			[]string{unknown("oldest") + " SUCCEEDED 4"},
		},
		{
			"pages in one file",
			[]conversion.File{{Name: "p.json", Body: append(page(t, second), page(t, first)...)}},
			conversion.Described{},
			[]string{unknown("p") + " SUCCEEDED 4"},
		},
		{
			"pages overlap",
			[]conversion.File{file(t, "b.json", first), whole},
			conversion.Described{},
			[]string{unknown("b") + " SUCCEEDED 4"},
		},
		{
			"two executions",
			[]conversion.File{file(t, "other.json", other), whole},
			conversion.Described{},
			[]string{unknown("whole") + " SUCCEEDED 4", unknown("other") + " ABORTED 2"},
		},
		{
			"one that names itself",
			[]conversion.File{named, whole},
			conversion.Described{},
			[]string{unknown("whole") + " SUCCEEDED 4", arn + " ABORTED 2"},
		},
		{"named and given", []conversion.File{named}, known, []string{arn + " ABORTED 2"}},
		{
			"empty page among others",
			[]conversion.File{file(t, "none.json", ""), file(t, "f.json", first)},
			conversion.Described{},
			[]string{unknown("f") + " RUNNING 2"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			executions, err := conversion.Convert(c.files, conversion.Config{Format: conversion.History, Execution: c.cfg})
			require.NoError(t, err)
			require.Equal(t, c.want, summaries(executions))
		})
	}
}

func summaries(executions []conversion.Execution) []string {
	var list []string
	for _, e := range executions {
		list = append(list, fmt.Sprintf("%s %s %d", e.ARN, e.Status, len(e.Records)))
	}
	return list
}

func TestConvertNamesWhatDoesNotFit(t *testing.T) {
	whole, rest := file(t, "a/h.json", first+second), file(t, "rest.json", "2 <- 1 +5 ExecutionAborted")
	named := conversion.File{Name: "n.json", Body: []byte(`{"executionArn":"arn:x","events":[]}`)}
	cases := []struct {
		name   string
		files  []conversion.File
		cfg    conversion.Described
		format string
		want   string
	}{
		{
			"two executions in one file",
			[]conversion.File{{Name: "c.json", Body: append(page(t, first), page(t, other)...)}},
			conversion.Described{},
			conversion.History,
			"c.json holds more than one execution, for event 1 is a ExecutionStarted at 2026-11-23T08:00:00.000Z in c.json and " +
				"a ExecutionStarted at 2026-11-23T08:00:00.100Z in c.json: give each its own file",
		},
		{
			"the page of another execution",
			[]conversion.File{whole, rest},
			conversion.Described{},
			conversion.History,
			"different executions, and rest.json begins with event 2: put the pages of an execution after one another into one file",
		},
		{
			"two files of one name",
			[]conversion.File{whole, file(t, "b/h.json", other)},
			conversion.Described{},
			conversion.History,
			"a/h.json and b/h.json are different executions but would both get the ARN " + unknown("h"),
		},
		{
			"two executions for one ARN",
			[]conversion.File{whole, file(t, "b.json", other)},
			known, conversion.History,
			"execution " + arn + ": event 1 is a ExecutionStarted at 2026-11-23T08:00:00.000Z in a/h.json",
		},
		{"another ARN in the page", []conversion.File{named}, known, conversion.History, "n.json: executionArn is arn:x, not"},
		{"no events", []conversion.File{named}, conversion.Described{}, conversion.History, "n.json: no events"},
		{
			"log lines",
			[]conversion.File{{Name: "l.jsonl", Body: []byte(`{"execution_arn":"x"}`)}},
			conversion.Described{},
			conversion.History, "l.jsonl: these are lines of CloudWatch Logs: read them with --format vended-logs",
		},
		{"no log lines", []conversion.File{{Name: "l.jsonl"}}, conversion.Described{}, conversion.VendedLogs, "l.jsonl: no log line"},
		{
			"log lines of another",
			[]conversion.File{{Name: "l.jsonl", Body: logLines(t, "arn:x", other)}},
			known, conversion.VendedLogs, "l.jsonl: no log line of the execution " + arn,
		},
		{
			"a history as log lines",
			[]conversion.File{whole},
			conversion.Described{},
			conversion.VendedLogs,
			"a/h.json: this is a history, not lines of CloudWatch Logs: read it with --format history",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := conversion.Convert(c.files, conversion.Config{Format: c.format, Execution: c.cfg})
			require.ErrorContains(t, err, c.want)
		})
	}
}

// Execution data can be in one reading of a history and not in the other: what there is stays.
func TestFullerDetailsStay(t *testing.T) {
	bare, full := "2 <- 0 +5 PassStateEntered name=P\n", "1 <- 0 +0 ExecutionStarted\n2 <- 0 +5 PassStateEntered name=P input={}\n"
	cfg := conversion.Config{Format: conversion.History, Execution: known}
	want := convertOne(t, cfg, file(t, "a", full)).Records
	require.Equal(t, want, convertOne(t, cfg, file(t, "a", bare), file(t, "b", full)).Records)
	require.Equal(t, want, convertOne(t, cfg, file(t, "b", full), file(t, "a", bare)).Records)
}

func TestMissingEventsAreNamed(t *testing.T) {
	e := convertOne(t, conversion.Config{Format: conversion.History}, file(t, "h", `
		3 <- 2 +0 PassStateEntered name=P
		5 <- 3 +1 PassStateEntered name=Q
		6 <- 5 +2 PassStateExited name=Q
		11 <- 6 +3 PassStateEntered name=R
	`))
	require.Equal(t, "[1–2 4 7–10]", fmt.Sprint(e.Missing))
	requireSound(t, e.Trace(), 4)
}
