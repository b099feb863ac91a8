package conversion_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/cmd/steptrace/conversion"
)

// FuzzConvert converts whatever can be read at all: one sound tree per execution that every output can write.
func FuzzConvert(f *testing.F) {
	f.Add(page(f, nested), []byte(nil), false)
	f.Add(page(f, first), page(f, second), false)
	f.Add([]byte(`{"events":[{"id":1,"type":"ExecutionStarted","timestamp":1}]}`), []byte(`[]`), false)
	f.Add([]byte(`{"id":"2","type":"TaskStateEntered","event_timestamp":"1","execution_arn":"a"}`), []byte(`""`), true)
	f.Add(page(f, redriven), page(f, other), false)
	f.Add(logLines(f, arn, nested), logLines(f, "arn:\xff", other), true)
	f.Fuzz(func(t *testing.T, one, two []byte, logs bool) {
		files := []conversion.File{{Name: "one.json", Body: one}}
		if len(two) > 0 {
			files = append(files, conversion.File{Name: "two.json", Body: two})
		}
		cfg := conversion.Config{Format: conversion.History}
		if logs {
			cfg.Format = conversion.VendedLogs
		}
		executions, err := conversion.Convert(files, cfg)
		if err != nil {
			return
		}
		require.NotEmpty(t, executions)
		for _, e := range executions {
			requireSound(t, e.Trace(), len(e.Records))
			checkOTLP(t, e)
			outputs(t, e)
		}
	})
}
