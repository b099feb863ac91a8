package definition_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history/historytest"
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

func TestFits(t *testing.T) {
	d, err := definition.Parse([]byte(nested))
	require.NoError(t, err)
	require.True(t, d.Fits("Inner", "Task"))
	require.True(t, d.Fits("Twice", "Pass"), "there are two")
	require.False(t, d.Fits("Inner", "Pass"))
	require.False(t, d.Fits("Nowhere", "Pass"))
	require.True(t, (*definition.Definition)(nil).Fits("Inner", "Pass"))
}

func TestParseRefusesWhatIsNoDefinition(t *testing.T) {
	for _, text := range []string{"", "[]", `{"States":[]}`, `{"States":{"A":{"Branches":{}}}}`} {
		_, err := definition.Parse([]byte(text))
		require.ErrorContains(t, err, "state machine definition")
	}
}

// TestRecordedDefinitions wants all to be read, and each state that is named once to be placed.
func TestRecordedDefinitions(t *testing.T) {
	files := append(historytest.Recorded(t, "histories/*.definition.json", 422),
		historytest.Recorded(t, "definitions/*.asl.json", 170)...)
	for _, file := range files {
		text := historytest.Read(t, file)
		d, err := definition.Parse(text)
		require.NoError(t, err, file)
		names := make(map[string]int)
		var machine any
		require.NoError(t, json.Unmarshal(text, &machine), file)
		count(machine, names)
		require.NotEmpty(t, names, file)
		for name, times := range names {
			_, ok := d.Place(name)
			require.Equal(t, times == 1, ok, "%s: %s", file, name)
		}
	}
}

// count finds the states of a machine and of those in it, wherever they are.
func count(machine any, names map[string]int) {
	m, _ := machine.(map[string]any)
	states, _ := m["States"].(map[string]any)
	for name, s := range states {
		names[name]++
		state, _ := s.(map[string]any)
		branches, _ := state["Branches"].([]any)
		for _, inner := range append(branches, state["Iterator"], state["ItemProcessor"]) {
			count(inner, names)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(nested))
	f.Add([]byte(`{"States":{"":{"Branches":[{},{}],"Iterator":{},"ItemProcessor":null}}}`))
	historytest.Seeds(f, "definitions/*.asl.json")
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
