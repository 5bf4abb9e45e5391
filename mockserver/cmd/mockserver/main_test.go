package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The test binary can be the program, by this variable, and what the program
// runs, by a first argument with this prefix.
const (
	asProgram = "TEST_AS_PROGRAM"
	asCommand = "as-command:"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], asCommand) {
		commands[strings.TrimPrefix(os.Args[1], asCommand)](os.Args[2:])
		return
	}
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	if signal.Ignored(syscall.SIGHUP) { // as under nohup; what the tests start would ignore it, too
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	os.Exit(m.Run())
}

// program is a running one.
type program struct {
	cmd    *exec.Cmd
	lines  []string // that it began with
	stdout *bufio.Reader
	stderr *bytes.Buffer
}

// prepare makes a program that can be started.
func prepare(t *testing.T, environ []string, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	p := &program{cmd: exec.CommandContext(ctx, self, args...), stderr: &bytes.Buffer{}}
	p.cmd.Env = append(append(os.Environ(), asProgram+"=1"), environ...)
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.stdout = bufio.NewReader(stdout)
	return p
}

func (p *program) start(t *testing.T, lines int) *program {
	t.Helper()
	require.NoError(t, p.cmd.Start())
	for range lines {
		p.lines = append(p.lines, p.line(t))
	}
	return p
}

// line reads the next one.
func (p *program) line(t *testing.T) string {
	t.Helper()
	line, err := p.stdout.ReadString('\n')
	require.NoError(t, err, "%s", p.stderr)
	return strings.TrimSuffix(line, "\n")
}

func start(t *testing.T, lines int, args ...string) *program {
	t.Helper()
	return prepare(t, nil, args...).start(t, lines)
}

// url is the one that the program's first line tells.
func (p *program) url(t *testing.T) string {
	t.Helper()
	url, found := strings.CutPrefix(p.lines[0], "mockserver listening on ")
	require.True(t, found, p.lines[0])
	return url
}

func (p *program) end(t *testing.T) (code int, rest string) {
	t.Helper()
	read, err := io.ReadAll(p.stdout)
	require.NoError(t, err)
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode(), string(read)
}

// result is what running the program in this process comes to.
type result struct {
	code           int
	stdout, stderr string
}

// play runs the program until the signals end it.
func play(environ, args []string, signals ...os.Signal) result {
	var stdout, stderr bytes.Buffer
	come := make(chan os.Signal, len(signals))
	for _, sig := range signals {
		come <- sig
	}
	code := process{args: args, environ: environ, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, signals: come}.run()
	return result{code, stdout.String(), stderr.String()}
}

// folder is one for the files of a test, where git overlooks it.
func folder(t *testing.T) string {
	t.Helper()
	cache := filepath.Join("..", "..", "..", ".cache")
	require.NoError(t, os.MkdirAll(cache, 0o755))
	dir, err := os.MkdirTemp(cache, "test-")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// vendorHealth is what the control plane says of a vendor.
type vendorHealth struct{ Name, BaseURL string }

func health(t *testing.T, url string) (vendors []vendorHealth) {
	t.Helper()
	resp, err := http.Get(url + "/__admin/health")
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	assert.Equal(t, 200, resp.StatusCode)
	var document struct{ Vendors []vendorHealth }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&document))
	return document.Vendors
}
