package main

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever is wrong with a flag or its variable is told by the name under which
// it was given.
func TestBadArguments(t *testing.T) {
	t.Parallel()
	const port = "--listen=127.0.0.1:0"
	for name, c := range map[string]struct {
		environ, args []string
		want          string
	}{
		"any address":              {nil, []string{"--listen", "0.0.0.0:5397"}, `mockserver: --listen: Listen("0.0.0.0:5397"): 0.0.0.0 is not a loopback address such as 127.0.0.1, and whoever reaches an emulator may do everything with it: protect its control plane with an admin token first`},
		"any address of exec":      {nil, []string{"exec", "--listen", "0.0.0.0:0", "--", "sh"}, `0.0.0.0 is not a loopback address`},
		"no address":               {nil, []string{"--listen=nonsense"}, `mockserver: --listen: Listen("nonsense")`},
		"bad port":                 {nil, []string{"--listen", "127.0.0.1:port"}, `mockserver: --listen: Listen("127.0.0.1:port")`},
		"address of a name":        {nil, []string{"--listen", "mock.example:5397"}, "mock.example"},
		"unknown flag":             {nil, []string{"--lisen", "127.0.0.1:0"}, `unknown flag --lisen, did you mean "--listen"?; see mockserver --help`},
		"no value":                 {nil, []string{"--listen"}, "mockserver: --listen needs a value; see mockserver --help"},
		"no number":                {nil, []string{"--journal"}, "mockserver: --journal needs a value"},
		"argument too many":        {nil, []string{"serve", "now"}, "unexpected argument now"},
		"unknown command":          {nil, []string{"server"}, "unexpected argument server"},
		"a flag too early":         {nil, []string{"--frozen", "exec", "ls"}, `flag --frozen applies to the default command "serve", not "exec"`},
		"exec of nothing":          {nil, []string{"exec"}, "exec needs a program to run; see mockserver exec --help"},
		"exec of nothing else":     {nil, []string{"exec", "--frozen", "--"}, "exec needs a program to run; see mockserver exec --help"},
		"exec of no name":          {nil, []string{"exec", "--", ""}, "exec needs a program to run; see mockserver exec --help"},
		"journal":                  {nil, []string{port, "--journal", "0"}, "mockserver: --journal: 0 entries asked for, at least 1 is needed"},
		"journal, no number":       {nil, []string{"--journal=many"}, `mockserver: --journal: expected a valid 64 bit int but got "many"`},
		"seed":                     {nil, []string{"--random-seed=-1"}, "mockserver: --random-seed: "},
		"time":                     {nil, []string{"--time", "now"}, `mockserver: --time: "now" is no time such as 2026-03-01T12:00:00Z`},
		"far time":                 {nil, []string{"--time", "9999-01-01T00:00:00Z"}, "mockserver: --time: "},
		"rate limits":              {nil, []string{"--rate-limits=on"}, `mockserver: --rate-limits must be one of "off","documented" but got "on"`},
		"limits of a frozen clock": {nil, []string{port, "--frozen", "--rate-limits=documented"}, "mockserver: --rate-limits: the clock is frozen"},
		"log level":                {nil, []string{"--log-level=loud"}, `mockserver: --log-level: "loud" is none of debug, info, warn, error, off`},
		"log format":               {nil, []string{"--log-format=xml"}, `mockserver: --log-format must be one of "text","json" but got "xml"`},
		"fault":                    {nil, []string{port, "--fault", "op=junkie.createkey,action=hang"}, `mockserver: --fault: fault "op=junkie.createkey,action=hang": no operation "junkie.createkey"; did you mean "junkie.createKey"?`},
		"second fault":             {nil, []string{port, "--fault", "op=*,action=hang", "--fault", "op=*"}, `mockserver: --fault: fault "op=*": action is missing`},
		"host":                     {nil, []string{port, "--allow-host", "mock:5397"}, `mockserver: --allow-host: "mock:5397" is no name of a host`},
		"token":                    {nil, []string{port, "--admin-token", "secret"}, "mockserver: --admin-token: the token has 6 characters"},
		"ready file":               {nil, []string{port, "--ready-file", "."}, "mockserver: --ready-file: . is there already, and is no file"},

		"address in the environment":     {[]string{"MOCKSERVER_LISTEN=nonsense"}, nil, `mockserver: MOCKSERVER_LISTEN: Listen("nonsense")`},
		"ready file in the environment":  {[]string{"MOCKSERVER_READY_FILE=."}, []string{port}, "mockserver: MOCKSERVER_READY_FILE: . is there already, and is no file"},
		"time in the environment":        {[]string{"MOCKSERVER_TIME=now"}, nil, `mockserver: MOCKSERVER_TIME: "now" is no time`},
		"frozen in the environment":      {[]string{"MOCKSERVER_FROZEN=maybe"}, nil, "mockserver: MOCKSERVER_FROZEN: "},
		"seed in the environment":        {[]string{"MOCKSERVER_RANDOM_SEED=x"}, nil, "mockserver: MOCKSERVER_RANDOM_SEED: "},
		"journal in the environment":     {[]string{"MOCKSERVER_JOURNAL=0"}, []string{port}, "mockserver: MOCKSERVER_JOURNAL: 0 entries"},
		"seed file":                      {nil, []string{port, "--seed", "no/such/seed.yaml"}, "mockserver: --seed: open no/such/seed.yaml: no such file or directory"},
		"seed file in the environment":   {[]string{"MOCKSERVER_SEED=."}, []string{port}, "mockserver: MOCKSERVER_SEED: "},
		"rate limits in the environment": {[]string{"MOCKSERVER_RATE_LIMITS=on"}, nil, `mockserver: MOCKSERVER_RATE_LIMITS must be one of off, documented but got "on"`},
		"log level in the environment":   {[]string{"MOCKSERVER_LOG_LEVEL=loud"}, nil, `mockserver: MOCKSERVER_LOG_LEVEL: "loud" is none of`},
		"log format in the environment":  {[]string{"MOCKSERVER_LOG_FORMAT=xml"}, nil, `mockserver: MOCKSERVER_LOG_FORMAT must be one of text, json but got "xml"`},
		"fault in the environment":       {[]string{"MOCKSERVER_FAULT=op=*,action=hang\nop=*\n"}, []string{port}, `mockserver: MOCKSERVER_FAULT: fault "op=*": action is missing`},
		"host in the environment":        {[]string{"MOCKSERVER_ALLOW_HOST=mock,a b"}, []string{port}, `mockserver: MOCKSERVER_ALLOW_HOST: "a b" is no name of a host`},
		"token in the environment":       {[]string{"MOCKSERVER_ADMIN_TOKEN=secret"}, []string{port}, "mockserver: MOCKSERVER_ADMIN_TOKEN: the token has 6 characters"},
		"variable of exec":               {[]string{"MOCKSERVER_JOURNAL=x"}, []string{"exec", "ls"}, "mockserver: MOCKSERVER_JOURNAL: "},
		"variable of health":             {[]string{"MOCKSERVER_LISTEN=nonsense"}, []string{"health"}, "mockserver: MOCKSERVER_LISTEN: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := play(c.environ, c.args)
			assert.Equal(t, exitUsage, r.code)
			assert.Empty(t, r.stdout)
			assert.Contains(t, r.stderr, c.want)
			assert.Equal(t, 1, strings.Count(r.stderr, "\n"), r.stderr)
			assert.NotContains(t, r.stderr, "secret")
		})
	}
}

