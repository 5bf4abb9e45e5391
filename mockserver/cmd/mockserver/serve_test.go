package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProgram(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"by itself": nil, "by name": {"serve"}} {
		for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt, syscall.SIGHUP} {
			t.Run(name+" until "+sig.String(), func(t *testing.T) {
				t.Parallel()
				p := start(t, 1, append(args, "--listen", "127.0.0.1:0")...)
				url := p.url(t)
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
}

// nohup has the program ignore what the end of a terminal sends.
func TestNohup(t *testing.T) {
	t.Parallel()
	p := prepare(t, nil, "--listen", "127.0.0.1:0")
	p.cmd.Args = append([]string{"sh", "-c", `trap "" HUP; exec "$0" "$@"`}, p.cmd.Args...)
	shell, err := exec.LookPath("sh")
	require.NoError(t, err)
	p.cmd.Path = shell
	p.start(t, 5)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	assert.NotEmpty(t, health(t, p.url(t)))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	code, _ := p.end(t)
	assert.Equal(t, 0, code)
}

// inFlight sends a request whose body is yet to come, and returns once the
// server is at it.
func inFlight(t *testing.T, url string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	answers := bufio.NewReader(conn)
	_, err = io.WriteString(conn, "POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
	require.NoError(t, err)
	answer, err := answers.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 100 Continue\r\n", answer, "the server is at the body")
	_, err = answers.ReadString('\n')
	require.NoError(t, err)
	return conn, answers
}

// closed waits until a server takes no more callers.
func closed(t *testing.T, url string) {
	t.Helper()
	require.Eventually(t, func() bool {
		late, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err == nil {
			_ = late.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond)
}

func TestAnAnswerInFlightGoesOut(t *testing.T) {
	t.Parallel()
	p := start(t, 1, "--listen", "127.0.0.1:0")
	conn, answers := inFlight(t, p.url(t))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	closed(t, p.url(t))
	_, err := io.WriteString(conn, "{}")
	require.NoError(t, err)
	answer, err := answers.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 204 No Content\r\n", answer)
	code, _ := p.end(t)
	assert.Equal(t, 0, code)
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		second syscall.Signal
		code   int
	}{"SIGTERM": {syscall.SIGTERM, 143}, "SIGINT": {syscall.SIGINT, 130}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ready := folder(t) + "/ready"
			p := start(t, 1, "--listen", "127.0.0.1:0", "--ready-file", ready)
			conn, answers := inFlight(t, p.url(t))
			require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
			closed(t, p.url(t))
			require.NoError(t, p.cmd.Process.Signal(c.second))
			code, _ := p.end(t) // before the answer in flight, which would be waited for
			assert.Equal(t, c.code, code)
			assert.NoFileExists(t, ready)
			_, err := io.WriteString(conn, "{}")
			if err == nil {
				_, err = answers.ReadString('\n')
			}
			require.Error(t, err, "nobody is there to answer")
		})
	}
}

// A server that was killed leaves nothing behind that keeps the next one from
// starting, on the same port and with the same state as ever.
func TestTheNextStartAfterAKill(t *testing.T) {
	t.Parallel()
	ready := folder(t) + "/ready"
	first := start(t, 1, "--listen", "127.0.0.1:0", "--ready-file", ready)
	url := first.url(t)

	busy := make(chan struct{}, 1000)
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
			defer client.CloseIdleConnections()
			for range 100_000 {
				resp, err := client.Post(url+"/__admin/keygen/policies", "application/json", strings.NewReader(`{"usePool":true}`))
				if err != nil {
					return
				}
				_ = resp.Body.Close()
				select {
				case busy <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 20 {
		<-busy
	}
	require.NoError(t, first.cmd.Process.Kill())
	first.end(t)
	callers.Wait()
	assert.FileExists(t, ready, "which nobody could remove")

	second := start(t, 1, "--listen", strings.TrimPrefix(url, "http://"), "--ready-file", ready)
	assert.Equal(t, url, second.url(t))
	assert.NotEmpty(t, health(t, url))
	resp, err := http.Get(url + "/__admin/keygen/policies")
	require.NoError(t, err)
	policies, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.NotContains(t, string(policies), "usePool")
	require.NoError(t, second.cmd.Process.Signal(syscall.SIGTERM))
	code, _ := second.end(t)
	assert.Equal(t, 0, code)
	assert.NoFileExists(t, ready)
}

func TestATakenAddress(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	r := play(nil, []string{"--listen", l.Addr().String()})
	assert.Equal(t, exitFailed, r.code)
	assert.Contains(t, r.stderr, "mockserver: --listen: ")
	assert.Contains(t, r.stderr, l.Addr().String())
	assert.Empty(t, r.stdout)
}

func TestASignalThatCameEarly(t *testing.T) {
	t.Parallel()
	r := play(nil, []string{"--listen", "localhost:0"}, os.Interrupt)
	assert.Equal(t, 0, r.code, r.stderr)
	assert.Contains(t, r.stdout, "http://127.0.0.1:")
}

// The settings reach the server.
func TestSettings(t *testing.T) {
	t.Parallel()
	const token = "token-of-the-test"
	p := start(t, 1, "--listen", "0.0.0.0:0", "--admin-token", token, "--allow-host", "mock,other", "--allow-host=third",
		"--time", "2031-02-03T04:05:06+01:00", "--frozen", "--random-seed", "7", "--journal", "1",
		"--fault", "op=junkie.listKeys,action=status,status=503,times=1", "--fault", `{"op":"junkie.*","action":"status","status":502,"body":"a,b"}`)
	url := p.url(t)
	assert.Regexp(t, `^http://127\.0\.0\.1:`, url, "as which this machine reaches it")

	ask := func(path, host, token string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		require.NoError(t, err)
		req.Host = host
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(body)
	}
	for _, host := range []string{"mock", "other:1", "third", "192.0.2.1"} {
		status, body := ask("/__admin/clock", host, token)
		assert.Equal(t, 200, status, host)
		assert.JSONEq(t, `{"now":"2031-02-03T03:05:06Z","frozen":true}`, body)
	}
	status, _ := ask("/__admin/clock", "mock", "another-one-of-these")
	assert.Equal(t, 401, status)
	status, _ = ask("/__admin/clock", "fourth", token)
	assert.Equal(t, 403, status)

	status, _ = ask("/api/v2/keys", "", "")
	assert.Equal(t, 503, status)
	status, body := ask("/api/v2/keys", "", "")
	assert.Equal(t, 502, status)
	assert.Equal(t, "a,b", body)
	_, body = ask("/__admin/requests/count", "", token)
	assert.JSONEq(t, `{"count":1,"dropped":1}`, body)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	code, _ := p.end(t)
	assert.Equal(t, 0, code)
}

func TestDocumentedRateLimits(t *testing.T) {
	t.Parallel()
	for limits, want := range map[string]int{"off": 200, "documented": 429} {
		p := start(t, 1, "--listen=127.0.0.1:0", "--rate-limits", limits)
		last := 0
		for range 21 { // of which LuaProt allows 20 in 10 seconds
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url(t)+"/api/v1/keys/fetch", nil)
			require.NoError(t, err)
			req.Header.Set("Authorization", "mock-luaprot-api-key-1")
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			last = resp.StatusCode
		}
		assert.Equal(t, want, last, limits)
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
		p.end(t)
	}
}
