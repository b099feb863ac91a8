package store

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStateNames(t *testing.T) {
	for text, want := range map[string][]string{
		``: {}, `null`: {}, `[]`: {}, `{"States": 1}`: {}, `{"States": {"A": 1}}`: {},
		`{"States": {"B": {"Type": "Pass"}, "A": {}}}`:                                                                           {"A", "B"},
		`{"States": {"P": {"Branches": [{"States": {"L": {}}}, {"States": {"R": {}}}]}}}`:                                        {"L", "P", "R"},
		`{"States": {"M": {"ItemProcessor": {"States": {"I": {"Iterator": {"States": {"Old": {}}}}}}}}}`:                         {"I", "M", "Old"},
		`{"States": {"D": {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "States": {"C": {}}}}}}`: {"C", "D"},
	} {
		require.Equal(t, want, stateNames(json.RawMessage(text)), text)
	}
	for levels, names := range map[int]int{1000: 1, 5000: 0} { // deeper than JSON is read
		deep := strings.Repeat(`{"States":{"S":{"Iterator":`, levels) + "{}" + strings.Repeat("}}}", levels)
		require.Len(t, stateNames(json.RawMessage(deep)), names)
	}
}

// The recorded definitions are whole: each state that is named as the next one is found.
func TestStateNamesOfRecordedDefinitions(t *testing.T) {
	dir := os.Getenv("STEPTRACE_RECORDINGS")
	if dir == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "definitions", "*.json"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var d struct{ StartAt string }
		if json.Unmarshal(text, &d) == nil && d.StartAt != "" {
			require.Contains(t, stateNames(text), d.StartAt, file)
		}
	}
}

func FuzzStateNames(f *testing.F) {
	f.Add([]byte(`{"States": {"P": {"Branches": [{"States": {"L": {}}}]}}}`))
	f.Add([]byte(`{"States": {"A": {"Iterator": 5, "Branches": {}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range stateNames(text) {
			if !json.Valid(text) {
				t.Fatalf("%q out of what is no JSON", name)
			}
		}
	})
}
