package lambda

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFrozenBetweenInvocations(t *testing.T) {
	b := start(t, nil)
	folder := t.TempDir()
	beats, control := filepath.Join(folder, "beats"), filepath.Join(folder, "control")
	events, gate := filepath.Join(folder, "events"), filepath.Join(folder, "gate")
	b.create(t, "frozen", map[string]string{"INIT": "extension", "HEARTBEAT": beats, "EVENTS": events},
		map[string][]byte{"extensions/recorder": extensionBinary})
	b.create(t, "control", map[string]string{"INIT": "extension", "HEARTBEAT": control}, nil)

	_, err := b.Invoke(t.Context(), InvokeInput{FunctionARN: "frozen", Payload: action{Do: "after", Text: gate}.json()})
	require.NoError(t, err)
	runtime, extension := pidOf(t, beats), pidOf(t, events+".pid")
	seen := beat(t, beats)
	eventually(t, func() bool { return beat(t, beats) > seen }) // the response is out, the extension works
	require.NotEqual(t, "T", state(t, runtime))

	require.NoError(t, os.WriteFile(gate, nil, 0o600))
	eventually(t, func() bool { return state(t, runtime) == "T" && state(t, extension) == "T" })

	// While the control ticks on, time stands still for the frozen one.
	_, err = b.Invoke(t.Context(), InvokeInput{
		FunctionARN: "control", Payload: action{Do: "after", Text: filepath.Join(folder, "never")}.json(),
	})
	require.NoError(t, err)
	stopped, from := beat(t, beats), beat(t, control)
	eventually(t, func() bool { return beat(t, control) > from+50 })
	require.Equal(t, stopped, beat(t, beats))

	eventually(t, func() bool { // thawed it ticks on, some of the time that invocations take
		require.Nil(t, b.call(t, "frozen", action{Do: "after", Text: gate}).FunctionError)
		return beat(t, beats) > stopped
	})
	require.Equal(t, runtime, pidOf(t, beats)) // not started again
}

// state is the process state letter of /proc/PID/stat; T is stopped by a signal.
func state(t *testing.T, pid int) string {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	return strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))[0]
}

// pidOf is the first number in a file that a test program wrote, once it is there.
func pidOf(t *testing.T, file string) int {
	t.Helper()
	return number(t, file, 0)
}

// beat is the second number: how often the program's ticker has fired.
func beat(t *testing.T, file string) int {
	t.Helper()
	return number(t, file, 1)
}

func number(t *testing.T, file string, index int) (n int) {
	t.Helper()
	eventually(t, func() bool {
		data, err := os.ReadFile(file)
		fields := strings.Fields(string(data))
		if err != nil || len(fields) <= index {
			return false
		}
		n, err = strconv.Atoi(fields[index])
		return err == nil
	})
	return n
}
