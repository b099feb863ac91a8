package lambda

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are the executables in extensions/ of the layers and of the zip, by name; what comes later replaces what
// has the same name, as the layers in AWS's /opt do.
func (v *version) extensions() []string {
	byName := map[string]string{}
	for _, l := range v.config.layers {
		for _, path := range l.code.extensions() {
			byName[filepath.Base(path)] = path
		}
	}
	for _, path := range v.code.extensions() {
		byName[filepath.Base(path)] = path
	}
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		paths = append(paths, byName[name])
	}
	return paths
}

// command is what AWS would start: the zip's executable, or a managed runtime's, which starts through the wrapper
// script that the function names.
func (v *version) command(managed map[string]string) []string {
	runtime, ok := managed[v.config.Runtime]
	if !ok {
		return []string{v.code.entrypoint(v.config.Runtime, v.config.Handler)}
	}
	if v.config.Environment != nil {
		if wrapper := v.config.Environment.Variables["AWS_LAMBDA_EXEC_WRAPPER"]; wrapper != "" {
			return []string{v.located(wrapper), runtime}
		}
	}
	return []string{runtime}
}

// located is where a file is that a function knows by AWS's path of it.
func (v *version) located(path string) string {
	if rest, ok := strings.CutPrefix(path, "/var/task/"); ok && filepath.IsLocal(rest) {
		return filepath.Join(v.code.folder, rest)
	}
	rest, ok := strings.CutPrefix(path, "/opt/")
	if !ok || !filepath.IsLocal(rest) {
		return path
	}
	for _, l := range slices.Backward(v.config.layers) {
		found := filepath.Join(l.code.folder, rest)
		if _, err := os.Stat(found); err == nil { //nolint:gosec // below a folder of ours
			return found
		}
	}
	return path
}
