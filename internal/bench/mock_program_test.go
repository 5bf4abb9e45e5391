package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
)

// asBare makes this binary a server with fixed answers: "STATUS SIZE".
const asBare = "BENCH_AS_BARE"

func init() {
	told := os.Getenv(asBare)
	if told == "" {
		return
	}
	var status, size int
	if _, err := fmt.Sscan(told, &status, &size); err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on http://%s\n", l.Addr())
	panic(http.Serve(l, fixed(status, size)))
}

// callers is how many connections are in use at a time.
const callers = 8

// BenchmarkMockProgram is the program under load, against a bare server of the
// same bytes. Both are children, asked by the same callers.
func BenchmarkMockProgram(b *testing.B) {
	program := build(b)
	for _, name := range vendorNames {
		for _, what := range []struct {
			name string
			of   func(shop) question
		}{
			{"get", func(s shop) question { return s.get }}, {"list", func(s shop) question { return s.list }}, {"create", func(s shop) question { return s.create }},
		} {
			b.Run(name+"/"+what.name, func(b *testing.B) {
				s := mockserver.New()
				a := what.of(shops(s)[name])
				if a.host == "" {
					b.Skip("no two of these requests are alike")
				}
				size := a.do(b, s.Client(), "", 1)
				bare := start(b, []string{asBare + "=" + strconv.Itoa(a.status) + " " + strconv.Itoa(size)}, os.Args[0])
				mock := start(b, nil, program, "--listen", "127.0.0.1:0")
				furnish(b, mock.url, s.Snapshot())
				Compare(b, Contestant{"bare", bare.counted(callersOf(b, bare.url, a))}, Contestant{"mock", mock.counted(callersOf(b, mock.url, a))})
				b.ReportMetric(mock.perCall()/bare.perCall(), "server-cpu/bare")
			})
		}
	}
}

// BenchmarkMockStart is the time from the start of the program to its first
// answer, and the memory that it then has.
func BenchmarkMockStart(b *testing.B) {
	program := build(b)
	var resident float64
	for b.Loop() {
		mock := start(b, nil, program, "--listen", "127.0.0.1:0")
		resp, err := http.Get(mock.url + "/api/v2/keys")
		require.NoError(b, err)
		_ = resp.Body.Close()
		b.StopTimer()
		time.Sleep(10 * time.Millisecond)
		resident += float64(mock.resident())
		mock.stop()
		b.StartTimer()
	}
	b.ReportMetric(resident/float64(b.N)/1e6, "MB")
}

// build makes the program as .ci/release does.
func build(b *testing.B) string {
	path := filepath.Join(b.TempDir(), "mockserver")
	build := exec.Command("go", "build", "-C", "../..", "-trimpath", "-ldflags=-s -w", "-o", path, "./mockserver/cmd/mockserver")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	said, err := build.CombinedOutput()
	require.NoError(b, err, "%s", said)
	return path
}

// child is a server in a process of its own.
type child struct {
	cmd  *exec.Cmd
	url  string
	stop func()

	calls int
	cpu   time.Duration // for these, as far as the system tells
}

// counted adds up what a load costs the server.
func (c *child) counted(run func(n int)) func(n int) {
	return func(n int) {
		before := c.processorTime()
		run(n)
		c.cpu += c.processorTime() - before
		c.calls += n
	}
}

func (c *child) perCall() float64 { return float64(c.cpu) / float64(c.calls) }

// processorTime is what all threads of the server have used.
func (c *child) processorTime() (used time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", c.cmd.Process.Pid))
	for _, thread := range threads {
		text, _ := os.ReadFile(thread)
		var ran time.Duration
		_, _ = fmt.Sscan(string(text), &ran)
		used += ran
	}
	return used
}

// start runs a server, whose first line ends in its URL.
func start(b *testing.B, environ []string, name string, args ...string) *child {
	ctx, cancel := context.WithCancel(b.Context())
	c := &child{cmd: exec.CommandContext(ctx, name, args...)}
	c.cmd.Env = append(os.Environ(), environ...)
	c.cmd.Stderr = os.Stderr
	stdout, err := c.cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, c.cmd.Start())
	c.stop = func() {
		cancel()
		_ = c.cmd.Wait()
	}
	b.Cleanup(c.stop)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(b, err)
	c.url = strings.TrimSpace(line[strings.LastIndex(line, "http"):])
	return c
}

// resident is the memory of the process in bytes, as far as the system tells.
func (c *child) resident() (bytes int64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &bytes); err == nil {
			return bytes << 10
		}
	}
	return 0
}

// furnish gives the program the state of a server.
func furnish(b *testing.B, url string, snapshot []byte) {
	req, err := http.NewRequest(http.MethodPut, url+"/__admin/snapshot", bytes.NewReader(snapshot))
	require.NoError(b, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(b, err)
	defer func() { _ = resp.Body.Close() }()
	said, _ := io.ReadAll(resp.Body)
	require.Equal(b, http.StatusNoContent, resp.StatusCode, "%s", said)
}

// callersOf opens connections, on each of which one request follows the other.
// They do no more than they must, so that what is measured is the server.
func callersOf(b *testing.B, url string, a question) func(n int) {
	host := strings.TrimPrefix(url, "http://")
	request := a.bytes(host)
	var connections []*connection
	for range callers {
		conn, err := net.Dial("tcp", host)
		require.NoError(b, err)
		b.Cleanup(func() { _ = conn.Close() })
		connections = append(connections, &connection{conn, bufio.NewReaderSize(conn, 64<<10)})
	}
	return func(n int) {
		failed := make(chan error, callers)
		for i, c := range connections {
			go func() {
				var err error
				for calls := (n + i) / callers; calls > 0 && err == nil; calls-- {
					err = c.call(request, a.status)
				}
				failed <- err
			}()
		}
		for range connections {
			require.NoError(b, <-failed)
		}
	}
}

// bytes is the request to a host on the wire.
func (a question) bytes(host string) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\n", a.method, a.path, host)
	_ = a.header.Write(&text)
	if a.body != "" {
		fmt.Fprintf(&text, "Content-Length: %d\r\n", len(a.body))
	}
	text.WriteString("\r\n" + a.body)
	return text.Bytes()
}

// connection is one of a caller's.
type connection struct {
	net.Conn
	answers *bufio.Reader
}

// call sends a request and reads over its answer.
func (c *connection) call(request []byte, status int) error {
	if _, err := c.Write(request); err != nil {
		return err
	}
	length, first := 0, true
	for {
		line, err := c.answers.ReadSlice('\n')
		switch {
		case err != nil:
			return err
		case first && string(line[len("HTTP/1.1 "):len("HTTP/1.1 200")]) != strconv.Itoa(status):
			return errors.New(string(line))
		case len(line) == len("\r\n"):
			_, err = c.answers.Discard(length)
			return err
		}
		if value, found := bytes.CutPrefix(line, []byte("Content-Length: ")); found {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
		first = false
	}
}
