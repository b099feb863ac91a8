package convert_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
)

const workflow = "arn:aws:states:eu-west-1:123456789012:execution:image-workflow:5f0c1d5e"

// TestGolden compares histories with trees, both written by hand in testdata/*.txt.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			parts := sections(t, file)
			events := historytest.Parse(t, parts["history"])
			d := definitionIn(t, strings.TrimSpace(parts["definition"]))
			out := convert.New(convert.Execution{ARN: workflow}, d).Feed(events...)
			require.Equal(t, parts["tree"], tree(last(out.Spans), out.Records))
			require.Empty(t, violations(events, d))
			require.Empty(t, misjudged(events, d))
		})
	}
}

// TestTypesThatNoRecordingHas wants each of them in a history above, as the recordings have all the others.
func TestTypesThatNoRecordingHas(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	written := make(map[string]bool)
	for _, file := range files {
		for _, e := range historytest.Parse(t, sections(t, file)["history"]) {
			written[e.Type] = true
		}
	}
	for _, typ := range []string{
		"ActivityScheduleFailed", "ExecutionRedriven", "ExecutionTimedOut", "LambdaFunctionScheduleFailed",
		"LambdaFunctionStartFailed", "MapRunAborted", "MapRunRedriven", "MapStateAborted", "ParallelStateAborted",
		"TaskStartFailed", "TaskSubmitFailed", "WaitStateAborted",
	} {
		require.True(t, written[typ], typ)
		require.Contains(t, history.Types, typ)
	}
}

// sections reads the parts behind "-- name --" lines.
func sections(t *testing.T, file string) map[string]string {
	t.Helper()
	body, err := os.ReadFile(file)
	require.NoError(t, err)
	parts, name := make(map[string]string), ""
	for line := range strings.Lines(string(body)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok {
			name = strings.TrimSuffix(rest, " --")
			continue
		}
		parts[name] += line
	}
	return parts
}

func definitionIn(t *testing.T, name string) *definition.Definition {
	t.Helper()
	if name == "" {
		return nil
	}
	body, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	d, err := definition.Parse(body)
	require.NoError(t, err)
	return d
}
