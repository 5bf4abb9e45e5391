package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asProgram makes the test binary be the program.
const asProgram = "MOCKSERVER_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
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

func start(t *testing.T, lines int, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	p := &program{cmd: exec.CommandContext(ctx, self, args...), stderr: &bytes.Buffer{}}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.stdout = bufio.NewReader(stdout)
	require.NoError(t, p.cmd.Start())
	for range lines {
		line, err := p.stdout.ReadString('\n')
		require.NoError(t, err, "%s", p.stderr)
		p.lines = append(p.lines, strings.TrimSuffix(line, "\n"))
	}
	return p
}

func (p *program) end(t *testing.T) (code int, rest string) {
	t.Helper()
	read, err := io.ReadAll(p.stdout)
	require.NoError(t, err)
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode(), string(read)
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

func TestProgram(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			p := start(t, 1, "--listen", "127.0.0.1:0")
			url, found := strings.CutPrefix(p.lines[0], "mockserver listening on ")
			require.True(t, found, p.lines[0])
			assert.Regexp(t, `^http://127\.0\.0\.1:[1-9][0-9]*$`, url)

			vendors := health(t, url)
			require.NotEmpty(t, vendors)
			require.NoError(t, p.cmd.Process.Signal(sig))
			code, rest := p.end(t)
			assert.Equal(t, 0, code)
			assert.Empty(t, p.stderr.String())
			told := strings.Split(strings.TrimSpace(rest), "\n")
			assert.Len(t, told, len(vendors), "a line for every vendor")
			for _, v := range vendors {
				assert.Regexp(t, `(?m)^`+v.Name+` +`+v.BaseURL+`$`, rest)
			}
		})
	}
}

func TestAnAnswerInFlightGoesOut(t *testing.T) {
	t.Parallel()
	p := start(t, 1, "--listen", "127.0.0.1:0")
	addr := strings.TrimPrefix(p.lines[0], "mockserver listening on http://")
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	answers := bufio.NewReader(conn)
	_, err = io.WriteString(conn, "POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
	require.NoError(t, err)
	answer, err := answers.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 100 Continue\r\n", answer, "the server is at the body")
	_, err = answers.ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool { // it takes no more callers
		late, err := net.Dial("tcp", addr)
		if err == nil {
			_ = late.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond)
	_, err = io.WriteString(conn, "{}")
	require.NoError(t, err)
	answer, err = answers.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 204 No Content\r\n", answer)
	code, _ := p.end(t)
	assert.Equal(t, 0, code)
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"any address":       {[]string{"--listen", "0.0.0.0:5397"}, `mockserver: Listen("0.0.0.0:5397"): 0.0.0.0 is not a loopback address`},
		"no address":        {[]string{"--listen=nonsense"}, `Listen("nonsense")`},
		"bad port":          {[]string{"--listen", "127.0.0.1:port"}, `Listen("127.0.0.1:port")`},
		"unknown flag":      {[]string{"--lisen", "127.0.0.1:0"}, "-lisen"},
		"no value":          {[]string{"--listen"}, "-listen"},
		"argument too many": {[]string{"serve"}, `"serve" is one argument too many`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			assert.Equal(t, exitUsage, run(t.Context(), c.args, &stdout, &stderr))
			assert.Empty(t, stdout.String())
			assert.Contains(t, stderr.String(), c.want)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, run(t.Context(), []string{"-help"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "127.0.0.1:5397")
}

func TestATakenAddress(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, exitFailed, run(t.Context(), []string{"--listen", l.Addr().String()}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), l.Addr().String())
	assert.Empty(t, stdout.String())
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, run(ctx, []string{"-listen", "localhost:0"}, &stdout, &stderr), "%s", &stderr)
	assert.Contains(t, stdout.String(), "http://127.0.0.1:")
}
