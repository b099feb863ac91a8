// Package grafana runs an installed Grafana as a child process, with Steptrace's plugin and provisioning.
package grafana

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrNone is returned where there is no Grafana.
var ErrNone = errors.New("no Grafana is installed here")

// Installation is a Grafana on this machine.
type Installation struct {
	Command []string // the program, and the subcommand that serves
	Home    string   // holds conf/defaults.ini and public
}

// packaged is where the packages of Linux distributions put Grafana's home.
const packaged = "/usr/share/grafana"

// Find looks for a Grafana in home ($GRAFANA_HOME; empty: not set), else on the PATH by lookPath.
func Find(home string, lookPath func(string) (string, error)) (Installation, error) {
	if home != "" {
		return inHome(home)
	}
	for _, name := range []string{"grafana", "grafana-server"} {
		path, err := lookPath(name)
		if errors.Is(err, exec.ErrNotFound) {
			continue
		} else if err != nil {
			return Installation{}, fmt.Errorf("look for %s: %w", name, err)
		}
		return onPath(path, name)
	}
	return Installation{}, ErrNone
}

func inHome(home string) (Installation, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return Installation{}, fmt.Errorf("$GRAFANA_HOME: %w", err)
	}
	if !isHome(home) {
		return Installation{}, fmt.Errorf("$GRAFANA_HOME names %s, where no conf/defaults.ini is: "+
			"name the folder that Grafana was unpacked to", home)
	}
	for _, name := range []string{"grafana", "grafana-server"} {
		path := filepath.Join(home, "bin", name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return Installation{command(path, name), home}, nil
		}
	}
	return Installation{}, fmt.Errorf("$GRAFANA_HOME names %s, which has neither bin/grafana nor bin/grafana-server", home)
}

// onPath finds the home of a program: beside it, where a link leads, or where packages put it.
func onPath(path, name string) (Installation, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Installation{}, fmt.Errorf("look for %s: %w", name, err)
	}
	homes := []string{filepath.Dir(filepath.Dir(path))}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		beside := filepath.Dir(filepath.Dir(target))
		homes = append(homes, beside, filepath.Join(beside, "share", "grafana")) // the latter is Homebrew's
	}
	for _, home := range append(homes, packaged) {
		if isHome(home) {
			return Installation{command(path, name), home}, nil
		}
	}
	return Installation{}, fmt.Errorf("%s is on the PATH, but its home (with conf/defaults.ini) is not found: "+
		"set GRAFANA_HOME", path)
}

func isHome(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "conf", "defaults.ini"))
	return err == nil && info.Mode().IsRegular()
}

// command starts the server: grafana has a subcommand for it, grafana-server is one.
func command(path, name string) []string {
	if name == "grafana" {
		return []string{path, "server"}
	}
	return []string{path}
}