// Every flag of every command has a twin, and means the same by it.
func TestVariables(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"listen": "127.0.0.1:1234", "ready-file": "a file", "time": "2026-03-01T12:00:00Z", "frozen": "true",
		"random-seed": "77", "seed": "a file", "rate-limits": "documented", "strict": "true", "log-level": "debug", "log-format": "json", "journal": "12", "fault": "op=*,action=hang", "allow-host": "one,two",
		"admin-token": "sixteen-letters!", "url": "http://127.0.0.1:1",
	}
	untried := map[string]bool{}
	for name := range values {
		untried[name] = true
	}
	parser, err := kong.New(&commandLine{}, kong.Vars{"version": ""})
	require.NoError(t, err)
	for _, command := range parser.Model.Children {
		var words []string
		if command.Name == "exec" {
			words = []string{"sh"}
		}
		for _, flag := range command.Flags {
			require.Contains(t, values, flag.Name)
			delete(untried, flag.Name)
			none, err := parse(append([]string{command.Name}, words...), nil, nil, nil)
			require.NoError(t, err)
			byFlag, err := parse(append([]string{command.Name, "--" + flag.Name + "=" + values[flag.Name]}, words...), nil, nil, nil)
			require.NoError(t, err)
			twin := variable(flag.Name)
			byVariable, err := parse(append([]string{command.Name}, words...), map[string]string{twin: values[flag.Name]}, nil, nil)
			require.NoError(t, err)
			assert.Equal(t, byFlag.commandLine, byVariable.commandLine, twin)
			assert.NotEqual(t, none.commandLine, byVariable.commandLine, twin)
			assert.Equal(t, twin, byVariable.from(flag.Name))
			assert.Equal(t, "--"+flag.Name, byFlag.from(flag.Name))

			empty, err := parse(append([]string{command.Name}, words...), map[string]string{twin: ""}, nil, nil)
			require.NoError(t, err)
			assert.Equal(t, none.commandLine, empty.commandLine, "%s is empty", twin)
		}
	}
	assert.Empty(t, untried)
	assert.Equal(t, "MOCKSERVER_READY_FILE", variable("ready-file"))
}

