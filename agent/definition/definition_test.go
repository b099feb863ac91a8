package definition_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/definition"
)

const nested = `{"States": {
	"Both": {"Type": "Parallel", "Branches": [
		{"States": {"Left": {"Type": "Pass"}}},
		{"States": {"Each": {"Type": "Map", "ItemProcessor": {"States": {"Inner": {"Type": "Task"}, "Twice": {"Type": "Pass"}}}}}}
	]},
	"Old": {"Type": "Map", "Iterator": {"States": {"Item": {"Type": "Pass"}, "Twice": {"Type": "Pass"}}}},
	"Stop": {"Type": "Fail", "Error": "E", "Cause": "C"},
	"Computed": {"Type": "Fail", "Error": "{% $e %}", "ErrorPath": "$.e", "Cause": 5}
}}`

func TestPlace(t *testing.T) {
	d, err := definition.Parse([]byte(nested))
	require.NoError(t, err)
	for name, want := range map[string]definition.Place{
		"Both":     {Branch: definition.NoBranch, Type: "Parallel"},
		"Left":     {Parent: "Both", Branch: 0, Type: "Pass"},
		"Each":     {Parent: "Both", Branch: 1, Type: "Map"},
		"Inner":    {Parent: "Each", Branch: definition.NoBranch, Type: "Task"},
		"Item":     {Parent: "Old", Branch: definition.NoBranch, Type: "Pass"},
		"Stop":     {Branch: definition.NoBranch, Type: "Fail", Error: "E", Cause: "C"},
		"Computed": {Branch: definition.NoBranch, Type: "Fail"},
	} {
		got, ok := d.Place(name)
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
	}
	for _, name := range []string{"Twice", "Nowhere", ""} {
		_, ok := d.Place(name)
		require.False(t, ok, name)
	}
	_, ok := (*definition.Definition)(nil).Place("Both")
	require.False(t, ok)
}

func TestParseRefusesWhatIsNoDefinition(t *testing.T) {
	for _, text := range []string{"", "[]", `{"States":[]}`, `{"States":{"A":{"Branches":{}}}}`} {
		_, err := definition.Parse([]byte(text))
		require.ErrorContains(t, err, "state machine definition")
	}
}

func TestRecordedDefinitions(t *testing.T) {
	dir := os.Getenv("STEPTRACE_RECORDINGS")
	if dir == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "histories", "*.definition.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = definition.Parse(body)
		require.NoError(t, err, file)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(nested))
	f.Add([]byte(`{"States":{"":{"Branches":[{},{}],"Iterator":{},"ItemProcessor":null}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := definition.Parse(text)
		if err != nil {
			return
		}
		if place, ok := d.Place("Inner"); ok && place.Branch < definition.NoBranch {
			t.Fatalf("%+v", place)
		}
	})
}
