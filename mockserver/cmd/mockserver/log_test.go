package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// aSlip has the program serve, sends a request for a route that nobody has, and
// ends it.
func aSlip(t *testing.T, flags ...string) *program {
	t.Helper()
	p := start(t, 1, append([]string{"--listen=127.0.0.1:0"}, flags...)...)
	for _, path := range []string{"/api/v2/keyz", "/__admin/clock"} {
		resp, err := http.Get(p.url(t) + path)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	return p
}

// The log has what its level asks for, on the standard error.
func TestLogLevels(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string][]string{
		"":                  {"WARN"},
		"--log-level=debug": {"DEBUG", "INFO", "WARN"},
		"--log-level=info":  {"INFO", "WARN"},
		"--log-level=warn":  {"WARN"},
		"--log-level=error": nil,
		"--log-level=off":   nil,
	} {
		for _, format := range []string{"text", "json"} {
			flags := []string{"--log-format", format}
			if flag != "" {
				flags = append(flags, flag)
			}
			p := aSlip(t, flags...)
			code, stdout := p.end(t)
			assert.Equal(t, 0, code)
			assert.NotContains(t, stdout, "level")
			levels := map[string]bool{}
			for line := range strings.Lines(p.stderr.String()) {
				if format == "text" {
					_, level, found := strings.Cut(line, " level=")
					require.True(t, found, line)
					levels[strings.Fields(level)[0]] = true
					continue
				}
				var entry struct{ Level string }
				require.NoError(t, json.NewDecoder(bytes.NewReader([]byte(line))).Decode(&entry), line)
				levels[entry.Level] = true
			}
			assert.Len(t, levels, len(want), "%s: %s", flag, p.stderr)
			for _, level := range want {
				assert.Contains(t, levels, level, flag)
			}
		}
	}
}

// What a test of Go would fail for, the program ends with, but only where it
// would have ended well.
func TestStrict(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flags []string
		code  int
		told  []string
	}{
		"lenient":         {nil, 0, nil},
		"strict":          {[]string{"--strict"}, exitStrict, []string{`mockserver: strict: junkie: no route GET "/api/v2/keyz"; the nearest is GET /api/v2/keys`}},
		"an unused fault": {[]string{"--strict", "--fault=op=keygen.getKey,action=hang"}, exitStrict, []string{"no route", "mockserver: strict: fault never fired: Hang() before commit on keygen.getKey (it saw 0 calls)"}},
	} {
		p := aSlip(t, append([]string{"--log-level=off"}, c.flags...)...)
		code, _ := p.end(t)
		assert.Equal(t, c.code, code, name)
		assert.Equal(t, len(c.told), strings.Count(p.stderr.String(), "\n"), "%s", p.stderr)
		for _, text := range c.told {
			assert.Contains(t, p.stderr.String(), text, name)
		}
	}
	p := start(t, 1, "--listen=127.0.0.1:0", "--strict", "--fault=op=*,action=hang,skip=1,times=1", "--fault=op=junkie.listKeys,action=status,status=500")
	resp, err := http.Get(p.url(t) + "/api/v2/keys")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 500, resp.StatusCode)
	resp, err = http.Post(p.url(t)+"/__admin/reset", "application/json", nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	code, _ := p.end(t)
	assert.Equal(t, 0, code, "nothing is left to complain about")
}

func TestStrictExec(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flags []string
		code  string
		want  int
	}{
		"all is well":        {[]string{"--strict"}, "0", 0},
		"an unused fault":    {[]string{"--strict", "--fault=op=*,action=hang"}, "0", exitStrict},
		"lenient":            {[]string{"--fault=op=*,action=hang"}, "0", 0},
		"its own code first": {[]string{"--strict", "--fault=op=*,action=hang"}, "7", 7},
	} {
		code, said := running(t, c.flags, "code", c.code).start(t, 0).end(t)
		assert.Equal(t, c.want, code, name)
		assert.Empty(t, said)
	}
}

func TestASecondSignalIsNotJudged(t *testing.T) {
	t.Parallel()
	p := start(t, 1, "--listen=127.0.0.1:0", "--strict", "--fault=op=*,action=hang")
	inFlight(t, p.url(t))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	closed(t, p.url(t))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	code, _ := p.end(t)
	assert.Equal(t, 128+int(syscall.SIGTERM), code)
}
