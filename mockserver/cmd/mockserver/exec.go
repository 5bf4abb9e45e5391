package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// Exit codes of a program that could not be run, as shells have them.
const (
	exitCannotRun = 126
	exitNotFound  = 127
)

// exec serves while a program runs, and returns its exit code.
func (p process) exec(t *told) int {
	command := t.Exec.Command
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 || command[0] == "" {
		return p.fail(usageError{errors.New("exec needs a program to run; see mockserver exec --help")})
	}
	cmd := exec.Command(command[0], command[1:]...)
	if cmd.Err != nil {
		return p.cannotRun(command[0], cmd.Err)
	}
	m, err := p.open(t, t.Exec.Settings)
	if err != nil {
		return p.fail(err)
	}
	cmd.Env = append(p.environ, m.endpoint.Environ()...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.stdin, p.stdout, p.stderr
	if err := cmd.Start(); err != nil {
		_, _ = p.close(m)
		return p.cannotRun(command[0], err)
	}
	code := p.wait(cmd)
	_, err = p.close(m)
	switch {
	case code != 0:
		return code
	case err != nil:
		return p.fail(err)
	default:
		return p.judge(m, t.Exec.Settings)
	}
}

// wait passes signals on until the program has ended, and returns its exit code.
func (p process) wait(cmd *exec.Cmd) int {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case sig := <-p.signals:
			if !fromTerminal(sig) {
				_ = cmd.Process.Signal(sig) // or it has just ended
			}
		case err := <-ended:
			if cmd.ProcessState == nil {
				return p.fail(err)
			}
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
				return signalCode(status.Signal())
			}
			return cmd.ProcessState.ExitCode()
		}
	}
}

// fromTerminal reports whether the program got a signal, too: what a terminal
// sends, it sends to all that run in its foreground.
func fromTerminal(sig os.Signal) bool {
	return (sig == os.Interrupt || sig == syscall.SIGHUP) && inForeground()
}

// cannotRun tells why a program could not be run, with the exit code by which a
// shell would.
func (p process) cannotRun(name string, err error) int {
	why, code := err, exitCannotRun
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		code = exitNotFound
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		why = inner // without the name, which is there already
	}
	fmt.Fprintf(p.stderr, "mockserver: exec: cannot run %q: %v\n", name, why)
	return code
}
