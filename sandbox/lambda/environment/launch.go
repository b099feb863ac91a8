package environment

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"syscall"
)

func (e *Environment) launchExtensions() error {
	if len(e.spec.Extensions) > maxExtensions {
		return &Failure{
			Type: TypeExtensionLaunch, Message: fmt.Sprintf("Extension limit (%d) reached", maxExtensions),
		}
	}
	for _, path := range e.spec.Extensions {
		name := filepath.Base(path)
		x := &extension{name: name, external: true}
		e.mu.Lock()
		e.extensions = append(e.extensions, x)
		e.mu.Unlock()
		err := e.launch([]string{path}, extensionVariables(e.spec, e.api.address), x, func(p *process) {
			e.fail(&Failure{Type: TypeExtensionCrash, Message: "extension " + name + ": " + p.status()})
		})
		if err != nil {
			return &Failure{Type: TypeExtensionLaunch, Message: err.Error()}
		}
	}
	return nil
}

func (e *Environment) launchRuntime() error {
	err := e.launch(e.spec.Command, runtimeVariables(e.spec, e.api.address), nil, func(p *process) {
		e.fail(&Failure{Type: TypeRuntimeExit, Message: exitMessage(p)})
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOEXEC):
		return &Failure{Type: TypeInvalidEntrypoint, Message: err.Error()}
	}
	return err
}

func exitMessage(p *process) string {
	if p.success() {
		return "Runtime exited without providing a reason"
	}
	return "Runtime exited with error: " + p.status()
}

func (e *Environment) launch(command, variables []string, x *extension, onExit func(*process)) error {
	//nolint:noctx,gosec // the function's own executable, ended by Shutdown
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = e.spec.TaskRoot
	cmd.Env = variables
	cmd.Stdout, cmd.Stderr = e.output.writer, e.output.writer
	p, err := startProcess(cmd, x, onExit)
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.processes = append(e.processes, p)
	e.mu.Unlock()
	return nil
}
