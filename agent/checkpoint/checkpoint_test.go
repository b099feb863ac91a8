package checkpoint_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/checkpoint"
)

func example() checkpoint.State {
	at := time.Date(2026, 11, 23, 8, 0, 0, 123e6, time.UTC)
	return checkpoint.State{
		Saved:         at,
		StateMachines: map[string]checkpoint.StateMachine{"arn:machine": {Newest: at}},
		Executions: map[string]checkpoint.Execution{
			"arn:execution": {StateMachine: "arn:machine", Started: at, LastEvent: 17, RedriveCount: 1},
			"arn:child": {
				StateMachine: "arn:machine", Version: "arn:machine:1", MapRun: "arn:run", Started: at, ARNOnly: true,
				Status: "FAILED", Stopped: at, Deferred: true, Finished: true,
			},
		},
		MapRuns: map[string]checkpoint.MapRun{"arn:run": {Newest: at, Children: 3, Ended: at}},
	}
}

func TestSaveThenLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "checkpoint.json")
	require.NoError(t, checkpoint.Save(path, example()))
	loaded, err := checkpoint.Load(path)
	require.NoError(t, err)
	require.Equal(t, example(), loaded)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "the file written first is renamed")
}

// The format on disk is read by later versions: it does not change unnoticed.
func TestFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.json")
	require.NoError(t, checkpoint.Save(path, example()))
	body, err := os.ReadFile(path)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"version": 1,
		"saved": "2026-11-23T08:00:00.123Z",
		"state_machines": {"arn:machine": {"newest": "2026-11-23T08:00:00.123Z"}},
		"executions": {"arn:execution": {"state_machine": "arn:machine", "started": "2026-11-23T08:00:00.123Z",
			"last_event": 17, "redrive_count": 1, "finished": false},
			"arn:child": {"state_machine": "arn:machine", "version": "arn:machine:1", "map_run": "arn:run",
			"started": "2026-11-23T08:00:00.123Z", "arn_only": true, "last_event": 0, "redrive_count": 0,
			"status": "FAILED", "stopped": "2026-11-23T08:00:00.123Z", "deferred": true, "finished": true}},
		"map_runs": {"arn:run": {"newest": "2026-11-23T08:00:00.123Z", "children": 3, "ended": "2026-11-23T08:00:00.123Z"}}
	}`, string(body))
}

func TestAMissingFileIsAFreshStart(t *testing.T) {
	state, err := checkpoint.Load(filepath.Join(t.TempDir(), "none"))
	require.NoError(t, err)
	require.Empty(t, state.Executions)
	require.NotNil(t, state.Executions)
	require.NotNil(t, state.StateMachines)
}

func TestAnUnusableFileIsNotAFreshStart(t *testing.T) {
	cases := map[string]string{
		"empty":           "",
		"cut off":         `{"version":1,"executions":{"arn`,
		"zeroes":          "\x00\x00\x00\x00",
		"another version": `{"version":2,"executions":{},"state_machines":{}}`,
		"no version":      `{"executions":{},"state_machines":{}}`,
		"null member":     `{"version":1,"executions":null}`,
		"null Map Runs":   `{"version":1,"map_runs":null}`,
		"wrong type":      `{"version":1,"executions":{"arn":{"last_event":"17"}}}`,
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "checkpoint.json")
			require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
			_, err := checkpoint.Load(path)
			require.ErrorContains(t, err, path)
			require.ErrorContains(t, err, "move it away")
			kept, rerr := os.ReadFile(path)
			require.NoError(t, rerr)
			require.Equal(t, body, string(kept))
		})
	}
	t.Run("a folder", func(t *testing.T) {
		_, err := checkpoint.Load(t.TempDir())
		require.ErrorContains(t, err, "read checkpoint")
		require.ErrorContains(t, err, "name another file")
	})
}

func TestAFailedSaveKeepsTheFormerFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.json")
	require.NoError(t, checkpoint.Save(path, example()))
	require.NoError(t, os.Mkdir(path+".next", 0o700))
	changed := example()
	changed.StateMachines = map[string]checkpoint.StateMachine{}
	require.ErrorContains(t, checkpoint.Save(path, changed), path)
	loaded, err := checkpoint.Load(path)
	require.NoError(t, err)
	require.Equal(t, example(), loaded)
}