func TestAFlagDecidesAgainstItsVariable(t *testing.T) {
	t.Parallel()
	environ := map[string]string{
		"MOCKSERVER_LISTEN": "127.0.0.1:1", "MOCKSERVER_FROZEN": "yes", "MOCKSERVER_FAULT": "one", "MOCKSERVER_ALLOW_HOST": "one",
		"MOCKSERVER_HELP": "yes", "MOCKSERVER_VERSION": "yes", "MOCKSERVER_OTHER": "x", "MOCKSERVER_URL": "x",
	}
	told, err := parse([]string{"--listen=127.0.0.1:2", "--frozen=false", "--fault=two", "--allow-host=two", "--allow-host", "three"}, environ, nil, nil)
	require.NoError(t, err)
	assert.Equal(t, "serve", told.command)
	s := told.Serve.Settings
	assert.Equal(t, "127.0.0.1:2", s.Listen)
	assert.False(t, s.Frozen)
	assert.Equal(t, lines{"two"}, s.Fault)
	assert.Equal(t, []string{"two", "three"}, s.AllowHost)
	assert.Empty(t, told.variables)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	told, err := parse(nil, nil, nil, nil)
	require.NoError(t, err)
	assert.Equal(t, "serve", told.command)
	assert.Equal(t, settings{Listen: "127.0.0.1:5397", RandomSeed: 1, Journal: 10_000, RateLimits: "off", LogLevel: logLevel{least: slog.LevelWarn}, LogFormat: "text"}, told.Serve.Settings)
	told, err = parse([]string{"exec", "--frozen", "--", "--", "ls", "-l", "--frozen"}, nil, nil, nil)
	require.NoError(t, err)
	assert.Equal(t, settings{Listen: "127.0.0.1:0", RandomSeed: 1, Journal: 10_000, RateLimits: "off", LogLevel: logLevel{least: slog.LevelWarn}, LogFormat: "text", Frozen: true}, told.Exec.Settings)
	told, err = parse([]string{"health"}, nil, nil, nil)
	require.NoError(t, err)
	assert.Equal(t, "health", told.command)
	assert.Equal(t, "127.0.0.1:5397", told.Health.Listen)
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"all":    {[]string{"--help"}, []string{"mockserver [serve] [flags]", "mockserver exec [flags] -- COMMAND", "mockserver health", "127.0.0.1:5397", "MOCKSERVER_READY_FILE", "Exit codes"}},
		"short":  {[]string{"-h"}, []string{"mockserver [serve] [flags]"}},
		"serve":  {[]string{"serve", "--help"}, []string{"Usage: mockserver [serve] [flags]\n", "127.0.0.1:5397 by default"}},
		"exec":   {[]string{"exec", "--help"}, []string{"Usage: mockserver exec [flags] -- COMMAND [ARGUMENT...]\n", "127.0.0.1:0 by default"}},
		"health": {[]string{"health", "--help"}, []string{"Usage: mockserver health [flags]\n", "--url", "--admin-token"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := play(nil, c.args)
			assert.Equal(t, 0, r.code)
			assert.Empty(t, r.stderr)
			for _, want := range c.want {
				assert.Contains(t, r.stdout, want)
			}
			for line := range strings.Lines(r.stdout) {
				assert.LessOrEqual(t, len(line), 100, line)
			}
			if name == "health" {
				return
			}
			for _, flag := range []string{"listen", "ready-file", "seed", "time", "frozen", "random-seed", "journal", "rate-limits", "fault", "strict", "log-level", "log-format", "allow-host", "admin-token"} {
				assert.Contains(t, r.stdout, "--"+flag)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	r := play(nil, []string{"--version"})
	assert.Equal(t, 0, r.code)
	assert.Regexp(t, `^mockserver \S+\n$`, r.stdout)
}
