package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// commands are what the program runs in the tests.
var commands = map[string]func(args []string){
	// arguments shows its arguments.
	"arguments": func(args []string) { fmt.Printf("%q\n", args) },
	// environ shows what it finds, and asks the server.
	"environ": func([]string) {
		for _, entry := range os.Environ() {
			fmt.Println(entry)
		}
		req, err := http.NewRequest(http.MethodGet, os.Getenv("MOCKSERVER_ADMIN_URL")+"/clock", nil)
		if err != nil {
			panic(err)
		}
		req.Header.Set("Authorization", "Bearer "+os.Getenv("MOCKSERVER_ADMIN_TOKEN"))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		fmt.Println(resp.StatusCode, string(body), err)
	},
	// streams passes on what it reads.
	"streams": func([]string) {
		_, _ = io.Copy(os.Stdout, os.Stdin)
		fmt.Fprint(os.Stderr, "a complaint")
	},
	// code ends with a code.
	"code": func(args []string) {
		code := 0
		_, _ = fmt.Sscan(args[0], &code)
		os.Exit(code)
	},
	// killed ends by a signal.
	"killed": func(args []string) {
		number := 0
		_, _ = fmt.Sscan(args[0], &number)
		_ = syscall.Kill(os.Getpid(), syscall.Signal(number))
		select {}
	},
	// signals tells of the signals it gets, and ends with 5 after the last word.
	"signals": func([]string) {
		signals := make(chan os.Signal, 10)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		fmt.Println("ready")
		for sig := range signals {
			fmt.Println(sig)
			if sig == syscall.SIGTERM {
				os.Exit(5)
			}
		}
	},
}

// running is a program that is about to run one of the commands.
func running(t *testing.T, flags []string, command string, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	all := append(append([]string{"exec"}, flags...), "--", self, asCommand+command)
	return prepare(t, nil, append(all, args...)...)
}

func TestExecPassesArgumentsOn(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--help"}, {"-x", "--", "--frozen", ""}, {"serve"}, {"a b", "$HOME", "*"}} {
		p := running(t, []string{"--frozen"}, "arguments", args...).start(t, 0)
		code, said := p.end(t)
		assert.Equal(t, 0, code)
		assert.Equal(t, fmt.Sprintf("%q\n", append([]string{}, args...)), said)
		assert.Empty(t, p.stderr.String())
	}
	self, err := os.Executable()
	require.NoError(t, err)
	p := start(t, 0, "exec", "--frozen", self, asCommand+"arguments", "-x", "--", "--frozen")
	_, said := p.end(t)
	assert.Equal(t, "[\"-x\" \"--\" \"--frozen\"]\n", said, "without -- the program's name ends the flags")
}

// What runs knows the vendors, and the standard output is its own.
func TestExecTellsTheEnvironment(t *testing.T) {
	t.Parallel()
	p := running(t, []string{"--admin-token", "token-of-the-test", "--time=2031-02-03T04:05:06Z", "--frozen"}, "environ")
	p.cmd.Env = append(p.cmd.Env, "JUNKIE_API_KEY=of-the-real-vendor", "OTHER=stays")
	code, said := p.start(t, 0).end(t)
	assert.Equal(t, 0, code, p.stderr.String())
	assert.Empty(t, p.stderr.String())
	for _, want := range []string{
		`(?m)^MOCKSERVER_URL=http://127\.0\.0\.1:[1-9][0-9]*$`, `(?m)^JUNKIE_BASE_URL=http://127\.0\.0\.1:[1-9][0-9]*/api/v2$`,
		`(?m)^KEYGEN_TOKEN=\S+$`, `(?m)^LUAPROT_API_KEY=\S+$`, `(?m)^KEYCRATE_APP_ID=\S+$`, `(?m)^OTHER=stays$`,
		`(?m)^200 \{"now":"2031-02-03T04:05:06Z","frozen":true\} <nil>$`,
	} {
		assert.Regexp(t, want, said)
	}
	assert.NotContains(t, said, "of-the-real-vendor")
	assert.Equal(t, 1, strings.Count(said, "JUNKIE_API_KEY="))
}

func TestExecPassesTheStreamsOn(t *testing.T) {
	t.Parallel()
	p := running(t, nil, "streams")
	p.cmd.Stdin = strings.NewReader("a line\nand another")
	code, said := p.start(t, 0).end(t)
	assert.Equal(t, 0, code)
	assert.Equal(t, "a line\nand another", said)
	assert.Equal(t, "a complaint", p.stderr.String())
}

func TestExecEndsAsItsCommandDoes(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"0", "1", "3", "42", "255"} {
		got, said := running(t, nil, "code", code).start(t, 0).end(t)
		assert.Equal(t, code, fmt.Sprint(got))
		assert.Empty(t, said)
	}
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT} {
		code, _ := running(t, nil, "killed", fmt.Sprint(int(sig))).start(t, 0).end(t)
		assert.Equal(t, 128+int(sig), code)
	}
}

func TestExecOfWhatCannotBeRun(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	plain, broken := filepath.Join(dir, "plain"), filepath.Join(dir, "broken")
	require.NoError(t, os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o644))
	require.NoError(t, os.WriteFile(broken, []byte("\x7fELF"), 0o755))
	ready := filepath.Join(dir, "ready")
	for _, c := range []struct {
		command string
		code    int
		why     string
	}{
		{"no-such-program-anywhere", 127, "executable file not found in $PATH"},
		{filepath.Join(dir, "nothing"), 127, "no such file or directory"},
		{plain, 126, "permission denied"},
		{dir, 126, ""},
		{broken, 126, "exec format error"},
	} {
		r := play(os.Environ(), []string{"exec", "--ready-file", ready, "--", c.command})
		assert.Equal(t, c.code, r.code, c.command)
		assert.Contains(t, r.stderr, fmt.Sprintf("mockserver: exec: cannot run %q: ", c.command))
		assert.Contains(t, r.stderr, c.why)
		assert.Empty(t, r.stdout)
		assert.NoFileExists(t, ready)
	}
}

// Signals to the program reach what it runs, each of them once, and that decides
// when to end.
func TestExecPassesSignalsOn(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(folder(t), "ready")
	p := running(t, []string{"--ready-file", ready}, "signals").start(t, 1)
	assert.Equal(t, "ready", p.lines[0])
	text, err := os.ReadFile(ready)
	require.NoError(t, err)
	url := strings.TrimSpace(string(text))
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGHUP, syscall.SIGINT} {
		require.NoError(t, p.cmd.Process.Signal(sig))
		assert.Equal(t, sig.String(), p.line(t))
		assert.NotEmpty(t, health(t, url), "the server serves on")
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	code, rest := p.end(t)
	assert.Equal(t, 5, code)
	assert.Equal(t, syscall.SIGTERM.String()+"\n", rest)
	assert.NoFileExists(t, ready)
}

func TestExecOnATakenAddress(t *testing.T) {
	t.Parallel()
	p := start(t, 1, "--listen", "127.0.0.1:0")
	self, err := os.Executable()
	require.NoError(t, err)
	r := play(os.Environ(), []string{"exec", "--listen", strings.TrimPrefix(p.url(t), "http://"), "--", self, asCommand + "arguments"})
	assert.Equal(t, exitFailed, r.code)
	assert.Empty(t, r.stdout, "nothing was run")
	assert.Contains(t, r.stderr, "mockserver: --listen: ")
}
