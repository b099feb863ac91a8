// Package checkpoint keeps on disk how far the consumer has accepted each execution, so that an agent goes on where it
// stopped. The file is versioned JSON and replaced as a whole: after a crash it is the old one or the new one.
package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// version is the format's. A file with another one is refused, never reinterpreted.
const version = 1

// State is what an agent remembers.
type State struct {
	Saved         time.Time               `json:"saved,omitzero"` // when an agent was last at work
	StateMachines map[string]StateMachine `json:"state_machines"` // by ARN
	Executions    map[string]Execution    `json:"executions"`     // by ARN: unfinished ones, and finished ones of late
	MapRuns       map[string]MapRun       `json:"map_runs"`       // by ARN: those that can have children not yet known
}

// StateMachine is how far the listing of a state machine's executions has got.
type StateMachine struct {
	Newest time.Time `json:"newest"` // the latest start of an execution that is in State.Executions, or was
}

// Execution is how far one execution has been accepted.
type Execution struct {
	StateMachine string    `json:"state_machine"`     // its ARN
	Version      string    `json:"version,omitempty"` // the ARN of the state machine's version that started it
	MapRun       string    `json:"map_run,omitempty"` // the ARN of the Map Run whose child it is
	Started      time.Time `json:"started"`
	ARNOnly      bool      `json:"arn_only,omitempty"` // nobody has told more of it than its ARN: what is above is a guess
	LastEvent    int64     `json:"last_event"`         // every event up to this id has been accepted; 0: none
	RedriveCount int       `json:"redrive_count"`
	Status       string    `json:"status,omitempty"`   // how it ended, as far as that was said
	Stopped      time.Time `json:"stopped,omitzero"`   // when, as far as that was said
	Deferred     bool      `json:"deferred,omitempty"` // it is not read unless sampling decides so at its end
	Finished     bool      `json:"finished"`           // the end of this redrive has been accepted, or sampled out
}

// MapRun is how far the listing of a Map Run's children has got.
type MapRun struct {
	Newest   time.Time `json:"newest,omitzero"` // the latest start of a child seen
	Children int       `json:"children"`        // followed
	Ended    time.Time `json:"ended,omitzero"`  // when its end was read; zero before
}

type file struct {
	Version int `json:"version"`
	State
}

// Load reads the file. Only a file that does not exist is a fresh start; one that cannot be read or understood is an
// error, as starting afresh would read everything again, or miss what is older than the initial history.
func Load(path string) (State, error) {
	fresh := State{
		StateMachines: map[string]StateMachine{}, Executions: map[string]Execution{}, MapRuns: map[string]MapRun{},
	}
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return State{}, fmt.Errorf("read checkpoint: %w; %s", err, remedy)
	}
	f := file{State: fresh}
	if err := json.Unmarshal(body, &f); err != nil {
		return State{}, corrupt(path, err)
	}
	if f.Version != version {
		return State{}, corrupt(path, fmt.Errorf("it has version %d, this program reads version %d", f.Version, version))
	}
	if f.StateMachines == nil || f.Executions == nil || f.MapRuns == nil {
		return State{}, corrupt(path, errors.New("a member is null"))
	}
	return f.State, nil
}

const remedy = "let this user read and write the file and its folder, or name another file as checkpoint"

func corrupt(path string, err error) error {
	return fmt.Errorf("checkpoint %s is unusable: %w; restore it from a backup, or move it away to start afresh from the "+
		"initial history (what is sent twice is stored once)", path, err)
}

// Save replaces the file. When it returns, the state is on disk.
func Save(path string, s State) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write checkpoint %s: %w; %s", path, err, remedy)
		}
	}()
	body, err := json.Marshal(file{Version: version, State: s})
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	next := path + ".next"
	if err := writeSynced(next, body); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncDir(dir)
}

func writeSynced(path string, body []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, werr := f.Write(body)
	return errors.Join(werr, f.Sync(), f.Close())
}

// syncDir makes the rename durable.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
