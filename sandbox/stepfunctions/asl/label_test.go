package asl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

func TestLabels(t *testing.T) {
	machine := func(first, second string) string {
		const state = `%q:{"Type":"Map",%s,"Label":%q,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED",
			"ExecutionType":"STANDARD"},"StartAt":"P%[1]s","States":{"P%[1]s":{"Type":"Pass","End":true}}}}`
		return `{"StartAt":"A","States":{` + fmt.Sprintf(state, "A", `"Next":"B"`, first) + "," +
			fmt.Sprintf(state, "B", `"End":true`, second) + `}}`
	}
	_, err := asl.Parse([]byte(machine("one", strings.Repeat("ä", 40))))
	require.NoError(t, err)
	tests := map[string]string{
		machine("one", strings.Repeat("x", 41)): "Label is longer than 40 characters at /States/B/Label",
		machine("o/e", "two"):                   "not allowed: 'o/e' at /States/A/Label",
		machine("o:e", "two"):                   "not allowed: 'o:e' at /States/A/Label",
		machine("one", "one"):                   "Duplicate Label: one at /States/B/Label",
	}
	for definition, want := range tests {
		_, err := asl.Parse([]byte(definition))
		require.ErrorContains(t, err, want)
	}
}
